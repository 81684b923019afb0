"""How fair it feels to each person how some things are shared: a number from one to five, from everyone.

One thing after the other: everyone first finds a number of their own, then shows it with their fingers all at once,
so that nobody's number leads another's; then it is asked for, by name, and somebody else is asked first each time.
Nobody has to say theirs: "pass" and "no" are answers. Who lets two questions in a row go by is asked no more.
"""

from __future__ import annotations

from facilitator.core.dialogue.context import AsksAndRemembers, Course
from facilitator.core.dialogue.fairness import named
from facilitator.core.dialogue.questions import RATHER_NOT, Question, fairness
from facilitator.core.dialogue.stages.rate import MOST_PEOPLE
from facilitator.core.dialogue.stages.stage import Stage, StageView
from facilitator.core.dialogue.stopwatch import Stopwatch
from facilitator.core.events import Command, CommandName, SelfRated
from facilitator.core.formats.stages import INDICATORS, Indicators
from facilitator.core.language.wording import capital

ENOUGH = 2
"""So many questions in a row without an answer say that somebody would rather not be asked."""


class IndicatorsStage(Stage):
    kind = "indicators"
    asks_each = True
    session: AsksAndRemembers

    def __init__(self, session: AsksAndRemembers, course: Course, settings: Indicators) -> None:
        super().__init__(session, course)
        few = len(session.participants) <= MOST_PEOPLE
        self._left = list(settings.of or INDICATORS) if few else []
        self._think_ms = round(settings.think_s * 1000)
        self._round = 0
        self._to_ask: list[str] = []
        self._unanswered = dict.fromkeys(session.participants, 0)

    @property
    def commands(self) -> tuple[CommandName, ...]:
        return ("next",)

    def begin(self) -> None:
        if self._to_ask:
            self._ask()
        elif self._left and self._asked:
            if not self.session.introduced("indicators"):
                self.session.say("fair.start")
            indicator = named(self.session.language, self._left[0])
            text = self.session.language.phrase("fair.think", self._round, indicator=indicator)
            self.session.say_text(capital(text), "fair.think", then=lambda _: self._think())
        else:
            self.course.stage_over()

    @property
    def _asked(self) -> list[str]:
        """Those who are still asked, in the order of this round."""
        people = self.session.participants
        first = self._round % len(people)
        return [person for person in (*people[first:], *people[:first]) if self._unanswered[person] < ENOUGH]

    # -- everyone finds a number ---------------------------------------------------------------------

    def _think(self) -> None:
        self.watch = Stopwatch()
        self.go_on()

    def start_clock(self) -> None:
        self.watch.start(self.now_ms)

    def tick(self) -> None:
        due_ms = self.deadline_ms
        if due_ms is not None and self.now_ms >= due_ms:
            self._show()

    @property
    def deadline_ms(self) -> int | None:
        return None if self.course.paused else self.watch.when_ms(self._think_ms)

    def command(self, command: Command) -> None:
        """Whoever has their number need not wait."""
        if command.name in ("next", "pass") and self.watch.running:
            self._show()

    def welcome_back(self) -> None:
        """After a pause: what was asked is asked again."""
        self.begin()

    # -- and says it -----------------------------------------------------------------------------------

    def _show(self) -> None:
        self.watch = Stopwatch()
        self._to_ask = self._asked
        self.session.say("fair.show", then=lambda _: self._ask())

    def _ask(self) -> None:
        self.session.ask(
            Question(
                prompt_kind="fair.number",
                slots={"indicator": named(self.session.language, self._left[0])},
                person=self._to_ask[0],
                choices=fairness(self.session.language),
                then=self._answered,
                count=int(len(self._to_ask) < len(self._asked)),
                again=0,
            )
        )

    def _answered(self, value: int | None) -> None:
        person = self._to_ask.pop(0)
        self._unanswered[person] = self._unanswered[person] + 1 if value is None else 0
        if value is not None and value != RATHER_NOT:
            rated = SelfRated(at_ms=self.now_ms, person=person, indicator=self._left[0], value=value)
            self.session.self_rated.append(rated)
            self.session.emit(rated)
        if self._to_ask:
            self._ask()
            return
        self._left.pop(0)
        self._round += 1
        self.begin()

    def view(self) -> StageView:
        return StageView(floor=self._to_ask[0] if self._to_ask else None)
