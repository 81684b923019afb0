"""A summary as the page that every command prints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from facilitator.core.summary import Summary
from facilitator.core.telling import worded
from facilitator.core.wording import Language
from facilitator.report.json import to_json
from facilitator.report.text import RULES, details, markdown, plain, told


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
