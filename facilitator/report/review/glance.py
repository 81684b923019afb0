"""What is seen at a glance: what mattered most, as sure as it is; the shares as one picture; three figures. All else is
one step away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from facilitator.core.language.texts import Texts
from facilitator.core.review.review import SessionReview
from facilitator.core.review.summary import PersonSummary, Summary
from facilitator.core.text import length
from facilitator.core.turntaking.spans import total_ms
from facilitator.report.output.blocks import Lines, Prose, TextBlock, TextTable
from facilitator.report.review.reasons import figures_behind
from facilitator.report.text import by_the_clock, declined, evenness_told, leads, partly_there, told, with_range

BAR = 20
"""Cells of the longest bar."""
SURE, LIKELY = "█", "▒"


@dataclass(frozen=True, slots=True)
class Figure:
    what: str
    figure: str


def mattered(summary: Summary, observation: str, texts: Texts) -> str:
    """The first sentence: the largest difference that is sure, with how sure it is. Without talk, what there was."""
    if by_the_clock(summary) or not summary.airtime_ms or not observation:
        return told(summary, texts)
    if summary.observation.key == "more-to-hear":  # an invitation names nobody, and neither does its figure
        return f"{observation} {_least(summary, texts)}"
    return " ".join([observation, *figures_behind(summary, texts)])


def _least(summary: Summary, texts: Texts) -> str:
    one = min(summary.balanced, key=lambda person: person.share / person.aim)
    share = with_range(texts, one.share, one.share_low, one.share_high)
    return texts("report.glance.least", share=share, aim=texts.percent(one.aim))


def three(summary: Summary, texts: Texts) -> list[Figure]:
    """How much talk, how even, how often somebody cut in; fewer where one of them would mean nothing."""
    if by_the_clock(summary) or not summary.people or not summary.end_ms:
        return []
    of = texts("report.glance.of", part=length(summary.talk_ms), whole=length(summary.end_ms - summary.start_ms))
    found = [Figure(texts("report.glance.talk"), of)]
    if (even := evenness_told(summary, texts)) is not None:
        found.append(Figure(texts("report.glance.balance"), even))
    if len(summary.people) > 1 and summary.airtime_ms:
        found.append(Figure(texts("report.glance.cut_ins"), _cut_ins(summary, texts)))
    return found


def _cut_ins(summary: Summary, texts: Texts) -> str:
    """How many, and whose words they cut off: who came in is nothing for the first look."""
    whole = sum(pair.cut_ins for pair in summary.pairs)
    on = sorted((one for one in summary.people if one.cut_ins_received), key=lambda one: -one.cut_ins_received)
    if not on:
        return str(whole)
    names = [texts("report.glance.on", name=one.name, times=one.cut_ins_received) for one in on]
    return texts("report.glance.cut_ins_on", whole=whole, names=texts.listed(names))


def lines(summary: Summary, texts: Texts) -> list[str]:
    return [texts("report.glance.figure", what=one.what, figure=one.figure) for one in three(summary, texts)]


def provisos(review: SessionReview, texts: Texts) -> list[str]:
    """What nobody should overlook who reads no further: who is not in it, who was there for a part of it only, and what
    could not be heard."""
    found = [*leads(review.summary, texts), *declined(review.summary, texts), *partly_there(review.summary, texts)]
    if missed_ms := total_ms(review.not_measured):
        found.append(texts("story.missed", time=length(missed_ms)))
    return found


def bars(summary: Summary, texts: Texts) -> TextTable:
    """Everyone's part as a bar: solid as far as it is sure, shaded as far as it is likely."""
    longest = max(person.share_high for person in summary.people)
    heads = tuple(texts(f"report.columns.{head}") for head in ("name", "share", "airtime"))
    rows = [_bar(person, longest, texts) for person in summary.people]
    return TextTable([heads, *rows], texts("report.who_had"), wordy=True)


def _bar(person: PersonSummary, longest: float, texts: Texts) -> tuple[str, str, str]:
    sure = round(BAR * person.share_low / longest) if longest else 0
    likely = max(sure, round(BAR * person.share_high / longest)) if longest else 0
    drawn = SURE * sure + LIKELY * (likely - sure)
    share = with_range(texts, person.share, person.share_low, person.share_high)
    return person.name, share, f"{drawn} {length(person.airtime_ms)}".strip()


def at_a_glance(
    review: SessionReview, texts: Texts, *, observation: str, question: str, agreed: Sequence[str] = ()
) -> list[TextBlock]:
    """For a terminal. `observation` and `question` are worded already; `agreed`: lines on what was agreed."""
    summary = review.summary
    parts: list[TextBlock] = [Prose(mattered(summary, observation, texts))]
    if summary.has_shares:
        parts.append(bars(summary, texts))
    parts += [Lines(some) for some in ([*lines(summary, texts), *provisos(review, texts)], agreed) if some]
    return [*parts, *([Prose(question, "question")] if question else [])]
