"""What a voice encoder hears along the session, so kept that any stretch of it can be compared with a voice.

A `FrameEncoder` looks at the sound once, and gives numbers for every 20 ms; mean and deviation of these over any
frames, of a second or of what one of three voices said within ten, become a voice. So one pass serves windows of every
length. The last seconds are kept as they are. Of what is older, one vector a step is, as whole numbers of a byte, of
which no sound can be made: 4 MB for the last quarter of an hour.
"""

from __future__ import annotations

import copy

import numpy as np
from numpy.typing import NDArray

from facilitator.hearing.interfaces import FrameEncoder
from facilitator.hearing.signal.audio import Samples
from facilitator.hearing.signal.features import STEP
from facilitator.hearing.values import Values

FRAME = 320
"""Samples of a frame of the encoder: 20 ms."""
HOP_STEPS, MOST_HOPS = 10, 16
"""The encoder is asked every half second of sound; of sound that comes faster, for up to eight seconds at once."""
BEFORE, AFTER = 8_000, 4_800
"""Samples that it is shown before those that are new, and after a frame before the frame is settled."""
AROUND = 18
"""Frames on either side of a step's middle that its vector is of: 0.74 s in all. Longer ones blur the changes of
speaker, shorter ones confuse more voices."""
_KEPT = 950  # frames, 19 s: as far as a window of the segmentation looks back that ends in what just came, and a little
_LEVELS = 127.0
_LEAST_VARIANCE = 1e-6

_Bytes = NDArray[np.int8]


def middles(first_step: int, end_step: int) -> NDArray[np.int64]:
    """The frame in the middle of each step."""
    return (np.arange(first_step, end_step) * STEP + STEP // 2) // FRAME


def pooled(encoder: FrameEncoder, frames: Values, weights: Values) -> Values:
    """Vectors of unit length from the mean and the deviation of `frames` (count, numbers), each row of `weights`
    (voices, count) saying how much every frame counts. Zeros where none does."""
    total = weights.sum(axis=1, keepdims=True)
    share = weights / np.maximum(total, 1e-6)
    mean = share @ frames
    variance = share @ np.square(frames) - np.square(mean)
    found = encoder.voices(mean, np.sqrt(np.maximum(variance, _LEAST_VARIANCE)))
    return np.where(total > 0, found, np.float32(0.0))


def _around(encoder: FrameEncoder, frames: Values, centres: NDArray[np.int64]) -> Values:
    """The vector around each of these places in `frames`."""
    if not len(centres) or not len(frames):
        return np.zeros((len(centres), 0), np.float32)
    begin = np.clip(centres - AROUND, 0, len(frames) - 1)
    end = np.clip(centres + AROUND + 1, begin + 1, len(frames))
    count = (end - begin)[:, None].astype(np.float32)
    low, high = int(begin[0]), int(end[-1])
    part = frames[low:high].astype(np.float64)
    nothing = np.zeros((1, frames.shape[1]))
    sums = np.concatenate([nothing, np.cumsum(part, axis=0)])
    squares = np.concatenate([nothing, np.cumsum(np.square(part), axis=0)])
    mean = (sums[end - low] - sums[begin - low]) / count
    variance = (squares[end - low] - squares[begin - low]) / count - np.square(mean)
    deviation = np.sqrt(np.maximum(variance, _LEAST_VARIANCE))
    return encoder.voices(mean.astype(np.float32), deviation.astype(np.float32))


def as_bytes(vectors: Values) -> _Bytes:
    """Each vector in whole numbers, its greatest as large as a byte can be."""
    most = np.maximum(np.abs(vectors).max(axis=1, keepdims=True), 1e-9)
    return np.asarray(np.rint(vectors / most * _LEVELS), np.int8)


def from_bytes(kept: _Bytes) -> Values:
    """Back again, of unit length."""
    vectors = kept.astype(np.float32)
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6), np.float32)


class VoiceTrack:
    """One stream of sound."""

    def __init__(self, encoder: FrameEncoder) -> None:
        self._encoder = encoder
        self._sound: Samples = np.zeros(0, np.float32)  # the last seconds
        self._end = 0  # samples so far
        self._looked = 0  # samples that the encoder was shown
        self._frames: Values = np.zeros((0, 0), np.float32)  # the last of them
        self._first = 0  # frame that `_frames` begins with
        self._kept: list[_Bytes] = []  # of every settled step from `_since` on
        self._since = 0
        self.settled = 0
        """Steps whose vectors change no more."""

    @property
    def seen_steps(self) -> int:
        """Steps of which the encoder has seen the whole."""
        return self._looked // STEP

    def feed(self, samples: Samples) -> None:
        """The next sound, mono."""
        self._sound = np.concatenate([self._sound, samples])
        self._end += len(samples)
        while hops := min((self._end - self._looked) // (HOP_STEPS * STEP), MOST_HOPS):
            self._look(self._looked + hops * HOP_STEPS * STEP)
        keep = self._end - self._looked + BEFORE + AFTER
        self._sound = self._sound[-keep:]

    def skip(self, samples: int) -> None:
        """So much sound is not looked at; nothing is known of its voices."""
        self._sound = np.concatenate([self._sound, np.zeros(samples, np.float32)])
        self._end += samples
        self._looked = self._end // (HOP_STEPS * STEP) * HOP_STEPS * STEP
        missing = self._looked // FRAME - self._first - len(self._frames)
        if missing > 0 and self._frames.shape[1]:
            self._frames = np.concatenate([self._frames, np.zeros((missing, self._frames.shape[1]), np.float32)])
        self._settle()

    def _look(self, end: int) -> None:
        """At the sound up to `end`: new frames, and better ones for those of which more of what follows is known."""
        begin = max(0, self._looked - BEFORE - AFTER)
        behind = self._end - len(self._sound)
        found = self._encoder.frames(self._sound[begin - behind : end - behind])
        new = max(0, self._looked - AFTER) // FRAME  # what comes before it is as good as it gets
        if not len(self._frames):
            self._frames, self._first = found[:0], new
        self._frames = np.concatenate([self._frames[: new - self._first], found[new - begin // FRAME :]])
        self._looked = end
        self._settle()

    def _settle(self) -> None:
        settled = max(self.settled, (self._looked // FRAME - AFTER // FRAME - AROUND) * FRAME // STEP - 1)
        if settled > self.settled:
            vectors = _around(self._encoder, self._frames, middles(self.settled, settled) - self._first)
            self._kept.append(as_bytes(vectors))
            self.settled = settled
        surplus = len(self._frames) - _KEPT
        if surplus > 0:
            self._frames, self._first = self._frames[surplus:], self._first + surplus

    def vectors(self, first_step: int, end_step: int) -> Values:
        """The voice around each of these steps, of unit length, shape (steps, numbers); as far as it was seen."""
        parts, at = [], self._since
        for piece in self._kept:
            if at < end_step and at + len(piece) > first_step:
                parts.append(piece[max(0, first_step - at) : end_step - at])
            at += len(piece)
        found = [from_bytes(np.concatenate(parts))] if parts else []
        begin = max(first_step, self.settled)
        if begin < end_step and len(self._frames):
            found.append(_around(self._encoder, self._frames, middles(begin, end_step) - self._first))
        return np.concatenate(found) if found else np.zeros((0, 0), np.float32)

    def let_go(self, end_step: int) -> None:
        """As for `SpeakerEvidence.let_go`."""
        while self._kept and self._since + len(self._kept[0]) <= end_step:
            self._since += len(self._kept.pop(0))

    def since(self, first_step: int) -> VoiceTrack:
        """As for `SpeakerEvidence.since`."""
        other = copy.copy(self)
        samples = first_step * STEP
        other._end, other._looked, other._first = (
            self._end - samples,
            self._looked - samples,
            self._first - samples // FRAME,
        )
        other.settled = self.settled - first_step
        other._kept, at = [], self._since
        for piece in self._kept:
            other._kept.append(piece[max(0, first_step - at) :])
            at += len(piece)
        other._since = max(0, self._since - first_step)
        return other

    def local(self, first_step: int, weights: Values) -> Values:
        """The voice of each row of `weights` (voices, steps), which says how much of the steps from `first_step` on are
        its own, as far as they lie in the last seconds; zeros where it has none, shape (voices, numbers)."""
        frames = np.arange(self._first, self._first + len(self._frames))
        steps = frames * FRAME // STEP - first_step
        inside = (steps >= 0) & (steps < weights.shape[1])
        if not inside.any():
            return np.zeros((len(weights), 0), np.float32)
        return pooled(self._encoder, self._frames[inside], weights[:, steps[inside]])
