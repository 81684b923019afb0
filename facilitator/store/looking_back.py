"""What a look back begins with: what people said last time, what they have reached since, and whether one is due."""

from __future__ import annotations

import datetime
from dataclasses import asdict
from typing import Any

from facilitator.core.formats.fair_stages import Compare, Milestones
from facilitator.core.formats.parse import Format
from facilitator.core.trends.milestones import QUARTER_DAYS, last_review, milestones
from facilitator.store import carry_over
from facilitator.store.items import marks
from facilitator.store.measures import Measures
from facilitator.store.reader import Reader

RatingRows = tuple[dict[str, Any], ...]


def looking_back(
    store: Reader, people: tuple[str, ...], form: Format, now: datetime.datetime
) -> tuple[RatingRows, RatingRows]:
    """`said_before` and `milestones` of `core.setup.Setup`, for the sessions of exactly these people; nothing where
    the format does not tell them."""
    if not any(isinstance(stage, Compare | Milestones) for stage in form.stages):
        return (), ()
    numbers = [row["session"] for row in carry_over.sessions_of(store, people)]
    held = sorted(Measures.beside(store).held(only=numbers), key=lambda one: one.day)
    before = last_review(held)
    said = tuple(
        {"indicator": indicator, "person": part.name, "value": value}
        for part in (before.parts if before is not None else ())
        for indicator, value in part.fair.items()
    )
    return said, tuple(asdict(one) for one in milestones(held, now.timestamp() / 86_400))


def review_due(store: Reader, people: tuple[str, ...], now: datetime.datetime) -> datetime.date | None:
    """The day on which these people last looked back, if that is more than three months ago."""
    numbers = [row["session"] for row in carry_over.sessions_of(store, people)]
    rows = store.query(
        "SELECT max(started_at) AS last FROM sessions WHERE ended_at IS NOT NULL AND id IN"
        f" (SELECT session FROM self_ratings WHERE session IN ({marks(numbers)}))",
        numbers,
    )
    if not rows or rows[0]["last"] is None:
        return None
    last = datetime.datetime.fromisoformat(rows[0]["last"]).astimezone(now.tzinfo)
    return last.date() if (now - last).days > QUARTER_DAYS else None
