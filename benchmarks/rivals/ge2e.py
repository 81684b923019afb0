"""The GE2E voice encoder as its package uses it: partial windows of 1.6 s, many at a time.

GE2E (Wan et al. 2018; weights by Resemble AI, Apache-2.0): three LSTM layers of 256 units look at 40 mel bands a frame
of 10 ms, and what they hold after 1.6 s is the voice. The level is set once for a whole sound, to -30 dB of full scale,
as the package does, and an utterance is the mean of its windows. This program used it before CAM++; to install it for
the comparison, type:  python -m benchmarks.rivals.ge2e
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from benchmarks.rivals import Missing, ge2e_weights
from facilitator.errors import ModelError
from facilitator.hearing.signal.audio import RATE, Samples
from facilitator.models import catalogue, manifest
from facilitator.models.install import install, target

MODEL = manifest.Model(
    name="rival-ge2e",
    purpose="Tells voices apart, for a comparison.",
    without="Without it, the comparison leaves it out.",
    version="0.1.4",
    licence="Apache-2.0",
    package="Resemblyzer==0.1.4",
    url=None,
    download_bytes=15_747_704,
    download_sha256="8f12eb2f1a9982d32e8db7856de754709b59c93a77bcf0ff536584b619a9dd1f",
    files=MappingProxyType({"pretrained.pt": "39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e"}),
)
FRAMES = 160
HOP = RATE // 100
UTTERANCE_RATE = 1.3
"""Windows a second for the mean, as in the package."""
_COVERED = 0.75  # of the last window, at least
_TOGETHER = 64
_LEVEL = 10.0 ** (-30.0 / 20.0)
_EDGE = 200
_WINDOW, _HOP, _BANDS, _UNITS, _LAYERS = 400, 160, 40, 256, 3

Values = NDArray[np.float32]


def _filters() -> Values:
    """Triangles on Slaney's mel scale with equal areas, as librosa makes them, shape (bins, bands)."""
    step = np.log(6.4) / 27.0
    mels = np.linspace(0.0, 15.0 + np.log(8.0) / step, _BANDS + 2)
    edges = np.where(mels < 15.0, mels * 200.0 / 3.0, 1000.0 * np.exp(step * (mels - 15.0)))
    bins = np.fft.rfftfreq(_WINDOW, 1.0 / RATE)[:, None]
    up = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    down = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return np.asarray(np.maximum(0.0, np.minimum(up, down)) * 2.0 / (edges[2:] - edges[:-2]), np.float32)


_FILTERS = _filters()
_HANN = np.hanning(_WINDOW + 1)[:_WINDOW].astype(np.float32)


def _mel(sound: Samples) -> Values:
    """Power in each band of every frame that lies whole in `sound`, shape (frames, bands)."""
    windows = np.lib.stride_tricks.sliding_window_view(sound, _WINDOW)[::_HOP]
    spectrum = np.fft.rfft(windows * _HANN, axis=1)
    return np.asarray((spectrum.real**2 + spectrum.imag**2).astype(np.float32) @ _FILTERS, np.float32)


class _Network:
    """The weights, so arranged that a step of a layer is one product and one hyperbolic tangent.

    The sigmoid of the gates is a tangent of half the value, so the halving is done in the weights."""

    def __init__(self, path: Path) -> None:
        state = ge2e_weights.load(path, "model_state")
        half = np.repeat(np.array([0.5, 0.5, 1.0, 0.5], np.float32), _UNITS)
        try:
            self.inputs = np.ascontiguousarray((state["lstm.weight_ih_l0"] * half[:, None]).T)
            self.inner, self.bias = [], []
            for layer in range(_LAYERS):
                parts = [state[f"lstm.weight_hh_l{layer}"]]
                if layer:
                    parts.insert(0, state[f"lstm.weight_ih_l{layer}"])
                self.inner.append(np.ascontiguousarray((np.concatenate(parts, axis=1) * half[:, None]).T))
                self.bias.append((state[f"lstm.bias_ih_l{layer}"] + state[f"lstm.bias_hh_l{layer}"]) * half)
            self.out, self.out_bias = np.ascontiguousarray(state["linear.weight"].T), state["linear.bias"]
        except KeyError as missing:
            raise ModelError(f"The model file {path} holds no voice encoder: {missing} is missing in it.") from missing

    def describe(self, hidden: Values) -> Values:
        """Vectors of unit length from what the last layer holds, shape (windows, 256)."""
        raw = np.maximum(hidden @ self.out + self.out_bias, 0.0)
        return np.asarray(raw / np.maximum(np.linalg.norm(raw, axis=1, keepdims=True), 1e-6), np.float32)


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

    title = "GE2E"
    levelled = staticmethod(at_level)

    def __init__(self) -> None:
        folder = catalogue.locate(MODEL)
        if folder is None:
            raise Missing("GE2E is not installed (`python -m benchmarks.rivals.ge2e`)")
        try:
            self._network = _Network(folder / "pretrained.pt")
        except ModelError as problem:
            raise Missing(problem.message) from problem

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
            found = _mel(np.pad(sound, (_EDGE, missing + _EDGE)))
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


if __name__ == "__main__":
    install(MODEL, target())
