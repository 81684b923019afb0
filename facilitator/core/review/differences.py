"""Differences between people that are sure: who was answered less, who was cut in on more, who spoke last more often.

Each is a part of so many (turns answered, cut-ins, ends of open parts of the talk) against what it is of the others, or
would be if it went by how long each of them spoke. It is *sure* by so much as is left of it at the near end of what
chance allows in nineteen cases of twenty (Wilson's interval; for two parts, Newcombe's). So differences of different
measures can be compared: each lies between 0 and 1.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from facilitator.core.review.responses import Answered
from facilitator.core.turntaking.uncertainty import Interval

Z = 1.96
Measure = Literal["answered", "cut-ins", "last-word"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """`count` of `of` were `person`'s, where `against` (0 to 1) would be expected; `sure`: by so much at least."""

    measure: Measure
    person: str
    count: int
    of: int
    against: float
    sure: float

    @property
    def interval(self) -> Interval:
        return wilson(self.count, self.of)


def wilson(count: int, of: int) -> Interval:
    """What a part of so many may well be in truth."""
    if not of:
        return Interval(0.0, 1.0)
    part, spread = count / of, Z * Z / of
    middle = (part + spread / 2) / (1 + spread)
    reach = Z * math.sqrt(part * (1 - part) / of + spread / (4 * of)) / (1 + spread)
    return Interval(min(part, max(0.0, middle - reach)), max(part, min(1.0, middle + reach)))  # but for rounding


def answered_less(answered: Iterable[Answered]) -> list[Difference]:
    """After whose turns somebody went on within two seconds surely less often than after those of the others."""
    told = [one for one in answered if one.told]
    found = []
    for one in told:
        rest = [other for other in told if other is not one]
        turns, replies = sum(other.turns for other in rest), sum(other.answered for other in rest)
        if turns:
            theirs, others = wilson(one.answered, one.turns), wilson(replies, turns)
            part, against = one.answered / one.turns, replies / turns
            sure = against - part - math.hypot(against - others.low, theirs.high - part)
            found.append(_difference("answered", one.person, one.answered, one.turns, against, sure))
    return found


def cut_in_on_more(received: Mapping[str, int], airtime_ms: Mapping[str, int]) -> list[Difference]:
    """On whom surely more of the cut-ins came than goes by how long they spoke."""
    of, whole_ms = sum(received.values()), sum(airtime_ms.values())
    return _more("cut-ins", received, of, {person: ms / whole_ms for person, ms in airtime_ms.items() if whole_ms})


def spoke_last_more(closed: Sequence[str], people: Sequence[str]) -> list[Difference]:
    """Who surely ended more of the parts of open talk than goes by how many people there are. `closed`: who ended
    each of them, where that is sure."""
    return _more("last-word", Counter(closed), len(closed), {person: 1 / len(people) for person in people})


def _more(measure: Measure, counts: Mapping[str, int], of: int, against: Mapping[str, float]) -> list[Difference]:
    return [
        _difference(measure, person, counts.get(person, 0), of, part, wilson(counts.get(person, 0), of).low - part)
        for person, part in against.items()
        if of
    ]


def _difference(measure: Measure, person: str, count: int, of: int, against: float, sure: float) -> Difference:
    return Difference(measure=measure, person=person, count=count, of=of, against=against, sure=sure)
