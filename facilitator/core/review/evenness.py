"""How evenly a talk was shared, as one of a few kinds (`bands.py`): as measured, and by the most even reading of it.

The most even reading takes everyone's share as near to what they aimed at as its likely range allows. Only where both
readings are of the same kind is it sure enough to be told as that kind; where the reading is `as_aimed`, no difference
could be measured at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from facilitator.core.review.summary import PersonSummary, Summary
from facilitator.core.turntaking.airtime import gini
from facilitator.core.turntaking.bands import EvennessKind, kind_of

_NOTHING = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Evenness:
    measured: EvennessKind
    most_even: EvennessKind
    as_aimed: bool
    """By the most even reading everyone had just what they aimed at."""

    @property
    def sure(self) -> bool:
        return self.measured == self.most_even


def evenness(summary: Summary) -> Evenness | None:
    """Of those who take part in the balance; None: no shares can be told, or none of them spoke."""
    people = summary.balanced
    if not summary.has_shares or not any(person.airtime_ms for person in people):
        return None
    even = most_even(people)
    return Evenness(
        measured=kind_of([person.share / person.aim for person in people], equal=summary.equal_aims),
        most_even=kind_of(even, equal=summary.equal_aims),
        as_aimed=(gini(even) or 0.0) < _NOTHING,
    )


def most_even(people: Sequence[PersonSummary]) -> list[float]:
    """Everyone's share over their aim, each as near to 1 as its likely range allows."""
    whole = sum(person.share for person in people) or 1.0
    found = []
    for person in people:
        low, high = person.share_low / whole, min(1.0, person.share_high / whole)
        found.append(min(max(person.aim, low), high) / person.aim)
    return found
