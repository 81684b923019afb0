"""Files that people ask for: readable by their owner only, as all that tells of a discussion."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import tempfile
from pathlib import Path

import click

from facilitator.errors import FacilitatorError
from facilitator.report.output.csv_tables import MARK
from facilitator.report.output.html_page import MADE_HERE

_LOOKED_AT = 500
"""Bytes at the beginning of a file."""


def write(path: Path, text: str, *, newline: str = "\n", replace: bool = True) -> None:
    """All of it or nothing. `replace`: what was in the file before is gone. Raises FacilitatorError."""
    path = path.expanduser()
    if path.exists() and not replace:
        raise FacilitatorError(f"{path} is there already; choose another name, or add --replace.")
    try:
        if path.exists() and not path.is_file():  # a pipe, or a terminal
            path.write_text(text, encoding="utf-8", newline=newline)
            return
        place = path.resolve()
        with tempfile.TemporaryDirectory(prefix=".facilitator-", dir=place.parent) as folder:
            made = Path(folder) / place.name
            made.touch(mode=0o600)
            made.write_text(text, encoding="utf-8", newline=newline)
            made.replace(place)
    except OSError as error:
        raise FacilitatorError(f"{path} could not be written ({error.strerror}); choose another place.") from error


def write_table(path: Path, text: str) -> None:
    """A table for a spreadsheet, which has to be told how the letters are written; a pipe is left bare. Raises
    FacilitatorError."""
    bare = path.expanduser().exists() and not path.expanduser().is_file()
    write(path, text if bare else MARK + text, newline="")


def show_table(text: str) -> None:
    """On the standard output; where that is a file, as `write_table`."""
    into_file = False
    with contextlib.suppress(OSError, ValueError):
        into_file = stat.S_ISREG(os.fstat(sys.stdout.fileno()).st_mode)
    click.echo(MARK + text if into_file else text, nl=False)


def write_page(path: Path, text: str) -> None:
    """A page is written over an earlier one of this program's, and over nothing else. Raises FacilitatorError."""
    path = path.expanduser()
    try:
        with path.open("rb") as file:
            begins = file.read(_LOOKED_AT)
    except OSError:
        begins = b""
    if begins and MADE_HERE.encode() not in begins:
        raise FacilitatorError(f"{path} is there already and is no page of this program's; choose another name.")
    write(path, text)
