"""The schema in words, from a database as it is made today: `python -m facilitator.store.describe > docs/schema.md`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlite_utils.db import Table, View

from facilitator.store import database
from facilitator.store.schema import migrations
from facilitator.store.sqlite import Database

_OPENING = """\
# The database

<!-- Made from the database itself: python -m facilitator.store.describe > docs/schema.md -->

Discussions are kept in one SQLite file (`facilitator doctor` says where) that only its owner can read. Sound is never
in it, voiceprints only of those who asked for theirs to be kept, and of words only what people agreed to keep: what
is read back for a yes is stored with a black bar (`███`) for every word until they have said it.

All times that end in `_ms` are whole milliseconds since the session began; a stretch reaches from `start_ms` up to,
not including, `end_ms`. Deleting a row of `sessions` deletes all that belongs to it (where foreign keys are switched
on: `PRAGMA foreign_keys = ON`).

The file can be read while a discussion runs, by any program for SQLite; `datasette sessions.db` shows it in a
browser. The views, whose names begin with `v_`, are the place to start.
"""


def describe_schema(db: Database | None = None) -> str:
    """Markdown: every view and table of this database, or else of a new one, column by column."""
    db = db or database.open_memory()
    return "\n".join([_OPENING, *_lines(db)])


def _lines(db: Database) -> Iterator[str]:
    yield "## Views\n"
    for view in db.views:
        yield from _section(view)
        yield from ("| column | what it is |", "|---|---|")
        for column in view.columns:
            yield f"| `{column.name}` | {_meaning(view.schema, column.name)} |"
        yield ""
    yield "## Tables\n"
    for table in db.tables:
        if table.name == migrations.MIGRATIONS.migrations_table:
            continue
        yield from _section(table)
        yield from ("| column | type | what it is |", "|---|---|---|")
        points_to = {key.column: f", a row of `{key.other_table}`" for key in table.foreign_keys}
        for column in table.columns:
            kind = column.type.lower() + ("" if column.notnull or column.is_pk else ", may be empty")
            meaning = _meaning(table.schema, column.name) + points_to.get(column.name, "")
            yield f"| `{column.name}` | {kind} | {meaning} |"
        yield ""
    yield "## Changes so far\n"
    yield "An older file is brought up to date when it is opened, step by step:"
    yield ", ".join(f"`{name}`" for name in sorted(migrations.known())) + "."
    yield ""


def _section(what: Table | View) -> Iterator[str]:
    found = re.search(r"^ +-- (.+)$", what.schema, re.MULTILINE)
    yield f"### {what.name}\n"
    yield f"{found[1] if found else ''}\n"


def _meaning(sql: str, column: str) -> str:
    """The comment behind a column, as `name TYPE ..., -- comment` in a table (`, name TYPE -- comment` of one that came
    later) or `... AS name, -- comment` in a view."""
    found = re.search(rf"(?:(?:^,? +|\), ){column} [A-Z]{{2}}.*|.*\bAS {column}),? -- (.+)$", sql, re.MULTILINE)
    return found[1] if found else ""


if __name__ == "__main__":
    print(describe_schema(), end="")
