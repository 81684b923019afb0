"""The GE2E voice encoder as its package uses it: partial windows of 1.6 s, many at a time.

The same weights and the same bands as `facilitator/backends/models/ge2e_encoder.py`; but the level is set once for a
whole sound, to -30 dB of full scale, as the package does, and an utterance is the mean of its windows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.rivals import Missing
from facilitator.backends.models import ge2e_encoder
from facilitator.hearing.signal.audio import RATE, Samples
from facilitator.models import catalogue

FRAMES = 160
HOP = RATE // 100
UTTERANCE_RATE = 1.3
"""Windows a second for the mean, as in the package."""
_COVERED = 0.75  # of the last window, at least
_TOGETHER = 64
_LEVEL = 10.0 ** (-30.0 / 20.0)
_UNITS, _EDGE = 256, 200

Values = NDArray[np.float32]


def at_level(sound: Samples) -> Samples:
    """Quiet sound made as loud as the encoder is used to."""
    level = float(np.sqrt(np.mean(np.square(sound, dtype=np.float64)))) if len(sound) else 0.0
    return np.asarray(sound * (_LEVEL / level), np.float32) if 0.0 < level < _LEVEL else sound


def first_frames(samples: int, rate: float) -> list[int]:
    """Where partial windows begin."""
    step = round(100 / rate)
    frames = -(-(samples + 1) // HOP)
    firsts = list(range(0, max(1, frames - FRAMES + step + 1), step))
    if len(firsts) > 1 and (samples - firsts[-1] * HOP) / (FRAMES * HOP) < _COVERED:
        firsts.pop()
    return firsts


class Ge2e:
    """Raises Missing."""

    def __init__(self) -> None:
        folder = catalogue.find("voice-encoder")
        if folder is None:
            raise Missing("the voice encoder is not installed (`facilitator models install voice-encoder`)")
        self._network = ge2e_encoder._network(folder / ge2e_encoder.FILE)

    def windows(self, sound: Samples, rate: float) -> tuple[Values, NDArray[np.int64]]:
        """The vector of each partial window, and the sample in its middle."""
        firsts = np.array(first_frames(len(sound), rate))
        return self._vectors([(sound, firsts)]), (firsts + FRAMES // 2) * HOP

    def utterances(self, sounds: Sequence[Samples]) -> Values:
        """One vector for each sound, shape (sounds, 256)."""
        if not sounds:
            return np.zeros((0, _UNITS), np.float32)
        firsts = [np.array(first_frames(len(sound), UTTERANCE_RATE)) for sound in sounds]
        vectors = self._vectors(list(zip(sounds, firsts, strict=True)))
        ends = np.cumsum([len(each) for each in firsts])
        means = np.stack([part.mean(axis=0) for part in np.split(vectors, ends[:-1])])
        return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True), np.float32)

    def _vectors(self, sounds: Sequence[tuple[Samples, NDArray[np.int64]]]) -> Values:
        bands, places, at = [], [], 0
        for sound, firsts in sounds:
            missing = max(0, (int(firsts[-1]) + FRAMES) * HOP - len(sound))
            # Bands of silence are zeros, so an edge of zeros is what the package's padding comes to.
            found = ge2e_encoder._mel(np.pad(sound, (_EDGE, missing + _EDGE)))
            bands.append(found)
            places.append(firsts + at)
            at += len(found)
        first = np.concatenate(places)
        inputs = np.concatenate(bands) @ self._network.inputs + self._network.bias[0]
        parts = [first[k : k + _TOGETHER] for k in range(0, len(first), _TOGETHER)]
        return np.concatenate([self._together(inputs, part) for part in parts])

    def _together(self, inputs: Values, firsts: NDArray[np.int64]) -> Values:
        """Takes these windows through the three layers, frame by frame."""
        network, count = self._network, len(firsts)
        layers = len(network.inner)
        held = [np.zeros((count, _UNITS), np.float32) for _ in range(layers)]
        cells = [np.zeros((count, _UNITS), np.float32) for _ in range(layers)]
        for frame in range(FRAMES):
            for layer in range(layers):
                seen = held[layer] if layer == 0 else np.concatenate([held[layer - 1], held[layer]], axis=1)
                gates = seen @ network.inner[layer]
                gates += inputs[firsts + frame] if layer == 0 else network.bias[layer]
                np.tanh(gates, out=gates)
                inward, forget, fresh, outward = (gates[:, k * _UNITS : (k + 1) * _UNITS] for k in range(4))
                cells[layer] = (0.5 * forget + 0.5) * cells[layer] + (0.5 * inward + 0.5) * fresh
                held[layer] = (0.5 * outward + 0.5) * np.tanh(cells[layer])
        return network.describe(held[-1])
