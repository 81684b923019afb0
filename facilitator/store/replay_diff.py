"""A stored session run again through today's rules: what would come out differently?

The same facts must give the same outcomes, so any difference is a change of the rules since the session was
stored (or a fault). The rules are handed in as a factory; nothing here knows them.
"""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Protocol

from facilitator.core.events import Fact, Outcome, Record, to_row
from facilitator.core.review.account import Account
from facilitator.core.setup import Setup
from facilitator.core.text import length
from facilitator.errors import StoreError
from facilitator.store import database
from facilitator.store.reader import Reader


class Rules(Protocol):
    """`core.discussion.Discussion` is one."""

    def receive(self, fact: Fact, /) -> Sequence[Outcome]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstDifference:
    """Where the two part: the first outcomes that are not the same. None: there is none on that side."""

    fact_number: int
    """Counted from 1; 0: before any fact."""
    fact: Fact | None
    stored: Record | None
    today: Record | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """One figure that is not the same: `what` names it."""

    what: str
    stored: Any
    today: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    facts: int
    outcomes: int
    """How many are stored."""
    first: FirstDifference | None
    """None: all is the same."""
    kinds: tuple[Changed, ...] = ()
    """How often each kind of outcome came, where that differs."""
    numbers: tuple[Changed, ...] = ()
    """Figures of the summary that differ, for example `people.Ana.airtime_ms`."""
    broke: str | None = None
    """Today's rules failed on the fact of `first`, and this is how."""

    @property
    def same(self) -> bool:
        return self.first is None

    def to_json(self) -> dict[str, Any]:
        """The same as JSON values; records as rows."""
        first = None
        if self.first is not None:
            first = {
                "fact_number": self.first.fact_number,
                "fact": self.first.fact and to_row(self.first.fact),
                "stored": self.first.stored and to_row(self.first.stored),
                "today": self.first.today and to_row(self.first.today),
            }
        return {
            "same": self.same,
            "facts": self.facts,
            "outcomes": self.outcomes,
            "first": first,
            "kinds": [dataclasses.asdict(kind) for kind in self.kinds],
            "numbers": [dataclasses.asdict(number) for number in self.numbers],
            "broke": self.broke,
        }


def replay_session(reader: Reader, session: int, rules: Callable[[Setup], Rules]) -> Differences:
    """Replay what is stored of this session. Raises StoreError when it cannot be read."""
    if (day := reader.stored(session).thinned_on) is not None:
        raise StoreError(f"Since {day} only the figures of session {session} are kept, so it cannot be run again.")
    with database.understood(reader.path):
        return replay(reader.setup(session), reader.records(session), rules)


def replay(setup: Setup, records: Iterable[Record], rules: Callable[[Setup], Rules]) -> Differences:
    """Give the facts among `records` to fresh rules and compare what follows with the outcomes among them."""
    discussion = rules(setup)
    first: FirstDifference | None = None
    broke: str | None = None
    facts, stored_all, today_all = 0, list[Record](), list[Record]()
    for fact, stored in _by_fact(records):
        today: Sequence[Record] = ()
        if fact is not None:
            facts += 1
            try:
                today = discussion.receive(fact) if broke is None else ()
            except Exception as error:  # whatever it is, it is what the caller wants to know
                broke = f"{type(error).__name__}: {error}"
        stored_all += stored
        today_all += today
        if first is None and (broke is not None or list(today) != stored):
            pairs = zip_longest(stored, today)
            old, new = next(((old, new) for old, new in pairs if old != new), (None, None))
            first = FirstDifference(fact_number=facts, fact=fact, stored=old, today=new)
    if first is None:
        return Differences(facts=facts, outcomes=len(stored_all), first=None)
    return Differences(
        facts=facts,
        outcomes=len(stored_all),
        first=first,
        kinds=tuple(_changed(_kinds(stored_all), _kinds(today_all))),
        numbers=tuple(_changed(_numbers(setup, stored_all), _numbers(setup, today_all))),
        broke=broke,
    )


def _by_fact(records: Iterable[Record]) -> Iterator[tuple[Fact | None, list[Record]]]:
    """Each fact with the outcomes that follow it; first of all those that follow none, if there are any."""
    fact: Fact | None = None
    outcomes: list[Record] = []
    for record in records:
        if isinstance(record, Fact):
            if fact is not None or outcomes:
                yield fact, outcomes
            fact, outcomes = record, []
        else:
            outcomes.append(record)
    if fact is not None or outcomes:
        yield fact, outcomes


def _kinds(records: Iterable[Record]) -> dict[str, Any]:
    return dict(Counter(to_row(record)["kind"] for record in records))


def _numbers(setup: Setup, records: Sequence[Record]) -> dict[str, Any]:
    return dict(_figures("", dataclasses.asdict(Account.concluded(setup, records).summary())))


def _figures(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Every leaf with its path. Things in a list go by their name, or by who did it to whom."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _figures(f"{path}.{key}" if path else key, inner)
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value, 1):
            name: Any = number
            if isinstance(inner, dict):
                name = inner.get("name") or (f"{inner['by']} over {inner['over']}" if "by" in inner else number)
            yield from _figures(f"{path}.{name}", inner)
    else:
        yield path, value


def _changed(stored: dict[str, Any], today: dict[str, Any]) -> Iterator[Changed]:
    for what in sorted(stored.keys() | today.keys()):
        old, new = stored.get(what), today.get(what)
        if isinstance(old, float) and isinstance(new, float) and math.isclose(old, new, abs_tol=1e-9):
            continue
        if old != new:
            yield Changed(what=what, stored=old, today=new)


def describe(found: Differences) -> str:
    """For people to read."""
    heading = f"{found.facts} facts, {found.outcomes} conclusions and actions."
    if found.first is None:
        return f"{heading} Today's rules come to exactly the same."
    first = found.first
    where = "before anything happened"
    if first.fact is not None:
        at = length(first.fact.at_ms // 1000 * 1000)
        where = f"at {at}, after fact {first.fact_number} ({to_row(first.fact)['kind']})"
    lines = [f"{heading} Today's rules come to something else, first {where}:"]
    if found.broke is not None:
        lines.append(f"  today's rules fail here: {found.broke}")
    lines += [f"  stored: {_in_words(first.stored)}", f"  today:  {_in_words(first.today)}"]
    for title, changes in (("How often (stored, today):", found.kinds), ("Summary (stored, today):", found.numbers)):
        if changes:
            lines.append(title)
            lines += [f"  {change.what}: {_plain(change.stored)}, {_plain(change.today)}" for change in changes]
    return "\n".join(lines)


def _in_words(record: Record | None) -> str:
    if record is None:
        return "nothing more"
    row = to_row(record)
    kind = row.pop("kind")
    fields = (f"{name} {_plain(value)}" for name, value in row.items() if name != "role")
    return f"{kind}: {', '.join(fields)}"


def _plain(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, float):
        return f"{value:.4g}"
    return " and ".join(map(str, value)) or "nobody" if isinstance(value, list) else str(value)
