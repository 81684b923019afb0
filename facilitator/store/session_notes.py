"""What the database holds of sessions beside their numbers, in the terms of `facilitator.report`."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

from facilitator.core.agreements import Agreement
from facilitator.core.events import AgreementChecked
from facilitator.core.session_notes import Checked, NotedPrompt, SessionNotes
from facilitator.core.setup import Setup
from facilitator.core.text import all_cleaned
from facilitator.store.items import local
from facilitator.store.notebook.recurring import Recurrence, every_of, series_of
from facilitator.store.reader import Reader, reads_rows


@reads_rows
def agreements_of(reader: Reader, session: int | None = None) -> tuple[Agreement, ...]:
    """Of one session, or of all; in the order in which they were made."""
    rows = reader.agreements(session)
    again, today = series_of(reader, [row["agreement"] for row in rows]), datetime.date.today()
    setups = {number: reader.setup_now(number) for number in {row["session"] for row in rows}}
    ideas, deciders, cooling = said_of(reader, "ideas"), said_of(reader, "deciders"), _cooling_days(reader)
    there = _there(reader)
    return tuple(
        coming_again(
            replace(
                agreement_of(row, there.get(row["agreement"], setup.people), setup.utc_offset_minutes),
                idea=ideas.get(row["agreement"]),
                decided=deciders.get(row["agreement"]),
                cooling_days=cooling.get(row["agreement"], 0),
            ),
            again.get(row["agreement"]),
            today,
        )
        for row in rows
        if (setup := setups[row["session"]])
    )


@reads_rows
def said_of(reader: Reader, table: Literal["ideas", "deciders"]) -> dict[int, str]:
    """By the number of the agreement: whose idea it was, or who decided, where somebody said; empty: everyone."""
    rows = reader.query(
        f"SELECT agreement, coalesce(name, '') AS name FROM {table} LEFT JOIN people ON people.id = person"
    )
    return {row["agreement"]: row["name"] for row in rows}


def _there(reader: Reader) -> dict[int, tuple[str, ...]]:
    """By the number of the agreement: who was at the table when it was made, in the order of the circle, of those
    sessions to which somebody came later, or which somebody left."""
    rows = reader.query(
        "SELECT a.id AS agreement, p.name FROM agreements a JOIN seats t ON t.session = a.session"
        " JOIN people p ON p.id = t.person WHERE a.session IN (SELECT session FROM presence) AND (NOT EXISTS ("
        "   SELECT 1 FROM presence r WHERE r.session = a.session AND r.person = t.person"
        " ) OR EXISTS ("
        "   SELECT 1 FROM presence r WHERE r.session = a.session AND r.person = t.person"
        "   AND a.at_ms >= r.joined_ms AND a.at_ms <= coalesce(r.left_ms, a.at_ms)"
        " )) ORDER BY a.id, t.position"
    )
    there: dict[int, tuple[str, ...]] = {}
    for row in rows:
        there[row["agreement"]] = (*there.get(row["agreement"], ()), row["name"])
    return there


def _cooling_days(reader: Reader) -> dict[int, int]:
    return {row["agreement"]: row["days"] for row in reader.query("SELECT agreement, days FROM cooling_rules")}


def coming_again(one: Agreement, series: Recurrence | None, today: datetime.date) -> Agreement:
    """With how often it comes, and the next time from today on."""
    if series is None:
        return one
    following = series.next_after(today - datetime.timedelta(days=1))
    return replace(
        one,
        every=every_of(series.rule),
        turns=series.turns,
        next_on=following,
        next_owner="" if following is None else series.person(following),
        otherwise=tuple(
            (day, "" if time.skipped else time.person)
            for day, time in sorted(series.times.items())
            if day >= today and (time.skipped or time.person)
        ),
    )


def agreement_of(row: Mapping[str, Any], people: tuple[str, ...], utc_offset_minutes: int) -> Agreement:
    """From a row of `v_agreements`."""
    return Agreement(
        agreement=row["agreement"],
        kind=row["kind"],
        text=row["text"],
        agreed_on=datetime.date.fromisoformat(row["agreed_on"]),
        people=people,
        owner=row["owner"] or "",
        due=datetime.date.fromisoformat(row["due"]) if row["due"] else None,
        holds_from=local(row["holds_from"], utc_offset_minutes) if row["holds_from"] else None,
        stands=None if row["stands"] is None else bool(row["stands"]),
        kept=None if row["kept"] is None else bool(row["kept"]),
    )


@reads_rows
def notes_of(reader: Reader, session: int) -> SessionNotes:
    """Who gave a number twice, after an interruption, meant the second."""
    setup = reader.setup(session)
    (began,) = reader.query("SELECT started_at, thinned_on FROM sessions WHERE id = ?", [session])
    ratings: dict[str, dict[str, int]] = {"arriving": {}, "leaving": {}, "share": {}}
    for row in reader.query(
        "SELECT what, p.name, value FROM ratings JOIN people p ON p.id = person WHERE session = ? ORDER BY at_ms",
        [session],
    ):
        ratings[row["what"]][row["name"]] = row["value"]
    fair: dict[str, dict[str, int]] = {}
    for row in reader.query(
        "SELECT indicator, name, value FROM self_ratings JOIN people ON people.id = person WHERE session = ?"
        " ORDER BY at_ms",
        [session],
    ):
        fair.setdefault(row["indicator"], {})[row["name"]] = row["value"]
    returns = reader.query("SELECT * FROM returns WHERE session = ? ORDER BY at_ms", [session])
    days = [row["return_on"] for row in returns if row["kind"] == "next"]
    return SessionNotes(
        day=local(began["started_at"], setup.utc_offset_minutes).date(),
        agreements=agreements_of(reader, session),
        checked=tuple(_checked(reader, session, setup)),
        arriving=ratings["arriving"],
        leaving=ratings["leaving"],
        guesses=ratings["share"],
        fair=fair,
        breaks=tuple(local(row["return_at"], setup.utc_offset_minutes) for row in returns if row["kind"] == "break"),
        next_on=datetime.date.fromisoformat(days[-1]) if days else None,
        prompts=tuple(_prompts(reader, session)),
        doubts=tuple(_doubts(reader, session)),
        corrections=len(reader.standing(session)),
        thinned_on=datetime.date.fromisoformat(began["thinned_on"]) if began["thinned_on"] else None,
    )


def _doubts(reader: Reader, session: int) -> Iterator[str]:
    """What the listener told against its own names."""
    for row in reader.query("SELECT body FROM events WHERE session = ? AND kind = 'trouble' ORDER BY seq", [session]):
        said = all_cleaned(json.loads(row["body"]))
        if said.get("own_kind") == "hearing" and isinstance(message := said.get("message"), str):
            yield message


def _prompts(reader: Reader, session: int) -> Iterator[NotedPrompt]:
    for row in reader.query(
        "SELECT o.*, p.name FROM prompts o LEFT JOIN people p ON p.id = o.person WHERE session = ? ORDER BY o.id",
        [session],
    ):
        yield NotedPrompt(
            kind=row["kind"],
            person=row["name"],
            text=row["text"] or "",
            asked_ms=row["asked_ms"],
            start_ms=row["start_ms"],
            how=row["how"] or "failed",
        )


def _checked(reader: Reader, session: int, setup: Setup) -> list[Checked]:
    """As it was said then; it may have been said otherwise since."""
    due = {one["agreement"]: one for one in setup.due}
    if not due:
        return []
    return [
        Checked(text=str(one["text"]), kept=record.kept, cooled=bool(one.get("cooled")))
        for record in reader.records(session, ["event"])
        if isinstance(record, AgreementChecked) and (one := due.get(record.agreement)) is not None
    ]


@reads_rows
def agreement_numbers(reader: Reader) -> dict[int, dict[str, Any]]:
    """Of each agreement by its `id`: its `number` in its session and the session's `uid`."""
    rows = reader.query(
        "SELECT a.id, a.number, s.uid FROM agreements a JOIN sessions s ON s.id = a.session ORDER BY a.id"
    )
    return {row["id"]: row for row in rows}


@reads_rows
def returns_of(reader: Reader) -> list[dict[str, Any]]:
    """Every return that was agreed on (where a group was said, by it), in order: the session's `uid`, `kind`,
    `return_at` or `return_on`, and the `people`, one a line."""
    where, values = ("", []) if reader.group is None else (" WHERE s.group_id IS ?", [reader.group_id])
    return reader.query(
        "SELECT s.uid, r.kind, r.return_at, r.return_on, (SELECT group_concat(name, char(10)) FROM ("
        "   SELECT p.name FROM seats t JOIN people p ON p.id = t.person WHERE t.session = s.id ORDER BY t.position"
        f" )) AS people FROM returns r JOIN sessions s ON s.id = r.session{where} ORDER BY r.session, r.at_ms, r.id",
        values,
    )
