"""What people put right while they talk: "that was Ben, not me".

The utterance is Ben's from then on, and stays it whatever is still heard of that stretch: later labels, and the pass
over the whole recording, say only where somebody speaks in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from facilitator.core.events import Intrusion, PutRight, Record, Spoke
from facilitator.core.turntaking.spans import UTTERANCE_PAUSE_MS, Span, merged
from facilitator.core.turntaking.timeline import Tile, Timeline, as_spoke

LEAST_MS = 700
"""What is shorter is a sign of listening, and nobody's who would be asked for."""
OLDEST_MS = 60_000
"""What is longer ago is not what was said last."""
LONGEST_MS = 180_000
EDGE_MS = 250
"""So far beyond its ends an utterance may still go by what is heard of it later."""


class LastSaid(NamedTuple):
    """An utterance, and to whom it is counted; None: to nobody."""

    person: str | None
    start_ms: int
    end_ms: int


def last_said(timeline: Timeline, before_ms: int, but: str = "") -> LastSaid | None:
    """What was said last before that moment by anybody but this person, as far as it counts."""
    spans: dict[str | None, list[Span]] = {}
    for tile in timeline.tiles(max(0, before_ms - LONGEST_MS), before_ms):
        if tile.counted and tile.voiced and but not in tile.people:
            for person in tile.people or (None,):
                spans.setdefault(person, []).append(Span(tile.start_ms, tile.end_ms))
    found = [
        LastSaid(person, start_ms, end_ms)
        for person, theirs in spans.items()
        for start_ms, end_ms in merged(theirs, UTTERANCE_PAUSE_MS)
        if end_ms - start_ms >= LEAST_MS and end_ms > before_ms - OLDEST_MS
    ]
    return max(found, key=lambda said: said.end_ms, default=None)


@dataclass(frozen=True, slots=True)
class _Standing:
    """One that holds: the stretches in it that were the other's, and how it was believed before."""

    event: PutRight
    spans: Sequence[Span]
    before: Sequence[Spoke]


class PutRightSoFar:
    """All that holds. What is returned is to be believed from now on."""

    def __init__(self) -> None:
        self._standing: list[_Standing] = []

    def receive(self, event: PutRight, timeline: Timeline) -> list[Spoke]:
        """Somebody says so, or takes it back."""
        if event.undone:
            place = next((k for k, one in enumerate(self._standing) if _same(one.event, event)), None)
            if place is None:
                return []
            return [replace(spoke, at_ms=event.at_ms) for spoke in self._standing.pop(place).before]
        tiles = [t for t in timeline.tiles(event.start_ms, event.end_ms) if t.counted and _theirs(t, event.by)]
        before = [as_spoke(tile, event.at_ms) for tile in tiles]
        self._standing.append(_Standing(event, [Span(t.start_ms, t.end_ms) for t in tiles], before))
        return [_given(spoke, event) for spoke in before]

    def forget(self, person: str) -> None:
        """They do not want to be heard: nothing is theirs any more."""
        self._standing = [one for one in self._standing if one.event.person != person]

    def holds_in(self, spoke: Spoke) -> list[Spoke]:
        """What has just been heard, as people have put it right."""
        parts = [spoke]
        for one in self._standing:
            if one.event.start_ms - EDGE_MS < spoke.end_ms and spoke.start_ms < one.event.end_ms + EDGE_MS:
                parts = [piece for part in parts for piece in _in(part, one)]
        return parts


def came_in(records: Iterable[Record]) -> list[Intrusion]:
    """Who came in on whom, as people have put it right: nobody comes in on themselves."""
    records = list(records)
    found = [record for record in records if isinstance(record, Intrusion)]
    for event in standing(records):
        found = [
            replace(came, by=event.person)
            if came.by == event.by and event.start_ms <= came.start_ms < event.end_ms
            else came
            for came in found
        ]
    return [came for came in found if came.by != came.over]


def standing(records: Iterable[Record]) -> list[PutRight]:
    """Those that were not taken back."""
    found: list[PutRight] = []
    for record in records:
        if isinstance(record, PutRight):
            found = [one for one in found if not _same(one, record)]
            found += [] if record.undone else [record]
    return found


def _same(one: PutRight, other: PutRight) -> bool:
    return (one.person, one.by, one.start_ms) == (other.person, other.by, other.start_ms)


def _theirs(tile: Tile, by: str | None) -> bool:
    return by in tile.people if by is not None else tile.voiced and not tile.people


def _in(spoke: Spoke, one: _Standing) -> list[Spoke]:
    start_ms, end_ms = spoke.start_ms, spoke.end_ms
    edges = {one.event.start_ms - EDGE_MS, one.event.end_ms + EDGE_MS, *(ms for span in one.spans for ms in span)}
    cuts = sorted({start_ms, end_ms, *(ms for ms in edges if start_ms < ms < end_ms)})
    pieces = [replace(spoke, start_ms=a, end_ms=b) for a, b in pairwise(cuts)]
    return [_given(piece, one.event) if _holds(piece, one) else piece for piece in pieces]


def _holds(piece: Spoke, one: _Standing) -> bool:
    """Whether it is theirs: what goes by the other's name about there, and who is alone where the other was."""
    event = one.event
    if not piece.counted or piece.end_ms <= event.start_ms - EDGE_MS or piece.start_ms >= event.end_ms + EDGE_MS:
        return False
    if event.by is not None and event.by in piece.people:
        return True
    alone = len(piece.people) == 1 or (not piece.people and (piece.guest or piece.unknown))
    return alone and any(a <= piece.start_ms and piece.end_ms <= b for a, b in one.spans)


def _given(spoke: Spoke, event: PutRight) -> Spoke:
    """Alone it is theirs; of several they take the place of the one they were taken for."""
    rest = [name for name in spoke.people if name != event.by] if len(spoke.people) > 1 else []
    people = tuple(dict.fromkeys([*rest, event.person]))
    return replace(spoke, people=people, guest=False, unknown=False, confidence=1.0)
