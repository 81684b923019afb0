"""What the people at a simulated table answer when they are asked something, and when.

A question is known by the phrase it was asked with and by the answers there are to it, as on a screen.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Literal, Protocol

from facilitator.core.discussion import Discussion
from facilitator.core.events import Command, CommandName, Dictated, Fact, PhraseHeard, Say
from facilitator.core.language.choices import NO, YES, Choice

Behaviour = Literal["all", "dominated", "one-silent", "nobody", "cut-ins", "passes"]
"""Everyone talks; the first person does most of the talking; the last one says nothing; nobody says anything;
people cut in on each other; everyone passes, turns and questions alike."""

CONSENT = ("opening.may_i", "opening.arrival")
ASKED: tuple[str, ...] = CONSENT
ASKED += (
    "rate.",
    "fair.number",
    "agree.any",
    "agree.more",
    "note.read_back",
    "note.who",
    "note.takes_on",
    "note.when",
    "note.by_turns",
    "note.turn",
    "note.whose",
    "note.decided",
    "note.cools",
)
ASKED += (
    "floor.confirm",
    "floor.may_go_on",
    "floor.break",
    "heavy.minute",
    "closing.next",  # and what is proposed
    "break.ask",
    "confirm.finish",
    "business.ready",
    "business.due",
    "business.decision",
)
"""The phrases that are questions begin like this."""
WORDS = (
    "we speak one at a time",
    "we meet again next Friday",
    "Sunday evenings without telephones",
    "whoever cooks does not wash up",
    "one list for everything that is to be done",
)
"""What they agree on, one after the other."""
MOSTLY_YES = 0.85
WORD_MS = 600
"""How long an answer of a word or two takes to say."""
NOTICED_MS = 300
"""From the end of an answer until it is known."""
TYPING_MS = 8_000
DICTATING_MS = 3_000
FINAL_MS = 1_000
"""From the end of a dictation until its words are known."""


class Room(Protocol):
    """Where the people are who answer."""

    now_ms: int
    people: tuple[str, ...]
    behaviour: Behaviour
    chance: random.Random
    discussion: Discussion

    def at(self, ms: int, do: Callable[[], None]) -> None:
        """Has it done at that time."""

    def tell(self, fact: Fact) -> None: ...

    def press(self, name: CommandName, value: int | None = None, person: str | None = None) -> None: ...

    def speak(self, person: str, after_ms: int, length_ms: int) -> int:
        """Returns when it ends."""


def is_silent(person: str | None, people: Sequence[str], behaviour: Behaviour) -> bool:
    """Whether this person never says a word. None: anybody may speak."""
    return behaviour == "nobody" or (behaviour == "one-silent" and person == people[-1])


def chosen(
    asked: str, choices: Sequence[Choice], people: Sequence[str], *, noted: bool, chance: random.Random
) -> Choice:
    """The answer to the question that was asked with the phrase `asked`. `noted`: there is an agreement already."""
    values = {choice.value: choice for choice in choices}
    if asked in CONSENT:
        return values[YES]
    if asked.startswith("agree."):
        return values[NO if noted else YES]
    if asked == "rate.share":
        guess = 100 / len(people) + chance.uniform(-15, 15)
        return min(choices, key=lambda choice: abs(choice.value - guess))
    if asked == "break.ask":
        return min(choices, key=lambda choice: choice.value)
    if asked == "confirm.finish":
        return values[YES]
    if asked == "fair.number":
        return chance.choice([choice for choice in choices if choice.value])
    if set(values) == {YES, NO}:
        return values[YES if chance.random() < MOSTLY_YES else NO]
    return chance.choice(choices)


class SimulatedAnswers:
    """Watches what is asked at the table and has it answered, one to three seconds after it was said."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._said: Say | None = None
        self._asked: tuple[Choice, ...] = ()  # the question that somebody is about to answer
        self._noted = False  # something has been agreed on in this stage
        self._notes = 0
        self.words: tuple[str, ...] = WORDS

    def stage_started(self) -> None:
        self._noted = False

    def said(self, say: Say, *, hushed: bool) -> None:
        """This was said last. What is no question but waits for somebody, somebody does."""
        self._said = say
        room = self._room
        if hushed or room.behaviour == "nobody":
            return
        if say.prompt_kind == "note.type":
            room.at(room.now_ms + TYPING_MS, self._type)
        elif say.prompt_kind in ("note.listening", "note.again"):
            self.dictate()
        elif say.prompt_kind in ("break.over", "floor.pause"):
            room.at(room.now_ms + 5_000, lambda: room.press("go-on"))

    def look(self) -> None:
        """Has the question that has just been said answered, by whom it is for or by anybody."""
        room, said = self._room, self._said
        choices = room.discussion.snapshot().choices
        if not choices or choices is self._asked or said is None or not said.prompt_kind.startswith(ASKED):
            return
        if said.prompt_kind == "floor.break":  # nobody: it may end the session, and what comes then would not be played
            return
        self._asked = choices
        if is_silent(said.person, room.people, room.behaviour) and said.prompt_kind not in CONSENT:
            return
        found = None
        if room.behaviour != "passes" or said.prompt_kind in CONSENT:
            keyed = tuple(choice for choice in choices if choice.key)
            found = chosen(said.prompt_kind, keyed, room.people, noted=self._noted, chance=room.chance)
        self._noted = self._noted or said.prompt_kind == "agree.any"
        person = said.person or self._anybody()
        after_ms = room.chance.randrange(1_000, 3_000)
        if room.discussion.setup.listening:
            room.speak(person, after_ms - WORD_MS - NOTICED_MS, WORD_MS)
        room.at(room.now_ms + after_ms, lambda: self._answer(choices, found, person))

    def _answer(self, choices: tuple[Choice, ...], found: Choice | None, person: str) -> None:
        """By voice where words are heard, else by key."""
        room = self._room
        if room.discussion.snapshot().choices is not choices:
            return  # it is no longer asked
        if found is None:
            room.press("pass", person=person)
        elif found.phrases and found.phrases[0] in room.discussion.phrases:
            end_ms, phrase = room.now_ms - NOTICED_MS, found.phrases[0]
            room.tell(PhraseHeard(at_ms=room.now_ms, phrase=phrase, start_ms=end_ms - WORD_MS, end_ms=end_ms))
        elif found.key.isdigit():
            room.press("answer", int(found.key), person)
        else:
            room.press("yes" if found.value == YES else "no", person=person)

    # -- agreements --------------------------------------------------------------------------------

    def dictate(self) -> None:
        """Somebody says what is to be written down."""
        room = self._room
        if room.behaviour == "nobody":
            return
        end_ms = room.speak(self._anybody(), 1_000, DICTATING_MS)

        def dictated() -> None:
            room.tell(Dictated(at_ms=room.now_ms, text=self._words(), start_ms=end_ms - DICTATING_MS, end_ms=end_ms))

        room.at(end_ms + FINAL_MS, dictated)

    def _type(self) -> None:
        if "note" in self._room.discussion.snapshot().commands:
            self._room.tell(Command(at_ms=self._room.now_ms, name="note", text=self._words()))

    def _words(self) -> str:
        self._notes += 1
        return self.words[(self._notes - 1) % len(self.words)]

    def _anybody(self) -> str:
        room = self._room
        talkers = [p for p in room.people if not is_silent(p, room.people, room.behaviour)]
        return room.chance.choice(talkers)
