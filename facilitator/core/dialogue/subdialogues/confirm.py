"""Whether that was meant: what cannot be undone is asked for once more when it was asked for by voice."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from facilitator.core.dialogue.dialogue import Dialogue
from facilitator.core.dialogue.questions import Question, yes_or_no
from facilitator.core.language.choices import YES

if TYPE_CHECKING:
    from facilitator.core.dialogue.manager import Conductor


class ConfirmDialogue(Dialogue):
    """Shall we finish? Without a yes it goes on."""

    def __init__(self, conductor: Conductor, finish: Callable[[], None]) -> None:
        super().__init__(conductor)
        self._finish = finish

    def begin(self) -> None:
        self.conductor.ask(
            Question(
                prompt_kind="confirm.finish",
                choices=yes_or_no(self.conductor.language),
                then=self._answered,
                urgent=True,
                wait_ms=6_000,
            )
        )

    def _answered(self, value: int | None) -> None:
        if value == YES:
            self._finish()
        else:
            self.conductor.say("confirm.kept_on", urgent=True, then=lambda _: self.conductor.close_dialogue())
