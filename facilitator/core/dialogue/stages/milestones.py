"""What people have reached since last time is told; where there is nothing, nothing is said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from facilitator.core.dialogue.stages.sentences import SpokenList
from facilitator.core.language.phrases import COUNTED
from facilitator.core.language.wording import Language, capital


class MilestonesStage(SpokenList):
    kind = "milestones"

    def sentences(self) -> list[tuple[str, str]]:
        setup, language = self.conductor.setup, self.conductor.language
        if not setup.milestones:
            return []
        start = "milestones.start" if setup.said_before else "milestones.start_first"
        return [(start, language.phrase(start)), *(told(row, language) for row in setup.milestones)]


def told(row: Mapping[str, Any], language: Language) -> tuple[str, str]:
    """The key of the phrase, and the sentence. `row`: a `core.milestones.Milestone` as JSON values."""
    key = f"milestones.{row['key']}"
    number = int(row.get("number") or 0)
    if key in COUNTED:
        return key, capital(language.counted_phrase(key, number))
    slots = {"name": str(row.get("who", "")), "percent": language.number(number)}
    return key, language.phrase(key, **slots)
