"""The sessions of another database taken into this one: each once, by the `uid` that it has in every copy.

The other file is copied first and never changed. People of it who are somebody else than who has their name here are
renamed in that copy, in everything that was said; then all rows are taken over in one transaction.

Who sat in the same place of a session that both files have is one person, whatever they are called here by now. What
was removed here is not brought back.

Numbers of agreements within stored events stay what they were in the other file: what a session began with and what
was said of it in that session go by the same numbers, and nothing else reads them.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from facilitator.core.language.names import folded
from facilitator.errors import StoreError
from facilitator.store import database
from facilitator.store.items import marks
from facilitator.store.people import People
from facilitator.store.recovery.sense import is_damaged_file, own_tables
from facilitator.store.sqlite import Database

CHILDREN = ("recurrences", "occurrences", "cooling_rules")
"""Rows of an agreement, which belong to a session only by that."""
OF_PEOPLE = ("nameless", "pronunciations", "voiceprints")
"""Rows of a person: they stay as they are here where there are any already."""
MADE_ANEW = ("measures",)
OF_ONE_FILE = ("removed_sessions",)
"""What is true of one file alone."""
SAID_LATER = "kept_session"
"""Points to the session in which something was said of what an earlier one had agreed on."""
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
    """Sessions that were here already, and of which nothing was changed, but for what a later one that was taken in
    says of what they had agreed on."""
    ahead: tuple[int, ...] = ()
    """Of those, by their number here, the ones of which more is stored in the other file: it went on, was corrected, or
    it was said what was kept."""
    people: int = 0
    """Who were not here before."""
    unfinished: int = 0
    """Sessions that have not ended there, and are left out until they have."""
    removed: int = 0
    """Sessions that were removed here, and stay so."""


@dataclass(slots=True)
class _Maps:
    """What each number of the other file is here; None stands for itself."""

    groups: dict[Any, Any] = field(default_factory=lambda: {None: None})
    people: dict[Any, Any] = field(default_factory=lambda: {None: None})
    sessions: dict[Any, Any] = field(default_factory=lambda: {None: None})
    waiting: set[int] = field(default_factory=set)
    """Sessions of the other file that have not ended."""
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
            self._recognise()
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
        known = self._uids() | self._uids("removed_sessions")
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
        return [
            Clash(group=group, name=name)
            for group, name in theirs
            if (folded(group), folded(name)) in here - self._settled
        ]

    def known_as(self, name: str) -> tuple[str, ...]:
        """What somebody of the other file is called here, in each group, who sat in a session that both have."""
        return tuple(now for was, now in self._recognised if folded(was) == folded(name))

    def set_apart(self, clash: Clash, name: str) -> None:
        """Who has the name in the other file is somebody else, and is called this from now on. Raises StoreError where
        somebody is called that already, here or there."""
        here = self._db.execute(_NAMED).fetchall()
        if any((folded(group), folded(one)) == (folded(clash.group), folded(name)) for group, one in here):
            raise StoreError(
                f"There is somebody called {name} here already; choose another name for the other {clash.name}."
            )
        with People.open(self._copy) as people:
            theirs = people.within(clash.group)
            if folded(name) in (folded(one.name) for one in theirs.people()):
                raise StoreError(
                    f"There is somebody called {name} there already; choose another name for the other {clash.name}."
                )
            theirs.rename(clash.name, name)
        self._settle()

    def set_same(self, clash: Clash) -> None:
        """Who has the name in the other file is who has it here, and is called as it is written here."""
        for group, name in self._db.execute(_NAMED).fetchall():
            if (folded(group), folded(name)) == (folded(clash.group), folded(clash.name)):
                with People.open(self._copy) as people:
                    if set(people.within(clash.group).find(clash.name)) != {name}:
                        people.rename(clash.name, name, merge=True)
                return

    def merge(self) -> MergedIn:
        """Take in what is not here yet: all of it or nothing."""
        self._db.execute("ATTACH ? AS other", [str(self._copy)])
        try:
            with database.writing(self._db):
                found = self._take()
                if wrong := self._db.execute("PRAGMA main.foreign_key_check").fetchone():
                    raise StoreError(f"{self._other} is damaged (in {wrong[0]}), so nothing was taken out of it.")
            self._db.execute("DETACH other")
        except database.DAMAGE as error:
            refused = isinstance(error, sqlite3.OperationalError) and "decode" not in str(error)
            if refused or is_damaged_file(self._path):  # there is no room, or another program is writing
                raise StoreError(database.explain(self._path, error)) from error
            raise StoreError(database.damaged(self._other)) from error
        return found

    # --- inside -----------------------------------------------------------------------------------

    def _uids(self, table: str = "sessions") -> set[str]:
        return {uid for (uid,) in self._db.execute(f"SELECT uid FROM {table}").fetchall()}

    def _recognise(self) -> None:
        """Whoever sat in a session that both files have is called in the copy what they are called here. Nothing is
        concluded of who was forgotten, in either, or of whom the sessions do not tell the same."""
        with database.understood(self._path):
            here = {(uid, place): who for uid, place, *who in self._db.execute(_SEATED).fetchall()}
        found: dict[tuple[str, str], set[tuple[str, str]]] = {}
        with database.understood(self._other), contextlib.closing(sqlite3.connect(self._copy)) as other:
            for uid, place, group, name in other.execute(_SEATED).fetchall():
                if (uid, place) in here:
                    now_of, now = here[uid, place]
                    found.setdefault((group, name), set()).add((now_of, now))
        self._recognised: list[tuple[str, str]] = []
        """What they are called there, and here."""
        self._settled: set[tuple[str, str]] = set()
        self._open = {
            (group, name): now
            for (group, name), ((now_of, now), *more) in found.items()
            if not more and folded(now_of) == folded(group)
        }
        self._settle()

    def _settle(self) -> None:
        """Who has the new name there already is the same person only if that is known as well; else this waits until
        they are called otherwise."""
        known = dict(self._open)
        for (group, name), now in known.items():
            if now != name:
                try:
                    with People.open(self._copy) as people:
                        people.within(group).rename(name, now, merge=known.get((group, now)) == now)
                except StoreError:
                    continue
            self._recognised.append((name, now))
            self._settled.add((folded(group), folded(now)))
            del self._open[group, name]

    def _take(self) -> MergedIn:
        maps, db = _Maps(), self._db
        here = dict(db.execute("SELECT uid, id FROM main.sessions").fetchall())
        theirs = db.execute("SELECT id, uid, ended_at FROM other.sessions ORDER BY started_at, id").fetchall()
        away = self._uids("removed_sessions") - here.keys()
        removed = {number for number, uid, _ in theirs if uid in away}
        coming = [n for n, uid, ended in theirs if uid not in here and ended is not None and n not in removed]
        known = {number: here[uid] for number, uid, _ in theirs if uid in here}
        maps.sessions |= known
        waiting = {number for number, uid, ended in theirs if uid not in here and ended is None} - removed
        maps.waiting = waiting
        before = db.execute("SELECT count(*) FROM main.people").fetchone()[0]
        self._take_groups(maps, coming)
        self._take_people(maps, coming)
        for number in coming:
            self._insert("sessions", maps, "id = ?", [number])
        for table in own_tables(db):
            if table not in (*FIRST, *OF_PEOPLE, *MADE_ANEW, *OF_ONE_FILE, *CHILDREN, LAST):
                self._take_rows(table, maps, coming)
        self._take_rows(LAST, maps, coming)
        for table in CHILDREN:
            taken = [number for number in maps.of("agreements") if number is not None]
            self._insert(table, maps, f"agreement IN ({marks(taken)})", taken)
        self._say_what_was_kept(maps, known, coming)
        after = db.execute("SELECT count(*) FROM main.people").fetchone()[0]
        return MergedIn(
            sessions=len(coming),
            known=len(known),
            ahead=tuple(sorted(mine for number, mine in known.items() if self._is_ahead(number, mine, waiting))),
            people=after - before,
            unfinished=len(waiting),
            removed=len(removed),
        )

    def _say_what_was_kept(self, maps: _Maps, known: Mapping[int, int], coming: Sequence[int]) -> None:
        """Of what sessions that are here already had agreed on, where it was said in those that come, and nothing later
        is said here."""
        earlier = (
            "(kept IS NULL OR (SELECT started_at FROM main.sessions WHERE id = kept_session)"
            " < (SELECT started_at FROM main.sessions WHERE id = ?))"
        )
        for there, mine in known.items():
            self._db.execute(  # whether what cooled off still stands; it is not stored when that was said
                "UPDATE main.agreements AS a SET stands = b.stands FROM other.agreements AS b"
                " WHERE a.session = ? AND b.session = ? AND a.stands IS NULL AND b.stands IS NOT NULL"
                " AND (a.kind, a.number, a.text) = (b.kind, b.number, b.text)",
                [mine, there],
            )
            for kind, number, kept, said in self._db.execute(
                f"SELECT kind, number, kept, kept_session FROM other.agreements WHERE session = ? AND kept_session IN"
                f" ({marks(coming)})",
                [there, *coming],
            ).fetchall():
                self._db.execute(
                    "UPDATE main.agreements SET kept = ?, kept_session = ?"
                    f" WHERE session = ? AND number = ? AND kind = ? AND {earlier}",
                    [kept, maps.sessions[said], mine, number, kind, maps.sessions[said]],
                )
            for number, day, kept, said in self._db.execute(
                "SELECT a.number, o.day, o.kept, o.kept_session FROM other.occurrences o JOIN other.agreements a"
                f" ON a.id = o.agreement WHERE a.session = ? AND o.kept_session IN ({marks(coming)})",
                [there, *coming],
            ).fetchall():
                self._db.execute(
                    "INSERT INTO main.occurrences (agreement, day, kept, kept_session)"
                    " SELECT r.agreement, ?, ?, ? FROM main.recurrences r JOIN main.agreements a ON a.id = r.agreement"
                    " WHERE a.session = ? AND a.number = ? ON CONFLICT DO UPDATE"
                    f" SET kept = excluded.kept, kept_session = excluded.kept_session WHERE {earlier}",
                    [day, kept, maps.sessions[said], mine, number, maps.sessions[said]],
                )

    def _is_ahead(self, there: int, mine: int, waiting: Collection[int]) -> bool:
        """Whether more of that session is stored there. How far it went cannot be compared once it was thinned, as its
        events are counted anew then; what is said in a session that is to come is not told of before."""
        until = {
            where: self._db.execute(_REACHED.format(where), [session]).fetchone()
            for where, session in (("other", there), ("main", mine))
        }
        (thinned, *theirs), (thinned_here, *ours) = until["other"], until["main"]
        if thinned or thinned_here:
            theirs[0] = ours[0] = 0
        for table in ("agreements", "occurrences"):
            theirs.append(self._said(table, "other", there, waiting))
            ours.append(self._said(table, "main", mine, ()))
        return any(more > so_far for more, so_far in zip(theirs, ours, strict=True))

    def _said(self, table: str, where: str, session: int, waiting: Collection[int]) -> int:
        """How often it was said whether something of this session was kept."""
        key = "id" if table == "agreements" else "agreement"
        found = self._db.execute(
            f"SELECT count(kept) FROM {where}.{table} WHERE {key} IN (SELECT id FROM {where}.agreements"
            f" WHERE session = ?) AND coalesce(kept_session, 0) NOT IN ({marks(waiting)})",
            [session, *waiting],
        ).fetchone()
        return int(found[0])

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
            if SAID_LATER in row:
                if row[SAID_LATER] in maps.waiting:  # so is what was said in it
                    row["kept"] = None
                row[SAID_LATER] = row[SAID_LATER] if row[SAID_LATER] in maps.sessions else None
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
_SEATED = """
  WITH as_heard AS (
    SELECT session, position, person FROM heard_seats UNION ALL
    SELECT session, position, person FROM seats WHERE session NOT IN (SELECT session FROM heard_seats)
  )
  SELECT s.uid, h.position, coalesce(g.name, ''), p.name FROM as_heard h JOIN sessions s ON s.id = h.session
  JOIN people p ON p.id = h.person LEFT JOIN groups g ON g.id = p.group_id
  WHERE p.id NOT IN (SELECT person FROM nameless) ORDER BY s.started_at, s.id, h.position
"""
"""As it was heard: what was put right of one session, in one file, says nothing of who somebody is in the others."""
_REACHED = """
  SELECT thinned_on IS NOT NULL, (SELECT coalesce(max(seq), 0) FROM {0}.events e WHERE e.session = s.id),
    (SELECT count(*) FROM {0}.corrections c WHERE c.session = s.id),
    (SELECT count(undone_at) FROM {0}.corrections c WHERE c.session = s.id)
  FROM {0}.sessions s WHERE s.id = ?
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
        if _is_strange(copy):
            raise StoreError(f"{path} has parts that this program makes none of, so nothing was taken out of it.")
        with copy:  # nobody writes what is in the copy
            copy.execute("UPDATE sessions SET host = NULL, pid = NULL, process = NULL")


def _is_strange(copy: sqlite3.Connection) -> bool:
    """Whether something in it does more than hold rows: it would do that as soon as they are written or read."""
    parts = copy.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    with contextlib.closing(database.open_memory()) as fresh:
        own = set(own_tables(fresh))
    return any(
        kind == "trigger" or (name in own and (kind != "table" or "VIRTUAL TABLE" in sql.upper()))
        for kind, name, sql in parts
    )


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
