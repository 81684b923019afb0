"""A summary as a page to read.

What happened comes first, then the numbers in the order of the seats (nobody is ranked), then the rule
each number was made by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from facilitator.core.review.evenness import evenness
from facilitator.core.review.summary import PairSummary, PartlyThere, PersonSummary, Summary
from facilitator.core.text import length, listed
from facilitator.core.turntaking.bands import EvennessKind
from facilitator.report.output.blocks import Lines, Prose, Section, TextBlock, TextTable

HEADINGS = ("Name", "Airtime", "Share (likely range)", "Turns", "Longest turn", "Cut in", "Was cut in on")

LEAST_CUT_INS = 3
"""A rate of fewer is told of nobody: it would say how often something happened that hardly happened."""

EVENNESS: Mapping[EvennessKind, str] = {
    "balanced": "in balance",
    "leaning": "leaning to one side",
    "one-sided": "mostly on one side",
    "even": "evenly shared",
    "usual": "some had more than others",
    "uneven": "less evenly shared than in most meetings",
    "near": "close to what was intended",
    "away": "somewhat away from what was intended",
    "far": "far from what was intended",
}

NOT_COUNTED: Mapping[str, str] = {
    "note": "notes and agreements",
    "agree": "notes and agreements",
    "pause": "pauses",
    "break": "breaks",
    "quiet": "quiet time",
}
LEAST_NOT_COUNTED_MS = 1_000

RULES = (
    "Airtime is time spent speaking, pauses under 0.2 s included. When two speak at once, it counts for both.",
    "A share is airtime out of everyone's airtime. Its likely range allows for stretches in which it was not sure "
    "who spoke; it is meant to hold the true share about nine times out of ten.",
    "A turn goes on through silence and small signs of listening, until somebody else takes the floor.",
    "A cut-in: someone begins while another, who has spoken for at least 1 s, goes on for at least 0.3 s more, "
    "and still speaks 1 s after the other has stopped. Up to then it is an attempt. Under 1 s of speech that is "
    "over by 0.2 s after the other's end is a sign of listening.",
    "While somebody has the floor, coming in is to speak for a second or more: a chime is for that, and not for every "
    "one. It is a cut-in only where the other one stopped and it went on; then it took the floor.",
    "What is said over a note, an agreement, a question or in a pause is nobody's airtime, and ends turns.",
    "Silence counts from 0.7 s on. Guests, and this program's own voice, are nobody's airtime.",
    "Balance is 1 when everyone speaks equally long and 0 when only one speaks (entropy of the shares). The Gini "
    "coefficient runs the other way: 0 is equal. Free meetings of four mostly lie between 0.09 and 0.38.",
)


COMING_AND_GOING = (
    "Of somebody who came later or left earlier, only the time in which they were here counts: of what was said then "
    "an equal part (or one as it was intended) is meant for them. The aim is the sum of these parts, and the balance "
    "compares everyone's airtime with it. So nothing said before they came or after they left is held against anybody."
)


def page(
    summary: Summary,
    *,
    story: Sequence[str] = (),
    observation: str = "",
    question: str = "",
    figures: Sequence[str] | None = None,
    also: Sequence[str] = (),
    more: Sequence[Section] = (),
) -> list[TextBlock | Section]:
    """What there is to read, in order. `story` goes on from the first sentence; `observation` and `question` are
    already worded; `figures` stand for `details`; `also` are lines about what there was beside the numbers
    (`beside.told`)."""
    parts: list[TextBlock | Section] = [Prose(" ".join([told(summary), *story]))]
    if observation and not by_the_clock(summary):
        parts.append(Prose(observation, "observation"))
    if by_the_clock(summary):
        return [*parts, *([Lines(also)] if also else []), *([Prose(question, "question")] if question else []), *more]
    if summary.people and (summary.airtime_ms or not summary.unattributed_ms):
        parts.append(shares(summary))
    parts.append(Lines(details(summary) if figures is None else figures))
    if also:
        parts.append(Lines(also))
    if question:
        parts.append(Prose(question, "question"))
    return [*parts, *more]


def how() -> Section:
    """How the figures are made."""
    return Section("How this is counted", [Lines(RULES, listed=True)])


def told(summary: Summary) -> str:
    """What happened, in a sentence or two."""
    if by_the_clock(summary):
        turns = sum(held.times for held in summary.floors)
        each = [f"{held.person} {length(held.ms)}" for held in summary.floors]
        return f"Led by the clock: {count(turns, 'turn', 'turns')}, {listed(each)}. Nobody was listened to."
    if not summary.people:
        return "Nobody was listened to, so there is nothing to count."
    if not summary.airtime_ms and summary.unattributed_ms:
        whole, talk = length(summary.end_ms - summary.start_ms), length(summary.talk_ms)
        return f"{talk} of talk in {whole}, and whose it was could not be told well enough: there are no shares."
    if not summary.airtime_ms:
        return f"Nobody was heard speaking in {length(summary.end_ms - summary.start_ms)}."
    silent = [person.name for person in summary.people if not person.airtime_ms]
    everyone = listed([person.name for person in summary.people])
    whole, talk = length(summary.end_ms - summary.start_ms), length(summary.talk_ms)
    text = (
        f"{everyone} {'were together' if len(summary.people) > 1 else 'was here'} for {whole}; {talk} of it was talk."
    )
    if silent:
        text += f" {listed(silent)} listened."
    return text


def by_the_clock(summary: Summary) -> bool:
    """Nobody was listened to, and people had their turns all the same."""
    return bool(summary.floors) and not summary.end_ms


def details(summary: Summary, *, pairs: bool = True) -> list[str]:
    """Everything that is not about one person, a line each. `pairs`: also who cut in on whom."""
    lines = ["Silence: none."]
    if summary.silences:
        lines = [f"Silence: {length(summary.silence_ms)}, in {count(summary.silences, 'stretch', 'stretches')}."]
    if summary.unattributed_ms:
        lines.append(f"Not attributed: {length(summary.unattributed_ms)} of speech that could be anyone's.")
    else:
        lines.append("Not attributed: nothing.")
    if summary.guest_ms >= 1000:
        lines.append(f"Guests: {length(summary.guest_ms)}, counted for nobody here.")
    lines.append(f"Balance: {balance(summary)}")
    attempts = sum(pair.attempts for pair in summary.pairs)
    signs = sum(pair.back_channels for pair in summary.pairs)
    also = [count(attempts, "attempt", "attempts") + " to come in"] if attempts else []
    also += [count(signs, "small sign", "small signs") + " of listening"] if signs else []
    if also:
        lines.append(f"Also heard: {listed(also)}.")
    lines += [_cut_in(pair) for pair in summary.pairs if pair.cut_ins and pairs]
    lines += [_came_in(pair) for pair in summary.pairs if pair.came_in]
    repaid_ms = sum(person.repaid_ms for person in summary.people)
    if repaid_ms:
        lines.append(f"Given back to those who had the floor: {length(repaid_ms)}.")
    lines += not_counted(summary)
    lines += [*(_stay(stay) for stay in summary.stays), *([COMING_AND_GOING] if summary.stays else [])]
    passed = [f"{person.name} {times(person.passes)}" for person in summary.people if person.passes]
    if passed:
        lines.append(f"Passed, which is always fine: {listed(passed)}.")
    if summary.declined:
        lines.append(f"Not listened to, as they wished: {listed(summary.declined)}.")
    return lines


def _stay(stay: PartlyThere) -> str:
    when = listed([f"from {length(start_ms)} to {length(end_ms)}" for start_ms, end_ms in stay.spans])
    if stay.share is None or stay.aim is None:
        return f"{stay.name} was here {when or 'while nothing counted'}; nothing was said meanwhile."
    meant = f"; {percent(stay.aim)} of it would be their part" if stay.aim else ""
    return f"{stay.name} was here {when}: {percent(stay.share)} of what was said then{meant}."


def balance(summary: Summary) -> str:
    """The balance in words and figures: of those who take part in it, against what each of them aims at. Where the
    likely ranges allow for a more even reading, both are told."""
    people = summary.balanced
    hosts = listed([person.name for person in summary.people if person not in people])
    without = f" Without {hosts}, who led the talk." if hosts else ""
    found = evenness(summary)
    if found is None or summary.balance is None or summary.gini is None:
        return f"takes at least two people who are listened to, and some talk.{without}"
    words = EVENNESS[found.measured] if found.sure else f"{EVENNESS[found.most_even]}, or {EVENNESS[found.measured]}"
    figures = f"{summary.balance:.2f} of 1 (Gini {summary.gini:.2f})"
    if summary.surely_more is not None and summary.observation.key != "uncertain" and len(people) > 2:
        more = summary.person(summary.surely_more)
        figures += f". {more.name} had {percent(more.share)} of the time; an equal part would be {percent(more.aim)}"
    if summary.same_aims and len(people) == 2:
        larger = max(person.share for person in people) / sum(person.share for person in people)
        return f"{words}; {percent(larger)} and {percent(1 - larger)}. {figures}.{without}"
    return f"{words}; {figures}.{without}"


def _came_in(pair: PairSummary) -> str:
    took = f", and {times(pair.took_over)} took it over" if pair.took_over else ""
    return f"{pair.by} came in {times(pair.came_in)} while {pair.over} had the floor{took}."


def not_counted(summary: Summary) -> list[str]:
    """Where the time went that is nobody's airtime: a line, or none."""
    found: dict[str, int] = {}
    for why, ms in summary.not_counted_ms.items():
        what = NOT_COUNTED.get(why, "questions and what was told")
        found[what] = found.get(what, 0) + ms
    if sum(found.values()) < LEAST_NOT_COUNTED_MS:
        return []
    each = [f"{what} {length(ms)}" for what, ms in found.items()]
    return [f"Not counted: {length(sum(found.values()))} ({listed(each)})."]


def _cut_in(pair: PairSummary) -> str:
    rate = told_rate(pair)
    per_hour = f", {rate:.0f} times in an hour of {pair.over}'s talk" if rate is not None else ""
    return f"{pair.by} cut in on {pair.over} {times(pair.cut_ins)}{per_hour}."


def told_rate(pair: PairSummary) -> float | None:
    """Cut-ins an hour, where there is more than a chance event to it."""
    return pair.cut_ins_per_hour if pair.cut_ins >= LEAST_CUT_INS else None


def shares(summary: Summary) -> TextTable:
    """Everyone's numbers. What people aim at is in it where that is not the same for all."""
    rows = [HEADINGS, *(_row(person) for person in summary.people)]
    if not summary.same_aims:
        aims = ["Aim", *(percent(person.aim) if person.aim else "leads" for person in summary.people)]
        rows = [(*row[:3], aim, *row[3:]) for row, aim in zip(rows, aims, strict=True)]
    return TextTable(rows, "Airtime, turns and cut-ins of each person")


def _row(person: PersonSummary) -> tuple[str, ...]:
    return (
        person.name,
        length(person.airtime_ms),
        with_range(person.share, person.share_low, person.share_high),
        str(person.turns),
        length(person.longest_turn_ms),
        str(person.cut_ins_made),
        str(person.cut_ins_received),
    )


def percent(share: float) -> str:
    return f"{round(100 * share)} %"


def with_range(share: float, low: float, high: float) -> str:
    """39 % (34 to 43)"""
    return f"{percent(share)} ({round(100 * low)} to {round(100 * high)})"


def count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def times(number: int) -> str:
    """once, twice, 3 times"""
    return {1: "once", 2: "twice"}.get(number, f"{number} times")
