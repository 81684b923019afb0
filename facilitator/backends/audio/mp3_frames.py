"""An MP3, frame by frame: how many there are, whatever its tag says, and where another one begins.

MPEG frames: ISO/IEC 11172-3 and 13818-3, with the tag of Xing and LAME.
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass

from facilitator.backends.audio.parts import Layout, Part

_RESYNC = 512
"""Bytes that the decoder surely finds its way over."""
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
class Frame:
    """One frame of MPEG audio. Those of one stream have the same `kind`."""

    size: int
    kind: tuple[int, int, int, bool]
    """Version, layer, samples a second, mono."""

    @staticmethod
    def at(data: mmap.mmap, at: int) -> Frame | None:
        head = data[at : at + 4]
        return None if len(head) < 4 or head[0] != 0xFF else _FRAMES(head)

    @property
    def tag(self) -> int:
        """Where in the frame the tag of Xing and LAME stands."""
        first, mono = self.kind[0] == 1, self.kind[3]
        return 4 + ((17 if mono else 32) if first else (9 if mono else 17))


class _Headers(dict[bytes, "Frame | None"]):
    """Frames by their header: few differ in one file, and an hour has 140,000."""

    def __call__(self, head: bytes) -> Frame | None:
        if head not in self:
            self[head] = _read_header(head)
        return self[head]


_FRAMES = _Headers()


def _read_header(head: bytes) -> Frame | None:
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
    return Frame(size, (version, layer, hertz, head[3] >> 6 == 3))


def layout(data: mmap.mmap, name: str) -> Layout:
    """One part for each file that was joined in, without what is no sound. Where the count of frames is too small, or
    there is none, so that the decoder would guess it from the first ones, it is given the right one."""
    parts: list[Part] = []
    begin = end = _skipped(data, 0)
    first: Frame | None = None
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
        frame = Frame.at(data, at)
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


def _stated_frames(data: mmap.mmap, at: int, frame: Frame) -> int | None:
    """How many frames the tag in this one says there are, 0 where it does not say; None where there is no tag."""
    tag = at + frame.tag
    if data[tag : tag + 4] not in (b"Xing", b"Info"):
        return None
    flags, count = struct.unpack(">II", data[tag + 4 : tag + 12].ljust(8, b"\0"))
    return int(count) if flags & 1 else 0


def _counted(head: bytes, frame: Frame, count: int) -> bytes:
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
        frame = Frame.at(data, at)
        if frame is not None:
            after = Frame.at(data, at + frame.size)
            if after is not None and after.kind[:3] == frame.kind[:3]:
                return at
        at += 1
    return len(data)
