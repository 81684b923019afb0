"""What a sound file holds, whatever its header says: a recorder that lost power never wrote the lengths, one over 4 GB
cannot, and two files put one behind the other have the header of the first. So the file itself is looked at.

RIFF: Microsoft and IBM, Multimedia Programming Interface 1.0; RF64: EBU Tech 3306; Ogg: RFC 3533; FLAC: RFC 9639.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from pathlib import Path

from facilitator.backends.audio import mp3_frames
from facilitator.backends.audio.parts import Layout, Part, told

SLACK_S = 0.1
"""Less than this beside what the header tells of is nothing that anybody misses."""
_ENDLESS = 0x7FFF0000
"""A length from here on is what programs write that do not know it."""
_UNKNOWN = b"\xff\xff\xff\xff"
_FRAMES_OF_FLAC = (1 << 36) - 1


def layout(path: Path) -> Layout:
    """Raises OSError."""
    size = path.stat().st_size
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        begins = data[:12]
        if begins[:4] in (b"RIFF", b"RIFX", b"RF64") and begins[8:12] == b"WAVE":
            return _waves(data, path.name)
        if begins[:4] == b"OggS":
            return _oggs(data, path.name)
        if begins[:4] == b"fLaC":
            return Layout(tuple(_flac(data)))
        if begins[:3] == b"ID3" or mp3_frames.Frame.at(data, 0) is not None:
            return mp3_frames.layout(data, path.name)
    return Layout((Part(0, size),), unsure=True)


# -- WAV -------------------------------------------------------------------------------------------


def _waves(data: mmap.mmap, name: str) -> Layout:
    parts: list[Part] = []
    notes: list[str] = []
    begin = 0
    while begin < len(data):
        part, note = _wave(data, begin, name)
        parts.append(part)
        notes += [] if note is None else [note]
        begin = part.end
    return Layout(tuple(parts), tuple(notes))


def _wave(data: mmap.mmap, begin: int, name: str) -> tuple[Part, str | None]:
    """The one that begins here, and what is to be said of it."""
    order = ">" if data[begin : begin + 4] == b"RIFX" else "<"
    whole = Part(begin, len(data))
    at, rate, long = begin + 12, 0, None
    while at + 8 <= len(data):
        kind, size = data[at : at + 4], struct.unpack(order + "I", data[at + 4 : at + 8])[0]
        if kind == b"data":
            break
        if kind == b"fmt " and at + 20 <= len(data):
            rate = struct.unpack(order + "I", data[at + 16 : at + 20])[0]
        if kind == b"ds64" and at + 24 <= len(data):
            long = struct.unpack("<Q", data[at + 16 : at + 24])[0]
        at += 8 + size + size % 2
    else:
        return whole, None
    first, stated = at + 8, long if long is not None and size == 0xFFFFFFFF else size
    rest = len(data) - first
    least, rated = max(1.0, SLACK_S * rate), max(1, rate)
    mended = Part(begin, len(data), ((begin, _plain(data, begin) + _UNKNOWN), (at + 4, _UNKNOWN)))
    if stated > rest:
        if long is None and stated >= _ENDLESS:
            return whole, None
        lost = stated - rest > least and rate
        there = f"{name} breaks off: its header tells of {told(stated / rated)}, and {told(rest / rated)} are there."
        return whole, there if lost else None
    after = first + stated + stated % 2
    if len(data) - after < least:
        return whole, None
    then = _chunks(data, after, order)
    if then is not None:
        return (whole if then == len(data) else Part(begin, then)), None
    if stated == 0:
        return mended, f"The header of {name} was never finished; all {told(rest / rated)} of it were heard."
    return mended, (
        f"The header of {name} tells of {told(stated / rated)}, but {told(rest / rated)} are there; "
        "all of it was heard."
    )


def _plain(data: mmap.mmap, begin: int) -> bytes:
    """A header with its long lengths elsewhere is read as one that has none."""
    return b"RIFF" if data[begin : begin + 4] == b"RF64" else data[begin : begin + 4]


def _chunks(data: mmap.mmap, at: int, order: str) -> int | None:
    """Where what follows the sound ends, if that is orderly: the end of the file, or where another one begins."""
    while at + 8 <= len(data):
        kind, size = data[at : at + 4], struct.unpack(order + "I", data[at + 4 : at + 8])[0]
        if kind in (b"RIFF", b"RIFX", b"RF64") and data[at + 8 : at + 12] == b"WAVE":
            return at
        if not all(0x20 <= letter < 0x7F for letter in kind) or at + 8 + size > len(data):
            return None
        at += 8 + size + size % 2
    return len(data)


# -- Ogg and FLAC ----------------------------------------------------------------------------------


def _oggs(data: mmap.mmap, name: str) -> Layout:
    """A stream that begins after another has run is a file of its own."""
    parts: list[Part] = []
    begin = at = 0
    running = last = False
    while data[at : at + 4] == b"OggS" and at + 27 <= len(data):
        segments = data[at + 26]
        first = bool(data[at + 5] & 2)
        if first and running:
            parts.append(Part(begin, at))
            begin = at
        running, last = not first, bool(data[at + 5] & 4)
        at += 27 + segments + sum(data[at + 27 : at + 27 + segments])
    notes = () if last and at == len(data) else (f"{name} was never finished, or breaks off; what is there was heard.",)
    return Layout((*parts, Part(begin, len(data))), notes)


def _flac(data: mmap.mmap) -> Iterator[Part]:
    """The count of samples in the header is taken away: the decoder then goes on to the end."""
    begin = 0
    while begin < len(data):
        then = data.find(b"fLaC\x00\x00\x00\x22", begin + 8)
        end = len(data) if then < 0 else then
        place = begin + 18
        stated = int.from_bytes(data[place : place + 8], "big")
        frames = stated & _FRAMES_OF_FLAC
        unstated = (stated & ~_FRAMES_OF_FLAC).to_bytes(8, "big")
        yield Part(begin, end, ((place, unstated),), frames)
        begin = end
