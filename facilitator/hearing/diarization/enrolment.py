"""A person's voice sample: collected in the opening circle, and whether it is any good."""

from __future__ import annotations

import numpy as np

from facilitator.core.events import EnrolmentProblem
from facilitator.hearing.diarization.trust import CLIPPED_AT, CLIPPED_SHARE
from facilitator.hearing.signal import features
from facilitator.hearing.signal.audio import RATE, Samples, levels_db, mono
from facilitator.hearing.speaker.fusion_evidence import two_voices

_SILENT_DB, _QUIET_DB, _CLEAR_DB = -80.0, -50.0, 15.0
"""Quieter than the first there is nothing to hear; than the second, only what is far above its own noise."""
_NOISY_DB = 6.0
_FRAME = RATE // 50  # 20 ms
_LEAST_S = 1.0


def problem(samples: Samples) -> EnrolmentProblem | None:
    """What is wrong with this sample, the worst first; None where it will do."""
    if len(samples) < _LEAST_S * RATE:
        return "quiet"
    frames = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME)
    loud_db, low_db = np.percentile(levels_db(frames), [90, 5])
    if loud_db < _SILENT_DB or (loud_db < _QUIET_DB and loud_db - low_db < _CLEAR_DB):
        return "quiet"
    if float((np.abs(samples) >= CLIPPED_AT).mean()) > CLIPPED_SHARE:
        return "clipped"
    if loud_db - low_db < _NOISY_DB:
        return "noisy"
    return "two-voices" if two_voices(features.frames(samples)) else None


class SampleInTheMaking:
    """What is heard of one person between `begin_sample` and `end_sample`."""

    def __init__(self, person: str) -> None:
        self.person = person
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
        self._told = (self.speech_ms, self.problem)
        return self._told


PROBLEMS = {
    "quiet": "is very quiet",
    "clipped": "is too loud and distorted",
    "two-voices": "sounds like two people",
    "noisy": "is noisy",
}
