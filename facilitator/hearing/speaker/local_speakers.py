"""Names for the local speakers of a segmentation.

A segmentation says, of some seconds, where one, two or none of up to three voices speak, but not whose they are.
Where a local speaker is alone, other evidence says who it sounds like; summed over the window, that gives it its
name, and the name then holds also where two speak at once. No two local speakers of a window are the same person.
What overlapping windows say of a step is averaged.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from facilitator.hearing.values import LocalWindow, Values

LOCAL = 3
PAIRS = ((0, 1), (0, 2), (1, 2))
_GUEST = -2.0  # log odds of a local speaker being a guest, before anything is known of its voice
_TEMPER = 0.5  # of the evidence: neighbouring steps say nearly the same


def speaking(chances: Values) -> tuple[Values, Values]:
    """How probably each local speaker speaks in each step, and speaks alone, shape (steps, LOCAL) each, from the
    chances of a window, shape (steps, 7)."""
    alone = chances[:, 1 : 1 + LOCAL]
    active = alone.copy()
    for pair, (a, b) in enumerate(PAIRS):
        active[:, a] += chances[:, 1 + LOCAL + pair]
        active[:, b] += chances[:, 1 + LOCAL + pair]
    return active, alone


@cache
def _assignments(people: int) -> NDArray[np.int64]:
    """Every way to name the local speakers, `people` being a guest, shape (ways, LOCAL)."""
    ways = [
        way
        for way in product(range(people + 1), repeat=LOCAL)
        if len({k for k in way if k < people}) == sum(k < people for k in way)
    ]
    return np.array(ways)


def named(window: LocalWindow, identity: Values, first_step: int) -> Values:
    """What a window says once its local speakers have names, shape (steps, people + 3): how probably each person
    speaks, and a guest; then that anyone does, and that two do.

    `identity` (steps, people) is the evidence, a log-likelihood ratio a step, from the step `first_step` on; steps
    of the window that it does not reach say nothing of who speaks."""
    people = identity.shape[1]
    chances = window.chances.astype(np.float32)
    active, alone = speaking(chances)
    pairs = chances[:, 1 + LOCAL :]
    begin, end = max(window.first_step, first_step), min(window.last_step, first_step + len(identity))
    support = np.zeros((LOCAL, people + 1), np.float32)
    if begin < end:
        sure = np.where(alone > 0.5, alone, 0.0)[begin - window.first_step : end - window.first_step]
        support[:, :people] = _TEMPER * (sure.T @ identity[begin - first_step : end - first_step])
    support[:, people] = _GUEST
    ways = _assignments(people)
    score = support[np.arange(LOCAL), ways].sum(axis=1)
    chance = np.exp(score - score.max())
    chance /= chance.sum()
    names = np.zeros((LOCAL, people + 1), np.float32)
    for local in range(LOCAL):
        names[local] = np.bincount(ways[:, local], weights=chance, minlength=people + 1)
    two = pairs.sum(axis=1)
    told = np.concatenate([np.minimum(1.0, active @ names), (1.0 - chances[:, :1]), two[:, None]], axis=1)
    return np.asarray(told, np.float32)


def since(windows: Sequence[LocalWindow], first_step: int) -> list[LocalWindow]:
    """Those that look at this step or later ones, counted from it."""
    return [
        LocalWindow(first_step=window.first_step - first_step, chances=window.chances)
        for window in windows
        if window.last_step > first_step
    ]


def averaged(windows: list[LocalWindow], identity: Values, first_step: int, steps: int) -> Values:
    """What all windows say of the steps from `first_step` on, shape (steps, people + 3); their middles weigh more
    than their edges. Zeros where there is no window."""
    total = np.zeros((steps, identity.shape[1] + 3), np.float32)
    weight = np.zeros((steps, 1), np.float32)
    for window in windows:
        begin, end = max(window.first_step, first_step), min(window.last_step, first_step + steps)
        if begin >= end:
            continue
        size = len(window.chances)
        near = 1.1 - np.abs(np.arange(begin, end) + 0.5 - window.first_step - size / 2) / (size / 2)
        told = named(window, identity, first_step)[begin - window.first_step : end - window.first_step]
        total[begin - first_step : end - first_step] += near[:, None] * told
        weight[begin - first_step : end - first_step, 0] += near
    return np.asarray(total / np.maximum(weight, 1e-3), np.float32)
