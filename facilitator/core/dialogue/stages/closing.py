"""The closing: everything is gone over once more, then told in two or three sentences, and a question asked.

What was agreed today is read back; how people are leaving and when they talk again is asked where the format says so.
The question comes last: it is for people to answer, not for the program.
"""

from __future__ import annotations

from facilitator.core.dialogue.context import AsksAndRemembers, Course
from facilitator.core.dialogue.narration import Sentences
from facilitator.core.dialogue.questions import Question, by_when, in_days, one_yes, scale, yes_or_no
from facilitator.core.dialogue.stages.rate import HEAVY
from facilitator.core.dialogue.stages.stage import Stage
from facilitator.core.events import Command, CommandName, Fact, NextAgreed, Rated, Review, Reviewed, Show
from facilitator.core.formats.stages import Closing
from facilitator.core.language.choices import YES
from facilitator.core.text import DAY_MS, MINUTE_MS

LONG_MS = 600_000  # going over a longer session takes long enough to say so
MOST_PEOPLE = 8
MONTHS = {30: 1, 91: 3}
"""Days that people mean as months."""


def days_of(months: int) -> int:
    """Whole weeks, so that it is the same day of the week: 91 for three months."""
    return 7 * round(months * 52 / 12)


class ClosingStage(Stage):
    kind = "closing"
    asks_each = True
    session: AsksAndRemembers

    def __init__(self, session: AsksAndRemembers, course: Course, settings: Closing) -> None:
        super().__init__(session, course)
        self._settings = settings
        self._reviewed = False
        self._question: Sentences = []
        self._declined = False  # what was proposed for the next talk
        few = len(session.participants) <= MOST_PEOPLE
        self._moods = list(session.participants) if settings.mood and few else []
        self._heavy = 0  # so many are leaving with something heavy
        self._quiet_until_ms: int | None = None

    @property
    def commands(self) -> tuple[CommandName, ...]:
        return ("next",)

    def begin(self) -> None:
        if self.now_ms >= LONG_MS:
            self.session.say("closing.wait", then=lambda _: self._review())
        else:
            self.session.emit(Show(at_ms=self.now_ms, text=self.session.language.phrase("closing.wait")))
            self._review()

    def _review(self) -> None:
        self.session.emit(Review(at_ms=self.now_ms))

    def fact(self, fact: Fact) -> None:
        if isinstance(fact, Reviewed) and not self._reviewed:
            self._reviewed = True
            words = self.course.closing_words()
            self._question = [word for word in words if word[0].startswith("questions.")]
            for key, slots in words:
                if not key.startswith("questions."):
                    self.session.say(key, slots)
            for agreed in self.session.agreed:
                whose = "turns" if agreed.by_turns else "owner"
                key = f"closing.agreement_{whose}" if agreed.owner else "closing.agreement"
                self.session.say(key, {"text": agreed.text, "name": agreed.owner})
            self._ask_mood()

    def _ask_mood(self) -> None:
        if not self._moods or not self.course.answered:
            self._stay() if self._heavy else self._ask_next()
            return
        self.session.ask(
            Question(
                prompt_kind="rate.leaving",
                person=self._moods[0],
                choices=scale(self.session.language, 1, 5),
                then=self._mood,
                count=int(len(self._moods) < len(self.session.participants)),
                again=0,
            )
        )

    def _mood(self, value: int | None) -> None:
        person = self._moods.pop(0)
        if value is not None:
            self.session.emit(Rated(at_ms=self.now_ms, person=person, what="leaving", value=value))
            if value <= HEAVY:
                self._heavy += 1
                self.session.say("heavy.heard", person=person, count=self._heavy, then=lambda _: self._ask_mood())
                return
        self._ask_mood()

    # -- something is heavy --------------------------------------------------------------------------

    def _stay(self) -> None:
        """Nobody is sent away with it: a minute together for whoever wants it, whom to turn to, when to talk again."""
        self.session.ask(
            Question(
                prompt_kind="heavy.minute",
                choices=one_yes(self.session.language),
                then=lambda value: self._be_quiet() if value == YES else self._turn_to(),
                times=1,
            )
        )

    def _be_quiet(self) -> None:
        self.session.chime("start")
        self._quiet_until_ms = self.now_ms + MINUTE_MS

    def tick(self) -> None:
        if self._quiet_until_ms is not None and self.now_ms >= self._quiet_until_ms:
            self._quiet_until_ms = None
            self.session.chime("end")
            self._turn_to()

    @property
    def deadline_ms(self) -> int | None:
        return self._quiet_until_ms

    def _turn_to(self) -> None:
        """To what the group has agreed on for hard moments, where there is that."""
        steps = self.session.setup.steps
        phrase, slots = ("break.steps", {"steps": self.session.language.listed(steps)}) if steps else ("heavy.turn", {})
        self.session.say(phrase, slots, then=lambda _: self._ask_next())

    def _ask_next(self) -> None:
        if not (self._settings.next or self._heavy) or not self.course.answered:
            self._thank()
            return
        months = self._settings.next_months
        if months and not self._declined:
            self.session.ask(
                Question(
                    prompt_kind="closing.next_proposed",
                    slots={"time": self.session.language.counting("month", months)},
                    choices=yes_or_no(self.session.language),
                    then=self._proposed,
                )
            )
            return
        self.session.ask(
            Question(
                prompt_kind="closing.next",
                choices=by_when(self.session.language, self.session.setup.weekday, self.session.setup.day),
                then=self._next,
            )
        )

    def _proposed(self, value: int | None) -> None:
        if value == YES:
            months = self._settings.next_months
            self._agreed_next(days_of(months), self.session.language.counting("month", months))
        elif value is None:
            self._thank()
        else:
            self._declined = True
            self._ask_next()

    def _next(self, value: int | None) -> None:
        days = None if value is None else in_days(value)
        if days == 0:
            self.session.say("closing.next_today")
            self._thank()
        elif days:
            language, months = self.session.language, MONTHS.get(days)
            self._agreed_next(days, language.counting("month", months) if months else language.duration(days * DAY_MS))
        else:
            self._thank()

    def _agreed_next(self, days: int, time: str) -> None:
        self.session.emit(NextAgreed(at_ms=self.now_ms, in_days=days))
        day = self.session.setup.day_in(days)
        if days == 1:
            self.session.say("closing.next_tomorrow")
        elif day is not None:  # "a month" and "seven days" are no days that anybody can write down
            self.session.say("closing.next_day", {"day": self.session.language.day(day)})
        else:
            self.session.say("closing.next_kept", {"time": time})
        self._thank()

    def _thank(self) -> None:
        for key, slots in self._question:
            self.session.say(key, slots)
        self.session.say("closing.thanks", then=lambda _: self.course.stage_over())

    def left(self, person: str) -> None:
        if person in self._moods:
            self._moods.remove(person)

    def command(self, command: Command) -> None:
        """Whoever has heard enough may go."""
        if command.name in ("next", "pass", "finish") and self._reviewed:
            self.session.scheduler.clear(self.now_ms)
            self.course.stage_over()
