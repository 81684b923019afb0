"""What a stage and a subdialogue have in common, and what each of them may use: a part of the session that runs for a
while.

Below it is the session context, of which it says what it needs: that it speaks, asks, knows people, remembers. Above
it is whoever leads through the session: a stage knows no more of that than `Course`, a subdialogue than `Between`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Protocol

from facilitator.core.dialogue.narration import Sentences
from facilitator.core.dialogue.questions import Question
from facilitator.core.dialogue.scheduler import Otherwise, PromptScheduler
from facilitator.core.events import (
    Agreed,
    AgreementKind,
    ChimeName,
    Command,
    CommandName,
    Fact,
    Outcome,
    Rated,
    SelfRated,
)
from facilitator.core.language.choices import Choice
from facilitator.core.language.wording import Language
from facilitator.core.setup import Setup

Slots = Mapping[str, str]
NO_SLOTS: Slots = MappingProxyType({})


# -- below: of the session context ------------------------------------------------------------------


class Speaks(Protocol):
    """Says, shows and sounds things, in the language of the session. `now_ms` is the time."""

    now_ms: int
    language: Language
    scheduler: PromptScheduler

    def emit(self, outcome: Outcome) -> None: ...

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
    ) -> None: ...

    def worded(self, prompt_kind: str, count: int = 0, person: str | None = None, slots: Slots = NO_SLOTS) -> str: ...

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
    ) -> None: ...

    def say_own(self, ask: str, *, wait_ms: int | None = None, then: Callable[[bool], None] | None = None) -> None: ...

    def prepare_text(self, text: str) -> None: ...

    def chime(self, name: ChimeName) -> None: ...


class Asks(Speaks, Protocol):
    """Asks a question and waits for the answer."""

    def ask(self, question: Question) -> None: ...

    def drop_question(self) -> None: ...

    @property
    def question(self) -> Question | None: ...

    @property
    def choices(self) -> tuple[Choice, ...]: ...


class KnowsPeople(Protocol):
    """Who is there, what was set up for them, who is heard and how much."""

    setup: Setup
    people: tuple[str, ...]
    aims: dict[str, float]
    listening: bool
    enrolled: set[str]
    kept: set[str]

    absent: set[str]
    uncalled: set[str]

    @property
    def present(self) -> tuple[str, ...]: ...

    @property
    def participants(self) -> tuple[str, ...]: ...

    def seated(self, command: Command) -> str | None: ...

    def consent(self, person: str, *, heard: bool) -> None: ...

    def take_back(self, person: str, then: Callable[[bool], None] | None = None) -> None: ...

    def is_heard(self, person: str) -> bool: ...

    def airtime_ms(self) -> dict[str, int]: ...

    def part_ms(self) -> dict[str, float]: ...


class Remembers(Protocol):
    """What people have said so far, and what was done before."""

    agreed: list[Agreed]
    ratings: list[Rated]
    self_rated: list[SelfRated]
    saved_ms: dict[str, int]
    questions_given: int

    def introduced(self, kind: str) -> bool: ...

    def once_in(self, what: str, ms: int) -> bool: ...


class TakesBack(Protocol):
    """Lets the last thing that was asked for be taken back."""

    def can_undo(self, undo: Callable[[], bool]) -> None:
        """`undo` says whether it still could."""


class SpeaksToPeople(Speaks, KnowsPeople, TakesBack, Protocol): ...


class SpeaksAndRemembers(Speaks, Remembers, Protocol): ...


class AsksPeople(Asks, KnowsPeople, Protocol): ...


class AsksAndRemembers(Asks, KnowsPeople, Remembers, TakesBack, Protocol): ...


# -- above: of whoever leads through the session -----------------------------------------------------


class Course(Protocol):
    """The way through the stages, as a stage knows it."""

    answered: bool
    """Somebody is there to answer; else nobody is asked any more."""

    @property
    def paused(self) -> bool: ...

    @property
    def running(self) -> bool:
        """Neither a pause nor anything else keeps the stage waiting."""

    @property
    def more_follows(self) -> bool:
        """Whether there is another stage before the closing."""

    def stage_over(self) -> None:
        """The running stage has come to its end."""

    def back_to(self, stage: DialogueTask) -> bool:
        """Makes this stage the running one again, where it still is, or came just before; whether it is now."""

    def has_left(self, person: str) -> None:
        """Somebody says that this person is no longer here."""

    def open_note(self, kind: AgreementKind, cooling_ms: int, over: Callable[[], None]) -> None:
        """Takes down an agreement; `over` is called afterwards, whether or not there is one."""

    def take_break(self) -> None:
        """A break with an agreed return, as if somebody had asked for it."""

    def stop_here(self, prompt_kind: str, person: str) -> None:
        """A pause, which this phrase explains; `person` has the floor."""

    def closing_words(self) -> Sentences:
        """The session in a few sentences."""

    def end_for_break(self) -> None:
        """A long break: the session ends here, and the next one begins with it."""


class Between(Protocol):
    """What a subdialogue can do to what it came between."""

    @property
    def paused(self) -> bool: ...

    def pause(self) -> None:
        """Stops the clocks until somebody says that it goes on."""

    def go_on(self) -> None:
        """Ends the pause, and with it whatever goes on in it."""

    def close_subdialogue(self, subdialogue: Subdialogue) -> None:
        """It is over."""

    def end_for_break(self) -> None:
        """A long break: the session ends here, and the next one begins with it."""


# -- the parts themselves ----------------------------------------------------------------------------


class DialogueTask:
    """Each method may be called at any time between `begin` and `end`; `now_ms` is the time."""

    session: Speaks

    def __init__(self, session: Speaks) -> None:
        self.session = session

    @property
    def now_ms(self) -> int:
        return self.session.now_ms

    @property
    def commands(self) -> tuple[CommandName, ...]:
        """What can be asked of this part, besides what can always be asked."""
        return ()

    def begin(self) -> None: ...

    def fact(self, fact: Fact) -> None: ...

    def tick(self) -> None:
        """Looks at the time; called after every fact."""

    @property
    def deadline_ms(self) -> int | None:
        """When `tick` next has something to do."""
        return None

    def end(self) -> None:
        """Broken off: leaves nothing open."""


class Subdialogue(DialogueTask):
    """What comes between: a note, a break, a question that has to be settled first. The stage waits meanwhile. It ends
    itself with `between.close_subdialogue(self)`."""

    kind = "question"
    """What it is called where it is told why nothing was counted."""

    def __init__(self, session: Speaks, between: Between) -> None:
        super().__init__(session)
        self.between = between

    def command(self, command: Command) -> bool:
        """Whether the command was for this subdialogue."""
        return False

    def wait(self) -> None:
        """Something more urgent comes between; its question is asked again afterwards."""

    def come_back(self) -> None:
        """What was more urgent is over."""
