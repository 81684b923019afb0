"""The figures behind a review's story, section by section, each with its rule: one source for text, Markdown, page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from facilitator.core.language.texts import Texts
from facilitator.core.review.movement import band
from facilitator.core.review.openings import End, PartEnds
from facilitator.core.review.responses import LEAST_TURNS
from facilitator.core.review.review import SessionReview
from facilitator.core.review.silences import LongSilence
from facilitator.core.review.summary import Summary
from facilitator.core.session_notes import NotedPrompt, SessionNotes
from facilitator.core.text import length
from facilitator.core.turntaking.airtime import Window
from facilitator.core.turntaking.overlap import Turn
from facilitator.core.turntaking.spans import total_ms
from facilitator.report.output.blocks import Lines, Section, SectionKey, TextBlock, TextTable
from facilitator.report.review.reasons import reasons
from facilitator.report.text import told_rate, with_range

MOST_TURNS = 60
"""Lines that somebody reads through; of more turns the short ones are told together."""
SHORT_MS = (0, 3_000, 5_000, 8_000, 10_000, 15_000, 20_000, 30_000, 60_000, 120_000, 300_000)
MAP_FROM = 3
"""People."""
HOWS = ("spoken", "shown", "hushed", "failed")
"""How a sentence came out, that is told by itself."""


def sections(review: SessionReview, notes: SessionNotes, texts: Texts) -> list[Section]:
    """In order; without those that there is nothing for. Their keys are what `sections` has in the language files."""
    if not review.summary.airtime_ms:
        return []
    prompts = prompts_told(review, notes.prompts, texts)
    found: list[tuple[SectionKey, Sequence[TextBlock]]] = [
        ("reasons", [Lines(reasons(review.summary, texts))]),
        ("opened", _opened(review.ends, texts)),
        ("moved", moved(review, texts)),
        ("cut_ins", _matrix(review.summary, texts)),
        ("answered", _answered(review, texts)),
        ("map", ties_told(review, texts)),
        ("silences", _silences(review, texts)),
        ("said", [Lines(prompts)] if prompts else []),
        ("turns", turns_told(review, texts)),
    ]
    return [Section(texts(f"sections.{key}.title"), blocks, _rule(key, texts), key) for key, blocks in found if blocks]


def _rule(key: SectionKey, texts: Texts) -> str:
    slots = {"least": LEAST_TURNS} if key in ("answered", "map") else {}
    return texts(f"sections.{key}.rule", **slots)


def figures(review: SessionReview, texts: Texts) -> list[str]:
    """Lines that go with `text.details`."""
    told = (("pauses", review.pauses), ("not_measured", review.not_measured))
    return [
        texts(f"report.{what}", time=length(total_ms(spans)), stretches=texts.counted("report.stretches", len(spans)))
        for what, spans in told
        if spans
    ]


def prompts_told(review: SessionReview, prompts: Sequence[NotedPrompt], texts: Texts) -> list[str]:
    """What the facilitator did, a line each; the page lists what it said."""
    lines = []
    hows = Counter(one.how if one.how in HOWS else "unsaid" for one in prompts)
    if hows:
        each = [texts.counted(f"sections.said.{how}", number) for how, number in hows.items()]
        lines.append(texts("sections.said.sentences", each=texts.listed(each)))
    if review.invited:
        each = [f"{person} {texts.counted('times', number)}" for person, number in Counter(review.invited).items()]
        lines.append(texts("sections.said.invited", each=texts.listed(each)))
    return lines


def _opened(parts: Sequence[PartEnds], texts: Texts) -> list[TextBlock]:
    if not any(end.why != "nobody" for part in parts for end in (part.opened, part.closed)):
        return []
    rows = [tuple(texts(f"sections.opened.{head}") for head in ("part", "from", "to", "by", "closed_by"))]
    rows += [
        (
            part.stage or texts("sections.opened.all"),
            length(part.start_ms),
            length(part.end_ms),
            _end(part.opened, texts),
            _end(part.closed, texts),
        )
        for part in parts
    ]
    return [TextTable(rows, texts("sections.opened.caption"), wordy=True)]


def _end(end: End, texts: Texts) -> str:
    return end.person or (texts(f"sections.opened.why.{end.why}") if end.why else "")


def moved(review: SessionReview, texts: Texts) -> list[TextBlock]:
    """In words; the picture and the table of all windows are the page's."""
    lines = list(_windows(review, texts))
    if review.halves is not None:
        heads = ("share", "first", "second")
        rows: list[tuple[str, ...]] = [tuple(texts(f"sections.moved.{head}") for head in heads)]
        first, second = review.halves
        rows += [
            (
                person,
                *(
                    with_range(texts, half.shares[person], half.ranges[person].low, half.ranges[person].high)
                    for half in (first, second)
                ),
            )
            for person in first.shares
        ]
        surely = [
            texts(
                "sections.moved.one", name=one.person, first=texts.percent(one.first), second=texts.percent(one.second)
            )
            for one in review.moved
        ]
        lines.append(
            texts("sections.moved.surely", each=texts.listed(surely)) if surely else texts("sections.moved.none")
        )
        return [Lines(lines), TextTable(rows, texts("sections.moved.caption"))]
    return [Lines(lines)] if lines else []


def _windows(review: SessionReview, texts: Texts) -> Iterator[str]:
    windows, summary = review.windows, review.summary
    if not windows:
        return
    if len(summary.balanced) == 2 and len(summary.people) == 2 and summary.same_aims:
        bands = Counter(band(window) for window in windows)
        told = [
            texts("sections.moved.band", evenness=texts(f"report.evenness.{key}"), number=bands[key])
            for key in ("balanced", "leaning", "one-sided")
            if bands[key]
        ]
        yield texts.counted("sections.moved.bands", len(windows), each=texts.listed(told))
        return
    largest = sorted(largest_shares(windows))
    least, most, middle = (texts.percent(largest[at]) for at in (0, -1, len(largest) // 2))
    yield texts("sections.moved.largest", least=least, most=most, middle=middle)


def largest_shares(windows: Sequence[Window]) -> list[float]:
    return [share for window in windows if (share := window.largest_share) is not None]


def _matrix(summary: Summary, texts: Texts) -> list[TextBlock]:
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
        if rate is None:
            return str(pair.cut_ins)
        return texts("sections.cut_ins.cell", number=pair.cut_ins, rate=f"{rate:.0f}")

    rows = [("", *(texts("sections.cut_ins.over", name=name) for name in people))]
    rows += [(texts("sections.cut_ins.by", name=by), *(cell(by, over) for over in people)) for by in people]
    return [TextTable(rows, texts("sections.cut_ins.caption"))]


def _answered(review: SessionReview, texts: Texts) -> list[TextBlock]:
    told = [
        texts.counted("sections.answered.one", one.turns, name=one.person, answered=one.answered)
        for one in review.answered
        if one.told
    ]
    if not review.open_ms:
        spoken = review.summary.airtime_ms and len(review.summary.people) > 1
        return [Lines([texts("sections.answered.in_turn")])] if spoken else []
    few = [
        texts("sections.answered.of_few", name=one.person, answered=one.answered, number=one.turns)
        for one in review.answered
        if not one.told
    ]
    lines = [*told, *([texts("sections.answered.too_few", names=texts.listed(few), least=LEAST_TURNS)] if few else [])]
    return [Lines(lines)] if lines else []


def ties_told(review: SessionReview, texts: Texts) -> list[TextBlock]:
    """What the map of the table draws, in numbers. Of two people it would say what is told already."""
    if len(review.summary.people) < MAP_FROM or not review.ties:
        return []
    heads = ("who", "whom", "spoke_next", "answered", "cut_ins")
    rows: list[tuple[str, ...]] = [tuple(texts(f"sections.map.{head}") for head in heads)]
    rows += [(tie.by, tie.to, str(tie.spoke_next), str(tie.answered), str(tie.cut_ins)) for tie in review.ties]
    return [TextTable(rows, texts("sections.map.caption"))]


def _silences(review: SessionReview, texts: Texts) -> list[TextBlock]:
    rows = [(length(one.start_ms), length(one.length_ms), _around(one, texts)) for one in review.silences]
    heads = tuple(texts(f"sections.silences.{head}") for head in ("at", "length", "between"))
    return [TextTable([heads, *rows], texts("sections.silences.title"), wordy=True)] if rows else []


def _around(silence: LongSilence, texts: Texts) -> str:
    if silence.floor is not None:
        return texts("sections.silences.in_turn", name=silence.floor)
    before, after = texts.listed(silence.before), texts.listed(silence.after)
    if before and after:
        key = "then" if before != after else "went_on"
        return texts(f"sections.silences.{key}", before=before, **({"after": after} if key == "then" else {}))
    if before:
        return texts("sections.silences.after", before=before)
    return texts("sections.silences.before", after=after) if after else "–"


def turns_told(review: SessionReview, texts: Texts) -> list[TextBlock]:
    """Every turn, or (where that would be too long to read) the long ones, and the short ones between them together."""
    for short_ms in SHORT_MS:
        rows = _turn_rows(review.turns, short_ms, texts)
        if len(rows) <= MOST_TURNS:
            break
    caption = texts("sections.turns.caption")
    blocks: list[TextBlock] = [TextTable([_turn_heads(texts), *rows], caption, wordy=True)] if rows else []
    if short_ms and rows:
        blocks.insert(0, Lines([texts.counted("sections.turns.together", short_ms // 1000)]))
    return blocks


def all_turns(review: SessionReview, texts: Texts) -> TextTable:
    rows = _turn_rows(review.turns, 0, texts)
    return TextTable([_turn_heads(texts), *rows], texts("sections.turns.every"), wordy=True)


def _turn_heads(texts: Texts) -> tuple[str, ...]:
    return tuple(texts(f"sections.turns.{head}") for head in ("at", "length", "who"))


def _turn_rows(turns: Sequence[Turn], short_ms: int, texts: Texts) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for short, group in groupby(turns, lambda turn: turn.end_ms - turn.start_ms < short_ms):
        some = list(group)
        if short and len(some) > 1:
            names = list(dict.fromkeys(turn.person for turn in some))
            end_ms = max(turn.end_ms for turn in some)
            who = texts.counted("sections.turns.short", len(some), names=texts.listed(names))
            rows.append((length(some[0].start_ms), length(end_ms - some[0].start_ms), who))
        else:
            rows += [(length(turn.start_ms), length(turn.end_ms - turn.start_ms), turn.person) for turn in some]
    return rows
