"""The voice encoder alone, as in the demonstration of diarization that comes with it (Resemblyzer, demo02).

Sixteen windows of 1.6 s a second; in every moment the person speaks whose sample is most like the window around it.
Where nobody speaks is told by the detector of speech; in the demonstration, by a similarity below 0.65.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from benchmarks.rivals.ge2e import Ge2e, at_level
from benchmarks.rivals.rows import Row, runs, spoken, without_silence
from facilitator.hearing.signal.audio import Samples
from facilitator.hearing.signal.features import STEP

RATE_A_SECOND = 16.0


class EncoderAlone:
    title = "voice encoder alone (GE2E), window by window"
    blind = False

    def __init__(self) -> None:
        self._encoder = Ge2e()

    def hear(self, sound: Samples, voices: Mapping[str, Samples], speakers: int) -> list[Row]:
        people = list(voices)
        samples = self._encoder.utterances([without_silence(at_level(voices[person])) for person in people])
        vectors, middles = self._encoder.windows(at_level(sound), RATE_A_SECOND)
        heard = spoken(sound)
        steps = np.arange(len(heard)) * STEP + STEP // 2
        after = np.clip(np.searchsorted(middles, steps), 1, max(1, len(middles) - 1))
        nearest = np.where(steps - middles[after - 1] < middles[after % len(middles)] - steps, after - 1, after)
        best = (vectors @ samples.T).argmax(axis=1)[np.minimum(nearest, len(middles) - 1)]
        return runs((best[:, None] == np.arange(len(people))) & heard[:, None], people)
