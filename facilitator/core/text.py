"""Times and lists as people read them."""

from __future__ import annotations

from collections.abc import Sequence


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


def left(ms: int) -> str:
    """A countdown: 1 ms to 1000 ms left reads `0:01`; once it is over, the time since, as `+0:07`."""
    if ms > 0:
        return length((ms + 999) // 1000 * 1000)
    return "0:00" if ms > -1000 else f"+{length(-ms // 1000 * 1000)}"


def listed(names: Sequence[str]) -> str:
    """Ana, Ben and Carla"""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
