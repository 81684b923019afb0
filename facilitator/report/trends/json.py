"""Trends as JSON values, for programs. Shares and other parts 0 to 1, rates an hour, days as ISO dates."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from facilitator.core.language.texts import Texts
from facilitator.core.trends.history import EPOCH, History, Series
from facilitator.core.trends.ideas import SAID, SaidOf, ideas
from facilitator.core.trends.trend import Point
from facilitator.report.trends.words import figures, title, why

_DIGITS = 4


def to_json(histories: Sequence[History], texts: Texts) -> list[dict[str, Any]]:
    """One object a group, those with most sessions first."""
    return [
        {
            "people": list(history.people),
            "group": history.group,
            "sessions": [held.session for held in history.sessions],
            "first": history.sessions[0].date.isoformat(),
            "last": history.sessions[-1].date.isoformat(),
            "formats": dict(history.formats),
            "questions": history.questions,
            "trends": [_series(series, texts) for series in history.series],
            **{what: _ideas(history, what) for what in SAID},
        }
        for history in histories
    ]


def _ideas(history: History, what: SaidOf) -> dict[str, Any] | None:
    """Whose ideas were agreed on, or who decided; without months where they are too few to tell."""
    found = ideas(history, what)
    if found is None:
        return None
    return {
        "agreements": found.agreements,
        "months": [
            {
                "month": month.month,
                "people": [{"name": one.name, what: one.ideas, "share": _part(one.share)} for one in month.each],
                "together": month.together,
            }
            for month in found.months
        ],
    }


def _series(series: Series, texts: Texts) -> dict[str, Any]:
    found = series.trend
    return {
        "what": series.what,
        "who": list(series.who),
        "about": series.about or None,
        "title": title(series, texts),
        "verdict": found.verdict,
        "why": why(series, texts),
        "told": "" if found.change is None else figures(series, texts),
        "level": _part(found.level),
        "before": _part(found.before),
        "change": _part(found.change),
        "change_low": _part(found.low),
        "change_high": _part(found.high),
        "spread": _part(found.spread),
        "points": [_point(point) for point in series.points],
    }


def _point(point: Point) -> dict[str, Any]:
    return {
        "day": _day(int(point.day)),
        "value": _part(point.value),
        "low": _part(point.low),
        "high": _part(point.high),
        "format": point.kind,
    }


@lru_cache(maxsize=10_000)
def _day(days: int) -> str:
    """Days since 1970 as a date. The same ones come in every series."""
    return (EPOCH + datetime.timedelta(days=days)).isoformat()


def _part(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)
