"""A question to one person or to all, answered by a key or a word from a short list.

One waits at a time. It is said, then its answer is waited for; who says nothing is asked once more, and after
that there is none: nobody is pressed.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from facilitator.core.events import Every
from facilitator.core.language.choices import NO, YES, Choice
from facilitator.core.language.grammar import OFTEN
from facilitator.core.language.wording import Language

RATHER_NOT = 0
EVERYONES = 9
WHOSE_FIRST = 10
"""The first person of a list in which a yes, which is 1, must not be somebody."""
WAIT_MS = 12_000
MONTH_DAYS = 365.25 / 12
YEAR_DAYS = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`then` is called with the value of the answer, None where there is none."""

    prompt_kind: str
    choices: tuple[Choice, ...]
    then: Callable[[int | None], None]
    slots: Mapping[str, str] = field(default_factory=dict)
    person: str | None = None
    """Who is asked; None: anybody may answer."""
    wait_ms: int = WAIT_MS
    at_most_ms: int | None = None
    """Also where nobody is still: who talks on need not answer. None: it waits until they are."""
    urgent: bool = False
    count: int = 0
    times: int = 2
    """So often it is asked, where nobody answers."""
    again: int | None = None
    """In which wording then, as where a shorter one is for those who come after the first; None: in the next one."""
    beside: bool = False
    """Asked while a turn goes on: who is done says so, and need not answer first."""

    @property
    def hint(self) -> str:
        """The phrase that says what to press; empty where nothing can be."""
        keyed = [choice for choice in self.choices if choice.key]
        if not keyed:
            return ""
        if {choice.key for choice in keyed} == {"y", "n"}:
            return "by_hand.yes_no"
        if {choice.key for choice in keyed} == {"y"}:
            return "by_hand.yes"
        if all(choice.label.endswith("%") for choice in keyed):
            return "by_hand.percent"
        if any(choice.label.startswith(choice.key) for choice in keyed):
            return "by_hand.number"
        return "by_hand.pick"


# --- lists of answers --------------------------------------------------------------------------------


def yes_or_no(language: Language) -> tuple[Choice, ...]:
    answers = language.spoken.answers
    return (
        Choice(value=YES, key="y", label=answers["yes"][0], phrases=answers["yes"]),
        Choice(value=NO, key="n", label=answers["no"][0], phrases=answers["no"]),
    )


def one_yes(language: Language) -> tuple[Choice, ...]:
    """What anybody may have: one yes is enough, nobody's no refuses it for others, and silence asks for nothing."""
    return yes_or_no(language)[:1]


def scale(language: Language, least: int, most: int) -> tuple[Choice, ...]:
    return tuple(
        Choice(value=n, key=str(n), label=str(n), phrases=(language.number(n),)) for n in range(least, most + 1)
    )


def fairness(language: Language) -> tuple[Choice, ...]:
    """One, not at all, to five, entirely; by number or in words. 0: would rather not say, which a no also means."""
    answers = language.spoken.answers
    steps = []
    for number, variants in enumerate(answers["fair"], 1):
        words = _variants(variants)
        steps.append(
            Choice(
                value=number, key=str(number), label=f"{number}, {words[0]}", phrases=(language.number(number), *words)
            )
        )
    rather_not = answers["rather-not"]
    return (*steps, Choice(value=RATHER_NOT, key="0", label=rather_not[0], phrases=(*rather_not, *answers["no"])))


def percents(language: Language) -> tuple[Choice, ...]:
    """0 to 100 in fives by voice, in tens by key."""
    words = language.spoken.answers["percent"]

    def choice(n: int) -> Choice:
        number = language.number(n)
        key = str(n // 10) if n % 10 == 0 and n < 100 else ""
        return Choice(value=n, key=key, label=f"{n} %", phrases=(number, *(f"{number} {word}" for word in words)))

    return tuple(choice(n) for n in range(0, 101, 5))


def somebody(language: Language, people: tuple[str, ...]) -> tuple[Choice, ...]:
    """One of the people, by seat number or name, or everyone: 0."""
    everyone = language.spoken.answers["everyone"]
    seats = [
        Choice(value=n, key=str(n) if n < 10 else "", label=name, phrases=(name,)) for n, name in enumerate(people, 1)
    ]
    return (*seats, Choice(value=0, key="0", label=everyone[0], phrases=everyone))


def whose(language: Language, people: tuple[str, ...]) -> tuple[Choice, ...]:
    """One of the people, as `WHOSE_FIRST` and their place, or everyone's together; 0: it stays unsaid, as a no also
    means. A yes is none of them."""
    answers = language.spoken.answers
    seats = [
        Choice(value=WHOSE_FIRST + place, key=str(place + 1) if place < 8 else "", label=name, phrases=(name,))
        for place, name in enumerate(people)
    ]
    everyone, rather_not = answers["everyone"], answers["rather-not"]
    together = Choice(value=EVERYONES, key=str(min(len(people), 8) + 1), label=everyone[0], phrases=everyone)
    unsaid = Choice(value=RATHER_NOT, key="0", label=rather_not[0], phrases=(*rather_not, *answers["no"]))
    return (*seats, together, unsaid)


def by_when(language: Language, weekday: int, day: str = "") -> tuple[Choice, ...]:
    """In how many days (`in_days`); -1: no date. `weekday` and `day` are those of the session; where the day is known,
    every date of the coming year is an answer too, by voice: hundreds, none of which is shown."""
    days = language.spoken.days
    found = [
        Choice(value=value, key=key, label=days[name][0], phrases=days[name])
        for name, value, key in (
            ("never", -1, "0"),
            ("today", 0, "1"),
            ("tomorrow", 1, "2"),
            ("week", 7, "3"),
            ("fortnight", 14, "4"),
            ("month", 30, "5"),
            ("quarter", 91, "6"),
        )
    ]
    for number, name in enumerate(days["weekdays"]):
        ahead = (number - weekday - 1) % 7 + 1
        variants = _variants(name)
        found.append(Choice(value=100 + ahead, key="", label=variants[0], phrases=variants))
    for ahead, phrases in weekdays_ahead(language, weekday).items():
        found.append(Choice(value=100 + ahead, key="", label=phrases[0], phrases=phrases, shown=False))
    taken = {phrase for choice in found for phrase in choice.phrases}
    for ahead, phrases in days_ahead(language, day).items():
        new = tuple(phrase for phrase in phrases if phrase not in taken)
        taken.update(new)
        if new:
            found.append(Choice(value=100 + ahead, key="", label=new[0], phrases=new, shown=False))
    return tuple(found)


def weekdays_ahead(language: Language, weekday: int) -> dict[int, tuple[str, ...]]:
    """In how many days -> which Friday it is: this one is the first to come, the next that of the week after this."""
    dates = language.spoken.dates
    found: dict[int, tuple[str, ...]] = {}
    for number, name in enumerate(dates.this_weekdays):
        found[(number - weekday - 1) % 7 + 1] = _variants(name)
    for number, name in enumerate(dates.next_weekdays):
        ahead = 7 - weekday + number
        found[ahead] = (*found.get(ahead, ()), *_variants(name))
    return found


def days_ahead(language: Language, day: str = "") -> dict[int, tuple[str, ...]]:
    """In how many days -> what people call that: "in three weeks", "on the third of may". Without a `day` (of the
    session, as 2026-01-31) there are no dates."""
    dates = language.spoken.dates
    found: dict[int, list[str]] = defaultdict(list)
    found[2] += dates.after_tomorrow
    for templates, most, length in ((dates.days, 31, 1.0), (dates.weeks, 12, 7.0), (dates.months, 12, MONTH_DAYS)):
        for count in range(1, most + 1):
            word = language.number(count)
            found[round(count * length)] += (language.filled(text, number=word) for text in templates)
    if day and dates.months_named:
        today = datetime.date.fromisoformat(day)
        for ahead in range(1, YEAR_DAYS + 1):
            then = today + datetime.timedelta(days=ahead)
            ordinals = dates.days_named[then.day - 1 : then.day] or (language.number(then.day),)
            months = _variants(dates.months_named[then.month - 1])
            found[ahead] += (
                language.filled(text, day=ordinal, month=month)
                for text in dates.named
                for ordinal in _variants(ordinals[0])
                for month in months
            )
    return {ahead: tuple(dict.fromkeys(phrases)) for ahead, phrases in sorted(found.items()) if phrases}


def _variants(phrase: str) -> tuple[str, ...]:
    """Several ways to say one thing, with a stroke between them."""
    return tuple(variant.strip() for variant in phrase.split("/"))


def in_days(value: int) -> int | None:
    """What an answer of `by_when` means, in days."""
    return None if value < 0 else value - 100 if value > 100 else value


EVERY: tuple[Every, ...] = ("", "week", "fortnight", "month")


OFTEN_FROM = 1_000
"""The value of a choice of how often, less its place in `EVERY`: so that it is no number of days."""


def how_often(language: Language) -> tuple[Choice, ...]:
    """Again and again."""
    answers = language.spoken.answers
    return tuple(
        Choice(value=OFTEN_FROM + place, key=str(6 + place), label=answers[name][0], phrases=answers[name])
        for place, name in enumerate(OFTEN, 1)
    )


def which_rule(language: Language, rules: Sequence[str]) -> tuple[Choice, ...]:
    """One of these rules, by its place; or none of them, which a no also means. A yes is only one where there is only
    one."""
    yes, no = yes_or_no(language)
    if len(rules) < 2:
        return yes, no
    each = tuple(
        Choice(value=WHOSE_FIRST + place, key=str(place), label=rule, phrases=(language.number(place),))
        for place, rule in enumerate(rules, 1)
    )
    return (*each, Choice(value=NO, key="0", label=no.label, phrases=no.phrases))


def breaks(language: Language) -> tuple[Choice, ...]:
    """How long a break is, in minutes."""
    tomorrow = language.spoken.days["tomorrow"]
    lengths = ((5, "1"), (10, "2"), (20, "3"), (30, ""), (45, ""), (60, "4"), (120, "5"))
    found = [
        Choice(value=m, key=key, label=language.duration(m * 60_000), phrases=(language.duration(m * 60_000),))
        for m, key in lengths
    ]
    return (*found, Choice(value=1440, key="6", label=tomorrow[0], phrases=tomorrow))
