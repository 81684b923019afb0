"""A copy of the whole database, made while it may be in use, and what is in it table by table."""

from __future__ import annotations

import contextlib
import datetime
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from facilitator.core.text import all_cleaned
from facilitator.errors import StoreError
from facilitator.store.items import moment
from facilitator.store.people import People
from facilitator.store.reader import Reader


class Whole(Reader):
    """The database, to copy it."""

    def copy_to(self, path: Path, since: datetime.datetime | None = None) -> None:
        """A copy of all that is stored at this moment, in a file that is not there yet, for its owner only; where a
        group was said, of its sessions; `since`: without those that began before. Nobody writes the sessions in it:
        one that is being recorded counts in the copy as one that broke off. Raises StoreError."""
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        with self._lock, self._explained():
            self._db.execute("VACUUM INTO ?", [str(path)])
        copy = sqlite3.connect(path)
        try:
            with copy:
                copy.execute("UPDATE sessions SET host = NULL, pid = NULL, process = NULL")
            (verdict,) = copy.execute("PRAGMA quick_check").fetchone()
        finally:
            copy.close()
        if verdict != "ok":
            raise StoreError(f"{self._name} is damaged; bring back an older copy of it.")
        with People.open(path) as people:
            away = [
                one.session
                for one in people.sessions()
                if (since is not None and moment(one.started_at) < since) or self.group not in (None, one.group)
            ]
            if away:
                people.leave_out(away)

    def copy_of(self, session: int) -> bytes:
        """A database with this one session, to be handed on: no voiceprint is in it, nothing of any other session, and
        not what was removed here. Raises StoreError."""
        where = None if self.path is None else self.path.parent
        try:
            with TemporaryDirectory(prefix=".facilitator-", dir=where) as folder, self._explained():
                return self._one_alone(session, Path(folder) / "one.db")
        except OSError as error:
            raise StoreError(
                f"Session {session} could not be copied ({error.strerror}); make some room beside {self._name}, and try"
                " again. It stays stored here."
            ) from error

    def _one_alone(self, session: int, path: Path) -> bytes:
        self._session(session)
        self.copy_to(path)
        with contextlib.closing(sqlite3.connect(path)) as copy, copy:
            copy.execute("PRAGMA secure_delete = ON")
            copy.execute("DELETE FROM voiceprints")
            copy.execute("DELETE FROM removed_sessions")
        with People.open(path) as people:
            people.leave_out([one.session for one in people.sessions() if one.session != session])
        return path.read_bytes()

    def contents(self) -> Iterator[tuple[str, bool]]:
        """Every table and view, and whether it is a view."""
        for row in self.query(
            "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'"
            " ORDER BY type, rowid"
        ):
            yield row["name"], row["type"] == "view"

    def columns(self, name: str) -> list[str]:
        return [row["name"] for row in self.query(f"SELECT name FROM pragma_table_info('{name}')")]

    def rows(self, name: str) -> Iterator[dict[str, Any]]:
        """Of a table or a view, one at a time."""
        with self._lock, self._explained():
            yield from map(all_cleaned, self._db.query(f'SELECT * FROM "{name}"'))
