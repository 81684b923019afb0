"""A few sentences that follow from what is known, said one after the other."""

from __future__ import annotations

from facilitator.core.dialogue.stages.stage import Stage
from facilitator.core.events import Command, CommandName


class SpokenList(Stage):
    """Nothing to say: it is over at once."""

    _left: list[tuple[str, str]] | None = None

    def sentences(self) -> list[tuple[str, str]]:
        """The key of each phrase, and the sentence."""
        raise NotImplementedError

    @property
    def commands(self) -> tuple[CommandName, ...]:
        return ("next",)

    def begin(self) -> None:
        if self._left is None:
            self._left = self.sentences()
        if not self._left:
            self.conductor.stage_over()
            return
        key, text = self._left[0]
        self.conductor.say_text(text, key, then=lambda _: self._said())

    def _said(self) -> None:
        if self._left:
            self._left.pop(0)
        self.begin()

    def command(self, command: Command) -> None:
        if command.name in ("next", "pass"):
            self.conductor.manners.clear(self.now_ms)
            self._left = []
            self.begin()

    def welcome_back(self) -> None:
        self.begin()
