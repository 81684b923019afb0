"""Channels of opposite sign: a swapped wire, an "ambience" setting, the array of some laptops. Their mean, which most
of the hearing works on, is silence, though each alone is loud and clear. Here such channels are turned round.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facilitator.hearing.signal.audio import RATE, Samples

TURNED = "The channels of {name} are opposite in sign (a wire may be swapped): one is turned round, so both are heard."
_MEMORY_S = 10.0
_GAIN = 4.0
"""So much more power (6 dB) the mean of the channels must have with other signs, before these are taken."""


class Polarity:
    """The signs under which channels add up, followed as sound goes on.

    The best signs are those of the leading eigenvector of the channels' covariance: the direction in which what they
    have in common is strongest. Blocks are weighted by their power and forgotten over ten seconds, so that silence and
    the noise of a preamplifier, which differs from channel to channel, change nothing."""

    def __init__(self, channels: int) -> None:
        self.signs: NDArray[np.float32] = np.ones(channels, np.float32)
        self._common = np.zeros((channels, channels))

    def apply(self, samples: Samples) -> Samples:
        """The block (frames, channels), with the signs that are best by now."""
        if samples.shape[1] < 2 or not len(samples):
            return samples
        block = samples.astype(np.float64)
        self._common = np.exp(-len(samples) / (_MEMORY_S * RATE)) * self._common + block.T @ block
        plain = float(self.signs @ self._common @ self.signs)
        if self._cancels(plain):
            best = self._best()
            if float(best @ self._common @ best) > _GAIN * plain:
                self.signs = best
        return samples * self.signs if (self.signs < 0).any() else samples

    def _cancels(self, plain: float) -> bool:
        """Whether the sum of the channels is so weak that other signs could be better: a cheap look before the dear
        one. With equal powers and nothing in common it is the sum of the powers."""
        return plain < 0.5 * float(np.trace(self._common))

    def _best(self) -> NDArray[np.float32]:
        leading = np.linalg.eigh(self._common)[1][:, -1]
        leading = leading if leading[int(np.abs(leading).argmax())] > 0 else -leading
        signs = np.where(leading < -0.1 * np.abs(leading).max(), -1.0, 1.0).astype(np.float32)
        return signs if signs[0] > 0 or (signs > 0).sum() > len(signs) / 2 else -signs
