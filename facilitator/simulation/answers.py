"""What the people at a simulated table answer when they are asked something, and when.

A question is known by the phrase it was asked with and by the answers there are to it, as on a screen.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from facilitator.core.events import Command, Dictated, PhraseHeard, Say
from facilitator.core.language.choices import NO, YES, Choice

if TYPE_CHECKING:
    from facilitator.simulation.table import SimulatedTable

Behaviour = Literal["all", "dominated", "one-silent", "nobody", "cut-ins", "passes"]
"""Everyone talks; the first person does most of the talking; the last one says nothing; nobody says anything;
people cut in on each other; everyone passes, turns and questions alike."""

ASKED: tuple[str, ...] = ("rate.", "fair.number", "agree.any", "agree.more", "note.read_back", "note.who", "note.when")
ASKED += (
    "floor.confirm",
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


def is_silent(person: str | None, people: Sequence[str], behaviour: Behaviour) -> bool:
    """Whether this person never says a word. None: anybody may speak."""
    return behaviour == "nobody" or (behaviour == "one-silent" and person == people[-1])


def chosen(
    asked: str, choices: Sequence[Choice], people: Sequence[str], *, noted: bool, chance: random.Random
) -> Choice:
    """The answer to the question that was asked with the phrase `asked`. `noted`: there is an agreement already."""
    values = {choice.value: choice for choice in choices}
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

    def __init__(self, table: SimulatedTable) -> None:
        self._table = table
        self._said: Say | None = None
        self._asked: tuple[Choice, ...] = ()  # the question that somebody is about to answer
        self._noted = False  # something has been agreed on in this stage
        self._notes = 0

    def stage_started(self) -> None:
        self._noted = False

    def said(self, say: Say, *, hushed: bool) -> None:
        """This was said last. What is no question but waits for somebody, somebody does."""
        self._said = say
        table = self._table
        if hushed or table.behaviour == "nobody":
            return
        if say.prompt_kind == "note.type":
            table.at(table.now_ms + TYPING_MS, self._type)
        elif say.prompt_kind in ("note.listening", "note.again"):
            self.dictate()
        elif say.prompt_kind == "break.over":
            table.at(table.now_ms + 5_000, lambda: table.press("go-on"))

    def look(self) -> None:
        """Has the question that has just been said answered, by whom it is for or by anybody."""
        table, said = self._table, self._said
        choices = table.discussion.snapshot().choices
        if not choices or choices is self._asked or said is None or not said.prompt_kind.startswith(ASKED):
            return
        self._asked = choices
        if is_silent(said.person, table.people, table.behaviour):
            return
        found = None
        if table.behaviour != "passes":
            keyed = tuple(choice for choice in choices if choice.key)
            found = chosen(said.prompt_kind, keyed, table.people, noted=self._noted, chance=table.chance)
        self._noted = self._noted or said.prompt_kind == "agree.any"
        person = said.person or self._anybody()
        after_ms = table.chance.randrange(1_000, 3_000)
        if table.discussion.setup.listening:
            table.speak(person, after_ms - WORD_MS - NOTICED_MS, WORD_MS)
        table.at(table.now_ms + after_ms, lambda: self._answer(choices, found, person))

    def _answer(self, choices: tuple[Choice, ...], found: Choice | None, person: str) -> None:
        """By voice where words are heard, else by key."""
        table = self._table
        if table.discussion.snapshot().choices is not choices:
            return  # it is no longer asked
        if found is None:
            table.press("pass", person=person)
        elif found.phrases and found.phrases[0] in table.discussion.phrases:
            end_ms, phrase = table.now_ms - NOTICED_MS, found.phrases[0]
            table.tell(PhraseHeard(at_ms=table.now_ms, phrase=phrase, start_ms=end_ms - WORD_MS, end_ms=end_ms))
        elif found.key.isdigit():
            table.press("answer", int(found.key), person)
        else:
            table.press("yes" if found.value == YES else "no", person=person)

    # -- agreements --------------------------------------------------------------------------------

    def dictate(self) -> None:
        """Somebody says what is to be written down."""
        table = self._table
        if table.behaviour == "nobody":
            return
        end_ms = table.speak(self._anybody(), 1_000, DICTATING_MS)

        def dictated() -> None:
            table.tell(Dictated(at_ms=table.now_ms, text=self._words(), start_ms=end_ms - DICTATING_MS, end_ms=end_ms))

        table.at(end_ms + FINAL_MS, dictated)

    def _type(self) -> None:
        if "note" in self._table.discussion.snapshot().commands:
            self._table.tell(Command(at_ms=self._table.now_ms, name="note", text=self._words()))

    def _words(self) -> str:
        self._notes += 1
        return WORDS[(self._notes - 1) % len(WORDS)]

    def _anybody(self) -> str:
        table = self._table
        talkers = [p for p in table.people if not is_silent(p, table.people, table.behaviour)]
        return table.chance.choice(talkers)
