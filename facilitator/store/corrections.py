"""Correcting a session that has ended, and taking it back.

`events` holds what was heard and is never changed by it. Rows that follow from what was heard are put aside when a
session is first corrected (the tables `heard_...`). Whatever is corrected or taken back, they come back first, and then
what stands is done to them: so nothing that was done before leaves a trace.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from facilitator.core.events import Spoke
from facilitator.core.language.names import folded
from facilitator.core.review.account import Account
from facilitator.core.review.apply_corrections import (
    Correction,
    Merged,
    Renamed,
    Seated,
    check,
    corrected,
    follow,
    names_now,
    to_json,
)
from facilitator.core.review.correction import names_in, says_nothing
from facilitator.errors import CorrectionError, StoreError
from facilitator.store import database
from facilitator.store import names as store_names
from facilitator.store.items import Settled, now_utc
from facilitator.store.items import to_json as as_text
from facilitator.store.notebook.private import Private, uid_of
from facilitator.store.reader import Reader, reads_rows
from facilitator.store.rows import SessionRows
from facilitator.store.speech import repaint

WHOLE = ("seats", "speech", "turns", "cut_ins")
"""Tables that are written anew; of the others only whose a row is changes."""


class Corrections(Reader):
    """The database, to correct what is in it. Raises CorrectionError where something does not fit, with a sentence,
    and StoreError as a `Reader` does; then nothing is changed."""

    def correct(self, session: int, correction: Correction) -> int:
        """Log it, and bring every table in line. Returns its number within the session."""
        with self._changing(session):
            heard = heard_account(self, session)
            found = self._spelled(session, check(corrected(heard, self.standing(session)), correction))
            number = len(self.corrections(session)) + 1
            self._db.execute(
                "INSERT INTO corrections (session, number, body, made_at) VALUES (?, ?, ?, ?)",
                [session, number, as_text(to_json(found)), now_utc()],
            )
            rebuild(self, session, heard)
        return number

    def undo(self, session: int, number: int | None = None) -> int:
        """Take this one back (None: the latest that stands), and bring every table in line. Returns its number."""
        with self._changing(session):
            made = self.corrections(session)
            stands = [one for one in made if one.undone_at is None]
            if not stands:
                raise CorrectionError(f"There is nothing to undo: session {session} is as it was heard.")
            number = stands[-1].number if number is None else number
            if number not in [one.number for one in made]:
                raise CorrectionError(f"There is no correction {number}; facilitator correct list shows them all.")
            if number not in [one.number for one in stands]:
                raise CorrectionError(f"Correction {number} is undone already.")
            heard = heard_account(self, session)
            misfit = first_misfit(heard, [one.correction for one in stands if one.number != number])
            if misfit is not None:
                others = [one.number for one in stands if one.number != number]
                raise CorrectionError(f"Correction {others[misfit]} builds on it; undo that one first.")
            self._db.execute(
                "UPDATE corrections SET undone_at = ? WHERE session = ? AND number = ?", [now_utc(), session, number]
            )
            rebuild(self, session, heard)
        return number

    def _spelled(self, session: int, correction: Correction) -> Correction:
        """With a new name as it is written in other sessions of the group; and who was forgotten gets no name again."""
        if not isinstance(correction, Renamed | Merged | Seated):
            return correction
        known = {row["name"]: row["nameless"] for row in self.query(_KNOWN, [session])}
        if not isinstance(correction, Seated) and known.get(correction.person or ""):
            raise CorrectionError(f"Who is called {correction.person} was forgotten, so their seat keeps no name.")
        if isinstance(correction, Merged) or folded(correction.to) == folded(correction.person or ""):
            return correction
        to = next((name for name in known if folded(name) == folded(correction.to)), correction.to)
        if known.get(to):
            raise CorrectionError(f"{to} stands for people who were forgotten; choose another name.")
        return replace(correction, to=to)

    @contextmanager
    def _changing(self, session: int) -> Iterator[None]:
        with self._lock, self._explained(), database.writing(self._db):
            if self._session(session)["ended_at"] is None:
                raise CorrectionError(
                    f"Session {session} has not ended; facilitator start goes on with it or closes it, and then it can"
                    " be corrected."
                )
            before = self._called(session)
            with Private(self.path).changing() as private:
                yield
                after = self._called(session)
                one_each = {name for name in before.values() if [*before.values()].count(name) == 1}
                now = {before[heard]: name for heard, name in after.items() if before[heard] in one_each - {name}}
                private.call(uid_of(self, session), now)

    def _called(self, session: int) -> dict[str, str]:
        """What each who sat there is called now, by what they were called then."""
        return {name: name for name in self.setup(session).people} | called_since(self, session)


_KNOWN = """
  SELECT p.name, n.person IS NOT NULL AS nameless FROM people p LEFT JOIN nameless n ON n.person = p.id
  WHERE p.group_id IS (SELECT group_id FROM sessions WHERE id = ?)
"""


@reads_rows
def heard_account(reader: Reader, session: int) -> Account:
    """What was concluded while it happened."""

    def concluded() -> Account:
        return Account.concluded(reader.setup(session), reader.records(session, ["event"]))

    return reader.remembered.once("concluded", reader.stamp(session), concluded)


def first_misfit(heard: Account, corrections: Sequence[Correction]) -> int | None:
    """The place of the first of these that does not fit what is there after those before it."""
    account = heard
    for place, correction in enumerate(corrections):
        if not says_nothing(correction):
            try:
                check(account, correction)
            except CorrectionError:
                return place
            account = corrected(account, [correction])
    return None


@reads_rows
def corrected_sessions(reader: Reader) -> list[int]:
    """All of the reader's group in which anything was ever corrected."""
    found = reader.query(
        "SELECT DISTINCT session FROM corrections JOIN sessions s ON s.id = session WHERE s.group_id IS ? ORDER BY 1",
        [reader.group_id],
    )
    return [row["session"] for row in found]


@reads_rows
def called_since(reader: Reader, session: int) -> dict[str, str]:
    """What people of a session are called now, by what they were called then, of those whose name was put right."""
    return names_now(reader.setup(session).people, reader.standing(session))


@reads_rows
def called_in(reader: Reader, session: int, names: Sequence[str]) -> set[str]:
    """What these people were called in a session, where a correction has put that right since."""
    theirs = {folded(name) for name in names}
    now = called_since(reader, session)
    return {heard for heard, name in now.items() if folded(name) in theirs}


@reads_rows
def called_before(reader: Reader, names: Sequence[str]) -> tuple[str, ...]:
    """The same of all sessions."""
    return tuple(
        sorted({heard for session in corrected_sessions(reader) for heard in called_in(reader, session, names)})
    )


@reads_rows
def correct_again(reader: Reader, name: str) -> None:
    """Inside a transaction: where corrections speak of this person, who may have been two names in them until now.
    Raises StoreError where they would no longer fit."""
    for session in corrected_sessions(reader):
        standing = reader.standing(session)
        if name in names_in(standing):
            if first_misfit(heard_account(reader, session), standing) is not None:
                raise StoreError(
                    f"In session {session} that would mix people up; undo its corrections first, the latest with"
                    f" facilitator correct undo --session {session}."
                )
            rebuild(reader, session)


@reads_rows
def rebuild(reader: Reader, session: int, heard: Account | None = None) -> None:
    """Inside a transaction: make every row of this session say what was heard and what was put right since."""
    heard = heard or heard_account(reader, session)
    standing = reader.standing(session)
    rows = SessionRows(reader._db, session)
    _put_aside(rows)
    _bring_back(rows)
    if standing:
        now = names_now(heard.people, standing)
        _name(rows, {rows.person(name): rows.person(new) for name, new in now.items()})
        account = corrected(heard, standing)
        _seat(rows, now, standing, account.people)
        repaint(rows.db, session, [Spoke(at_ms=0, **tile._asdict()) for tile in account.timeline], rows.person)
        turns, cut_ins = account.settled(account.timeline.end_ms)
        rows.settle(Settled(turns=tuple(turns), cut_ins=tuple(cut_ins)))
    else:
        for table in (*WHOLE, "whose"):
            rows.run(f"DELETE FROM heard_{table} WHERE session = :s")
    rows.run("DELETE FROM measures WHERE session = :s")
    store_names.drop_unused(rows.db, names_in(one.correction for one in reader.corrections(session)))


def _put_aside(rows: SessionRows) -> None:
    """Before the first correction: keep what is about to change."""
    if rows.db.execute("SELECT 1 FROM heard_seats WHERE session = ?", [rows.session]).fetchone():
        return
    for table in WHOLE:
        rows.run(f"INSERT INTO heard_{table} SELECT * FROM {table} WHERE session = :s")
    for table, column, of_session in store_names.references(rows.db):
        if of_session and table not in (*WHOLE, "measures") and not table.startswith("heard_"):
            rows.run(
                f"INSERT INTO heard_whose SELECT session, '{table}.{column}', rowid, {column} FROM {table}"
                f" WHERE session = :s AND {column} IS NOT NULL"
            )


def _bring_back(rows: SessionRows) -> None:
    """As it was heard, to the row. The number of a row is a new one only where another session has got it since."""
    for table in WHOLE:
        rows.run(f"DELETE FROM {table} WHERE session = :s")
        heard = f"FROM heard_{table} WHERE session = :s"
        if table == "seats":
            rows.run(f"INSERT INTO seats SELECT * {heard}")
            continue
        others = ", ".join(column.name for column in rows.db.table(table).columns if column.name != "id")
        taken = f"id IN (SELECT id FROM {table} WHERE session <> :s)"
        rows.run(f"INSERT INTO {table} SELECT * {heard} AND NOT {taken}")
        rows.run(f"INSERT INTO {table} ({others}) SELECT {others} {heard} AND {taken}")
    _name(rows, {})


def _name(rows: SessionRows, now: Mapping[int, int]) -> None:
    """Rows that are somebody's: give them to who that is now."""
    for place, number, person in rows.db.execute(
        "SELECT place, number, person FROM heard_whose WHERE session = ?", [rows.session]
    ).fetchall():
        table, column = place.split(".")
        rows.run(f"UPDATE OR IGNORE {table} SET {column} = ?1 WHERE rowid = ?2", now.get(person, person), number)
    for number, by, over in rows.db.execute(
        "SELECT id, by_person, over_person FROM cut_ins WHERE session = ? AND kind = 'intrusion'", [rows.session]
    ).fetchall():
        values = (now.get(by, by), now.get(over, over), number)
        rows.run("UPDATE cut_ins SET by_person = ?1, over_person = ?2 WHERE id = ?3", *values)
    rows.run("DELETE FROM cut_ins WHERE session = :s AND by_person = over_person")


def _seat(rows: SessionRows, now: Mapping[str, str], standing: Sequence[Correction], people: Sequence[str]) -> None:
    """`people`: all who have a seat now, those who were given one last."""
    found = rows.db.query(
        "SELECT p.name, t.* FROM seats t JOIN people p ON p.id = person WHERE session = ?", [rows.session]
    )
    heard = {row["name"]: row for row in found}
    rows.run("DELETE FROM seats WHERE session = :s")
    seated = follow(heard, standing)
    last = max((row["position"] for row in heard.values()), default=0)
    for position, name in enumerate((name for name in people if name not in seated), last + 1):
        values = (rows.person(name), position)
        rows.run("INSERT INTO seats (session, person, position, heard, enrolled) VALUES (:s, ?1, ?2, 1, 0)", *values)
    for name, row in seated.items():
        same = [other for was, other in heard.items() if now.get(was, was) == name]
        rows.run(
            "INSERT INTO seats (session, person, position, heard, enrolled) VALUES (:s, ?1, ?2, ?3, ?4)",
            rows.person(name),
            row["position"],
            max(other["heard"] for other in same),
            max(other["enrolled"] for other in same),
        )
