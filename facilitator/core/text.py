"""Times and lists as people read them."""

from __future__ import annotations

from collections.abc import Sequence

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000


def clock(ms: int) -> str:
    """Where the session stands: `00:42`, `61:05` is written `1:01:05`."""
    seconds = max(0, ms) // 1000
    if seconds < 3600:
        return f"{seconds // 60:02d}:{seconds % 60:02d}"
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def length(ms: int) -> str:
    """How long something is, to the nearest second: `2:00`, `0:07`, `1:01:05`."""
    seconds = (max(0, ms) + 500) // 1000
    if seconds < 3600:
        return f"{seconds // 60}:{seconds % 60:02d}"
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def moment(ms: int) -> str:
    """A moment that can be typed as it is told: `12:40`, `1:02:03`, and `12:40.5` where it is no whole second."""
    seconds, tenths = ms // 1000, ms % 1000 // 100
    return length(seconds * 1000) + (f".{tenths}" if tenths else "")


def about(ms: int) -> str:
    """As exactly as anyone plans an evening: `7 minutes`, `45 minutes`, `1 hour`, `2 hours 15 minutes`."""
    minutes = max(1, round(ms / MINUTE_MS))
    hours, rest = divmod(minutes if minutes < 10 else 5 * round(minutes / 5), 60)
    parts = [f"{n} {word}{'' if n == 1 else 's'}" for n, word in ((hours, "hour"), (rest, "minute")) if n]
    return " ".join(parts)


def left(ms: int) -> str:
    """A countdown: 1 ms to 1000 ms left reads `0:01`; once it is over, the time since, as `+0:07`."""
    if ms > 0:
        return length((ms + 999) // 1000 * 1000)
    return "0:00" if ms > -1000 else f"+{length(-ms // 1000 * 1000)}"


def listed(names: Sequence[str], word: str = "and") -> str:
    """Ana, Ben and Carla"""
    return f" {word} ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
