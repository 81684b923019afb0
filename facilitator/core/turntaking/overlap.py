"""From who-spoke-when to cut-ins, back-channels and turns, all at once (`tracker.py`: while it happens).

Pauses under 0.5 s within one person's speech are no pauses here: an *utterance* goes on through them.

*Rule R*: B starts at least 1.0 s after A's utterance began, while A speaks, and at least 0.3 s before A stops.
It is a *back-channel* if B's utterance is under 1.0 s and over by 0.2 s after A's end; a *cut-in* if B goes on
at least 1.0 s after A has stopped; else an *attempt*. Other overlap is not counted.

*Turn*: a run of one person's utterances that no other person's turn breaks. A turn is thus defined by turns,
and this is how the circle is opened. Whether an utterance is a back-channel follows from rule R, which knows
nothing of turns. Back-channels are set aside: they are no turn and break none. Two neighbouring utterances of
A, of those that are left, belong to one turn unless somebody else's utterance, of those that are left, fills
more than 0.2 s of the pause between them. So a voice that rises and falls while A keeps talking breaks
nothing, and neither does silence, however long; a change of floor does.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Literal, NamedTuple

from facilitator.core.events import BackChannel, CutIn
from facilitator.core.turntaking.spans import Span, Voices, utterances

HOLD_MS = 1_000
"""For so long A must have spoken before anyone can cut in."""
BOTH_MS = 300
"""For so long A must go on once B has begun."""
SHORT_MS = 1_000
"""A back-channel is shorter than this."""
AFTER_MS = 200
"""A back-channel is over by so long after A's end; and a pause filled for no longer is not a broken turn."""
OUTLAST_MS = 1_000
"""A cut-in goes on at least this long after A has stopped."""


class Turn(NamedTuple):
    person: str
    start_ms: int
    end_ms: int


def overlaps(voices: Voices, *, at_ms: int = 0) -> list[CutIn | BackChannel]:
    """What rule R finds, by start; `end_ms` is when the two no longer speak at once.

    One utterance can cut in on several people at once. `at_ms` is when all this became known."""
    said = utterances(voices)
    found: list[CutIn | BackChannel] = []
    for over, theirs in said.items():
        starts = [span.start_ms for span in theirs]
        for by, spans in said.items():
            if by == over:
                continue
            for start, end in spans:
                # Utterances of one person lie apart, so only the last that began early enough can hold `start`.
                index = bisect_right(starts, start - HOLD_MS) - 1
                if index >= 0 and start <= theirs[index].end_ms - BOTH_MS:
                    found.append(verdict(at_ms, by, over, Span(start, end), theirs[index].end_ms))
    return sorted(found, key=lambda event: (event.start_ms, event.by, event.over))


def verdict(at_ms: int, by: str, over: str, utterance: Span, over_end_ms: int) -> CutIn | BackChannel:
    """Which of the three it is, of an utterance that began as rule R asks and when the other one stopped."""
    start, end = utterance
    both_end = min(end, over_end_ms)
    if end - start < SHORT_MS and end <= over_end_ms + AFTER_MS:
        return BackChannel(at_ms=at_ms, by=by, over=over, start_ms=start, end_ms=both_end)
    kind: Literal["cut-in", "attempt"] = "cut-in" if end >= over_end_ms + OUTLAST_MS else "attempt"
    return CutIn(at_ms=at_ms, kind=kind, by=by, over=over, start_ms=start, end_ms=both_end)


def turns(
    voices: Voices, *, breaks: Sequence[int] = (), overlapping: Sequence[CutIn | BackChannel] | None = None
) -> list[Turn]:
    """Everyone's turns, by start. `breaks` are moments at which no turn goes on over a pause (the floor
    was given to somebody, a stage began), in order. `overlapping`: what rule R finds, where that is known already."""
    said = utterances(voices)
    found_before = overlaps(voices) if overlapping is None else overlapping
    listening = {(event.by, event.start_ms) for event in found_before if isinstance(event, BackChannel)}
    floor = {
        person: [span for span in spans if (person, span.start_ms) not in listening] for person, spans in said.items()
    }
    found: list[Turn] = []
    for person, spans in floor.items():
        others = [other for name, other in floor.items() if name != person]
        start = end = None
        for span in spans:
            if start is None or end is None:
                start, end = span
            elif _broken(Span(end, span.start_ms), others, breaks):
                found.append(Turn(person, start, end))
                start, end = span
            else:
                end = span.end_ms
        if start is not None and end is not None:
            found.append(Turn(person, start, end))
    return sorted(found, key=lambda turn: (turn.start_ms, turn.person))


def _broken(pause: Span, others: Sequence[Sequence[Span]], breaks: Sequence[int]) -> bool:
    index = bisect_left(breaks, pause.start_ms)
    if index < len(breaks) and breaks[index] <= pause.end_ms:
        return True
    for spans in others:
        first = bisect_right(spans, pause.start_ms + AFTER_MS, key=lambda span: span.end_ms)
        for start, end in spans[first:]:
            if start >= pause.end_ms:
                break
            if min(end, pause.end_ms) - max(start, pause.start_ms) > AFTER_MS:
                return True
    return False
