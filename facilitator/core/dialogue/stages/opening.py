"""The opening circle: everyone says a few words, which is consent, voiceprint and microphone check in one.

Nobody is pressed: one who declines, or says nothing after being called twice, takes part without
being listened to.
"""

from __future__ import annotations

from facilitator.core.dialogue.context import Course, SpeaksToPeople
from facilitator.core.dialogue.stages.stage import Stage, StageView
from facilitator.core.events import (
    Command,
    CommandName,
    Enrolled,
    EnrolmentHeard,
    EnrolmentProblem,
    Fact,
    Learn,
    Listen,
)
from facilitator.core.formats.parse import Opening

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


class OpeningStage(Stage):
    kind = "opening"
    session: SpeaksToPeople

    def __init__(
        self,
        session: SpeaksToPeople,
        course: Course,
        settings: Opening,
        people: tuple[str, ...] | None = None,
        greeting: str | None = None,
    ) -> None:
        super().__init__(session, course)
        self.settings = settings
        self._again = greeting
        everyone = session.people if people is None else people
        self._left = [p for p in everyone if p not in session.enrolled] if session.listening else []
        self._person: str | None = None
        self._kept = False  # there is a voiceprint of this person, and it seems to be theirs
        self._calls = 0
        self._tries = 0
        self._called_ms: int | None = None  # None: the call is still being said
        self._heard_ms = 0
        self._problem: EnrolmentProblem | None = None
        self._learning_ms: int | None = None

    def begin(self) -> None:
        session = self.session
        names = session.language.listed(session.people)
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
        if not self._left:
            self._person = None
            self.course.stage_over()
            return
        self._person = self._left.pop(0)
        self._kept = self._person in self.session.kept
        self._calls, self._tries = 0, 0
        self._call("opening.call_kept" if self._kept else "opening.call")

    def _call(self, phrase: str) -> None:
        assert self._person is not None
        self._calls += 1
        self._called_ms = None
        self._heard_ms, self._problem, self._learning_ms = 0, None, None
        self.session.say(phrase, person=self._person, count=len(self._left), then=lambda _: self._listen())

    def _listen(self) -> None:
        assert self._person is not None
        self._called_ms = self.now_ms
        self.session.emit(Listen(at_ms=self.now_ms, person=self._person))

    # -- what is heard and pressed -----------------------------------------------------------------

    @property
    def commands(self) -> tuple[CommandName, ...]:
        return ("next", "decline") if self._person is not None else ()

    def command(self, command: Command) -> None:
        if self._person is None or self._learning_ms is not None:
            return
        if command.name == "decline" or (command.name in ("next", "pass") and self._heard_ms < self._least_ms):
            self._without("opening.declined")
        elif command.name in ("next", "pass"):
            self._learn()

    def _without(self, phrase: str) -> None:
        assert self._person is not None
        person = self._person
        self.session.scheduler.clear(self.now_ms)
        if self._called_ms is not None:
            self.session.emit(Learn(at_ms=self.now_ms, person=person, keep=False))
        self.session.consent(person, heard=False)
        self._person = None
        self.session.say(phrase, person=person, then=lambda _: self._next())

    def fact(self, fact: Fact) -> None:
        if self._person is None:
            return
        if isinstance(fact, EnrolmentHeard) and fact.person == self._person and self._called_ms is not None:
            self._heard_ms, self._problem = fact.speech_ms, fact.problem
        elif isinstance(fact, Enrolled) and fact.person == self._person:
            self._thank()

    def _learn(self) -> None:
        assert self._person is not None
        self._learning_ms = self.now_ms
        self.session.emit(Learn(at_ms=self.now_ms, person=self._person))

    def _thank(self) -> None:
        assert self._person is not None
        person = self._person
        self.session.consent(person, heard=True)
        self._person = None
        self.session.say(
            "opening.thanks",
            person=person,
            count=len(self._left),
            wait_ms=3_000,
            then=lambda _: self._next(),
        )

    # -- time --------------------------------------------------------------------------------------

    def tick(self) -> None:
        if self._person is None or self._called_ms is None or self.course.paused:
            return
        if self._learning_ms is not None:
            if self.now_ms >= self._learning_ms + NO_ANSWER_MS:
                self._learning_ms = None
                self._without("opening.unheard")
            return
        wanted_ms = self._wanted_ms
        if self._problem == "unlike":  # a voice may have changed, or somebody else answered: learned like a new one
            self._kept = False
            self.session.kept.discard(self._person)
            self.session.emit(Learn(at_ms=self.now_ms, person=self._person, keep=False))
            self._call("opening.unlike")
        elif self._problem is not None and self._heard_ms >= PROBLEM_FROM_MS and self._tries + 1 < TRIES:
            self._tries += 1
            problem = self._problem
            self.session.emit(Learn(at_ms=self.now_ms, person=self._person, keep=False))
            self._call(f"opening.{problem}")
        elif self._still_enough() or self._heard_ms >= wanted_ms + AT_MOST_MORE_MS:
            self._learn()
        elif self._heard_ms < wanted_ms and self._silent_ms() >= self._patience_ms():
            if self._heard_ms >= self._least_ms and self._calls > 1:
                self._learn()
            elif self._calls == 1:
                self.session.emit(Learn(at_ms=self.now_ms, person=self._person, keep=False))
                self._call("opening.call_again")
            else:
                self._without("opening.unheard")

    @property
    def _wanted_ms(self) -> float:
        """So much speech is asked for."""
        return KEPT_MS if self._kept else self.settings.sample_s * 1000

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
        if self._person is None or self._called_ms is None or self.course.paused:
            return None
        if self._learning_ms is not None:
            return self._learning_ms + NO_ANSWER_MS
        scheduler = self.session.scheduler
        if scheduler.busy or scheduler.someone_speaking:
            return None
        return self.now_ms - self._silent_ms() + (self._settle_ms() or self._patience_ms())

    def end(self) -> None:
        if self._person is not None and self._called_ms is not None:
            self.session.emit(Learn(at_ms=self.now_ms, person=self._person, keep=False))

    def sample_part(self, person: str) -> float:
        """How much of this person's sample is in, 0 to 1."""
        if person in self.session.enrolled:
            return 1.0
        return min(1.0, self._heard_ms / self._wanted_ms) if person == self._person else 0.0

    def view(self) -> StageView:
        return StageView(floor=self._person, next_person=self._left[0] if self._left else None)
