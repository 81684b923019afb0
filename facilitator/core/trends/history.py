"""The sessions of one group, and what of them can be followed from one to the next."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import permutations
from typing import Literal

from facilitator.core.text import HOUR_MS
from facilitator.core.trends.trend import Point, Trend, answerable, trend
from facilitator.core.turntaking.airtime import entropy
from facilitator.core.turntaking.thresholds import LITTLE_TALK_MS

"""Shares of less talk than this, and rates in it, would say nothing."""
PERIOD_DAYS = 28
EPOCH = datetime.date(1970, 1, 1)
MOST_IN_PAIRS = 4
"""Of larger groups there are too many pairs to follow."""
COUNT_FLOOR = 0.5

Followed = Literal[
    "share",
    "balance",
    "cut-ins",
    "cut-ins-of-pair",
    "protected",
    "check-ins",
    "agreements",
    "guess-gap",
    "arriving",
    "leaving",
    "lift",
    "fair",
    "fair-all",
    "fair-gap",
]

LEAST: Mapping[Followed, float] = {
    "share": 0.05,
    "balance": 0.05,
    "cut-ins": 5.0,
    "cut-ins-of-pair": 5.0,
    "protected": 0.05,
    "check-ins": 1.0,
    "agreements": 0.2,
    "guess-gap": 0.05,
    "arriving": 0.5,
    "leaving": 0.5,
    "lift": 0.5,
    "fair": 1.0,
    "fair-all": 0.5,
    "fair-gap": 1.0,
}
"""The smallest change that matters: parts of the whole, cut-ins an hour, check-ins in four weeks, steps of mood and of
how fair something feels."""
FAIRNESS: tuple[Followed, ...] = ("fair", "fair-all", "fair-gap")

MEANING: Mapping[Followed, str] = {
    "share": "A person's part of everyone's airtime; sessions in which everyone was heard and at least a minute was "
    "spoken.",
    "balance": "1: all speak equally long (or as was intended); 0: only one speaks. Its range follows from those of "
    "the shares.",
    "cut-ins": "Cut-ins in an hour of talk. The range is that of counting: the root of the number.",
    "cut-ins-of-pair": "Cut-ins of one person on another, in an hour of the other's talk; groups of two to four.",
    "protected": "Of the time in which somebody had the floor to themselves, the part that nobody took from them.",
    "check-ins": "Sessions of a format with “check-in” in its name, in four weeks, up to today.",
    "agreements": "Of the agreements that were asked after, the part that was kept. The range is Wilson's.",
    "guess-gap": "How far everyone's guess at their own share was from what was measured, in points; the mean of those "
    "who guessed.",
    "arriving": "How everyone felt at the start, 1 to 5, the mean of those who answered.",
    "leaving": "How everyone felt at the end, 1 to 5, the mean of those who answered.",
    "lift": "The end less the start, of those who answered both.",
    "fair": "How fair it feels to a person how something is shared, 1 to 5, as they said; groups of two to four.",
    "fair-all": "The same, the mean of those who gave a number.",
    "fair-gap": "From the lowest number to the highest, where at least two gave one.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Participation:
    """One participant in one session. `aim`: the intended part of the talk, 0 for a host."""

    name: str
    heard: bool
    nameless: bool = False
    """Somebody who was forgotten: nothing is told of them."""
    aim: float = 1.0
    airtime_ms: int = 0
    low: float = 0.0
    high: float = 1.0
    """The likely range of the share."""
    guess: int | None = None
    """At their own share, in percent."""
    arriving: int | None = None
    leaving: int | None = None
    fair: Mapping[str, int] = field(default_factory=dict)
    """How fair things feel to them, 1 to 5: by what is shared."""


@dataclass(frozen=True, kw_only=True)
class Held:
    """A session as it is compared with others. `day`: days since 1970, with a part."""

    session: int
    day: float
    format: str
    parts: tuple[Participation, ...]
    group: str = ""
    """Who held it; empty: no group was named."""
    cut_ins: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """Who on whom: how often."""
    protected_ms: int = 0
    lost_ms: int = 0
    """Of the protected time, what cut-ins took."""
    asked: int = 0
    """Agreements from before that were asked after."""
    kept: int = 0
    ideas: Mapping[str, int] = field(default_factory=dict)
    """Agreements of which it was said whose idea they were, by name; empty: everyone's."""
    decided: Mapping[str, int] = field(default_factory=dict)
    """And who decided."""

    @cached_property
    def date(self) -> datetime.date:
        return EPOCH + datetime.timedelta(days=int(self.day))

    @cached_property
    def airtime_ms(self) -> int:
        return sum(part.airtime_ms for part in self.parts)

    @cached_property
    def by_name(self) -> Mapping[str, Participation]:
        return {part.name: part for part in self.parts}

    @cached_property
    def all_heard(self) -> bool:
        """Whether everyone was listened to; of who was not, nobody knows what they took from others."""
        return all(part.heard for part in self.parts)

    @cached_property
    def measured(self) -> bool:
        return self.all_heard and self.airtime_ms >= LITTLE_TALK_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One thing that is followed. `who`: the person, or who cuts in on whom; empty: all together."""

    what: Followed
    who: tuple[str, ...]
    about: str
    """What is shared, where it is followed how fair that feels; else empty."""
    points: tuple[Point, ...]
    trend: Trend


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """One group. `formats`: how many sessions of which, the most frequent first."""

    people: tuple[str, ...]
    group: str
    """In which they go by these names; empty: no group was named."""
    sessions: tuple[Held, ...]
    formats: tuple[tuple[str, int], ...]
    series: tuple[Series, ...]
    questions: int
    """How many of them could be answered."""


def histories(held: Iterable[Held], today: float, least_sessions: int = 1) -> list[History]:
    """Of each group of people (the order of the seats makes none), those with most sessions first. The same names in
    two groups are different people."""
    groups: dict[tuple[str, frozenset[str]], list[Held]] = {}
    for session in sorted(held, key=lambda one: one.day):
        groups.setdefault((session.group, frozenset(part.name for part in session.parts)), []).append(session)
    found = [history(sessions, today) for sessions in groups.values() if len(sessions) >= least_sessions]
    return sorted(found, key=lambda one: (-len(one.sessions), one.group, one.people))


def history(sessions: Sequence[Held], today: float) -> History:
    """`sessions` of one group, in order of time."""
    people = tuple(part.name for part in sessions[-1].parts)
    points = {key: tuple(some) for key, some in _followed(sessions, today) if some}
    questions = sum(answerable(some) for some in points.values())
    formats: dict[str, int] = {}
    for session in sessions:
        formats[session.format] = formats.get(session.format, 0) + 1
    return History(
        people=people,
        group=sessions[-1].group,
        sessions=tuple(sessions),
        formats=tuple(sorted(formats.items(), key=lambda pair: (-pair[1], pair[0]))),
        series=tuple(
            Series(what=what, who=who, about=about, points=some, trend=trend(some, LEAST[what], questions))
            for (what, who, about), some in points.items()
        ),
        questions=questions,
    )


SeriesKey = tuple[Followed, tuple[str, ...], str]
"""What is followed, of whom, and about what."""


def _followed(sessions: Sequence[Held], today: float) -> Iterator[tuple[SeriesKey, list[Point]]]:
    named = [part.name for part in sessions[-1].parts if not part.nameless]
    measured = [session for session in sessions if session.measured]
    for name in named if len(sessions[-1].parts) > 1 else ():
        yield ("share", (name,), ""), [_share(session, name) for session in measured]
    yield ("balance", (), ""), _some(measured, _balance)
    yield ("cut-ins", (), ""), _some(measured, _cut_ins)
    if 2 < len(sessions[-1].parts) <= MOST_IN_PAIRS or (len(named) == 2 and len(sessions[-1].parts) == 2):
        for by, over in permutations(named, 2):
            pair = _some(measured, partial(_pair, by=by, over=over))
            yield ("cut-ins-of-pair", (by, over), ""), pair if any(point.value for point in pair) else []
    yield ("protected", (), ""), _some(sessions, _protected)
    yield ("check-ins", (), ""), _check_ins(sessions, today)
    yield ("agreements", (), ""), _some(sessions, _agreements)
    yield ("guess-gap", (), ""), _some(measured, _guess_gap)
    yield ("arriving", (), ""), _some(sessions, lambda session: _mood(session, lambda part: part.arriving, 1, 5))
    yield ("leaving", (), ""), _some(sessions, lambda session: _mood(session, lambda part: part.leaving, 1, 5))
    yield ("lift", (), ""), _some(sessions, lambda session: _mood(session, _lift, -4, 4))
    yield from _fairness(sessions, named)


def _fairness(sessions: Sequence[Held], named: Sequence[str]) -> Iterator[tuple[SeriesKey, list[Point]]]:
    """Of each thing that was asked about: everyone's number, the mean, and how far apart they are. The same question
    is the same in every format."""
    indicators = dict.fromkeys(indicator for held in sessions for part in held.parts for indicator in part.fair)
    for indicator in indicators:
        said = [
            (
                held,
                {
                    part.name: part.fair[indicator]
                    for part in held.parts
                    if indicator in part.fair and not part.nameless
                },
            )
            for held in sessions
        ]
        told = [(held.day, numbers) for held, numbers in said if numbers]
        for name in named if 1 < len(sessions[-1].parts) <= MOST_IN_PAIRS else ():
            yield ("fair", (name,), indicator), [_step(day, n[name], 0.5, 1, 5) for day, n in told if name in n]
        means = [_step(day, sum(n.values()) / len(n), 0.5 / math.sqrt(len(n)), 1, 5) for day, n in told]
        yield ("fair-all", (), indicator), means
        several = [(day, n.values()) for day, n in told if len(n) > 1]
        yield ("fair-gap", (), indicator), [_step(day, max(n) - min(n), math.sqrt(0.5), 0, 4) for day, n in several]


def of_a_talk(what: Followed, session: Held) -> Point | None:
    """What is followed of a whole table, in one talk; None: it cannot be told of it."""
    match what:
        case "balance" if session.measured:
            return _balance(session)
        case "cut-ins" if session.measured:
            return _cut_ins(session)
        case "protected":
            return _protected(session)
        case "agreements":
            return _agreements(session)
        case "arriving":
            return _mood(session, lambda part: part.arriving, 1, 5)
        case "leaving":
            return _mood(session, lambda part: part.leaving, 1, 5)
        case "lift":
            return _mood(session, _lift, -4, 4)
    return None


def _step(day: float, value: float, half: float, least: float, most: float) -> Point:
    """A number of somebody's own can mean half a step more or less."""
    return Point(day=day, value=value, low=max(least, value - half), high=min(most, value + half))


def _some(sessions: Iterable[Held], value: Callable[[Held], Point | None]) -> list[Point]:
    return [point for session in sessions if (point := value(session)) is not None]


def _point(session: Held, value: float, low: float, high: float) -> Point:
    return Point(day=session.day, value=value, low=low, high=high, kind=session.format)


def _share(session: Held, name: str) -> Point:
    part = session.by_name[name]
    return _point(session, part.airtime_ms / session.airtime_ms, part.low, part.high)


def _balance(session: Held) -> Point | None:
    """Its range: what each share's range does to it, one at a time, added as squares."""
    aims = {part.name: part.aim for part in session.parts}
    airtime = {part.name: float(part.airtime_ms) for part in session.parts}
    value = _evenness(airtime, aims)
    if value is None:
        return None
    squares = 0.0
    for part in session.parts:
        if aims[part.name] > 0:
            ends = [_evenness(_with_share(airtime, part.name, share), aims) for share in (part.low, part.high)]
            steps = [abs(end - value) for end in ends if end is not None]
            squares += (sum(steps) / len(steps)) ** 2 if steps else 0.0
    half = math.sqrt(squares)
    return _point(session, value, max(0.0, value - half), min(1.0, value + half))


def _evenness(airtime: Mapping[str, float], aims: Mapping[str, float]) -> float | None:
    return entropy([ms / aims[name] for name, ms in airtime.items() if aims[name] > 0])


def _with_share(airtime: Mapping[str, float], name: str, share: float) -> dict[str, float]:
    """The same talk if this had been the person's share of it."""
    rest = sum(airtime.values()) - airtime[name]
    share = min(share, 0.999)
    return {**airtime, name: share / (1 - share) * rest} if rest > 0 else dict(airtime)


def _rate(session: Held, count: int, ms: int) -> Point | None:
    if ms < LITTLE_TALK_MS:
        return None
    hours, half = ms / HOUR_MS, math.sqrt(max(count, COUNT_FLOOR))
    return _point(session, count / hours, max(0.0, count - half) / hours, (count + half) / hours)


def _cut_ins(session: Held) -> Point | None:
    return _rate(session, sum(session.cut_ins.values()), session.airtime_ms) if len(session.parts) > 1 else None


def _pair(session: Held, *, by: str, over: str) -> Point | None:
    return _rate(session, session.cut_ins.get((by, over), 0), session.by_name[over].airtime_ms)


def _protected(session: Held) -> Point | None:
    if not session.all_heard or session.protected_ms < LITTLE_TALK_MS:
        return None
    kept = max(0.0, 1 - session.lost_ms / session.protected_ms)
    return _point(session, kept, kept, kept)


def is_check_in(form: str) -> bool:
    """By the format's name."""
    return "check-in" in form.casefold().replace(" ", "-")


def _check_ins(sessions: Sequence[Held], today: float) -> list[Point]:
    """So many in each four weeks, counted back from today; the first ones from the first session on."""
    days = [session.day for session in sessions if is_check_in(session.format)]
    if not days:
        return []
    periods = int((max(today, sessions[-1].day) - sessions[0].day) // PERIOD_DAYS)
    found = []
    for back in range(periods, 0, -1):
        end = max(today, sessions[-1].day) - (back - 1) * PERIOD_DAYS
        count = sum(end - PERIOD_DAYS < day <= end for day in days)
        found.append(Point(day=end - PERIOD_DAYS / 2, value=count, low=count, high=count))
    return found


def _agreements(session: Held) -> Point | None:
    if not session.asked:
        return None
    n, z2 = session.asked, 1.645**2
    part = session.kept / n
    middle = (part + z2 / (2 * n)) / (1 + z2 / n)
    half = math.sqrt(z2 * (part * (1 - part) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    return _point(session, part, min(part, middle - half), max(part, middle + half))


def _guess_gap(session: Held) -> Point | None:
    """Its range is that of the shares: a guess within it may have been exactly right."""
    told = [part for part in session.parts if part.guess is not None and not part.nameless]
    if len(session.parts) < 2 or not told:
        return None
    gaps = [_gap((part.guess or 0) / 100, part, session.airtime_ms) for part in told]
    value, low, high = (sum(gap[place] for gap in gaps) / len(gaps) for place in range(3))
    return _point(session, value, low, high)


def _gap(guess: float, part: Participation, airtime_ms: int) -> tuple[float, float, float]:
    """From the measured share, and from the nearer and the farther end of its range."""
    ends = abs(guess - part.low), abs(guess - part.high)
    nearer = 0.0 if part.low <= guess <= part.high else min(ends)
    measured = abs(guess - part.airtime_ms / airtime_ms)
    return measured, min(nearer, measured), max(*ends, measured)


def _mood(session: Held, value: Callable[[Participation], float | None], least: float, most: float) -> Point | None:
    """A number from 1 to 5 can mean half a step more or less."""
    told = [found for part in session.parts if not part.nameless and (found := value(part)) is not None]
    if not told:
        return None
    mean, half = sum(told) / len(told), 0.5 / math.sqrt(len(told))
    return _point(session, mean, max(least, mean - half), min(most, mean + half))


def _lift(part: Participation) -> float | None:
    return None if part.arriving is None or part.leaving is None else part.leaving - part.arriving
