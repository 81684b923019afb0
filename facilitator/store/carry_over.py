"""What is left from earlier sessions of the same people: what a new one begins with."""

from __future__ import annotations

import datetime
from dataclasses import asdict, dataclass
from typing import Any

from facilitator.core.formats.stages import Compare, Format, Milestones
from facilitator.core.trends.milestones import QUARTER_DAYS, last_review, milestones
from facilitator.store.items import marks
from facilitator.store.measures import Measures
from facilitator.store.notebook.recurring import due_times
from facilitator.store.reader import Reader, reads_rows

MOST_DUE = 3
"""More than this is no way to begin an evening; the rest waits for the next one."""
MOST_RULES = 5
"""More than this nobody listens to."""
FORGOTTEN = datetime.timedelta(days=7)
"""Whoever comes back so long after a break begins anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryOver:
    """In the terms of `core.setup.Setup`. `last_first`: who started the last session of this format."""

    return_in_ms: int | None = None
    due: tuple[dict[str, Any], ...] = ()
    steps: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    cooling_rules: tuple[dict[str, Any], ...] = ()
    last_first: str = ""


_SAME = """
  SELECT s.id AS session, s.format, s.reason, s.ended_at FROM sessions s
  WHERE s.group_id IS ? AND (SELECT count(*) FROM seats t WHERE t.session = s.id) = ?
    AND NOT EXISTS (
      SELECT 1 FROM seats t JOIN people p ON p.id = t.person WHERE t.session = s.id AND p.name NOT IN ({})
    )
  ORDER BY s.started_at DESC, s.id DESC
"""


@reads_rows
def sessions_of(store: Reader, people: tuple[str, ...]) -> list[dict[str, Any]]:
    """Those of exactly these people of the reader's group, the latest first: `session`, `format`, `reason`,
    `ended_at`."""
    return store.query(_SAME.format(marks(people)), [store.group_id, len(people), *people])


@reads_rows
def left_over(store: Reader, people: tuple[str, ...], form: str, now: datetime.datetime) -> CarryOver:
    """Of the sessions in which exactly these people took part. `form` is the format's name, `now` is in the time zone
    of the table: its day is theirs."""
    sessions = sessions_of(store, people)
    if not sessions:
        return CarryOver()
    numbers = [row["session"] for row in sessions]
    return CarryOver(
        return_in_ms=_return_in_ms(store, sessions, now),
        due=_due(store, numbers, now),
        steps=_steps(store, numbers),
        rules=_rules(store, numbers),
        cooling_rules=_cooling_rules(store, numbers),
        last_first=next((_first(store, row["session"]) for row in sessions if row["format"] == form), ""),
    )


def _return_in_ms(store: Reader, sessions: list[dict[str, Any]], now: datetime.datetime) -> int | None:
    """Of the break with which the latest session ended; one that was interrupted does not change it."""
    latest = next((row for row in sessions if row["ended_at"] is not None), None)
    if latest is None or latest["reason"] != "break":
        return None
    rows = store.query(
        "SELECT return_at FROM returns WHERE session = ? AND kind = 'break' ORDER BY at_ms DESC, id DESC LIMIT 1",
        [latest["session"]],
    )
    if not rows:
        return None
    left = datetime.datetime.fromisoformat(rows[0]["return_at"]) - now
    return None if -left > FORGOTTEN else round(left.total_seconds() * 1000)


def _due(store: Reader, sessions: list[int], now: datetime.datetime) -> tuple[dict[str, Any], ...]:
    """Decisions that have cooled off, if nobody has said yet whether they stand; then agreements whose day has come
    and that nobody has said are kept. A decision that still cools, or has fallen, is not due."""
    marks = ", ".join("?" * len(sessions))
    rows = store.query(
        "SELECT agreement, text, owner, holds_from IS NOT NULL AND stands IS NULL AS cooled FROM v_agreements"
        f" WHERE session IN ({marks}) AND kind IN ('agreement', 'decision') AND coalesce(kept, 0) = 0"
        " AND agreement NOT IN (SELECT agreement FROM recurrences)"
        " AND CASE WHEN holds_from IS NOT NULL AND stands IS NULL THEN holds_from <= ?"
        " ELSE due <= ? AND coalesce(stands, 1) = 1 END"
        " ORDER BY cooled DESC, due, agreement LIMIT ?",
        [*sessions, now.astimezone(datetime.UTC).isoformat(timespec="seconds"), now.date().isoformat(), MOST_DUE],
    )
    once = tuple(row if row["cooled"] else {key: row[key] for key in ("agreement", "text", "owner")} for row in rows)
    again = store.query(
        f"SELECT id, text FROM agreements WHERE session IN ({marks}) AND id IN (SELECT agreement FROM recurrences)",
        sessions,
    )
    times = due_times(store, {row["id"]: row["text"] for row in again}, now.date())
    return (*once, *times)[:MOST_DUE]


def _steps(store: Reader, sessions: list[int]) -> tuple[str, ...]:
    """What was agreed last for hard moments."""
    marks = ", ".join("?" * len(sessions))
    rows = store.query(
        "SELECT text FROM agreements WHERE kind = 'step' AND session = (SELECT s.id FROM agreements a JOIN sessions s"
        f" ON s.id = a.session WHERE a.kind = 'step' AND s.id IN ({marks}) ORDER BY s.started_at DESC, s.id DESC"
        " LIMIT 1) ORDER BY number",
        sessions,
    )
    return tuple(row["text"] for row in rows)


def _rules(store: Reader, sessions: list[int]) -> tuple[str, ...]:
    """The group's own, the latest last; each is for good until it is taken away."""
    rows = store.query(
        "SELECT text FROM agreements a JOIN sessions s ON s.id = a.session"
        f" WHERE a.kind = 'rule' AND s.id IN ({marks(sessions)}) ORDER BY s.started_at, s.id, number",
        sessions,
    )
    return tuple(dict.fromkeys(row["text"] for row in rows))[-MOST_RULES:]


def _cooling_rules(store: Reader, sessions: list[int]) -> tuple[dict[str, Any], ...]:
    rows = store.query(
        "SELECT text, days FROM cooling_rules JOIN agreements a ON a.id = agreement"
        f" WHERE kind = 'rule' AND session IN ({', '.join('?' * len(sessions))}) ORDER BY session, number",
        sessions,
    )
    return tuple(rows)[-MOST_RULES:]


def _first(store: Reader, session: int) -> str:
    """Who had the floor first."""
    rows = store.query(
        "SELECT p.name FROM floor f JOIN people p ON p.id = f.person WHERE f.session = ? ORDER BY f.start_ms LIMIT 1",
        [session],
    )
    return str(rows[0]["name"]) if rows else ""


def starts_next(people: tuple[str, ...], last_first: str) -> str:
    """Who starts this time: the one after who started last time."""
    if last_first not in people:
        return ""
    return people[(people.index(last_first) + 1) % len(people)]


RatingRows = tuple[dict[str, Any], ...]


@reads_rows
def looking_back(
    store: Reader, people: tuple[str, ...], form: Format, now: datetime.datetime
) -> tuple[RatingRows, RatingRows]:
    """`said_before` and `milestones` of `core.setup.Setup`, for the sessions of exactly these people; nothing where
    the format does not tell them."""
    if not any(isinstance(stage, Compare | Milestones) for stage in form.stages):
        return (), ()
    numbers = [row["session"] for row in sessions_of(store, people)]
    held = sorted(Measures.beside(store).held(only=numbers), key=lambda one: one.day)
    before = last_review(held)
    said = tuple(
        {"indicator": indicator, "person": part.name, "value": value}
        for part in (before.parts if before is not None else ())
        for indicator, value in part.fair.items()
    )
    return said, tuple(asdict(one) for one in milestones(held, now.timestamp() / 86_400))


@reads_rows
def review_due(store: Reader, people: tuple[str, ...], now: datetime.datetime) -> datetime.date | None:
    """The day on which these people last looked back, if that is more than three months ago."""
    numbers = [row["session"] for row in sessions_of(store, people)]
    rows = store.query(
        "SELECT max(started_at) AS last FROM sessions WHERE ended_at IS NOT NULL AND id IN"
        f" (SELECT session FROM self_ratings WHERE session IN ({marks(numbers)}))",
        numbers,
    )
    if not rows or rows[0]["last"] is None:
        return None
    last = datetime.datetime.fromisoformat(rows[0]["last"]).astimezone(now.tzinfo)
    return last.date() if (now - last).days > QUARTER_DAYS else None
