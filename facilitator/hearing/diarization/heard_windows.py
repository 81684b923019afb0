"""The windows of a segmentation as they are kept, with the voices of their local speakers; and what they say together.

Their middles weigh more than their edges.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from facilitator.hearing.speaker.local_speakers import LOCAL, speaking
from facilitator.hearing.values import Values

_LEVELS = 255.0
_ONE, _TWO = 0.6, 0.25  # chances: in a stretch of one voice somebody speaks, and two do not
_CHANGED = 4  # windows that hear another voice begin, where a stretch is cut
_SHORTEST, _USUAL = 14, 30  # steps of a stretch


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardWindow:
    """`chances` (steps, 7) in bytes; of each local speaker its `voice` (LOCAL, numbers), and how many seconds it speaks
    `alone`, and speaks at all."""

    first_step: int
    chances: NDArray[np.uint8]
    voice: NDArray[np.float16]
    alone: Values
    spoken: Values

    @property
    def last_step(self) -> int:
        return self.first_step + len(self.chances)

    @property
    def decoded(self) -> Values:
        """`chances` as they were."""
        return np.asarray(self.chances.astype(np.float32) / np.float32(_LEVELS))


def as_bytes(chances: NDArray[np.float16]) -> NDArray[np.uint8]:
    return np.asarray(np.rint(chances.astype(np.float32) * _LEVELS), np.uint8)


def around(windows: Sequence[HeardWindow], first: int, end: int) -> list[HeardWindow]:
    """Those that look at any of these steps; they come in the order of their ends."""
    found = []
    for window in reversed(windows):
        if window.last_step <= first:
            break
        if window.first_step < end:
            found.append(window)
    return found


def _summed(
    windows: Sequence[HeardWindow], first: int, end: int, width: int, told: Callable[[HeardWindow, Values], Values]
) -> tuple[Values, Values]:
    """The mean of what is `told` of a window and its chances, shape (steps, width), and how much was."""
    total, weight = np.zeros((end - first, width), np.float32), np.zeros(end - first, np.float32)
    for window in around(windows, first, end):
        begin, last = max(window.first_step, first), min(window.last_step, end)
        inside = slice(begin - window.first_step, last - window.first_step)
        near = np.hamming(len(window.chances)).astype(np.float32)[inside]
        total[begin - first : last - first] += near[:, None] * told(window, window.decoded[inside])
        weight[begin - first : last - first] += near
    return np.asarray(total / np.maximum(weight, 1e-6)[:, None], np.float32), weight


def counted(windows: Sequence[HeardWindow], first: int, end: int) -> tuple[Values, Values]:
    """The chances that anyone speaks, and that two do, shape (steps, 2), and their weight."""
    return _summed(windows, first, end, 2, lambda _, chances: _counts(chances))


def _counts(chances: Values) -> Values:
    return np.stack([1.0 - chances[:, 0], chances[:, 1 + LOCAL :].sum(axis=1)], axis=1)


def stretches(windows: Sequence[HeardWindow], since: int, seen_steps: int) -> list[tuple[int, int]]:
    """Steps (from, to) from step `since` on in which one speaks, of 0.7 to 2 s, which do not overlap."""
    first, end = max(0, since, windows[0].first_step), min(windows[-1].last_step, seen_steps)
    if end - first < _SHORTEST:
        return []
    chances, _ = counted(windows, first, end)
    alone = (chances[:, 0] > _ONE) & (chances[:, 1] < _TWO)
    changes = _changes(windows, first, end)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], alone.astype(np.int8), [0]]))).tolist()
    found = []
    for begin, last in zip(edges[::2], edges[1::2], strict=True):
        inner = np.flatnonzero(changes[begin + 1 : last - 1] >= _CHANGED) + begin + 1
        for left, right in pairwise([begin, *inner.tolist(), last]):
            pieces = np.linspace(left, right, max(1, round((right - left) / _USUAL)) + 1).astype(int).tolist()
            found += [(first + a, first + b) for a, b in pairwise(pieces) if b - a >= _SHORTEST]
    return found


def _changes(windows: Sequence[HeardWindow], first: int, end: int) -> NDArray[np.int32]:
    """In how many windows another voice, or silence, begins with each of these steps."""
    changes = np.zeros(end - first, np.int32)
    for window in windows:
        single = speaking(window.decoded)[1]
        who = np.where(single.max(axis=1) > 0.5, single.argmax(axis=1), -1)
        at = np.flatnonzero(who[1:] != who[:-1]) + 1 + window.first_step - first
        np.add.at(changes, at[(at >= 0) & (at < len(changes))], 1)
    return changes
