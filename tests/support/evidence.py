"""A source of evidence that knows nothing: tests say the one thing that theirs knows."""

from __future__ import annotations

import copy
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from facilitator.hearing.signal.audio import Samples
from facilitator.hearing.signal.features import STEP
from facilitator.hearing.values import NONE, Contribution, Doubts, Kept

Values = NDArray[np.float32]


class KnowsNothing:
    """Keeps the promises of `SpeakerEvidence`, and has no opinion on any step."""

    name = "nothing"
    makers: frozenset[str] = frozenset()

    def enrol(self, voices: Mapping[str, Samples], kept: Mapping[str, Kept] = NONE) -> None:
        self.people = len(voices)

    def unlike(self, samples: Samples, kept: Kept) -> bool | None:
        return None

    def mixed(self, samples: Samples) -> bool | None:
        return None

    def keepable(self, person: int) -> Kept:
        return {}

    def score(self, samples: Samples, first_sample: int) -> Values:
        return self.silence(len(samples) // STEP)

    def opinions(self, first_step: int, end_step: int) -> Values | None:
        return None

    def crowd(self, first_step: int, end_step: int) -> Values | None:
        return None

    def earned(self) -> tuple[float, ...]:
        return ()

    def learn(self, belief: Values, first_step: int) -> None:
        pass

    def spare(self, level: int) -> None:
        pass

    def put_right(self, belief: Values) -> tuple[Values, NDArray[np.bool_]]:
        return belief, np.zeros(len(belief), np.bool_)

    def rescore(self, belief: Values) -> Values:
        return self.silence(len(belief))

    def doubts(self) -> Doubts:
        """It can tell nothing of the whole."""
        return Doubts()

    def since(self, first_step: int) -> KnowsNothing:
        return copy.copy(self)

    def let_go(self, end_step: int) -> None:
        pass

    def contributions(self, who: NDArray[np.int64]) -> list[Contribution]:
        return []

    def silence(self, steps: int) -> Values:
        return np.full((steps, self.people + 1), np.nan, np.float32)
