"""The group's own rules, steps and agreements, put into other words outside of any session."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from facilitator.core.agreements import ASKED
from facilitator.core.events import AgreementKind
from facilitator.core.text import cleaned
from facilitator.errors import StoreError
from facilitator.store.notebook.changes import Changes


class OwnRules(Changes):
    """To add a rule or a step, to word one anew, to take one away, to say what was kept."""

    def add(self, kind: AgreementKind, text: str) -> int:
        """A rule or a step of those who talked last. Its number."""
        with self._change():
            session = self.latest()
            self._db.execute(
                "INSERT INTO agreements (session, number, kind, text, at_ms, agreed_on) SELECT id,"
                " (SELECT coalesce(max(number), 0) + 1 FROM agreements WHERE session = s.id), ?, ?, last_ms,"
                " date('now', 'localtime') FROM sessions s WHERE id = ?",
                [kind, _worded(text), session],
            )
            return int(self._db.execute("SELECT max(id) FROM agreements").fetchone()[0])

    def word(self, number: int, text: str) -> None:
        """In these words from now on; what was said in a session stays said."""
        with self._change():
            self._one(number)
            self._db.execute("UPDATE agreements SET text = ? WHERE id = ?", [_worded(text), number])

    def cool(self, number: int, days: int) -> None:
        """By this rule something counts only after so many days; 0: by none of them any more."""
        with self._change():
            kind = self._one(number)["kind"]
            if kind != "rule":
                raise StoreError(f"Number {number} is no rule; add one with --add rule TEXT, and say its days then.")
            self._db.execute("DELETE FROM cooling_rules WHERE agreement = ?", [number])
            if days:
                self._db.execute("INSERT INTO cooling_rules VALUES (?, ?)", [number, days])

    def fill_in(
        self,
        number: int,
        *,
        owner: str | None = None,
        due: datetime.date | None = None,
        idea: str | None = None,
        decided: str | None = None,
    ) -> None:
        """What was not said when it was noted. None: that stays as it is; an empty name: everyone."""
        with self._change():
            row = self._one(number)
            if row["kind"] not in ASKED:
                raise StoreError(f"Number {number} is a {row['kind']}, which is everyone's, for good.")
            if owner is not None:
                self._db.execute("UPDATE agreements SET owner = ? WHERE id = ?", [self._person(row, owner), number])
            if due is not None:
                if self.query("SELECT 1 FROM recurrences WHERE agreement = ?", [number]):
                    raise StoreError(f"Number {number} comes again; say with --every {number} never that it does not.")
                self._db.execute("UPDATE agreements SET due = ? WHERE id = ?", [due.isoformat(), number])
            for table, name in (("ideas", idea), ("deciders", decided)):
                if name is not None:
                    self._db.execute(f"DELETE FROM {table} WHERE agreement = ?", [number])
                    values = [row["session"], number, self._person(row, name)]
                    self._db.execute(f"INSERT INTO {table} (session, agreement, person) VALUES (?, ?, ?)", values)

    def keep(self, said: Mapping[int, bool]) -> None:
        """Somebody says of these agreements that they are kept (True) or open again. All of them or none."""
        with self._change():
            for number, kept in said.items():
                kind = self._one(number)["kind"]
                if kind not in ASKED:
                    raise StoreError(f"Number {number} is a {kind}, which is neither kept nor open.")
                self._db.execute(
                    "UPDATE agreements SET kept = ?, kept_session = NULL, stands = nullif(stands, 0) WHERE id = ?",
                    [kept, number],
                )

    def _person(self, agreement: Mapping[str, Any], name: str) -> int | None:
        """Somebody who sat there; None: everyone."""
        if not name:
            return None
        found = self.query(
            "SELECT p.id FROM people p JOIN seats t ON t.person = p.id WHERE t.session = ? AND p.name = ?",
            [agreement["session"], name],
        )
        if not found:
            raise StoreError(f"Nobody called {name} was there when number {agreement['id']} was agreed on.")
        return int(found[0]["id"])

    def remove(self, number: int) -> None:
        """A rule or a step; an agreement is kept or open, and is not made as if it had never been."""
        with self._change():
            kind = self._one(number)["kind"]
            if kind not in ("rule", "step"):
                raise StoreError(f"Number {number} is a {kind}; say that it is done with --done {number}.")
            self._db.execute("DELETE FROM agreements WHERE id = ?", [number])

    def _one(self, number: int) -> dict[str, Any]:
        found = self.query("SELECT * FROM agreements WHERE id = ?", [number])
        if not found:
            raise StoreError(f"There is no agreement {number}; `facilitator agreements` lists them.")
        return found[0]


def _worded(text: str) -> str:
    words = " ".join(cleaned(text).split())
    if not words:
        raise StoreError("Say it in a few words.")
    return words
