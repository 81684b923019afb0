"""What a source contributed to the result, for people who want to know why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_SAYS = 0.5  # log odds between the first and the second person from which a source says something


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    source: str
    earned: tuple[float, ...]
    """Its weight for each person, 0 to 1, as measured in the opening circle and, where it learns, in the talk; empty
    for a source whose weight is in the trained network alone."""
    says: float
    """The part of the time in which one person spoke alone, in which it preferred somebody, 0 to 1."""
    agrees: float
    """The part of that in which this was the person of the result."""


def contribution(
    source: str, odds: NDArray[np.floating], who: NDArray[np.int64], earned: tuple[float, ...] = ()
) -> Contribution:
    """`odds` (steps, people): larger is likelier; `who` (steps,): who speaks alone in each step, -1 elsewhere."""
    alone = np.flatnonzero(who[: len(odds)] >= 0)
    if odds.shape[1] < 2 or not len(alone):
        return Contribution(source=source, earned=earned, says=0.0, agrees=0.0)
    told = odds[alone].astype(np.float32)
    first, second = np.sort(told, axis=1)[:, :-3:-1].T
    prefers = first - second > _SAYS
    right = told.argmax(axis=1) == who[alone]
    return Contribution(
        source=source,
        earned=earned,
        says=float(prefers.mean()),
        agrees=float(right[prefers].mean()) if prefers.any() else 0.0,
    )
