"""Where one voice is heard alone: what a segmentation says of it, or, where there is none, the pauses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from facilitator.hearing.signal.features import STEP
from facilitator.hearing.speaker.local_speakers import LOCAL
from facilitator.hearing.values import LocalWindow, Values

LEAST = 16
"""Steps of a passage at least: 0.8 s."""

_ONE = 0.6  # a step is one voice's own when this is likelier
_SAME = 0.6  # and goes on with the passage when it is this likely the same voice
_AROUND = 3  # steps before and after, in which the voices are compared
_BRIDGE = 4  # steps that a passage may pause, where there is a segmentation
_PAUSE = 4  # steps of silence after which anyone may go on, where there is none
SHORT_WORDS = 16
"""Steps that a passage may pause, where there are only words too short for a passage of their own: 0.8 s."""
_LONGEST = 60  # steps of a passage then, since who goes on without a pause is not heard


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Passage:
    """One voice is heard alone from `first_sample` up to `end_sample`, as far as is known."""

    first_sample: int
    end_sample: int

    @property
    def size(self) -> int:
        return self.end_sample - self.first_sample


def by_segmentation(windows: Sequence[LocalWindow], steps: int, bridge: int = _BRIDGE) -> list[Passage]:
    """Passages of the first `steps`, from all windows that look at them; their middles weigh more than their edges.
    `bridge`: steps that a passage may pause."""
    one, weight, same, both = np.zeros((4, steps))
    for window in windows:
        size = len(window.chances)
        begin, end = max(0, window.first_step), min(window.last_step, steps)
        if begin >= end:
            continue
        there, here = slice(begin, end), slice(begin - window.first_step, end - window.first_step)
        alone = window.chances[:, 1 : 1 + LOCAL].astype(float)
        near = 1.1 - np.abs(np.arange(size) + 0.5 - size / 2) / (size / 2)
        total = np.concatenate([np.zeros((1, LOCAL)), np.cumsum(alone, axis=0)])
        at = np.arange(size)
        before = total[at] - total[np.maximum(at - _AROUND, 0)]
        after = total[np.minimum(at + _AROUND, size)] - total[at]
        one[there] += (near * alone.sum(axis=1))[here]
        weight[there] += near[here]
        same[there] += (near * (before * after).sum(axis=1))[here]
        both[there] += (near * before.sum(axis=1) * after.sum(axis=1))[here]
    unbroken = same >= _SAME * both
    found: list[list[int]] = []
    for step in np.flatnonzero(one > _ONE * np.maximum(weight, 1e-6)).tolist():
        goes_on = found and step - found[-1][1] <= bridge and unbroken[found[-1][1] : step + 1].all()
        if goes_on:
            found[-1][1] = step + 1
        else:
            found.append([step, step + 1])
    return _passages(found)


def by_pauses(speech: Values, pause: int = _PAUSE) -> list[Passage]:
    """Passages from the log odds of speech in each step; long ones are cut, as their speaker may change. `pause`: steps
    of silence after which anyone may go on."""
    runs: list[list[int]] = []
    for step in np.flatnonzero(speech > 0.0).tolist():
        if runs and step - runs[-1][1] < pause:
            runs[-1][1] = step + 1
        else:
            runs.append([step, step + 1])
    found = []
    for begin, end in runs:
        edges = np.linspace(begin, end, -(-(end - begin) // _LONGEST) + 1).astype(int).tolist()
        found += [[a, b] for a, b in pairwise(edges)]
    return _passages(found)


def _passages(runs: Sequence[Sequence[int]]) -> list[Passage]:
    return [Passage(first_sample=begin * STEP, end_sample=end * STEP) for begin, end in runs if end - begin >= LEAST]
