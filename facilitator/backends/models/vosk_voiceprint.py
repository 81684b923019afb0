"""A second opinion on whose voice it is: Vosk's x-vectors.

Vosk gives one only when an utterance is over, for its whole length. So two recognisers end one at fixed
times, in turn; that makes windows that overlap by half.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from facilitator.backends.models.vosk_model import sound, speech_model, voice_model
from facilitator.hearing.signal.audio import RATE, Samples
from facilitator.hearing.values import Embedding

WINDOW_S = 2.0
LANES = 2
"""Windows that overlap."""
_HOP = round(WINDOW_S * RATE) // LANES


class VoskVoiceprint:
    """A VoiceEncoder over the folders of a model of voices and of a speech model, which tells it where speech is.

    Raises ModelError when there is no such model. A window with less than half a second of speech in it is
    left out. On one thread."""

    name = "vosk-voiceprint"
    by_channel = False

    def __init__(self, folder: Path, speech_folder: Path) -> None:
        self._model, speech = voice_model(folder), speech_model(speech_folder)
        # Which words there are does not matter here, and none costs least.
        phrases = frozenset[tuple[str, ...]]() if speech.listening.restricted else None
        self._lanes = [speech.recogniser(phrases) for _ in range(LANES)]
        for lane in self._lanes:
            lane.SetSpkModel(self._model.vosk)
        self._end = 0  # samples so far

    def feed(self, samples: Samples) -> list[Embedding]:
        found = []
        for piece in self._pieces(samples):
            data = sound(piece)
            for lane in self._lanes:
                lane.AcceptWaveform(data)
            self._end += len(piece)
            if self._end % _HOP == 0:
                lane = self._lanes[self._end // _HOP % LANES]
                first = max(0, self._end - LANES * _HOP)
                found += [Embedding(first_sample=first, end_sample=self._end, vector=v) for v in _vectors(lane)]
        return found

    def _pieces(self, samples: Samples) -> Iterator[Samples]:
        """The samples, cut where windows end."""
        while len(samples):
            size = _HOP - self._end % _HOP
            yield samples[:size]
            samples = samples[size:]


def _vectors(lane: Any) -> Iterator[np.ndarray[Any, np.dtype[np.float32]]]:
    """Ends the window of this recogniser; none when there is too little speech in it."""
    vector = np.array(json.loads(lane.FinalResult()).get("spk", []), np.float32)
    length = float(np.linalg.norm(vector))
    if length > 0 and np.isfinite(length):
        yield vector / length
