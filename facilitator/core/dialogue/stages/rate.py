"""A number from everyone: how they arrive or leave, or how much of the time they guess was theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from facilitator.core.dialogue.questions import Question, percents, scale
from facilitator.core.dialogue.stages.stage import Stage, StageView
from facilitator.core.events import Rated
from facilitator.core.formats.parse import Rate
from facilitator.core.language.choices import Choice

if TYPE_CHECKING:
    from facilitator.core.dialogue.manager import Conductor

MOST_PEOPLE = 8
"""With more, nobody wants to wait for all the numbers."""


class RateStage(Stage):
    kind = "rate"

    def __init__(self, conductor: Conductor, settings: Rate) -> None:
        super().__init__(conductor)
        self._what = settings.what
        everyone = conductor.participants
        if settings.what == "share":  # a guess at what was not measured could not be answered
            everyone = tuple(p for p in everyone if conductor.is_heard(p)) if conductor.listening else ()
        self._left = list(everyone if len(everyone) <= MOST_PEOPLE else ())
        self._asked = 0

    def begin(self) -> None:
        if not self._left:
            self.conductor.stage_over()
            return
        self.conductor.ask(
            Question(
                prompt_kind=f"rate.{self._what}",
                person=self._left[0],
                choices=self._choices,
                then=self._answered,
                count=self._asked,
            )
        )

    @property
    def _choices(self) -> tuple[Choice, ...]:
        language = self.conductor.language
        return percents(language) if self._what == "share" else scale(language, 1, 5)

    def _answered(self, value: int | None) -> None:
        person = self._left.pop(0)
        self._asked += 1
        if value is not None:
            rated = Rated(at_ms=self.now_ms, person=person, what=self._what, value=value)
            self.conductor.ratings.append(rated)
            self.conductor.emit(rated)
        self.begin()

    def welcome_back(self) -> None:
        self.begin()

    def view(self) -> StageView:
        return StageView(floor=self._left[0] if self._left else None)
