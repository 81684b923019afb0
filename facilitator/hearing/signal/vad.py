"""Speech or no speech: when it begins and stops, and how probable it is in every step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from facilitator.hearing.signal.audio import Samples, to_ms
from facilitator.hearing.signal.features import STEP

CHUNK = 512
"""Samples that one probability is about: 32 ms."""

_ON, _OFF = 0.3, 0.1
_CHUNKS_ON, _CHUNKS_OFF = 2, 5  # 64 ms to believe that it began, 160 ms that it stopped
_LEAST = 1e-3  # probabilities are kept this far from 0 and 1


class SpeechDetector(Protocol):
    """How probable speech is in each following CHUNK samples."""

    def probability(self, chunk: Samples) -> float: ...


class ActivityStream:
    """Sound in pieces of any length -> probabilities a chunk, and the log odds of speech a step."""

    def __init__(self, detector: SpeechDetector) -> None:
        self._detector = detector
        self._kept: Samples = np.zeros(0, np.float32)
        self._sum = 0.0  # probability summed over the samples of the step in the making
        self._filled = 0  # samples of it

    def feed(self, samples: Samples, *, silent: bool = False) -> tuple[list[float], NDArray[np.float32]]:
        """Probabilities of the chunks that are complete now, and log odds of the steps that are.

        `silent`: there is nothing to hear in these (lost samples): 0 without asking the detector."""
        sound = np.concatenate([self._kept, samples])
        count = len(sound) // CHUNK
        self._kept = sound[count * CHUNK :]
        chunks = [
            0.0 if silent else self._detector.probability(sound[k * CHUNK : (k + 1) * CHUNK]) for k in range(count)
        ]
        return chunks, np.fromiter(self._steps(chunks), np.float32)

    def _steps(self, chunks: list[float]) -> Iterator[float]:
        for probability in chunks:
            left = CHUNK
            while left:
                part = min(left, STEP - self._filled)
                self._sum += probability * part
                self._filled += part
                left -= part
                if self._filled == STEP:
                    mean = min(1.0 - _LEAST, max(_LEAST, self._sum / STEP))
                    self._sum, self._filled = 0.0, 0
                    yield float(np.log(mean / (1.0 - mean)))


class Gate:
    """Probabilities -> began or stopped, with hysteresis: 64 ms to begin, 160 ms to stop."""

    def __init__(self) -> None:
        self.speaking = False
        self._chunks = 0  # seen so far
        self._since = 0  # how many in a row speak for a change

    def feed(self, probability: float) -> int | None:
        """None, or there was a change: the time in ms at which it began."""
        self._chunks += 1
        for_change = probability < _OFF if self.speaking else probability > _ON
        self._since = self._since + 1 if for_change else 0
        if self._since < (_CHUNKS_OFF if self.speaking else _CHUNKS_ON):
            return None
        began = (self._chunks - self._since) * CHUNK
        self.speaking, self._since = not self.speaking, 0
        return to_ms(began)
