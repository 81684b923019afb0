"""Sound at another rate: by soxr, and where there is no soxr for this computer (Windows on ARM), by numpy alone."""

from __future__ import annotations

from math import gcd
from typing import Protocol

import numpy as np

from facilitator.hearing.signal.audio import Samples

try:
    import soxr
except ImportError:  # no wheel for this computer, or one that does not load
    soxr = None

_ZEROS = 24
"""Zero crossings of the sinc on each side: with Kaiser's window below, flat to 90 % of what the lower rate can hold,
and 80 dB down beyond it."""
_BETA = 8.0
_PASS = 0.95
"""Of half the lower rate: the middle of the slope."""


class Resampler(Protocol):
    """What is cut into pieces, at another rate."""

    def resample_chunk(self, x: Samples, last: bool = False) -> Samples:
        """The next piece, of shape (frames,) or (frames, channels); more or fewer frames than the rates say, which the
        pieces after it make up for. `last`: what was held back comes, too."""
        ...


class PolyphaseResampler:
    """A windowed sinc at the positions of the new samples (J. O. Smith, "Digital Audio Resampling", 2002): each of the
    `to / gcd` phases has a row of its own."""

    def __init__(self, rate: int, to: int, channels: int) -> None:
        shared = gcd(rate, to)
        self._up, self._down = to // shared, rate // shared
        slower = min(1.0, to / rate)  # of the two rates, as a part of that which comes in
        half = int(np.ceil(_ZEROS / slower))
        at = np.arange(-half + 1, half + 1)[np.newaxis, :] - np.arange(self._up)[:, np.newaxis] / self._up
        window = np.i0(_BETA * np.sqrt(np.clip(1.0 - (at / half) ** 2, 0.0, None))) / np.i0(_BETA)
        rows = np.sinc(_PASS * slower * at) * window
        self._rows = (rows / rows.sum(axis=1, keepdims=True)).astype(np.float32)  # as loud as it was
        self._half = half
        self._kept = np.zeros((half - 1, channels), np.float32)
        self._next = 0  # the next new sample, in steps of 1 / up from the first frame that is kept
        self._taken = self._given = 0

    def resample_chunk(self, x: Samples, last: bool = False) -> Samples:
        flat = x.ndim == 1
        sound = x[:, np.newaxis] if flat else x
        self._taken += len(sound)
        self._kept = np.concatenate([self._kept, sound.astype(np.float32, copy=False)])
        if last:
            self._kept = np.concatenate([self._kept, np.zeros((self._half, self._kept.shape[1]), np.float32)])
        width = 2 * self._half
        count = max(0, ((len(self._kept) - width + 1) * self._up - self._next + self._down - 1) // self._down)
        if last:
            count = min(count, max(0, round(self._taken * self._up / self._down) - self._given))
        at = self._next + self._down * np.arange(count)
        begins, phases = at // self._up, at % self._up
        new = np.empty((count, self._kept.shape[1]), np.float32)
        for channel in range(new.shape[1]):
            around = np.lib.stride_tricks.sliding_window_view(self._kept[:, channel], width) if count else self._kept
            for phase in np.unique(phases):
                here = phases == phase
                new[here, channel] = around[begins[here]] @ self._rows[phase]
        self._given += count
        self._next += self._down * count
        over = self._next // self._up
        self._kept, self._next = self._kept[over:], self._next - over * self._up
        return new[:, 0] if flat else new


def resampler(rate: int, to: int, channels: int) -> Resampler:
    """For sound that comes piece by piece, from `rate` to `to` samples a second."""
    if soxr is None:
        return PolyphaseResampler(rate, to, channels)
    stream: Resampler = soxr.ResampleStream(rate, to, channels, dtype="float32", quality="HQ")
    return stream


def resampled(samples: Samples, rate: int, to: int) -> Samples:
    """All of a sound of one channel, from `rate` to `to` samples a second."""
    if rate == to:
        return samples
    return resampler(rate, to, 1).resample_chunk(samples.astype(np.float32, copy=False), last=True)
