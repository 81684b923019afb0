"""Many tables together, such as a school's year: how their talks are spread, month by month, and nobody's own figures.

A month is told only where several tables talked often enough that none of them can be read off.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from facilitator.core.trends.history import Followed, Held, of_a_talk

LEAST_TALKS, LEAST_TABLES = 5, 3
"""In a month, before it is told: so many talks, of so many tables that have nobody in common."""
SPREAD: tuple[Followed, ...] = ("balance", "cut-ins", "protected", "agreements", "arriving", "leaving", "lift")
"""What a table has as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthSpread:
    month: str
    """2026-05"""
    talks: int
    """In which this could be told."""
    quarter: float | None
    """A quarter of the talks have less; None: they are too few, or of too few tables."""
    middle: float | None
    three_quarters: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSpread:
    what: Followed
    months: tuple[MonthSpread, ...]

    @property
    def told(self) -> tuple[MonthSpread, ...]:
        """The months of which there is something to tell."""
        return tuple(month for month in self.months if month.middle is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    talks: int
    tables: int
    """So many circles of the same people, in the same group."""
    first: datetime.date
    last: datetime.date
    spreads: tuple[TableSpread, ...]


def over_tables(held: Sequence[Held]) -> Tables:
    """Of at least one session."""
    days = [one.date for one in held]
    return Tables(
        talks=len(held),
        tables=len({_table(one) for one in held}),
        first=min(days),
        last=max(days),
        spreads=tuple(TableSpread(what=what, months=tuple(_months(what, held))) for what in SPREAD),
    )


def _table(held: Held) -> tuple[str, frozenset[str]]:
    return held.group, frozenset(part.name for part in held.parts)


def apart(held: Iterable[Held]) -> int:
    """Tables of which no two have anybody in common, at least so many: one circle in changing numbers is one table."""
    seen: dict[str, set[str]] = {}
    found = 0
    for group, people in sorted({_table(one) for one in held}, key=lambda table: (len(table[1]), sorted(table[1]))):
        if not people & (others := seen.setdefault(group, set())):
            others |= people
            found += 1
    return found


def _months(what: Followed, held: Iterable[Held]) -> Iterable[MonthSpread]:
    found: dict[str, list[tuple[float, Held]]] = {}
    for one in held:
        if (point := of_a_talk(what, one)) is not None:
            found.setdefault(f"{one.date:%Y-%m}", []).append((point.value, one))
    for month, some in sorted(found.items()):
        values = sorted(value for value, _ in some)
        enough = len(some) >= LEAST_TALKS and apart(one for _, one in some) >= LEAST_TABLES
        yield MonthSpread(
            month=month,
            talks=len(some),
            quarter=quantile(values, 0.25) if enough else None,
            middle=quantile(values, 0.5) if enough else None,
            three_quarters=quantile(values, 0.75) if enough else None,
        )


def quantile(values: Sequence[float], part: float) -> float:
    """Of sorted values, between two of them in a straight line."""
    at = part * (len(values) - 1)
    low = math.floor(at)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (at - low)
