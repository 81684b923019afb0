"""One x-vector per result, as Vosk's own example does it.

Vosk ends a result where it hears a pause, and gives one vector for all of it. Whoever's sample is nearest spoke in
all of it, as far as anybody speaks. A result with too little speech for a vector is nobody's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.rivals import Missing
from benchmarks.rivals.rows import Row, runs, spoken
from facilitator.backends.models.vosk_model import sound as as_bytes
from facilitator.backends.models.vosk_model import speech_model, voice_model
from facilitator.errors import ModelError
from facilitator.hearing.signal.audio import RATE, Samples
from facilitator.hearing.signal.features import STEP
from facilitator.models import catalogue

MINIATURE = Path(__file__).resolve().parents[2] / "tests" / "data" / "models"
_PIECE = RATE // 10


class XVectors:
    """With the installed models, or else with the miniature ones of the tests, which know synthetic voices.
    Raises Missing."""

    blind = False

    def __init__(self) -> None:
        voice, words = catalogue.find("vosk-voiceprint"), catalogue.find("vosk-words-en")
        self.title = "one Vosk x-vector per result"
        if voice is None or words is None:
            voice, words = MINIATURE / "vosk-model-mini-spk", MINIATURE / "vosk-model-mini-en"
            self.title += " (miniature model, made for tests with synthetic voices)"
        try:
            self._voices, self._words = voice_model(voice), speech_model(words)
        except ModelError as problem:
            raise Missing(problem.message) from problem

    def hear(self, sound: Samples, voices: Mapping[str, Samples], speakers: int) -> list[Row]:
        people = list(voices)
        samples = np.stack([self._sample(voices[person]) for person in people])
        heard = spoken(sound)
        speaks = np.zeros((len(heard), len(people) + 1), bool)
        for first, end, vector in self._results(sound):
            best = len(people) if vector is None else int((samples @ vector).argmax())
            speaks[first // STEP : end // STEP, best] = True
        return runs(speaks & heard[:, None], [*people, None])

    def _sample(self, sound: Samples) -> NDArray[np.float32]:
        """The mean of what a voice sample's results give; nothing like anybody where they give nothing."""
        found = [vector for _, _, vector in self._results(sound) if vector is not None]
        return _unit(np.sum(found, axis=0)) if found else np.zeros(1, np.float32)

    def _results(self, sound: Samples) -> list[tuple[int, int, NDArray[np.float32] | None]]:
        """First sample, end and vector of each result."""
        lane = self._words.recogniser()
        lane.SetSpkModel(self._voices.vosk)
        found, begin = [], 0
        for at in range(0, len(sound), _PIECE):
            end = min(at + _PIECE, len(sound))
            if lane.AcceptWaveform(as_bytes(sound[at:end])):
                found.append((begin, end, _vector(lane.Result())))
                begin = end
        return [*found, (begin, len(sound), _vector(lane.FinalResult()))]


def _vector(result: str) -> NDArray[np.float32] | None:
    told: dict[str, Any] = json.loads(result)
    return _unit(np.array(told["spk"], np.float32)) if told.get("spk") else None


def _unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9), np.float32)
