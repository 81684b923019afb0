"""The sessions of another database taken into this one: each once, by the `uid` that it has in every copy.

The other file is copied first and never changed. People of it who are somebody else than who has their name here are
renamed in that copy, in everything that was said; then all rows are taken over in one transaction.

Numbers of agreements within stored events stay what they were in the other file: what a session began with and what
was said of it in that session go by the same numbers, and nothing else reads them.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from sqlite_utils import Database

from facilitator.core.language.names import folded
from facilitator.errors import StoreError
from facilitator.store import database
from facilitator.store.items import marks
from facilitator.store.people import People
from facilitator.store.recovery.sense import own_tables

CHILDREN = ("recurrences", "occurrences", "cooling_rules")
"""Rows of an agreement, which belong to a session only by that."""
OF_PEOPLE = ("nameless", "pronunciations", "voiceprints")
"""Rows of a person: they stay as they are here where there are any already."""
MADE_ANEW = ("measures",)
FIRST = ("groups", "people", "sessions")
LAST = "heard_whose"
"""Points to rows of all the others."""
_ROWID = "%rowid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """Somebody of the other file has the name of somebody here, in the same group."""

    group: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedIn:
    sessions: int
    known: int
    """Sessions that were here already, and of which nothing was changed."""
    ahead: tuple[int, ...] = ()
    """Of those, by their number here, the ones that have gone on in the other file since."""
    people: int = 0
    """Who were not here before."""
    unfinished: int = 0
    """Sessions that have not ended there, and are left out until they have."""


@dataclass(slots=True)
class _Maps:
    """What each number of the other file is here; None stands for itself."""

    groups: dict[Any, Any] = field(default_factory=lambda: {None: None})
    people: dict[Any, Any] = field(default_factory=lambda: {None: None})
    sessions: dict[Any, Any] = field(default_factory=lambda: {None: None})
    rows: dict[str, dict[Any, Any]] = field(default_factory=dict)
    """By table, of those whose rows others point to."""

    def of(self, table: str) -> dict[Any, Any]:
        named = {"groups": self.groups, "people": self.people, "sessions": self.sessions}
        return named[table] if table in named else self.rows.setdefault(table, {None: None})


class Merging:
    """Another database, to be taken in. Use it as a context manager. Raises StoreError with a sentence."""

    def __init__(self, path: Path, other: Path) -> None:
        self._path, self._other = path.expanduser().absolute(), other.expanduser().absolute()
        self._until = contextlib.ExitStack()

    def __enter__(self) -> Self:
        if not self._other.exists():
            raise StoreError(f"There is no file {self._other}; check the name.")
        if self._path.exists() and self._path.samefile(self._other):
            raise StoreError(f"{self._other} is this database itself; name the other one.")
        database.refuse_others(self._other)
        try:
            folder = self._until.enter_context(TemporaryDirectory(prefix=".facilitator-", dir=self._folder()))
            self._copy = Path(folder) / "other.db"
            with database.understood(self._other):
                _copy(self._other, self._copy)
            try:
                database.open_file(self._copy, database.PATIENCE_S).close()  # brought up to date, or refused
            except StoreError as error:
                raise StoreError(error.message.replace(str(self._copy), str(self._other))) from error
            self._db = database.open_file(self._path, database.PATIENCE_S)
            self._until.callback(self._db.close)
        except BaseException:
            self._until.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._until.close()

    def _folder(self) -> Path:
        """Beside the database, where a copy of a database is as private as that."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._path.parent

    def clashes(self) -> list[Clash]:
        """Names that stand for somebody here and for somebody in the sessions to be taken in."""
        known = {uid for (uid,) in self._db.execute("SELECT uid FROM sessions").fetchall()}
        with database.understood(self._other), contextlib.closing(sqlite3.connect(self._copy)) as other:
            ended = other.execute("SELECT id, uid FROM sessions WHERE ended_at IS NOT NULL").fetchall()
            coming = [number for number, uid in ended if uid not in known]
            theirs = other.execute(
                "SELECT DISTINCT coalesce(g.name, ''), p.name FROM people p LEFT JOIN groups g ON g.id = p.group_id"
                f" WHERE p.id IN (SELECT person FROM seats WHERE session IN ({marks(coming)}))"
                " AND p.id NOT IN (SELECT person FROM nameless) ORDER BY 1, 2",
                coming,
            ).fetchall()
        here = {(folded(group), folded(name)) for group, name in self._db.execute(_NAMED).fetchall()}
        return [Clash(group=group, name=name) for group, name in theirs if (folded(group), folded(name)) in here]

    def set_apart(self, clash: Clash, name: str) -> None:
        """Who has the name in the other file is somebody else, and is called this from now on. Raises StoreError where
        somebody is called that already, here or there."""
        here = self._db.execute(_NAMED).fetchall()
        if any((folded(group), folded(one)) == (folded(clash.group), folded(name)) for group, one in here):
            raise StoreError(
                f"There is somebody called {name} here already; choose another name for the other {clash.name}."
            )
        with People.open(self._copy) as people:
            people.within(clash.group).rename(clash.name, name)

    def merge(self) -> MergedIn:
        """Take in what is not here yet: all of it or nothing."""
        self._db.execute("ATTACH ? AS other", [str(self._copy)])
        try:
            with database.understood(self._path), database.writing(self._db):
                found = self._take()
                if wrong := self._db.execute("PRAGMA main.foreign_key_check").fetchone():
                    raise StoreError(f"{self._other} is damaged (in {wrong[0]}), so nothing was taken out of it.")
        finally:
            self._db.execute("DETACH other")
        return found

    # --- inside -----------------------------------------------------------------------------------

    def _take(self) -> MergedIn:
        maps, db = _Maps(), self._db
        here = dict(db.execute("SELECT uid, id FROM main.sessions").fetchall())
        theirs = db.execute("SELECT id, uid, ended_at FROM other.sessions ORDER BY started_at, id").fetchall()
        coming = [number for number, uid, ended in theirs if uid not in here and ended is not None]
        known = {number: here[uid] for number, uid, _ in theirs if uid in here}
        maps.sessions |= known
        before = db.execute("SELECT count(*) FROM main.people").fetchone()[0]
        self._take_groups(maps, coming)
        self._take_people(maps, coming)
        for number in coming:
            self._insert("sessions", maps, "id = ?", [number])
        for table in own_tables(db):
            if table not in (*FIRST, *OF_PEOPLE, *MADE_ANEW, *CHILDREN, LAST):
                self._take_rows(table, maps, coming)
        self._take_rows(LAST, maps, coming)
        for table in CHILDREN:
            taken = [number for number in maps.of("agreements") if number is not None]
            self._insert(table, maps, f"agreement IN ({marks(taken)})", taken)
        after = db.execute("SELECT count(*) FROM main.people").fetchone()[0]
        return MergedIn(
            sessions=len(coming),
            known=len(known),
            ahead=tuple(
                sorted(mine for number, mine in known.items() if self._last(number, "other") > self._last(mine))
            ),
            people=after - before,
            unfinished=len(theirs) - len(coming) - len(known),
        )

    def _last(self, session: int, where: str = "main") -> int:
        found = self._db.execute(f"SELECT max(seq) FROM {where}.events WHERE session = ?", [session]).fetchone()[0]
        return int(found or 0)

    def _take_groups(self, maps: _Maps, coming: Sequence[int]) -> None:
        """A group is the same one where it is called the same."""
        known = self._db.execute("SELECT id, name FROM main.groups").fetchall()
        here = {folded(name): number for number, name in known}
        for number, name in self._db.execute(
            f"SELECT id, name FROM other.groups WHERE id IN (SELECT group_id FROM other.sessions WHERE id IN"
            f" ({marks(coming)})) ORDER BY id",
            coming,
        ).fetchall():
            if folded(name) not in here:
                here[folded(name)] = _row(self._db, "groups", {"name": name})
            maps.groups[number] = here[folded(name)]

    def _take_people(self, maps: _Maps, coming: Sequence[int]) -> None:
        """Everyone of the groups that come, as rows of a session may speak of somebody without a seat; who is in none
        of them is left out again."""
        db = self._db
        nameless = {number for (number,) in db.execute("SELECT person FROM main.nameless").fetchall()}
        of_them = {number for (number,) in db.execute("SELECT person FROM other.nameless").fetchall()}
        used = self._used(coming)
        for number, name, group in db.execute("SELECT id, name, group_id FROM other.people ORDER BY id").fetchall():
            if number not in used:
                continue
            values = {"name": name, "group_id": maps.groups[group]}
            found = db.execute(
                "SELECT id FROM main.people WHERE name = ? AND group_id IS ?", [*values.values()]
            ).fetchone()
            if found is not None and (found[0] in nameless) != (number in of_them):
                raise StoreError(f"{name} stands for somebody who was forgotten, in one of the two; rename them first.")
            maps.people[number] = found[0] if found is not None else _row(db, "people", values)
            for table in OF_PEOPLE:
                self._insert(table, maps, "person = ?", [number], or_ignore=True)

    def _used(self, coming: Sequence[int]) -> set[int]:
        found: set[int] = set()
        for table in own_tables(self._db):
            keys = {key.column: key.other_table for key in self._db.table(table).foreign_keys if key.column}
            if "session" not in keys or table in MADE_ANEW:
                continue
            for column in (column for column, other in keys.items() if other == "people"):
                rows = self._db.execute(
                    f"SELECT DISTINCT {column} FROM other.{table} WHERE session IN ({marks(coming)})", coming
                ).fetchall()
                found |= {row[0] for row in rows if row[0] is not None}
        some = self._db.execute(
            "SELECT o.person FROM other.occurrences o JOIN other.agreements a ON a.id = o.agreement"
            f" WHERE o.person IS NOT NULL AND a.session IN ({marks(coming)})",
            coming,
        ).fetchall()
        return found | {row[0] for row in some}

    def _take_rows(self, table: str, maps: _Maps, coming: Sequence[int]) -> None:
        """What belongs to the sessions."""
        for number in coming:
            if table == "events":  # by far the most, and they point to nothing else
                self._db.execute(
                    "INSERT INTO main.events SELECT ?, seq, role, kind, at_ms, body FROM other.events"
                    " WHERE session = ? ORDER BY seq",
                    [maps.sessions[number], number],
                )
            else:
                self._insert(table, maps, "session = ?", [number])

    def _insert(
        self,
        table: str,
        maps: _Maps,
        where: str,
        values: Sequence[Any],
        *,
        or_ignore: bool = False,
    ) -> None:
        """The rows of the other file, with the numbers that all they point to has here, and with new ones of their
        own."""
        keys = {key.column: key.other_table for key in self._db.table(table).foreign_keys if key.column}
        numbers = maps.of(table)
        theirs = f"SELECT rowid AS '{_ROWID}', * FROM other.{table} WHERE {where} ORDER BY rowid"
        for row in _rows(self._db, theirs, values):
            old = row.pop(_ROWID)
            own = "id" if "id" in row else None
            found = {
                name: maps.of(keys[name])[value] if name in keys else value
                for name, value in row.items()
                if name != own
            }
            if table == LAST:
                there = maps.of(found["place"].split(".")[0])
                if found["number"] not in there:  # taken away since
                    continue
                found["number"] = there[found["number"]]
            numbers[old] = _row(self._db, table, found, or_ignore=or_ignore)


_NAMED = """
  SELECT coalesce(g.name, ''), p.name FROM people p LEFT JOIN groups g ON g.id = p.group_id
  WHERE p.id NOT IN (SELECT person FROM nameless)
"""


def _copy(path: Path, to: Path) -> None:
    to.touch(mode=0o600)
    last = path.with_name(f"{path.name}-wal")
    more = "" if last.exists() and last.stat().st_size else "&immutable=1"
    with (
        contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro{more}", uri=True)) as other,
        contextlib.closing(sqlite3.connect(to)) as copy,
    ):
        other.backup(copy)
        with copy:  # nobody writes what is in the copy
            copy.execute("UPDATE sessions SET host = NULL, pid = NULL, process = NULL")


def _rows(db: Database, sql: str, values: Sequence[Any]) -> Iterator[dict[str, Any]]:
    found = db.execute(sql, values)
    names = [column[0] for column in found.description]
    for row in found.fetchall():
        yield dict(zip(names, row, strict=True))


def _row(db: Database, table: str, row: Mapping[str, Any], *, or_ignore: bool = False) -> int:
    """The number that the new row gets."""
    columns = ", ".join(f'"{name}"' for name in row)
    ignoring = " OR IGNORE" if or_ignore else ""
    done = db.execute(f"INSERT{ignoring} INTO main.{table} ({columns}) VALUES ({marks(row)})", list(row.values()))
    return int(done.lastrowid or 0)
