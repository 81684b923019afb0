"""What is left from earlier sessions of the same people: what a new one begins with."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from facilitator.store_reader import Reader

MOST_DUE = 3
"""More than this is no way to begin an evening; the rest waits for the next one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Business:
    """In the terms of `core.setup.Setup`. `last_first`: who started the last session of this format."""

    return_in_ms: int | None = None
    due: tuple[dict[str, Any], ...] = ()
    steps: tuple[str, ...] = ()
    last_first: str = ""


_SAME = """
  SELECT s.id AS session, s.format, s.reason, s.started_at FROM sessions s
  WHERE s.ended_at IS NOT NULL
    AND (SELECT count(*) FROM seats t WHERE t.session = s.id) = ?
    AND NOT EXISTS (
      SELECT 1 FROM seats t JOIN people p ON p.id = t.person WHERE t.session = s.id AND p.name NOT IN ({})
    )
  ORDER BY s.id DESC
"""


def left_over(store: Reader, people: tuple[str, ...], form: str, now: datetime.datetime) -> Business:
    """Of the sessions in which exactly these people took part. `form` is the format's name, `now` has a time zone."""
    marks = ", ".join("?" * len(people))
    sessions = store.query(_SAME.format(marks), [len(people), *people])
    if not sessions:
        return Business()
    numbers = [row["session"] for row in sessions]
    return Business(
        return_in_ms=_return_in_ms(store, sessions[0], now),
        due=_due(store, numbers, now),
        steps=_steps(store, numbers),
        last_first=next((_first(store, row["session"]) for row in sessions if row["format"] == form), ""),
    )


def _return_in_ms(store: Reader, latest: dict[str, Any], now: datetime.datetime) -> int | None:
    """Of the break with which the latest session ended."""
    if latest["reason"] != "break":
        return None
    rows = store.query(
        "SELECT return_at FROM returns WHERE session = ? AND kind = 'break' ORDER BY at_ms DESC LIMIT 1",
        [latest["session"]],
    )
    if not rows:
        return None
    return round((datetime.datetime.fromisoformat(rows[0]["return_at"]) - now).total_seconds() * 1000)


def _due(store: Reader, sessions: list[int], now: datetime.datetime) -> tuple[dict[str, Any], ...]:
    """Agreements whose day has come and that nobody has said are kept. A decision that still cools is not due."""
    marks = ", ".join("?" * len(sessions))
    rows = store.query(
        "SELECT a.id AS agreement, a.text, coalesce(p.name, '') AS owner FROM agreements a"
        " LEFT JOIN people p ON p.id = a.owner"
        f" WHERE a.session IN ({marks}) AND a.kind IN ('agreement', 'decision') AND coalesce(a.kept, 0) = 0"
        " AND a.due <= ? AND (a.holds_from IS NULL OR a.holds_from <= ?)"
        " ORDER BY a.due, a.id LIMIT ?",
        [*sessions, now.astimezone().date().isoformat(), now.astimezone(datetime.UTC).isoformat(), MOST_DUE],
    )
    return tuple(rows)


def _steps(store: Reader, sessions: list[int]) -> tuple[str, ...]:
    """What was agreed last for hard moments."""
    marks = ", ".join("?" * len(sessions))
    rows = store.query(
        f"SELECT text FROM agreements WHERE kind = 'step' AND session = (SELECT max(session) FROM agreements"
        f" WHERE kind = 'step' AND session IN ({marks})) ORDER BY number",
        sessions,
    )
    return tuple(row["text"] for row in rows)


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
