"""Who had a protected floor when: it tips the scales where the sources do not know, and no more."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class Floor:
    def __init__(self) -> None:
        self._held: list[tuple[int, str | None]] = []  # from which step on, by whom; None: by nobody

    def expect(self, step: int, person: str | None) -> None:
        """From this step on."""
        self._held.append((step, person))

    def taken(self, names: Sequence[str], first: int, last: int, amount: float) -> NDArray[np.float32]:
        """What is taken from everybody but the holder in the steps from `first` to `last`, in log odds, shape
        (steps, people + 1)."""
        out = np.zeros((last - first, len(names) + 1), np.float32)
        ends = [*(step for step, _ in self._held[1:]), last]
        for (begin, person), end in zip(self._held, ends, strict=False):
            if person in names and end > first:
                held = slice(max(0, begin - first), max(0, end - first))
                out[held] = -amount
                out[held, names.index(person)] = 0.0
        return out
