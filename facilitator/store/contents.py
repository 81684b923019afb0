"""What a database holds, table by table, for those who look after it: `audit` and `doctor`."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from facilitator.errors import StoreError
from facilitator.store import database
from facilitator.store.reader import Reader, reads_rows
from facilitator.store.schema import migrations

_MIGRATIONS = migrations.MIGRATIONS.migrations_table


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTable:
    name: str
    what: str | None
    """What stands in it, by the first comment in its definition; None: this program did not make it."""
    rows: int
    blobs: tuple[str, ...]
    """Columns that could hold sound or pictures; this program has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """`first` and `last`: when the first and the last session began, as ISO 8601; empty where there is none. `people`:
    who can be called by name."""

    sessions: int = 0
    first: str = ""
    last: str = ""
    people: int = 0


@reads_rows
def tables(reader: Reader) -> Iterator[StoredTable]:
    """In the order in which they were made."""
    for row in reader.query(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL ORDER BY rowid"
    ):
        name = row["name"]
        told = re.search(r"^ +-- (.+)$", row["sql"], re.MULTILINE)
        what = "which versions of this table of contents it has been through" if name == _MIGRATIONS else None
        quoted = name.replace('"', '""')
        blobs = reader.query("SELECT name FROM pragma_table_info(?) WHERE upper(type) = 'BLOB'", [name])
        yield StoredTable(
            name=name,
            what=told[1] if told else what,
            rows=reader.query(f'SELECT count(*) AS n FROM "{quoted}"')[0]["n"],
            blobs=tuple(column["name"] for column in blobs),
        )


@reads_rows
def totals(reader: Reader) -> Totals:
    (found,) = reader.query(
        "SELECT count(*) AS sessions, coalesce(min(started_at), '') AS first,"
        " coalesce(max(started_at), '') AS last,"
        " (SELECT count(*) FROM people WHERE id NOT IN (SELECT person FROM nameless)) AS people FROM sessions"
    )
    return Totals(**found)


def checked(path: Path) -> tuple[str, int]:
    """What SQLite says of the file, "ok" where it is whole, and how many sessions it holds. Raises StoreError where it
    cannot be read at all."""
    with contextlib.closing(database.open_for_reading(path, 1.0)) as db:
        try:
            verdict = db.execute("PRAGMA quick_check(1)").fetchone()[0]
            sessions = db.execute("SELECT count(*) FROM sessions").fetchone()[0]
        except database.DAMAGE as error:
            raise StoreError(database.explain(path, error)) from error
    return str(verdict), int(sessions)
