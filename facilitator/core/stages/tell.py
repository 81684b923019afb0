"""A few sentences, said one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from facilitator.core.events import Command, CommandName
from facilitator.core.formats import Tell
from facilitator.core.stages.stage import Stage

if TYPE_CHECKING:
    from facilitator.core.conductor import Conductor


class TellStage(Stage):
    kind = "tell"

    def __init__(self, conductor: Conductor, settings: Tell) -> None:
        super().__init__(conductor)
        self._left = list(settings.say)

    @property
    def commands(self) -> tuple[CommandName, ...]:
        return ("next",)

    def begin(self) -> None:
        if not self._left:
            self.conductor.stage_over()
            return
        key = self._left[0]
        table = "rules" if f"rules.{key}" in self.conductor.language.phrases else "asks"
        if table == "rules" and not self.conductor.introduced("rules"):
            self.conductor.say("opening.rules")
        text = self.conductor.language.own(table, key)
        self.conductor.say_text(text, f"{table}.{key}" if text != key else "own", then=lambda _: self._said())

    def _said(self) -> None:
        self._left.pop(0)
        self.begin()

    def command(self, command: Command) -> None:
        if command.name in ("next", "pass"):
            self.conductor.manners.clear(self.now_ms)
            self._left.clear()
            self.begin()

    def welcome_back(self) -> None:
        self.begin()
