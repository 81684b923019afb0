"""How long the computer was asleep: its lid was closed. Nothing is heard meanwhile, and on Linux and macOS
`time.monotonic` stands still; the clock on the wall goes on."""

from __future__ import annotations

import sys
import time

LEAST_S = 2.0
"""Less is no sleep: two clocks are never read at quite the same moment."""


def going_on_s() -> float:
    """A clock that goes on while the computer sleeps, from any beginning; nobody sets it where the system has such a
    one. On Windows `time.monotonic` is it: there a sleep is only time in which no sound came."""
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    if sys.platform == "darwin":
        return time.clock_gettime(time.CLOCK_MONOTONIC_RAW)
    return time.monotonic() if sys.platform == "win32" else time.time()


class SleepWatch:
    """Asked now and then whether the computer has slept since it was last asked."""

    def __init__(self) -> None:
        self._ahead_s = going_on_s() - time.monotonic()

    def slept_s(self) -> float:
        """For how long; 0.0 where it has not."""
        ahead_s = going_on_s() - time.monotonic()
        slept_s, self._ahead_s = ahead_s - self._ahead_s, ahead_s
        return slept_s if slept_s >= LEAST_S else 0.0
