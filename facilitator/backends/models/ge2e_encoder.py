"""The GE2E voice encoder (Wan et al. 2018; weights by Resemble AI, Apache-2.0), in numpy and as a stream.

Three LSTM layers of 256 units look at 40 mel bands a frame of 10 ms; what they hold after 1.6 s is the voice. A new
window begins every 0.4 s, so four are always under way. They advance together, frame by frame: the weights, of
which there are more than fit into a fast cache, are then read once for all four, and a window is known as soon as it
is complete. What a window holds half-way, after 0.8 s, is less sure but sharper in time; both are given.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facilitator.backends.models import torch_weights
from facilitator.errors import ModelError
from facilitator.hearing.signal.audio import RATE, Samples
from facilitator.hearing.values import Embedding

FILE = "pretrained.pt"
ENDS = (80, 160)
"""Frames after which a window is looked at."""
_APART = 40
"""Frames from the beginning of one window to that of the next."""
_UNDER_WAY = ENDS[-1] // _APART
_WINDOW, _HOP, _BANDS, _UNITS, _LAYERS = 400, 160, 40, 256, 3
_LEVELS = 600
"""Frames that the level is taken from: 6 s."""
_LOUD = 0.08
"""Mean power in a band of loud speech. A little more than the encoder was trained with tells voices apart best."""
_LEAST_LOUD = 1e-5
"""What is quieter, about -65 dB of full scale, is nobody's speech."""
_SPEECH = 0.01
"""Of a loud frame's power: what is below that is no speech."""
_LEAST_SPEECH = 0.3
"""A window with a smaller part of speech is left out."""

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
        state = torch_weights.load(path, "model_state")
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


@cache
def _network(path: Path) -> _Network:
    return _Network(path)


class Ge2eEncoder:
    """One stream of sound (see the port `VoiceEncoder`). `folder` holds the model's file. Raises ModelError."""

    name = "voice-encoder"
    by_channel = False

    def __init__(self, folder: Path) -> None:
        self._network = _network(folder / FILE)
        self._sound: Samples = np.zeros(_WINDOW // 2, np.float32)
        self._frames = 0
        self._levels = np.zeros(_LEVELS, np.float32)
        self._loud = 0.0
        shape = (_UNDER_WAY, _UNITS)
        self._cells = [np.zeros(shape, np.float32) for _ in range(_LAYERS)]
        # what each layer is given: what the one below holds, then what it holds itself; the first, only the latter
        self._held = [np.zeros((_UNDER_WAY, _UNITS * (2 if layer else 1)), np.float32) for layer in range(_LAYERS)]

    def feed(self, samples: Samples) -> list[Embedding]:
        self._sound = np.concatenate([self._sound, samples])
        count = (len(self._sound) - _WINDOW) // _HOP + 1
        if count <= 0:
            return []
        bands = _mel(self._sound)
        self._sound = self._sound[count * _HOP :]
        found: list[Embedding] = []
        for first in range(0, count, _APART):
            piece = bands[first : first + _APART]
            level = self._level(piece)
            inputs = (piece * (_LOUD / level)) @ self._network.inputs + self._network.bias[0]
            for row in inputs:
                found += self._step(row)
        return found

    def _level(self, bands: Values) -> float:
        """Notes how loud these frames are, and gives the level of loud ones of late. The voice may be near or far;
        the encoder wants to hear it at the one level it knows."""
        mean = bands.mean(axis=1)
        places = (self._frames + np.arange(len(mean))) % _LEVELS
        self._levels[places] = mean
        known = self._levels[: min(_LEVELS, self._frames + len(mean))]
        self._loud = max(float(np.percentile(known, 85)), _LEAST_LOUD)
        return self._loud

    def _step(self, row: Values) -> list[Embedding]:
        """Takes every window under way one frame further, and gives those that are to be looked at now."""
        network, new = self._network, self._frames % ENDS[-1]
        if new % _APART == 0:  # the oldest makes room for a new one
            slot = new // _APART
            for held, cells in zip(self._held, self._cells, strict=True):
                held[slot] = 0.0
                cells[slot] = 0.0
        below: Values | None = None
        for layer in range(_LAYERS):
            held, cells = self._held[layer], self._cells[layer]
            if below is not None:
                held[:, :_UNITS] = below
            gates = held @ network.inner[layer]
            gates += row if layer == 0 else network.bias[layer]
            np.tanh(gates, out=gates)
            inward, forget, fresh, outward = (gates[:, k * _UNITS : (k + 1) * _UNITS] for k in range(4))
            cells *= 0.5 * forget + 0.5
            cells += (0.5 * inward + 0.5) * fresh
            below = (0.5 * outward + 0.5) * np.tanh(cells)
            held[:, -_UNITS:] = below
        self._frames += 1
        found = []
        for size in ENDS:
            first = self._frames - size
            if first >= 0 and first % _APART == 0 and self._spoken(size):
                slot = first % ENDS[-1] // _APART
                vector = network.describe(self._held[-1][slot : slot + 1, -_UNITS:])[0]
                found.append(Embedding(first_sample=first * _HOP, end_sample=self._frames * _HOP, vector=vector))
        return found

    def _spoken(self, size: int) -> bool:
        """Whether enough of the last `size` frames is as loud as speech."""
        places = (self._frames - size + np.arange(size)) % _LEVELS
        return float((self._levels[places] > _SPEECH * self._loud).mean()) >= _LEAST_SPEECH
