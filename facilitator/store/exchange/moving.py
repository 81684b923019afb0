"""Sessions that become another group's, with all that belongs to them: seats, figures, agreements and what was said of
them since, corrections. Who sat in them is that group's, too, and the same person as who has their name there.

Their other sessions stay where they are. How a name is spoken goes along; a voiceprint only where nothing else is left
of that person in the group before, as it was kept for that one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from facilitator.core.language.names import NameForm, Replacing, folded
from facilitator.errors import StoreError
from facilitator.store import names as store_names
from facilitator.store.items import marks
from facilitator.store.notebook.private import Private, PrivateChanges, uid_of
from facilitator.store.people import People

BY_AGREEMENT = ("occurrences",)
"""Rows of an agreement that point to people, and belong to a session only by that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moving:
    """What moving would do. `met`: who is in the other group already under the same name."""

    sessions: tuple[int, ...]
    already: tuple[int, ...]
    met: tuple[str, ...]


class Moves(People):
    """The database, to move sessions in it into the group that was said (`within`). Every method raises StoreError with
    a sentence."""

    def plan(self, sessions: Sequence[int]) -> Moving:
        stored = {one.session: one for one in self.sessions()}
        for session in sessions:
            if session not in stored:
                raise self._none(session)
        there = [one for one in dict.fromkeys(sessions) if stored[one].group == (self.group or "")]
        going = [one for one in dict.fromkeys(sessions) if one not in there]
        if (running := next((one for one in going if stored[one].running), None)) is not None:
            raise StoreError(f"Session {running} is still running; move it when it has ended.")
        here = {folded(row["name"]): row["name"] for row in self.query(f"{_NAMED} AND group_id IS ?", [self.group_id])}
        ids = sorted(self._people_of(going))
        coming = {folded(row["name"]) for row in self.query(f"{_NAMED} AND id IN ({marks(ids)})", ids)}
        met = sorted(here[name] for name in here.keys() & coming)
        return Moving(sessions=tuple(going), already=tuple(there), met=tuple(met))

    def move(self, sessions: Sequence[int]) -> Moving:
        """All of them or none; those that are there already stay as they are."""
        plan = self.plan(sessions)
        if not plan.sessions:
            return plan
        with self._changing(), Private(self.path).changing() as private:
            if self.group:
                self._db.execute("INSERT INTO groups (name) VALUES (?) ON CONFLICT DO NOTHING", [self.group])
            for old in sorted(self._people_of(plan.sessions)):
                new = self._in_this_group(old, plan.sessions, private)
                for table, column, where in self._pointing():
                    of_them = f"{where.format(marks(plan.sessions))} AND {column} = ?"
                    self._db.execute(f"UPDATE {table} SET {column} = ? WHERE {of_them}", [new, *plan.sessions, old])
                self._take_along(old, new)
            values = [self.group_id, *plan.sessions]
            self._db.execute(f"UPDATE sessions SET group_id = ? WHERE id IN ({marks(plan.sessions)})", values)
            store_names.drop_unused(self._db)
        return plan

    def of_group(self, name: str) -> list[int]:
        """All its sessions, the first first; empty: of no group."""
        return sorted(one.session for one in self.sessions() if one.group == name)

    # --- inside -----------------------------------------------------------------------------------

    def _pointing(self) -> Iterator[tuple[str, str, str]]:
        """Every column that points to a person from something of a session: table, column, and which rows are that
        session's."""
        for table, column, of_session in store_names.references(self._db):
            if of_session:
                yield table, column, "session IN ({})"
            elif table in BY_AGREEMENT:
                yield table, column, "agreement IN (SELECT id FROM agreements WHERE session IN ({}))"

    def _people_of(self, sessions: Sequence[int]) -> set[int]:
        with self._explained():
            found = {
                row[0]
                for table, column, where in self._pointing()
                for row in self._db.execute(
                    f"SELECT DISTINCT {column} FROM {table} WHERE {where.format(marks(sessions))}", list(sessions)
                ).fetchall()
            }
        return found - {None}

    def _in_this_group(self, old: int, sessions: Sequence[int], private: PrivateChanges) -> int:
        """The row of that name here, which is made where there is none. Where it is written otherwise here, it is from
        now on in these sessions, too."""
        (name,) = self._db.execute("SELECT name FROM people WHERE id = ?", [old]).fetchone()
        found = self._id(name)
        if found is None and (now := next(iter(self._written(name)), None)) is not None:
            found = self._id(now)
            form = NameForm(name=name, instead=now, exact=True, suffix=False)
            replacing = Replacing([form], store_names.others(self._db, [name]))
            store_names.prepare(self._db, replacing)
            for session in sessions:
                store_names.replace(self._db, session, replacing)
            private.rename([name], now, replacing.text, [uid_of(self, session) for session in sessions])
        if found is None:
            self._db.execute("INSERT INTO people (name, group_id) VALUES (?, ?)", [name, self.group_id])
            found = self._id(name)
            self._db.execute("INSERT INTO nameless (person) SELECT ? FROM nameless WHERE person = ?", [found, old])
        asked = "SELECT count(*) FROM nameless WHERE person IN (?, ?)"
        if self._db.execute(asked, [old, found]).fetchone()[0] == 1:
            raise StoreError(f"{name} stands for somebody who was forgotten, in one of the groups; rename them first.")
        assert found is not None
        return found

    def _take_along(self, old: int, new: int) -> None:
        spelled = (
            "INSERT OR IGNORE INTO pronunciations (person, said) SELECT ?, said FROM pronunciations WHERE person = ?"
        )
        self._db.execute(spelled, [new, old])
        left = any(
            self._db.execute(f"SELECT 1 FROM {table} WHERE {column} = ? LIMIT 1", [old]).fetchone()
            for table, column, _ in self._pointing()
        )
        if not left:
            self._db.execute("UPDATE OR IGNORE voiceprints SET person = ? WHERE person = ?", [new, old])


_NAMED = "SELECT name FROM people WHERE id NOT IN (SELECT person FROM nameless)"
