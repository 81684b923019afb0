"""The closing: everything is gone over once more, then told in two or three sentences, and a question asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from facilitator.core.events import Command, CommandName, Fact, Review, Reviewed, Show
from facilitator.core.stages.stage import Stage

if TYPE_CHECKING:
    from facilitator.core.conductor import Conductor

LONG_MS = 600_000  # going over a longer session takes long enough to say so


class ClosingStage(Stage):
    kind = "closing"

    def __init__(self, conductor: Conductor) -> None:
        super().__init__(conductor)
        self._reviewed = False

    @property
    def commands(self) -> tuple[CommandName, ...]:
        return ("next",)

    def begin(self) -> None:
        if self.now_ms >= LONG_MS:
            self.conductor.say("closing.wait", then=lambda _: self._review())
        else:
            self.conductor.emit(Show(at_ms=self.now_ms, text=self.conductor.language.phrase("closing.wait")))
            self._review()

    def _review(self) -> None:
        self.conductor.emit(Review(at_ms=self.now_ms))

    def fact(self, fact: Fact) -> None:
        if isinstance(fact, Reviewed) and not self._reviewed:
            self._reviewed = True
            for key, slots in self.conductor.closing_words():
                self.conductor.say(key, slots)
            self.conductor.say("closing.thanks", then=lambda _: self.conductor.stage_over())

    def command(self, command: Command) -> None:
        """Whoever has heard enough may go."""
        if command.name in ("next", "pass", "finish") and self._reviewed:
            self.conductor.manners.clear(self.now_ms)
            self.conductor.stage_over()
