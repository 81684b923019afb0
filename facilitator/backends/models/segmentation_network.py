"""The network segmentation-3.0 (Bredin 2023; SincNet by Ravanelli and Bengio 2018) in numpy: sound in, chances out.

A bank of 80 filters, two convolutions, four layers of bidirectional LSTM, three of plain weights. What the first bank
makes of the sound is linear, so a window's own mean and level can be worked in behind it: of overlapping windows it
looks at every sample once. Both directions of an LSTM go forward together, and so do several windows; a step is one
product, and what is added to it was made for all steps before.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from facilitator.backends.models import onnx_weights
from facilitator.errors import ModelError
from facilitator.hearing.values import Values

TAPS, STRIDE, FILTERS = 251, 10, 80
CLASSES, HIDDEN = 7, 128
_UNITS, _LAYERS = 128, 4
_POOLED, _LEAK, _TINY = 3, 0.01, 1e-5


class Segmentation3:
    """Raises ModelError where the file does not hold this network."""

    def __init__(self, path: Path) -> None:
        found = onnx_weights.load(path)
        try:
            self._arrange(found)
        except (KeyError, ValueError, IndexError, StopIteration) as error:
            raise ModelError(f"The model file {path} cannot be used: it does not hold this network.") from error

    def _arrange(self, found: Mapping[str, Values]) -> None:
        def shaped(name: str, *shape: int) -> Values:
            return found[name].reshape(shape)

        named = iter(found.items())
        self._level = float(shaped(next(n for n, v in named if v.shape == (1,)), 1)[0])
        self._offset = float(shaped(next(n for n, v in named if v.shape == (1,)), 1)[0])
        bank = next(values for name, values in found.items() if "sincnet/conv1d.0" in name)
        self._bank = np.ascontiguousarray(bank.reshape(FILTERS, TAPS).T)
        self._bank_sums = self._bank.sum(axis=0)
        self._norms = [(found[f"sincnet.norm1d.{k}.weight"], found[f"sincnet.norm1d.{k}.bias"]) for k in range(3)]
        self._convs = []
        for k, channels in ((1, FILTERS), (2, 60)):
            weight = shaped(f"sincnet.conv1d.{k}.weight", 60, channels, 5)
            bias = shaped(f"sincnet.conv1d.{k}.bias", 60)
            self._convs.append((np.ascontiguousarray(weight.transpose(2, 1, 0).reshape(-1, 60)), bias))
        sizes_in = (60, *[2 * _UNITS] * (_LAYERS - 1))
        self._layers = [self._layer(found, *each) for each in zip(_lstms(found), sizes_in, strict=True)]
        dense = [values for name, values in found.items() if name.startswith("onnx::MatMul")]
        last = next(v for v in found.values() if v.shape == (CLASSES,))
        biases = [shaped("linear.0.bias", HIDDEN), shaped("linear.1.bias", HIDDEN), last]
        sizes = ((2 * _UNITS, HIDDEN), (HIDDEN, HIDDEN), (HIDDEN, CLASSES))
        self._dense = [(w.reshape(size), b) for w, b, size in zip(dense, biases, sizes, strict=True)]

    @staticmethod
    def _layer(found: Mapping[str, Values], first: int, seen: int) -> tuple[Values, Values, Values]:
        """Weights for what comes in, shape (2, seen, 4 units), for what is held, (2, units, 4 units), and what is
        added.

        In the file the gates stand as in, out, forget, new; here as in, forget, out, new. The sigmoid of the first
        three is a hyperbolic tangent of half the value, and what is held is kept doubled; both halvings are done in the
        weights."""
        order = np.concatenate([np.arange(_UNITS) + k * _UNITS for k in (0, 2, 1, 3)])
        half = np.repeat(np.array([0.5, 0.5, 0.5, 1.0], np.float32), _UNITS)
        bias = found[f"onnx::LSTM_{first}"].reshape(2, 2, 4 * _UNITS).sum(axis=1)[:, order] * half
        seen_weight = found[f"onnx::LSTM_{first + 1}"].reshape(2, 4 * _UNITS, seen)[:, order] * half[:, None]
        held_weight = found[f"onnx::LSTM_{first + 2}"].reshape(2, 4 * _UNITS, _UNITS)[:, order] * (0.5 * half[:, None])
        if seen == 2 * _UNITS:
            seen_weight = seen_weight * np.float32(0.5)
        return (
            np.ascontiguousarray(seen_weight.transpose(0, 2, 1), np.float32),
            np.ascontiguousarray(held_weight.transpose(0, 2, 1), np.float32),
            np.asarray(bias.reshape(2, 1, 1, -1), np.float32),
        )

    def filtered(self, sound: Values) -> Values:
        """What the filters make of sound as it is, every ten samples, shape ((samples - 251) // 10 + 1, 80)."""
        seen = np.lib.stride_tricks.sliding_window_view(sound, TAPS)[::STRIDE]
        return np.asarray(seen @ self._bank, np.float32)

    def hidden(self, filtered: Values, windows: Values) -> Values:
        """What the last layer is given in every frame, shape (windows, frames, HIDDEN), of windows, (windows, samples),
        of which `filtered` made (windows, steps, 80)."""
        means = windows.mean(axis=1, dtype=np.float64).astype(np.float32)
        squares = np.square(windows - means[:, None]).mean(axis=1, dtype=np.float64).astype(np.float32)
        scale = (self._level / np.sqrt(squares + _TINY))[:, None, None]
        offset = (self._offset - means * scale[:, 0, 0])[:, None, None] * self._bank_sums
        # the greatest absolute value of three is that of the greatest or of the least
        highest, lowest = _pooled(filtered) * scale, _pooled(filtered, np.minimum) * scale
        highest += offset
        lowest += offset
        x = _normed(np.maximum(highest, np.negative(lowest, out=lowest), out=highest), *self._norms[0])
        for (weight, bias), norm in zip(self._convs, self._norms[1:], strict=True):
            x = _normed(_pooled(_convolved(x, weight) + bias), *norm)
        many, frames, _ = x.shape
        for layer in self._layers:
            x = self._recurrent(x, *layer)
        x = x.reshape(frames * many, 2 * _UNITS)
        x *= np.float32(0.5)
        for weight, bias in self._dense[:-1]:
            x = x @ weight
            x += bias
            np.maximum(x, np.float32(_LEAK) * x, out=x)
        return np.asarray(x.reshape(frames, many, HIDDEN).transpose(1, 0, 2))

    @property
    def last(self) -> tuple[Values, Values]:
        """The last layer: its weights, shape (HIDDEN, CLASSES), and what is added, (CLASSES,)."""
        return self._dense[-1]

    def log_odds(self, hidden: Values) -> Values:
        """What the last layer makes of it, shape (..., CLASSES), up to a constant."""
        weight, bias = self.last
        return np.asarray(hidden @ weight + bias, np.float32)

    @staticmethod
    def _recurrent(x: Values, seen: Values, held: Values, bias: Values) -> Values:
        """A layer, of (windows, frames, channels) if it is the first, else (frames, windows, channels); what it holds,
        doubled, shape (frames, windows, 2 x units)."""
        if x.shape[2] != 2 * _UNITS:
            x = x.transpose(1, 0, 2)
        frames, windows, channels = x.shape
        rows = x.reshape(-1, channels), x[::-1].reshape(-1, channels)
        both = np.empty((2, frames, windows, 4 * _UNITS), np.float32)
        for direction in range(2):
            np.matmul(rows[direction], seen[direction], out=both[direction].reshape(-1, 4 * _UNITS))
        both += bias
        out = np.empty((frames, 2, windows, _UNITS), np.float32)
        # gates as in, forget, out, new; behind them the cells
        room = np.zeros((5, 2, windows, _UNITS), np.float32)
        gates, opened, cells, outward = room[:4], room[:3], room[4], room[2]
        pair, pairs = room[:2], room[3:]
        product = np.empty((2, windows, 4 * _UNITS), np.float32)
        ordered = product.reshape(2, windows, 4, _UNITS).transpose(2, 0, 1, 3)
        mixed = np.empty((2, 2, windows, _UNITS), np.float32)
        fresh, kept = mixed
        half, one = np.float32(0.5), np.float32(1.0)
        last = np.zeros((2, windows, _UNITS), np.float32)
        matmul, add, multiply, tanh = np.matmul, np.add, np.multiply, np.tanh
        for given, now in zip(both.transpose(1, 0, 2, 3), out, strict=True):
            matmul(last, held, product)
            add(product, given, product)
            tanh(ordered, gates)
            add(opened, one, opened)
            multiply(pair, pairs, mixed)
            add(fresh, kept, cells)
            multiply(cells, half, cells)
            tanh(cells, now)
            multiply(now, outward, now)
            last = now
        joined = np.empty((frames, windows, 2, _UNITS), np.float32)
        joined[:, :, 0], joined[:, :, 1] = out[:, 0], out[::-1, 1]
        return joined.reshape(frames, windows, 2 * _UNITS)


def chances(log_odds: Values) -> Values:
    """Of log odds up to a constant, the chance of each class, (..., CLASSES)."""
    found = np.exp(log_odds - log_odds.max(axis=-1, keepdims=True))
    return np.asarray(found / found.sum(axis=-1, keepdims=True), np.float32)


def _lstms(found: Mapping[str, Values]) -> list[int]:
    """The numbers in the names of the summands of the layers, in their order; the two weights follow each."""
    summands = [name for name, v in found.items() if name.startswith("onnx::LSTM_") and v.shape == (2, 8 * _UNITS)]
    return sorted(int(name.rpartition("_")[2]) for name in summands)


def _pooled(x: Values, of_two: np.ufunc = np.maximum) -> Values:
    """The greatest of each three steps, or the least, shape (windows, steps // 3, channels)."""
    windows, steps, channels = x.shape
    parts = x[:, : steps // _POOLED * _POOLED].reshape(windows, -1, _POOLED, channels)
    found = of_two(parts[:, :, 0], parts[:, :, 1])
    return np.asarray(of_two(found, parts[:, :, 2], out=found))


def _normed(x: Values, weight: Values, bias: Values) -> Values:
    """Each channel of each window at its own mean and deviation, and then bent at zero."""
    x -= x.mean(axis=1, keepdims=True)
    squares = np.einsum("wsc,wsc->wc", x, x) / x.shape[1]
    x *= (weight / np.sqrt(squares + _TINY))[:, None]
    x += bias
    return np.asarray(np.maximum(x, np.float32(_LEAK) * x))


def _convolved(x: Values, weight: Values) -> Values:
    """Five steps at a time, shape (windows, steps - 4, 60): every fifth row begins a matrix of its own."""
    windows, steps, channels = x.shape
    out = np.empty((windows, steps - 4, weight.shape[1]), np.float32)
    for window, into in zip(x, out, strict=True):
        for phase in range(5):
            count = (steps - phase) // 5
            np.matmul(window[phase : phase + 5 * count].reshape(count, 5 * channels), weight, out=into[phase::5])
    return out
