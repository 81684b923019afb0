"""What may be kept of a voice until the next session: numbers that say how it sounds.

They are averages over all that was heard of it, without an order, so that no sound and no word can be made of them:
Gaussians over the spectrum and the pitch, and vectors of the encoders. Each belongs to one way of hearing, and is of
no use to another; so each stands under the name and the version of what made it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from facilitator.hearing.values import Kept, Numbers


def sum_of(path: Path) -> str:
    """What tells one file from another, in a few letters."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def to_values(kept: Kept) -> dict[str, Any]:
    """As JSON values: half-precision numbers as base64, with their shape."""
    return {
        maker: {
            name: {
                "shape": list(numbers.shape),
                "half": base64.b64encode(numbers.astype("<f2").tobytes()).decode("ascii"),
            }
            for name, numbers in part.items()
        }
        for maker, part in kept.items()
    }


def from_values(values: Mapping[str, Any]) -> Kept:
    """Back again. Raises ValueError for what is none."""
    try:
        return {
            maker: {name: _numbers(one["shape"], one["half"]) for name, one in part.items()}
            for maker, part in values.items()
        }
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError("This is no voiceprint.") from error


def _numbers(shape: list[int], half: str) -> Numbers:
    data = base64.b64decode(half, validate=True)
    numbers = np.frombuffer(data, "<f2").astype(np.float32).reshape(shape)
    if not np.isfinite(numbers).all():
        raise ValueError("There are numbers in it that are none.")
    return numbers
