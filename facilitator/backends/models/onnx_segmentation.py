"""Who speaks in a window, by the network segmentation-3.0 (Plaquet and Bredin 2023; MIT) in ONNX Runtime.

In every 17 ms of up to 10 s of sound it tells apart nobody, three local speakers, and each two of them at once.
Local speakers have no names, and are others in every window.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facilitator.errors import ModelError
from facilitator.hearing.signal.audio import Samples
from facilitator.hearing.signal.features import STEP
from facilitator.hearing.values import LocalWindow

FILE = "segmentation-3.0.onnx"
WINDOW_STEPS = 200
APART_STEPS = 10
"""Steps from one window to the next: 0.5 s."""
_FRAME, _CENTRE = 270, 495  # samples between frames; from the beginning to the middle of the first


class OnnxSegmentation:
    """One stream of sound (see the port `Segmentation`). `folder` holds the model's file. Raises ModelError."""

    name = "segmentation"

    def __init__(self, folder: Path) -> None:
        import onnxruntime  # noqa: PLC0415 - takes a while

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        path = folder / FILE
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # the engine raises classes of its own
            raise ModelError(f"The model file {path} cannot be used: {error}") from error
        self._input = self._session.get_inputs()[0].name
        self._sound: Samples = np.zeros(WINDOW_STEPS * STEP, np.float32)  # silence comes before the first sample
        self._end = 0  # sample
        self._next = APART_STEPS  # step at which the next window ends

    def feed(self, samples: Samples) -> list[LocalWindow]:
        self._sound = np.concatenate([self._sound, samples])
        self._end += len(samples)
        found = []
        while self._next * STEP <= self._end:
            behind = self._end - self._next * STEP
            last = len(self._sound) - behind
            piece = self._sound[last - WINDOW_STEPS * STEP : last]
            found.append(LocalWindow(first_step=self._next - WINDOW_STEPS, chances=self._chances(piece)))
            self._next += APART_STEPS
        self._sound = self._sound[-(WINDOW_STEPS + APART_STEPS) * STEP :]
        return found

    def _chances(self, piece: Samples) -> NDArray[np.float16]:
        (logs,) = self._session.run(None, {self._input: piece[None, None]})
        frames = np.exp(logs[0])
        step = np.clip((_CENTRE + _FRAME * np.arange(len(frames))) // STEP, 0, WINDOW_STEPS - 1)
        count = np.bincount(step, minlength=WINDOW_STEPS)
        total = np.zeros((WINDOW_STEPS, frames.shape[1]), np.float32)
        np.add.at(total, step, frames)
        total[count == 0] = frames[-1]  # behind the last frame
        return np.asarray(total / np.maximum(count, 1)[:, None], np.float16)
