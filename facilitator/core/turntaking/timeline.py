"""What the listener says -> what the discussion counts, and for whom.

`attribute` turns one `Heard` into the `Spoke` stretches that follow from it; `Timeline` keeps what is
believed now about every moment, in as few tiles as possible. Times are integer milliseconds.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple, Self

from facilitator.core.events import Heard, Spoke
from facilitator.core.turntaking.presence import Presence, borders, is_there
from facilitator.core.turntaking.spans import Span, merged

ALL_THE_TIME: Presence = {}
"""Nobody came later or left."""

OWN_TAIL_MS = 300
"""For so long after a prompt the microphone may still hear the room give it back."""


class Tile(NamedTuple):
    """A stretch about which one thing is believed; the fields are those of `Spoke`."""

    start_ms: int
    end_ms: int
    people: tuple[str, ...] = ()
    guest: bool = False
    unknown: bool = False
    confidence: float = 1.0
    counted: bool = True

    @property
    def voiced(self) -> bool:
        """Somebody speaks."""
        return bool(self.people) or self.guest or self.unknown

    def cut(self, start_ms: int, end_ms: int) -> Tile:
        """The part of this tile within [start_ms, end_ms)."""
        if start_ms <= self[0] and self[1] <= end_ms:
            return self
        return Tile(max(self[0], start_ms), min(self[1], end_ms), *self[2:])


_Said = tuple[tuple[str, ...], bool, bool, bool]
"""All of a tile but when, and how sure: people, guest, unknown, counted."""


class Timeline:
    """What is believed about every moment so far: tiles in order, apart from each other.

    A moment that was never painted belongs to no tile. Painting at the end costs the same however long
    the session is; painting over the past costs a search and the shift of a few arrays. A tile is kept as 28 bytes,
    since hours of talk have ten thousands of them, and is made when it is asked for."""

    __slots__ = ("_confidences", "_ends", "_numbers", "_said", "_starts", "_which")

    def __init__(self, spoken: Iterable[Spoke] = ()) -> None:
        self._starts, self._ends = array("q"), array("q")
        self._confidences = array("d")
        self._which = array("I")  # of `_said`, in which there are few
        self._said: list[_Said] = []
        self._numbers: dict[_Said, int] = {}
        for spoke in spoken:
            self.paint(spoke)

    @classmethod
    def of(cls, tiles: Iterable[Tile]) -> Self:
        """These tiles, which are in order and apart from each other; neighbours that say the same become one."""
        timeline = cls()
        timeline._put(0, 0, _joined(tiles))
        return timeline

    @property
    def end_ms(self) -> int:
        """Where the last tile ends; 0 while there is none."""
        return self._ends[-1] if self._ends else 0

    def __len__(self) -> int:
        return len(self._starts)

    def __reversed__(self) -> Iterator[Tile]:
        return map(self._tile, reversed(range(len(self))))

    def __iter__(self) -> Iterator[Tile]:
        return map(self._tile, range(len(self)))

    def paint(self, spoke: Spoke) -> None:
        """From now on this is what is believed about [spoke.start_ms, spoke.end_ms)."""
        start, end = spoke.start_ms, spoke.end_ms
        if end <= start:
            return
        tile = Tile(start, end, spoke.people, spoke.guest, spoke.unknown, spoke.confidence, spoke.counted)
        count = len(self)
        if not count or self._ends[-1] <= start:
            first = count - 1 if count and self._ends[-1] == start else count
            self._put(first, count, _joined([*map(self._tile, range(first, count)), tile]))
            return
        first = bisect_right(self._ends, start)
        last = bisect_left(self._starts, end, lo=first)
        new = [tile]
        if first < last:
            before, after = self._tile(first), self._tile(last - 1)
            if before.start_ms < start:
                new.insert(0, before.cut(before.start_ms, start))
            if end < after.end_ms:
                new.append(after.cut(end, after.end_ms))
        if first > 0:
            first -= 1
            new.insert(0, self._tile(first))
        if last < count:
            new.append(self._tile(last))
            last += 1
        self._put(first, last, _joined(new))

    def tiles(self, start_ms: int, end_ms: int) -> list[Tile]:
        """What is believed about [start_ms, end_ms): tiles cut to it, in order."""
        first = bisect_right(self._ends, start_ms)
        last = bisect_left(self._starts, end_ms, lo=first)
        return [self._tile(place).cut(start_ms, end_ms) for place in range(first, last)]

    def spans(self, counted_only: bool = True) -> dict[str, list[Span]]:
        """When each person speaks, in order; touching stretches are one. Only those who were heard are in it."""
        found: dict[str, list[Span]] = {}
        for tile in self:
            if counted_only and not tile.counted:
                continue
            for person in tile.people:
                spans = found.setdefault(person, [])
                if spans and spans[-1].end_ms == tile.start_ms:
                    spans[-1] = Span(spans[-1].start_ms, tile.end_ms)
                else:
                    spans.append(Span(tile.start_ms, tile.end_ms))
        return found

    def _tile(self, place: int) -> Tile:
        people, guest, unknown, counted = self._said[self._which[place]]
        return Tile(self._starts[place], self._ends[place], people, guest, unknown, self._confidences[place], counted)

    def _put(self, first: int, last: int, tiles: Sequence[Tile]) -> None:
        """These tiles, in the place of those from `first` to before `last`."""
        self._starts[first:last] = array("q", [tile.start_ms for tile in tiles])
        self._ends[first:last] = array("q", [tile.end_ms for tile in tiles])
        self._confidences[first:last] = array("d", [tile.confidence for tile in tiles])
        self._which[first:last] = array("I", [self._number(tile) for tile in tiles])

    def _number(self, tile: Tile) -> int:
        said = (tile.people, tile.guest, tile.unknown, tile.counted)
        number = self._numbers.setdefault(said, len(self._said))
        if number == len(self._said):
            self._said.append(said)
        return number


def _joined(tiles: Iterable[Tile]) -> list[Tile]:
    """Neighbours that say the same, made one."""
    found: list[Tile] = []
    for tile in tiles:
        if found and found[-1].end_ms == tile.start_ms and found[-1][2:] == tile[2:]:
            found[-1] = Tile(found[-1].start_ms, *tile[1:])
        else:
            found.append(tile)
    return found


def as_spoke(tile: Tile, at_ms: int) -> Spoke:
    """What is believed of a tile, to be said again at `at_ms`."""
    return Spoke(
        at_ms=at_ms,
        start_ms=tile.start_ms,
        end_ms=tile.end_ms,
        people=tile.people,
        guest=tile.guest,
        unknown=tile.unknown,
        confidence=tile.confidence,
        counted=tile.counted,
    )


def struck_out(timeline: Timeline, person: str, at_ms: int) -> list[Spoke]:
    """What is to be believed of every stretch in which this person was heard, when it is no longer theirs: somebody
    spoke. `at_ms`: now."""
    return [
        replace(as_spoke(tile, at_ms), people=tuple(other for other in tile.people if other != person), unknown=True)
        for tile in timeline
        if person in tile.people
    ]


def attribute(
    heard: Heard,
    *,
    own_voice: Sequence[Span] = (),
    counted: Sequence[Span] | None = None,
    declined: Set[str] = frozenset(),
    presence: Presence = ALL_THE_TIME,
) -> list[Spoke]:
    """The stretches, in order and without gaps, that follow from one `Heard`; none if it has no length.

    `own_voice`: when the facilitator itself sounds, in order of start; that and 0.3 s more become silence
    that is not counted. `counted`: where speech counts as airtime, in order and apart (None: everywhere);
    the rest is kept with `counted` false. `declined`: those who are not listened to; their speech is
    kept as unknown, so that it is nobody's; so is that of who was not there then (`presence`). A span that has
    not ended yet may end in the far future."""
    start, end = heard.start_ms, heard.end_ms
    if end <= start:
        return []
    sounding = _near(own_voice, start - OWN_TAIL_MS, end)
    own = _within(merged((Span(a, b + OWN_TAIL_MS) for a, b in sounding), 0), start, end) if sounding else []
    everywhere = counted is None or (bool(counted) and counted[-1].start_ms <= start and end <= counted[-1].end_ms)
    places = [Span(start, end)] if everywhere else _within(_near(counted or (), start, end), start, end)
    changes = borders(presence, heard.people, start, end) if presence else set()
    if not own and not changes and (not places or places == [(start, end)]):
        return [_spoken(heard, start, end, declined, presence, counted=bool(places))]
    edges = sorted({start, end, *changes, *(ms for span in (*own, *places) for ms in span)})
    found: list[Spoke] = []
    for left, right in pairwise(edges):
        if any(a <= left < b for a, b in own):
            part = Spoke(at_ms=heard.at_ms, start_ms=left, end_ms=right, counted=False)
        else:
            inside = any(a <= left < b for a, b in places)
            part = _spoken(heard, left, right, declined, presence, counted=inside)
        found.append(part)
    return found


def _spoken(
    heard: Heard, start_ms: int, end_ms: int, declined: Set[str], presence: Presence, *, counted: bool
) -> Spoke:
    people = heard.people
    if declined or presence:
        people = tuple(p for p in people if p not in declined and is_there(presence, p, start_ms))
    return Spoke(
        at_ms=heard.at_ms,
        start_ms=start_ms,
        end_ms=end_ms,
        people=people,
        guest=heard.guest,
        unknown=heard.unknown or len(people) < len(heard.people),
        confidence=heard.confidence,
        counted=counted,
    )


def _near(spans: Sequence[Span], start_ms: int, end_ms: int) -> Sequence[Span]:
    """Those that touch [start_ms, end_ms], of spans in order: looked for from the end, where they mostly are."""
    last = len(spans)
    while last and spans[last - 1].start_ms >= end_ms:
        last -= 1
    first = last
    while first > 0 and spans[first - 1].end_ms >= start_ms:
        first -= 1
    return spans[first:last]


def _within(spans: Iterable[Span], start_ms: int, end_ms: int) -> list[Span]:
    cut = (Span(max(a, start_ms), min(b, end_ms)) for a, b in spans)
    return [span for span in cut if span.start_ms < span.end_ms]
