"""A small trained network that says who speaks, from what the windows of a segmentation and a voice encoder tell of
each voice (`turn_features.py`), and of the others, in the second and a half before and after a step.

It is shared by all voices; what the others get reaches it as their mean and maximum, so it works for any number of
them, in any order. `benchmarks/training/train_judge.py` made the weights. It was shown moments at which nothing was
known yet of what follows as well as whole talks, with and without the learned voices: one network serves all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np

from facilitator.hearing import trained
from facilitator.hearing.diarization.turn_features import TurnFeatures
from facilitator.hearing.values import Values

DILATIONS = (1, 2, 4, 8, 16)
REACH = sum(DILATIONS)
"""Steps before and after a step that it looks at."""

JudgeWeights = Mapping[str, Values]


@cache
def weights() -> JudgeWeights:
    return trained.weights(Path(__file__).with_name("turn_judge.npz"))


def judged(told: TurnFeatures, known: JudgeWeights | None = None) -> Values:
    """Log odds that each voice speaks, shape (steps, voices); nothing is known of what lies beyond the steps."""
    w = weights() if known is None else known
    everyone = np.broadcast_to(told.all[:, None], (*told.each.shape[:2], told.all.shape[1]))
    seen = np.concatenate([told.each, over_others(told.each), everyone], axis=-1)
    rows = _relu(seen @ w["inp.weight"] + w["inp.bias"])
    for layer, dilation in enumerate(DILATIONS):
        around = np.pad(rows, ((dilation, dilation), (0, 0), (0, 0)))
        taps = [around[tap * dilation : tap * dilation + len(rows)] for tap in range(3)]
        kernel = w[f"conv.{layer}.weight"]
        change = np.concatenate(taps, axis=-1) @ kernel.reshape(-1, kernel.shape[-1]) + w[f"conv.{layer}.bias"]
        together = np.concatenate([rows.mean(axis=1), rows.max(axis=1)], axis=-1)
        shared = together @ w[f"pool.{layer}.weight"] + w[f"pool.{layer}.bias"]
        rows = rows + _relu(change + shared[:, None])
    return np.asarray((rows @ w["out.weight"] + w["out.bias"] + seen @ w["skip.weight"])[..., 0], np.float32)


def _relu(values: Values) -> Values:
    return np.maximum(values, np.float32(0.0))


def over_others(values: Values) -> Values:
    """Each voice's numbers less the greatest of the others', shape (steps, voices, numbers); of one alone, nothing."""
    if values.shape[1] < 2:
        return np.zeros_like(values)
    top = np.sort(values, axis=1)
    return np.asarray(values - np.where(values >= top[:, -1:], top[:, -2:-1], top[:, -1:]), np.float32)
