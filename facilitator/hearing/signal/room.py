"""How loud the room is while nobody speaks, so that the facilitator can be as loud as it has to be, and no louder."""

from __future__ import annotations

from collections import deque

import numpy as np

from facilitator.hearing.signal.audio import RATE, Block

REMEMBERED_S = 30.0
QUIETEST = 0.2
"""Somebody speaks most of the time; the quietest fifth of the moments is the room."""
_LEAST = 1e-6


class RoomLevel:
    """`hear` blocks; `level_db` is that of the quiet moments of the last half minute, in dB of full scale (RMS)."""

    def __init__(self) -> None:
        self._heard: deque[tuple[float, float]] = deque()  # seconds, dB
        self._seconds = 0.0

    def hear(self, block: Block) -> None:
        if block.lost or not len(block.samples):
            return
        rms = float(np.sqrt(np.mean(np.square(block.mono(), dtype=np.float64))))
        seconds = len(block.samples) / RATE
        self._heard.append((seconds, 20.0 * np.log10(max(rms, _LEAST))))
        self._seconds += seconds
        while self._seconds > REMEMBERED_S:
            self._seconds -= self._heard.popleft()[0]

    @property
    def level_db(self) -> float | None:
        """None before there was any sound."""
        if not self._heard:
            return None
        return float(np.quantile([level for _, level in self._heard], QUIETEST))
