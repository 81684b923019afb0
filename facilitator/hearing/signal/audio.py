"""Sound as the rest of the program knows it: 16 kHz, float32 in -1..1, counted in samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
Samples = NDArray[np.float32]


def to_ms(samples: int) -> int:
    """Session time of a sample number, in whole milliseconds. Never add rounded durations: convert sums."""
    return samples * 1000 // RATE


def mono(samples: Samples) -> Samples:
    """The mean of the channels of (frames, channels), shape (frames,); mono sound as it is."""
    if samples.ndim == 1:
        return samples
    if samples.shape[1] == 1:
        return np.asarray(samples[:, 0])
    return np.asarray(samples.mean(axis=1, dtype=np.float32))


def levels_db(pieces: Samples) -> NDArray[np.float64]:
    """How loud each of these pieces is, in dB below full scale, shape (pieces,), given (pieces, samples); -120 at the
    least."""
    return np.asarray(10.0 * np.log10(np.square(pieces, dtype=np.float64).mean(axis=1) + 1e-12))


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A piece of sound. `samples` has the shape (frames, channels).

    Blocks follow each other without gap or overlap: `first_sample` of one is `first_sample` plus
    frames of the one before. Samples that were lost keep their place: `lost` marks zeros that stand
    for them."""

    first_sample: int
    samples: Samples
    lost: bool = False

    @property
    def end_sample(self) -> int:
        return self.first_sample + len(self.samples)

    @property
    def end_ms(self) -> int:
        return to_ms(self.end_sample)

    def mono(self) -> Samples:
        """The mean of the channels, shape (frames,)."""
        return mono(self.samples)
