"""The group is asked for what it agrees on, until there is no more."""

from __future__ import annotations

from facilitator.core.dialogue.context import AsksAndRemembers, Course
from facilitator.core.dialogue.questions import Question, yes_or_no
from facilitator.core.dialogue.stages.stage import Stage
from facilitator.core.events import Command, CommandName
from facilitator.core.formats.stages import Agree
from facilitator.core.language.choices import YES
from facilitator.core.text import HOUR_MS


class AgreeStage(Stage):
    kind = "agree"
    session: AsksAndRemembers

    def __init__(self, session: AsksAndRemembers, course: Course, settings: Agree) -> None:
        super().__init__(session, course)
        self._settings = settings
        self._before = len(session.agreed)
        self._introduced = False

    @property
    def commands(self) -> tuple[CommandName, ...]:
        return ("next",)

    @property
    def _found(self) -> int:
        return len(self.session.agreed) - self._before

    def begin(self) -> None:
        session = self.session
        if self._found >= self._settings.most:
            self.course.stage_over()
            return
        if self._settings.ask and not self._introduced:
            session.say_own(self._settings.ask)
        self._introduced = True
        session.ask(
            Question(
                prompt_kind="agree.more" if self._found else "agree.any",
                choices=yes_or_no(session.language),
                then=self._answered,
                times=1,
            )
        )

    def _answered(self, value: int | None) -> None:
        if value == YES:
            cooling_ms = round(self._settings.cooling_hours * HOUR_MS)
            self.course.open_note(self._settings.keep, cooling_ms, self.begin)
        else:
            self.course.stage_over()

    def command(self, command: Command) -> None:
        if command.name in ("next", "pass"):
            self.session.scheduler.clear(self.now_ms)
            self.course.stage_over()

    def welcome_back(self) -> None:
        self.begin()
