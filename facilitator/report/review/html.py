"""A review as a page: the story first, then the shares, who spoke when, and the figures, each with its rule.

`page` is a whole file that needs nothing else. `body` is what is in it, for the page in the browser, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape

from facilitator.core.review.review import SessionReview
from facilitator.core.review.summary import PersonSummary
from facilitator.core.session_notes import NotedPrompt, SessionNotes
from facilitator.core.text import length
from facilitator.report.output.blocks import Lines, Section, TextTable
from facilitator.report.output.html_page import blocks, document, folded, of, script, static, table, words
from facilitator.report.review.figures import movement, share_bar
from facilitator.report.review.sections import all_turns, figures, sections
from facilitator.report.review.words import story
from facilitator.report.session_notes import told as beside_told
from facilitator.report.text import RULES, details, percent, shares, told
from facilitator.report.timeline import Said, figure

PAIRED = (
    "Who cut in on whom",
    "Who opened, and who closed",
    "Who was answered within two seconds",
    "The longest silences",
)
"""Small enough to stand beside each other; the first of them while there are few people."""
FEW = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Worded:
    """What is worded in the language of the session."""

    language: str
    """Its code."""
    observation: str
    question: str


def page(review: SessionReview, notes: SessionNotes, worded: Worded, *, title: str, made_on: str) -> str:
    """The whole file. `made_on`: the day it was made, as it is to be shown."""
    made = f'<footer class="soft small">Made on {escape(made_on)} by facilitator, on this computer.</footer>'
    return document(
        title,
        body(review, notes, worded, title=title) + made,
        styles=[static("review/timeline.css")],
        scripts=[script("review/timeline.js")],
    )


def body(review: SessionReview, notes: SessionNotes, worded: Worded, *, title: str) -> str:
    """One <article class="review">."""
    summary = review.summary
    lead = " ".join([told(summary), *story(review, notes)])
    also = beside_told(notes, summary)
    found = {section.title: section for section in sections(review, notes)}
    few = len(summary.people) <= FEW
    parts = [
        f"<header><h1>{escape(title)}</h1></header>",
        f'<p class="lead">{words(lead)}</p>',
        _said("observation", worded.observation, worded.language),
        _said("question", worded.question, worded.language),
        _pair(
            _people(review, notes),
            f"<section><h2>What was agreed, and how it felt</h2>{of(Lines(also))}</section>" if also else "",
        ),
        _timeline(review, notes, worded.language, found.get("Who spoke when")),
        _moved(review, found.get("How the balance moved")),
        "" if few else _section(found.get("Who cut in on whom")),
        _pair(*(_section(found.get(name)) for name in (PAIRED if few else PAIRED[1:]))),
        _section(found.get("What the facilitator said"), _prompts(notes.prompts)),
        f"<section><h2>More figures</h2>{of(Lines([*details(summary, pairs=False), *figures(review)]))}</section>",
        f"<section><h2>How this is counted</h2>{of(Lines(RULES))}</section>",
    ]
    return f'<article class="review">{"".join(parts)}</article>'


def _said(kind: str, text: str, language: str) -> str:
    return f'<p class="{kind}" lang="{escape(language, quote=True)}">{words(text)}</p>' if text else ""


def _pair(*sections: str) -> str:
    return f'<div class="pair">{"".join(sections)}</div>' if any(sections) else ""


def _section(section: Section | None, more: str = "") -> str:
    if section is None:
        return ""
    rule = f'<p class="rule">{escape(section.rule)}</p>' if section.rule else ""
    return f"<section><h2>{escape(section.title)}</h2>{blocks(section.blocks)}{more}{rule}</section>"


def _people(review: SessionReview, notes: SessionNotes) -> str:
    summary = review.summary
    if not summary.people or not summary.airtime_ms:
        return ""
    guesses = notes.guesses
    key = "The bracket below a bar is the likely range: differences inside it mean nothing."
    if summary.balanced:
        key += (
            " The dashed line is what was aimed at." if not summary.same_aims else " The dashed line is an equal share."
        )
    if guesses:
        key += " The triangle is what they guessed themselves."
    rows = "".join(_person(person, guesses) for person in summary.people)
    return (
        f'<section><h2>Who had how much of the talk</h2><ul class="people">{rows}</ul><p class="rule">{key}</p>'
        f"{folded('All numbers of each person', table(shares(summary)), 'printed')}</section>"
    )


def _person(person: PersonSummary, guesses: Mapping[str, int]) -> str:
    guess = guesses.get(person.name)
    parts = [
        f"{length(person.airtime_ms)} of talk",
        f"likely {100 * person.share_low:.0f} to {percent(person.share_high)}",
        *([f"guessed {guess} %"] if guess is not None else []),
    ]
    return (
        f'<li><p class="line"><bdi class="name">{escape(person.name)}</bdi>'
        f'<span class="figure">{words(percent(person.share))}</span></p>{share_bar(person, guess)}'
        f'<p class="soft small">{words(" · ".join(parts))}</p></li>'
    )


def _timeline(review: SessionReview, notes: SessionNotes, language: str, section: Section | None) -> str:
    """The list of turns is what the picture says in words."""
    if section is None:
        return ""
    listed = folded("As a list", blocks(section.blocks))
    every = all_turns(review)
    if len(every.rows) != max((len(b.rows) for b in section.blocks if isinstance(b, TextTable)), default=0):
        listed += folded("Every turn", table(every))
    prompts = [Said(one.start_ms, one.text) for one in notes.prompts if one.text and one.start_ms is not None]
    drawn = figure(review.account, prompts=sorted(prompts), language=language)
    rule = f'<p class="rule">{escape(section.rule)}</p>'
    return f'<section><h2 class="unseen">{escape(section.title)}</h2>{drawn}{listed}{rule}</section>'


def _moved(review: SessionReview, section: Section | None) -> str:
    if section is None:
        return ""
    pictures = movement(review)
    return _section(section, pictures + (folded("Every window", table(_windows(review))) if pictures else ""))


def _windows(review: SessionReview) -> TextTable:
    people = [person.name for person in review.summary.people]
    rows: list[tuple[str, ...]] = [("From", "To", *people, "Evenness")]
    for window in review.windows:
        cells = [percent(window.shares[person]) for person in people]
        even = "–" if window.balance is None else f"{window.balance:.2f}"
        rows.append((length(window.start_ms), length(window.end_ms), *cells, even))
    return TextTable(rows, "Shares in every window of 2.5 minutes")


def _prompts(prompts: Iterable[NotedPrompt]) -> str:
    rows = [(length(one.start_ms or one.asked_ms), one.text, one.how) for one in prompts if one.text]
    if not rows:
        return ""
    return folded(
        "All of it", table(TextTable([("At", "What", "How"), *rows], "All that the facilitator said", wordy=True))
    )
