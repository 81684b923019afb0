"""How loud it is: what may be speech, how well a microphone hears the room, how loud the room is itself."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from facilitator.hearing.signal.audio import RATE, Block

Verdict = Literal["listening", "nothing", "silent", "clipping", "noisy", "speak", "quiet", "ok"]
"""`listening`: it is too early to say; `nothing`: no sound comes at all; `silent`: what comes is nothing but zeros,
as where a system forbids the microphone; `speak`: nobody has said anything yet; the others as they read."""

Levels = NDArray[np.floating[Any]]

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
REMEMBERED_S = 30.0
"""A room is as loud as it was in this time."""
QUIETEST = 0.2
"""Somebody speaks most of the time; the quietest fifth of the moments is the room."""
_LEAST = 1e-6


def loud_enough(
    level: Levels, below: float, *, among: Levels | None = None, percentile: float = 95.0
) -> NDArray[np.bool_]:
    """Which moments may hold speech: those not more than `below` quieter than the loud ones, which are at this
    percentile of `among` (None: of `level` itself). Relative, as nobody knows how a microphone is set. `level` has the
    shape (moments,), in dB or another logarithm; `below` is in the same."""
    return np.asarray(level > np.percentile(level if among is None else among, percentile) - below)


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


class RoomLevel:
    """How loud the room is while nobody speaks, so that the facilitator can be as loud as it has to be, and no louder.

    `hear` blocks; `level_db` is that of the quiet moments of the last half minute, in dB of full scale (RMS)."""

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
