"""Whether that was meant: what cannot be undone is asked for once more when it was asked for by voice."""

from __future__ import annotations

from collections.abc import Callable

from facilitator.core.dialogue.context import Asks, Between, Subdialogue
from facilitator.core.dialogue.questions import Question, yes_or_no
from facilitator.core.language.choices import YES


class ConfirmSubdialogue(Subdialogue):
    """Shall we finish? Without a yes everything stays as it was: the talk, a pause, a note, a break."""

    session: Asks

    def __init__(self, session: Asks, between: Between, finish: Callable[[], None]) -> None:
        super().__init__(session, between)
        self._finish = finish

    def begin(self) -> None:
        self.session.ask(
            Question(
                prompt_kind="confirm.finish",
                choices=yes_or_no(self.session.language),
                then=self._answered,
                urgent=True,
                wait_ms=6_000,
            )
        )

    def _answered(self, value: int | None) -> None:
        if value == YES:
            self._finish()
        else:
            kept_on = "pause.start" if self.between.paused else "confirm.kept_on"  # the pause goes on, not the talk
            self.session.say(kept_on, urgent=True, then=lambda _: self.between.close_subdialogue(self))
