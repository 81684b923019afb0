"""When a recording was made, as its own tags have it: what recorders, phones and programs write into a file."""

from __future__ import annotations

import contextlib
import datetime
import os
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import soundfile

from facilitator.backends.audio import phone_file

EARLIEST = datetime.datetime(1990, 1, 1, tzinfo=datetime.UTC)
"""What is older is a clock that nobody has set."""
_NOON = 12
_MOST_CHUNKS = 1000
_BEXT_DATE = 320
"""Where the day stands in what broadcast recorders write (EBU 3285), then the time of day."""
_WHEN = re.compile(
    r"(\d{4})[-:.](\d\d)[-:.](\d\d)"
    r"(?:[T ]?(\d\d)[:.-](\d\d)(?:[:.-](\d\d))?)?(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?"
)


def recorded_at(path: Path, now: datetime.datetime) -> datetime.datetime | None:
    """With a time zone; noon by the clocks here where only the day is known. None: no tag says it, or none that can be
    true (`now`: later than this it was not)."""
    for told in _told(path):
        found = _parsed(told)
        if found is not None and EARLIEST <= found <= now:
            return found
    return None


def _told(path: Path) -> Iterator[str]:
    """What the tags say, the surest first."""
    with contextlib.suppress(OSError, struct.error):
        yield from _broadcast(path)
    try:
        kind = phone_file.kind_of(path)
    except OSError:
        return
    if kind is None:
        with contextlib.suppress(OSError, RuntimeError), soundfile.SoundFile(os.fspath(path)) as file:
            yield from (text for key, text in file.copy_metadata().items() if key == "date")
    elif phone_file.is_here():
        yield from _of_a_phone(path, kind[0])


def _broadcast(path: Path) -> Iterator[str]:
    """The day and the time at which a field recorder began, from the chunk that it writes before the sound."""
    with path.open("rb") as file:
        if file.read(4) not in (b"RIFF", b"RF64"):
            return
        file.seek(12)
        for _ in range(_MOST_CHUNKS):
            name, size = struct.unpack("<4sI", file.read(8))
            if name == b"bext":
                body = file.read(min(size, _BEXT_DATE + 18))[_BEXT_DATE:].decode("ascii", "replace")
                yield f"{body[:10]} {body[10:18]}"
                return
            if name == b"data":
                return
            file.seek(size + size % 2, os.SEEK_CUR)


PHONE_TAGS = ("com.apple.quicktime.creationdate", "creation_time", "date")


def _of_a_phone(path: Path, reader: str) -> Iterator[str]:
    for tags in phone_file.tags(path, reader):
        yield from (tags[key] for key in PHONE_TAGS if key in tags)


def _parsed(text: str) -> datetime.datetime | None:
    found: Any = _WHEN.search(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, zone = found.groups()
    try:
        when = datetime.datetime(
            int(year), int(month), int(day), *((int(hour), int(minute), int(second or 0)) if hour else (_NOON,))
        )
        if zone is None:
            return when.astimezone()
        return datetime.datetime.fromisoformat(f"{when.isoformat()}{zone.replace('Z', '+00:00')}")
    except (ValueError, OverflowError, OSError):
        return None
