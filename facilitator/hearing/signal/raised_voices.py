"""Two who speak at once, and far louder than each spoke in their own voice sample: a quarrel, as far as sound says.

Only a stretch with two voices that are surely known is looked at, only where both gave a sample in this session, and
by how much it is louder than the louder of the two samples. Two voices at once are up to 3 dB louder than one; a
microphone that sets its own level makes less of it, never more. Kept are levels, and no sound.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import numpy as np

from facilitator.core.events import Heard, RaisedVoices
from facilitator.hearing.signal.audio import RATE, Block, Samples, levels_db, to_ms

STEP = RATE // 10
KEPT_STEPS = 300
"""Half a minute: labels of two voices come within seconds."""
LEAST_SAMPLE_STEPS = 20
LEAST_MS = 500
SURE = 0.6
LOUD_PERCENTILE = 75.0
"""Speech has gaps: as loud as it is in its louder quarter."""
LEAST_OVER_DB = 6.0
"""Nothing is told of what is no louder than this: that is how lively talk sounds."""


class _Level(NamedTuple):
    first_sample: int
    db: float


class RaisedVoicesMeter:
    """Blocks and labels in, facts out. It counts the same samples as the ear does."""

    def __init__(self) -> None:
        self._levels: deque[_Level] = deque(maxlen=KEPT_STEPS)
        self._rest: Samples = np.zeros(0, np.float32)
        self._sample: list[float] | None = None
        self._samples_db: dict[str, float] = {}

    def begin_sample(self) -> None:
        """From now on somebody's own voice is heard, as they speak when nothing presses."""
        self._sample = []

    def end_sample(self, person: str, *, keep: bool) -> None:
        levels, self._sample = self._sample, None
        if keep and levels is not None and len(levels) >= LEAST_SAMPLE_STEPS:
            self._samples_db[person] = float(np.percentile(levels, LOUD_PERCENTILE))

    def forget(self, person: str) -> None:
        self._samples_db.pop(person, None)

    def hear(self, block: Block, *, own: bool = False) -> None:
        """`own`: the facilitator itself speaks; that is nobody's voice."""
        if block.lost or own:
            self._rest = self._rest[:0]
            return
        sound = np.concatenate([self._rest, block.mono()])
        whole = len(sound) // STEP
        self._rest = sound[whole * STEP :]
        first = block.end_sample - len(sound)
        for number, db in enumerate(levels_db(sound[: whole * STEP].reshape(whole, STEP)) if whole else ()):
            self._levels.append(_Level(first + number * STEP, float(db)))
            if self._sample is not None:
                self._sample.append(float(db))

    def told(self, heard: Heard) -> RaisedVoices | None:
        """What follows of it from a label."""
        known = [self._samples_db.get(person) for person in heard.people]
        usual = [db for db in known if db is not None]
        if heard.final or len(usual) < 2 or len(usual) < len(known) or heard.confidence < SURE:
            return None
        if heard.end_ms - heard.start_ms < LEAST_MS:
            return None
        levels = [one.db for one in self._levels if heard.start_ms <= to_ms(one.first_sample) < heard.end_ms]
        if not levels:
            return None
        over_db = float(np.percentile(levels, LOUD_PERCENTILE)) - max(usual)
        if over_db < LEAST_OVER_DB:
            return None
        return RaisedVoices(at_ms=heard.at_ms, start_ms=heard.start_ms, end_ms=heard.end_ms, over_db=round(over_db, 1))
