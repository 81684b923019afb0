"""Asking somebody whether they may be heard: what is said, and what is an answer. What follows is in `opening.py`."""

from __future__ import annotations

from dataclasses import replace

from facilitator.core.dialogue.context import AsksPeople, Course
from facilitator.core.dialogue.questions import Question, yes_or_no
from facilitator.core.dialogue.stages.stage import Stage
from facilitator.core.events import Attend, ConsentHeard
from facilitator.core.language.choices import NO, YES, Choice

QUESTION_MS = 12_000  # of silence, after a plain question
REMIND_MS = 2_000  # after somebody spoke where words are not understood


class ConsentStage(Stage):
    """Asks one person at a time. `_agree` and `_without` say what happens then."""

    session: AsksPeople

    def __init__(self, session: AsksPeople, course: Course) -> None:
        super().__init__(session, course)
        self._person: str | None = None
        self._called_ms: int | None = None  # None: nothing of what is said is listened to yet
        self._consents = False  # they said yes, in words or by hand
        self._refused = self._agreed = False  # words that could be a no, or a yes, in what was said
        self._attending = False  # every word is listened to
        self._asking = False  # it is asked plainly: may I listen?
        self._asked_ms = 0
        self._spoke = self._reminded = False  # while it is asked where words are not understood

    def _agree(self) -> None:
        raise NotImplementedError

    def _without(self, phrase: str) -> None:
        """Not heard; said with this phrase."""
        raise NotImplementedError

    def _attend(self, on: bool) -> None:
        if on != self._attending and self.session.setup.consents_in_words:
            self._attending = on
            self.session.emit(Attend(at_ms=self.now_ms, on=on))

    def _ask(self, *, count: int, wait_ms: int = QUESTION_MS, phrase: str = "opening.may_i") -> None:
        """Plainly, and once: silence is an answer, too."""
        self._asking, self._asked_ms = True, self.now_ms
        self._spoke = self._reminded = False
        self.session.ask(
            Question(
                prompt_kind=phrase,
                person=self._person,
                choices=self._choices(),
                then=self._answered,
                count=count,
                times=1,
                wait_ms=wait_ms,
            )
        )

    def _choices(self) -> tuple[Choice, ...]:
        """A yes by voice is not taken from a recogniser that knows nothing but the answers, and hears one of them in
        whatever is said: it has to be among all the words there are (`ConsentHeard`)."""
        yes, no = yes_or_no(self.session.language)
        return replace(yes, phrases=()), no

    def _answered(self, value: int | None) -> None:
        self._asking = False
        self.session.scheduler.cancel("opening.only_the_key", self.now_ms)
        if value == YES:
            self._agree()
        else:
            self._without("opening.declined" if value == NO else "opening.unheard")

    def _consent_heard(self, heard: ConsentHeard) -> None:
        """A word that could be a no outweighs a yes; while it is asked plainly, either is the answer."""
        if self._consents or (self._called_ms is None and not self._asking):
            return
        if not (heard.refuses or self.session.setup.consents_in_words):
            return
        if not self._asking:
            self._refused, self._agreed = self._refused or heard.refuses, self._agreed or heard.agrees
        elif heard.refuses or (heard.agrees and heard.start_ms >= self._asked_ms):
            self.session.drop_question()
            self._answered(NO if heard.refuses else YES)

    def _mind_words(self) -> None:
        """Somebody answers where words are not understood: once it is said what counts."""
        if self._may_remind and self._still_ms() >= REMIND_MS:
            self._reminded = True
            self.session.say("opening.only_the_key", person=self._person, wait_ms=3_000, otherwise="show")

    @property
    def _may_remind(self) -> bool:
        if self._reminded or not self._spoke or self.session.setup.consents_in_words:
            return False
        return not self.session.scheduler.busy and not self.session.scheduler.someone_speaking

    def _still_ms(self) -> int:
        return self.session.scheduler.still_ms(self.now_ms)
