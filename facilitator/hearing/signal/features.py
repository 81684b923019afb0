"""What a voice sounds like, 100 times a second: a mel spectrum and a pitchgram.

This is all that is kept of the sound, and nothing can be played back from it: 40 logarithmic band
energies and 32 strengths of periodicity every 10 ms, as half-precision numbers, of the last quarter of an hour 13 MB.
Frame `k` is centred on sample `160 k + 80`, whatever the window.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facilitator.hearing.signal.audio import RATE, Samples

HOP = 160
"""Samples from one frame to the next: 10 ms."""
BANDS = 40
LAGS = 32
WIDTH = BANDS + LAGS
"""Numbers in a frame: mel bands, then pitchgram."""
FRAME_MS = 1000 * HOP // RATE
FRAMES_A_STEP = 5
STEP_MS = FRAMES_A_STEP * FRAME_MS
"""The decoder's step."""
STEP = FRAMES_A_STEP * HOP
"""The same in samples."""

_MEL_WINDOW, _MEL_FFT = 400, 512
_PITCH_WINDOW, _PITCH_FFT = 640, 1024
_LOW_HZ, _HIGH_HZ = 60.0, 7600.0
_PITCH_LOW_HZ, _PITCH_HIGH_HZ = 70.0, 420.0
_PITCH_BINS = slice(3, 260)  # 47 Hz to 4 kHz: where voices have harmonics
_FLOOR = 1e-8
_MANY = 1000  # frames worked on at a time, so that a long piece needs little memory
_BEFORE = _PITCH_WINDOW // 2 - HOP // 2
_AFTER = _PITCH_WINDOW - _BEFORE

Frames = NDArray[np.float32]


def _filters() -> Frames:
    """Triangles, equally wide on the mel scale, shape (bins, bands)."""
    low, high = (2595.0 * np.log10(1.0 + hz / 700.0) for hz in (_LOW_HZ, _HIGH_HZ))
    edges = 700.0 * (10.0 ** (np.linspace(low, high, BANDS + 2) / 2595.0) - 1.0)
    bins = np.fft.rfftfreq(_MEL_FFT, 1.0 / RATE)[:, None]
    up = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    down = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return np.maximum(0.0, np.minimum(up, down)).astype(np.float32)


def _hann(size: int) -> Frames:
    return np.hanning(size + 1)[:size].astype(np.float32)


_FILTERS = _filters()
_MEL_HANN, _PITCH_HANN = _hann(_MEL_WINDOW), _hann(_PITCH_WINDOW)
_LAG = RATE / np.geomspace(_PITCH_LOW_HZ, _PITCH_HIGH_HZ, LAGS)
_LAG_BELOW = np.floor(_LAG).astype(np.int64)
_LAG_REST = (_LAG - _LAG_BELOW).astype(np.float32)


def _mel(windows: Frames) -> Frames:
    spectrum = np.fft.rfft(windows * _MEL_HANN, _MEL_FFT, axis=1)
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    return np.asarray(np.log(power @ _FILTERS + _FLOOR), np.float32)


def _pitch(windows: Frames) -> Frames:
    """Autocorrelation of the sound with its spectrum flattened by a square root, so that formants weigh
    less, at lags from 70 to 420 Hz, as a part of that at lag 0."""
    spectrum = np.fft.rfft(windows * _PITCH_HANN, _PITCH_FFT, axis=1)
    kept = np.zeros(spectrum.shape, np.float32)
    kept[:, _PITCH_BINS] = np.abs(spectrum[:, _PITCH_BINS])
    turned = np.fft.irfft(kept, axis=1)
    at_lags = turned[:, _LAG_BELOW] * (1 - _LAG_REST) + turned[:, _LAG_BELOW + 1] * _LAG_REST
    return np.asarray(at_lags / (turned[:, :1] + 1e-9), np.float32)


def _frames(padded: Samples, count: int) -> Frames:
    """`count` frames of sound that begins `_BEFORE` samples before the first one's hop."""
    out = np.empty((count, WIDTH), np.float32)
    skip = (_PITCH_WINDOW - _MEL_WINDOW) // 2
    for first in range(0, count, _MANY):
        last = min(count, first + _MANY)
        piece = padded[first * HOP : (last - 1) * HOP + _PITCH_WINDOW]
        windows = np.lib.stride_tricks.sliding_window_view(piece, _PITCH_WINDOW)[::HOP]
        out[first:last, :BANDS] = _mel(windows[:, skip : skip + _MEL_WINDOW])
        out[first:last, BANDS:] = _pitch(windows)
    return out


def frames(samples: Samples) -> Frames:
    """The frames of all whole 10 ms of a piece of sound, silence around it, shape (frames, WIDTH)."""
    silence = np.zeros(_PITCH_WINDOW, np.float32)
    return _frames(np.concatenate([silence[:_BEFORE], samples, silence]), len(samples) // HOP)


class FrameStream:
    """Sound in pieces of any length -> the frames that each piece completes, 25 ms behind it."""

    def __init__(self) -> None:
        self._kept: Samples = np.zeros(_BEFORE, np.float32)

    def feed(self, samples: Samples) -> Frames:
        """Shape (frames, WIDTH)."""
        sound = np.concatenate([self._kept, samples])
        count = max(0, 1 + (len(sound) - _PITCH_WINDOW) // HOP)
        done = _frames(sound, count)
        self._kept = sound[count * HOP :]
        return done


def mel(values: Frames) -> Frames:
    return values[:, :BANDS]


def _dct(orders: int) -> Frames:
    """Cosine transform without its first row (the level), shape (BANDS, orders)."""
    k = np.arange(1, orders + 1)
    n = np.arange(BANDS)[:, None]
    return np.asarray(np.sqrt(2.0 / BANDS) * np.cos(np.pi * k * (n + 0.5) / BANDS), np.float32)


CEPSTRA = 20
_DCT = _dct(CEPSTRA)


def cepstra(bands: Frames) -> Frames:
    """Mel-frequency cepstra 1 to CEPSTRA: the shape of the spectrum without its level, (frames, CEPSTRA)."""
    return np.asarray(bands @ _DCT, np.float32)


def deltas(values: Frames, reach: int = 2) -> Frames:
    """Slope over `2 * reach + 1` frames (the usual regression formula), same shape as `values`."""
    count = len(values)
    if count == 0:
        return values
    padded = np.concatenate([np.repeat(values[:1], reach, 0), values, np.repeat(values[-1:], reach, 0)])
    total = np.zeros_like(values)
    for k in range(1, reach + 1):
        total += k * (padded[reach + k : reach + k + count] - padded[reach - k : reach - k + count])
    return np.asarray(total / (2.0 * sum(k * k for k in range(1, reach + 1))), np.float32)
