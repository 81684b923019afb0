"""The network of the voice encoder CAM++ (Wang et al. 2023), in numpy: filter banks in, a voice out.

A front part looks at the filter banks as a picture, by ten convolutions of 3 x 3; a time-delay network of 52 densely
connected layers, each with a gate by its context, then looks along time at every second frame; mean and deviation over
the window become the voice.

So laid out that the products of large matrices, which BLAS does, are nearly all there is to do. A convolution of the
front part is one: three frames stand side by side in a row, three rows of neighbouring bands follow one another in
memory, and every third row begins a matrix of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from facilitator.backends.models.campplus_weights import (
    BANDS,
    BLOCKS,
    CHANNELS,
    GROWN,
    INNER,
    RESIDUAL,
    CampplusWeights,
)
from facilitator.hearing.values import Values

_LEAST_FRAMES = 8
"""Of 10 ms: in fewer there is no deviation over time to speak of."""
_FRONT, _BESIDE = 144, 10
"""Frames that the front part looks at in one go, as each takes 100 kB of room; and those on either side that it sees
them with, one for each of its convolutions."""


CONTEXT = 81
"""Frames of 20 ms around one that are its context, where there is no window: 1.6 s, as long as windows are."""


def _rows(bands: int) -> int:
    return -(-(bands + 2) // 6) * 6


class _Picture:
    """What a convolution of the front part is given: for every frame of every window, rows of bands with a row of
    zeros on either side, and in each row the channels of the frame before, the frame, and the frame after.

    `rows` counts the rows of a frame; a multiple of six, so that every phase of every step ends with a frame."""

    def __init__(self, room: Values, windows: int, frames: int, bands: int) -> None:
        """In `room`, which may hold anything, of as many `numbers` at least."""
        self.windows, self.frames, self.bands = windows, frames, bands
        self.rows = _rows(bands)
        self._count = windows * frames * self.rows
        self._flat = room[: self.numbers(windows, frames, bands)]
        whole = self._flat[: self._count * 3 * CHANNELS].reshape(windows, frames, self.rows, 3, CHANNELS)
        whole[:, :, 0], whole[:, :, bands + 1 :] = 0.0, 0.0
        whole[:, 0, :, 0], whole[:, -1, :, 2] = 0.0, 0.0
        self._flat[self._count * 3 * CHANNELS :] = 0.0
        self._sides = whole[:, :, 1 : bands + 1]

    @staticmethod
    def numbers(windows: int, frames: int, bands: int) -> int:
        """How much room it takes."""
        return (windows * frames * _rows(bands) + 8) * 3 * CHANNELS

    def fill(self, values: Values) -> None:
        """With values of shape (windows, frames, at least bands, channels); each frame stands beside its neighbours."""
        values = values[:, :, : self.bands]
        self._sides[:, :, :, 1] = values
        self._sides[:, 1:, :, 0] = values[:, :-1]
        self._sides[:, :-1, :, 2] = values[:, 1:]

    def convolved(self, weight: Values, bias: Values) -> Values:
        """Every band, shape (windows, frames, rows, channels); the rows behind the last band say nothing."""
        size, width = self._count // 3, 3 * CHANNELS
        out = np.empty((size, 3, CHANNELS), np.float32)
        for phase in range(3):
            given = self._flat[phase * width : (phase + 3 * size) * width].reshape(size, 3 * width)
            np.matmul(given, weight, out=out[:, phase])
        out += bias
        return out.reshape(self.windows, self.frames, self.rows, CHANNELS)

    def thinned(self, weight: Values, bias: Values) -> Values:
        """Every second band, shape (windows, frames, rows // 2, channels)."""
        size, width = self._count // 6, 3 * CHANNELS
        out = np.empty((size, 3, CHANNELS), np.float32)
        for phase in range(3):
            first = 2 * phase * width
            given = self._flat[first : first + 6 * size * width].reshape(size, 6 * width)[:, : 3 * width]
            np.matmul(given, weight, out=out[:, phase])
        out += bias
        return out.reshape(self.windows, self.frames, self.rows // 2, CHANNELS)


def _positive(values: Values) -> Values:
    return np.maximum(values, np.float32(0.0), out=values)


@cache
def _averaging(frames: int) -> Values:
    """What makes of numbers in so many frames their mean over CONTEXT frames around each, of fewer at the edges, shape
    (frames, frames). A product with it is faster than running sums, for as many frames as are looked at in one go."""
    at = np.arange(frames)
    near = np.abs(at[:, None] - at) <= CONTEXT // 2
    return np.asarray(near / near.sum(axis=1, keepdims=True), np.float32)


class Campplus:
    """Voices from filter banks. Not for several threads at once: it keeps its room for work."""

    def __init__(self, weights: CampplusWeights) -> None:
        self._w = weights
        # limits from above are for the few channels that have one
        self._high = {
            name[: -len(".high")]: np.flatnonzero(np.isfinite(values))
            for name, values in weights.items()
            if name.endswith(".high")
        }
        self._room: Values = np.empty(0, np.float32)

    def voices(self, frames: Values, lasts: Sequence[int]) -> list[Values]:
        """Vectors of unit length, shape (windows, 192), from windows of filter banks less their own mean, shape
        (windows, frames, 80), of 2 s at most: for each of `lasts`, of so many frames at the end of the windows."""
        windows, count, bands = frames.shape
        if bands != BANDS or not windows or not _LEAST_FRAMES <= count <= 200:
            raise ValueError(f"{windows} windows of {count} frames of {bands} bands")
        along = self._seen(np.asarray(frames, np.float32))
        for number in range(len(BLOCKS)):
            along = self._block(along, number)
        np.maximum(along, 0.0, out=along)
        return [self._pooled(along[:, -max(2, (last + 1) // 2) :]) for last in lasts]

    def along(self, frames: Values) -> Values:
        """What is pooled over time to a voice, for every second frame of filter banks less the mean of what is around
        them, shape (frames, 80): shape (frames / 2, 512). The context of a frame is CONTEXT around it, as it would be
        in a window of that length."""
        found = self._seen(np.asarray(frames, np.float32)[None])
        for number in range(len(BLOCKS)):
            found = self._block(found, number, sliding=True)
        return np.asarray(np.maximum(found[0], 0.0))

    def _pooled(self, along: Values) -> Values:
        mean = along.mean(axis=1)
        spread = along - mean[:, None]
        deviation = np.sqrt(np.square(spread, out=spread).sum(axis=1) / (along.shape[1] - 1))
        return self.pooled(mean, deviation)

    def pooled(self, mean: Values, deviation: Values) -> Values:
        """Vectors of unit length from the mean and the deviation of `along` over any frames, shape (voices, 512)."""
        raw = np.concatenate([mean, deviation], axis=1) @ self._w["voice"] + self._w["voice.bias"]
        return np.asarray(raw / np.maximum(np.linalg.norm(raw, axis=1, keepdims=True), 1e-9), np.float32)

    def _seen(self, frames: Values) -> Values:
        """Both parts before the blocks. The front part has forgotten what is further away than `_BESIDE`, so pieces of
        a window give what the whole would."""
        count, pieces = frames.shape[1], []
        for first in range(0, count, _FRONT):
            begin = max(0, first - _BESIDE)
            front = self._front(frames[:, begin : first + _FRONT + _BESIDE])
            pieces.append(front[:, first - begin : first - begin + _FRONT])
        return self._along(np.concatenate(pieces, axis=1))

    def _picture(self, windows: int, frames: int, bands: int) -> _Picture:
        """In the one room for all: the picture before is done with."""
        wanted = _Picture.numbers(windows, frames, bands)
        if len(self._room) < wanted:
            self._room = np.empty(wanted, np.float32)
        return _Picture(self._room, windows, frames, bands)

    def _front(self, frames: Values) -> Values:
        """Shape (windows, frames, bands // 8, channels)."""
        windows, count, bands = frames.shape
        w = self._w
        seen = np.empty((9, windows, count, bands), np.float32)
        edged = np.pad(frames, ((0, 0), (1, 1), (1, 1)))
        for band in range(3):
            for frame in range(3):
                seen[3 * band + frame] = edged[:, frame : frame + count, band : band + bands]
        values = (seen.reshape(9, -1).T @ w["first"] + w["first.bias"]).reshape(windows, count, bands, CHANNELS)
        _positive(values)
        for name, thins in RESIDUAL:
            picture = self._picture(windows, count, bands)
            picture.fill(values)
            inner, beside = w[f"{name}.a"], values[:, :, :bands]
            if thins > 1:
                beside = np.ascontiguousarray(beside[:, :, ::thins]).reshape(-1, CHANNELS) @ w[f"{name}.short"]
                bands //= thins
                beside = beside.reshape(windows, count, bands, CHANNELS)
                values = picture.thinned(inner, w[f"{name}.a.bias"])
                picture = self._picture(windows, count, bands)
            else:
                values = picture.convolved(inner, w[f"{name}.a.bias"])
            picture.fill(_positive(values))
            values = picture.convolved(w[f"{name}.b"], w[f"{name}.b.bias"])
            values[:, :, :bands] += beside
            _positive(values)
        picture.fill(values)
        return _positive(picture.thinned(w["last"], w["last.bias"]))[:, :, : bands // 2]

    def _along(self, front: Values) -> Values:
        """Every second frame, seen with two on either side, shape (windows, frames / 2, channels)."""
        windows, count, bands, channels = front.shape
        edged = np.zeros((windows, count + 4, bands * channels), np.float32)
        edged[:, 2:-2] = front.reshape(windows, count, -1)
        frames = (count - 1) // 2 + 1
        seen = np.lib.stride_tricks.sliding_window_view(edged, 5, axis=1)[:, ::2][:, :frames]
        rows = np.ascontiguousarray(seen.transpose(0, 1, 3, 2)).reshape(windows * frames, -1)
        out = _positive(rows @ self._w["along"] + self._w["along.bias"])
        return np.asarray(out.reshape(windows, frames, INNER))

    def _block(self, given: Values, number: int, *, sliding: bool = False) -> Values:
        """One of the three dense blocks, and the layer that halves its channels."""
        layers, apart, width = BLOCKS[number]
        windows, frames, _ = given.shape
        rows, w = windows * frames, self._w
        grown = np.empty((rows, width + layers * GROWN), np.float32)
        grown[:, :width] = given.reshape(rows, width)
        room = np.empty(rows * grown.shape[1], np.float32)
        inner = np.empty((rows, INNER), np.float32)
        taps = np.zeros((windows, frames, 3, INNER), np.float32)
        middle = taps[:, :, 1]
        for layer in range(layers):
            name, seen = f"{number}.{layer}", width + layer * GROWN
            given = self._limited(grown[:, :seen], name, room[: rows * seen].reshape(rows, seen))
            np.matmul(given, w[f"{name}.in"], out=inner)
            inner += w[f"{name}.in.bias"]
            np.maximum(inner.reshape(windows, frames, INNER), 0.0, out=middle)
            taps[:, apart:, 0] = middle[:, :-apart]
            taps[:, :-apart, 2] = middle[:, apart:]
            local = taps.reshape(rows, 3 * INNER) @ w[f"{name}.local"]
            context = _averaging(frames) @ middle if sliding else middle.mean(axis=1, keepdims=True)
            gate = np.maximum(context @ w[f"{name}.gate"] + w[f"{name}.gate.bias"], 0.0)
            gate = 1.0 / (1.0 + np.exp(-(gate @ w[f"{name}.open"] + w[f"{name}.open.bias"])))
            new = local.reshape(windows, frames, GROWN)
            new *= gate
            grown[:, seen : seen + GROWN] = local
        out = self._limited(grown, str(number), room.reshape(grown.shape)) @ w[f"{number}.out"]
        out += w[f"{number}.out.bias"]
        return np.asarray(out.reshape(windows, frames, -1))

    def _limited(self, values: Values, name: str, room: Values) -> Values:
        np.maximum(values, self._w[f"{name}.low"], out=room)
        if len(few := self._high[name]):
            room[:, few] = np.minimum(values[:, few], self._w[f"{name}.high"][few])
        return room
