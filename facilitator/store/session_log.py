"""The database of discussions: one SQLite file, written as it happens by a thread of its own.

Whatever goes wrong with the file, the discussion goes on: what cannot be written is kept in memory and tried again,
`problem` and `trouble` say so in a sentence, and `rescue` saves at the end what never went in.
"""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self
from uuid import uuid4

from facilitator.core.events import BackChannel, CutIn, Record, TurnEnded
from facilitator.core.setup import Setup
from facilitator.errors import StoreError
from facilitator.store import database
from facilitator.store.items import Closed, Item, Logged, Settled, setup_to_json
from facilitator.store.owner import this_process
from facilitator.store.reader import Reader, RecordRole, StoredSession
from facilitator.store.recovery import rescue_file
from facilitator.store.recovery.rescue_file import Heading
from facilitator.store.recovery.sense import is_damaged
from facilitator.store.redaction import Redaction, alike
from facilitator.store.rows import SessionRows
from facilitator.store.sqlite import Database
from facilitator.store.writer import Writer

__all__ = ["Reader", "RecordRole", "Store", "StoredSession"]

CLOSING_S = 10.0
"""How long `close` waits for the disk."""


class Store(Reader):
    """A database to write one session into (`begin` or `resume` it), and to read the others from.

    It is a `Sink`: `write` never waits and never raises for anything that is wrong with the file."""

    def __init__(self, db: Database, path: Path | None, why_memory: str | None = None) -> None:
        super().__init__(db, path)
        self._identity = database.identity(path) if path else None
        self._why_memory = why_memory
        self._told: str | None = None
        self._own: int | None = None
        self._heading: Heading | None = None
        self._veil: Redaction | None = None
        self._away_ms = 0
        self._next_seq = 1
        self._ended = self._closed = False
        self._refused: list[Item] = []
        self._left: list[Item] = []
        self._writer: Writer[Item] = Writer(self._commit)

    @classmethod
    def open(cls, path: Path, *, patience_s: float = database.PATIENCE_S) -> Self:
        """Open or make the file, for its owner only, and bring an older one up to date. Raises StoreError.
        `patience_s`: how long to wait for another program that is writing."""
        path = path.expanduser().absolute()
        return cls(database.open_file(path, patience_s), path)

    @classmethod
    def open_memory(cls, why: str | None = None) -> Self:
        """A database that is gone when the program ends, unless `rescue` saves it. `why` there is no file: a
        sentence for `trouble`."""
        return cls(database.open_memory(), None, why)

    def check(self) -> None:
        """Raises StoreError where what a new session reads of the earlier ones is damaged."""
        if is_damaged(self._db, bulk=False):
            raise StoreError(database.damaged(self.path))

    # --- one session ------------------------------------------------------------------------------

    def begin(self, setup: Setup, started_at: str) -> int:
        """Begin a new session (`started_at`: ISO 8601, UTC) and return its number. Where the file cannot take it,
        the session is kept in memory instead, and `trouble` says so. It is of the group of this store."""
        self._one_session()
        heading = Heading(uid=uuid4().hex, started_at=started_at, setup=setup, group=self.group or "")
        try:
            session = self._new(heading)
        except StoreError as error:
            if self.path is None:
                raise
            with suppress(sqlite3.Error):
                self._db.close()
            self._db, self.path = database.open_memory(), None
            self._why_memory = f"{error.message} The discussion goes on and is kept in memory."
            session = self._new(heading)
        self._own, self._heading, self._veil = session, heading, Redaction(setup)
        return session

    def resume(self, session: int) -> None:
        """Go on with a session that broke off, for its group from here on. Raises StoreError when it has ended or is
        still running."""
        self._one_session()
        row = self._session(session)
        if row["ended_at"] is not None:
            raise StoreError(f"Session {session} has ended; start a new one.")
        if self.stored(session).running:
            raise StoreError(f"Session {session} is still running in another window; go on there.")
        setup, group = self.setup(session), self.stored(session).group
        with self._lock, self._explained(), database.writing(self._db):
            # The clock of the session stood still meanwhile.
            until = datetime.datetime.fromisoformat(row["started_at"]) + datetime.timedelta(milliseconds=row["last_ms"])
            self._claim(session, row["pid"])
            last = self._db.execute("SELECT max(seq) FROM events WHERE session = ?", [session]).fetchone()[0]
        self._own, self._next_seq = session, (last or 0) + 1
        self.group = group
        self._heading = Heading(uid=row["uid"], started_at=row["started_at"], setup=setup, group=group)
        self._veil = Redaction(setup)
        away = datetime.datetime.now(datetime.UTC) - until.astimezone(datetime.UTC)
        self._away_ms = max(0, round(away / datetime.timedelta(milliseconds=1)))

    def write(self, records: Sequence[Record]) -> None:
        """Keep these, in order; on the disk within a quarter of a second. Records of one call are stored all or none,
        so hand over a fact together with what followed from it. Words that nobody has agreed to keep are left out."""
        if self._own is None or self._veil is None:
            raise RuntimeError("begin or resume a session before writing to it")
        first, self._next_seq = self._next_seq, self._next_seq + len(records)
        covered = map(self._veil.over, records)
        self._writer.put([Logged(seq=seq, record=record) for seq, record in enumerate(covered, first)])

    def take_in(
        self,
        setup: Setup,
        uid: str,
        records: Sequence[Record],
        settled: tuple[Sequence[TurnEnded], Sequence[CutIn | BackChannel]],
        times: tuple[str, str],
    ) -> tuple[int, bool]:
        """A session that is over already, for the group of this store: all of it, or, whatever comes in between,
        nothing. `times`: when it began and ended (ISO 8601, UTC). Its number, and whether it is new: what is known by
        this `uid` stays as it is. Raises StoreError."""
        heading = Heading(uid=uid, started_at=times[0], setup=setup, group=self.group or "")
        veil = Redaction(setup)
        items: list[Item] = [Logged(seq=seq, record=veil.over(record)) for seq, record in enumerate(records, 1)]
        items += [Settled(turns=tuple(settled[0]), cut_ins=tuple(settled[1])), Closed(reason="done", ended_at=times[1])]
        with self._lock, self._explained(), database.writing(self._db):
            if (known := self.known_as(uid)) is not None:
                return known, False
            session = self._insert(heading)
            if self._take(items, session):
                raise StoreError("It could not be kept: the database does not take what is in it.")
        return session, True

    def replace_turns(self, turns: Sequence[TurnEnded], cut_ins: Sequence[CutIn | BackChannel]) -> None:
        """Replace the turns and cut-ins told live by those after the final pass. Intrusions stay."""
        self._writer.put([Settled(turns=tuple(turns), cut_ins=tuple(cut_ins))])

    def finish(self, session: int, reason: str, ended_at: str | None = None) -> None:
        """The session is over; `ended_at` (ISO 8601, UTC) is when it was last heard of unless it is given.
        Raises StoreError for a session that is not this store's own and cannot be closed."""
        closed = Closed(reason=reason, ended_at=ended_at)
        if session == self._own:
            self._ended = True
            self._writer.put([closed])
            return
        self._session(session)
        with self._lock, self._explained(), database.writing(self._db):
            SessionRows(self._db, session).write([closed])

    def say_as_written(self, names: Iterable[str]) -> None:
        """The voice no longer spells these names of its group in a way of their own. Raises StoreError."""
        with self._lock, self._explained(), database.writing(self._db):
            for name in names:
                self._db.execute(
                    "DELETE FROM pronunciations WHERE person IN"
                    " (SELECT id FROM people WHERE name = ? AND group_id IS ?)",
                    [name, self.group_id],
                )

    # --- when something is wrong ----------------------------------------------------------------------

    def flush(self, timeout_s: float = CLOSING_S) -> bool:
        """Write what waits, now. Whether everything handed over before is stored."""
        return self._writer.flush(timeout_s)

    @property
    def problem(self) -> str | None:
        """What is wrong with the database now, in a sentence; None when all is well."""
        if trouble := self._writer.trouble:
            return f"{trouble} The discussion goes on and is kept in memory."
        if self._refused:
            return "Something could not be stored; it is offered as a file at the end."
        return self._why_memory

    def trouble(self) -> str | None:
        """What people should read about the database now: each problem once, and once that it is over."""
        told, self._told = self._told, self.problem
        if self._told == told:
            return None
        return self._told or f"All is well again: everything is saved in {self.path}."

    def unwritten(self) -> int:
        """How many records are in no file: those that wait or could not be written, or all in memory."""
        return sum(isinstance(item, Logged) for item in self._unwritten())

    @property
    def whole(self) -> bool:
        """All that was handed over is in a file: records, the turns they come to, and that the session is over."""
        return not self._unwritten()

    def rescue(self, path: Path) -> int:
        """Save what is in no file as a new file of JSON lines, for its owner only; `load_rescue` takes it back in.
        Returns how many records went into it. Raises StoreError."""
        if self._heading is None:
            raise StoreError("Nothing has been recorded yet, so there is nothing to save.")
        items = self._unwritten()
        rescue_file.save(path.expanduser(), self._heading, items)
        return sum(isinstance(item, Logged) for item in items)

    def rescue_lines(self) -> list[str]:
        """The lines of that file, for where there is no place for a file at all."""
        return [] if self._heading is None else list(rescue_file.lines(self._heading, self._unwritten()))

    def load_rescue(self, path: Path) -> int:
        """Take in what `rescue` saved, to where it belongs, and return the session. What is there already stays,
        so doing it twice does no harm; what was refused before is left out again. Raises StoreError."""
        heading, items = rescue_file.load(path.expanduser())
        with self._lock, self._explained(), database.writing(self._db):
            found = self._db.execute("SELECT id FROM sessions WHERE uid = ?", [heading.uid]).fetchone()
            session = found[0] if found else self._insert(heading)
            stored = dict(self.numbered(session))
            for item in items:
                if isinstance(item, Logged) and not alike(stored.get(item.seq, item.record), item.record):
                    raise StoreError(
                        f"Session {session} went on without what is in {path}; take it into another database with --db."
                    )
            missing = [item for item in items if not (isinstance(item, Logged) and item.seq in stored)]
            if self.standing(session):
                raise StoreError(
                    f"Session {session} has been corrected; undo that first with facilitator correct undo --session"
                    f" {session}, as often as there are corrections, then take this in."
                )
            self._take(missing, session)
        return int(session)

    def close(self) -> None:
        """Write what waits, as far as the disk lets it, and close the file. What is left can still be rescued."""
        if self._closed:
            return
        self._closed = True
        self._writer.stop(CLOSING_S)
        if not self._lock.acquire(timeout=CLOSING_S):
            return  # the disk hangs in the middle of a commit: what it holds stays pending
        try:
            self._left = self._stored_nowhere()
            with suppress(sqlite3.Error):
                if self._own is not None and not self._ended:
                    self._db.execute("UPDATE sessions SET host = NULL, pid = NULL WHERE id = ?", [self._own])
                self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            self._db.close()
        finally:
            self._lock.release()

    # --- inside -----------------------------------------------------------------------------------------

    def _one_session(self) -> None:
        if self._own is not None:
            raise RuntimeError("a store writes one session; open another one")

    def _new(self, heading: Heading) -> int:
        with self._lock, self._explained(), database.writing(self._db):
            session = self._insert(heading)
            self._claim(session, None)
            rows = SessionRows(self._db, session)
            for name, said in heading.setup.pronounced.items():  # next time, too
                rows.run("INSERT OR REPLACE INTO pronunciations VALUES (?1, ?2)", rows.person(name), said)
        return session

    def _insert(self, heading: Heading) -> int:
        setup = heading.setup
        row = {
            "uid": heading.uid,
            "started_at": heading.started_at,
            "format": str(setup.format.get("name", "")),
            "language": str(setup.language.get("code", "")),
            "setup": setup_to_json(setup),
            "group_id": self._group(heading.group),
        }
        session = self._db.table("sessions").insert(row).last_rowid
        assert session is not None
        rows = SessionRows(self._db, session)
        for position, name in enumerate(setup.people, 1):
            enrolled = int(name in setup.enrolled)
            rows.run(
                "INSERT INTO seats (session, person, position, heard, enrolled) VALUES (:s, ?1, ?2, ?3, ?4)",
                rows.person(name),
                position,
                int(enrolled and setup.listening),
                enrolled,
            )
        return session

    def _group(self, name: str) -> int | None:
        """Its number; one it gets if it has none yet."""
        if not name:
            return None
        self._db.execute("INSERT INTO groups (name) VALUES (?) ON CONFLICT DO NOTHING", [name])
        return int(self._db.execute("SELECT id FROM groups WHERE name = ?", [name]).fetchone()[0])

    def _claim(self, session: int, before: int | None) -> None:
        """Say that this process writes the session, unless another one has been quicker."""
        own = this_process()
        claimed = self._db.execute(
            "UPDATE sessions SET host = ?, pid = ?, process = ? WHERE id = ? AND pid IS ?",
            [own.host, own.pid, own.mark, session, before],
        )
        if claimed.rowcount != 1:
            raise StoreError(f"Session {session} has just been taken up in another window; go on there.")

    def _commit(self, items: Sequence[Item]) -> str | None:
        """On the writer's thread. Stores all of them or none, and says why."""
        assert self._own is not None
        if self._vanished():
            return f"{self.path} has been moved or deleted; put it back."
        try:
            with self._lock:
                with database.writing(self._db):
                    refused = self._take(items, self._own)
                self._refused += refused
        except database.DAMAGE as error:
            return database.explain(self.path or Path("memory"), error)
        return None

    def _take(self, items: Sequence[Item], session: int) -> list[Item]:
        """Inside a transaction: write these. If one of them is bad, write the others and return it."""
        try:
            with self._db.atomic():
                SessionRows(self._db, session, self._away_ms if session == self._own else 0).write(items)
            return []
        except Exception as error:
            if not _is_refused(error):
                raise
        if len(items) == 1:
            return list(items)
        return [refused for item in items for refused in self._take([item], session)]

    def _vanished(self) -> bool:
        """A file deleted on Linux or macOS can still be written to, for nothing."""
        return self.path is not None and database.identity(self.path) != self._identity

    def _unwritten(self) -> list[Item]:
        return (self._left if self._closed else self._stored_nowhere()) + self._refused + self._writer.pending

    def _stored_nowhere(self) -> list[Item]:
        """What the open database holds of the session, if it is in memory or its file has gone."""
        if self._own is None or not (self.path is None or self._vanished()):
            return []
        with self._lock, suppress(StoreError):
            return rescue_file.everything(self, self._own)
        return []


def _is_refused(error: Exception) -> bool:
    """What is wrong is a record rather than the file: trying it again would not help."""
    refusals = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError, sqlite3.DataError)
    return isinstance(error, refusals) or not isinstance(error, sqlite3.Error)
