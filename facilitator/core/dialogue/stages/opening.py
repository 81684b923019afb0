"""The opening circle: everyone says a few words, which is consent, voiceprint and microphone check in one.

Nobody is pressed: one who declines, or does nothing, takes part without being listened to.

*Where words are understood*, the call is the question, and who says yes adds a few words. A short no is a no at once;
in longer speech any word that could be one is asked about plainly, and so is the absence of a yes; only a yes is one.
*Where they are not*, a voice that
says "no, please do not" for ten seconds sounds like one that agrees. So the plain question comes first, and only a key
or a button is a yes; whoever does nothing is not heard. The sample is taken after that.
"""

from __future__ import annotations

from facilitator.core.dialogue.context import AsksPeople, Course
from facilitator.core.dialogue.stages.consent import REMIND_MS, ConsentStage
from facilitator.core.dialogue.stages.stage import StageView
from facilitator.core.events import (
    Activity,
    Command,
    CommandName,
    ConsentHeard,
    Enrolled,
    EnrolmentHeard,
    EnrolmentProblem,
    Fact,
    Learn,
    Listen,
)
from facilitator.core.formats.stages import Opening

TRIES = 2  # samples taken of one person before what is there has to do
PROBLEM_FROM_MS = 3_000  # of speech, before anything is said about it
LEAST_MS = 3_000  # of speech, for a sample that someone cuts short
SETTLE_MS = 400  # a breath at the end of the sample, not in the middle of a word
NEARLY = 0.85  # of the wanted speech is enough where the person has stopped
SETTLE_EARLY_MS = 600
AT_MOST_MORE_MS = 4_000  # but no longer than this
KEPT_MS = 2_500  # of speech, from somebody whose voiceprint was kept: a yes in a sentence
KEPT_LEAST_MS = 1_000
NO_ANSWER_MS = 5_000  # the listener owes an answer by then
WORDS_MS = 1_000  # the last words of a sample are known by then
SHORT_MS = 2_500  # of speech: a no in so few words is an answer, and is not asked about again
TAKE_BACK_MS = 1_500  # after the thanks


class OpeningStage(ConsentStage):
    kind = "opening"
    asks_each = True
    session: AsksPeople

    def __init__(
        self,
        session: AsksPeople,
        course: Course,
        settings: Opening,
        people: tuple[str, ...] | None = None,
        greeting: str | None = None,
        late: bool = False,
    ) -> None:
        super().__init__(session, course)
        self.settings = settings
        self._again = greeting
        self._late = late  # one who has come while the others wait: greeted and asked in one sentence
        everyone = session.present if people is None else people
        self._greeted = everyone
        self._left = [p for p in everyone if p not in session.enrolled] if session.listening else []
        self._kept = False  # there is a voiceprint of this person, and it seems to be theirs
        self._hurried = False  # they went on once, before there was enough of the sample
        self._calls = 0
        self._tries = 0
        self._heard_ms = 0
        self._problem: EnrolmentProblem | None = None
        self._learning_ms: int | None = None
        self._weighing_ms: int | None = None  # there is enough of the sample; until then its last words are waited for
        self._asked = False  # somebody has been
        self._thanked: str | None = None  # and can still take it back by the same key
        self._pause_until_ms: int | None = None

    def begin(self) -> None:
        session = self.session
        if self._late and self._left:
            session.chime("hello")
            self._next()
            return
        names = session.language.listed(self._greeted)
        if self._again is not None:
            greeting = self._again
        elif not session.listening:
            greeting = "opening.greeting_timer"
        else:
            greeting = "opening.greeting" if self._left else "opening.greeting_known"
            if self._left and session.kept.issuperset(self._left):
                greeting = "opening.greeting_kept"
            for person in session.people:
                if person in session.enrolled:
                    session.consent(person, heard=True)
        session.chime("hello")
        session.say(greeting, {"names": names}, then=lambda _: self._next())

    def _next(self) -> None:
        self._thanked, self._pause_until_ms = None, None
        if not self._left:
            self._person = None
            self.course.stage_over()
            return
        first = self._person is None and not self._asked
        self._person, self._asked = self._left.pop(0), True
        self._kept = self._person in self.session.kept
        self._calls, self._tries, self._heard_ms = 0, 0, 0
        self._refused = self._agreed = self._asking = self._hurried = False
        self._weighing_ms = None
        self._consents = False
        self._called_ms = None
        if self.session.setup.consents_in_words:
            self._call("opening.arrival" if self._late else "opening.call_kept" if self._kept else "opening.call")
        elif self._late:
            self._ask(count=0, wait_ms=round(self.settings.wait_s * 1000), phrase="opening.arrival")
        else:
            self._ask(count=0 if first else 1, wait_ms=round(self.settings.wait_s * 1000))

    def _call(self, phrase: str) -> None:
        assert self._person is not None
        self._calls += 1
        self._called_ms, self._weighing_ms = None, None
        self._heard_ms, self._problem, self._learning_ms = 0, None, None
        self.session.say(phrase, person=self._person, count=len(self._left), then=lambda _: self._listen())

    def _listen(self) -> None:
        assert self._person is not None
        self._called_ms = self.now_ms
        self.session.emit(Listen(at_ms=self.now_ms, person=self._person))
        self._attend(not self._consents)

    def _agree(self) -> None:
        self._consents = True
        self._attend(False)
        if self._called_ms is None:  # asked before anything was said
            if self._calls == 0:
                self._call("opening.call_kept" if self._kept or self._late else "opening.call")
        elif self._heard_ms >= self._least_ms:
            self._learn()
        else:
            self._let_go()
            self._call("opening.call_again")

    def _weigh(self) -> None:
        """There is enough of the sample: with a yes in it, and nothing like a no, it may be taken. The last words need
        a moment to be known."""
        if self._consents or (self._agreed and not self._refused and self._weighing_ms is not None):
            self._consents = True
            self._learn()
        elif self._weighing_ms is None:
            self._weighing_ms = self.now_ms + WORDS_MS
        else:
            self._ask(count=0)

    # -- what is heard and pressed -----------------------------------------------------------------

    @property
    def minds_consent(self) -> bool:
        return self._person is not None or self._thanked is not None

    @property
    def commands(self) -> tuple[CommandName, ...]:
        return ("next", "decline") if self._person is not None else ()

    def command(self, command: Command) -> None:
        if self._person is None:
            if self._thanked is not None and command.name in ("decline", "no"):
                self._take_back(self._thanked)
            return
        if self._learning_ms is not None and command.name not in ("decline", "no"):
            return
        if command.name in ("decline", "no"):
            self.session.drop_question()
            self._without("opening.declined")
        elif command.name == "yes":
            self._agreed = True
        elif command.name in ("next", "pass"):
            self._go_on()

    def _go_on(self) -> None:
        """Ends the sample where there is enough of it. Who has said yes, and goes on before that, has not said no: they
        hear what is missing, and what a second time means."""
        if self._heard_ms >= self._least_ms:
            self._weigh()
        elif (self._consents or self._agreed) and not self._hurried:
            self._hurried = True
            self._let_go()
            self._call("opening.too_little")
        else:
            self.session.drop_question()
            self._without("opening.unheard")

    def _without(self, phrase: str) -> None:
        assert self._person is not None
        person = self._person
        self._asking, self._learning_ms = False, None
        self.session.scheduler.clear(self.now_ms)
        self._let_go()
        self.session.consent(person, heard=False)
        self._person = None
        self.session.say(phrase, person=person, then=lambda _: self._next())

    def _take_back(self, person: str) -> None:
        """Right after the thanks."""
        self._thanked, self._pause_until_ms = None, None
        self.session.scheduler.clear(self.now_ms)
        self.session.take_back(person, then=lambda _: self._next())

    def _let_go(self) -> None:
        """What has been heard of the sample."""
        self._attend(False)
        if self._called_ms is not None and self._person is not None:
            self.session.emit(Learn(at_ms=self.now_ms, person=self._person, keep=False))
            self._called_ms = None

    def fact(self, fact: Fact) -> None:
        if self._person is None:
            return
        if isinstance(fact, EnrolmentHeard) and fact.person == self._person and self._called_ms is not None:
            self._heard_ms, self._problem = fact.speech_ms, fact.problem
        elif isinstance(fact, Enrolled) and fact.person == self._person and self._learning_ms is not None:
            self._thank()
        elif isinstance(fact, ConsentHeard):
            self._consent_heard(fact)
        elif isinstance(fact, Activity) and fact.speaking and self._asking:
            self._spoke = True

    def _learn(self) -> None:
        assert self._person is not None
        self._attend(False)
        self._learning_ms = self.now_ms
        self.session.emit(Learn(at_ms=self.now_ms, person=self._person))

    def _thank(self) -> None:
        assert self._person is not None
        person = self._person
        self.session.consent(person, heard=True)
        self._person, self._thanked, self._learning_ms = None, person, None
        self.session.say(
            "opening.thanks", person=person, count=len(self._left), wait_ms=3_000, then=lambda _: self._thanks_said()
        )

    def _thanks_said(self) -> None:
        """Where it was said that a key takes it back, there is a moment to press it."""
        if self.session.setup.consents_in_words:
            self._next()
        else:
            self._pause_until_ms = self.now_ms + TAKE_BACK_MS

    # -- time --------------------------------------------------------------------------------------

    def tick(self) -> None:
        if self.course.paused:
            return
        if self._pause_until_ms is not None and self.now_ms >= self._pause_until_ms:
            self._next()
        elif self._person is None:
            return
        elif self._asking:
            self._mind_words()
        elif self._called_ms is not None:
            self._mind_sample()

    def _mind_sample(self) -> None:
        assert self._person is not None
        if self._learning_ms is not None:
            if self.now_ms >= self._learning_ms + NO_ANSWER_MS:
                self._without("opening.unheard")
        elif self._weighing_ms is not None:
            if self.now_ms >= self._weighing_ms:
                self._weigh()
        elif self._problem == "unlike":  # a voice may have changed, or somebody else answered: learned like a new one
            self._kept = False
            self.session.kept.discard(self._person)
            self._let_go()
            self._call("opening.unlike")
        elif self._problem is not None and self._heard_ms >= PROBLEM_FROM_MS and self._tries + 1 < TRIES:
            self._tries += 1
            problem = self._problem
            self._let_go()
            self._call(f"opening.{problem}")
        elif self._refused and self._still_ms() >= SETTLE_MS:
            if self._agreed or self._heard_ms > SHORT_MS:
                self._ask(count=0)
            else:
                self._without("opening.declined")
        elif self._still_enough() or self._heard_ms >= self._wanted_ms + self._more_ms:
            self._weigh()
        elif self._heard_ms < self._wanted_ms and self._silent_ms() >= self._patience_ms():
            self._mind_silence()

    def _mind_silence(self) -> None:
        if self._heard_ms >= self._least_ms and self._calls > 1:
            self._weigh()
        elif self._calls == 1:
            self._let_go()
            self._call("opening.call_again")
        else:
            self._without("opening.unheard")

    @property
    def _wanted_ms(self) -> float:
        """So much speech is asked for."""
        return KEPT_MS if self._kept else self.settings.sample_s * 1000

    @property
    def _more_ms(self) -> int:
        """So much longer the end of what somebody says is waited for; not while the others wait."""
        return 0 if self._late else AT_MOST_MORE_MS

    @property
    def _least_ms(self) -> int:
        return KEPT_LEAST_MS if self._kept else LEAST_MS

    def _settle_ms(self) -> int | None:
        """How long a pause ends the sample; None: there is too little of it yet."""
        part = self._heard_ms / self._wanted_ms
        return SETTLE_MS if part >= 1 else SETTLE_EARLY_MS if part >= NEARLY else None

    def _still_enough(self) -> bool:
        settle_ms = self._settle_ms()
        return settle_ms is not None and self.session.scheduler.still_ms(self.now_ms) >= settle_ms

    def _silent_ms(self) -> int:
        assert self._called_ms is not None
        return min(self.session.scheduler.still_ms(self.now_ms), self.now_ms - self._called_ms)

    def _patience_ms(self) -> int:
        return round(self.settings.wait_s * 1000 * (1 if self._calls == 1 else 2))

    @property
    def deadline_ms(self) -> int | None:
        if self.course.paused:
            return None
        if self._pause_until_ms is not None:
            return self._pause_until_ms
        if self._person is None:
            return None
        if self._asking:
            return self.now_ms - self._still_ms() + REMIND_MS if self._may_remind else None
        return self._sample_deadline_ms() if self._called_ms is not None else None

    def _sample_deadline_ms(self) -> int | None:
        if self._learning_ms is not None:
            return self._learning_ms + NO_ANSWER_MS
        if self._weighing_ms is not None:
            return self._weighing_ms
        scheduler = self.session.scheduler
        if scheduler.busy or scheduler.someone_speaking:
            return None
        if self._refused:
            return self.now_ms - self._still_ms() + SETTLE_MS
        return self.now_ms - self._silent_ms() + (self._settle_ms() or self._patience_ms())

    def left(self, person: str) -> None:
        if person in self._left:
            self._left.remove(person)
        elif person == self._person:
            self.session.drop_question()
            self._without("opening.unheard")

    def end(self) -> None:
        self._let_go()

    def welcome_back(self) -> None:
        if self._asking:
            self._ask(count=0)
        else:
            super().welcome_back()

    def sample_part(self, person: str) -> float:
        """How much of this person's sample is in, 0 to 1."""
        if person in self.session.enrolled:
            return 1.0
        return min(1.0, self._heard_ms / self._wanted_ms) if person == self._person else 0.0

    def view(self) -> StageView:
        return StageView(floor=self._person, next_person=self._left[0] if self._left else None)
