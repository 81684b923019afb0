"""Asks, in order, for what a session still needs to know, and reads what people type.

The `parse_...` functions are pure: text in, value out, or a UsageError with one clear sentence. The
command line's flags go through the same functions, so both accept the same things."""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from rich.cells import cell_len

from facilitator.core.language.texts import Texts
from facilitator.core.text import BETWEEN_NAMES, cleaned, in_lines
from facilitator.errors import UsageError
from facilitator.terminal.tell import columns

MIN_PEOPLE, MAX_PEOPLE = 2, 12
MAX_NAME_CELLS = 40
MIN_TURN_MINUTES, MAX_TURN_MINUTES = 1 / 12, 120.0
MAX_ROUNDS = 50

T = TypeVar("T")
_CLOCK = re.compile(r"(\d+):([0-5]\d)")
_NUMBER = re.compile(r"(\d+(?:[.,]\d+)?)\s*(s|sec|seconds?|m|min|minutes?)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class WordChoice:
    """One of the things to choose from: the word to type and what it means."""

    name: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FormTimes:
    """How long the turns of a form are and how often it goes round, as it is written; None: its turns differ."""

    minutes: float | None
    rounds: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupAnswers:
    """`minutes` is the length of a turn; it and `rounds` are None where the format has no use for them."""

    people: tuple[str, ...]
    format: str
    minutes: float | None
    rounds: int | None


# --- reading -------------------------------------------------------------------------------------


def parse_new_name(text: str) -> str:
    """Of somebody who is called that from now on: as `--people` could say it again."""
    name = parse_name(text)
    if BETWEEN_NAMES.search(name):
        raise UsageError(f"“{name}” has a comma in it, which stands between two names: please leave that out.")
    return name


def parse_name(text: str) -> str:
    """A name as it will be shown and stored: NFC, trimmed, single spaces inside. Any script is welcome."""
    if any(unicodedata.category(c) in ("Cc", "Cs") for c in " ".join(text.split())):
        raise UsageError("A name has a character in it that cannot be shown: please type it again.")
    name = " ".join(unicodedata.normalize("NFC", cleaned(text)).split())
    if not name:
        raise UsageError("Please type a name.")
    if any(unicodedata.category(c) in ("Zl", "Zp") for c in name):
        raise UsageError("A name has a character in it that cannot be shown: please type it again.")
    if not any(unicodedata.category(c)[0] in "LNS" for c in name):
        raise UsageError(f"“{name}” has no letter in it: please type a name.")
    if "=" in name:
        raise UsageError(f"“{name}” has an equals sign in it: please leave that out.")
    if cell_len(name) > MAX_NAME_CELLS:
        raise UsageError(f"“{name[:20]}…” is long for a screen: please use a shorter name.")
    return name


def parse_people(text: str, least: int = MIN_PEOPLE) -> tuple[str, ...]:
    """`"Ana, Ben"` -> `("Ana", "Ben")`: up to 12 different names, in the order of the circle."""
    names = tuple(parse_name(part) for part in BETWEEN_NAMES.split(text) if part.strip())
    if not names:
        raise UsageError("Please type the names of those who take part, with commas in between.")
    if len(names) < least:
        raise UsageError(f"A discussion needs at least two people: who is here besides {names[0]}?")
    if len(names) > MAX_PEOPLE:
        raise UsageError(f"That is {len(names)} people; up to {MAX_PEOPLE} can take part.")
    seen: dict[str, str] = {}
    for name in names:
        key = unicodedata.normalize("NFKC", name).casefold()
        if key in seen:
            raise UsageError(f"Two people are called {seen[key]}: add an initial, as in “{seen[key]} B”.")
        seen[key] = name
    return names


def parse_choice(text: str, choices: Sequence[WordChoice]) -> str:
    """The chosen name: typed whole, by its beginning where only one fits, or by its number in the list (from 1)."""
    wanted = "-".join(unicodedata.normalize("NFC", text).strip().casefold().split())
    names = [choice.name for choice in choices]
    if wanted.isdecimal() and 1 <= int(wanted) <= len(names):
        return names[int(wanted) - 1]
    exact = [name for name in names if name.casefold() == wanted]
    begins = [name for name in names if wanted and name.casefold().startswith(wanted)]
    for fitting in (exact, begins):
        if len(fitting) == 1:
            return fitting[0]
    listed = ", ".join(names)
    raise UsageError(f"“{text.strip()}” is not one of these: {listed}." if wanted else f"Please choose: {listed}.")


def parse_minutes(text: str) -> float:
    """The length of a turn in minutes, from 5 seconds to two hours: `5`, `2.5`, `2,5`, `1:30`, `90 s`, `5 min`."""
    typed = text.strip()
    if (clock := _CLOCK.fullmatch(typed)) is not None:
        minutes = int(clock[1]) + int(clock[2]) / 60
    elif (number := _NUMBER.fullmatch(typed)) is not None:
        value = float(number[1].replace(",", "."))
        minutes = value / 60 if (number[2] or "m").lower().startswith("s") else value
    else:
        raise UsageError(f"“{typed}” is no length of time: type minutes, such as 5, 2.5 or 1:30.")
    if not MIN_TURN_MINUTES <= minutes <= MAX_TURN_MINUTES:
        raise UsageError("A turn can last from 5 seconds to 120 minutes.")
    return minutes


def parse_rounds(text: str) -> int:
    """How often everyone has a turn, 1 to 50."""
    typed = text.strip()
    if not re.fullmatch(r"\d{1,9}", typed):
        raise UsageError(f"“{typed}” is no whole number: type how often everyone has a turn, such as 2.")
    rounds = int(typed)
    if not 1 <= rounds <= MAX_ROUNDS:
        raise UsageError(f"There can be 1 to {MAX_ROUNDS} rounds.")
    return rounds


def told_number(number: float | None) -> str:
    """As it stands before people, to be left or changed; empty: there is none."""
    return "" if number is None else f"{number:g}"


def parse_own(text: str, shown: str, parse: Callable[[str], T]) -> T | None:
    """What somebody wants in place of what was `shown`; None: that stays, even where nobody could have typed it."""
    typed = text.strip()
    return None if typed in ("", shown) else parse(typed)


def parse_yes(text: str, texts: Texts) -> bool:
    """Yes or no, or how either begins, with or without its accents; in English everywhere: keyboards have a y and an n
    whatever they write."""
    typed = _bare(text)
    words = {True: texts("terminal.yes"), False: texts("terminal.no")}
    also = {True: "yes", False: "no"}
    found = [yes for yes in words if typed and any(_bare(one[yes]).startswith(typed) for one in (words, also))]
    if len(found) != 1:
        raise UsageError(texts("terminal.yes_or_no", yes=words[True], no=words[False]))
    return found[0]


def _bare(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", word.strip().casefold()) if not unicodedata.combining(c))


# --- asking --------------------------------------------------------------------------------------


def attended() -> bool:
    """Somebody sits at this terminal and can be asked: no file, pipe or machine that builds and tests."""
    return sys.stdin.isatty() and sys.stdout.isatty() and not os.environ.get("CI")


def read_line(question: str) -> str:
    """As `input`, with a question that is broken between words where it is longer than the terminal is wide."""
    width, text = columns(), question.rstrip()
    *before, last = [text] if width is None else in_lines(text, width).split("\n")
    for line in before:
        print(line)
    return input(last + question[len(text) :])


def ask(
    question: str,
    parse: Callable[[str], T],
    *,
    default: str = "",
    read: Callable[[str], str],
    tell: Callable[[str], None],
) -> T:
    """Asks until the answer can be read. An empty answer means the default, where there is one."""
    shown = f"{question} [{default}]: " if default else f"{question}: "
    while True:
        try:
            typed = read(shown)
        except EOFError:
            raise UsageError(
                "There is nobody to answer here: say it with --people, --format, --minutes and --rounds."
            ) from None
        try:
            return parse(typed.strip() or default)
        except UsageError as error:
            tell(error.message)


def ask_missing(
    *,
    people: tuple[str, ...] | None,
    format: str | None,
    minutes: float | None,
    rounds: int | None,
    texts: Texts,
    formats: Sequence[WordChoice],
    times: Callable[[str], FormTimes | None],
    enough: Callable[[str, Sequence[str]], None],
    least: int = MIN_PEOPLE,
    read: Callable[[str], str] = read_line,
    tell: Callable[[str], None] = print,
) -> SetupAnswers:
    """Asks for whatever is None: names, then the format, then minutes and rounds. `times`: those of a format, which
    an empty answer leaves as they are; None: it has no turns. `enough` raises UsageError where a format is not for
    these people; `least` of them are asked for."""

    def problem(sentence: str) -> None:
        tell(texts.sentence(sentence))

    if people is None:

        def here(typed: str) -> tuple[str, ...]:
            names = parse_people(typed, least)
            if format is not None:
                enough(format, names)
            return names

        people = ask(texts("terminal.names"), here, read=read, tell=problem)
    if format is None:
        width = max(cell_len(choice.name) for choice in formats)
        for number, choice in enumerate(formats, start=1):
            tell(f"  {number}  {choice.name:<{width}}  {choice.title}")

        def fitting(typed: str) -> str:
            chosen = parse_choice(typed, formats)
            enough(chosen, people)
            return chosen

        format = ask(texts("terminal.form"), fitting, default=formats[0].name, read=read, tell=problem)
    usual = times(format)
    if usual is not None:
        as_written = texts("setup.as_it_is")

        def own(question: str, written: str, parse: Callable[[str], T]) -> T | None:
            shown = written or as_written
            return ask(question, lambda typed: parse_own(typed, shown, parse), default=shown, read=read, tell=problem)

        if minutes is None:
            minutes = own(texts("terminal.minutes"), told_number(usual.minutes), parse_minutes)
        if rounds is None:
            rounds = own(texts("terminal.rounds"), told_number(usual.rounds), parse_rounds)
    return SetupAnswers(people=people, format=format, minutes=minutes, rounds=rounds)
