"""When the facilitator itself speaks: what is heard then, and shortly after, counts for nobody."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facilitator.hearing.signal.features import STEP_MS


class OwnVoice:
    """Stretches of the session, in the order in which they began."""

    def __init__(self, tail_ms: int) -> None:
        """What is heard for `tail_ms` after it is its echo."""
        self._tail_ms = tail_ms
        self._spans: list[tuple[int, int | None]] = []  # with their tail

    def add(self, start_ms: int, end_ms: int | None) -> None:
        """It speaks from `start_ms` to `end_ms` (None: it has not stopped yet)."""
        tail = None if end_ms is None else end_ms + self._tail_ms
        if self._spans and self._spans[-1][1] is None:
            start_ms = min(start_ms, self._spans.pop()[0])
        self._spans.append((start_ms, tail))

    def sounds(self, start_ms: int, end_ms: int) -> bool:
        """Does it, or its echo, in this stretch of the last minutes?"""
        return any(a < end_ms and (b is None or start_ms < b) for a, b in self._spans[-4:])

    def steps(self, first: int, last: int) -> NDArray[np.bool_]:
        """The steps from `first` up to `last` in which it does."""
        out = np.zeros(last - first, bool)
        for start_ms, end_ms in self._spans:
            a = max(0, start_ms // STEP_MS - first)
            b = last - first if end_ms is None else max(0, -(-end_ms // STEP_MS) - first)
            out[a:b] = True
        return out
