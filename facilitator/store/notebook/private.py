"""What a mediator notes for themselves, and what each person says of a joint report: who strikes what, who says yes.

All of it is in a file of its own beside the database, which nothing that reads, copies, merges or exports the database
knows of. A session is known in it by its `uid`. The file is made when there is something to write, for its owner only,
and what is removed from it is overwritten.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from facilitator.errors import StoreError
from facilitator.store import database
from facilitator.store.reader import Reader, reads_rows

PATIENCE_S = 5.0
MOST = 4_000
"""Letters of one note."""
_TABLES = """
CREATE TABLE IF NOT EXISTS notes (
  id INTEGER PRIMARY KEY, session TEXT NOT NULL, noted_at TEXT NOT NULL, text TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS struck (
  session TEXT NOT NULL, person TEXT NOT NULL, part TEXT NOT NULL, PRIMARY KEY (session, person, part)
);
CREATE TABLE IF NOT EXISTS agreed (
  session TEXT NOT NULL, person TEXT NOT NULL, report TEXT NOT NULL, PRIMARY KEY (session, person, report)
);
CREATE TABLE IF NOT EXISTS shown (
  session TEXT NOT NULL, person TEXT NOT NULL, report TEXT NOT NULL, PRIMARY KEY (session, person)
);
"""
_OF_A_SESSION = ("notes", "struck", "agreed", "shown")


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateNote:
    number: int
    noted_at: str
    """ISO 8601, UTC."""
    text: str


def private_file(db: Path) -> Path:
    """Where it is for this database."""
    return db.with_name(f"{db.stem}.private{db.suffix}")


def every_file(db: Path) -> tuple[Path, ...]:
    """All in which something of this database lies, or may come to lie: it, this one, and what SQLite keeps beside."""
    files = (db, private_file(db))
    return tuple(file.with_name(f"{file.name}{end}") for file in files for end in ("", *database.BESIDE))


@reads_rows
def uid_of(reader: Reader, session: int) -> str:
    """By which a session is known in it."""
    rows = reader.query("SELECT uid FROM sessions WHERE id = ?", [session])
    if not rows:
        raise StoreError(f"There is no session {session}; `facilitator review` tells the latest one.")
    return str(rows[0]["uid"])


@reads_rows
def nameless(reader: Reader, session: int) -> frozenset[str]:
    """What the seats of those are called there who were forgotten."""
    rows = reader.query(
        "SELECT name FROM people WHERE id IN (SELECT person FROM seats WHERE session = ?)"
        " AND id IN (SELECT person FROM nameless)",
        [session],
    )
    return frozenset(row["name"] for row in rows)


class Private:
    """Of one database. Opened for each thing that is done; it need not be there, and of a database in memory (None)
    there is none. Raises StoreError."""

    def __init__(self, db: Path | None) -> None:
        self.path = None if db is None else private_file(db.expanduser().absolute())

    # -- notes -------------------------------------------------------------------------------------

    def change(self, session: str, now: str, *, note: Sequence[str] = (), remove: Sequence[int] = ()) -> None:
        """Notes these texts and removes the notes of these numbers: all of it or nothing."""
        texts = [text.strip() for text in note]
        if not all(texts):
            raise StoreError("There is nothing to note; write a few words.")
        if any(len(text) > MOST for text in texts):
            raise StoreError(f"That is longer than {MOST} letters; note it in parts.")
        with self._open(make=bool(texts)) as db:
            db.executemany(
                "INSERT INTO notes (session, noted_at, text) VALUES (?, ?, ?)", [(session, now, text) for text in texts]
            )
            for number in remove:
                if not db.execute("DELETE FROM notes WHERE session = ? AND id = ?", [session, number]).rowcount:
                    raise StoreError(f"There is no note {number} in this session.")

    def notes(self, session: str) -> tuple[PrivateNote, ...]:
        with self._open() as db:
            rows = db.execute(
                "SELECT id, noted_at, text FROM notes WHERE session = ? ORDER BY id", [session]
            ).fetchall()
        return tuple(PrivateNote(number=number, noted_at=at, text=text) for number, at, text in rows)

    # -- the joint report --------------------------------------------------------------------------

    def strike(self, session: str, person: str, parts: Sequence[str], *, leave_out: bool) -> None:
        """What this person leaves out, or lets stand again; only their own. What somebody else leaves out is out
        already: were it left out twice, who lets it stand again would learn that there is another."""
        rows = [(session, person, part) for part in parts]
        with self._open(make=True) as db:
            if leave_out:
                db.executemany(
                    "INSERT OR IGNORE INTO struck SELECT ?1, ?2, ?3"
                    " WHERE NOT EXISTS (SELECT 1 FROM struck WHERE session = ?1 AND part = ?3)",
                    rows,
                )
            else:
                db.executemany("DELETE FROM struck WHERE session = ? AND person = ? AND part = ?", rows)

    def struck(self, session: str, person: str | None = None) -> frozenset[str]:
        """By this person; None: by anybody, and it is not told by whom."""
        only, values = ("", []) if person is None else (" AND person = ?", [person])
        with self._open() as db:
            rows = db.execute(
                f"SELECT DISTINCT part FROM struck WHERE session = ?{only}", [session, *values]
            ).fetchall()
        return frozenset(part for (part,) in rows)

    def agree(self, session: str, person: str, report: str | None) -> None:
        """To a report with these very words (by their digest); None: they take back what they said."""
        with self._open(make=True) as db:
            db.execute("DELETE FROM agreed WHERE session = ? AND person = ?", [session, person])
            if report is not None:
                db.execute("INSERT INTO agreed VALUES (?, ?, ?)", [session, person, report])

    def agreed(self, session: str, report: str) -> frozenset[str]:
        """Who said yes to it as it is now."""
        with self._open() as db:
            rows = db.execute(
                "SELECT person FROM agreed WHERE session = ? AND report = ?", [session, report]
            ).fetchall()
        return frozenset(person for (person,) in rows)

    def show(self, session: str, person: str, report: str) -> None:
        """These very words are before them now."""
        with self._open(make=True) as db:
            db.execute("INSERT OR REPLACE INTO shown VALUES (?, ?, ?)", [session, person, report])

    def has_seen(self, session: str, person: str, report: str) -> bool:
        """They were what this person was shown last."""
        with self._open() as db:
            row = db.execute("SELECT report FROM shown WHERE session = ? AND person = ?", [session, person]).fetchone()
        return bool(row == (report,))

    # -- people and sessions -----------------------------------------------------------------------

    @contextlib.contextmanager
    def changing(self) -> Iterator[PrivateChanges]:
        """Goes into the file together with what is done meanwhile: not at all where that fails, and just before it
        where it does not. So whoever has it in a transaction of the database loses nothing when that cannot be
        written; and a crash in the moment between the two leaves names in the database, where the same command finds
        them once more, never in here, where nothing would look for them."""
        try:
            with self._open() as db:
                changes = PrivateChanges(db, self.path)
                try:
                    yield changes
                except sqlite3.Error as error:
                    raise _Meanwhile from error
        except _Meanwhile as meanwhile:
            assert meanwhile.__cause__ is not None
            raise meanwhile.__cause__ from None

    def would_change(self, replaced: Callable[[str], str], sessions: Sequence[str]) -> bool:
        """Whether any note has something to be `replaced` in it."""
        wanted = set(sessions)
        with self._open() as db:
            return any(replaced(text) != text for _, session, text in _all_notes(db) if session in wanted)

    @contextlib.contextmanager
    def _open(self, *, make: bool = False) -> Iterator[sqlite3.Connection]:
        """Where it is not there and need not be made, an empty one in memory."""
        if make and self.path is not None:
            database.make_private(self.path)
        place = ":memory:" if self.path is None or not self.path.exists() else str(self.path)
        try:
            db = sqlite3.connect(place, timeout=PATIENCE_S)
            with contextlib.closing(db):
                db.execute("PRAGMA secure_delete = ON")
                db.executescript(_TABLES)
                with db:
                    yield db
        except sqlite3.Error as error:
            raise StoreError(database.explain(Path(place), error)) from error


class _Meanwhile(Exception):
    """What failed was done meanwhile, in another database, which tells it."""


class PrivateChanges:
    """What is done when people are renamed or forgotten and sessions are removed (`Private.changing`)."""

    def __init__(self, db: sqlite3.Connection, path: Path | None) -> None:
        self._db, self._path = db, path

    def forget(self, names: Sequence[str], replaced: Callable[[str], str], sessions: Sequence[str]) -> None:
        """In these sessions, those of their group, what they said is gone, what they struck is nobody's in
        particular, and their names in notes are `replaced`."""
        whose = [(session, name) for session in sessions for name in names]
        # what they left out stays left out, as nobody's in particular
        self._each("UPDATE OR REPLACE struck SET person = '' WHERE session = ? AND person = ?", whose)
        self._unsay(whose)
        self._reword(replaced, sessions)

    def rename(self, names: Sequence[str], new: str, replaced: Callable[[str], str], sessions: Sequence[str]) -> None:
        whose = [(session, name) for session in sessions for name in names]
        moved = [(new, *one) for one in whose]
        self._each("UPDATE OR REPLACE struck SET person = ? WHERE session = ? AND person = ?", moved)
        self._unsay(whose)  # the report has another name in it now
        self._reword(replaced, sessions)

    def call(self, session: str, names: Mapping[str, str]) -> None:
        """What people of one session are called from now on, by what they were called: all at once, two may have
        changed their names. What was said yes to had others in it."""
        aside = {old: f"\0{number}" for number, old in enumerate(names)}
        for here in (aside, {aside[old]: new for old, new in names.items()}):
            moved = [(new, session, old) for old, new in here.items()]
            self._each("UPDATE OR REPLACE struck SET person = ? WHERE session = ? AND person = ?", moved)
        self._unsay([(session, old) for old in names])

    def leave_out(self, sessions: Sequence[str]) -> None:
        """Those that are removed from the database."""
        for table in _OF_A_SESSION:
            self._each(f"DELETE FROM {table} WHERE session = ?", [(session,) for session in sessions])

    def _unsay(self, whose: Sequence[tuple[str, str]]) -> None:
        for table in ("agreed", "shown"):
            self._each(f"DELETE FROM {table} WHERE session = ? AND person = ?", whose)

    def _reword(self, replaced: Callable[[str], str], sessions: Sequence[str]) -> None:
        wanted = set(sessions)
        new = [(replaced(text), number) for number, session, text in _all_notes(self._db) if session in wanted]
        self._each("UPDATE notes SET text = ?1 WHERE id = ?2 AND text <> ?1", new)

    def _each(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        try:
            self._db.executemany(sql, rows)
        except sqlite3.Error as error:
            raise StoreError(database.explain(self._path or Path(":memory:"), error)) from error


def _all_notes(db: sqlite3.Connection) -> list[tuple[int, str, str]]:
    return db.execute("SELECT id, session, text FROM notes").fetchall()
