"""What is written for every record: its place in `events`, and what it means for the other tables.

Everything that has to be known is looked up in the database itself, inside the transaction that writes it.
So nothing has to be put right when a transaction fails, and a resumed session just goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from typing import Any

from sqlite_utils import Database

from facilitator.core import events as e
from facilitator.store_items import Closed, Item, Logged, Settled, to_json
from facilitator.store_speech import repaint


class Rows:
    """The rows of one session, inside one transaction."""

    def __init__(self, db: Database, session: int) -> None:
        self.db = db
        self.session = session
        self._people: dict[str, int] = {}

    def run(self, sql: str, *values: Any) -> int:
        """Run one statement; `:s` in it is the session, `?1`, `?2` ... the values. Returns how many rows it changed."""
        named = {"s": self.session} | {f"v{i}": value for i, value in enumerate(values, 1)}
        return self.db.execute(sql.replace("?", ":v"), named).rowcount

    def person(self, name: str) -> int:
        """Their number; one they get if they have none yet."""
        if name not in self._people:
            self.db.execute("INSERT INTO people (name) VALUES (?) ON CONFLICT DO NOTHING", [name])
            self._people[name] = self.db.execute("SELECT id FROM people WHERE name = ?", [name]).fetchone()[0]
        return self._people[name]

    def write(self, items: Sequence[Item]) -> None:
        logged = [item for item in items if isinstance(item, Logged)]
        if logged:
            last_ms = max(item.record.at_ms for item in logged)
            self.run("UPDATE sessions SET last_ms = max(last_ms, ?1) WHERE id = :s", last_ms)
            self.db.table("events").insert_all([self._event(item) for item in logged])
            spokes = [item.record for item in logged if isinstance(item.record, e.Spoke)]
            repaint(self.db, self.session, spokes, self.person)
        for item in items:
            if isinstance(item, Settled):
                self.settle(item)
            elif isinstance(item, Closed):
                self.close(item)
            else:
                tell(item.record, self)

    def _event(self, item: Logged) -> dict[str, Any]:
        row = e.to_row(item.record)
        place = {"session": self.session, "seq": item.seq}
        return place | {key: row.pop(key) for key in ("role", "kind", "at_ms")} | {"body": to_json(row)}

    def settle(self, item: Settled) -> None:
        self.run("DELETE FROM turns WHERE session = :s")
        self.run("DELETE FROM cut_ins WHERE session = :s AND kind <> 'intrusion'")
        for record in (*item.turns, *item.cut_ins):
            tell(record, self)

    def close(self, item: Closed) -> None:
        for table in ("turns", "floor", "stages"):
            self.run(
                f"UPDATE {table} SET end_ms = max(start_ms, (SELECT last_ms FROM sessions WHERE id = :s))"
                " WHERE session = :s AND end_ms IS NULL"
            )
        last_heard_of = "strftime('%Y-%m-%dT%H:%M:%S+00:00', started_at, (last_ms / 1000) || ' seconds')"
        self.run(
            "UPDATE sessions SET reason = ?1, host = NULL, pid = NULL, process = NULL,"
            f" ended_at = coalesce(?2, {last_heard_of}, started_at) WHERE id = :s",
            item.reason,
            item.ended_at,
        )


@singledispatch
def tell(record: e.Record, rows: Rows) -> None:
    """What this record means for the tables other than `events` and `speech`. Most mean nothing."""


@tell.register
def _(record: e.Consented, rows: Rows) -> None:
    rows.run(
        "UPDATE seats SET heard = ?2 WHERE session = :s AND person = ?1",
        rows.person(record.person),
        int(record.heard),
    )


@tell.register
def _(record: e.Enrolled, rows: Rows) -> None:
    rows.run("UPDATE seats SET enrolled = 1 WHERE session = :s AND person = ?1", rows.person(record.person))


@tell.register
def _(record: e.TurnStarted, rows: Rows) -> None:
    rows.run(
        "INSERT INTO turns (session, person, start_ms) VALUES (:s, ?1, ?2)",
        rows.person(record.person),
        record.start_ms,
    )


@tell.register
def _(record: e.TurnEnded, rows: Rows) -> None:
    values = (rows.person(record.person), record.start_ms, record.end_ms)
    ended = rows.run(
        "UPDATE turns SET start_ms = ?2, end_ms = ?3 WHERE id ="
        " (SELECT max(id) FROM turns WHERE session = :s AND person = ?1 AND end_ms IS NULL)",
        *values,
    )
    if not ended:
        rows.run("INSERT INTO turns (session, person, start_ms, end_ms) VALUES (:s, ?1, ?2, ?3)", *values)


def _cut_in(
    rows: Rows, kind: str, record: e.CutIn | e.BackChannel | e.Intrusion, end_ms: int | None, lost_ms: int | None
) -> None:
    rows.run(
        "INSERT INTO cut_ins (session, kind, by_person, over_person, start_ms, end_ms, lost_ms)"
        " VALUES (:s, ?1, ?2, ?3, ?4, ?5, ?6)",
        kind,
        rows.person(record.by),
        rows.person(record.over),
        record.start_ms,
        end_ms,
        lost_ms,
    )


@tell.register
def _(record: e.CutIn, rows: Rows) -> None:
    _cut_in(rows, record.kind, record, record.end_ms, None)


@tell.register
def _(record: e.BackChannel, rows: Rows) -> None:
    _cut_in(rows, "back-channel", record, record.end_ms, None)


@tell.register
def _(record: e.Intrusion, rows: Rows) -> None:
    _cut_in(rows, "intrusion", record, None, record.lost_ms)


@tell.register
def _(record: e.FloorGranted, rows: Rows) -> None:
    rows.run(
        "INSERT INTO floor (session, person, round, protected, start_ms, limit_ms) VALUES (:s, ?1, ?2, ?3, ?4, ?5)",
        rows.person(record.person),
        record.round,
        int(record.protected),
        record.at_ms,
        record.limit_ms,
    )


_HELD = "WHERE id = (SELECT max(id) FROM floor WHERE session = :s AND person = ?1 AND end_ms IS NULL)"


@tell.register
def _(record: e.FloorExtended, rows: Rows) -> None:
    column = "repaid_ms" if record.reason == "repaid" else "extended_ms"
    rows.run(f"UPDATE floor SET {column} = {column} + ?2 {_HELD}", rows.person(record.person), record.added_ms)


@tell.register
def _(record: e.FloorReleased, rows: Rows) -> None:
    rows.run(
        f"UPDATE floor SET end_ms = ?2, used_ms = ?3, reason = ?4 {_HELD}",
        rows.person(record.person),
        record.at_ms,
        record.used_ms,
        record.reason,
    )


@tell.register
def _(record: e.StageStarted, rows: Rows) -> None:
    rows.run(
        "INSERT INTO stages (session, stage, kind, start_ms) VALUES (:s, ?1, ?2, ?3)",
        record.stage,
        record.kind,
        record.at_ms,
    )


@tell.register
def _(record: e.StageEnded, rows: Rows) -> None:
    rows.run(
        "UPDATE stages SET end_ms = ?3 WHERE id = (SELECT max(id) FROM stages"
        " WHERE session = :s AND stage = ?1 AND kind = ?2 AND end_ms IS NULL)",
        record.stage,
        record.kind,
        record.at_ms,
    )


@tell.register
def _(record: e.Say, rows: Rows) -> None:
    rows.run(
        "INSERT INTO prompts (session, prompt, kind, person, text, asked_ms) VALUES (:s, ?1, ?2, ?3, ?4, ?5)",
        record.prompt,
        record.prompt_kind,
        None if record.person is None else rows.person(record.person),
        record.text,
        record.at_ms,
    )


_SAID = "WHERE id = (SELECT max(id) FROM prompts WHERE session = :s AND prompt = ?1)"


@tell.register
def _(record: e.PromptStarted, rows: Rows) -> None:
    rows.run(f"UPDATE prompts SET start_ms = ?2 {_SAID}", record.prompt, record.start_ms)


@tell.register
def _(record: e.PromptEnded, rows: Rows) -> None:
    rows.run(
        f"UPDATE prompts SET start_ms = ?2, end_ms = ?3, how = ?4 {_SAID}",
        record.prompt,
        record.start_ms,
        record.end_ms,
        record.how,
    )


@tell.register
def _(record: e.PromptDropped, rows: Rows) -> None:
    rows.run(
        "INSERT INTO prompts (session, kind, person, asked_ms, how) VALUES (:s, ?1, ?2, ?3, ?4)",
        record.prompt_kind,
        None if record.person is None else rows.person(record.person),
        record.at_ms,
        record.why,
    )


_BEGAN = "(SELECT julianday(started_at) FROM sessions WHERE id = :s)"
_LATER = "strftime('%Y-%m-%dT%H:%M:%S+00:00', {began} + (?{at} / 86400000.0))"


def _utc(at: int) -> str:
    """SQL for the moment that value number `at`, in ms on the session clock, is."""
    return _LATER.format(began=_BEGAN, at=at)


@tell.register
def _(record: e.Agreed, rows: Rows) -> None:
    due = None if record.due_days is None else record.at_ms + record.due_days * 86_400_000
    rows.run(
        "INSERT INTO agreements (session, number, kind, text, owner, at_ms, due, holds_from) VALUES"
        f" (:s, ?1, ?2, ?3, ?4, ?5, substr({_utc(6)}, 1, 10), {_utc(7)})",
        record.number,
        record.kind,
        record.text,
        rows.person(record.owner) if record.owner else None,
        record.at_ms,
        due,
        record.at_ms + record.cooling_ms if record.cooling_ms else None,
    )


@tell.register
def _(record: e.AgreementChecked, rows: Rows) -> None:
    rows.run("UPDATE agreements SET kept = ?2, kept_session = :s WHERE id = ?1", record.agreement, int(record.kept))


@tell.register
def _(record: e.Rated, rows: Rows) -> None:
    rows.run(
        "INSERT INTO ratings (session, person, what, value, at_ms) VALUES (:s, ?1, ?2, ?3, ?4)",
        rows.person(record.person),
        record.what,
        record.value,
        record.at_ms,
    )


@tell.register
def _(record: e.BreakAgreed, rows: Rows) -> None:
    _return(rows, "break", record.at_ms, record.return_in_ms)


@tell.register
def _(record: e.NextAgreed, rows: Rows) -> None:
    _return(rows, "next", record.at_ms, record.in_days * 86_400_000)


def _return(rows: Rows, kind: str, at_ms: int, in_ms: int) -> None:
    rows.run(
        f"INSERT INTO returns (session, kind, at_ms, return_at) VALUES (:s, ?1, ?2, {_utc(3)})",
        kind,
        at_ms,
        at_ms + in_ms,
    )
