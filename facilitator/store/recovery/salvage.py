"""What can be read of a damaged database, row by row, as a new one. The damaged file itself is only read."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from facilitator.core.discussion import Discussion
from facilitator.core.events import Fact, Tick, from_row
from facilitator.core.setup import SETUP_TUPLES, Setup
from facilitator.errors import FacilitatorError, StoreError
from facilitator.store import database
from facilitator.store.items import setup_from_json, to_json
from facilitator.store.recovery.sense import check_row, own_tables
from facilitator.store.sqlite import Database

MOST_PROBED = 200_000
"""So many rows are looked for one by one between the last that can be read from either end of a table."""
UNKNOWN_DAY = "1970-01-01T00:00:00+00:00"
MOST_FAILING = 100
TEMPORARY = "facilitator-salvage-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Salvaged:
    path: Path
    sessions: int
    rows: int
    lost: int
    """Rows that were there and make no sense; those that cannot be read at all nobody can count."""


AsToday = Callable[[str, str], tuple[Mapping[str, Any], Mapping[str, Any]]]
"""The format of this name, and the language of this code, as they are today."""


def salvage(path: Path, prompts: AsToday) -> Salvaged:
    """A new database beside `path`, of all that can be read of it. Where what a session began with is damaged, the rest
    of that is from `prompts`. Raises StoreError where nothing can be read."""
    path = path.expanduser().absolute()
    new = _free(path)
    try:
        with tempfile.TemporaryDirectory(prefix=TEMPORARY, dir=path.parent) as folder:
            copy = Path(folder) / "copy.db"
            for end in ("", "-wal"):
                if (part := path.with_name(path.name + end)).exists():
                    shutil.copyfile(part, copy.with_name(copy.name + end))
            _mend_header(copy)
            with contextlib.closing(database.open_file(new, database.PATIENCE_S)) as db:
                if not _has_contents(copy, list(own_tables(db))):
                    _mend_contents(copy, db)
            rows, lost = _carry(copy, new, prompts)
    except OSError as error:
        raise StoreError(f"{path} cannot be copied ({error.strerror}); see that there is room beside it.") from error
    with contextlib.closing(database.open_file(new, database.PATIENCE_S)) as db:
        sessions = db.execute("SELECT count(*) FROM sessions").fetchone()[0]
        rows -= _without_orphans(db)
        rows -= sum(_without_what_fails(db, number) for (number,) in db.execute("SELECT id FROM sessions").fetchall())
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    if not sessions:
        new.unlink()
        raise StoreError(f"Nothing can be read of {path} any more; bring back a copy of it.")
    return Salvaged(path=new, sessions=sessions, rows=rows, lost=lost)


def _free(path: Path) -> Path:
    """A name beside it that nobody has."""
    names = (f"{path.stem}-recovered{'' if n == 1 else f'-{n}'}{path.suffix}" for n in range(1, 1000))
    return next(new for new in map(path.with_name, names) if not new.exists())


def _mend_header(copy: Path) -> None:
    """The first 100 bytes say nothing about the content that a new file of the same size would not say."""
    with copy.open("r+b") as file:
        old = bytearray(file.read(100))
        if len(old) < 100:
            raise StoreError(f"Nothing can be read of {copy.name}: it is too short for a database.")
        size = int.from_bytes(old[16:18], "big")
        if old[:16] != database.HEADER or size not in (512, 1024, 2048, 4096, 8192, 16384, 32768, 1):
            old[:16], old[16:18] = database.HEADER, (4096).to_bytes(2, "big")
        old[18:24] = bytes([2 if old[18] == 2 else 1, 2 if old[18] == 2 else 1, 0, 64, 32, 32])
        old[44:48], old[56:60] = (4).to_bytes(4, "big"), (1).to_bytes(4, "big")
        file.seek(0)
        file.write(old)


def _has_contents(copy: Path, tables: Sequence[str]) -> bool:
    """Whether every table can be found."""
    with contextlib.closing(sqlite3.connect(copy)) as old:
        try:
            old.execute("PRAGMA writable_schema = ON")
            for table in tables:
                old.execute(f'SELECT count(*) FROM (SELECT rowid FROM "{table}" LIMIT 1)').fetchone()
        except database.DAMAGE:
            return False
    return True


def _mend_contents(copy: Path, new: Database) -> None:
    """The table of contents of a new database in the place of one that cannot be read. Where this version made the
    file, everything stands where a new one has it; where another did, no row will make sense, and none is taken."""
    with contextlib.suppress(sqlite3.Error):  # SQLite may be built without it
        new.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        pages = [
            row[0]
            for row in new.execute(
                "SELECT pageno FROM dbstat WHERE name IN ('sqlite_schema', 'sqlite_master')"
            ).fetchall()
        ]
        size = new.execute("PRAGMA page_size").fetchone()[0]
        whole = Path(new.execute("PRAGMA database_list").fetchone()[2]).read_bytes()
        with copy.open("r+b") as file:
            for page in pages:
                file.seek((page - 1) * size)
                file.write(whole[(page - 1) * size : page * size])
            file.seek(28)
            file.write((copy.stat().st_size // size).to_bytes(4, "big") + bytes(8))  # how long it is; nothing is free
            file.seek(96 - 4)
            file.write(whole[24:28])  # the length counts only if these are the same


def _carry(copy: Path, new: Path, prompts: AsToday) -> tuple[int, int]:
    """Takes over what makes sense, and tells how many rows that were and how many did not."""
    taken = lost = 0
    with contextlib.closing(database.open_file(new, database.PATIENCE_S)) as db:
        db.execute("PRAGMA foreign_keys = OFF")
        old = sqlite3.connect(copy)
        old.text_factory = bytes  # what is no text must not be in the way of its neighbours
        try:
            with contextlib.suppress(sqlite3.Error):
                old.execute("PRAGMA writable_schema = ON")  # what stands wrong in the table of contents is passed over
            with database.writing(db):
                for table in own_tables(db):
                    wanted = [row[1] for row in db.execute(f'PRAGMA table_info("{table}")').fetchall()]
                    for row in _rows(old, table):
                        fields = {name: row[name] for name in wanted if name in row}
                        done = _take(db, table, fields)
                        if not done and table == "sessions" and isinstance(fields.get("id"), int):
                            done = _take(db, table, _mended(fields, old, prompts))
                        taken, lost = taken + done, lost + (not done)
        finally:
            old.close()
    return taken, lost


def _take(db: Database, table: str, row: dict[str, Any]) -> bool:
    try:
        fields = {name: value.decode() if isinstance(value, bytes) else value for name, value in row.items()}
        check_row(table, fields)
        columns = ", ".join(f'"{name}"' for name in fields)
        marks = ", ".join("?" * len(fields))
        db.execute(f'INSERT INTO "{table}" ({columns}) VALUES ({marks})', list(fields.values()))
    except (*database.DAMAGE, FacilitatorError):
        return False
    return True


def _mended(row: dict[str, Any], old: sqlite3.Connection, prompts: AsToday) -> dict[str, Any]:
    """A session of which something is damaged, with what can be read elsewhere in its place."""
    whole: dict[str, Any] = {}
    for name, value in row.items():
        text = value.decode(errors="replace") if isinstance(value, bytes) else value
        whole[name] = text if name == "setup" or "\ufffd" not in str(text) else ""
    for name in ("setup", "format", "language", "uid", "started_at"):  # what must be text may be anything, or nothing
        whole[name] = str(whole.get(name) or "")
    for name in ("ended_at", "reason", "host", "pid", "process"):
        whole[name] = whole.get(name) or None
    for name in ("started_at", "ended_at"):
        try:
            datetime.datetime.fromisoformat(str(whole[name] or ""))
        except ValueError:
            whole[name] = UNKNOWN_DAY if name == "started_at" else None
    whole["uid"] = whole["uid"] or uuid4().hex
    found = {field.name: value for field in dataclasses.fields(Setup) for value in _in_json(whole["setup"], field)}
    sql = (
        f"SELECT p.name FROM seats t JOIN people p ON p.id = t.person WHERE t.session = {row['id']} ORDER BY t.position"
    )
    people = found.get("people")
    if not isinstance(people, list) or not all(isinstance(name, str) for name in people):
        found["people"] = [seat["name"].decode(errors="replace") for seat in _until_damaged(old, sql)]
    for name, usual in zip(("format", "language"), prompts(whole["format"], whole["language"]), strict=True):
        found.setdefault(name, usual)
    try:
        Discussion(setup_from_json(to_json(found))).receive(Tick(at_ms=0))
    except (*database.DAMAGE, FacilitatorError):  # readable, and yet not as it was
        names = zip(("format", "language"), prompts(whole["format"], whole["language"]), strict=True)
        found = {"people": found["people"], **dict(names)}
    whole["setup"] = to_json(found)
    return whole


def _in_json(text: str, field: dataclasses.Field[Any]) -> Iterator[Any]:
    """The value of that field of `Setup`, where it is whole in a text that is not."""
    # Among the words of the language there may be a key of the same name: what comes first stands before them.
    find = text.find if field.name in ("people", "format", "language") else text.rfind
    if (at := find(f'"{field.name}":')) >= 0:
        with contextlib.suppress(ValueError, RecursionError):
            value, _ = json.JSONDecoder().raw_decode(text, at + len(field.name) + 3)
            kind = list if field.name in SETUP_TUPLES else type(field.default)
            if "\ufffd" not in to_json(value) and (isinstance(value, kind) or not isinstance(field.default, kind)):
                yield value


def _rows(old: sqlite3.Connection, table: str) -> Iterator[dict[str, Any]]:
    """Every row that can be read: from the front, from the back, then one by one in between."""
    first = last = None
    for row in _until_damaged(old, f'SELECT rowid AS "%rowid", * FROM "{table}" ORDER BY rowid'):
        first = row.pop("%rowid")
        yield row
    ahead = 0 if first is None else int(first)
    for row in _until_damaged(
        old, f'SELECT rowid AS "%rowid", * FROM "{table}" WHERE rowid > {ahead} ORDER BY rowid DESC'
    ):
        last = row.pop("%rowid")
        yield row
    if last is None:
        last = ahead + 1000  # what lies beyond the damage cannot be known
    for rowid in range(ahead + 1, min(int(last), ahead + MOST_PROBED)):
        yield from _until_damaged(old, f'SELECT * FROM "{table}" WHERE rowid = {rowid}')


def _until_damaged(old: sqlite3.Connection, sql: str) -> Iterator[dict[str, Any]]:
    with contextlib.suppress(*database.DAMAGE):
        found = old.execute(sql)
        names = [column[0] for column in found.description]
        while (row := found.fetchone()) is not None:
            yield dict(zip(names, row, strict=True))


def _without_orphans(db: Database) -> int:
    """Removes what belongs to something that could not be read, and tells how many rows that were."""
    removed = 0
    with database.writing(db):
        while wrong := {(row[0], row[1]) for row in db.execute("PRAGMA foreign_key_check").fetchall()}:
            for table, rowid in wrong:
                db.execute(f'DELETE FROM "{table}" WHERE rowid = ?', [rowid])
            removed += len(wrong)
    return removed


def _without_what_fails(db: Database, session: int) -> int:
    """Removes facts that cannot have been in the session, as the rules fail on them, and tells how many that were."""
    removed = 0
    setup = setup_from_json(db.execute("SELECT setup FROM sessions WHERE id = ?", [session]).fetchone()[0])
    while removed < MOST_FAILING:
        discussion = Discussion(setup)
        rows = db.query("SELECT * FROM events WHERE session = ? AND role = 'fact' ORDER BY seq", [session])
        for row in list(rows):
            record = from_row({"kind": row["kind"], "at_ms": row["at_ms"]} | json.loads(row["body"]))
            try:
                if isinstance(record, Fact):
                    discussion.receive(record)
            except Exception:  # whatever it is: without this fact the rules go on
                with database.writing(db):
                    db.execute("DELETE FROM events WHERE session = ? AND seq = ?", [session, row["seq"]])
                removed += 1
                break
        else:
            break
    return removed
