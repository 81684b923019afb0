"""What a voice sounds like with no model at all: means and spreads of cepstra and pitch over a second.

It knows less than a voice encoder, and takes in what is said; over many passages that evens out.
"""

from __future__ import annotations

import numpy as np

from facilitator.hearing.signal import features
from facilitator.hearing.signal.audio import Samples
from facilitator.hearing.signal.features import HOP, Frames
from facilitator.hearing.signal.levels import loud_enough
from facilitator.hearing.speaker.gmm_voiceprints import vectors
from facilitator.hearing.values import Embedding

_SIZE, _APART = 100, 40  # frames in a window, and from one to the next: 1 s, 0.4 s
_LEVELS = 600  # frames that the level is taken from: 6 s
_SPEECH = 6.0  # a frame this far below the loud ones, in natural logarithms, is no speech
_LEAST_SPEECH = 30  # frames


class Timbre:
    """One stream of sound (see the port `VoiceEncoder`)."""

    name = "timbre"
    by_channel = False

    def __init__(self) -> None:
        self._stream = features.FrameStream()
        self._frames: Frames = np.zeros((0, features.WIDTH), np.float32)  # those that windows to come may need
        self._end = 0  # frames so far
        self._next = _SIZE  # frame at which the next window ends

    def feed(self, samples: Samples) -> list[Embedding]:
        new = self._stream.feed(samples)
        self._frames = np.concatenate([self._frames, new])
        self._end += len(new)
        found = []
        while self._next <= self._end:
            found += self._window(self._frames[: len(self._frames) - (self._end - self._next)][-_LEVELS:])
            self._next += _APART
        self._frames = self._frames[-_LEVELS - _APART :]
        return found

    def _window(self, recent: Frames) -> list[Embedding]:
        """The window at the end of `recent`, the frames that its level is judged by; none where it holds no speech."""
        level = features.mel(recent).max(axis=1)
        spoken = loud_enough(level[-_SIZE:], _SPEECH, among=level, percentile=85)
        if spoken.sum() < _LEAST_SPEECH:
            return []
        values = vectors(recent[-_SIZE:])[spoken]
        vector = np.concatenate([values.mean(axis=0), values.std(axis=0)])
        first = (self._next - _SIZE) * HOP
        return [
            Embedding(
                first_sample=first,
                end_sample=self._next * HOP,
                vector=np.asarray(vector / np.linalg.norm(vector), np.float32),
            )
        ]
