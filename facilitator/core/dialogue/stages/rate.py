"""A number from everyone: how they arrive or leave, or how much of the time they guess was theirs."""

from __future__ import annotations

from facilitator.core.dialogue.context import AsksAndRemembers, Course
from facilitator.core.dialogue.questions import Question, percents, scale
from facilitator.core.dialogue.stages.stage import Stage, StageView
from facilitator.core.events import Rated
from facilitator.core.formats.stages import Rate
from facilitator.core.language.choices import Choice
from facilitator.core.turntaking.airtime import can_be_compared

HEAVY = 2
"""Who says so, or less, from one, heavy, to five, light, is not walked past."""
MOST_PEOPLE = 8
"""With more, nobody wants to wait for all the numbers."""


class RateStage(Stage):
    kind = "rate"
    asks_each = True
    session: AsksAndRemembers

    def __init__(self, session: AsksAndRemembers, course: Course, settings: Rate) -> None:
        super().__init__(session, course)
        self._what = settings.what
        everyone = session.participants
        if settings.what == "share":  # a guess at what was not measured could not be answered
            heard = tuple(p for p in everyone if session.is_heard(p)) if session.listening else ()
            everyone = heard if can_be_compared(heard) else ()
        self._left = list(everyone if len(everyone) <= MOST_PEOPLE else ())
        self._asked = 0

    def begin(self) -> None:
        if not self._left:
            self.course.stage_over()
            return
        self.session.ask(
            Question(
                prompt_kind=f"rate.{self._what}",
                person=self._left[0],
                choices=self._choices,
                then=self._answered,
                count=int(self._asked > 0),
                again=0,
            )
        )

    @property
    def _choices(self) -> tuple[Choice, ...]:
        language = self.session.language
        return percents(language) if self._what == "share" else scale(language, 1, 5)

    def _answered(self, value: int | None) -> None:
        person = self._left.pop(0)
        self._asked += 1
        if value is not None:
            rated = Rated(at_ms=self.now_ms, person=person, what=self._what, value=value)
            self.session.ratings.append(rated)
            self.session.emit(rated)
            if self._what == "arriving" and value <= HEAVY:
                self.session.say("heavy.heard", person=person, count=self._asked, then=lambda _: self.begin())
                return
        self.begin()

    def left(self, person: str) -> None:
        if person in self._left:
            self._left.remove(person)

    def welcome_back(self) -> None:
        self.begin()

    def view(self) -> StageView:
        return StageView(floor=self._left[0] if self._left else None)
