"""A review as a page: at a glance what mattered most, the shares, three figures and what was agreed; one click away the
story, who spoke when, and every figure with its rule.

`page` is a whole file that needs nothing else. `body` is what is in it, for the page in the browser, too.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape

from facilitator.core.language.texts import Texts
from facilitator.core.review.review import SessionReview
from facilitator.core.review.summary import PersonSummary
from facilitator.core.session_notes import NotedPrompt, SessionNotes
from facilitator.core.text import length
from facilitator.report.output.blocks import Lines, Section, SectionKey, TextTable
from facilitator.report.output.html_page import blocks, document, folded, of, script, static, table, words
from facilitator.report.review.figures import movement, share_bar
from facilitator.report.review.glance import mattered, provisos, three
from facilitator.report.review.sections import all_turns, figures, sections
from facilitator.report.review.table_map import table_map
from facilitator.report.review.words import story
from facilitator.report.session_notes import changed_since, doubted, felt_told, settled_told
from facilitator.report.text import details, rules, shares, told
from facilitator.report.timeline import Said, figure

PAIRED: tuple[SectionKey, ...] = ("cut_ins", "opened", "answered", "silences")
"""Small enough to stand beside each other; the first of them while there are few people."""
FEW = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Worded:
    """What is worded as it was said, in the language that the session was held in."""

    language: str
    """Its code."""
    observation: str
    question: str


def page(
    review: SessionReview, notes: SessionNotes, worded: Worded, texts: Texts, *, title: str, made_on: datetime.date
) -> str:
    """The whole file. `made_on`: the day it was made."""
    made = f'<footer class="soft small">{words(texts("report.made_on", day=texts.day(made_on)))}</footer>'
    return document(
        title,
        body(review, notes, worded, texts, title=title) + made,
        language=texts.code,
        styles=[static("review/timeline.css")],
        scripts=[script("review/timeline.js")],
    )


def summary_page(
    review: SessionReview, worded: Worded, texts: Texts, *, title: str, day: datetime.date, made_on: datetime.date
) -> str:
    """One sheet of paper: what mattered most, the shares, three figures, the map of the table. `day`: when it was."""
    notes = SessionNotes(day=day)
    found = {section.key: section for section in sections(review, notes, texts)}
    parts = [
        f"<header><h1>{escape(title)}</h1></header>",
        _first(review, notes, worded, texts),
        _people(review, notes, texts, numbers=False),
        _three(review, texts),
        _said("question", worded.question, worded.language),
        _map(review, found.get("map"), texts),
    ]
    made = f'<footer class="soft small">{words(texts("report.made_on", day=texts.day(made_on)))}</footer>'
    article = f'<article class="review" lang="{escape(texts.code, quote=True)}">{"".join(parts)}</article>'
    return document(title, article + made, language=texts.code)


def body(review: SessionReview, notes: SessionNotes, worded: Worded, texts: Texts, *, title: str) -> str:
    """One <article class="review">."""
    summary = review.summary
    lead = " ".join([told(summary, texts), *story(review, texts, notes)])
    agreed = settled_told(notes, texts)
    found = {section.key: section for section in sections(review, notes, texts)}
    few = len(summary.people) <= FEW
    felt = felt_told(notes, summary, texts)
    more = [*details(summary, texts, pairs=False), *figures(review, texts)]
    rest = [
        f'<p class="lead">{words(lead)}</p>' if summary.airtime_ms else "",
        _titled(texts("report.felt"), of(Lines(felt))) if felt else "",
        _timeline(review, notes, worded.language, found.get("turns"), texts),
        _map(review, found.get("map"), texts),
        _moved(review, found.get("moved"), texts),
        "" if few else _section(found.get("cut_ins")),
        _pair(*(_section(found.get(name)) for name in (PAIRED if few else PAIRED[1:]))),
        _section(found.get("said"), _prompts(notes.prompts, texts)),
        _titled(texts("report.more_figures"), of(Lines(more))),
        _titled(texts("report.how"), of(Lines(rules(texts)))),
    ]
    parts = [
        f"<header><h1>{escape(title)}</h1></header>",
        _first(review, notes, worded, texts),
        _people(review, notes, texts),
        _three(review, texts),
        _titled(texts("report.glance.agreed"), of(Lines(agreed))) if agreed else "",
        _said("question", worded.question, worded.language),
        folded(texts("report.glance.rest"), "".join(rest), "rest printed"),
    ]
    return f'<article class="review" lang="{escape(texts.code, quote=True)}">{"".join(parts)}</article>'


def _first(review: SessionReview, notes: SessionNotes, worded: Worded, texts: Texts) -> str:
    first = mattered(review.summary, worded.observation, texts)
    lines = [*provisos(review, texts), *doubted(notes, texts), *changed_since(notes, texts)]
    more = "".join(f'<p class="proviso">{words(line)}</p>' for line in lines)
    return f'<p class="first" lang="{escape(worded.language, quote=True)}">{words(first)}</p>{more}'


def _three(review: SessionReview, texts: Texts) -> str:
    """Three figures, large, each below what it is of."""
    found = three(review.summary, texts)
    each = "".join(f"<div><dt>{words(one.what)}</dt><dd>{words(one.figure)}</dd></div>" for one in found)
    return f'<dl class="glance">{each}</dl>' if found else ""


def _titled(title: str, inside: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{inside}</section>"


def _said(kind: str, text: str, language: str) -> str:
    return f'<p class="{kind}" lang="{escape(language, quote=True)}">{words(text)}</p>' if text else ""


def _pair(*sections: str) -> str:
    return f'<div class="pair">{"".join(sections)}</div>' if any(sections) else ""


def _section(section: Section | None, more: str = "") -> str:
    if section is None:
        return ""
    rule = f'<p class="rule">{escape(section.rule)}</p>' if section.rule else ""
    return f"<section><h2>{escape(section.title)}</h2>{blocks(section.blocks)}{more}{rule}</section>"


def _people(review: SessionReview, notes: SessionNotes, texts: Texts, *, numbers: bool = True) -> str:
    """`numbers`: with the table of everybody's."""
    summary = review.summary
    if not summary.has_shares:
        return ""
    guesses = notes.guesses
    key = [texts("pictures.bracket")]
    if summary.balanced:
        key.append(texts("pictures.dashed_equal" if summary.same_aims else "pictures.dashed_aim"))
    if guesses:
        key.append(texts("pictures.triangle"))
    rows = "".join(_person(person, guesses, texts) for person in summary.people)
    return _titled(
        texts("report.who_had"),
        f'<ul class="people">{rows}</ul><p class="rule">{words(" ".join(key))}</p>'
        f"{folded(texts('report.all_numbers'), table(shares(summary, texts)), 'printed') if numbers else ''}",
    )


def _person(person: PersonSummary, guesses: Mapping[str, int], texts: Texts) -> str:
    guess = guesses.get(person.name)
    low, high = round(100 * person.share_low), texts.percent(person.share_high)
    parts = [
        texts("person_line.talk", time=length(person.airtime_ms)),
        texts("person_line.likely", low=low, high=high),
        *([texts("person_line.guessed", guess=texts.percent(guess / 100))] if guess is not None else []),
    ]
    told = '<span class="dot"> · </span>'.join(f'<span class="whole">{words(part)}</span>' for part in parts)
    return (
        f'<li><p class="line"><bdi class="name">{escape(person.name)}</bdi>'
        f'<span class="figure">{words(texts.percent(person.share))}</span></p>{share_bar(person, guess)}'
        f'<p class="soft small parts">{told}</p></li>'
    )


def _timeline(review: SessionReview, notes: SessionNotes, language: str, section: Section | None, texts: Texts) -> str:
    """The list of turns is what the picture says in words."""
    if section is None:
        return ""
    listed = folded(texts("report.as_a_list"), blocks(section.blocks))
    every = all_turns(review, texts)
    if len(every.rows) != max((len(b.rows) for b in section.blocks if isinstance(b, TextTable)), default=0):
        listed += folded(texts("sections.turns.every"), table(every))
    prompts = [Said(one.start_ms, one.text) for one in notes.prompts if one.text and one.start_ms is not None]
    drawn = figure(review.account, texts, prompts=sorted(prompts), language=language)
    rule = f'<p class="rule">{escape(section.rule)}</p>'
    return f'<section><h2 class="unseen">{escape(section.title)}</h2>{drawn}{listed}{rule}</section>'


def _map(review: SessionReview, section: Section | None, texts: Texts) -> str:
    if section is None:
        return ""
    numbers = folded(texts("sections.map.numbers"), blocks(section.blocks))
    rule = f'<p class="rule">{words(section.rule)}</p>'
    return _titled(section.title, table_map(review, texts) + numbers + rule)


def _moved(review: SessionReview, section: Section | None, texts: Texts) -> str:
    if section is None:
        return ""
    pictures = movement(review, texts)
    every = folded(texts("sections.moved.every"), table(_windows(review, texts))) if pictures else ""
    return _section(section, pictures + every)


def _windows(review: SessionReview, texts: Texts) -> TextTable:
    people = [person.name for person in review.summary.people]
    heads = (texts("sections.opened.from"), texts("sections.opened.to"), *people, texts("pictures.evenness"))
    rows: list[tuple[str, ...]] = [heads]
    for window in review.windows:
        cells = [texts.percent(window.shares[person]) for person in people]
        even = "–" if window.balance is None else texts.decimal(window.balance)
        rows.append((length(window.start_ms), length(window.end_ms), *cells, even))
    return TextTable(rows, texts("sections.moved.windows_caption"))


def _prompts(prompts: Iterable[NotedPrompt], texts: Texts) -> str:
    rows = [
        (length(one.start_ms or one.asked_ms), one.text, texts(f"sections.said.how.{one.how}"))
        for one in prompts
        if one.text
    ]
    if not rows:
        return ""
    heads = tuple(texts(f"sections.said.{head}") for head in ("at", "what", "way"))
    return folded(
        texts("sections.said.every"), table(TextTable([heads, *rows], texts("sections.said.caption"), wordy=True))
    )
