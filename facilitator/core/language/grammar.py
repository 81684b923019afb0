"""What people may say to the program, and what each phrase means at a moment.

A language file has the phrases: `[commands]` are said after the name the facilitator goes by, `[own]` are the
floor-holder's own and need no name in front, `[answers]`, `[days]` and numbers are listened for only while a
question waits for its answer. Whether a phrase that was heard was meant is decided in `discussion.py`.
"""

from __future__ import annotations

import string
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from facilitator.core.events import COMMANDS, CommandName, PhraseHeard
from facilitator.core.language.consent import CONSENT, ConsentWords
from facilitator.core.language.validation import Checker
from facilitator.core.turntaking.spans import Span

if TYPE_CHECKING:
    from facilitator.core.language.choices import Choice

TABLES = ("commands", "own", "answers", "days", "consent", "dates")
OWN: tuple[CommandName, ...] = ("next", "pass", "decline", "time")
"""What the floor-holder may say without a name in front."""
OFTEN = ("every-week", "every-fortnight", "every-month")
ANSWERS = ("yes", "no", "everyone", "percent", "fair", "rather-not", "by-turns", "from", *OFTEN)
DAYS = ("today", "tomorrow", "week", "fortnight", "month", "quarter", "never", "weekdays")
DATES: Mapping[str, frozenset[str]] = {
    "after_tomorrow": frozenset(),
    "days": frozenset(("number",)),
    "weeks": frozenset(("number",)),
    "months": frozenset(("number",)),
    "named": frozenset(("day", "month")),
    "days_named": frozenset(),
    "months_named": frozenset(),
    "this_weekdays": frozenset(),
    "next_weekdays": frozenset(),
}
"""Wordings of a day to come, and the slots of each."""
MAY_LACK = ("days_named", "this_weekdays", "next_weekdays")
FAIR_STEPS = 5
OF_SOMEBODY = "{name}"
"""Stands for the name of whoever a command is about."""
NO_SEATS: Mapping[CommandName, Mapping[int, str]] = {}
_UNSPOKEN: tuple[CommandName, ...] = ("yes", "no", "answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """How a day to come is said: in so many `days`, `weeks` or `months` (with {number}), or by its name (`named`, with
    {day} and {month}). `days_named` has words for the first days of a month, where they are no plain numbers.
    `this_weekdays` are those that come first, `next_weekdays` those of the week after this."""

    after_tomorrow: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    weeks: tuple[str, ...] = ()
    months: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    days_named: tuple[str, ...] = ()
    months_named: tuple[str, ...] = ()
    this_weekdays: tuple[str, ...] = ()
    next_weekdays: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """The phrases of a language."""

    wake: tuple[str, ...] = ()
    commands: Mapping[CommandName, tuple[str, ...]] = field(default_factory=dict)
    own: Mapping[CommandName, tuple[str, ...]] = field(default_factory=dict)
    answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    days: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    consent: ConsentWords = field(default_factory=ConsentWords)
    dates: Dates = field(default_factory=Dates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a phrase asks for. `called`: the facilitator's name stands in front; `own`: only the holder of the floor
    may say it; neither: it answers a question."""

    command: CommandName
    kind: Literal["called", "own", "answer"]
    value: int | None = None


def parse_spoken(check: Checker, raw: Mapping[str, Any]) -> Spoken:
    """The tables of a language file; problems go into `check`."""
    commands = _lists(check, raw, "commands", ("wake", *(c for c in COMMANDS if c not in _UNSPOKEN)))
    days = _lists(check, raw, "days", DAYS)
    if len(days.get("weekdays", ())) not in (0, 7):
        check.problem("[days]: weekdays needs seven days, Monday first")
    answers = _lists(check, raw, "answers", ANSWERS)
    if len(answers.get("fair", ())) not in (0, FAIR_STEPS):
        check.problem(f"[answers]: fair needs {FAIR_STEPS} answers, from not at all to entirely")
    return Spoken(
        wake=commands.pop("wake", ()),
        commands=commands,  # type: ignore[arg-type]  # its keys were checked
        own=_lists(check, raw, "own", OWN),  # type: ignore[arg-type]
        answers=answers,
        days=days,
        consent=ConsentWords(**_lists(check, raw, "consent", CONSENT)),
        dates=_dates(check, raw),
    )


def _dates(check: Checker, raw: Mapping[str, Any]) -> Dates:
    """They may be left out: then a day is one of `[days]`."""
    rows = raw.get("dates", {})
    if rows == {}:
        return Dates()
    there = rows if isinstance(rows, Mapping) else {}
    lists = _lists(check, raw, "dates", tuple(key for key in DATES if key in there or key not in MAY_LACK))
    if len(lists.get("months_named", ())) not in (0, 12):
        check.problem("[dates]: months_named needs twelve months, January first")
    for key in ("this_weekdays", "next_weekdays"):
        if len(lists.get(key, ())) not in (0, 7):
            check.problem(f"[dates]: {key} needs seven days, Monday first")
    for key, texts in lists.items():
        for text in texts:
            if wrong := slots_of(text) ^ DATES[key]:
                slots = " and ".join(f"{{{slot}}}" for slot in sorted(wrong))
                check.problem(f"[dates]: {key}: {text!r} needs {slots}, or cannot hold it")
    return Dates(**lists)


def slots_of(text: str) -> frozenset[str]:
    """The slots in a wording; empty where it is no proper one."""
    try:
        return frozenset(slot for _, slot, _, _ in string.Formatter().parse(text) if slot is not None)
    except ValueError:
        return frozenset()


def _lists(check: Checker, raw: Mapping[str, Any], table: str, keys: Iterable[str]) -> dict[str, tuple[str, ...]]:
    rows = raw.get(table)
    if not isinstance(rows, Mapping):
        check.problem(f"{table} needs to be a table; begin it with [{table}]")
        return {}
    check.known_keys(rows, keys, f"[{table}]")
    return {key: check.texts(rows, key, f"[{table}]") for key in keys}


def vocabulary(
    spoken: Spoken,
    *,
    wake: str,
    commands: Sequence[CommandName],
    choices: Sequence[Choice],
    own: bool,
    go_on: bool = False,
    seats: Mapping[CommandName, Mapping[int, str]] = NO_SEATS,
) -> dict[str, Meaning]:
    """Every phrase that means something now. `commands`: what can be asked for; `choices`: what the question that
    waits can be answered with; `own`: somebody has the floor; `go_on`: and is asked whether it may go on;
    `seats`: whom a command can be about, by the number of their seat."""
    found: dict[str, Meaning] = {}
    for name in woken_by(spoken, wake):
        for command in commands:
            for phrase in spoken.commands.get(command, ()):
                about = seats.get(command, {}) if OF_SOMEBODY in phrase else {None: ""}
                for seat, person in about.items():
                    said = phrase.replace(OF_SOMEBODY, person)
                    found.setdefault(f"{name} {said}", Meaning(command=command, kind="called", value=seat))
    if own:
        for command in OWN:
            if command in commands:
                for phrase in spoken.own.get(command, ()):
                    found.setdefault(phrase, Meaning(command=command, kind="own"))
    if own and go_on:
        for phrase in spoken.answers.get("yes", ()):
            found.setdefault(phrase, Meaning(command="next", kind="own"))
    for choice in choices:
        for phrase in choice.phrases:
            found.setdefault(phrase, Meaning(command="answer", kind="answer", value=choice.value))
    return found


def every_phrase(spoken: Spoken, *, wake: str = "", names: Sequence[str] = ()) -> tuple[str, ...]:
    """All that can be said to the program, whatever the moment, but for numbers. `names`: of people, who are answers
    where it is asked who."""
    phrases = [
        phrase.replace(OF_SOMEBODY, person)
        for phrase in _all(spoken.commands)
        for person in (names if OF_SOMEBODY in phrase else ("",))
    ]
    called = [f"{name} {phrase}" for name in woken_by(spoken, wake) for phrase in phrases]
    others = [*_all(spoken.own), *_all(spoken.answers), *_all(spoken.days)]
    each = [variant.strip() for phrase in others for variant in phrase.split("/")]
    return tuple(dict.fromkeys([*called, *each, *names]))


def _all(table: Mapping[Any, tuple[str, ...]]) -> list[str]:
    return [phrase for said in table.values() for phrase in said]


def woken_by(spoken: Spoken, wake: str) -> tuple[str, ...]:
    """What the facilitator is called."""
    return (wake,) if wake else spoken.wake


MOST_LISTED = 5


def cannot_be_said(unheard: Collection[str], spoken: Spoken, *, wake: str = "") -> list[str]:
    """What to tell people of phrases that a model of words can never hear, as it lacks a word: sentences, few."""
    names = woken_by(spoken, wake)
    deaf = [
        name
        for name in names
        if {f"{name} {phrase}" for phrase in _all(spoken.commands) if OF_SOMEBODY not in phrase} <= set(unheard)
    ]
    told = []
    for name in deaf:
        what = "no command by voice is understood" if len(deaf) == len(names) else "it is not understood"
        told.append(
            f"The model of words does not know “{name}”, so {what}: "
            "call me something else with --call-me, or use the keys."
        )
    rest = [phrase for phrase in unheard if not any(phrase.startswith(f"{name} ") for name in deaf)]
    if rest:
        listed = ", ".join(f"“{phrase}”" for phrase in rest[:MOST_LISTED])
        more = f" and {len(rest) - MOST_LISTED} more" if len(rest) > MOST_LISTED else ""
        told.append(
            f"The model of words lacks words of {listed}{more}: that is not understood by voice; use the keys for it."
        )
    return told


SURE = 0.5
"""What is less sure than this was not said. (Some models are sure of everything.)"""
LATEST_MS = 4_000
"""What is heard so long after it was said surprises."""
LONGEST_MS = 4_000
"""A command is said in one breath."""
OF_THE_FLOOR: tuple[CommandName, ...] = ("next", "pass", "more-time")
"""What is asked for with regard to whoever has the floor."""


def meant(
    heard: PhraseHeard,
    meaning: Meaning,
    *,
    now_ms: int,
    who: str | None,
    wanted: str | None,
    since_ms: int,
    own_voice: Sequence[Span],
) -> bool:
    """Whether a phrase that was heard was meant. `who` surely said it (None: not known yet); `wanted` may say it
    (None: anybody). What was said before `since_ms` was about something else: a turn that was over meanwhile, the
    question before. With the facilitator's name in front it is a command wherever it comes; without, only where
    nothing else was said with it."""
    if heard.confidence < SURE or now_ms - heard.end_ms > LATEST_MS or heard.end_ms - heard.start_ms > LONGEST_MS:
        return False
    if heard.start_ms < since_ms:
        return False
    if any(span.start_ms < heard.end_ms and heard.start_ms < span.end_ms for span in own_voice):
        return False
    if meaning.kind == "called":
        return True
    return heard.alone and (who is None or wanted is None or who == wanted)
