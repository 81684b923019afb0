"""A summary as the page that every command prints."""

from __future__ import annotations

from collections.abc import Sequence

from facilitator.core.summary import Summary
from facilitator.core.telling import worded
from facilitator.core.wording import Language
from facilitator.report.text import markdown, plain


def page(summary: Summary, language: Language, also: Sequence[str] = ()) -> str:
    return plain(
        summary,
        observation=worded("observations", summary.observation, language),
        question=worded("questions", summary.question, language),
        also=also,
    )


def markdown_page(summary: Summary, language: Language, title: str, also: Sequence[str] = ()) -> str:
    return markdown(
        summary,
        title=title,
        observation=worded("observations", summary.observation, language),
        question=worded("questions", summary.question, language),
        also=also,
    )
