"""The parts that a sound file is read in, and what is to be said of it."""

from __future__ import annotations

from dataclasses import dataclass


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


def told(seconds: float) -> str:
    """A length of sound: 0:04, 1:02:03; below a minute with tenths."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    hours = f"{whole // 3600}:{whole // 60 % 60:02d}" if whole >= 3600 else f"{whole // 60}"
    return f"{hours}:{whole % 60:02d}"
