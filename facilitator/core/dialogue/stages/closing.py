"""The closing: everything is gone over once more, then told in two or three sentences, and a question asked.

What was agreed today is read back; how people are leaving and when they talk again is asked where the format says so.
The question comes last: it is for people to answer, not for the program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from facilitator.core.dialogue.narration import Words
from facilitator.core.dialogue.questions import DAY_MS, Question, by_when, in_days, scale, yes_or_no
from facilitator.core.dialogue.stages.stage import Stage
from facilitator.core.events import Command, CommandName, Fact, NextAgreed, Rated, Review, Reviewed, Show
from facilitator.core.formats.parse import Closing
from facilitator.core.language.choices import YES

if TYPE_CHECKING:
    from facilitator.core.dialogue.manager import Conductor

LONG_MS = 600_000  # going over a longer session takes long enough to say so
MOST_PEOPLE = 8


def days_of(months: int) -> int:
    """Whole weeks, so that it is the same day of the week: 91 for three months."""
    return 7 * round(months * 52 / 12)


class ClosingStage(Stage):
    kind = "closing"

    def __init__(self, conductor: Conductor, settings: Closing) -> None:
        super().__init__(conductor)
        self._settings = settings
        self._reviewed = False
        self._question: Words = []
        self._declined = False  # what was proposed for the next talk
        few = len(conductor.participants) <= MOST_PEOPLE
        self._moods = list(conductor.participants) if settings.mood and few else []

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
            words = self.conductor.closing_words()
            self._question = [word for word in words if word[0].startswith("questions.")]
            for key, slots in words:
                if not key.startswith("questions."):
                    self.conductor.say(key, slots)
            for agreed in self.conductor.agreed:
                key = "closing.agreement_owner" if agreed.owner else "closing.agreement"
                self.conductor.say(key, {"text": agreed.text, "name": agreed.owner})
            self._ask_mood()

    def _ask_mood(self) -> None:
        if not self._moods:
            self._ask_next()
            return
        self.conductor.ask(
            Question(
                prompt_kind="rate.leaving",
                person=self._moods[0],
                choices=scale(self.conductor.language, 1, 5),
                then=self._mood,
                count=int(len(self._moods) < len(self.conductor.participants)),
            )
        )

    def _mood(self, value: int | None) -> None:
        person = self._moods.pop(0)
        if value is not None:
            self.conductor.emit(Rated(at_ms=self.now_ms, person=person, what="leaving", value=value))
        self._ask_mood()

    def _ask_next(self) -> None:
        if not self._settings.next:
            self._thank()
            return
        months = self._settings.next_months
        if months and not self._declined:
            self.conductor.ask(
                Question(
                    prompt_kind="closing.next_proposed",
                    slots={"time": self.conductor.language.counting("month", months)},
                    choices=yes_or_no(self.conductor.language),
                    then=self._proposed,
                )
            )
            return
        self.conductor.ask(
            Question(
                prompt_kind="closing.next",
                choices=by_when(self.conductor.language, self.conductor.setup.weekday),
                then=self._next,
            )
        )

    def _proposed(self, value: int | None) -> None:
        if value == YES:
            months = self._settings.next_months
            self._agreed_next(days_of(months), self.conductor.language.counting("month", months))
        elif value is None:
            self._thank()
        else:
            self._declined = True
            self._ask_next()

    def _next(self, value: int | None) -> None:
        days = None if value is None else in_days(value)
        if days:
            self._agreed_next(days, self.conductor.language.duration(days * DAY_MS))
        else:
            self._thank()

    def _agreed_next(self, days: int, time: str) -> None:
        self.conductor.emit(NextAgreed(at_ms=self.now_ms, in_days=days))
        if days == 1:
            self.conductor.say("closing.next_tomorrow")
        else:
            self.conductor.say("closing.next_kept", {"time": time})
        self._thank()

    def _thank(self) -> None:
        for key, slots in self._question:
            self.conductor.say(key, slots)
        self.conductor.say("closing.thanks", then=lambda _: self.conductor.stage_over())

    def command(self, command: Command) -> None:
        """Whoever has heard enough may go."""
        if command.name in ("next", "pass", "finish") and self._reviewed:
            self.conductor.manners.clear(self.now_ms)
            self.conductor.stage_over()
