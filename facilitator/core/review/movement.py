"""How the balance moved in the course of the open talk.

*Windows* of 2.5 min, sliding by 30 s, in which only open talk counts (what somebody says on a protected turn is theirs
alone and would make every such window one-sided). A window with less than a minute of airtime is left out, and it takes
three windows to tell anything. Where two people aim at equal parts, a window is *balanced* if the larger share is under
55 %, *leaning* up to 65 %, else *one-sided*; where there are more, its evenness and its largest share are told.

*Halves*: the open talk cut in the middle of its time. A share is said to have *moved* only if the two intervals
(`uncertainty.py`) do not touch and it differs by at least ten points. It takes five minutes of open talk, and a
minute of airtime in either half.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from facilitator.core.turntaking.airtime import WINDOW_MS, Targets, Window, measured, shares, windows
from facilitator.core.turntaking.bands import Band, band_of
from facilitator.core.turntaking.spans import Span, Voices, total_ms
from facilitator.core.turntaking.thresholds import LITTLE_TALK_MS
from facilitator.core.turntaking.timeline import Tile, Timeline
from facilitator.core.turntaking.uncertainty import Interval, intervals

LEAST_WINDOWS = 3
LEAST_OPEN_MS = 300_000
LEAST_CHANGE = 0.10


@dataclass(frozen=True, slots=True, kw_only=True)
class Half:
    """Shares of the airtime in [start_ms, end_ms), with their likely ranges."""

    start_ms: int
    end_ms: int
    shares: Mapping[str, float]
    ranges: Mapping[str, Interval]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A share that surely changed between the halves."""

    person: str
    first: float
    second: float


def band(window: Window) -> Band | None:
    """For two people who aim at equal parts; None: nobody spoke."""
    largest = window.largest_share
    return None if largest is None else band_of(largest)


def talk_windows(
    voices: Voices, people: Sequence[str], open_talk: Sequence[Span], targets: Targets | None
) -> tuple[Window, ...]:
    """Those windows that can be told; none where there are too few."""
    if not open_talk:
        return ()
    heard = {person: _clipped(voices.get(person, ()), open_talk) for person in people}
    start_ms, end_ms = open_talk[0].start_ms, open_talk[-1].end_ms
    found = [
        window
        for window in windows(heard, people, start_ms=start_ms, end_ms=end_ms, targets=targets)
        if sum(window.airtime_ms.values()) >= LITTLE_TALK_MS and window.end_ms - window.start_ms == WINDOW_MS
    ]
    return tuple(found) if len(found) >= LEAST_WINDOWS else ()


def halves(timeline: Timeline, people: Sequence[str], open_talk: Sequence[Span]) -> tuple[Half, Half] | None:
    """None: too little open talk."""
    whole_ms = total_ms(open_talk)
    if whole_ms < LEAST_OPEN_MS:
        return None
    middle_ms, left_ms = open_talk[-1].end_ms, whole_ms // 2
    for start, end in open_talk:
        if left_ms <= end - start:
            middle_ms = start + left_ms
            break
        left_ms -= end - start
    first = _half(timeline, people, [Span(s, min(e, middle_ms)) for s, e in open_talk if s < middle_ms])
    second = _half(timeline, people, [Span(max(s, middle_ms), e) for s, e in open_talk if e > middle_ms])
    return None if first is None or second is None else (first, second)


def moved(pair: tuple[Half, Half] | None) -> tuple[Moved, ...]:
    """Whose share surely changed, in the order of the seats."""
    if pair is None:
        return ()
    first, second = pair
    return tuple(
        Moved(person=person, first=before, second=after)
        for person, before in first.shares.items()
        if abs((after := second.shares[person]) - before) >= LEAST_CHANGE
        and (
            first.ranges[person].high < second.ranges[person].low
            or second.ranges[person].high < first.ranges[person].low
        )
    )


def _half(timeline: Timeline, people: Sequence[str], spans: Sequence[Span]) -> Half | None:
    tiles: list[Tile] = [tile for span in spans for tile in timeline.tiles(*span)]
    found = measured(tiles)
    airtime_ms = {person: found.get(person, 0) for person in people}
    if sum(airtime_ms.values()) < LITTLE_TALK_MS:
        return None
    return Half(
        start_ms=spans[0].start_ms,
        end_ms=spans[-1].end_ms,
        shares=shares(airtime_ms),
        ranges=intervals(airtime_ms, tiles),
    )


def _clipped(spans: Sequence[Span], within: Sequence[Span]) -> list[Span]:
    found, index = [], 0
    for start, end in sorted(spans):
        while index < len(within) and within[index].end_ms <= start:
            index += 1
        for place in within[index:]:
            if place.start_ms >= end:
                break
            found.append(Span(max(start, place.start_ms), min(end, place.end_ms)))
    return found
