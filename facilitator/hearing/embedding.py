"""What a voice encoder makes of a second or two of sound: a vector that is alike for one voice, whatever it says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedding:
    """The voice heard from `first_sample` up to `end_sample`; `vector` has unit length."""

    first_sample: int
    end_sample: int
    vector: Vector
