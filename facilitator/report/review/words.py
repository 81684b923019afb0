"""What happened, in a few plain sentences that go on from `text.told`: before any figure.

They are made only of what is sure enough. A share is compared with what was aimed at by the most even reading that
all likely ranges allow (`review/evenness.py`), so a difference within a range is never told as one. Behaviour, never
character; nobody is named for talking much or for cutting in; whoever spoke little listened, unless they passed, which
is told elsewhere and is always fine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from facilitator.core.review.evenness import evenness
from facilitator.core.review.openings import PartEnds
from facilitator.core.review.remarks import LONG_TALK_MS
from facilitator.core.review.review import SessionReview
from facilitator.core.review.summary import Summary
from facilitator.core.session_notes import SessionNotes
from facilitator.core.text import length, listed
from facilitator.core.turntaking.bands import EvennessKind
from facilitator.core.turntaking.spans import total_ms
from facilitator.core.turntaking.thresholds import LITTLE_TALK_MS
from facilitator.report.text import percent, times

SHARED: Mapping[EvennessKind, str] = {
    "balanced": "The talk was shared nearly evenly.",
    "leaning": "The talk leaned to one side.",
    "one-sided": "The talk lay mostly with one of the two.",
    "even": "The talk was shared nearly evenly.",
    "usual": "The talk was shared, with more of it for some than for others, as in most meetings.",
    "uneven": "The talk was shared less evenly than in most meetings.",
    "near": "The shares were near what was intended.",
    "away": "The shares were some way from what was intended.",
    "far": "The shares were far from what was intended.",
}
LONG_SILENCE_MS = 8_000
LISTENED = 0.5
"""Surely under this part of what was aimed at."""


def story(review: SessionReview, notes: SessionNotes | None = None) -> list[str]:
    """The sentences; hardly any where too little was said, or too little of it is sure."""
    summary = review.summary
    if summary.airtime_ms < LITTLE_TALK_MS:
        return list(_missed(review))
    sentences = [*_protected(review), *_ends(review.ends)]
    if summary.observation.key != "uncertain":
        sentences += [*_shared(summary), *_moved(review)]
    sentences += [*_overlaps(review), *_quiet(review), *_missed(review)]
    return sentences if notes is None else [*sentences, *_agreed(notes), *_mood(notes)]


def _protected(review: SessionReview) -> Iterator[str]:
    turns, between = review.protected_turns, review.intrusions
    if not turns:
        return
    repaid_ms = sum(person.repaid_ms for person in review.summary.people)
    often = times(turns) if turns < 3 else f"{_number(turns)} times"
    had = f"Somebody had the floor to themselves {often}"
    if not between:
        yield f"{had}, and nobody else came in."
    elif repaid_ms:
        yield f"{had}; others came in {times(between)}, and {length(repaid_ms)} of it was given back."
    else:
        yield f"{had}; others came in {times(between)}."


def _ends(ends: Sequence[PartEnds]) -> Iterator[str]:
    """Of the whole, and of open stages; nothing where the order had chosen, or it is not sure."""
    for part in ends:
        what = f'"{part.stage}"' if part.stage else "the talk"
        opened, closed = part.opened.person, part.closed.person
        if opened is not None and opened == closed:
            yield f"{opened} opened {what}, and closed it."
        elif opened is not None and closed is not None:
            yield f"{opened} opened {what}, and {closed} closed it."
        elif opened is not None or closed is not None:
            yield f"{opened} opened {what}." if opened is not None else f"{closed} closed {what}."


def _shared(summary: Summary) -> Iterator[str]:
    """Nothing on evenness where the likely ranges allow for more than one of these sentences."""
    found = evenness(summary)
    if found is None:
        return
    if found.as_aimed:
        aimed = "an equal share" if summary.equal_aims else "what was intended"
        yield f"Everyone's part was about {aimed}, as far as it can be measured."
    elif found.sure:
        yield SHARED[found.measured]
    people = summary.balanced
    listeners = [
        person.name
        for person in people
        if person.airtime_ms and not person.passes and person.share_high < LISTENED * person.aim
    ]
    if listeners and len(people) > 2:
        yield f"{listed(listeners)} mostly listened."


def _moved(review: SessionReview) -> Iterator[str]:
    """Who came in more later on. That others then had less follows, and is not held against them."""
    for one in review.moved:
        if one.second > one.first:
            yield (
                f"In the second half of the open talk {one.person} came in more: {percent(one.second)} of it, after"
                f" {percent(one.first)} in the first."
            )


def _overlaps(review: SessionReview) -> Iterator[str]:
    summary = review.summary
    cut_ins = sum(pair.cut_ins for pair in summary.pairs)
    if len(summary.people) < 2:
        return
    if not cut_ins and summary.airtime_ms >= LONG_TALK_MS:
        yield "Nobody was heard to cut in."
    elif cut_ins:
        yield "There was one cut-in." if cut_ins == 1 else f"There were {_number(cut_ins)} cut-ins."


def _quiet(review: SessionReview) -> Iterator[str]:
    silence = max(review.silences, key=lambda one: one.length_ms, default=None)
    if silence is not None and silence.length_ms >= LONG_SILENCE_MS and silence.floor is None and silence.after:
        yield f"After the longest silence, {length(silence.length_ms)}, {listed(silence.after)} spoke."
    if review.pauses:
        paused_ms = sum(end - start for start, end in review.pauses)
        one = len(review.pauses) == 1
        yield f"There was a pause of {length(paused_ms)}." if one else f"There were {len(review.pauses)} pauses."


def _missed(review: SessionReview) -> Iterator[str]:
    if missed_ms := total_ms(review.not_measured):
        yield f"For {length(missed_ms)} nothing could be heard: that time is not measured."


def _agreed(notes: SessionNotes) -> Iterator[str]:
    made = [one for one in notes.agreements if one.kind in ("agreement", "decision")]
    if made:
        yield f"{_number(len(made)).capitalize()} {'thing was' if len(made) == 1 else 'things were'} agreed on."


def _mood(notes: SessionNotes) -> Iterator[str]:
    """Only where it is the same for all who said how they came and how they left."""
    changes = _changes(notes.arriving, notes.leaving)
    if len(changes) >= 2 and (all(change > 0 for change in changes) or all(change < 0 for change in changes)):
        yield f"Everyone left {'lighter' if changes[0] > 0 else 'heavier'} than they came."


def _changes(arriving: Mapping[str, int], leaving: Mapping[str, int]) -> list[int]:
    if arriving.keys() != leaving.keys():
        return []
    return [leaving[person] - before for person, before in arriving.items()]


def _number(number: int) -> str:
    """Small ones as words."""
    words = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    return words[number] if number < len(words) else str(number)
