"""The frames that the pass over the whole needs, as half-precision numbers, and no longer than it needs them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facilitator.hearing.signal.features import FRAMES_A_STEP, WIDTH, Frames

_JOINED = 100
"""Steps of small pieces that become one of 5 s."""

_Half = NDArray[np.float16]


class KeptFrames:
    """Steps are counted from the session's first, also when earlier ones are no longer there."""

    def __init__(self) -> None:
        self.first_step = self.end_step = 0
        """What there is: from the one up to the other."""
        self._pieces: list[_Half] = []
        self._small: list[_Half] = []

    def add(self, frames: Frames) -> None:
        """The frames of the next whole steps."""
        self._small.append(frames.astype(np.float16))
        self.end_step += len(frames) // FRAMES_A_STEP
        if sum(map(len, self._small)) >= _JOINED * FRAMES_A_STEP:
            self._pieces.append(np.concatenate(self._small))
            self._small = []

    def part(self, first_step: int, end_step: int) -> Frames:
        """The frames of these steps, as far as they are there."""
        wanted: list[_Half] = [np.zeros((0, WIDTH), np.float16)]
        at = self.first_step
        for piece in (*self._pieces, *self._small):
            after = at + len(piece) // FRAMES_A_STEP
            if after > first_step and at < end_step:
                wanted.append(piece[max(0, first_step - at) * FRAMES_A_STEP : (end_step - at) * FRAMES_A_STEP])
            at = after
        return np.concatenate(wanted).astype(np.float32)

    def let_go(self, end_step: int) -> None:
        """What comes before this step is not needed any more; some of it may stay a while."""
        while self._pieces and self.first_step + len(self._pieces[0]) // FRAMES_A_STEP <= end_step:
            self.first_step += len(self._pieces.pop(0)) // FRAMES_A_STEP

    def since(self, first_step: int) -> KeptFrames:
        """A copy that begins with this step, and calls it the first. It shares the numbers."""
        other, at = KeptFrames(), self.first_step
        for piece in (*self._pieces, *self._small):
            other._pieces.append(piece[max(0, first_step - at) * FRAMES_A_STEP :])
            at += len(piece) // FRAMES_A_STEP
        other.end_step = self.end_step - first_step
        return other
