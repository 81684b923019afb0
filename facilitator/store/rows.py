"""What is written for every record: its place in `events`, and what it means for the other tables.

Everything that has to be known is looked up in the database itself, inside the transaction that writes it.
So nothing has to be put right when a transaction fails, and a resumed session just goes on.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from functools import cached_property, singledispatch
from typing import Any

from facilitator.core import events as e
from facilitator.core.setup import Setup
from facilitator.store.items import Closed, Item, Logged, Settled, setup_from_json, to_json
from facilitator.store.notebook.recurring import rule_of
from facilitator.store.redaction import lift
from facilitator.store.speech import repaint
from facilitator.store.sqlite import Database


class SessionRows:
    """The rows of one session, inside one transaction. `away_ms`: for so long the program was not there, so that the
    clock of the session is behind."""

    def __init__(self, db: Database, session: int, away_ms: int = 0) -> None:
        self.db = db
        self.session = session
        self.away_ms = away_ms
        self._people: dict[str, int] = {}

    def run(self, sql: str, *values: Any) -> int:
        """Run one statement; `:s` in it is the session, `?1`, `?2` ... the values. Returns how many rows it changed."""
        named = {"s": self.session} | {f"v{i}": value for i, value in enumerate(values, 1)}
        return self.db.execute(sql.replace("?", ":v"), named).rowcount

    def person(self, name: str) -> int:
        """The number of who has this name in the group of the session; one they get if they have none yet."""
        if name not in self._people:
            values = [name, self._group]
            self.db.execute("INSERT INTO people (name, group_id) VALUES (?, ?) ON CONFLICT DO NOTHING", values)
            found = self.db.execute("SELECT id FROM people WHERE name = ? AND group_id IS ?", values)
            self._people[name] = found.fetchone()[0]
        return self._people[name]

    @cached_property
    def _group(self) -> int | None:
        found = self.db.execute("SELECT group_id FROM sessions WHERE id = ?", [self.session]).fetchone()[0]
        return None if found is None else int(found)

    @cached_property
    def setup(self) -> Setup:
        found = self.db.execute("SELECT setup FROM sessions WHERE id = ?", [self.session]).fetchone()[0]
        return setup_from_json(found)

    @cached_property
    def _started(self) -> datetime.datetime:
        found = self.db.execute("SELECT started_at FROM sessions WHERE id = ?", [self.session]).fetchone()[0]
        return datetime.datetime.fromisoformat(found).astimezone(datetime.UTC)

    def moment(self, at_ms: int) -> datetime.datetime:
        """The time on the session clock, as UTC."""
        return self._started + datetime.timedelta(milliseconds=at_ms + self.away_ms)

    def local(self, moment: datetime.datetime) -> datetime.datetime:
        """The same as the clocks at the table show it."""
        return moment.astimezone(datetime.timezone(datetime.timedelta(minutes=self.setup.utc_offset_minutes)))

    def day(self, days: int) -> str:
        """So many days after the day of the session, ISO 8601: its own day is the one on which it began, late as it
        may have become."""
        return (self.local(self._started).date() + datetime.timedelta(days=days)).isoformat()

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
        turns = [(self.session, self.person(turn.person), turn.start_ms, turn.end_ms) for turn in item.turns]
        columns = "session, person, start_ms, end_ms"
        self.db.conn.executemany(f"INSERT INTO turns ({columns}) VALUES (?, ?, ?, ?)", turns)
        for record in item.cut_ins:
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
def tell(record: e.Record, rows: SessionRows) -> None:
    """What this record means for the tables other than `events` and `speech`. Most mean nothing."""


@tell.register
def _(record: e.Consented, rows: SessionRows) -> None:
    rows.run(
        "UPDATE seats SET heard = ?2 WHERE session = :s AND person = ?1",
        rows.person(record.person),
        int(record.heard),
    )
    if not record.heard:  # what was told of them live; what they said is painted over by what follows
        person = rows.person(record.person)
        rows.run("DELETE FROM turns WHERE session = :s AND person = ?1", person)
        rows.run("DELETE FROM cut_ins WHERE session = :s AND ?1 IN (by_person, over_person)", person)


@tell.register
def _(record: e.Joined, rows: SessionRows) -> None:
    """Who comes later has a seat from then on; who is back has theirs."""
    person = rows.person(record.person)
    rows.run(
        "INSERT INTO seats (session, person, position, heard, enrolled) SELECT :s, ?1, max(position) + 1, 0, 0"
        " FROM seats WHERE session = :s HAVING sum(person = ?1) = 0",
        person,
    )
    rows.run("INSERT INTO presence (session, person, joined_ms) VALUES (:s, ?1, ?2)", person, record.at_ms)


@tell.register
def _(record: e.Left, rows: SessionRows) -> None:
    values = (rows.person(record.person), record.at_ms)
    ended = rows.run("UPDATE presence SET left_ms = ?2 WHERE session = :s AND person = ?1 AND left_ms IS NULL", *values)
    if not ended:
        rows.run("INSERT INTO presence (session, person, joined_ms, left_ms) VALUES (:s, ?1, 0, ?2)", *values)


@tell.register
def _(record: e.Enrolled, rows: SessionRows) -> None:
    rows.run("UPDATE seats SET enrolled = 1 WHERE session = :s AND person = ?1", rows.person(record.person))


@tell.register
def _(record: e.TurnStarted, rows: SessionRows) -> None:
    rows.run(
        "INSERT INTO turns (session, person, start_ms) VALUES (:s, ?1, ?2)",
        rows.person(record.person),
        record.start_ms,
    )


@tell.register
def _(record: e.TurnEnded, rows: SessionRows) -> None:
    values = (rows.person(record.person), record.start_ms, record.end_ms)
    ended = rows.run(
        "UPDATE turns SET start_ms = ?2, end_ms = ?3 WHERE id ="
        " (SELECT max(id) FROM turns WHERE session = :s AND person = ?1 AND end_ms IS NULL)",
        *values,
    )
    if not ended:
        rows.run("INSERT INTO turns (session, person, start_ms, end_ms) VALUES (:s, ?1, ?2, ?3)", *values)


def _cut_in(
    rows: SessionRows, kind: str, record: e.CutIn | e.BackChannel | e.Intrusion, end_ms: int | None, lost_ms: int | None
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
def _(record: e.CutIn, rows: SessionRows) -> None:
    _cut_in(rows, record.kind, record, record.end_ms, None)


@tell.register
def _(record: e.BackChannel, rows: SessionRows) -> None:
    _cut_in(rows, "back-channel", record, record.end_ms, None)


@tell.register
def _(record: e.Intrusion, rows: SessionRows) -> None:
    _cut_in(rows, "intrusion", record, None, record.lost_ms)


@tell.register
def _(record: e.PutRight, rows: SessionRows) -> None:
    """Who came in there was somebody else; turns and cut-ins are told anew after the final pass."""
    was, now = (record.person, record.by) if record.undone else (record.by, record.person)
    if was is not None and now is not None:
        rows.run(
            "UPDATE cut_ins SET by_person = ?2 WHERE session = :s AND kind = 'intrusion' AND by_person = ?1"
            " AND start_ms >= ?3 AND start_ms < ?4",
            rows.person(was),
            rows.person(now),
            record.start_ms,
            record.end_ms,
        )


@tell.register
def _(record: e.FloorGranted, rows: SessionRows) -> None:
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
def _(record: e.FloorExtended, rows: SessionRows) -> None:
    column = "repaid_ms" if record.reason == "repaid" else "extended_ms"
    rows.run(f"UPDATE floor SET {column} = {column} + ?2 {_HELD}", rows.person(record.person), record.added_ms)


@tell.register
def _(record: e.FloorReleased, rows: SessionRows) -> None:
    rows.run(
        f"UPDATE floor SET end_ms = ?2, used_ms = ?3, reason = ?4 {_HELD}",
        rows.person(record.person),
        record.at_ms,
        record.used_ms,
        record.reason,
    )


@tell.register
def _(record: e.StageStarted, rows: SessionRows) -> None:
    rows.run(
        "INSERT INTO stages (session, stage, kind, start_ms) VALUES (:s, ?1, ?2, ?3)",
        record.stage,
        record.kind,
        record.at_ms,
    )


@tell.register
def _(record: e.StageEnded, rows: SessionRows) -> None:
    rows.run(
        "UPDATE stages SET end_ms = ?3 WHERE id = (SELECT max(id) FROM stages"
        " WHERE session = :s AND stage = ?1 AND kind = ?2 AND end_ms IS NULL)",
        record.stage,
        record.kind,
        record.at_ms,
    )


@tell.register
def _(record: e.Say, rows: SessionRows) -> None:
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
def _(record: e.PromptStarted, rows: SessionRows) -> None:
    rows.run(f"UPDATE prompts SET start_ms = ?2 {_SAID}", record.prompt, record.start_ms)


@tell.register
def _(record: e.PromptEnded, rows: SessionRows) -> None:
    rows.run(
        f"UPDATE prompts SET start_ms = ?2, end_ms = ?3, how = ?4 {_SAID}",
        record.prompt,
        record.start_ms,
        record.end_ms,
        record.how,
    )


@tell.register
def _(record: e.PromptDropped, rows: SessionRows) -> None:
    rows.run(
        "INSERT INTO prompts (session, kind, person, asked_ms, how) VALUES (:s, ?1, ?2, ?3, ?4)",
        record.prompt_kind,
        None if record.person is None else rows.person(record.person),
        record.at_ms,
        record.why,
    )


@tell.register
def _(record: e.Agreed, rows: SessionRows) -> None:
    lift(rows.db, rows.session, rows.setup, record)
    rows.run(
        "INSERT INTO agreements (session, number, kind, text, owner, at_ms, agreed_on, due, holds_from) VALUES"
        " (:s, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        record.number,
        record.kind,
        record.text,
        rows.person(record.owner) if record.owner else None,
        record.at_ms,
        rows.day(0),
        None if record.due_days is None else rows.day(record.due_days),
        _utc(rows.moment(record.at_ms + record.cooling_ms)) if record.cooling_ms else None,
    )
    if record.every and record.due_days is not None:
        _comes_again(rows, record, rows.day(record.due_days))
    for table, said in (("ideas", record.idea), ("deciders", record.decided)):
        if said is not None:
            rows.run(
                f"INSERT INTO {table} (session, agreement, person) SELECT :s, {_THIS}, ?2",
                record.number,
                rows.person(said) if said else None,
            )


_THIS = "(SELECT max(id) FROM agreements WHERE session = :s AND number = ?1)"
"""The agreement that was noted last under its number."""


def _comes_again(rows: SessionRows, record: e.Agreed, starts_on: str) -> None:
    rule = rule_of(record.every, datetime.date.fromisoformat(starts_on))
    rows.run(
        f"INSERT INTO recurrences (agreement, rule, starts_on) SELECT {_THIS}, ?2, ?3", record.number, rule, starts_on
    )
    for place, name in enumerate(record.people if record.by_turns else (), 1):
        rows.run(
            f"INSERT INTO rotations (session, agreement, place, person) SELECT :s, {_THIS}, ?2, ?3",
            record.number,
            place,
            rows.person(name),
        )
    if record.by_turns and not record.people:
        rows.run(
            f"INSERT INTO rotations (session, agreement, place, person) SELECT :s, {_THIS},"
            " row_number() OVER (ORDER BY person <> ?2, position), person FROM seats WHERE session = :s",
            record.number,
            rows.person(record.owner) if record.owner else -1,
        )


@tell.register
def _(record: e.AgreementChecked, rows: SessionRows) -> None:
    """In another database than the one it was said of, the number may be somebody else's."""
    for due in rows.setup.due:
        if due["agreement"] == record.agreement and record.day:
            rows.run(
                "INSERT INTO occurrences (agreement, day, kept, kept_session) SELECT id, ?2, ?3, :s FROM agreements"
                " WHERE id = ?1 AND text = ?4 ON CONFLICT (agreement, day)"
                " DO UPDATE SET kept = ?3, kept_session = :s",
                record.agreement,
                record.day,
                int(record.kept),
                due["text"],
            )
        elif due["agreement"] == record.agreement:
            said = "stands = ?2" if due.get("cooled") else "kept = ?2, kept_session = :s"
            rows.run(
                f"UPDATE agreements SET {said} WHERE id = ?1 AND text = ?3",
                record.agreement,
                int(record.kept),
                due["text"],
            )


@tell.register
def _(record: e.Rated, rows: SessionRows) -> None:
    rows.run(
        "INSERT INTO ratings (session, person, what, value, at_ms) VALUES (:s, ?1, ?2, ?3, ?4)",
        rows.person(record.person),
        record.what,
        record.value,
        record.at_ms,
    )


@tell.register
def _(record: e.SelfRated, rows: SessionRows) -> None:
    values = (rows.person(record.person), record.indicator, record.value, record.at_ms)
    rows.run("INSERT INTO self_ratings (session, person, indicator, value, at_ms) VALUES (:s, ?1, ?2, ?3, ?4)", *values)


@tell.register
def _(record: e.BreakAgreed, rows: SessionRows) -> None:
    back = rows.moment(record.at_ms + record.return_in_ms)
    _return(rows, "break", record.at_ms, back, rows.local(back).date().isoformat())


@tell.register
def _(record: e.NextAgreed, rows: SessionRows) -> None:
    again = rows.moment(record.at_ms) + datetime.timedelta(days=record.in_days)
    _return(rows, "next", record.at_ms, again, rows.day(record.in_days))


def _return(rows: SessionRows, kind: str, at_ms: int, back: datetime.datetime, day: str) -> None:
    rows.run(
        "INSERT INTO returns (session, kind, at_ms, return_at, return_on) VALUES (:s, ?1, ?2, ?3, ?4)",
        kind,
        at_ms,
        _utc(back),
        day,
    )


def _utc(moment: datetime.datetime) -> str:
    return moment.isoformat(timespec="seconds")
