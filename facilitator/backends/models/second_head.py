"""A second last layer for the network segmentation-3.0, trained on talk around a table.

The network was trained on meetings and broadcasts. Of two who talk at once in an echoing room it hears one for half of
the time; what its last layer is given knows more. This one looks at that for three quarters of a second before and
after a step, and says the same of it: nobody, one of three, or two of them.
`benchmarks/training/train_second_head.py` made the weights, of simulated rooms. There were no real rooms to learn from,
so neither of the two is believed alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np

from facilitator.hearing import trained
from facilitator.hearing.values import Values

DILATIONS = (1, 2, 4, 8)

HeadWeights = Mapping[str, Values]


@cache
def weights() -> HeadWeights:
    return trained.weights(Path(__file__).with_name("second_head.npz"))


def log_odds(hidden: Values, known: HeadWeights | None = None) -> Values:
    """Of windows by themselves, up to a constant, shape (windows, steps, 7); `hidden` (windows, steps, 128) is the mean
    in a step of what the network's own last layer is given."""
    w = weights() if known is None else known
    rows = np.maximum(hidden @ w["inp.weight"] + w["inp.bias"], np.float32(0.0))
    steps = rows.shape[1]
    for layer, dilation in enumerate(DILATIONS):
        around = np.pad(rows, ((0, 0), (dilation, dilation), (0, 0)))
        taps = np.concatenate([around[:, tap * dilation : tap * dilation + steps] for tap in range(3)], axis=-1)
        rows = rows + np.maximum(taps @ w[f"conv.{layer}.weight"] + w[f"conv.{layer}.bias"], np.float32(0.0))
    said = rows @ w["out.weight"] + w["out.bias"] + hidden @ w["skip.weight"] + w["skip.bias"]
    return np.asarray(said, np.float32)
