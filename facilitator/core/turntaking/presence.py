"""Who was at the table when, and what an equal part is of somebody who came later or left earlier.

Of what is said while the same people are there, an equal part (or one by their targets) is meant for each of them; the
sum of these is somebody's *part* of the whole. So nothing that was said before they joined or after they left is held
against anybody, and all parts together are all that was said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from facilitator.core.events import Joined, Left, Record
from facilitator.core.turntaking.own_speech import FOREVER_MS
from facilitator.core.turntaking.spans import Span, Voices, speech

Presence = Mapping[str, Sequence[Span]]
"""When they were there, in order, of those who came later or left; whoever is not in it was there all the time."""


def presence_of(records: Iterable[Record], newcomers: Iterable[str] = ()) -> dict[str, list[Span]]:
    """`newcomers`: who had no seat at the beginning."""
    found: dict[str, list[Span]] = {person: [] for person in newcomers}
    for record in records:
        if isinstance(record, Joined | Left):
            note_presence(found, record)
    return found


def note_presence(presence: dict[str, list[Span]], event: Joined | Left) -> None:
    """What this changes: a span that lasts is open to the far future."""
    if isinstance(event, Left):
        spans = presence.setdefault(event.person, [Span(0, FOREVER_MS)])
        if spans and spans[-1].end_ms == FOREVER_MS:
            spans[-1] = Span(spans[-1].start_ms, event.at_ms)
    else:
        spans = presence.setdefault(event.person, [])
        if not spans or spans[-1].end_ms != FOREVER_MS:
            spans.append(Span(event.at_ms, FOREVER_MS))


def is_there(presence: Presence, person: str, at_ms: int) -> bool:
    spans = presence.get(person)
    return spans is None or any(start <= at_ms < end for start, end in spans)


def there_throughout(presence: Presence, person: str, start_ms: int, end_ms: int) -> bool:
    spans = presence.get(person)
    return spans is None or any(start <= start_ms and end_ms <= end for start, end in spans)


def borders(presence: Presence, people: Iterable[str], start_ms: int, end_ms: int) -> set[int]:
    """When any of these came or went within [start_ms, end_ms)."""
    edges = {edge for person in people for span in presence.get(person, ()) for edge in span}
    return {edge for edge in edges if start_ms < edge < end_ms}


def parts_ms(
    voices: Voices, people: Sequence[str], presence: Presence, targets: Mapping[str, float] | None
) -> dict[str, float]:
    """What an equal part (or one by the targets) is of all that these people said, for each of them."""
    said = speech({person: voices.get(person, ()) for person in people})
    aims = {person: 1.0 if targets is None else targets.get(person, 0.0) for person in people}
    edges = sorted({0, FOREVER_MS, *(edge for person in people for span in presence.get(person, ()) for edge in span)})
    parts = dict.fromkeys(people, 0.0)
    for start_ms, end_ms in pairwise(edges):
        there = [person for person in people if aims[person] > 0 and is_there(presence, person, start_ms)]
        whole_ms = sum(within_ms(said[person], start_ms, end_ms) for person in there)
        for person in there:
            parts[person] += whole_ms * aims[person] / sum(aims[one] for one in there)
    return parts


def within_ms(spans: Iterable[Span], start_ms: int, end_ms: int) -> int:
    return sum(max(0, min(end, end_ms) - max(start, start_ms)) for start, end in spans)


class PartsSoFar:
    """The same while it happens: kept from one coming or going to the next."""

    def __init__(self, people: Iterable[str]) -> None:
        self._there = frozenset(people)
        self._part_ms: dict[str, float] = {}
        self._whole_ms: dict[str, int] = {}
        self._before_ms: Mapping[str, int] = {}

    def turn(self, airtime_ms: Mapping[str, int], aims: Mapping[str, float], there: Iterable[str]) -> None:
        """From now on these people are there."""
        self._part_ms, self._whole_ms = self.part_ms(airtime_ms, aims), self.whole_ms(airtime_ms)
        self._before_ms, self._there = dict(airtime_ms), frozenset(there)

    def part_ms(self, airtime_ms: Mapping[str, int], aims: Mapping[str, float]) -> dict[str, float]:
        """What is meant for each so far. `aims`: of those who are heard, in any unit."""
        there = {person: aim for person, aim in aims.items() if person in self._there and aim > 0}
        whole_ms, whole = sum(self._since_ms(airtime_ms, person) for person in there), sum(there.values())
        found = dict.fromkeys(airtime_ms, 0.0) | self._part_ms
        return found | {person: found.get(person, 0.0) + whole_ms * aim / whole for person, aim in there.items()}

    def whole_ms(self, airtime_ms: Mapping[str, int]) -> dict[str, int]:
        """What all have said so far while each was there."""
        said_ms = sum(self._since_ms(airtime_ms, person) for person in self._there)
        return {
            person: self._whole_ms.get(person, 0) + (said_ms if person in self._there else 0) for person in airtime_ms
        }

    def _since_ms(self, airtime_ms: Mapping[str, int], person: str) -> int:
        return airtime_ms.get(person, 0) - self._before_ms.get(person, 0)
