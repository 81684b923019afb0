"""A discussion as the page that every command prints."""

from __future__ import annotations

from typing import Any

from facilitator.core.dialogue.narration import worded
from facilitator.core.language.wording import Language
from facilitator.core.review.review import SessionReview
from facilitator.core.review.summary import Summary
from facilitator.core.session_notes import SessionNotes
from facilitator.report.output.blocks import Section, TextBlock
from facilitator.report.output.summary_json import to_json
from facilitator.report.review.html import Worded
from facilitator.report.review.sections import figures, prompts_told, sections
from facilitator.report.review.words import story
from facilitator.report.session_notes import told as told_beside
from facilitator.report.text import RULES, details, how, page, told


def reading(
    review: SessionReview, language: Language, notes: SessionNotes | None = None, *, everything: bool = False
) -> list[TextBlock | Section]:
    """What there is to read of it. `beside` None: nothing is known beside what was heard. `everything`: also all the
    figures that one need not see at once, and their rules."""
    said = remarks(review, language)
    lines = [*details(review.summary, pairs=not everything), *figures(review)]
    if notes is not None and not everything:
        lines += prompts_told(review, notes.prompts)
    return page(
        review.summary,
        story=story(review, notes),
        observation=said.observation,
        question=said.question,
        figures=lines,
        also=[] if notes is None else told_beside(notes, review.summary),
        more=[*(sections(review, notes) if notes is not None else ()), how()] if everything else (),
    )


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
    return {
        **to_json(summary),
        "told": told(summary),
        "details": details(summary),
        "observation": worded("observations", summary.observation, language),
        "question": worded("questions", summary.question, language),
        "rules": list(RULES),
    }
