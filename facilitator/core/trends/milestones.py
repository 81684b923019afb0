"""What a group has reached since it last looked back: only what is really there, and nothing that would shame anybody.

A look back is a session in which somebody said how fair something feels. Where there was none so far, the last three
months count. A milestone is

- agreements that were asked after and kept;
- check-ins held: two or more, or the first one in three months;
- the first talk in three months that all who were there left feeling light (four or five of five);
- protected time of which at least nine tenths stayed with whoever had the floor (two sessions, ten minutes at least);
- a change for the better by the rule of `trend.py` that was not clear yet at the last look back: the time shared
  more evenly, fewer cut-ins, people leaving in a better mood, and, where there are more than two, more room for
  somebody who had had less than was intended.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from facilitator.core.trends.history import Held, Series, history, is_check_in

QUARTER_DAYS = 91
MOST = 4
"""More than this nobody keeps in mind."""
MANY_AGREEMENTS = 3
"""From so many on, it is something that all were kept."""
LIGHT = 4
MOSTLY_KEPT = 0.9
LEAST_PROTECTED_MS = 600_000

MilestoneKey = Literal[
    "agreements",
    "all_agreements",
    "check_ins",
    "first_check_in",
    "first_light",
    "protected",
    "protected_all",
    "balance",
    "cut-ins",
    "leaving",
    "share",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """`key`: of the phrase in `[milestones]`. `number`: how many, or percent; `who`: of whom."""

    key: MilestoneKey
    number: int = 0
    who: str = ""


def last_review(sessions: Sequence[Held]) -> Held | None:
    """The last session in which somebody said how fair something feels."""
    return next((held for held in reversed(sessions) if any(part.fair for part in held.parts)), None)


def milestones(sessions: Sequence[Held], today: float) -> tuple[Milestone, ...]:
    """`sessions` of one group, in order of time; `today`: days since 1970."""
    review = last_review(sessions)
    since = today - QUARTER_DAYS if review is None else review.day
    lately = [held for held in sessions if held.day > since]
    found = [
        *_agreements(lately),
        *_check_ins(sessions, lately),
        *_light(sessions, lately),
        *_protected(lately),
        *_changes(sessions, today, since),
    ]
    return tuple(found[:MOST])


def _agreements(lately: Sequence[Held]) -> Iterator[Milestone]:
    asked, kept = sum(held.asked for held in lately), sum(held.kept for held in lately)
    if kept == asked >= MANY_AGREEMENTS:
        yield Milestone(key="all_agreements")
    elif kept:
        yield Milestone(key="agreements", number=kept)


def _check_ins(sessions: Sequence[Held], lately: Sequence[Held]) -> Iterator[Milestone]:
    held = [one for one in lately if is_check_in(one.format)]
    if len(held) > 1:
        yield Milestone(key="check_ins", number=len(held))
    for first in held[: len(held) == 1]:
        none_before = not any(is_check_in(one.format) for one in _months_before(sessions, first))
        if none_before and sessions[0].day <= first.day - QUARTER_DAYS:
            yield Milestone(key="first_check_in")


def _months_before(sessions: Sequence[Held], held: Held) -> list[Held]:
    """What there was in the three months before."""
    return [one for one in sessions if held.day - QUARTER_DAYS <= one.day < held.day]


def _light(sessions: Sequence[Held], lately: Sequence[Held]) -> Iterator[Milestone]:
    for held in lately:
        before = [one for one in _months_before(sessions, held) if any(part.leaving for part in one.parts)]
        if _all_light(held) and len(before) > 1 and not any(map(_all_light, before)):
            yield Milestone(key="first_light")
            return


def _all_light(held: Held) -> bool:
    return len(held.parts) > 1 and all((part.leaving or 0) >= LIGHT for part in held.parts)


def _protected(lately: Sequence[Held]) -> Iterator[Milestone]:
    some = [held for held in lately if held.protected_ms and held.all_heard]
    whole, lost = sum(held.protected_ms for held in some), sum(held.lost_ms for held in some)
    if len(some) < 2 or whole < LEAST_PROTECTED_MS or lost > (1 - MOSTLY_KEPT) * whole:
        return
    if lost:
        yield Milestone(key="protected", number=int(100 * (1 - lost / whole)))
    else:
        yield Milestone(key="protected_all")


def _changes(sessions: Sequence[Held], today: float, since: float) -> Iterator[Milestone]:
    before = [held for held in sessions if held.day <= since]
    known = {(one.what, one.who) for one in history(before, since).series if _better(one, before)} if before else set()
    found = history(sessions, today).series if sessions else ()
    for series in found:
        if _better(series, sessions) and (series.what, series.who) not in known:
            key: MilestoneKey = series.what  # type: ignore[assignment]  # `_better` knows which
            yield Milestone(key=key, who="".join(series.who))


def _better(series: Series, sessions: Sequence[Held]) -> bool:
    """Whether it has clearly changed, for the better."""
    found = series.trend
    if found.verdict != "change" or found.change is None:
        return False
    if series.what == "cut-ins":
        return found.change < 0
    if series.what == "share":
        aims = {part.name: part.aim for part in sessions[-1].parts}
        intended = aims[series.who[0]] / (sum(aims.values()) or 1.0)
        return len(aims) > 2 and found.change > 0 and (found.before or 0.0) < intended
    return series.what in ("balance", "leaving") and found.change > 0
