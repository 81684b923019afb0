"""Files that people ask for: readable by their owner only, as all that tells of a discussion."""

from __future__ import annotations

import os
from pathlib import Path

from facilitator.errors import FacilitatorError
from facilitator.report.html import MADE_HERE

_LOOKED_AT = 500
"""Bytes at the beginning of a file."""


def write(path: Path, text: str, *, newline: str = "\n") -> None:
    """Raises FacilitatorError. What was in the file before is gone."""
    path = path.expanduser()
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8", newline=newline) as file:
            path.chmod(0o600)  # whatever it was before, and before there is anything in it
            file.truncate()
            file.write(text)
    except OSError as error:
        raise FacilitatorError(f"{path} could not be written ({error.strerror}); choose another place.") from error


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
