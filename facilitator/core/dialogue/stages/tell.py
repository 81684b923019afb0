"""A few sentences of the format's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from facilitator.core.dialogue.stages.sentences import SpokenList
from facilitator.core.formats.parse import Tell

if TYPE_CHECKING:
    from facilitator.core.dialogue.manager import Conductor


class TellStage(SpokenList):
    kind = "tell"

    def __init__(self, conductor: Conductor, settings: Tell) -> None:
        super().__init__(conductor)
        self._texts = settings.say

    def sentences(self) -> list[tuple[str, str]]:
        language = self.conductor.language
        found: list[tuple[str, str]] = []
        for key in self._texts:
            table = "rules" if f"rules.{key}" in language.phrases else "asks"
            if table == "rules" and not self.conductor.introduced("rules"):
                found.append(("opening.rules", language.phrase("opening.rules")))
            text = language.own(table, key)
            found.append((f"{table}.{key}" if text != key else "own", text))
        return found
