"""What a source contributed to the result, for people who want to know why."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facilitator.hearing.values import Contribution

_SAYS = 0.5  # log odds between the first and the second person from which a source says something


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
