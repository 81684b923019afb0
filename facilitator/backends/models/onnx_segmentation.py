"""Who speaks in a window, by the network segmentation-3.0 (Plaquet and Bredin 2023; MIT).

In every 17 ms of up to 10 s of sound it tells apart nobody, three local speakers, and each two of them at once.
Local speakers have no names, and are others in every window.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facilitator.backends.models.segmentation_network import FILTERS, STRIDE, TAPS, Segmentation3
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
_MORE = APART_STEPS * STEP // STRIDE  # and from one window to the next


@cache
def _network(path: Path) -> Segmentation3:
    return Segmentation3(path)


class OnnxSegmentation:
    """One stream of sound (see the port `Segmentation`). `folder` holds the model's file. Raises ModelError."""

    name = "segmentation"

    def __init__(self, folder: Path) -> None:
        self._network = _network(folder / FILE)
        self._sound: Samples = np.zeros(_WINDOW, np.float32)  # silence comes before the first sample
        self._filtered = np.zeros((_FILTERED, FILTERS), np.float32)  # of the last window
        self._end = 0  # sample
        self._next = APART_STEPS  # step at which the next window ends

    def feed(self, samples: Samples) -> list[LocalWindow]:
        self._sound = np.concatenate([self._sound, samples])
        self._end += len(samples)
        found = []
        while self._next * STEP <= self._end:
            behind = self._end - self._next * STEP
            last = len(self._sound) - behind
            piece = self._sound[last - _WINDOW : last]
            self._filtered[:-_MORE] = self._filtered[_MORE:]
            self._filtered[-_MORE:] = self._network.filtered(piece[(_FILTERED - _MORE) * STRIDE :])
            chances = self._by_steps(piece, self._filtered)
            found.append(LocalWindow(first_step=self._next - WINDOW_STEPS, chances=chances))
            self._next += APART_STEPS
        self._sound = self._sound[-(_WINDOW + APART_STEPS * STEP) :]
        return found

    def window(self, piece: Samples) -> NDArray[np.float16]:
        """The chances in a window by itself, shape (WINDOW_STEPS, 7)."""
        return self._by_steps(piece, self._network.filtered(piece))

    def _by_steps(self, piece: Samples, filtered: NDArray[np.float32]) -> NDArray[np.float16]:
        mean = piece.mean(dtype=np.float64)
        squares = np.square(piece - np.float32(mean)).mean(dtype=np.float64)
        logs = self._network.log_chances(filtered[None], np.full(1, mean, np.float32), np.full(1, squares, np.float32))
        frames = np.exp(logs[0])
        step = np.clip((_CENTRE + _FRAME * np.arange(len(frames))) // STEP, 0, WINDOW_STEPS - 1)
        count = np.bincount(step, minlength=WINDOW_STEPS)
        total = np.zeros((WINDOW_STEPS, frames.shape[1]), np.float32)
        np.add.at(total, step, frames)
        total[count == 0] = frames[-1]  # behind the last frame
        return np.asarray(total / np.maximum(count, 1)[:, None], np.float16)
