"""Filter banks as Kaldi computes them, without dither: what voice encoders trained with it want to be given."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facilitator.hearing.signal.audio import RATE, Samples
from facilitator.hearing.values import Values

WINDOW, HOP, BANDS = 400, 160, 80
_BINS = 512
_LOWEST_HZ = 20.0
_FULL_SCALE = 32768.0
_FLOOR = float(np.finfo(np.float32).eps)
_EMPHASIS = 0.97


def _filters() -> Values:
    """Triangles of equal height, evenly spaced in mel, shape (bins, bands)."""

    def mel(hz: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(1127.0 * np.log(1.0 + hz / 700.0))

    lowest, highest = mel(np.array([_LOWEST_HZ, RATE / 2]))
    apart = (highest - lowest) / (BANDS + 1)
    left = lowest + np.arange(BANDS) * apart
    bins = mel(np.arange(_BINS // 2 + 1) * RATE / _BINS)[:, None]
    found = np.maximum(0.0, np.minimum((bins - left) / apart, (left + 2.0 * apart - bins) / apart))
    found[-1] = 0.0  # Kaldi leaves the highest bin out
    return np.asarray(found, np.float32)


_FILTERS = _filters()
_POVEY = (np.hanning(WINDOW) ** 0.85).astype(np.float32)


def bands(sound: Samples) -> tuple[Values, Values]:
    """Of every frame of 25 ms that lies whole in `sound` (16 kHz), one each 10 ms: the logarithm of the power in each
    band, shape (frames, 80), and its mean power, where full scale is 1, shape (frames,)."""
    frames = np.lib.stride_tricks.sliding_window_view(sound, WINDOW)[::HOP] * np.float32(_FULL_SCALE)
    frames = frames - frames.mean(axis=1, keepdims=True)
    power = np.square(frames).mean(axis=1) / np.float32(_FULL_SCALE**2)
    frames[:, 1:] -= np.float32(_EMPHASIS) * frames[:, :-1].copy()
    frames[:, 0] *= np.float32(1.0 - _EMPHASIS)
    spectrum = np.fft.rfft(frames * _POVEY, _BINS, axis=1)
    found = (spectrum.real**2 + spectrum.imag**2).astype(np.float32) @ _FILTERS
    return np.log(np.maximum(found, _FLOOR)), power
