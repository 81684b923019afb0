"""A person's voice sample: collected in the opening circle, and whether it is any good."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from facilitator.core.events import EnrolmentProblem
from facilitator.hearing.diarization.trust import CLIPPED_AT, CLIPPED_SHARE
from facilitator.hearing.signal.audio import RATE, Samples, levels_db, mono

_SILENT_DB, _QUIET_DB, _CLEAR_DB = -80.0, -50.0, 15.0
"""Quieter than the first there is nothing to hear; than the second, only what is far above its own noise."""
_NOISY_DB = 6.0
_FRAME = RATE // 50  # 20 ms
_LEAST_S = 1.0
_SPEECH_DB = 26.0
"""Below its loud part, more quiet than this a sample is silent."""
SHORT_S = 3.0
"""So much speech should a sample hold."""
MIXED_FROM_MS, MIXED_EVERY_MS = 4_000, 2_000
"""Of speech, from when on it is asked whether there are two voices in a sample, and how often: that takes time."""


def problem(samples: Samples) -> EnrolmentProblem | None:
    """What is wrong with the sound of this sample, the worst first; None where it will do."""
    if len(samples) < _LEAST_S * RATE:
        return "quiet"
    frames = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME)
    loud_db, low_db = np.percentile(levels_db(frames), [90, 5])
    if loud_db < _SILENT_DB or (loud_db < _QUIET_DB and loud_db - low_db < _CLEAR_DB):
        return "quiet"
    if float((np.abs(samples) >= CLIPPED_AT).mean()) > CLIPPED_SHARE:
        return "clipped"
    return "noisy" if loud_db - low_db < _NOISY_DB else None


def speech_s(samples: Samples) -> float:
    """How many seconds of this sample are as loud as speech."""
    if len(samples) < _FRAME:
        return 0.0
    levels = levels_db(samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME))
    return float((levels > np.percentile(levels, 95) - _SPEECH_DB).sum()) * _FRAME / RATE


class SampleInTheMaking:
    """What is heard of one person between `begin_sample` and `end_sample`. `mixed` says whether there are
    two voices in a sample."""

    def __init__(self, person: str, mixed: Callable[[Samples], bool]) -> None:
        self.person = person
        self._mixed, self._two, self._ask_at_ms = mixed, False, MIXED_FROM_MS
        self.speech_ms = 0
        self._pieces: list[Samples] = []
        self.problem: EnrolmentProblem | None = None
        self._told: tuple[int, EnrolmentProblem | None] = (-1, None)

    def add(self, samples: Samples, speech_ms: int) -> None:
        """More sound, of which about `speech_ms` is speech."""
        self._pieces.append(samples)
        self.speech_ms += speech_ms

    def samples(self) -> Samples:
        return np.concatenate(self._pieces) if self._pieces else np.zeros(0, np.float32)

    def news(self) -> tuple[int, EnrolmentProblem | None] | None:
        """(speech so far in ms, what is wrong) when that has changed enough to tell."""
        if self.speech_ms - self._told[0] < 250 and self._told[0] >= 0:
            return None
        self.problem = problem(mono(self.samples())) if self.speech_ms >= 2000 else None
        if self.problem is None and self.speech_ms >= self._ask_at_ms:
            self._ask_at_ms = self.speech_ms + MIXED_EVERY_MS
            self._two = self._mixed(self.samples())
        if self.problem is None and self._two:
            self.problem = "two-voices"
        self._told = (self.speech_ms, self.problem)
        return self._told


PROBLEMS = {
    "quiet": "is very quiet",
    "clipped": "is too loud and distorted",
    "two-voices": "sounds like two people",
    "noisy": "is noisy",
}
