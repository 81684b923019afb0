"""What a discussion came to, as numbers: everything that is told about it afterwards.

Built from the timeline as a whole, so after the final pass it says what the final pass says. Which sentences
the numbers deserve is in `remarks.py`; how they look is the business of `facilitator.report`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from facilitator.core.events import (
    BackChannel,
    CountingStopped,
    CountingWentOn,
    CutIn,
    Event,
    FloorExtended,
    FloorGranted,
    FloorReleased,
    NotMeasured,
    Paused,
    Record,
    StageEnded,
    StageStarted,
    TakenBack,
)
from facilitator.core.review.differences import Difference, answered_less, cut_in_on_more, spoke_last_more
from facilitator.core.review.openings import ends
from facilitator.core.review.remarks import PersonFigures, Picture, Remark, remark, surely_more
from facilitator.core.review.responses import answered
from facilitator.core.text import HOUR_MS
from facilitator.core.turntaking.airtime import Targets, compared, entropy, gini, shares, windows
from facilitator.core.turntaking.overlap import Turn, overlaps, turns
from facilitator.core.turntaking.presence import Presence, parts_ms, within_ms
from facilitator.core.turntaking.put_right import came_in
from facilitator.core.turntaking.spans import Span, Voices, merged, silences, speech, total_ms, without
from facilitator.core.turntaking.stretches import stretches
from facilitator.core.turntaking.thresholds import LEANING
from facilitator.core.turntaking.timeline import ALL_THE_TIME, Tile, Timeline
from facilitator.core.turntaking.uncertainty import UNCERTAINTY, Interval, Uncertainty, intervals

__all__ = ["PairSummary", "PartlyThere", "PersonSummary", "Remark", "Summary", "summarize", "turn_breaks"]

RATE_FROM_MS = 60_000
"""Events per hour of less talk than this would say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSummary:
    """One person's part. Passing is free: `passes` is told and never weighed."""

    name: str
    airtime_ms: int
    share: float
    """Of all participants' airtime, 0 to 1; 0 if nobody spoke."""
    share_low: float
    share_high: float
    aim: float
    """The intended share among those who take part in the balance, 0 to 1; 0 for who does not (a host)."""
    turns: int
    longest_turn_ms: int
    """From the first word to the last; 0 without a turn."""
    cut_ins_made: int
    cut_ins_received: int
    attempts_made: int
    attempts_received: int
    back_channels_made: int
    back_channels_received: int
    passes: int
    repaid_ms: int
    """Time given back after cut-ins on a protected turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartlyThere:
    """Somebody who was not there all the time."""

    name: str
    spans: tuple[Span, ...]
    """When they were there, within the time that counts."""
    share: float | None
    """Of what was said while they were there; None: nothing was."""
    aim: float | None
    """The part of it that was meant for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairSummary:
    """How often `by` began in the middle of `over`; only pairs in which it happened."""

    by: str
    over: str
    cut_ins: int
    attempts: int
    back_channels: int
    came_in: int
    """How often `by` spoke for a second or more while `over` had the floor to themselves: what chimes are for."""
    took_over: int
    """How often they took that floor: those of the cut-ins that came then."""
    cut_ins_per_hour: float | None
    """Of the other person's talk; None if that is under a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorHeld:
    """How often and for how long somebody had the floor, by the clock."""

    person: str
    times: int
    ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The whole discussion, as far as it counts: without the opening circle, pauses and the facilitator's voice."""

    people: tuple[PersonSummary, ...]
    """In the order of the seats; those who were not listened to are not in it."""
    declined: tuple[str, ...]
    start_ms: int
    end_ms: int
    """From the first to the last moment that counts; both 0 if there is none."""
    talk_ms: int
    """Time in which anybody spoke: participants, guests or people unknown. Overlap once. Where somebody did not want to
    be heard, only that of the participants: nobody can take theirs from what is left over."""
    airtime_ms: int
    """The sum of everyone's airtime; what shares are shares of."""
    silence_ms: int
    """Silences of 0.7 s and more."""
    silences: int
    unattributed_ms: int
    """Speech that could be anyone's. Where somebody did not want to be heard it is not told: it could be theirs."""
    guest_ms: int
    floors: tuple[FloorHeld, ...]
    """In the order of the seats, also of those who are not listened to; passes left out."""
    not_counted_ms: Mapping[str, int]
    """Time between the first and the last moment that counts in which nothing did, by why (`CountingStopped`)."""
    balance: float | None
    gini: float | None
    pairs: tuple[PairSummary, ...]
    equal_aims: bool
    """Whether all of them aim at the same share of what is said while they are there."""
    stays: tuple[PartlyThere, ...]
    """Of those who came later or left earlier."""
    differences: tuple[Difference, ...]
    """Beside those of the shares, sure ones and others."""
    listened: bool
    """False: nobody was listened to, and all that is heard of people is 0 here, not measured."""
    has_shares: bool
    """Anybody's part of the talk can be told; else it is in no picture, table or sentence."""
    even: bool
    """It may be said that the time was shared evenly."""
    surely_more: str | None
    """Who had surely more than an equal part, where those are the aim and nobody led."""
    observation: Remark
    question: Remark

    @property
    def same_aims(self) -> bool:
        """Whether they all aim at the same share of the whole."""
        return len({person.aim for person in self.balanced}) < 2

    @property
    def balanced(self) -> tuple[PersonSummary, ...]:
        """Those who take part in the balance: everyone but a host."""
        return tuple(person for person in self.people if person.aim > 0)

    def person(self, name: str) -> PersonSummary:
        """Raises KeyError for someone who is not in it."""
        for person in self.people:
            if person.name == name:
                return person
        raise KeyError(name)


def summarize(
    people: Sequence[str],
    *,
    timeline: Timeline,
    declined: Iterable[str] = (),
    records: Iterable[Record] = (),
    targets: Targets | None = None,
    doubt: Uncertainty = UNCERTAINTY,
    presence: Presence = ALL_THE_TIME,
    listened: bool = True,
) -> Summary:
    """The summary of what is on the timeline. `records` may be everything that was logged: only the floor's
    events (granted, extended, released) and the stages' are looked at; speech comes from the timeline alone."""
    declined = tuple(declined)
    records = list(records)
    seats = [person for person in people if person not in declined]
    heard = timeline.spans()
    voices = {person: heard.get(person, []) for person in seats}
    said = speech(voices)
    airtime_ms = {person: total_ms(spans) for person, spans in said.items()}
    equal = targets is None or len({targets.get(person, 0.0) for person in seats} - {0.0}) < 2
    came_or_went = {person: presence[person] for person in seats if person in presence}
    if came_or_went and any(airtime_ms.values()):
        targets = parts_ms(voices, seats, came_or_went, targets)
    parts = compared(airtime_ms, targets)
    within = counted_spans(timeline)
    start_ms, end_ms = (within[0].start_ms, within[-1].end_ms) if within else (0, 0)
    voiced = merged((Span(t.start_ms, t.end_ms) for t in timeline if t.counted and t.voiced), 0)
    quiet = silences(voiced, within)
    events = [record for record in records if isinstance(record, Event)]
    found, held = overlaps(voices), floors_held(events, end_ms)
    pairs = _pairs(found, airtime_ms, events, held)
    timed = [(granted.person, span) for granted, span in stretches(events, FloorGranted, FloorReleased, end_ms)]
    aims = _aims(seats, targets)
    in_balance = [person for person in seats if aims[person] > 0]
    known = [tile for tile in timeline if not _of_who_declined(tile, timed, declined)]
    everyones = turns(voices, breaks=turn_breaks(records), overlapping=found)
    summaries = _people(voices, airtime_ms, aims, pairs, records, everyones, intervals(airtime_ms, known, doubt))
    picture = Picture(
        parts=_parts(summaries),
        airtime_ms=sum(airtime_ms.values()),
        talk_ms=total_ms(voiced),
        unattributed_ms=_doubtful_ms(known, len(declined), len(people)),
        gini=gini(parts) if equal else None,  # what is as intended need not be even
        partly=bool(declined),
        listened=listened,
        led_share=max((person.share for person in summaries if not person.aim), default=0.0),
        in_turn=_in_turn(voices, in_balance, start_ms, end_ms)
        if len(in_balance) == 2 and equal and not came_or_went
        else 0.0,
        cut_ins=sum(pair.cut_ins for pair in pairs),
        back_channels=sum(pair.back_channels for pair in pairs),
        repaid_ms=sum(person.repaid_ms for person in summaries),
        differences=_differences(
            {person: voices[person] for person in in_balance}, airtime_ms, found, timeline, events, within, held
        ),
    )
    observation, question = remark(picture)
    return Summary(
        people=summaries,
        declined=declined,
        start_ms=start_ms,
        end_ms=end_ms,
        # What is left over of a total is theirs who did not want to be heard: so nothing is.
        talk_ms=total_ms(merged(chain.from_iterable(said.values()), 0)) if declined else picture.talk_ms,
        airtime_ms=picture.airtime_ms,
        silence_ms=total_ms(quiet),
        silences=len(quiet),
        unattributed_ms=_total(t for t in timeline if t.counted and t.unknown),
        guest_ms=_total(t for t in timeline if t.counted and t.guest),
        floors=_floors(people, events),
        not_counted_ms=_not_counted_ms(events, Span(start_ms, end_ms)),
        balance=entropy(parts),
        gini=gini(parts),
        pairs=pairs,
        equal_aims=equal,
        stays=tuple(_stay(person, said, spans, aims, Span(start_ms, end_ms)) for person, spans in came_or_went.items()),
        differences=picture.differences,
        listened=listened,
        has_shares=picture.has_shares,
        even=picture.even,
        surely_more=more.name if (more := surely_more(picture)) is not None else None,
        observation=observation,
        question=question,
    )


def _stay(name: str, said: Voices, spans: Sequence[Span], aims: Mapping[str, float], within: Span) -> PartlyThere:
    start_ms, end_ms = within
    there = [Span(max(a, start_ms), min(b, end_ms)) for a, b in spans if a < end_ms and b > start_ms]
    whole_ms = sum(within_ms(one, *span) for one in said.values() for span in there)
    whole_of_all_ms = sum(total_ms(one) for person, one in said.items() if aims[person] > 0)
    return PartlyThere(
        name=name,
        spans=tuple(there),
        share=sum(within_ms(said[name], *span) for span in there) / whole_ms if whole_ms else None,
        aim=aims[name] * whole_of_all_ms / whole_ms if whole_ms else None,
    )


def counted_spans(timeline: Timeline) -> list[Span]:
    """From the first to the last moment that counts, without what lies in between and does not. A moment
    about which nothing was ever heard counts as silence."""
    found: list[Span] = []
    start = end = None
    for tile in timeline:
        if tile.counted:
            start = tile.start_ms if start is None else start
            end = tile.end_ms
        elif start is not None and end is not None:
            found.append(Span(start, end))
            start = end = None
    if start is not None and end is not None:
        found.append(Span(start, end))
    return found


def turn_breaks(records: Iterable[Record]) -> list[int]:
    """The moments at which no turn goes on over a pause: a new floor, a new stage, a break, a time that was not
    measured or did not count. In order."""
    ends = FloorGranted | StageStarted | StageEnded | Paused | CountingStopped
    return sorted(
        record.start_ms if isinstance(record, NotMeasured) else record.at_ms
        for record in records
        if isinstance(record, ends | NotMeasured)
    )


def _people(
    voices: Voices,
    airtime_ms: Mapping[str, int],
    aims: Mapping[str, float],
    pairs: Sequence[PairSummary],
    records: Sequence[Record],
    everyones: Sequence[Turn],
    interval: Mapping[str, Interval],
) -> tuple[PersonSummary, ...]:
    lengths: dict[str, list[int]] = {name: [] for name in voices}
    for turn in everyones:
        lengths[turn.person].append(turn.end_ms - turn.start_ms)
    passes = Counter(r.person for r in records if isinstance(r, FloorReleased) and r.reason == "passed")
    passes.subtract(r.person for r in records if isinstance(r, TakenBack) and r.command == "pass" and r.person)
    repaid_ms: Counter[str] = Counter()
    for record in records:
        if isinstance(record, FloorExtended) and record.reason == "repaid":
            repaid_ms[record.person] += record.added_ms
    share = shares(airtime_ms)
    return tuple(
        PersonSummary(
            name=name,
            airtime_ms=airtime_ms[name],
            share=share[name],
            share_low=interval[name].low,
            share_high=interval[name].high,
            aim=aims[name],
            turns=len(lengths[name]),
            longest_turn_ms=max(lengths[name], default=0),
            cut_ins_made=sum(pair.cut_ins for pair in pairs if pair.by == name),
            cut_ins_received=sum(pair.cut_ins for pair in pairs if pair.over == name),
            attempts_made=sum(pair.attempts for pair in pairs if pair.by == name),
            attempts_received=sum(pair.attempts for pair in pairs if pair.over == name),
            back_channels_made=sum(pair.back_channels for pair in pairs if pair.by == name),
            back_channels_received=sum(pair.back_channels for pair in pairs if pair.over == name),
            passes=passes[name],
            repaid_ms=repaid_ms[name],
        )
        for name in voices
    )


def _floors(people: Sequence[str], events: Iterable[Event]) -> tuple[FloorHeld, ...]:
    held: dict[str, list[int]] = {person: [] for person in people}
    for event in events:
        if isinstance(event, FloorReleased) and event.reason != "passed" and event.person in held:
            held[event.person].append(event.used_ms)
    return tuple(FloorHeld(person=person, times=len(ms), ms=sum(ms)) for person, ms in held.items() if ms)


def _not_counted_ms(events: Iterable[Event], within: Span) -> dict[str, int]:
    found: Counter[str] = Counter()
    for stopped, (start_ms, end_ms) in stretches(events, CountingStopped, CountingWentOn, within.end_ms):
        found[stopped.why] += max(0, min(end_ms, within.end_ms) - max(start_ms, within.start_ms))
    return {why: ms for why, ms in found.items() if ms}


def _pairs(
    found: Iterable[CutIn | BackChannel],
    airtime_ms: Mapping[str, int],
    events: Sequence[Event],
    floors: Sequence[tuple[str, Span]],
) -> tuple[PairSummary, ...]:
    counts: dict[tuple[str, str], Counter[str]] = {}
    for event in found:
        kind = event.kind if isinstance(event, CutIn) else "back-channel"
        tally = counts.setdefault((event.by, event.over), Counter())
        tally[kind] += 1
        if kind == "cut-in" and any(
            who == event.over and span.start_ms <= event.start_ms < span.end_ms for who, span in floors
        ):
            tally["took-over"] += 1
    for came in came_in(events):
        counts.setdefault((came.by, came.over), Counter())["came-in"] += 1
    return tuple(
        PairSummary(
            by=by,
            over=over,
            cut_ins=count["cut-in"],
            attempts=count["attempt"],
            back_channels=count["back-channel"],
            came_in=count["came-in"],
            took_over=count["took-over"],
            cut_ins_per_hour=count["cut-in"] * HOUR_MS / ms if (ms := airtime_ms[over]) >= RATE_FROM_MS else None,
        )
        for by in airtime_ms
        for over in airtime_ms
        if (count := counts.get((by, over)))
    )


def floors_held(events: Iterable[Event], end_ms: int) -> list[tuple[str, Span]]:
    """Who had the floor to themselves, and when; up to `end_ms` where it was not let go of."""
    held = stretches(events, FloorGranted, FloorReleased, end_ms)
    return [(granted.person, span) for granted, span in held if granted.protected]


def open_parts(events: Iterable[Event], whole: Span) -> list[tuple[str, Span]]:
    """Each stage of open talk, as far as it counts."""
    stages = [one for one in stretches(events, StageStarted, StageEnded, whole.end_ms) if one[0].kind == "talk"]
    inside = [(s.stage, Span(max(a, whole.start_ms), min(b, whole.end_ms))) for s, (a, b) in stages]
    return [(stage, span) for stage, span in inside if span.start_ms < span.end_ms]


def _differences(
    voices: Voices,
    airtime_ms: Mapping[str, int],
    found: Sequence[CutIn | BackChannel],
    timeline: Timeline,
    events: Sequence[Event],
    within: Sequence[Span],
    held: Sequence[tuple[str, Span]],
) -> tuple[Difference, ...]:
    """Between those who take part in the balance; `found` is what rule R finds."""
    if len(voices) < 2 or not within:
        return ()
    all_turns = turns(voices, breaks=turn_breaks(events))
    open_talk = without(within, sorted(span for _, span in held))
    received = Counter(
        event.over for event in found if isinstance(event, CutIn) and event.kind == "cut-in" and event.over in voices
    )
    whole = Span(within[0].start_ms, within[-1].end_ms)
    ended = [ends(stage, part, all_turns, timeline, held) for stage, part in open_parts(events, whole)]
    return (
        *answered_less(answered(voices, all_turns, found, open_talk=open_talk, timeline=timeline)),
        *cut_in_on_more(received, {person: airtime_ms[person] for person in voices}),
        *spoke_last_more([part.closed.person for part in ended if part.closed.person], list(voices)),
    )


def _aims(people: Sequence[str], targets: Targets | None) -> dict[str, float]:
    """Everyone's intended share; together they are 1, unless nobody aims at anything."""
    aims = {person: 1.0 if targets is None else targets.get(person, 0.0) for person in people}
    whole = sum(aims.values())
    return {person: aim / whole if whole else 0.0 for person, aim in aims.items()}


def _parts(people: Sequence[PersonSummary]) -> tuple[PersonFigures, ...]:
    """For the remarks; those who aim at nothing (a host) are left out, and so is their airtime."""
    counted = [person for person in people if person.aim > 0]
    whole = sum(person.share for person in counted) or 1.0
    return tuple(
        PersonFigures(
            name=person.name,
            share=person.share / whole,
            low=person.share_low / whole,
            high=min(1.0, person.share_high / whole),
            aim=person.aim,
            passed=person.passes > 0,
            longest_turn_ms=person.longest_turn_ms,
            cut_ins_received=person.cut_ins_received,
        )
        for person in counted
    )


def _in_turn(voices: Voices, people: Sequence[str], start_ms: int, end_ms: int) -> float:
    """In which part of the windows one of two people had more than 65 %."""
    largest = [window.largest_share for window in windows(voices, people, start_ms=start_ms, end_ms=end_ms)]
    spoken = [share for share in largest if share is not None]
    return sum(share > LEANING for share in spoken) / len(spoken) if spoken else 0.0


def _of_who_declined(tile: Tile, floors: Sequence[tuple[str, Span]], declined: Sequence[str]) -> bool:
    """A voice that nobody knows, on the turn of somebody who is not listened to: there is no doubt about it."""
    return (
        tile.unknown
        and not tile.people
        and any(who in declined and start <= tile.start_ms < end for who, (start, end) in floors)
    )


def _doubtful_ms(tiles: Sequence[Tile], declined: int, people: int) -> int:
    """Speech that could be anyone's, less what those who are not listened to may well have said of it: an equal part
    of the talk."""
    unknown_ms = _total(tile for tile in tiles if tile.counted and tile.unknown)
    talk_ms = _total(tile for tile in tiles if tile.counted and tile.voiced)
    return max(0, unknown_ms - talk_ms * declined // max(1, people))


def _total(tiles: Iterable[Tile]) -> int:
    return sum(tile.end_ms - tile.start_ms for tile in tiles)
