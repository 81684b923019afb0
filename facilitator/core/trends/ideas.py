"""Whose ideas were agreed on, and who decided, month by month, beside everyone's part of the talk.

As people said themselves, where they did: nothing of it is measured, and no change is read into it. Below a few
agreements nothing is told; who was forgotten is not told of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from facilitator.core.trends.history import Held, History

SaidOf = Literal["ideas", "decided"]
SAID: tuple[SaidOf, ...] = ("ideas", "decided")
LEAST_IDEAS = 5
"""Fewer agreements than this are an evening's chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeasOf:
    """One person in one month. `share`: their part of the talk, 0 to 1; None: it was not measured."""

    name: str
    ideas: int
    share: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthOfIdeas:
    month: str
    """2026-05"""
    each: tuple[IdeasOf, ...]
    """In the order of the seats."""
    together: int
    """Everyone's ideas."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ideas:
    agreements: int
    """Of so many it was said."""
    months: tuple[MonthOfIdeas, ...]
    """Empty: they are too few to tell."""


def ideas(history: History, what: SaidOf) -> Ideas | None:
    """None: of nothing it was said whose idea it was, or who decided."""
    forgotten = {part.name for held in history.sessions for part in held.parts if part.nameless}
    names = [name for name in history.people if name not in forgotten]
    told = sum(_of(held, what).get(name, 0) for held in history.sessions for name in (*names, ""))
    if not told or len(history.people) < 2:
        return None
    months: dict[str, list[Held]] = {}
    for held in history.sessions if told >= LEAST_IDEAS else ():
        months.setdefault(f"{held.date:%Y-%m}", []).append(held)
    found = (_month(month, some, names, what) for month, some in sorted(months.items()))
    return Ideas(
        agreements=told,
        months=tuple(one for one in found if one.together or any(each.ideas for each in one.each)),
    )


def _of(held: Held, what: SaidOf) -> Mapping[str, int]:
    return held.ideas if what == "ideas" else held.decided


def _month(month: str, some: Sequence[Held], names: Sequence[str], what: SaidOf) -> MonthOfIdeas:
    measured = [held for held in some if held.measured]
    whole = sum(held.airtime_ms for held in measured)
    return MonthOfIdeas(
        month=month,
        each=tuple(
            IdeasOf(
                name=name,
                ideas=sum(_of(held, what).get(name, 0) for held in some),
                share=sum(held.by_name[name].airtime_ms for held in measured) / whole if whole else None,
            )
            for name in names
        ),
        together=sum(_of(held, what).get("", 0) for held in some),
    )
