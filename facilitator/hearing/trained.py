"""Weights that were trained once and come with the program, in half precision."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from facilitator.hearing.values import Values


def weights(path: Path) -> dict[str, Values]:
    """By their names, in single precision."""
    with np.load(path, allow_pickle=False) as stored:
        return {name: stored[name].astype(np.float32) for name in stored.files}
