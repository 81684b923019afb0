"""A discussion that is told every fact by a test: what is said, pressed, spoken and heard, second by second."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from facilitator.core.discussion import Discussion
from facilitator.core.events import (
    Activity,
    Agreed,
    Command,
    Consented,
    ConsentHeard,
    Enrolled,
    EnrolmentHeard,
    Fact,
    Heard,
    Hush,
    Learn,
    Listen,
    Outcome,
    PromptEnded,
    PromptStarted,
    Say,
    Tick,
)
from tests.support.simulation import setup


class Room:
    """A table whose every fact a test tells. What is said takes as long as it does; then it is quiet."""

    def __init__(self, people: tuple[str, ...] = ("Ana", "Ben"), form: Any = "round-robin", **options: object) -> None:
        self.discussion = Discussion(setup(people, form, **options))  # type: ignore[arg-type]
        self.now_ms = 0
        self.log: list[Outcome] = []
        self.saying: Say | None = None
        self.said_ms = 0
        self.sample: str | None = None
        self.tell(Tick(at_ms=0))

    def tell(self, *facts: Fact) -> None:
        for fact in facts:
            outcomes = self.discussion.receive(fact)
            self.log += outcomes
            for outcome in outcomes:
                if isinstance(outcome, Say):
                    self.saying, self.said_ms = outcome, self.now_ms
                    self.tell(PromptStarted(at_ms=self.now_ms, prompt=outcome.prompt, start_ms=self.now_ms))
                elif isinstance(outcome, Hush) and self.saying is not None:
                    self.over("hushed")
                elif isinstance(outcome, Listen):
                    self.sample = outcome.person
                elif isinstance(outcome, Learn):
                    self.sample = None
                    if outcome.keep:
                        self.tell(Enrolled(at_ms=self.now_ms, person=outcome.person))

    def over(self, how: str = "spoken") -> None:
        said, self.saying = self.saying, None
        if said is not None:
            self.tell(
                PromptEnded(at_ms=self.now_ms, prompt=said.prompt, start_ms=self.said_ms, end_ms=self.now_ms, how=how)  # type: ignore[arg-type]
            )

    def noted(self, text: str) -> None:
        """In talk a note is typed, and read back, and they agree."""
        self.until("talk.start")
        self.wait(1_000)
        self.tell(Command(at_ms=self.now_ms, name="note", text=text))
        self.until("note.read_back")
        self.press("yes")

    def notes(self, text: str) -> None:
        """The same; where it is asked, it is everybody's and has no day. Up to what comes then."""
        self.noted(text)
        while (kind := self.being_said()) in ("note.who", "note.when"):
            self.until(kind)
            self.press("answer", value=0)

    def being_said(self) -> str:
        """What is being said next."""
        for _ in range(400):
            if self.saying is not None:
                return self.saying.prompt_kind
            self.wait(500)
        raise AssertionError("nothing is said any more")

    def kept(self) -> Agreed:
        """The one note of this table, once it is kept."""
        while not any(isinstance(one, Agreed) for one in self.log):
            self.until(self.being_said())
        return self.kept_last()

    def kept_last(self) -> Agreed:
        (found,) = [one for one in self.log if isinstance(one, Agreed)]
        return found

    def until(self, kind: str, within_ms: int = 200_000) -> Say:
        """Time goes by until this has been said."""
        end_ms = self.now_ms + within_ms
        while self.now_ms < end_ms:
            said = self.saying
            if said is not None:
                self.wait(2_000)
                if self.saying is said:
                    self.over()
                if said.prompt_kind == kind:
                    return said
            else:
                self.wait(500)
        raise AssertionError(f"{kind} was not said: {[o.text for o in self.log if isinstance(o, Say)][-3:]}")

    def wait(self, ms: int) -> None:
        end_ms = self.now_ms + ms
        while self.now_ms < end_ms:
            self.now_ms = min(end_ms, self.now_ms + 100)
            self.tell(Tick(at_ms=self.now_ms))

    def speak(self, ms: int, text: str = "", signs: Callable[[str], tuple[bool, bool]] | None = None) -> None:
        """Somebody does; with `signs` the words are understood, a moment after they were said."""
        start_ms = self.now_ms
        self.tell(Activity(at_ms=self.now_ms, speaking=True, start_ms=self.now_ms))
        while self.now_ms < start_ms + ms:
            self.now_ms += 500
            self.tell(Tick(at_ms=self.now_ms))
            if self.sample is not None:
                heard_ms = self.now_ms - start_ms
                self.tell(EnrolmentHeard(at_ms=self.now_ms, person=self.sample, speech_ms=heard_ms))
        self.tell(Activity(at_ms=self.now_ms, speaking=False, start_ms=self.now_ms))
        if signs is not None:
            refuses, agrees = signs(text)
            self.wait(400)
            self.tell(
                ConsentHeard(
                    at_ms=self.now_ms, refuses=refuses, agrees=agrees, start_ms=start_ms, end_ms=self.now_ms - 400
                )
            )

    def press(self, name: str, person: str | None = None, value: int | None = None) -> None:
        self.tell(Command(at_ms=self.now_ms, name=name, person=person, value=value))  # type: ignore[arg-type]

    def agree(self) -> None:
        """Everyone presses the key that is a yes, and says a few words."""
        for _ in self.discussion.setup.people:
            self.until("opening.may_i")
            self.press("yes")
            self.until("opening.call")
            self.speak(9_000)

    def sayings(self) -> list[str]:
        return [o.text for o in self.log if isinstance(o, Say)]

    def heard(self, person: str) -> bool:
        return any(isinstance(o, Consented) and o.person == person and o.heard for o in self.log)

    def kinds(self) -> list[str]:
        return [o.prompt_kind for o in self.log if isinstance(o, Say)]


def says(room: Room, person: str, ms: int = 5_000) -> None:
    """This person speaks for so long, and is known by their voice."""
    if room.saying is not None:
        room.over()
    room.wait(500)
    start_ms = room.now_ms
    room.tell(Activity(at_ms=start_ms, speaking=True, start_ms=start_ms))
    room.wait(ms)
    room.tell(Activity(at_ms=room.now_ms, speaking=False, start_ms=room.now_ms))
    room.tell(Heard(at_ms=room.now_ms, start_ms=start_ms, end_ms=room.now_ms, people=(person,)))
