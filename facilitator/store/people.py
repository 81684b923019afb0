"""The people in the database: who there is, renaming, how names are said, forgetting, and letting old sessions go."""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from facilitator.core.clock_doubt import Dated
from facilitator.core.language.names import Replacing, folded
from facilitator.errors import StoreError
from facilitator.store import database, items
from facilitator.store import names as store_names
from facilitator.store.corrections import called_before, correct_again, corrected_sessions
from facilitator.store.items import marks
from facilitator.store.notebook.private import Private, PrivateChanges
from facilitator.store.reader import Reader, reads_rows

SOMEONE = "someone"
Track = Callable[[Sequence[int]], Iterable[int]]
"""Goes through the sessions, and may show how far it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    name: str
    group: str
    """In which they go by that name; empty: no group was named."""
    sessions: int
    first: str
    """When they first took part, ISO 8601, UTC; empty: only an agreement is theirs."""
    last: str
    said: str
    """How the name is spelled for the voice; empty: as it is written."""
    voice: str = ""
    """The day on which they asked for their voiceprint to be kept, ISO 8601; empty: it is not."""
    corrected: bool = False
    """They had a seat in a session that was corrected since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonTraces:
    """What there is of a person: what forgetting them would change."""

    names: tuple[str, ...]
    """As they are written: capitals may differ from session to session. Empty: no person, only texts."""
    sessions: tuple[int, ...]
    alone: tuple[int, ...]
    """Of these, those in which nobody else is left who has a name: they are removed."""
    agreements: int
    ratings: int
    voice: bool
    """Their voiceprint is kept."""
    ordinary: bool
    """The name is a word of a language too: in small letters it is left where it stands."""
    before: tuple[str, ...] = ()
    """What they were called in a session before that was corrected. These names stay."""
    elsewhere: tuple[str, ...] = ()
    """Other groups in which somebody is called that, who is somebody else and stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    sessions: int
    removed: int
    places: int
    """Texts, events and setups in which something was changed."""
    traces: int | None = None
    """How often the name still stands somewhere in the bytes of the file; None: that could not be told."""


_OF_SESSION = "session IN (SELECT id FROM sessions WHERE group_id IS ?)"
_OF_GROUP = {
    "sessions": "group_id IS ?",
    "groups": "id IS ?",
    "pronunciations": "person IN (SELECT id FROM people WHERE group_id IS ?)",
}
"""The rows of a table that are a group's."""


@reads_rows
def forgotten(reader: Reader) -> set[str]:
    """What stands for people whose name was forgotten: the same in many sessions, of whoever it was."""
    return {row["name"] for row in reader.query("SELECT name FROM people JOIN nameless ON person = id")}


@reads_rows
def pronounced(reader: Reader, people: Iterable[str]) -> dict[str, str]:
    """How the names of these people of the reader's group are spelled for the voice, where that was said."""
    rows = reader.query(
        "SELECT name, said FROM pronunciations JOIN people ON people.id = person WHERE group_id IS ?", [reader.group_id]
    )
    wanted = set(people)
    return {row["name"]: row["said"] for row in rows if row["name"] in wanted}


@reads_rows
def known_names(reader: Reader) -> set[str]:
    """Everyone of earlier sessions of the reader's group."""
    return {row["name"] for row in reader.query("SELECT name FROM people WHERE group_id IS ?", [reader.group_id])}


@reads_rows
def all_names(reader: Reader) -> list[str]:
    """Of everyone in the database who has one, in whichever group."""
    rows = reader.query("SELECT DISTINCT name FROM people WHERE id NOT IN (SELECT person FROM nameless) ORDER BY name")
    return [row["name"] for row in rows]


class People(Reader):
    """The database, to look after the people in it: by name, in the group that was said (`within`), else among those of
    no group. Every method raises StoreError with a sentence."""

    @classmethod
    def open(cls, path: Path, *, patience_s: float = database.PATIENCE_S) -> Self:
        path = path.expanduser().absolute()
        if not path.exists():
            raise StoreError(f"There is no database {path} yet; start a discussion, or name another file with --db.")
        return cls(database.open_file(path, patience_s), path)

    def people(self) -> list[Person]:
        """Everyone with a name, those who were there last first; where a group was said, of it."""
        only, values = ("", []) if self.group is None else (" AND p.group_id IS ?", [self.group_id])
        rows = self.query(
            "SELECT p.name, coalesce(g.name, '') AS \"group\", count(s.id) AS sessions,"
            " coalesce(min(s.started_at), '') AS first,"
            " coalesce(max(s.started_at), '') AS last, coalesce(n.said, '') AS said,"
            " coalesce((SELECT max(saved_on) FROM voiceprints WHERE person = p.id), '') AS voice,"
            " EXISTS (SELECT 1 FROM heard_seats h WHERE h.person = p.id) AS corrected FROM people p"
            " LEFT JOIN seats t ON t.person = p.id LEFT JOIN sessions s ON s.id = t.session"
            " LEFT JOIN pronunciations n ON n.person = p.id LEFT JOIN groups g ON g.id = p.group_id"
            f" WHERE p.id NOT IN (SELECT person FROM nameless){only} GROUP BY p.id ORDER BY last DESC, p.name, g.name",
            values,
        )
        return [Person(**row | {"corrected": bool(row["corrected"])}) for row in rows]

    def groups_of(self, name: str) -> tuple[str, ...]:
        """Every group in which somebody is called that; empty: those of no group."""
        with self._explained():
            rows = self._db.execute(
                "SELECT p.name, coalesce(g.name, '') FROM people p LEFT JOIN groups g ON g.id = p.group_id"
                " WHERE p.id NOT IN (SELECT person FROM nameless) ORDER BY g.name"
            ).fetchall()
        return tuple(dict.fromkeys(group for one, group in rows if folded(one) == folded(name)))

    def groups_that_mention(self, name: str) -> tuple[str, ...]:
        """Every group in whose texts the name stands."""
        was = self.group
        try:
            return tuple(one.name for one in self.groups() if self.within(one.name)._mentioned(name))
        finally:
            self.group = was

    def find(self, name: str) -> tuple[str, ...]:
        """Every way in which this name is written, the latest first: as it is stored, characters that nobody sees
        among it. Raises StoreError where there is none."""
        found = self._written(name)
        if not found:
            everyone = [person.name for person in self.people()]
            near = difflib.get_close_matches(name, everyone, n=1)
            hint = f"did you mean {near[0]}?" if near else "`facilitator people` lists everyone."
            where = f", group {self.group}" if self.group else ""
            raise StoreError(f"Nobody called {name} is stored in {self._name}{where}; {hint}")
        return found

    def _written(self, name: str) -> tuple[str, ...]:
        with self._explained():
            rows = self._db.execute(
                "SELECT p.name FROM people p LEFT JOIN seats t ON t.person = p.id LEFT JOIN sessions s"
                " ON s.id = t.session WHERE p.group_id IS ? AND p.id NOT IN (SELECT person FROM nameless)"
                " GROUP BY p.id ORDER BY coalesce(max(s.started_at), '') DESC, p.name",
                [self.group_id],
            ).fetchall()
        return tuple(one for (one,) in rows if folded(one) == folded(name))

    # --- names ------------------------------------------------------------------------------------

    def say(self, name: str, said: str) -> None:
        """From now on the voice spells the name like this; empty: as it is written."""
        with self._changing():
            for one in self.find(name):
                self._db.execute("DELETE FROM pronunciations WHERE person = ?", [self._id(one)])
                if said:
                    self._db.execute("INSERT INTO pronunciations VALUES (?, ?)", [self._id(one), said])

    def rename(self, name: str, new: str, *, merge: bool = False, track: Track = iter) -> Done:
        """Everywhere. `merge`: there is somebody of the new name already, and they are the same person."""
        olds = [old for old in self.find(name) if old != new]
        there = [one for one in self._written(new) if one not in olds]
        if not olds:
            raise StoreError(f"{new} is called that already.")
        if there and not merge:
            raise StoreError(f"There is a {new} already; if they are the same person, add --merge.")
        if not there:
            there = [new] if len(olds) == 1 else []
        self._not_together([*olds, *there])
        everyone = [*olds, *(one for one in there if one != new)]
        forms = store_names.forms(self._db, everyone, new, self._within)
        sounds = set(self._sounds(everyone))
        forms = [form for form in forms if form.name not in sounds]  # they stay as they are
        replacing = Replacing(forms, store_names.others(self._db, everyone, self._within))
        with self._purging(), Private(self.path).changing() as private:
            private.rename(everyone, new, replacing.text, self._uids())
            places = self._everywhere(everyone, lambda _: replacing, track)
            target = self._target(new, everyone)
            for old in everyone:
                self._move(self._id(old), target)
            correct_again(self, new)
        return Done(sessions=0, removed=0, places=places)

    def _not_together(self, names: Sequence[str]) -> None:
        """Two who sat at the same table are two people, whatever a correction has made of them since."""
        for seats, so in (("seats", ""), ("heard_seats", ", as it was heard")):
            both = self.query(
                f"SELECT t.session FROM {seats} t JOIN people p ON p.id = t.person WHERE p.group_id IS ?"
                f" AND p.name IN ({marks(names)}) GROUP BY t.session HAVING count(*) > 1",
                [self.group_id, *names],
            )
            if both:
                raise StoreError(f"Both sat at the table in session {both[0]['session']}{so}, so they are two people.")

    def _target(self, new: str, olds: Sequence[str]) -> int:
        """The row of the person under the new name: theirs if there is one, or the first of the old ones."""
        target = self._id(new)
        if target is None:
            values = [new, olds[0], self.group_id]
            self._db.execute("UPDATE people SET name = ? WHERE name = ? AND group_id IS ?", values)
            target = self._id(new)
        assert target is not None
        return target

    def _move(self, source: int | None, target: int) -> None:
        """All that points to one row points to another; the first is taken out."""
        if source is None or source == target:
            return
        for table, column, of_session in store_names.references(self._db):
            if of_session:
                self._db.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", [target, source])
        self._db.execute("UPDATE OR IGNORE pronunciations SET person = ? WHERE person = ?", [target, source])
        self._db.execute("UPDATE OR IGNORE voiceprints SET person = ? WHERE person = ?", [target, source])
        self._db.execute("DELETE FROM people WHERE id = ?", [source])

    # --- forgetting -------------------------------------------------------------------------------

    def found(self, name: str) -> PersonTraces:
        """What there is of them. Raises StoreError where there is nothing, not even in a text."""
        try:
            names = self.find(name)
        except StoreError:
            if not self._mentioned(name):
                raise
            names = ()
        ids = [self._id(one) for one in names]
        seats = self.query(f"SELECT session FROM seats WHERE person IN ({marks(ids)}) ORDER BY session", ids)
        sessions = tuple(dict.fromkeys(row["session"] for row in seats))
        alone = self.query(
            f"SELECT s.id FROM sessions s WHERE s.id IN ({marks(sessions)}) AND NOT EXISTS (SELECT 1 FROM seats t"
            " JOIN people p ON p.id = t.person WHERE t.session = s.id AND p.id NOT IN (SELECT person FROM nameless)"
            f" AND p.id NOT IN ({marks(ids)}))",
            [*sessions, *ids],
        )
        count = "SELECT count(*) AS n FROM {} WHERE {} IN ({})"
        forms = store_names.forms(self._db, names or [name], SOMEONE, self._within)
        return PersonTraces(
            names=names,
            sessions=sessions,
            alone=tuple(row["id"] for row in alone),
            agreements=self.query(count.format("agreements", "owner", marks(ids)), ids)[0]["n"],
            ratings=sum(
                self.query(count.format(table, "person", marks(ids)), ids)[0]["n"]
                for table in ("ratings", "self_ratings")
            ),
            voice=bool(self.query(count.format("voiceprints", "person", marks(ids)), ids)[0]["n"]),
            ordinary=any(form.exact for form in forms),
            before=called_before(self, names),
            elsewhere=tuple(group for group in self.groups_of(name) if group != (self.group or "")),
        )

    def forget(self, name: str, *, whole_sessions: bool = False, track: Track = iter) -> Done:
        """Take the name out of everything that is the group's. Sessions stay for the others, with a seat that has no
        name; those in which nobody else is left are removed, or (`whole_sessions`) all of theirs."""
        found = self.found(name)
        names = list(found.names) or [name]
        forms = store_names.forms(self._db, names, SOMEONE, self._within)
        others = store_names.others(self._db, names, self._within)
        remove = found.sessions if whole_sessions else found.alone
        with self._purging(), Private(self.path).changing() as private:
            private.forget(names, Replacing(forms, others).text, self._uids())
            self._remove(remove, private)
            stay = [session for session in found.sessions if session not in remove]
            stay += corrected_sessions(self)
            seats = {session: self._nameless_seat(session) for session in dict.fromkeys(stay)}

            def in_session(session: int) -> Replacing:
                instead = seats.get(session, (SOMEONE, 0))[0]
                mine = [replace(form, instead=instead) for form in forms]
                return Replacing(mine, others)

            places = self._everywhere(names, in_session, track)
            for session, (_, row) in seats.items():
                self._hand_over(session, names, row)
            self._hand_over(None, names, self._nameless_seat(0)[1] if self._owned(names) else 0)
            values = [self.group_id, *names]
            self._db.execute(f"DELETE FROM people WHERE group_id IS ? AND name IN ({marks(names)})", values)
            store_names.drop_unused(self._db)
        untold = found.ordinary or found.elsewhere or self.path is None
        left = None if untold or self.path is None else store_names.traces(self.path, names, self._all_others(names))
        return Done(sessions=len(found.sessions), removed=len(remove), places=places, traces=left)

    def older_than(self, moment: datetime.datetime) -> list[int]:
        """Sessions that ended, or broke off, before it; where a group was said, its. Those that are running now are not
        among them."""
        theirs = {found.session for found in self.sessions() if not found.running and self.group in (None, found.group)}
        return sorted(one.number for one in self.dated() if one.number in theirs and one.ended < moment)

    def dated(self) -> list[Dated]:
        """When each session was held, by the clock of its time."""
        with self._explained():
            return [
                Dated(
                    number=found.session,
                    began=items.moment(found.started_at),
                    ended=items.moment(found.ended_at or found.started_at),
                )
                for found in self.sessions()
            ]

    def remove(self, sessions: Sequence[int]) -> None:
        """Take these sessions out, with all that belongs to them, and people who are in no other."""
        with self._purging(), Private(self.path).changing() as private:
            self._remove(sessions, private)
            store_names.drop_unused(self._db)

    def leave_out(self, sessions: Sequence[int]) -> None:
        """The same in a copy that is made without them: where it came from they stay, and may be taken in again."""
        with self._purging():
            self._delete(sessions)
            store_names.drop_unused(self._db)

    # --- inside -----------------------------------------------------------------------------------

    def _remove(self, sessions: Sequence[int], private: PrivateChanges) -> None:
        """For good: a copy of one is not taken in again (`exchange.merging`)."""
        uids = f"SELECT uid FROM sessions WHERE id IN ({marks(sessions)})"
        private.leave_out([row[0] for row in self._db.execute(uids, list(sessions)).fetchall()])
        self._db.execute(f"INSERT OR IGNORE INTO removed_sessions {uids}", list(sessions))
        self._delete(sessions)

    def _delete(self, sessions: Sequence[int]) -> None:
        self._db.conn.executemany("DELETE FROM sessions WHERE id = ?", [(session,) for session in sessions])

    @property
    def _within(self) -> store_names.Within:
        return store_names.Within(self.group_id)

    def _all_others(self, names: Sequence[str]) -> list[str]:
        """Whose names may stand in the file, whatever group they are of."""
        return store_names.others(self._db, names)

    def _everywhere(self, names: Sequence[str], replacing: Callable[[int], Replacing], track: Track) -> int:
        group = self.group_id
        store_names.prepare(self._db, Replacing(store_names.forms(self._db, names, "", self._within)))
        found = self._db.execute("SELECT id FROM sessions WHERE group_id IS ? ORDER BY id", [group]).fetchall()
        places = sum(
            store_names.replace(self._db, session, replacing(session)) for session in track([row[0] for row in found])
        )
        if group:
            store_names.replace_in_group(self._db, group, replacing(0))
        spelled = "SELECT person, said FROM pronunciations JOIN people ON people.id = person WHERE people.group_id IS ?"
        for person, said in self._db.execute(spelled, [group]).fetchall():
            text = replacing(0).text(said)
            self._db.execute("UPDATE pronunciations SET said = ? WHERE person = ? AND said <> ?", [text, person, text])
        return places

    def _mentioned(self, name: str) -> bool:
        """Whether the name stands as a word in any text of the group, a mediator's own notes among them."""
        group = self.group_id
        forms = store_names.forms(self._db, [name], "", self._within)
        replacing = Replacing(forms, store_names.others(self._db, [name], self._within))
        store_names.prepare(self._db, replacing)
        columns = {**store_names.TEXTS, "sessions": ("format", "host", "setup")}
        columns |= {"events": ("body",), "corrections": ("body",)}
        found = (
            row["text"]
            for table, names in columns.items()
            for column in names
            for row in self.query(
                f"SELECT {column} AS text FROM {table} WHERE has_name({column})"
                f" AND {_OF_GROUP.get(table, _OF_SESSION)}",
                [group],
            )
        )
        noted = Private(self.path).would_change(replacing.text, self._uids())
        return noted or any(replacing.text(text) != text for text in found)

    def _uids(self) -> list[str]:
        """Of all sessions of the group."""
        rows = self._db.execute("SELECT uid FROM sessions WHERE group_id IS ?", [self.group_id]).fetchall()
        return [row[0] for row in rows]

    def _nameless_seat(self, session: int) -> tuple[str, int]:
        """A name for the seat in this session that nobody there has or ever had, and its row in `people`."""
        rows = self.query(
            "SELECT name FROM people WHERE id IN (SELECT person FROM seats WHERE session = ?1 UNION"
            " SELECT person FROM heard_seats WHERE session = ?1) UNION SELECT j.value FROM corrections c,"
            " json_each(c.body) j WHERE c.session = ?1 AND j.key IN ('person', 'to', 'into') AND j.type = 'text'",
            [session],
        )
        taken = {folded(row["name"]) for row in rows} | {folded(person.name) for person in self.people()}
        count = 1
        while folded(instead := SOMEONE if count == 1 else f"{SOMEONE} {count}") in taken:
            count += 1
        return instead, self._nameless(instead)

    def _nameless(self, instead: str) -> int:
        values = [instead, self.group_id]
        self._db.execute("INSERT INTO people (name, group_id) VALUES (?, ?) ON CONFLICT DO NOTHING", values)
        row = self._id(instead)
        self._db.execute("INSERT INTO nameless (person) VALUES (?) ON CONFLICT DO NOTHING", [row])
        assert row is not None
        return row

    def _owned(self, names: Sequence[str]) -> bool:
        """Something that is in no session of theirs points to them, such as an agreement."""
        ids = [self._id(name) for name in names]
        return any(
            self._db.execute(f"SELECT 1 FROM {table} WHERE {column} IN ({marks(ids)}) LIMIT 1", ids).fetchone()
            for table, column, of_session in store_names.references(self._db)
            if of_session
        )

    def _hand_over(self, session: int | None, names: Sequence[str], row: int) -> None:
        ids = [found for name in names if (found := self._id(name)) is not None]
        for table, column, of_session in store_names.references(self._db):
            if of_session:
                where = f"{column} IN ({marks(ids)})" + ("" if session is None else " AND session = ?")
                values: list[Any] = [row, *ids, *([] if session is None else [session])]
                self._db.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", values)

    def _sounds(self, names: Sequence[str]) -> list[str]:
        own = {folded(name) for name in names}
        return [form.name for form in store_names.forms(self._db, names, "") if folded(form.name) not in own]

    def _id(self, name: str) -> int | None:
        values = [name, self.group_id]
        row = self._db.execute("SELECT id FROM people WHERE name = ? AND group_id IS ?", values).fetchone()
        return None if row is None else int(row[0])

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._lock, self._explained(), database.writing(self._db):
            yield

    @contextmanager
    def _purging(self) -> Iterator[None]:
        store_names.not_running(self._db, [found.session for found in self.sessions() if found.running])
        assert self.path is not None
        with self._lock, self._explained(), store_names.purging(self._db, self.path):
            yield
