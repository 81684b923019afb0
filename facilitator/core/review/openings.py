"""Who opened a part of the talk, and who closed it.

*Opened*: the person whose turn is the first in it. *Closed*: the person whose turn is the last to end in it. Small
signs of listening are no turns (`overlap.py`). Nobody is named where that was not theirs to choose, or is not sure
enough to be told:

- `in-turn`: the floor was theirs at that moment, so the order had chosen them;
- `at-once`: somebody else began (or ended) less than 0.3 s apart from them;
- `unsure`: at least 1 s of a guest's voice, or of speech that could be anyone's, came before (or after) it; or the
  first (or last) 3 s of the turn are, on average, less than 70 % sure to be theirs;
- `nobody`: nobody had a turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from facilitator.core.turntaking.overlap import Turn
from facilitator.core.turntaking.spans import Span
from facilitator.core.turntaking.timeline import Tile, Timeline

AT_ONCE_MS = 300
DOUBTFUL_MS = 1_000
LOOKED_AT_MS = 3_000
SURE = 0.7

Why = Literal["", "in-turn", "at-once", "unsure", "nobody"]


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """One end of a part. `person` None: `why` says why nobody is named."""

    person: str | None
    why: Why = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartEnds:
    """Of the whole talk (`stage` empty), or of one open stage."""

    stage: str
    start_ms: int
    end_ms: int
    opened: End
    closed: End


def ends(
    stage: str, part: Span, turns: Sequence[Turn], timeline: Timeline, protected: Sequence[tuple[str, Span]]
) -> PartEnds:
    """`turns` are those of the whole session; `protected`: who had the floor to themselves, and when."""
    within = [
        Turn(turn.person, max(turn.start_ms, part.start_ms), min(turn.end_ms, part.end_ms))
        for turn in turns
        if turn.start_ms < part.end_ms and turn.end_ms > part.start_ms
    ]
    if not within:
        none = End(person=None, why="nobody")
        return PartEnds(stage=stage, start_ms=part.start_ms, end_ms=part.end_ms, opened=none, closed=none)
    first = min(within, key=lambda turn: turn.start_ms)
    last = max(within, key=lambda turn: turn.end_ms)
    return PartEnds(
        stage=stage,
        start_ms=part.start_ms,
        end_ms=part.end_ms,
        opened=_end(
            first,
            at_once=any(t is not first and t.start_ms - first.start_ms < AT_ONCE_MS for t in within),
            outside=timeline.tiles(part.start_ms, first.start_ms),
            own=timeline.tiles(first.start_ms, min(first.end_ms, first.start_ms + LOOKED_AT_MS)),
            held=_held(first.person, first.start_ms, protected),
        ),
        closed=_end(
            last,
            at_once=any(t is not last and last.end_ms - t.end_ms < AT_ONCE_MS for t in within),
            outside=timeline.tiles(last.end_ms, part.end_ms),
            own=timeline.tiles(max(last.start_ms, last.end_ms - LOOKED_AT_MS), last.end_ms),
            held=_held(last.person, last.end_ms - 1, protected),
        ),
    )


def _end(turn: Turn, *, at_once: bool, outside: Iterable[Tile], own: Sequence[Tile], held: bool) -> End:
    if held:
        return End(person=None, why="in-turn")
    doubtful = sum(t.end_ms - t.start_ms for t in outside if t.counted and (t.unknown or t.guest))
    theirs = [(t.end_ms - t.start_ms, t.confidence) for t in own if turn.person in t.people]
    length = sum(ms for ms, _ in theirs)
    if doubtful >= DOUBTFUL_MS or sum(ms * sure for ms, sure in theirs) < SURE * length:
        return End(person=None, why="unsure")
    return End(person=None, why="at-once") if at_once else End(person=turn.person)


def _held(person: str, at_ms: int, protected: Iterable[tuple[str, Span]]) -> bool:
    return any(who == person and start <= at_ms < end for who, (start, end) in protected)
