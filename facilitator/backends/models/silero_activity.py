"""Speech or no speech by the Silero network (Silero Team 2021-2026; MIT), in numpy, with its weights in the package.

Of 32 ms of sound, with the 4 ms before them, four short spectra go through four convolutions into one LSTM cell, which
remembers what came before. `tools/make_vad.py` makes `silero_vad.npz` of what the publisher ships.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

import numpy as np

from facilitator.hearing.signal.audio import Samples
from facilitator.hearing.signal.vad import CHUNK, SpeechDetector
from facilitator.hearing.values import Values

FILE = "silero_vad.npz"
_BEFORE, _WINDOW, _HOP, _BINS, _UNITS = 64, 256, 128, 129, 128
_FRAMES = (_BEFORE + CHUNK + _BEFORE - _WINDOW) // _HOP + 1


@cache
def _weights() -> dict[str, Values]:
    with resources.as_file(resources.files(__package__) / FILE) as path, np.load(path, allow_pickle=False) as stored:
        return {name: np.asarray(stored[name], np.float32) for name in stored.files}


class SileroDetector:
    """One stream of sound, a chunk of 32 ms after the other."""

    def __init__(self) -> None:
        w = _weights()
        self._basis, self._taps, self._bias = (
            w["basis"],
            [w[f"taps{k}"] for k in range(4)],
            [w[f"bias{k}"] for k in range(4)],
        )
        self._cell, self._cell_bias = w["cell"], w["cell.bias"]
        self._out, self._out_bias = w["out"], float(w["out.bias"][0])
        self._sound = np.zeros(_BEFORE + CHUNK + _BEFORE, np.float32)
        self._seen = np.lib.stride_tricks.sliding_window_view(self._sound, _WINDOW)[::_HOP]
        self._spectra = np.zeros((_FRAMES + 2, _BINS), np.float32)  # a row of zeros on either side
        self._first = np.zeros((_FRAMES + 2, 128), np.float32)
        self._second = np.zeros((4, 64), np.float32)
        self._given = np.zeros(2 * _UNITS, np.float32)  # what comes in, and what is held
        self._kept = np.zeros(_UNITS, np.float32)

    def probability(self, chunk: Samples) -> float:
        """How probable it is that somebody speaks in the next CHUNK samples."""
        sound = self._sound
        sound[:_BEFORE] = sound[CHUNK : CHUNK + _BEFORE]
        sound[_BEFORE:-_BEFORE] = chunk
        sound[-_BEFORE:] = sound[-_BEFORE - 2 : -2 * _BEFORE - 2 : -1]  # mirrored
        parts = self._seen @ self._basis
        np.square(parts, out=parts)
        np.sqrt(parts[:, :_BINS] + parts[:, _BINS:], out=self._spectra[1:-1])
        rows = np.concatenate([self._spectra[:-2], self._spectra[1:-1], self._spectra[2:]], axis=1)
        np.maximum(rows @ self._taps[0] + self._bias[0], 0.0, out=self._first[1:-1])
        rows = self._first[:-1].reshape(-1)  # of four frames every second one, with one before and one behind
        pair = np.stack([rows[:384], rows[256:640]])
        np.maximum(pair @ self._taps[1] + self._bias[1], 0.0, out=self._second[1:3])
        one = np.maximum(self._second[:3].reshape(-1) @ self._taps[2] + self._bias[2], 0.0)
        np.maximum(one @ self._taps[3] + self._bias[3], 0.0, out=self._given[:_UNITS])
        gates = self._given @ self._cell + self._cell_bias  # in, forget, out: halved, so that a tangent does for them
        np.tanh(gates, out=gates)
        gates[: 3 * _UNITS] += 1.0
        gates[: 3 * _UNITS] *= 0.5
        inward, forget, outward, fresh = gates.reshape(4, _UNITS)
        self._kept *= forget
        self._kept += inward * fresh
        held = outward * np.tanh(self._kept)
        self._given[_UNITS:] = held
        odds = float(np.maximum(held, 0.0) @ self._out) + self._out_bias
        return float(1.0 / (1.0 + np.exp(-odds)))


def best_detector() -> SpeechDetector:
    return SileroDetector()
