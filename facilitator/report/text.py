"""A summary as a page to read.

What happened comes first, then the numbers in the order of the seats (nobody is ranked), then the rule
each number was made by. The words are in `prompts/screens`, under `report`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from facilitator.core.language.texts import Texts
from facilitator.core.review.evenness import evenness
from facilitator.core.review.summary import PairSummary, PartlyThere, PersonSummary, Summary
from facilitator.core.text import length
from facilitator.report.output.blocks import Lines, Prose, Section, TextBlock, TextTable

HEADINGS = ("name", "airtime", "share", "turns", "longest", "cut_in", "was_cut_in_on")

LEAST_CUT_INS = 3
"""A rate of fewer is told of nobody: it would say how often something happened that hardly happened."""

NOT_COUNTED: Mapping[str, str] = {
    "note": "notes",
    "agree": "notes",
    "pause": "pauses",
    "break": "breaks",
    "quiet": "quiet",
}
LEAST_NOT_COUNTED_MS = 1_000

RULES = ("airtime", "share", "turn", "cut_in", "floor", "over", "silence", "balance")


def rules(texts: Texts) -> list[str]:
    """By which the figures are made."""
    return [texts(f"report.rules.{rule}") for rule in RULES]


def page(
    summary: Summary,
    texts: Texts,
    *,
    first: str = "",
    story: Sequence[str] = (),
    question: str = "",
    figures: Sequence[str] | None = None,
    also: Sequence[str] = (),
    more: Sequence[Section] = (),
) -> list[TextBlock | Section]:
    """All there is to read, in order. `first`: what mattered most (`glance.mattered`); `story` goes on from what
    happened; `question` is already worded; `figures` stand for `details`; `also` are lines about what there was beside
    the numbers (`session_notes.told`)."""
    happened = told(summary, texts)
    parts: list[TextBlock | Section] = [Prose(first, "observation")] if first not in ("", happened) else []
    parts.append(Prose(" ".join([happened, *story])))
    if by_the_clock(summary):
        return [*parts, *([Lines(also)] if also else []), *([Prose(question, "question")] if question else []), *more]
    if summary.people and (summary.airtime_ms or not summary.unattributed_ms):
        parts.append(shares(summary, texts))
    parts.append(Lines(details(summary, texts) if figures is None else figures))
    if also:
        parts.append(Lines(also))
    if question:
        parts.append(Prose(question, "question"))
    return [*parts, *more]


def how(texts: Texts) -> Section:
    """How the figures are made."""
    return Section(texts("report.how"), [Lines(rules(texts), listed=True)])


def told(summary: Summary, texts: Texts) -> str:
    """What happened, in a sentence or two."""
    if by_the_clock(summary):
        turns = texts.counted("report.turns", sum(held.times for held in summary.floors))
        each = texts.listed([f"{held.person} {length(held.ms)}" for held in summary.floors])
        return texts("report.told.by_the_clock", turns=turns, each=each)
    whole, talk = length(summary.end_ms - summary.start_ms), length(summary.talk_ms)
    if not summary.people or (summary.observation.key == "not-measured" and not summary.declined):
        return texts("report.told.nobody_listened_to")
    if not summary.airtime_ms and summary.unattributed_ms and not summary.declined:
        return texts("report.told.nobodys", talk=talk, whole=whole)
    if not summary.airtime_ms:
        return texts("report.told.nothing_heard", whole=whole)
    silent = [person.name for person in summary.people if not person.airtime_ms]
    everyone = [person.name for person in summary.people]
    if summary.declined:  # who was not listened to was here, too, and talked for as long as nobody knows
        text = texts("report.told.heard", talk=talk, whole=whole)
    else:
        text = texts.counted(
            "report.told.were_together", len(everyone), names=texts.listed(everyone), whole=whole, talk=talk
        )
    if silent:
        text += " " + texts.counted("report.told.listened", len(silent), names=texts.listed(silent))
    return text


def by_the_clock(summary: Summary) -> bool:
    """Nobody was listened to, and people had their turns all the same."""
    return bool(summary.floors) and not summary.end_ms


def details(summary: Summary, texts: Texts, *, pairs: bool = True) -> list[str]:
    """Everything that is not about one person, a line each. `pairs`: also who cut in on whom."""
    lines = []
    if summary.silences:
        stretches = texts.counted("report.stretches", summary.silences)
        lines.append(texts("report.silence", time=length(summary.silence_ms), stretches=stretches))
    elif summary.end_ms:  # of a time in which nothing counted, or nobody was listened to, it is not known
        lines.append(texts("report.silence_none"))
    if summary.unattributed_ms and not summary.declined:
        lines.append(texts("report.not_attributed", time=length(summary.unattributed_ms)))
    elif summary.end_ms and not summary.declined:
        lines.append(texts("report.not_attributed_none"))
    if summary.guest_ms >= 1000:
        lines.append(texts("report.guests", time=length(summary.guest_ms)))
    lines.append(texts("report.balance.line", balance=balance(summary, texts)))
    attempts = sum(pair.attempts for pair in summary.pairs)
    signs = sum(pair.back_channels for pair in summary.pairs)
    also = [texts.counted("report.attempts", attempts)] if attempts else []
    also += [texts.counted("report.signs", signs)] if signs else []
    if also:
        lines.append(texts("report.also_heard", what=texts.listed(also)))
    lines += [_cut_in(pair, texts) for pair in summary.pairs if pair.cut_ins and pairs]
    lines += [_came_in(pair, texts) for pair in summary.pairs if pair.came_in]
    repaid_ms = sum(person.repaid_ms for person in summary.people)
    if repaid_ms:
        lines.append(texts("report.given_back", time=length(repaid_ms)))
    lines += not_counted(summary, texts)
    lines += partly_there(summary, texts)
    passed = [f"{person.name} {texts.counted('times', person.passes)}" for person in summary.people if person.passes]
    if passed:
        lines.append(texts("report.passed", each=texts.listed(passed)))
    return [*lines, *declined(summary, texts)]


def declined(summary: Summary, texts: Texts) -> list[str]:
    """Who is in no figure: a line, or none."""
    return [texts("report.declined", names=texts.listed(summary.declined))] if summary.declined else []


def partly_there(summary: Summary, texts: Texts) -> list[str]:
    """Who came later or left earlier, and by which rule that counts: lines, or none. Where no shares can be told it
    counts nowhere."""
    stays = [_stay(stay, texts) for stay in summary.stays] if summary.has_shares else []
    return [*stays, texts("report.coming_and_going")] if stays else []


def _stay(stay: PartlyThere, texts: Texts) -> str:
    spans = [texts("report.stay.span", start=length(start_ms), end=length(end_ms)) for start_ms, end_ms in stay.spans]
    when = texts.listed(spans)
    if stay.share is None or stay.aim is None:
        return texts("report.stay.nothing_heard", name=stay.name, when=when or texts("report.stay.uncounted"))
    share = texts.percent(stay.share)
    if not stay.aim:
        return texts("report.stay.share", name=stay.name, when=when, share=share)
    return texts("report.stay.share_of", name=stay.name, when=when, share=share, aim=texts.percent(stay.aim))


def balance(summary: Summary, texts: Texts) -> str:
    """The balance in words and figures: of those who take part in it, against what each of them aims at. Where the
    likely ranges allow for a more even reading, both are told."""
    people = summary.balanced
    without = "".join(f" {line}" for line in leads(summary, texts))
    words = evenness_told(summary, texts)
    if words is None or summary.balance is None or summary.gini is None:
        return texts("report.balance.needs") + without
    figures = texts("report.balance.figures", balance=texts.decimal(summary.balance), gini=texts.decimal(summary.gini))
    if summary.surely_more is not None and summary.observation.key != "uncertain" and len(people) > 2:
        more = summary.person(summary.surely_more)
        share, aim = texts.percent(more.share), texts.percent(more.aim)
        figures += f". {texts('report.balance.surely_more', name=more.name, share=share, aim=aim)}"
    if summary.same_aims and len(people) == 2:
        larger = max(person.share for person in people) / sum(person.share for person in people)
        both = texts.listed([texts.percent(larger), texts.percent(1 - larger)])
        return f"{texts.side_by_side((words, both))}. {figures}.{without}"
    return f"{texts.side_by_side((words, figures))}.{without}"


def leads(summary: Summary, texts: Texts) -> list[str]:
    """Who is left out of the balance: a line, or none."""
    hosts = [person.name for person in summary.people if person not in summary.balanced]
    return [texts.counted("report.balance.without", len(hosts), names=texts.listed(hosts))] if hosts else []


def evenness_told(summary: Summary, texts: Texts) -> str | None:
    """In words alone. None: it takes at least two people and some talk."""
    found = evenness(summary)
    if found is None:
        return None
    words = texts(f"report.evenness.{found.measured}")
    if found.sure:
        return words
    return texts("report.balance.either", one=texts(f"report.evenness.{found.most_even}"), other=words)


def _came_in(pair: PairSummary, texts: Texts) -> str:
    how_often = texts.counted("times", pair.came_in)
    if pair.took_over:
        took = texts.counted("times", pair.took_over)
        return texts("report.took_over", by=pair.by, over=pair.over, times=how_often, took=took)
    return texts("report.came_in", by=pair.by, over=pair.over, times=how_often)


def not_counted(summary: Summary, texts: Texts) -> list[str]:
    """Where the time went that is nobody's airtime: a line, or none."""
    found: dict[str, int] = {}
    for why, ms in summary.not_counted_ms.items():
        what = NOT_COUNTED.get(why, "questions")
        found[what] = found.get(what, 0) + ms
    if sum(found.values()) < LEAST_NOT_COUNTED_MS:
        return []
    each = [f"{texts(f'report.uncounted.{what}')} {length(ms)}" for what, ms in found.items()]
    return [texts("report.not_counted", time=length(sum(found.values())), each=texts.listed(each))]


def _cut_in(pair: PairSummary, texts: Texts) -> str:
    rate, how_often = told_rate(pair), texts.counted("times", pair.cut_ins)
    if rate is None:
        return texts("report.cut_in", by=pair.by, over=pair.over, times=how_often)
    return texts.counted("report.cut_in_rate", round(rate), by=pair.by, over=pair.over, times=how_often)


def told_rate(pair: PairSummary) -> float | None:
    """Cut-ins an hour, where there is more than a chance event to it."""
    return pair.cut_ins_per_hour if pair.cut_ins >= LEAST_CUT_INS else None


def shares(summary: Summary, texts: Texts) -> TextTable:
    """Everyone's numbers. What people aim at is in it where that is not the same for all."""
    headings = tuple(texts(f"report.columns.{heading}") for heading in HEADINGS)
    rows = [headings, *(_row(person, texts, share=summary.has_shares) for person in summary.people)]
    if not summary.same_aims:
        leads = texts("report.leads")
        aims = [texts("report.columns.aim"), *(texts.percent(p.aim) if p.aim else leads for p in summary.people)]
        rows = [(*row[:3], aim, *row[3:]) for row, aim in zip(rows, aims, strict=True)]
    return TextTable(rows, texts("report.columns.caption"))


def _row(person: PersonSummary, texts: Texts, *, share: bool) -> tuple[str, ...]:
    return (
        person.name,
        length(person.airtime_ms),
        with_range(texts, person.share, person.share_low, person.share_high) if share else "–",
        str(person.turns),
        length(person.longest_turn_ms),
        str(person.cut_ins_made),
        str(person.cut_ins_received),
    )


def with_range(texts: Texts, share: float, low: float, high: float) -> str:
    """39 % (34 to 43)"""
    return texts("report.with_range", share=texts.percent(share), low=round(100 * low), high=round(100 * high))
