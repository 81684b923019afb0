"""The people at the table, and everything that is said to them: what stages and subdialogues work with."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from facilitator.core.dialogue.context import NO_SLOTS, Slots
from facilitator.core.dialogue.questions import Question
from facilitator.core.dialogue.scheduler import Otherwise, Prompt, PromptScheduler
from facilitator.core.events import (
    Agreed,
    Chime,
    ChimeName,
    Command,
    Consented,
    Forget,
    Joined,
    Left,
    Outcome,
    Prepare,
    Rated,
    SelfRated,
)
from facilitator.core.language.choices import NO, YES, Choice
from facilitator.core.language.phrases import ANSWERED_BY_WORDS, BY_HAND
from facilitator.core.language.wording import Language
from facilitator.core.setup import Setup

UNDO_MS = 60_000
"""What was done longer ago is no slip of the finger."""
Undo = Callable[[], bool]


def _named(person: str | None, slots: Slots) -> dict[str, str]:
    return {**slots} if person is None else {"name": person, **slots}


class SessionContext:
    """What comes of it is in `outcomes`, in order. `now_ms` is the time."""

    def __init__(
        self,
        setup: Setup,
        language: Language,
        airtime_ms: Callable[[], Mapping[str, int]],
        part_ms: Callable[[], Mapping[str, float]],
    ) -> None:
        self.setup, self.language = setup, language
        self.people, self.listening = setup.people, setup.listening
        self.aims = setup.aims()
        self.absent: set[str] = set()
        """Those with a seat who are not at the table now."""
        self.uncalled: set[str] = set()
        """Those who did not answer, and of whom nobody said whether they are still here."""
        self.enrolled: set[str] = set(setup.enrolled)
        self.kept: set[str] = set(setup.known)
        """Those whose kept voiceprint is of use today."""
        self.declined: set[str] = set()
        self.now_ms = 0
        self.outcomes: list[Outcome] = []
        self.agreed: list[Agreed] = []
        self.ratings: list[Rated] = []
        self.self_rated: list[SelfRated] = []
        self.saved_ms: dict[str, int] = {}
        """What people left of their turns, where a format keeps it for them."""
        self.questions_given = 0
        """From the deck."""
        self.scheduler = PromptScheduler(self.emit, setup.budget)
        self._airtime_ms, self._part_ms = airtime_ms, part_ms
        self._asking: Asking | None = None
        self._undo: tuple[int, Undo] | None = None  # since when, and how
        self._introduced: set[str] = set()
        self._done_ms: dict[str, int] = {}

    # -- saying --------------------------------------------------------------------------------------

    def emit(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)

    def say(
        self,
        prompt_kind: str,
        slots: Slots = NO_SLOTS,
        *,
        person: str | None = None,
        count: int = 0,
        wait_ms: int | None = None,
        otherwise: Otherwise = "say",
        urgent: bool = False,
        unasked: bool = False,
        budget_of: str = "",
        then: Callable[[bool], None] | None = None,
    ) -> None:
        """Puts a phrase in line to be said; the slot `name` is the person's. See `scheduler.Prompt` for the rest."""
        self.say_text(
            self.worded(prompt_kind, count, person, slots),
            prompt_kind,
            person=person,
            wait_ms=wait_ms,
            otherwise=otherwise,
            urgent=urgent,
            unasked=unasked,
            budget_of=budget_of,
            then=then,
        )

    def worded(self, prompt_kind: str, count: int = 0, person: str | None = None, slots: Slots = NO_SLOTS) -> str:
        """The phrase in words that fit what can be heard: nobody is asked to say what is not understood."""
        opening = prompt_kind.startswith("opening.")
        in_words = self.setup.consents_in_words if opening else self.setup.hears_words
        by_hand = not in_words and prompt_kind in ANSWERED_BY_WORDS
        return self.language.phrase(prompt_kind + (BY_HAND if by_hand else ""), count, **_named(person, slots))

    def own_text(self, ask: str) -> str:
        """What a format says of its own, where nobody is called; in the same way."""
        by_hand = ask + BY_HAND
        if not self.setup.hears_words and f"asks.{by_hand}" in self.language.phrases:
            return self.language.own("asks", by_hand)
        return self.language.own("asks", ask)

    def say_text(
        self,
        text: str,
        prompt_kind: str,
        *,
        person: str | None = None,
        wait_ms: int | None = None,
        otherwise: Otherwise = "say",
        urgent: bool = False,
        unasked: bool = False,
        budget_of: str = "",
        then: Callable[[bool], None] | None = None,
    ) -> None:
        """The same with words that are no phrase of the language file."""
        self.scheduler.ask(
            Prompt(
                prompt_kind=prompt_kind,
                text=text,
                aloud=self.setup.aloud(text),
                person=person,
                wait_ms=wait_ms,
                otherwise=otherwise,
                urgent=urgent,
                unasked=unasked,
                budget_of=budget_of,
                then=then,
            ),
            self.now_ms,
        )

    def say_own(self, ask: str, *, wait_ms: int | None = None, then: Callable[[bool], None] | None = None) -> None:
        """What a format says of its own, where nobody is called."""
        self.say_text(self.own_text(ask), "own", wait_ms=wait_ms, then=then)

    def prepare_text(self, text: str) -> None:
        """Has what will probably be said next made ready."""
        self.emit(Prepare(at_ms=self.now_ms, text=self.setup.aloud(text) or text))

    def chime(self, name: ChimeName) -> None:
        self.emit(Chime(at_ms=self.now_ms, chime=name))

    def ask(self, question: Question) -> None:
        """Asks, and waits for the answer. One question at a time: another one takes its place."""
        self.drop_question()
        self._asking = Asking(self, question)
        self._asking.begin()

    def drop_question(self) -> None:
        """Nothing is asked any more; what has not been said of it need not be."""
        if self._asking is not None:
            self.scheduler.cancel(self._asking.question.prompt_kind, self.now_ms)
            self._asking = None

    def answered(self) -> None:
        """The question that waited has its answer."""
        self._asking = None

    @property
    def asking(self) -> Asking | None:
        """The question that waits."""
        return self._asking

    @property
    def question(self) -> Question | None:
        return self._asking.question if self._asking is not None else None

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What the question that waits can be answered with."""
        return self._asking.question.choices if self._asking is not None else ()

    # -- once is enough ------------------------------------------------------------------------------

    def introduced(self, kind: str) -> bool:
        """Whether stages of this kind have been explained; from now on they have."""
        before = kind in self._introduced
        self._introduced.add(kind)
        return before

    def once_in(self, what: str, ms: int) -> bool:
        """Whether `what` was not done in the last `ms`; from now on it was."""
        last_ms = self._done_ms.get(what)
        if last_ms is not None and self.now_ms - last_ms < ms:
            return False
        self._done_ms[what] = self.now_ms
        return True

    # -- taking back ---------------------------------------------------------------------------------

    def can_undo(self, undo: Undo) -> None:
        """What has just been done can be taken back for a while: `undo` says whether it still could."""
        self._undo = (self.now_ms, undo)

    def forget_undo(self) -> None:
        """Something else is being done: what was done before it stays."""
        self._undo = None

    @property
    def undoable(self) -> bool:
        return self._undo is not None and self.now_ms - self._undo[0] <= UNDO_MS

    def undo(self) -> bool:
        """Takes back what was done last; whether there was anything."""
        done, self._undo = self._undo if self.undoable else None, None
        return done is not None and done[1]()

    # -- people --------------------------------------------------------------------------------------

    def consent(self, person: str, *, heard: bool) -> None:
        (self.enrolled.add if heard else self.declined.add)(person)
        (self.declined.discard if heard else self.enrolled.discard)(person)
        self.emit(Consented(at_ms=self.now_ms, person=person, heard=heard))

    def take_back(self, person: str, then: Callable[[bool], None] | None = None) -> None:
        """This person no longer wants to be heard: what was counted of them goes, and so does their voiceprint."""
        self.consent(person, heard=False)
        self.kept.discard(person)
        self.emit(Forget(at_ms=self.now_ms, person=person))
        self.say("withdraw.done", person=person, wait_ms=3_000, urgent=True, then=then)

    @property
    def present(self) -> tuple[str, ...]:
        """Those who are at the table now."""
        return tuple(person for person in self.people if person not in self.absent)

    @property
    def participants(self) -> tuple[str, ...]:
        """Those who take turns: everyone at the table but a host."""
        return tuple(person for person in self.present if person != self.setup.host)

    def leave(self, person: str) -> None:
        self.absent.add(person)
        self.emit(Left(at_ms=self.now_ms, person=person))

    def join(self, person: str) -> None:
        """They have come, or are back; who has no seat yet is given one."""
        if person not in self.people:
            self.people = (*self.people, person)
            self.aims = self.setup.aims(self.people)
        self.absent.discard(person)
        self.uncalled.discard(person)
        self.emit(Joined(at_ms=self.now_ms, person=person))

    def seated(self, command: Command) -> str | None:
        """Whom a command is about: by the number of their seat, or by name. Who says of somebody else that they have
        left has not left."""
        seat = command.value or 0
        return self.people[seat - 1] if 0 < seat <= len(self.people) else command.person

    def is_heard(self, person: str) -> bool:
        return person in self.enrolled

    def is_left_out(self, person: str) -> bool:
        """Not listened to, for good: they do not want it, or nobody is. Who is still to be asked is neither heard nor
        left out."""
        return person in self.declined or not self.listening

    def has_sample(self, person: str) -> float:
        """How much of this person's voice sample there is, 0 to 1."""
        return 1.0 if person in self.enrolled else 0.0

    def airtime_ms(self) -> dict[str, int]:
        return dict(self._airtime_ms())

    def part_ms(self) -> dict[str, float]:
        """What an equal part is, for each person, of what was said while they were there."""
        return dict(self._part_ms())


class Asking:
    """The question that waits. It is handed commands and the time."""

    def __init__(self, session: SessionContext, question: Question) -> None:
        self.question = question
        self._session = session
        self._asked_ms: int | None = None  # None: it is still being said
        self._times = 0

    def begin(self) -> None:
        self._times += 1
        self._asked_ms = None
        question, session = self.question, self._session
        count = question.count + self._times - 1
        if self._times > 1 and question.again is not None:
            count = question.again
        text = session.worded(question.prompt_kind, count, question.person, question.slots)
        hint = question.hint
        by_hand = not session.setup.hears_words or question.person in session.declined  # who is not listened to
        if hint and by_hand and question.prompt_kind not in ANSWERED_BY_WORDS:
            text = f"{text} {session.language.phrase(hint)}"
        session.say_text(
            text, question.prompt_kind, person=question.person, urgent=question.urgent, then=lambda _: self._said()
        )

    def _said(self) -> None:
        self._asked_ms = self._session.now_ms

    def answered(self, command: Command) -> bool:
        """Takes the command if it is an answer: a value by voice, a key by hand."""
        if command.name in ("next", "pass") and self.question.beside:
            self._session.drop_question()
            return False
        if command.name in ("next", "pass"):
            self._over(None)
            return True
        if command.name not in ("yes", "no", "answer"):
            return False
        value = {"yes": YES, "no": NO}.get(command.name, command.value)
        by_key, plain = command.name == "answer" and command.source == "key", command.name != "answer"
        for choice in self.question.choices:
            if plain and choice.key in tuple("123456789"):  # neither a yes nor a no is a day, a number or a name
                continue
            if (choice.key == str(value)) if by_key else (choice.value == value):
                self._over(choice.value)
                return True
        return False

    def give_up(self) -> None:
        """Whom it was for is not there any more."""
        self._over(None)

    def tick(self) -> None:
        due_ms = self.deadline_ms
        if due_ms is None or self._session.now_ms < due_ms:
            return
        if self._times < self.question.times:
            self.begin()
        else:
            self._over(None)

    @property
    def deadline_ms(self) -> int | None:
        if self._asked_ms is None:
            return None
        latest_ms = None if self.question.at_most_ms is None else self._asked_ms + self.question.at_most_ms
        if self._session.scheduler.someone_speaking:
            return latest_ms
        still_since_ms = self._session.now_ms - self._session.scheduler.still_ms(self._session.now_ms)
        due_ms = max(self._asked_ms, still_since_ms) + self.question.wait_ms
        return due_ms if latest_ms is None else min(due_ms, latest_ms)

    def _over(self, value: int | None) -> None:
        self._session.scheduler.cancel(self.question.prompt_kind, self._session.now_ms)
        self._session.answered()
        self.question.then(value)
