"""Who speaks in a window, by the network segmentation-3.0 (Plaquet and Bredin 2023; MIT).

In every 17 ms of up to 10 s of sound it tells apart nobody, three local speakers, and each two of them at once.
Local speakers have no names, and are others in every window. What is told of a step of 50 ms is the mean of what its
own last layer says and of what a second one does, which was trained on talk around a table (`second_head.py`).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facilitator.backends.models import second_head
from facilitator.backends.models.segmentation_network import FILTERS, STRIDE, TAPS, Segmentation3, chances
from facilitator.hearing.signal.audio import Samples
from facilitator.hearing.signal.features import STEP
from facilitator.hearing.values import LocalWindow

FILE = "segmentation-3.0.onnx"
WINDOW_STEPS = 200
APART_STEPS = 10
"""Steps from one window to the next: 0.5 s."""
_FRAME, _CENTRE = 270, 495  # samples between frames; from the beginning to the middle of the first
_WINDOW = WINDOW_STEPS * STEP
_FILTERED = (_WINDOW - TAPS) // STRIDE + 1  # steps of the filters in a window
_MANY = 4  # windows that are computed at once, where so many end in what is fed


@cache
def _network(path: Path) -> Segmentation3:
    return Segmentation3(path)


class OnnxSegmentation:
    """One stream of sound (see the port `Segmentation`). `folder` holds the model's file. Raises ModelError."""

    name = "segmentation"

    def __init__(self, folder: Path, apart_steps: int = APART_STEPS) -> None:
        """`apart_steps`: steps from one window to the next."""
        self._network = _network(folder / FILE)
        self._apart = apart_steps
        self._sound: Samples = np.zeros(_WINDOW, np.float32)  # silence comes before the first sample
        self._filtered = np.zeros((_FILTERED, FILTERS), np.float32)  # of the last window
        self._end = 0  # sample
        self._next = apart_steps  # step at which the next window ends

    def feed(self, samples: Samples) -> list[LocalWindow]:
        self._sound = np.concatenate([self._sound, samples])
        self._end += len(samples)
        found: list[LocalWindow] = []
        while ends := range(self._next, self._end // STEP + 1, self._apart)[:_MANY]:
            pieces = [self._until(end) for end in ends]
            filtered = np.stack([self._further(piece) for piece in pieces])
            for end, told in zip(ends, self._chances(np.stack(pieces), filtered), strict=True):
                found.append(LocalWindow(first_step=end - WINDOW_STEPS, chances=told))
            self._next = ends[-1] + self._apart
        self._sound = self._sound[-(_WINDOW + self._apart * STEP) :]
        return found

    def _until(self, end_step: int) -> Samples:
        last = len(self._sound) - (self._end - end_step * STEP)
        return self._sound[last - _WINDOW : last]

    def _further(self, piece: Samples) -> NDArray[np.float32]:
        """What the filters make of the next window; they are asked only for what is new in it."""
        more = self._apart * STEP // STRIDE
        new = self._network.filtered(piece[(_FILTERED - more) * STRIDE :])
        self._filtered = np.concatenate([self._filtered[more:], new])
        return self._filtered

    def _chances(self, pieces: Samples, filtered: NDArray[np.float32]) -> NDArray[np.float16]:
        """Of some windows, shape (windows, WINDOW_STEPS, 7)."""
        hidden = by_steps(self._network.hidden(filtered, pieces))
        both = (self._network.log_odds(hidden) + second_head.log_odds(hidden)) / np.float32(2.0)
        return np.asarray(chances(both), np.float16)


def by_steps(frames: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean in each step of what is told of frames, (windows, frames, numbers), shape (windows, WINDOW_STEPS,
    numbers)."""
    step = np.clip((_CENTRE + _FRAME * np.arange(frames.shape[1])) // STEP, 0, WINDOW_STEPS - 1)
    count = np.bincount(step, minlength=WINDOW_STEPS)
    total = np.zeros((len(frames), WINDOW_STEPS, frames.shape[2]), np.float32)
    for into, each in zip(total, frames, strict=True):
        np.add.at(into, step, each)
    total[:, count == 0] = frames[:, -1:]  # behind the last frame
    return np.asarray(total / np.maximum(count, 1)[:, None], np.float32)
