"""Who turns to whom: who spoke next after whom, who answered whom, who cut in on whom.

- *Spoke next*: of two turns that follow each other in the same stretch of open talk, whose the second is. Left out
  where a guest, or somebody whom nobody knows, spoke between them, and where the same person went on.
- *Answered*: who was the first to begin within two seconds, by the rule of `responses.py`.
- *Cut in*: as the summary counts it, in protected turns, too.

It says nothing of whom somebody looked at or meant.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from facilitator.core.events import BackChannel, CutIn
from facilitator.core.review.responses import doubtful, responses
from facilitator.core.turntaking.overlap import Turn
from facilitator.core.turntaking.spans import Span, Voices
from facilitator.core.turntaking.timeline import Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """How often `by` did something after or over `to`; only pairs in which anything happened."""

    by: str
    to: str
    spoke_next: int
    answered: int
    cut_ins: int


def ties(
    voices: Voices,
    turns: Sequence[Turn],
    found: Iterable[CutIn | BackChannel],
    *,
    open_talk: Sequence[Span],
    timeline: Timeline,
) -> tuple[Tie, ...]:
    """In the order of the seats. `turns` are by start, `found` is what rule R finds in `voices`."""
    found = list(found)
    spoke_next = Counter(
        (later.person, earlier.person)
        for earlier, later in pairwise(turns)
        if later.person != earlier.person and _follows(earlier, later, open_talk, timeline)
    )
    told = responses(voices, turns, found, open_talk=open_talk, timeline=timeline)
    answered = Counter((by, turn.person) for turn, by in told if by is not None)
    cut_ins = Counter((event.by, event.over) for event in found if isinstance(event, CutIn) and event.kind == "cut-in")
    pairs = [(by, to) for by in voices for to in voices if spoke_next[by, to] + answered[by, to] + cut_ins[by, to]]
    return tuple(
        Tie(by=by, to=to, spoke_next=spoke_next[by, to], answered=answered[by, to], cut_ins=cut_ins[by, to])
        for by, to in pairs
    )


def _follows(earlier: Turn, later: Turn, open_talk: Sequence[Span], timeline: Timeline) -> bool:
    if not any(a <= earlier.start_ms and later.start_ms < b for a, b in open_talk):
        return False
    return later.start_ms <= earlier.end_ms or not doubtful(timeline, Span(earlier.end_ms, later.start_ms))
