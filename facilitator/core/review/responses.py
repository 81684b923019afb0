"""After whose turns somebody else began to speak within two seconds.

Looked at are turns of at least 1 s that end in open talk. A turn is *answered* if another participant begins to speak,
with more than a small sign of listening, from 1 s before its end to 2 s after it. Left out, because they could be
neither:

- turns that a cut-in ended (rule R of `overlap.py`): what was not finished waits for no answer;
- turns after which there was no answer, but within 2 s a guest's voice, speech that could be anyone's, the
  facilitator's own voice, a pause, or the end of the open talk.

Whoever waits for more than 2 s and then goes on has one longer turn, not two. It says nothing of what was answered,
nor how, and some things want a silence. Under five turns that could be looked at, nothing is told of a person.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from facilitator.core.events import BackChannel, CutIn
from facilitator.core.turntaking.overlap import Turn
from facilitator.core.turntaking.spans import Span, Voices, utterances
from facilitator.core.turntaking.timeline import Timeline

WITHIN_MS = 2_000
EARLY_MS = 1_000
LEAST_TURN_MS = 1_000
LEAST_TURNS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Of one person's turns: how many could be looked at, and how many of them were answered."""

    person: str
    turns: int
    answered: int

    @property
    def told(self) -> bool:
        """There are enough of them to say anything."""
        return self.turns >= LEAST_TURNS


def answered(
    voices: Voices,
    turns: Iterable[Turn],
    found: Iterable[CutIn | BackChannel],
    *,
    open_talk: Sequence[Span],
    timeline: Timeline,
) -> tuple[Answered, ...]:
    """One for each of `voices`. `found` is what rule R finds in them."""
    counts = {person: [0, 0] for person in voices}
    for turn, by in responses(voices, turns, found, open_talk=open_talk, timeline=timeline):
        counts[turn.person][0] += 1
        counts[turn.person][1] += by is not None
    return tuple(Answered(person=person, turns=seen, answered=yes) for person, (seen, yes) in counts.items())


def responses(
    voices: Voices,
    turns: Iterable[Turn],
    found: Iterable[CutIn | BackChannel],
    *,
    open_talk: Sequence[Span],
    timeline: Timeline,
) -> Iterator[tuple[Turn, str | None]]:
    """Each turn that could be looked at, and who was the first to answer it; None: nobody did."""
    found = list(found)
    unfinished = {(e.over, e.end_ms) for e in found if isinstance(e, CutIn) and e.kind == "cut-in"}
    signs = {(e.by, e.start_ms) for e in found if isinstance(e, BackChannel)}
    begins = {
        person: [span.start_ms for span in spans if (person, span.start_ms) not in signs]
        for person, spans in utterances(voices).items()
    }
    for turn in turns:
        place = next((span for span in open_talk if span.start_ms < turn.end_ms <= span.end_ms), None)
        short = turn.end_ms - turn.start_ms < LEAST_TURN_MS
        if place is None or short or (turn.person, turn.end_ms) in unfinished:
            continue
        until_ms = turn.end_ms + WITHIN_MS
        began = {p: _first_in(begins[p], turn.end_ms - EARLY_MS, until_ms) for p in begins if p != turn.person}
        first = min(((at_ms, p) for p, at_ms in began.items() if at_ms is not None), default=None)
        if first is None and (until_ms > place.end_ms or doubtful(timeline, Span(turn.end_ms, until_ms))):
            continue
        yield turn, None if first is None else first[1]


def _first_in(starts: Sequence[int], first_ms: int, last_ms: int) -> int | None:
    index = bisect_left(starts, first_ms)
    return starts[index] if index < len(starts) and starts[index] <= last_ms else None


def doubtful(timeline: Timeline, span: Span) -> bool:
    """A guest spoke in it, or somebody whom nobody knows."""
    return any(tile.unknown or tile.guest for tile in timeline.tiles(*span))
