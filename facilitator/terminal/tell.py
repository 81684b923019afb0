"""Text for people on the standard output, in lines that the terminal has room for; elsewhere as it is."""

from __future__ import annotations

import os
import sys

import click

from facilitator.core.text import WIDEST, cleaned, in_lines

NARROWEST = 20


def columns(*, err: bool = False) -> int | None:
    """As wide as lines may be on the standard output (`err`: the standard error); None: that is no terminal."""
    stream = sys.stderr if err else sys.stdout
    try:
        if not stream.isatty():
            return None
        wide = os.environ.get("COLUMNS", "")
        found = int(wide) if wide.isdecimal() and int(wide) else os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):  # it has gone, or says nothing of its size
        return None
    return max(NARROWEST, min(found or WIDEST, WIDEST))


PLAINER = str.maketrans({"█": "#", "▒": "="})


def _plainer(text: str, *, err: bool) -> str:
    """Bars as they can be written: older encodings have no blocks."""
    try:
        text.encode((sys.stderr if err else sys.stdout).encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return text.translate(PLAINER)
    return text


def tell(text: str = "", *, err: bool = False, nl: bool = True) -> None:
    """As click.echo, in lines, and without what a terminal would obey: a path or a name in it may hold anything. What
    programs read is for click.echo."""
    width, text = columns(err=err), _plainer(cleaned(text, lines=True), err=err)
    click.echo(text if width is None else in_lines(text, width), err=err, nl=nl)
