"""What happened, in a few plain sentences that go on from `text.told`: before any figure.

They are made only of what is sure enough. A share is compared with what was aimed at by the most even reading that
all likely ranges allow (`review/evenness.py`), so a difference within a range is never told as one. Behaviour, never
character; nobody is named for talking much or for cutting in; whoever spoke little listened, unless they passed, which
is told elsewhere and is always fine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from facilitator.core.language.texts import Texts
from facilitator.core.review.evenness import evenness
from facilitator.core.review.openings import PartEnds
from facilitator.core.review.review import SessionReview
from facilitator.core.review.summary import Summary
from facilitator.core.session_notes import SessionNotes
from facilitator.core.text import length
from facilitator.core.turntaking.spans import total_ms
from facilitator.core.turntaking.thresholds import LITTLE_TALK_MS

LONG_TALK_MS = 300_000
"""Where nobody cuts in for so long, it is worth telling."""

LONG_SILENCE_MS = 8_000
LISTENED = 0.5
"""Surely under this part of what was aimed at."""


def story(review: SessionReview, texts: Texts, notes: SessionNotes | None = None) -> list[str]:
    """The sentences; hardly any where too little was said, or too little of it is sure."""
    summary = review.summary
    if summary.airtime_ms < LITTLE_TALK_MS:
        return list(_missed(review, texts))
    sentences = [*_protected(review, texts), *_ends(review.ends, texts)]
    if summary.observation.key != "uncertain":
        sentences += [*_shared(summary, texts), *_moved(review, texts)]
    sentences += [*_overlaps(review, texts), *_quiet(review, texts), *_missed(review, texts)]
    return sentences if notes is None else [*sentences, *_agreed(notes, texts), *_mood(notes, texts)]


def _protected(review: SessionReview, texts: Texts) -> Iterator[str]:
    turns, between = review.protected_turns, review.intrusions
    if not turns:
        return
    repaid_ms = sum(person.repaid_ms for person in review.summary.people)
    often, came = texts.counted("times", turns), texts.counted("times", between)
    if not between:
        yield texts("story.protected", times=often)
    elif repaid_ms:
        yield texts("story.protected_given_back", times=often, came=came, time=length(repaid_ms))
    else:
        yield texts("story.protected_came_in", times=often, came=came)


def _ends(ends: Sequence[PartEnds], texts: Texts) -> Iterator[str]:
    """Of the whole, and of open stages; nothing where the order had chosen, or it is not sure."""
    for part in ends:
        what = texts("quoted", text=part.stage) if part.stage else texts("story.the_talk")
        opened, closed = part.opened.person, part.closed.person
        if opened is not None and opened == closed:
            yield texts("story.opened_and_closed", name=opened, what=what)
        elif opened is not None and closed is not None:
            yield texts("story.opened_other_closed", opened=opened, closed=closed, what=what)
        elif opened is not None:
            yield texts("story.opened", name=opened, what=what)
        elif closed is not None:
            yield texts("story.closed", name=closed, what=what)


def _shared(summary: Summary, texts: Texts) -> Iterator[str]:
    """Nothing on evenness where the likely ranges allow for more than one of these sentences."""
    found = evenness(summary)
    if found is None:
        return
    if found.as_aimed:
        yield texts("story.as_equal" if summary.equal_aims else "story.as_intended")
    elif found.sure:
        yield texts(f"story.shared.{found.measured}")
    people = summary.balanced
    listeners = [
        person.name
        for person in people
        if person.airtime_ms and not person.passes and person.share_high < LISTENED * person.aim
    ]
    if listeners and len(people) > 2:
        yield texts.counted("story.listened", len(listeners), names=texts.listed(listeners))


def _moved(review: SessionReview, texts: Texts) -> Iterator[str]:
    """Who came in more later on. That others then had less follows, and is not held against them."""
    for one in review.moved:
        if one.second > one.first:
            first, second = texts.percent(one.first), texts.percent(one.second)
            yield texts("story.came_in_more", name=one.person, first=first, second=second)


def _overlaps(review: SessionReview, texts: Texts) -> Iterator[str]:
    summary = review.summary
    cut_ins = sum(pair.cut_ins for pair in summary.pairs)
    if len(summary.people) < 2:
        return
    if not cut_ins and summary.airtime_ms >= LONG_TALK_MS:
        yield texts("story.no_cut_ins")
    elif cut_ins:
        yield texts.counted("story.cut_ins", cut_ins)


def _quiet(review: SessionReview, texts: Texts) -> Iterator[str]:
    silence = max(review.silences, key=lambda one: one.length_ms, default=None)
    if silence is not None and silence.length_ms >= LONG_SILENCE_MS and silence.floor is None and silence.after:
        time, names = length(silence.length_ms), texts.listed(silence.after)
        yield texts.counted("story.after_silence", len(silence.after), time=time, names=names)
    if review.pauses:
        paused = length(sum(end - start for start, end in review.pauses))
        yield texts.counted("story.pauses", len(review.pauses), time=paused)


def _missed(review: SessionReview, texts: Texts) -> Iterator[str]:
    if missed_ms := total_ms(review.not_measured):
        yield texts("story.missed", time=length(missed_ms))


def _agreed(notes: SessionNotes, texts: Texts) -> Iterator[str]:
    made = [one for one in notes.agreements if one.kind in ("agreement", "decision")]
    if made:
        yield texts.counted("story.agreed", len(made))


def _mood(notes: SessionNotes, texts: Texts) -> Iterator[str]:
    """Only where it is the same for all who said how they came and how they left."""
    changes = _changes(notes.arriving, notes.leaving)
    if len(changes) >= 2 and (all(change > 0 for change in changes) or all(change < 0 for change in changes)):
        yield texts("story.lighter" if changes[0] > 0 else "story.heavier")


def _changes(arriving: Mapping[str, int], leaving: Mapping[str, int]) -> list[int]:
    if arriving.keys() != leaving.keys():
        return []
    return [leaving[person] - before for person, before in arriving.items()]
