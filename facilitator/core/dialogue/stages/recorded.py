"""A talk that was over before this program heard of it: it is heard once, whole, and nothing is said."""

from __future__ import annotations

from facilitator.core.dialogue.stages.stage import Stage
from facilitator.core.events import Fact, Reviewed


class RecordedStage(Stage):
    kind = "recorded"

    def begin(self) -> None:
        """There is nothing to begin: who spoke when comes as facts."""

    def fact(self, fact: Fact) -> None:
        if isinstance(fact, Reviewed):
            self.course.stage_over()
