"""The first start: what makes hearing surer is offered, as nobody who types `pipx install` hears of it elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import click

from facilitator.commands.system.models import fetch_all
from facilitator.errors import FacilitatorError
from facilitator.models import catalogue
from facilitator.models.manifest import Model
from facilitator.terminal.ask import attended
from facilitator.terminal.tell import tell


def is_first(db: Path, *, yes: bool) -> bool:
    """There is no database yet, and somebody to ask."""
    return not yes and not db.exists() and attended()


def offer(
    language: str,
    ask: Callable[[str], bool] = lambda question: click.confirm(question, default=True),
    fetch: Callable[[Sequence[Model]], object] = fetch_all,
) -> None:
    """Asks for the models that tell voices apart, then for that of words in this language. Where one cannot be had, it
    is told, and everything goes on without."""
    words = [one for one in catalogue.words_of(language) if catalogue.find_words(language) is None][:1]
    for missing, what in (
        ([one for one in catalogue.of_voices() if catalogue.locate(one) is None], "What tells voices apart surely"),
        (words, "What understands you when you speak to me, so that you need no keys,"),
    ):
        if not missing:
            continue
        size = sum(one.download_bytes for one in missing) / 1e6
        why = " ".join(one.without for one in missing)
        tell(f"{what} is not installed yet: {size:.0f} MB, fetched once; afterwards no network is needed. {why}")
        if not ask("Fetch it now?"):
            tell("That is fine. Whenever you like: facilitator models install\n")
            return
        try:
            fetch(missing)
        except FacilitatorError as error:
            tell(f"{error.message} I go on without it.", err=True)
        tell()
