"""A discussion as the page that every command prints."""

from __future__ import annotations

from typing import Any

from facilitator.core.dialogue.narration import worded
from facilitator.core.language.texts import Texts
from facilitator.core.language.wording import Language
from facilitator.core.review.review import SessionReview
from facilitator.core.review.summary import Summary
from facilitator.core.session_notes import SessionNotes
from facilitator.errors import StoreError
from facilitator.report.output.blocks import Section, TextBlock
from facilitator.report.output.summary_json import to_json
from facilitator.report.review.glance import at_a_glance, mattered, three
from facilitator.report.review.html import Worded
from facilitator.report.review.sections import figures, prompts_told, sections
from facilitator.report.review.words import story
from facilitator.report.session_notes import glance_told
from facilitator.report.session_notes import told as told_beside
from facilitator.report.text import details, how, page, rules, told
from facilitator.resources.texts import ENGLISH, texts_of
from facilitator.store.reader import Reader


def glance(review: SessionReview, language: Language, notes: SessionNotes | None = None) -> list[TextBlock]:
    """What is seen at a glance, in the language that it was held in. `notes` None: nothing is known beside what was
    heard."""
    said, texts = remarks(review, language), texts_of(language.code)
    agreed = [] if notes is None else glance_told(notes, texts)
    return at_a_glance(review, texts, observation=said.observation, question=said.question, agreed=agreed)


def reading(
    review: SessionReview, language: Language, notes: SessionNotes | None = None, *, everything: bool = False
) -> list[TextBlock | Section]:
    """What there is to read of it beside that. `everything`: also all the figures that one need not see at once, and
    their rules."""
    said, texts = remarks(review, language), texts_of(language.code)
    lines = [*details(review.summary, texts, pairs=not everything), *figures(review, texts)]
    if notes is not None and not everything:
        lines += prompts_told(review, notes.prompts, texts)
    return page(
        review.summary,
        texts,
        first=mattered(review.summary, said.observation, texts),
        story=story(review, texts, notes),
        question=said.question,
        figures=lines,
        also=[] if notes is None else told_beside(notes, review.summary, texts),
        more=[*(sections(review, notes, texts) if notes is not None else ()), how(texts)] if everything else (),
    )


def texts_of_session(reader: Reader, session: int | None = None) -> Texts:
    """In the language that it was held in; without `session`, the latest, and in English where there is none."""
    try:
        number = reader.latest() if session is None else session
        return texts_of(str(reader.setup(number).language.get("code", ENGLISH)))
    except StoreError:
        return texts_of(ENGLISH)


HOW = "How this is counted: facilitator review --how"
"""Under a summary that nothing more is known of."""


def remarks(review: SessionReview, language: Language) -> Worded:
    return Worded(
        language=language.code,
        observation=worded("observations", review.summary.observation, language),
        question=worded("questions", review.summary.question, language),
    )


def as_values(summary: Summary, language: Language) -> dict[str, Any]:
    """The same as JSON values, for the page in the browser."""
    texts = texts_of(language.code)
    return {
        **to_json(summary),
        "first": mattered(summary, worded("observations", summary.observation, language), texts),
        "glance": [{"what": one.what, "figure": one.figure} for one in three(summary, texts)],
        "told": told(summary, texts),
        "details": details(summary, texts),
        "question": worded("questions", summary.question, language),
        "rules": rules(texts),
    }
