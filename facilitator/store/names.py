"""Where in the database names are, and how they are replaced: in every text, in every event, in every setup."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from facilitator.core.language.names import NameForm, Replacing, count, folded, in_body, in_setup, words
from facilitator.errors import StoreError
from facilitator.store import database
from facilitator.store.items import to_json
from facilitator.store.sqlite import Database

TEXTS = {
    "sessions": ("format", "host"),
    "stages": ("stage",),
    "prompts": ("text",),
    "agreements": ("text",),
    "self_ratings": ("indicator",),
    "pronunciations": ("said",),
    "groups": ("name",),
}
"""Columns of texts that people wrote, or that are spoken: names can be anywhere in them."""
NAMES = {"people": ("name",), "events": ("body",), "sessions": ("setup",), "corrections": ("body",)}
"""Columns that are looked after one by one."""
PLAIN = {
    "sessions": ("uid", "started_at", "ended_at", "reason", "language", "process", "thinned_on"),
    "speech": ("voice",),
    "cut_ins": ("kind",),
    "floor": ("reason",),
    "stages": ("kind",),
    "prompts": ("kind", "how"),
    "events": ("role", "kind"),
    "agreements": ("kind", "agreed_on", "due", "holds_from"),
    "ratings": ("what",),
    "returns": ("kind", "return_at", "return_on"),
    "recurrences": ("rule", "starts_on"),
    "occurrences": ("day",),
    "corrections": ("made_at", "undone_at"),
    "heard_speech": ("voice",),
    "heard_cut_ins": ("kind",),
    "heard_whose": ("place",),
    "voiceprints": ("maker", "saved_on", "numbers"),
    "removed_sessions": ("uid",),
}
"""Columns of words that the program knows, and of times."""

LONG_ENOUGH = 4
"""Letters of a name that are not found by chance in what is no text."""


class Within(NamedTuple):
    """Only the people and sessions of this group; None: of those of no group."""

    group_id: int | None


def references(db: Database) -> Iterator[tuple[str, str, bool]]:
    """Every column that points to a person: table, column, and whether the row belongs to one session."""
    for table in db.tables:
        for key in table.foreign_keys:
            if key.other_table == "people" and key.column is not None:
                yield table.name, key.column, any(column.name == "session" for column in table.columns)


def forms(db: Database, names: Iterable[str], instead: str, within: Within | None = None) -> list[NameForm]:
    """Every way in which these people are called, their names as they are spelled for the voice among them. `within`
    None: whatever group they are of."""
    names = list(names)
    only, values = ("", ()) if within is None else (" AND group_id IS ?", (within.group_id,))
    everyone = {folded(row[0]) for row in db.execute(f"SELECT name FROM people WHERE 1{only}", values).fetchall()}
    mine = {folded(name) for name in names}
    called = {folded(name): name for name in reversed(names)}
    spelled = f"SELECT said FROM pronunciations JOIN people ON people.id = person WHERE name = ?{only}"
    asked = f"SELECT DISTINCT j.value FROM sessions, json_each(sessions.setup, '$.pronounced') j WHERE j.key = ?{only}"
    for name in names:
        for query in (spelled, asked):
            for (said,) in db.execute(query, [name, *values]).fetchall():
                if folded(said) not in everyone:
                    called.setdefault(folded(said), said)
    ordinary = _ordinary(db)
    return [
        NameForm(
            name=name,
            instead=instead,
            exact=key in ordinary,
            suffix=f"{key}s" not in everyone - mine and f"{key}s" not in ordinary,
        )
        for key, name in called.items()
    ]


def _ordinary(db: Database) -> set[str]:
    """Words of the languages that sessions were held in."""
    rows = db.execute("SELECT DISTINCT json_extract(setup, '$.language') FROM sessions").fetchall()
    return {word for (text,) in rows if text for word in words(json.loads(text))}


def others(db: Database, names: Iterable[str], within: Within | None = None) -> list[str]:
    """The names of everyone else; `within` as for `forms`."""
    mine = {folded(name) for name in names}
    only, values = ("", ()) if within is None else ("WHERE group_id IS ?", (within.group_id,))
    found = db.execute(f"SELECT name FROM people {only}", values).fetchall()
    return [name for (name,) in found if folded(name) not in mine]


def prepare(db: Database, replacing: Replacing) -> None:
    """Teach the database to ask whether any of the forms may be in a text."""
    db.conn.create_function("has_name", 1, lambda text: int(replacing.may_be_in(text or "")), deterministic=True)


def replace(db: Database, session: int, replacing: Replacing) -> int:
    """In everything that is stored of this session. Returns in how many places something was changed."""
    changed = 0
    rows = db.execute("SELECT setup FROM sessions WHERE id = ? AND has_name(setup)", [session]).fetchall()
    for (text,) in rows:
        found = to_json(in_setup(json.loads(text), replacing))
        changed += found != text
        db.execute("UPDATE sessions SET setup = ? WHERE id = ?", [found, session])
    for table in ("events", "corrections"):
        found_bodies = f"SELECT rowid, body FROM {table} WHERE session = ? AND has_name(body)"
        bodies = db.execute(found_bodies, [session]).fetchall()
        new = [(to_json(in_body(json.loads(body), replacing)), rowid, body) for rowid, body in bodies]
        values = [(body, rowid) for body, rowid, old in new if body != old]
        db.conn.executemany(f"UPDATE {table} SET body = ? WHERE rowid = ?", values)
        changed += len(values)
    for table, columns in TEXTS.items():
        key = "id" if table == "sessions" else "session"
        if table in ("pronunciations", "groups"):
            continue
        for column in columns:
            found_rows = db.execute(
                f"SELECT rowid, {column} FROM {table} WHERE {key} = ? AND has_name({column})", [session]
            ).fetchall()
            texts = [(replacing.text(text), rowid, text) for rowid, text in found_rows]
            some = [(text, rowid) for text, rowid, old in texts if text != old]
            db.conn.executemany(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", some)
            changed += len(some)
    return changed


def replace_in_group(db: Database, group_id: int, replacing: Replacing) -> None:
    """In what the group is called."""
    (old,) = db.execute("SELECT name FROM groups WHERE id = ?", [group_id]).fetchone()
    taken = {name for (name,) in db.execute("SELECT name FROM groups WHERE id <> ?", [group_id]).fetchall()}
    new = plain = replacing.text(old)
    number = 1
    while new in taken:
        number += 1
        new = f"{plain} {number}"
    db.execute("UPDATE groups SET name = ? WHERE id = ?", [new, group_id])


def not_running(db: Database, busy: Iterable[int]) -> None:
    for session in busy:
        raise StoreError(f"Session {session} is being recorded; do this once it has ended.")


def drop_unused(db: Database, among: Iterable[str] | None = None) -> None:
    """Take out people that nothing points to any more, and groups in which nobody is left; `among` these people, those
    whose pronunciation nobody has told."""
    used = " UNION ".join(
        f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL"
        for table, column, of_session in references(db)
        if of_session
    )
    unused = f"DELETE FROM people WHERE id NOT IN ({used})"
    if among is None:
        db.execute(unused)
        db.execute(
            "DELETE FROM groups WHERE id NOT IN (SELECT group_id FROM sessions WHERE group_id IS NOT NULL"
            " UNION SELECT group_id FROM people WHERE group_id IS NOT NULL)"
        )
    else:
        silent = "id NOT IN (SELECT person FROM pronunciations)"
        db.conn.executemany(f"{unused} AND {silent} AND name = ?", [(name,) for name in among])


@contextmanager
def purging(db: Database, path: Path) -> Iterator[None]:
    """One transaction, after which nothing that it took out is left anywhere in the file or beside it: freed space is
    overwritten, the file is written anew, and the log beside it is emptied. Raises StoreError before anything is
    changed when another program is in the middle of reading or writing."""
    _empty_log(db, path, f"Another program is using {path}; close it, and try again. Nothing has been changed.")
    db.execute("PRAGMA secure_delete = ON").fetchall()
    with database.writing(db):
        yield
    late = (
        f"It is done, but another program is using {path}, so that traces may be left in it; close it, and type"
        " the same once more."
    )
    try:
        db.execute("VACUUM")
    except sqlite3.OperationalError as error:
        raise StoreError(late if "locked" in str(error) else database.explain(path, error)) from error
    _empty_log(db, path, late)


def _empty_log(db: Database, path: Path, otherwise: str) -> None:
    if db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
        raise StoreError(otherwise)


def files_of(path: Path) -> list[Path]:
    """The database and the files beside it, as far as they are there."""
    return [file for end in ("", "-wal", "-shm") if (file := path.with_name(f"{path.name}{end}")).exists()]


def bytes_left(path: Path, needles: Iterable[bytes]) -> int:
    """How often one of these stands in the bytes of the database and of the files beside it."""
    data = [file.read_bytes() for file in files_of(path)]
    return sum(one.count(needle) for needle in needles for one in data)


def traces(path: Path, names: Iterable[str], keep: Iterable[str]) -> int | None:
    """How often one of these names stands as a word in the bytes of the database and of the files beside it, other
    than within a name of `keep`. None for names so short that they stand there by chance."""
    needles, keep = {folded(name) for name in names}, list(keep)
    if any(len(needle) < LONG_ENOUGH for needle in needles):
        return None
    found = 0
    for file in files_of(path):
        with file.open("rb") as stream:
            rest = b""
            while block := stream.read(1 << 20):
                text = (rest + block).decode("utf-8", "replace")
                found += sum(count(text, needle, keep) for needle in needles)
                rest = block[-256:]  # a name across the border of two blocks
    return found
