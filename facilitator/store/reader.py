"""Reading back what is stored."""

from __future__ import annotations

import difflib
import inspect
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from hashlib import blake2b
from pathlib import Path
from typing import Any, Concatenate, Literal, ParamSpec, Self, TypeVar, cast

from facilitator.core.events import Record, from_row
from facilitator.core.language.names import folded
from facilitator.core.review.account import Account
from facilitator.core.review.apply_corrections import Correction, corrected_setup, from_json
from facilitator.core.setup import Setup
from facilitator.core.text import all_cleaned, cleaned
from facilitator.errors import StoreError
from facilitator.store import database
from facilitator.store.items import LoggedCorrection, checked, marks, setup_from_json
from facilitator.store.owner import Process, runs_here
from facilitator.store.sqlite import Database

P = ParamSpec("P")
R = TypeVar("R")
RecordRole = Literal["fact", "event", "action"]
ROLES: tuple[RecordRole, ...] = ("fact", "event", "action")
_PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSession:
    """A session as a list of sessions shows it. `started_at` and `ended_at` are ISO 8601, UTC."""

    session: int
    started_at: str
    ended_at: str | None
    """None: it is running, or it broke off."""
    reason: str | None
    format: str
    language: str
    people: tuple[str, ...]
    last_ms: int
    """Session time up to which it is stored."""
    running: bool
    """A program on this computer is writing it now."""
    group: str = ""
    """Who held it; empty: no group was named."""
    thinned_on: str | None = None
    """The day since which only its figures are there, ISO 8601; None: all is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredGroup:
    """Those who belong together; `name` empty: sessions in which no group was named."""

    name: str
    sessions: int


def reads_rows(function: Callable[Concatenate[Reader, P], R]) -> Callable[Concatenate[Reader, P], R]:
    """For a function that makes sense of what a Reader gives it: what is wrong in the rows is wrong with the file, and
    told as StoreError. A test sees to it that every function of the store that is given a Reader has it."""

    @wraps(function)
    def all_of_it(reader: Reader, *args: P.args, **kwargs: P.kwargs) -> Iterator[Any]:
        with database.understood(reader.path):
            yield from cast(Any, function)(reader, *args, **kwargs)

    @wraps(function)
    def at_once(reader: Reader, *args: P.args, **kwargs: P.kwargs) -> R:
        with database.understood(reader.path):
            return function(reader, *args, **kwargs)

    return cast(Callable[Concatenate[Reader, P], R], all_of_it if inspect.isgeneratorfunction(function) else at_once)


class Remembered:
    """What was told of the session that was asked for last: for who asks again and again, as the page does after every
    correction. To tell three hours anew takes seconds, to see that nothing of them has changed a tenth of one."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[bytes, Account]] = {}
        self._one = threading.Lock()  # who asks for what is just being told waits for it

    def once(self, what: str, stamp: bytes, tell: Callable[[], Account]) -> Account:
        """What was told under this stamp, if that is the last one; else what is told now."""
        with self._one:
            last = self._told.get(what)
            if last is None or last[0] != stamp:
                last = self._told[what] = (stamp, tell())
            return last[1]


class Reader:
    """A database that is only read. Every method raises StoreError with a sentence when it cannot be."""

    def __init__(self, db: Database, path: Path | None) -> None:
        self.path = path
        """None: in memory."""
        self.group: str | None = None
        """The group in which people are looked for by name; None: none was said, so it is those of no group."""
        self.remembered = Remembered()
        """Who opens one reader after the other hands on that of the first."""
        self._db = db
        self._lock = threading.RLock()

    @classmethod
    def open(cls, path: Path, *, patience_s: float = database.PATIENCE_S) -> Self:
        """Open a database that is there already; a file that may not be written to will do."""
        path = path.expanduser().absolute()
        return cls(database.open_for_reading(path, patience_s), path)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def groups(self) -> list[StoredGroup]:
        """All that have held a session, those of no group first."""
        rows = self.query(
            "SELECT coalesce(g.name, '') AS name, count(*) AS sessions FROM sessions s"
            " LEFT JOIN groups g ON g.id = s.group_id GROUP BY s.group_id ORDER BY s.group_id IS NOT NULL, g.name"
        )
        return [StoredGroup(**row) for row in rows]

    def within(self, name: str, *, new: bool = False) -> Self:
        """From here on people are looked for in this group (empty: in none), and the latest session is its. `new`: it
        need not be there yet. Raises StoreError."""
        known = [row["name"] for row in self.query("SELECT name FROM groups ORDER BY name")]
        found = next((one for one in known if folded(one) == folded(name)), None)
        if name and found is None and not new:
            near = difflib.get_close_matches(name, known, n=1)
            there = (
                f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}." if known else "none has one."
            )
            raise StoreError(f"There is no group {name} in {self._name}; {there}")
        self.group = name if found is None else found
        return self

    @property
    def group_id(self) -> int | None:
        """As it stands in the tables: None for no group; 0, which none has, for one that is not there yet."""
        if not self.group:
            return None
        return next((row["id"] for row in self.query("SELECT id FROM groups WHERE name = ?", [self.group])), 0)

    def sessions(self) -> list[StoredSession]:
        """All sessions, the latest first."""
        return self._stored()

    def of_this_group(self, found: Iterable[StoredSession]) -> list[StoredSession]:
        """Of these, those of the group in which people are looked for."""
        return [one for one in found if one.group == (self.group or "")]

    def stored(self, session: int) -> StoredSession:
        """This one of them."""
        for found in self._stored(session):
            return found
        raise self._none(session)

    def _stored(self, only: int | None = None) -> list[StoredSession]:
        which, values = ("", []) if only is None else ("WHERE {} = ?", [only])
        people: dict[int, list[str]] = {}
        for row in self.query(
            "SELECT t.session, p.name FROM seats t JOIN people p ON p.id = t.person"
            f" {which.format('t.session')} ORDER BY t.session, t.position",
            values,
        ):
            people.setdefault(row["session"], []).append(row["name"])
        rows = self.query(
            "SELECT s.id, started_at, ended_at, reason, format, language, last_ms, host, pid, process,"
            " thinned_on, coalesce(g.name, '') AS group_name FROM sessions s LEFT JOIN groups g ON g.id = s.group_id"
            f" {which.format('s.id')} ORDER BY s.started_at DESC, s.id DESC",
            values,
        )
        with self._explained():
            return [_stored(row, tuple(people.get(row["id"], ()))) for row in rows]

    def latest(self) -> int:
        """The session that began last, whatever was taken in since; where a group was said, of its."""
        where, values = ("", []) if self.group is None else ("WHERE group_id IS ?", [self.group_id])
        for row in self.query(f"SELECT id FROM sessions {where} ORDER BY started_at DESC, id DESC LIMIT 1", values):
            return int(row["id"])
        raise StoreError(f"No session is stored in {self._name} yet; `facilitator start` begins one.")

    def known_as(self, uid: str) -> int | None:
        """The number of the session of this `uid`; None: there is none here."""
        return next((int(row["id"]) for row in self.query("SELECT id FROM sessions WHERE uid = ?", [uid])), None)

    def unfinished(self) -> list[StoredSession]:
        """Sessions that broke off: not ended, and nobody is writing them. The latest first."""
        return [found for found in self.sessions() if found.ended_at is None and not found.running]

    def setup(self, session: int) -> Setup:
        """What it began with."""
        with self._explained():
            return setup_from_json(self._session(session)["setup"])

    def corrections(self, session: int) -> list[LoggedCorrection]:
        """All that was ever put right in it, what was taken back too; in the order in which that was done."""
        self._session(session)
        rows = self.query("SELECT * FROM corrections WHERE session = ? ORDER BY number", [session])
        with self._explained():
            return [_correction(row) for row in rows]

    def standing(self, session: int) -> list[Correction]:
        """Those of them that stand."""
        return [one.correction for one in self.corrections(session) if one.undone_at is None]

    def setup_now(self, session: int) -> Setup:
        """What it began with, with the corrected names."""
        return corrected_setup(self.setup(session), self.standing(session))

    def records(self, session: int, roles: Sequence[RecordRole] = ROLES) -> Iterator[Record]:
        """Its records of these roles, in the order in which they came. Holds a page of them at a time."""
        self._session(session)
        return (record for _, record in self.numbered(session, roles))

    def numbered(self, session: int, roles: Sequence[RecordRole] = ROLES) -> Iterator[tuple[int, Record]]:
        """The same with their places, counted from 1."""
        seq = 0
        while page := self.query(
            f"SELECT * FROM events WHERE session = ? AND seq > ? AND role IN ({marks(roles)}) ORDER BY seq"
            f" LIMIT {_PAGE}",
            [session, seq, *roles],
        ):
            for row in page:
                seq = row["seq"]
                yield seq, self._record(row)

    def _record(self, row: dict[str, Any]) -> Record:
        try:
            body = json.loads(row["body"])
            if "\\" in row["body"]:  # else all of it was cleaned when the row was read
                body = all_cleaned(body)
            return checked(from_row({"kind": row["kind"], "at_ms": row["at_ms"]} | body))
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise StoreError(
                f"Session {row['session']} holds something this version does not know ({row['kind']});"
                " read it with the version that stored it. If it was this one, the file is damaged: facilitator recover"
                f" --database {self._name} takes out what can be read."
            ) from error

    def stamp(self, session: int) -> bytes:
        """Of all that is stored of how it went; what is put right afterwards does not change it."""
        found = self._session(session)
        rows = "SELECT seq || role || kind || at_ms || body AS row FROM events WHERE session = ? ORDER BY seq"
        with self._lock, self._explained():
            ((told,),) = self._db.execute(f"SELECT CAST(group_concat(row, char(10)) AS BLOB) FROM ({rows})", [session])
        return blake2b(f"{session} {found['setup']} {found['thinned_on']}".encode() + (told or b"")).digest()

    def airtime(self, session: int) -> list[dict[str, Any]]:
        """The lines of `v_airtime`, in the order of the circle."""
        self._session(session)
        return self.query("SELECT * FROM v_airtime WHERE session = ? ORDER BY position", [session])

    def agreements(self, session: int | None = None) -> list[dict[str, Any]]:
        """The lines of `v_agreements`, of one session or of all (where a group was said, of its), in the order in which
        they were made."""
        where, values = ("", list[int | None]()) if session is None else ("WHERE session = ?", [session])
        if session is None and self.group is not None:
            where, values = "WHERE session IN (SELECT id FROM sessions WHERE group_id IS ?)", [self.group_id]
        began = "(SELECT started_at FROM sessions WHERE id = session)"
        return self.query(f"SELECT * FROM v_agreements {where} ORDER BY {began}, session, number", values)

    @property
    def _name(self) -> str:
        return str(self.path or "memory")

    def _session(self, session: int) -> dict[str, Any]:
        for row in self.query("SELECT * FROM sessions WHERE id = ?", [session]):
            return row
        raise self._none(session)

    def _none(self, session: int) -> StoreError:
        return StoreError(f"There is no session {session} in {self._name}; `facilitator review` shows the last one.")

    def query(self, sql: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """The rows that a question in SQL finds; the tables and views are told in docs/schema.md."""
        if any(isinstance(value, int) and abs(value) >= 2**63 for value in values):
            return []  # no row has such a number, and SQLite takes none
        with self._lock, self._explained():
            rows = list(self._db.query(sql, list(values)))
        names = {name: cleaned(name) for name in rows[0]} if rows else {}
        return [
            {names[name]: cleaned(one, lines=True) if isinstance(one, str) else one for name, one in row.items()}
            for row in rows
        ]

    @contextmanager
    def _explained(self) -> Iterator[None]:
        with database.understood(self.path):
            yield


def _stored(row: dict[str, Any], people: tuple[str, ...]) -> StoredSession:
    return StoredSession(
        session=row["id"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        reason=row["reason"],
        format=row["format"],
        language=row["language"],
        people=people,
        last_ms=int(row["last_ms"]),
        running=row["ended_at"] is None and _has_writer(row),
        group=row["group_name"],
        thinned_on=row["thinned_on"],
    )


def _correction(row: dict[str, Any]) -> LoggedCorrection:
    return LoggedCorrection(
        number=row["number"],
        correction=from_json(json.loads(row["body"])),
        made_at=row["made_at"],
        undone_at=row["undone_at"],
    )


def _has_writer(row: dict[str, Any]) -> bool:
    if row["pid"] is None:
        return False
    return runs_here(Process(host=row["host"], pid=row["pid"], mark=row["process"] or ""))
