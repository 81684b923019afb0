"""A detector of speech that needs no model: louder than the room is speech."""

from __future__ import annotations

import numpy as np

from facilitator.hearing.signal.audio import RATE, Samples
from facilitator.hearing.signal.vad import CHUNK


class LoudnessDetector:
    """The room's level is the quietest of the last seconds, which rises slowly and falls at once."""

    def __init__(self) -> None:
        self._room_db = -60.0

    def probability(self, chunk: Samples) -> float:
        level_db = 10.0 * float(np.log10(np.mean(np.square(chunk, dtype=np.float64)) + 1e-12))
        rise = 3.0 * CHUNK / RATE  # 3 dB a second
        self._room_db = max(-90.0, min(self._room_db + rise, level_db))
        return float(1.0 / (1.0 + np.exp(-(level_db - self._room_db - 9.0) / 1.3)))
