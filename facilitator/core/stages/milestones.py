"""What people have reached since last time is told; where there is nothing, nothing is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from facilitator.core.phrases import COUNTED
from facilitator.core.stages.spoken_list import SpokenList
from facilitator.core.wording import Language

if TYPE_CHECKING:
    from facilitator.core.conductor import Conductor


class MilestonesStage(SpokenList):
    kind = "milestones"

    def __init__(self, conductor: Conductor) -> None:
        super().__init__(conductor)

    def sentences(self) -> list[tuple[str, str]]:
        setup, language = self.conductor.setup, self.conductor.language
        if not setup.milestones:
            return []
        start = "milestones.start" if setup.said_before else "milestones.start_first"
        return [(start, language.phrase(start)), *(_told(dict(row), language) for row in setup.milestones)]


def _told(row: dict[str, Any], language: Language) -> tuple[str, str]:
    key = f"milestones.{row['key']}"
    number = int(row.get("number") or 0)
    if key in COUNTED:
        return key, language.counted_phrase(key, number)
    slots = {"name": str(row.get("who", "")), "percent": language.number(number)}
    return key, language.phrase(key, **slots)
