"""Everything that is told of a discussion afterwards, as figures; each one's rule is in the file that makes it.

Open talk is the time that counts (without the opening circle, pauses and the facilitator's own voice) outside of
protected turns. A figure that the data cannot carry is not there: empty, or None.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from facilitator.core.events import (
    Event,
    FloorGranted,
    FloorReleased,
    Invited,
    NotMeasured,
    TakenBack,
)
from facilitator.core.review.account import Account
from facilitator.core.review.movement import Half, Moved, halves, moved, talk_windows
from facilitator.core.review.openings import PartEnds, ends
from facilitator.core.review.responses import Answered, answered
from facilitator.core.review.silences import LongSilence, long_silences
from facilitator.core.review.summary import Summary, counted_spans, floors_held, open_parts, turn_breaks
from facilitator.core.review.ties import Tie, ties
from facilitator.core.turntaking.airtime import Window
from facilitator.core.turntaking.overlap import Turn, overlaps, turns
from facilitator.core.turntaking.put_right import came_in
from facilitator.core.turntaking.spans import Span, without
from facilitator.core.turntaking.stretches import pauses


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionReview:
    account: Account
    summary: Summary
    turns: tuple[Turn, ...]
    """Everyone's, by start, small signs of listening left out."""
    ends: tuple[PartEnds, ...]
    """Of the whole talk first, then of each open stage where that is not the whole."""
    answered: tuple[Answered, ...]
    """In the order of the seats."""
    ties: tuple[Tie, ...]
    """In the order of the seats."""
    silences: tuple[LongSilence, ...]
    windows: tuple[Window, ...]
    halves: tuple[Half, Half] | None
    moved: tuple[Moved, ...]
    open_ms: int
    """Time of open talk, silences in it included."""
    protected_turns: int
    """How often somebody had the floor to themselves, passes left out."""
    intrusions: int
    """How often somebody else spoke for a second or more meanwhile."""
    pauses: tuple[Span, ...]
    not_measured: tuple[Span, ...]
    """When nothing could be heard: the computer was asleep, or no sound came in."""
    invited: tuple[str, ...]
    """Whom the facilitator invited to come in, each time."""


def review(account: Account) -> SessionReview:
    """All of it. Empty figures for an account in which nobody was heard."""
    summary = account.summary()
    people = [person.name for person in summary.people]
    heard = account.timeline.spans()
    voices = {person: heard.get(person, []) for person in people}
    overlapping = overlaps(voices)
    found = turns(voices, breaks=turn_breaks(account.events), overlapping=overlapping)
    within = counted_spans(account.timeline)
    held = floors_held(account.events, summary.end_ms)
    open_talk = without(within, sorted(span for _, span in held))
    pair = halves(account.timeline, people, open_talk) if summary.has_shares else None
    return SessionReview(
        account=account,
        summary=summary,
        turns=tuple(found),
        ends=tuple(
            ends(stage, part, found, account.timeline, held) for stage, part in _parts(account.events, summary, within)
        ),
        answered=answered(voices, found, overlapping, open_talk=open_talk, timeline=account.timeline),
        ties=ties(voices, found, overlapping, open_talk=open_talk, timeline=account.timeline),
        silences=long_silences(account.timeline, within, held),
        windows=talk_windows(voices, people, open_talk, account.targets) if summary.has_shares else (),
        halves=pair,
        moved=moved(pair),
        open_ms=sum(end - start for start, end in open_talk),
        protected_turns=_floors_used(account.events),
        intrusions=len(came_in(account.events)),
        pauses=tuple(s for s in pauses(account.events, summary.end_ms) if s.start_ms < summary.end_ms),
        not_measured=tuple(
            Span(event.start_ms, event.end_ms) for event in account.events if isinstance(event, NotMeasured)
        ),
        invited=tuple(event.person for event in account.events if isinstance(event, Invited)),
    )


def _floors_used(events: Sequence[Event]) -> int:
    """What was left of a turn and taken up again is the same turn; one that was passed, or handed over by mistake, is
    none."""
    used, granted = 0, False
    for event in events:
        if isinstance(event, FloorGranted):
            granted = event.protected and not event.again
            used += granted
        elif isinstance(event, FloorReleased) and event.reason in ("passed", "undone"):
            used -= granted
        elif isinstance(event, TakenBack) and event.command == "pass":
            used += granted
    return used


def _parts(events: Iterable[Event], summary: Summary, within: Sequence[Span]) -> list[tuple[str, Span]]:
    """The whole, and each open stage; an open stage in which all counted speech lies is the whole."""
    if not within:
        return []
    whole = Span(summary.start_ms, summary.end_ms)
    return [("", whole), *(part for part in open_parts(events, whole) if part[1] != whole)]
