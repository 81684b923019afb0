"""A summary as a page to read: plain text and Markdown.

What happened comes first, then the numbers in the order of the seats (nobody is ranked), then the rule
each number was made by.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Sequence

from facilitator.core.summary import PairSummary, PersonSummary, Summary
from facilitator.report.agreed import listed

HEADINGS = ("Name", "Airtime", "Share (likely range)", "Turns", "Longest turn", "Cut in", "Was cut in on")

RULES = (
    "Airtime is time spent speaking, pauses under 0.2 s included. When two speak at once, it counts for both.",
    "A share is airtime out of everyone's airtime. Its likely range allows for stretches in which it was not sure "
    "who spoke; it is meant to hold the true share about nine times out of ten.",
    "A turn goes on through silence and small signs of listening, until somebody else takes the floor.",
    "A cut-in: someone begins while another, who has spoken for at least 1 s, goes on for at least 0.3 s more, "
    "and still speaks 1 s after the other has stopped. Up to then it is an attempt. Under 1 s of speech that is "
    "over by 0.2 s after the other's end is a sign of listening.",
    "Silence counts from 0.7 s on. Guests, and this program's own voice, are nobody's airtime.",
    "Balance is 1 when everyone speaks equally long and 0 when only one speaks (entropy of the shares). The Gini "
    "coefficient runs the other way: 0 is equal. Free meetings of four mostly lie between 0.09 and 0.38.",
)


def clock(ms: int) -> str:
    """`m:ss`, from an hour on `h:mm:ss`."""
    minutes, seconds = divmod(round(ms / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def plain(summary: Summary, *, observation: str = "", question: str = "", also: Sequence[str] = ()) -> str:
    """The page as plain text, ending in a newline. `observation` and `question` are already worded; `also` are lines
    about what there was beside the numbers (`beside.told`)."""
    blocks = [told(summary), *([observation] if observation else [])]
    if summary.people:
        blocks.append("\n".join(_columns(_rows(summary))))
    blocks.append("\n".join(details(summary)))
    if also:
        blocks.append("\n".join(_hanging(line) for line in also))
    if question:
        blocks.append(question)
    blocks.append("\n".join(["How this is counted", *(_folded(rule) for rule in RULES)]))
    return "\n\n".join(blocks) + "\n"


def markdown(
    summary: Summary, *, title: str = "", observation: str = "", question: str = "", also: Sequence[str] = ()
) -> str:
    """The page as Markdown (tables as GitHub has them), ending in a newline."""
    blocks = [f"# {_escaped(title)}"] if title else []
    blocks += [_escaped(told(summary)), *([f"*{_escaped(observation)}*"] if observation else [])]
    if summary.people:
        rows = _rows(summary)
        lines = ["| " + " | ".join(_escaped(cell) for cell in row) + " |" for row in rows]
        lines.insert(1, "|---" + "|---:" * (len(rows[0]) - 1) + "|")
        blocks.append("\n".join(lines))
    blocks += ["\n".join(f"- {_escaped(line)}" for line in some) for some in (details(summary), also) if some]
    if question:
        blocks.append(f"**{_escaped(question)}**")
    blocks.append("## How this is counted\n\n" + "\n".join(f"- {rule}" for rule in RULES))
    return "\n\n".join(blocks) + "\n"


def told(summary: Summary) -> str:
    """What happened, in a sentence or two."""
    if not summary.people:
        return "Nobody was listened to, so there is nothing to count."
    if not summary.airtime_ms:
        return f"Nobody was heard speaking in {clock(summary.end_ms - summary.start_ms)}."
    silent = [person.name for person in summary.people if not person.airtime_ms]
    everyone = listed([person.name for person in summary.people])
    length, talk = clock(summary.end_ms - summary.start_ms), clock(summary.talk_ms)
    text = (
        f"{everyone} {'were together' if len(summary.people) > 1 else 'was here'} for {length}; {talk} of it was talk."
    )
    if silent:
        text += f" {listed(silent)} listened."
    return text


def details(summary: Summary) -> list[str]:
    """Everything that is not about one person, a line each."""
    lines = ["Silence: none."]
    if summary.silences:
        lines = [f"Silence: {clock(summary.silence_ms)}, in {_count(summary.silences, 'stretch', 'stretches')}."]
    if summary.unattributed_ms:
        lines.append(f"Not attributed: {clock(summary.unattributed_ms)} of speech that could be anyone's.")
    else:
        lines.append("Not attributed: nothing.")
    if summary.guest_ms >= 1000:
        lines.append(f"Guests: {clock(summary.guest_ms)}, counted for nobody here.")
    lines.append(f"Balance: {balance(summary)}")
    attempts = sum(pair.attempts for pair in summary.pairs)
    signs = sum(pair.back_channels for pair in summary.pairs)
    also = [_count(attempts, "attempt", "attempts") + " to come in"] if attempts else []
    also += [_count(signs, "small sign", "small signs") + " of listening"] if signs else []
    if also:
        lines.append(f"Also heard: {listed(also)}.")
    lines += [_cut_in(pair) for pair in summary.pairs if pair.cut_ins]
    repaid_ms = sum(person.repaid_ms for person in summary.people)
    if repaid_ms:
        lines.append(f"Given back after cut-ins: {clock(repaid_ms)}.")
    passed = [f"{person.name} {times(person.passes)}" for person in summary.people if person.passes]
    if passed:
        lines.append(f"Passed, which is always fine: {listed(passed)}.")
    if summary.declined:
        lines.append(f"Not listened to, as they wished: {listed(summary.declined)}.")
    return lines


def balance(summary: Summary) -> str:
    """The balance in words and figures: of those who take part in it, against what each of them aims at."""
    people = summary.balanced
    hosts = listed([person.name for person in summary.people if person not in people])
    without = f" Without {hosts}, who led the talk." if hosts else ""
    if summary.balance is None or summary.gini is None:
        return f"takes at least two people who are listened to, and some talk.{without}"
    figures = f"{summary.balance:.2f} of 1 (Gini {summary.gini:.2f})"
    if not summary.equal_aims:
        near = "close to" if summary.gini <= 0.15 else "somewhat away from" if summary.gini <= 0.38 else "far from"
        return f"{near} what was intended; {figures}.{without}"
    if len(people) == 2:
        larger = max(person.share for person in people) / sum(person.share for person in people)
        words = "in balance" if larger < 0.55 else "leaning to one side" if larger <= 0.65 else "mostly on one side"
        return f"{words}; {_percent(larger)} and {_percent(1 - larger)}. {figures}.{without}"
    if summary.gini <= 0.15:
        words = "evenly shared"
    elif summary.gini <= 0.38:
        words = "about as evenly shared as in most meetings"
    else:
        words = "less evenly shared than in most meetings"
    return f"{words}; {figures}.{without}"


def _cut_in(pair: PairSummary) -> str:
    """A rate is told only where there is more than a chance event to it."""
    rate = pair.cut_ins_per_hour if pair.cut_ins >= 3 else None
    per_hour = f", {rate:.0f} times in an hour of {pair.over}'s talk" if rate is not None else ""
    return f"{pair.by} cut in on {pair.over} {times(pair.cut_ins)}{per_hour}."


def _folded(rule: str) -> str:
    return textwrap.fill(rule, width=96, initial_indent="  - ", subsequent_indent="    ")


def _hanging(line: str) -> str:
    return textwrap.fill(line, width=96, subsequent_indent="    ", break_long_words=False)


def _rows(summary: Summary) -> list[tuple[str, ...]]:
    """The table with its heading. What people aim at is in it where that is not the same for all."""
    rows = [HEADINGS, *(_row(person) for person in summary.people)]
    if summary.equal_aims:
        return rows
    aims = ["Aim", *(_percent(person.aim) if person.aim else "leads" for person in summary.people)]
    return [(*row[:3], aim, *row[3:]) for row, aim in zip(rows, aims, strict=True)]


def _row(person: PersonSummary) -> tuple[str, ...]:
    low, high = round(100 * person.share_low), round(100 * person.share_high)
    return (
        person.name,
        clock(person.airtime_ms),
        f"{_percent(person.share)} ({low} to {high})",
        str(person.turns),
        clock(person.longest_turn_ms),
        str(person.cut_ins_made),
        str(person.cut_ins_received),
    )


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [" " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)]
        named = row[0] + cells[0]
        lines.append("  ".join([named, *(space + cell for space, cell in zip(cells[1:], row[1:], strict=True))]))
    return lines


def _width(text: str) -> int:
    """Columns on a terminal: wide characters take two, combining ones none."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>|#~])", r"\\\1", text)


def _percent(share: float) -> str:
    return f"{round(100 * share)} %"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def times(number: int) -> str:
    """once, twice, 3 times"""
    return {1: "once", 2: "twice"}.get(number, f"{number} times")
