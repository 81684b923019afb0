"""The figures behind a review's story, section by section, each with its rule: one source for text, Markdown, page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from facilitator.core.review.movement import band
from facilitator.core.review.openings import End, PartEnds
from facilitator.core.review.responses import LEAST_TURNS
from facilitator.core.review.review import SessionReview
from facilitator.core.review.silences import LongSilence
from facilitator.core.review.summary import Summary
from facilitator.core.session_notes import NotedPrompt, SessionNotes
from facilitator.core.text import length, listed
from facilitator.core.turntaking.airtime import Window
from facilitator.core.turntaking.overlap import Turn
from facilitator.core.turntaking.spans import total_ms
from facilitator.report.output.blocks import Lines, Section, TextBlock, TextTable
from facilitator.report.review.reasons import reasons
from facilitator.report.text import count, percent, times, told_rate, with_range

MOST_TURNS = 60
"""Lines that somebody reads through; of more turns the short ones are told together."""
SHORT_MS = (0, 3_000, 5_000, 8_000, 10_000, 15_000, 20_000, 30_000, 60_000, 120_000, 300_000)
RULES = {
    "reasons": "What is said at the end is the largest difference that is sure, if there is one of 12 points or more: "
    "of shares, of who was answered within two seconds, cut in on, or spoke last in the open parts. Sure is what is "
    "left of it at the near end of its likely range. Whoever passed is not named.",
    "opened": "Opened: whose turn is the first. Closed: whose turn ends last. Nobody is named where it was their turn "
    "by the order, where two began or ended less than 0.3 s apart, or where it is not sure whose voice it was.",
    "moved": "Windows of 2.5 minutes, sliding by 30 s, in which only open talk counts, at least a minute of it. A "
    "share has surely moved from one half of the open talk to the other if their likely ranges do not touch, and it "
    "moved by ten points or more.",
    "cut-ins": "How often somebody cut in, and how often that would be in an hour of the other one's talk (/h; told "
    "from 3 on, and from a minute of talk on). Begun at least 1 s after the other, at least 0.3 s before they stopped, "
    "and gone on for 1 s after that. Not every cut-in is heard.",
    "answered": "Turns of 1 s and more that ended in open talk, and after how many of them somebody else began to "
    "speak within 2 s (or up to 1 s before the end, without cutting it off). Told from "
    f"{LEAST_TURNS} such turns on. It says nothing of what was answered, and some things want a silence.",
    "silences": "Silences of 3 s and more, the five longest.",
    "said": "Times are those of the session's length, which begins with the opening circle.",
    "turns": "A turn goes on through silence and small signs of listening, which are not in this list. Times are those "
    "of the session's length, which begins with the opening circle.",
}


def sections(review: SessionReview, notes: SessionNotes) -> list[Section]:
    """In order; without those that there is nothing for."""
    if not review.summary.airtime_ms:
        return []
    prompts = prompts_told(review, notes.prompts)
    found: list[tuple[str, Sequence[TextBlock], str]] = [
        ("Why this was said", [Lines(reasons(review.summary))], "reasons"),
        ("Who opened, and who closed", _opened(review.ends), "opened"),
        ("How the balance moved", moved(review), "moved"),
        ("Who cut in on whom", _matrix(review.summary), "cut-ins"),
        ("Who was answered within two seconds", _answered(review), "answered"),
        ("The longest silences", _silences(review), "silences"),
        ("What the facilitator said", [Lines(prompts)] if prompts else [], "said"),
        ("Who spoke when", turns_told(review), "turns"),
    ]
    return [Section(title, blocks, RULES[rule]) for title, blocks, rule in found if blocks]


def figures(review: SessionReview) -> list[str]:
    """Lines that go with `text.details`."""
    told = (("Pauses", review.pauses), ("Not measured, as nothing could be heard", review.not_measured))
    return [
        f"{what}: {length(total_ms(spans))}, in {count(len(spans), 'stretch', 'stretches')}."
        for what, spans in told
        if spans
    ]


def prompts_told(review: SessionReview, prompts: Sequence[NotedPrompt]) -> list[str]:
    """What the facilitator did, a line each; the page lists what it said."""
    lines = []
    words = {"spoken": "spoken", "shown": "shown", "hushed": "broken off", "failed": "not spoken, for want of a voice"}
    hows = Counter(words.get(one.how, "left unsaid") for one in prompts)
    if hows:
        lines.append(f"The facilitator's sentences: {listed([f'{number} {how}' for how, number in hows.items()])}.")
    if review.invited:
        each = [f"{person} {times(number)}" for person, number in Counter(review.invited).items()]
        lines.append(f"Invited to come in: {listed(each)}.")
    return lines


def _opened(parts: Sequence[PartEnds]) -> list[TextBlock]:
    if not any(end.why != "nobody" for part in parts for end in (part.opened, part.closed)):
        return []
    rows = [("Part", "From", "To", "Opened by", "Closed by")]
    rows += [
        (part.stage or "All of it", length(part.start_ms), length(part.end_ms), _end(part.opened), _end(part.closed))
        for part in parts
    ]
    return [TextTable(rows, "Who opened and who closed each part", wordy=True)]


def _end(end: End) -> str:
    why = {"in-turn": "in turn", "at-once": "two at once", "unsure": "not sure", "nobody": "nobody", "": ""}
    return end.person or why[end.why]


def moved(review: SessionReview) -> list[TextBlock]:
    """In words; the picture and the table of all windows are the page's."""
    lines = list(_windows(review))
    if review.halves is not None:
        rows: list[tuple[str, ...]] = [("Share of the open talk", "First half", "Second half")]
        first, second = review.halves
        rows += [
            (
                person,
                *(
                    with_range(half.shares[person], half.ranges[person].low, half.ranges[person].high)
                    for half in (first, second)
                ),
            )
            for person in first.shares
        ]
        surely = [f"{one.person} from {percent(one.first)} to {percent(one.second)}" for one in review.moved]
        lines.append(f"Surely moved: {listed(surely)}." if surely else "No share has surely moved between the halves.")
        return [Lines(lines), TextTable(rows, "Shares in the first and the second half of the open talk")]
    return [Lines(lines)] if lines else []


def _windows(review: SessionReview) -> Iterator[str]:
    windows, summary = review.windows, review.summary
    if not windows:
        return
    if len(summary.balanced) == 2 and len(summary.people) == 2 and summary.same_aims:
        bands = Counter(band(window) for window in windows)
        words = {"balanced": "in balance", "leaning": "leaning to one side", "one-sided": "mostly on one side"}
        told = [f"{words[key]} in {bands[key]}" for key in ("balanced", "leaning", "one-sided") if bands[key]]
        yield f"Of {count(len(windows), 'window', 'windows')} of 2.5 minutes the talk was {listed(told)}."
        return
    largest = sorted(largest_shares(windows))
    yield (
        f"In windows of 2.5 minutes the largest share lay between {percent(largest[0])} and {percent(largest[-1])},"
        f" half the time under {percent(largest[len(largest) // 2])}."
    )


def largest_shares(windows: Sequence[Window]) -> list[float]:
    return [share for window in windows if (share := window.largest_share) is not None]


def _matrix(summary: Summary) -> list[TextBlock]:
    """Rows cut in, columns were cut in on."""
    people = [person.name for person in summary.people]
    if len(people) < 2:
        return []
    pairs = {(pair.by, pair.over): pair for pair in summary.pairs}

    def cell(by: str, over: str) -> str:
        pair = pairs.get((by, over))
        if by == over or pair is None or not pair.cut_ins:
            return "–" if by == over else "0"
        rate = told_rate(pair)
        return str(pair.cut_ins) + (f" ({rate:.0f}/h)" if rate is not None else "")

    rows = [("", *(f"over {name}" for name in people))]
    rows += [(f"{by} cut in", *(cell(by, over) for over in people)) for by in people]
    return [TextTable(rows, "Who cut in on whom, and how often in an hour of the other one's talk")]


def _answered(review: SessionReview) -> list[TextBlock]:
    told = [f"{one.person}: {one.answered} of {one.turns} turns." for one in review.answered if one.told]
    if not told:
        return []
    few = [one.person for one in review.answered if not one.told]
    return [Lines([*told, *([f"Too few turns to say: {listed(few)}."] if few else [])])]


def _silences(review: SessionReview) -> list[TextBlock]:
    rows = [(length(one.start_ms), length(one.length_ms), _around(one)) for one in review.silences]
    return [TextTable([("At", "Length", "Between"), *rows], "The longest silences", wordy=True)] if rows else []


def _around(silence: LongSilence) -> str:
    if silence.floor is not None:
        return f"in {silence.floor}'s own turn"
    before, after = listed(silence.before), listed(silence.after)
    if before and after:
        return f"{before}, then {after}" if before != after else f"{before}, who went on"
    return f"after {before}" if before else f"before {after}" if after else "–"


def turns_told(review: SessionReview) -> list[TextBlock]:
    """Every turn, or (where that would be too long to read) the long ones, and the short ones between them together."""
    for short_ms in SHORT_MS:
        rows = _turn_rows(review.turns, short_ms)
        if len(rows) <= MOST_TURNS:
            break
    head = ("At", "Length", "Who")
    blocks: list[TextBlock] = [TextTable([head, *rows], "Who spoke when, turn by turn", wordy=True)] if rows else []
    if short_ms and rows:
        blocks.insert(0, Lines([f"Turns under {short_ms // 1000} s that follow each other are told together."]))
    return blocks


def all_turns(review: SessionReview) -> TextTable:
    return TextTable([("At", "Length", "Who"), *_turn_rows(review.turns, 0)], "Every turn", wordy=True)


def _turn_rows(turns: Sequence[Turn], short_ms: int) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for short, group in groupby(turns, lambda turn: turn.end_ms - turn.start_ms < short_ms):
        some = list(group)
        if short and len(some) > 1:
            names = list(dict.fromkeys(turn.person for turn in some))
            end_ms = max(turn.end_ms for turn in some)
            who = f"{listed(names)}, {len(some)} short turns"
            rows.append((length(some[0].start_ms), length(end_ms - some[0].start_ms), who))
        else:
            rows += [(length(turn.start_ms), length(turn.end_ms - turn.start_ms), turn.person) for turn in some]
    return rows
