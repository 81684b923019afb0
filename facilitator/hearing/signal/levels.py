"""How well a microphone hears the room, while people look: a level that moves, and one plain verdict."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Literal

import numpy as np

from facilitator.hearing.signal.audio import RATE, Block

Verdict = Literal["listening", "nothing", "silent", "clipping", "noisy", "speak", "quiet", "ok"]
"""`listening`: it is too early to say; `nothing`: no sound comes at all; `silent`: what comes is nothing but zeros,
as where a system forbids the microphone; `speak`: nobody has said anything yet; the others as they read."""

FRAME = RATE // 10
SEEN = 80
"""Frames that a verdict is about: eight seconds."""
FIRST = 12
"""Frames before anything is said."""
SILENT = 15
CLIPPED = 0.99
CLIPPED_FRAMES = 3  # one slammed door does not count
NOISY_DB = -38.0
QUIET_DB = -46.0
ABOVE_DB = 9.0
"""Speech is so much louder than the room."""
FLOOR_DB = -90.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """`level_db` is now, `room_db` the quietest of the last seconds, `speech_db` the loudest; dB of full scale."""

    level_db: float
    room_db: float
    speech_db: float
    verdict: Verdict


class LevelMeter:
    """Blocks in, readings out. It keeps levels, and no sound."""

    def __init__(self) -> None:
        self._levels: deque[float] = deque(maxlen=SEEN)
        self._clipped: deque[bool] = deque(maxlen=SEEN)
        self._zeros = 0
        self._lost = 0

    def feed(self, block: Block) -> None:
        if block.lost:
            self._lost += len(block.samples) // FRAME or 1
            return
        self._lost = 0
        sound = np.abs(block.samples)
        for start in range(0, len(sound), FRAME):
            frame = sound[start : start + FRAME]
            power = float(np.mean(np.square(frame, dtype=np.float64)))
            self._levels.append(max(FLOOR_DB, 10 * float(np.log10(power + 1e-12))))
            self._clipped.append(bool(frame.max(initial=0.0) >= CLIPPED))
            self._zeros = 0 if frame.any() else self._zeros + 1

    def reading(self) -> Reading:
        if not self._levels:
            verdict: Verdict = "nothing" if self._lost >= FIRST else "listening"
            return Reading(level_db=FLOOR_DB, room_db=FLOOR_DB, speech_db=FLOOR_DB, verdict=verdict)
        levels = np.array(self._levels)
        room_db, speech_db = (float(level) for level in np.percentile(levels, (15, 95)))
        return Reading(
            level_db=float(levels[-1]),
            room_db=room_db,
            speech_db=speech_db,
            verdict=self._verdict(room_db, speech_db),
        )

    def _verdict(self, room_db: float, speech_db: float) -> Verdict:
        if self._lost >= FIRST:
            return "nothing"
        if self._zeros >= SILENT:
            return "silent"
        if len(self._levels) < FIRST:
            return "listening"
        if sum(self._clipped) >= CLIPPED_FRAMES:
            return "clipping"
        if room_db > NOISY_DB:
            return "noisy"
        if speech_db - room_db < ABOVE_DB:
            return "speak"
        return "quiet" if speech_db < QUIET_DB else "ok"
