"""Before something goes for good: asking whether it is meant, counting it, and a bar while it goes."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

import click

from facilitator.errors import FacilitatorError, UsageError
from facilitator.store.people import Track


def agree(question: str, yes: bool) -> None:
    """Goes on after a yes (`yes`: it was said already). Raises UsageError where nobody can be asked, and
    FacilitatorError after a no."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("Nobody is there to be asked; add --yes if it is meant.")
    if not click.confirm(question, default=False):
        raise FacilitatorError("Nothing has been changed.")


def progress(label: str) -> Track:
    """A bar on a terminal, where there is much to go through."""

    def track(sessions: Sequence[int]) -> Iterator[int]:
        with click.progressbar(sessions, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
            yield from bar

    return track


def sessions(number: int) -> str:
    return "1 session" if number == 1 else f"{number} sessions"
