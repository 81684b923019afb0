"""Who has how much of the talk: seconds, shares and how evenly they fall.

*Airtime* of a person: their speech, pauses under 0.2 s included; overlapped speech counts for each person in it.
*Share*: airtime over the sum of all participants' airtime. Silent people are zeros and stay in every average.
*Balance*: the entropy of the shares over that of equal shares, `-sum p ln p / ln n` (1: equal, 0: one person only).
*Gini*: the Gini coefficient times n/(n-1) (0: equal, 1: one person only). Both are None where they mean nothing:
fewer than two people, or nobody spoke.

Where equal is not the aim, `targets` gives each person's intended part in any unit (30 and 70, say): every
airtime is divided by its target before it is compared. Someone with the target 0 (a host) is left out.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

from facilitator.core.events import Spoke
from facilitator.core.turntaking.spans import SPEECH_PAUSE_MS, Span, Voices, speech
from facilitator.core.turntaking.timeline import Tile, Timeline

WINDOW_MS = 150_000
WINDOW_STEP_MS = 30_000

Targets = Mapping[str, float]

_start, _end = itemgetter(0), itemgetter(1)


def entropy(parts: Sequence[float]) -> float | None:
    """Balance of these amounts, 0 to 1."""
    total = sum(parts)
    if len(parts) < 2 or total <= 0:
        return None
    shares = (part / total for part in parts if part > 0)
    return min(1.0, max(0.0, -sum(p * math.log(p) for p in shares) / math.log(len(parts))))


def gini(parts: Sequence[float]) -> float | None:
    """Gini coefficient of these amounts, scaled by n/(n-1), 0 to 1."""
    n, total = len(parts), sum(parts)
    if n < 2 or total <= 0:
        return None
    # The sum of all differences, each pair once, is that of the sorted amounts weighted by their rank.
    differences = sum((2 * rank - n + 1) * part for rank, part in enumerate(sorted(parts)))
    return min(1.0, max(0.0, differences / ((n - 1) * total)))


def compared(airtime_ms: Mapping[str, int], targets: Targets | None = None) -> list[float]:
    """The amounts whose evenness matters: airtimes, each divided by its target."""
    if targets is None:
        return [float(ms) for ms in airtime_ms.values()]
    return [ms / targets[person] for person, ms in airtime_ms.items() if targets.get(person, 0) > 0]


def can_be_compared(heard: Collection[object]) -> bool:
    """Whether parts of the talk can be told at all. `heard`: those who take part in the balance and are listened to.
    One alone has all that is heard, whatever the others said; and a host's part says nothing about theirs."""
    return len(heard) > 1


def shares(airtime_ms: Mapping[str, int]) -> dict[str, float]:
    """Everyone's share, 0 to 1; all 0 while nobody has spoken."""
    total = sum(airtime_ms.values())
    return {person: ms / total if total else 0.0 for person, ms in airtime_ms.items()}


class Airtime:
    """Everyone's airtime so far, kept up to date stretch by stretch.

    Owns the `timeline` it counts. A stretch that changes the past changes exactly what it should: the sums
    are always those of the timeline as a whole. Voices of others than `people` are on the timeline only."""

    __slots__ = ("_ms", "_spoke_until", "timeline")

    def __init__(self, people: Iterable[str]) -> None:
        self.timeline = Timeline()
        self._ms = dict.fromkeys(people, 0)
        self._spoke_until: dict[str, int | None] = {}
        """When each person last stopped; absent: look on the timeline; None: never spoke."""

    @property
    def ms(self) -> dict[str, int]:
        return dict(self._ms)

    def add(self, person: str) -> None:
        """They have come later: from now on their speech counts."""
        self._ms.setdefault(person, 0)

    def receive(self, spoke: Spoke) -> None:
        start, end = spoke.start_ms, spoke.end_ms
        if end <= start:
            return
        if start >= self.timeline.end_ms:
            for person in spoke.people if spoke.counted else ():
                if person in self._ms:
                    until = self.spoke_until_ms(person)
                    near = until is not None and start - until < SPEECH_PAUSE_MS
                    self._ms[person] += end - (until if near and until is not None else start)
                    self._spoke_until[person] = end
            self.timeline.paint(spoke)
            return
        if self._known(spoke):
            self.timeline.paint(spoke)
            return
        around = start - SPEECH_PAUSE_MS, end + SPEECH_PAUSE_MS
        before = measured(self.timeline.tiles(*around))
        self.timeline.paint(spoke)
        after = measured(self.timeline.tiles(*around))
        for person in before.keys() | after.keys():
            if person in self._ms:
                self._ms[person] += after.get(person, 0) - before.get(person, 0)
                self._spoke_until.pop(person, None)

    def _known(self, spoke: Spoke) -> bool:
        """It says of the whole stretch what was believed of it, as far as airtime goes."""
        people = spoke.people if spoke.counted else ()
        at = spoke.start_ms
        for tile in self.timeline.tiles(spoke.start_ms, spoke.end_ms):
            if tile.start_ms != at or (tile.people if tile.counted else ()) != people:
                return False
            at = tile.end_ms
        return at == spoke.end_ms

    def spoke_until_ms(self, person: str) -> int | None:
        """When this person last stopped speaking (or up to when they are heard now); None: never spoke."""
        if person not in self._spoke_until:
            tiles = reversed(self.timeline)
            ends = (tile.end_ms for tile in tiles if tile.counted and person in tile.people)
            self._spoke_until[person] = next(ends, None)
        return self._spoke_until[person]

    def shares(self) -> dict[str, float]:
        return shares(self._ms)


def measured(tiles: Iterable[Tile]) -> dict[str, int]:
    """Airtime on these tiles, which are in order: counted speech with the pauses that belong to it."""
    found: dict[str, int] = {}
    ends: dict[str, int] = {}
    for tile in tiles:
        if not tile.counted:
            continue
        for person in tile.people:
            end = ends.get(person)
            near = end is not None and tile.start_ms - end < SPEECH_PAUSE_MS
            start = end if near and end is not None else tile.start_ms
            found[person] = found.get(person, 0) + tile.end_ms - start
            ends[person] = tile.end_ms
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The talk within [start_ms, end_ms): the same total can be one-sided throughout or back-and-forth."""

    start_ms: int
    end_ms: int
    airtime_ms: Mapping[str, int]
    balance: float | None
    gini: float | None

    @property
    def shares(self) -> dict[str, float]:
        """Everyone's; all 0 where nobody spoke."""
        return shares(self.airtime_ms)

    @property
    def largest_share(self) -> float | None:
        return max(self.shares.values()) if any(self.airtime_ms.values()) else None


def windows(
    voices: Voices,
    people: Sequence[str],
    *,
    start_ms: int,
    end_ms: int,
    window_ms: int = WINDOW_MS,
    step_ms: int = WINDOW_STEP_MS,
    targets: Targets | None = None,
) -> list[Window]:
    """Windows of 2.5 min, sliding by 30 s, that fit into [start_ms, end_ms); one shorter window if none does."""
    if end_ms <= start_ms:
        return []
    said = speech({person: voices.get(person, ()) for person in people})
    found = []
    for start in range(start_ms, max(start_ms + 1, end_ms - window_ms + 1), step_ms):
        end = min(start + window_ms, end_ms)
        airtime_ms = {person: _within_ms(spans, start, end) for person, spans in said.items()}
        parts = compared(airtime_ms, targets)
        found.append(
            Window(start_ms=start, end_ms=end, airtime_ms=airtime_ms, balance=entropy(parts), gini=gini(parts))
        )
    return found


def _within_ms(spans: Sequence[Span], start_ms: int, end_ms: int) -> int:
    """How much of the spans, which are in order and apart, lies within [start_ms, end_ms)."""
    first = bisect_right(spans, start_ms, key=_end)
    last = bisect_left(spans, end_ms, lo=first, key=_start)
    return sum(min(end, end_ms) - max(start, start_ms) for start, end in spans[first:last])
