"""What a sound file holds, whatever its header says: a recorder that lost power never wrote the lengths, one over 4 GB
cannot, and two files put one behind the other have the header of the first. So the file itself is looked at, and what
is not heard of it is told.

RIFF: Microsoft and IBM, Multimedia Programming Interface 1.0; RF64: EBU Tech 3306; MPEG frames: ISO/IEC 11172-3, with
the tag of Xing and LAME; Ogg: RFC 3533; FLAC: RFC 9639.
"""

from __future__ import annotations

import contextlib
import io
import mmap
import os
import struct
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile

from facilitator.hearing.signal.audio import Samples

SLACK_S = 0.1
"""Less than this beside what the header tells of is nothing that anybody misses."""
_ENDLESS = 0x7FFF0000
"""A length from here on is what programs write that do not know it."""
_UNKNOWN = b"\xff\xff\xff\xff"
_FRAMES_OF_FLAC = (1 << 36) - 1
_RESYNC = 512
"""Bytes that the decoder of MP3 surely finds its way over."""


@dataclass(frozen=True, slots=True)
class Part:
    """A sound file of its own: `prefix`, then these bytes of the file, some of them replaced (place in it, bytes).
    `frames`: how many samples there should be, where the decoder is not told."""

    begin: int
    end: int
    patches: tuple[tuple[int, bytes], ...] = ()
    frames: int | None = None
    prefix: bytes = b""


@dataclass(frozen=True, slots=True)
class Layout:
    """`notes`: sentences for people, about the file called `name` in them."""

    parts: tuple[Part, ...]
    notes: tuple[str, ...] = ()
    unsure: bool = False
    """Nothing here reads this kind of file, so how much of it is heard is seen only from how far the decoder comes."""


class DecoderError(Exception):
    """The decoder cannot go on."""


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
        if begins[:3] == b"ID3" or _Frame.at(data, 0) is not None:
            return _mp3(data, path.name)
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
    least = max(1.0, SLACK_S * rate)
    mended = Part(begin, len(data), ((begin, _plain(data, begin) + _UNKNOWN), (at + 4, _UNKNOWN)))
    if stated > rest:
        if long is None and stated >= _ENDLESS:
            return whole, None
        lost = stated - rest > least and rate
        there = f"{name} breaks off: its header tells of {told(stated / rate)}, and {told(rest / rate)} are there."
        return whole, there if lost else None
    after = first + stated + stated % 2
    if len(data) - after < least:
        return whole, None
    then = _chunks(data, after, order)
    if then is not None:
        return (whole if then == len(data) else Part(begin, then)), None
    if stated == 0:
        return mended, f"The header of {name} was never finished; all {told(rest / max(1, rate))} of it were heard."
    return mended, (
        f"The header of {name} tells of {told(stated / max(1, rate))}, but {told(rest / max(1, rate))} are there; "
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


# -- MP3 -------------------------------------------------------------------------------------------

_BITRATES = {  # (version 1, layer) -> kbit/s
    (True, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = (44_100, 48_000, 32_000)


@dataclass(frozen=True, slots=True)
class _Frame:
    """One frame of MPEG audio. Those of one stream have the same `kind`."""

    size: int
    kind: tuple[int, int, int, bool]
    """Version, layer, samples a second, mono."""

    @staticmethod
    def at(data: mmap.mmap, at: int) -> _Frame | None:
        head = data[at : at + 4]
        return None if len(head) < 4 or head[0] != 0xFF else _FRAMES(head)

    @property
    def tag(self) -> int:
        """Where in the frame the tag of Xing and LAME stands."""
        first, mono = self.kind[0] == 1, self.kind[3]
        return 4 + ((17 if mono else 32) if first else (9 if mono else 17))


class _Headers(dict[bytes, "_Frame | None"]):
    """Frames by their header: few differ in one file, and an hour has 140,000."""

    def __call__(self, head: bytes) -> _Frame | None:
        if head not in self:
            self[head] = _read_header(head)
        return self[head]


_FRAMES = _Headers()


def _read_header(head: bytes) -> _Frame | None:
    version, layer = {3: 1, 2: 2, 0: 25}.get(head[1] >> 3 & 3), 4 - (head[1] >> 1 & 3)
    bits, rate = head[2] >> 4, head[2] >> 2 & 3
    if head[1] & 0xE0 != 0xE0 or version is None or layer == 4 or bits in (0, 15) or rate == 3:
        return None
    hertz = _RATES[rate] // {1: 1, 2: 2, 25: 4}[version]
    kbit, padding = _BITRATES[version == 1, layer][bits - 1], head[2] >> 1 & 1
    if layer == 1:
        size = (12 * kbit * 1000 // hertz + padding) * 4
    else:
        size = (144 if version == 1 or layer == 2 else 72) * kbit * 1000 // hertz + padding
    return _Frame(size, (version, layer, hertz, head[3] >> 6 == 3))


def _mp3(data: mmap.mmap, name: str) -> Layout:
    """One part for each file that was joined in, without what is no sound. Where the count of frames is too small, or
    there is none, so that the decoder would guess it from the first ones, it is given the right one."""
    parts: list[Part] = []
    begin = end = _skipped(data, 0)
    first: _Frame | None = None
    counted = lost = 0
    stated: int | None = None

    def finished() -> None:
        if first is not None and end > begin:
            if stated is not None and counted <= stated + 10:  # the tag itself, and what an encoder pads with
                parts.append(Part(begin, end))
            else:
                tagged = stated is not None
                head = data[begin : begin + 4]
                parts.append(Part(begin + first.size * tagged, end, prefix=_counted(head, first, counted - tagged)))

    at = begin
    while at < len(data):
        frame = _Frame.at(data, at)
        if frame is None or (first is not None and frame.kind[:3] != first.kind[:3]):
            then = _skipped(data, at) if frame is None else at
            if frame is None and then == at:
                then = _resync(data, at + 1)
                lost += then - at if then < len(data) else 0
            if then - at > _RESYNC or frame is not None or data[at : at + 3] in (b"ID3", b"TAG"):
                finished()
                first, begin, counted = None, then, 0
            at = end = then if first is None else at
            at = then
            continue
        told_count = _stated_frames(data, at, frame)
        if first is None or told_count is not None:
            finished()
            first, begin, counted, stated = frame, at, 0, told_count
        counted += 1
        at += frame.size
        end = min(at, len(data))
    finished()
    if not parts:
        return Layout((Part(0, len(data)),), unsure=True)
    notes = (f"{name} is damaged: about {100 * lost / len(data):.0f} % of it could not be heard.",)
    return Layout(tuple(parts), notes if lost > 0.01 * len(data) else ())


def _stated_frames(data: mmap.mmap, at: int, frame: _Frame) -> int | None:
    """How many frames the tag in this one says there are, 0 where it does not say; None where there is no tag."""
    tag = at + frame.tag
    if data[tag : tag + 4] not in (b"Xing", b"Info"):
        return None
    flags, count = struct.unpack(">II", data[tag + 4 : tag + 12].ljust(8, b"\0"))
    return int(count) if flags & 1 else 0


def _counted(head: bytes, frame: _Frame, count: int) -> bytes:
    """A frame without sound that tells how many others follow."""
    tag = struct.pack(">4sII", b"Info", 1, count)
    return (bytes([head[0], head[1] | 1, *head[2:]]).ljust(frame.tag, b"\0") + tag).ljust(frame.size, b"\0")


def _skipped(data: mmap.mmap, at: int) -> int:
    """Behind the tags that stand here."""
    while True:
        if data[at : at + 3] == b"ID3" and at + 10 <= len(data):
            a, b, c, d = data[at + 6 : at + 10]
            at += 10 + (a << 21 | b << 14 | c << 7 | d) + (10 if data[at + 5] & 0x10 else 0)
        elif data[at : at + 3] == b"TAG":
            at += 128
        elif data[at : at + 8] == b"APETAGEX" and at + 16 <= len(data):
            at += 32 + int(struct.unpack("<I", data[at + 12 : at + 16])[0])
        else:
            return min(at, len(data))


def _resync(data: mmap.mmap, at: int) -> int:
    """Where two frames of one kind follow each other again."""
    while (at := data.find(b"\xff", at)) >= 0:
        frame = _Frame.at(data, at)
        if frame is not None:
            after = _Frame.at(data, at + frame.size)
            if after is not None and after.kind[:3] == frame.kind[:3]:
                return at
        at += 1
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


# -- reading ---------------------------------------------------------------------------------------


class _Window(io.RawIOBase):
    """A part of a file as a file. Nothing here raises: the library that reads it could only print that."""

    def __init__(self, file: BinaryIO, part: Part) -> None:
        super().__init__()
        self._file, self._part, self._at = file, part, 0
        self.furthest = 0

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        size = len(self._part.prefix) + self._part.end - self._part.begin
        self._at = max(0, offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: size}[whence])
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        before = self._part.prefix[self._at : self._at + len(buffer)]
        first = self._part.begin + max(0, self._at - len(self._part.prefix))
        try:
            self._file.seek(first)
            found = bytearray(self._file.read(max(0, min(len(buffer) - len(before), self._part.end - first))))
        except OSError:  # a drive that was pulled out: the part ends here
            return 0
        for place, patch in self._part.patches:
            for k, value in enumerate(patch):
                if 0 <= place + k - first < len(found):
                    found[place + k - first] = value
        found[:0] = before
        buffer[: len(found)] = found
        self._at += len(found)
        self.furthest = max(self.furthest, self._at)
        return len(found)


class _Stream(soundfile.SoundFile):  # type: ignore[misc]
    """Read from the beginning to the end only. soundfile would seek after each read to where it is already, and the
    decoder of MP3 complains about every one of these."""

    def seekable(self) -> bool:
        return False


class SoundFile:
    """One part, as sound. Raises OSError, and DecoderError where it cannot be read."""

    def __init__(self, path: Path, part: Part) -> None:
        self._file = path.open("rb")
        self._window = _Window(self._file, part)
        try:
            with _no_complaints():
                self._stream = _Stream(self._window)
        except (soundfile.LibsndfileError, TypeError, ValueError) as error:
            self._file.close()
            raise DecoderError(str(error)) from error
        self.rate: int = self._stream.samplerate
        self.channels: int = self._stream.channels
        self.frames: int = self._stream.frames if part.frames is None else part.frames
        """As the header says; 0 where it does not."""
        self._size = len(part.prefix) + part.end - part.begin
        self._opened_at = self._window.tell()
        self._window.furthest = 0
        self._chatty = self._stream.format == "MP3"

    def read(self, frames: int) -> Samples:
        """Shape (frames, channels); fewer only at the end. Raises DecoderError."""
        with _no_complaints() if self._chatty else contextlib.nullcontext():
            try:
                return np.asarray(self._stream.read(frames, dtype="float32", always_2d=True))
            except (soundfile.LibsndfileError, RuntimeError) as error:
                raise DecoderError(str(error)) from error

    @property
    def unread(self) -> float:
        """The part of the file, 0 to 1, behind everything that the decoder asked for since it was opened."""
        return 1.0 - max(self._window.furthest, self._opened_at) / max(1, self._size)

    def close(self) -> None:
        self._stream.close()
        self._file.close()


_QUIET = threading.Lock()


@contextlib.contextmanager
def _no_complaints() -> Iterator[None]:
    """While it lasts, what native code writes to the standard error goes nowhere: the decoder of MP3 has no other way
    to say that it found a frame it does not like, and says so in the middle of the screen."""
    with _QUIET:
        try:
            kept = os.dup(2)
        except OSError:  # there is none
            yield
            return
        try:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 2)
            os.close(nowhere)
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def told(seconds: float) -> str:
    """A length of sound: 0:04, 1:02:03; below a minute with tenths."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    hours = f"{whole // 3600}:{whole // 60 % 60:02d}" if whole >= 3600 else f"{whole // 60}"
    return f"{hours}:{whole % 60:02d}"


def same_channels(sound: Samples, channels: int) -> Samples:
    """As many channels as the first part had."""
    if sound.shape[1] == channels:
        return sound
    return np.repeat(sound.mean(axis=1, keepdims=True, dtype=np.float32), channels, axis=1)


def total_s(path: Path, parts: Sequence[Part]) -> float:
    """How long the parts are by their headers."""
    seconds = 0.0
    for part in parts:
        with contextlib.suppress(DecoderError), contextlib.closing(SoundFile(path, part)) as sound:
            seconds += sound.frames / max(1, sound.rate)
    return seconds
