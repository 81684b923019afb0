"""The numbers that people gave are told, beside those of last time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from facilitator.core.dialogue.fairness import Numbers, compared
from facilitator.core.dialogue.stages.sentences import SpokenList
from facilitator.core.language.wording import capital

if TYPE_CHECKING:
    from facilitator.core.dialogue.manager import Conductor


class CompareStage(SpokenList):
    kind = "compare"

    def __init__(self, conductor: Conductor) -> None:
        super().__init__(conductor)
        now: Numbers = {}
        for rated in conductor.self_rated:
            now.setdefault(rated.indicator, {})[rated.person] = rated.value
        before: Numbers = {}
        for row in conductor.setup.said_before:
            before.setdefault(str(row["indicator"]), {})[str(row["person"])] = int(row["value"])
        self._now, self._before = now, before

    def sentences(self) -> list[tuple[str, str]]:
        conductor = self.conductor
        words = compared(self._now, self._before, conductor.participants, conductor.language)
        return [(key, capital(conductor.language.phrase(key, **slots))) for key, slots in words]
