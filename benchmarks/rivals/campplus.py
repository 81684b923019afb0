"""The voice encoder CAM++ as one uses it by hand: an utterance is the mean of its windows of 1.6 s.

Each window less its own mean, nothing tuned. The network is this program's (`facilitator/backends/models`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.rivals import Missing
from facilitator.backends.models import campplus_encoder, campplus_network, campplus_weights, kaldi_bands
from facilitator.errors import ModelError
from facilitator.hearing.signal.audio import Samples
from facilitator.models import catalogue

FRAMES = APART = 160
_LEAST = kaldi_bands.WINDOW + 16 * kaldi_bands.HOP  # samples
_TOGETHER = 4

Values = NDArray[np.float32]


class Campplus:
    """Raises Missing."""

    title = "CAM++"

    def __init__(self) -> None:
        folder = catalogue.find("voice-encoder")
        if folder is None:
            raise Missing("the voice encoder is not installed (`facilitator models install voice-encoder`)")
        try:
            weights = campplus_weights.load(folder / campplus_encoder.FILE)
        except ModelError as problem:
            raise Missing(problem.message) from problem
        self._network = campplus_network.Campplus(weights)

    def levelled(self, sound: Samples) -> Samples:
        """How loud it is makes no difference."""
        return sound

    def utterances(self, sounds: Sequence[Samples]) -> Values:
        """One vector for each sound, shape (sounds, 192)."""
        vectors = [self._utterance(np.pad(sound, (0, max(0, _LEAST - len(sound))))) for sound in sounds]
        return np.array(vectors, np.float32).reshape(-1, campplus_weights.NUMBERS)

    def _utterance(self, sound: Samples) -> Values:
        bands, _ = kaldi_bands.bands(sound)
        size = min(FRAMES, len(bands))
        firsts = [*range(0, len(bands) - size, APART), len(bands) - size]
        windows = np.stack([bands[first : first + size] for first in firsts])
        windows -= windows.mean(axis=1, keepdims=True)
        parts = [windows[k : k + _TOGETHER] for k in range(0, len(windows), _TOGETHER)]
        mean = np.concatenate([self._network.voices(part, [size])[0] for part in parts]).mean(axis=0)
        return np.asarray(mean / np.linalg.norm(mean), np.float32)
