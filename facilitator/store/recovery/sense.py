"""Whether what is stored makes sense: by it a damaged file is known, and what can be taken out of one."""

from __future__ import annotations

import contextlib
import datetime
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from facilitator.core.discussion import Discussion
from facilitator.core.events import from_row
from facilitator.core.review.apply_corrections import from_json
from facilitator.errors import FacilitatorError
from facilitator.store.database import DAMAGE, PATIENCE_S, open_for_reading
from facilitator.store.items import checked, setup_from_json
from facilitator.store.schema import migrations
from facilitator.store.sqlite import Database

JSON = frozenset({"setup", "body", "numbers"})
"""Columns that hold JSON."""
BULK = frozenset({"events", "speech", "turns", "cut_ins", "floor", "stages", "measures"})
"""Tables that a new session does not read."""


def check_row(table: str, row: Mapping[str, Any]) -> None:
    """Raises one of `DAMAGE`, or StoreError, for a row that no version of this program wrote."""
    for column, value in row.items():
        if not isinstance(value, str):
            continue
        if column in JSON:
            json.loads(value)
        elif column.endswith(("_at", "_on")):
            datetime.datetime.fromisoformat(value)
    if table == "sessions":
        Discussion(setup_from_json(row["setup"]))
    elif table == "events":
        checked(from_row({"kind": row["kind"], "at_ms": row["at_ms"]} | json.loads(row["body"])))
    elif table == "corrections":
        from_json(json.loads(row["body"]))


def own_tables(db: Database) -> Iterator[str]:
    """In the order in which they were made: what a row points to stands before it."""
    for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid").fetchall():
        if not name.startswith("sqlite_") and name != migrations.MIGRATIONS.migrations_table:
            yield name


def is_damaged(db: Database, *, bulk: bool = True) -> bool:
    """Whether something in it is not as this program writes it. `bulk` false: only in what a new session reads; of the
    rest that SQLite can read it."""
    try:
        if db.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            return True
        for table in own_tables(db):
            if bulk or table not in BULK:
                for row in db.query(f'SELECT * FROM "{table}"'):
                    check_row(table, row)
    except (*DAMAGE, FacilitatorError):
        return True
    return False


def is_damaged_file(path: Path) -> bool:
    """The same of a whole file, where there is one."""
    if not path.is_file():
        return False
    try:
        with contextlib.closing(open_for_reading(path, PATIENCE_S)) as db:
            return is_damaged(db)
    except FacilitatorError:
        return True
