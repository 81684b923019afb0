"""Databases and rescue files with something wrong: wrong bytes, rows that contradict each other, JSON that is none."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from benchmarks.fuzzing import arguments, pool

VALUES = (
    None, 0, 1, -1, 2**62, -(2**63), 1.5, float("inf"), "", "x", "\x1b[2J\u202e", "{", "[]", "{}", "null",
    '{"kind": 1}', "2026-13-45", "yesterday", "9999-12-31T23:59:59+23:59", b"\xff\xfe", b"", "a" * 3000, "[" * 5000,
    '{"people": 3}',
)  # fmt: skip
READ = (
    ["review"], ["review", "1", "--all"], ["review", "--json"], ["review", "--md"], ["review", "--csv"],
    ["review", "--rttm"], ["review", "--html", "out.html"], ["replay"], ["trends"], ["trends", "--json"],
    ["trends", "--html", "out.html"], ["agreements"], ["agreements", "--json"], ["agreements", "--ics", "out.ics"],
    ["people", "list"], ["export", "out"], ["export", "out.zip", "--person", "Ana"], ["audit"], ["audit", "--json"],
    ["correct", "list"], ["correct", "list", "--json"], ["correct", "rename", "Ana", "Anna"],
    ["correct", "guest", "0:01", "0:05"], ["correct", "undo"], ["people", "rename", "Ana", "Anna"],
    ["people", "delete", "Ana", "--yes"], ["forget", "Ana", "--yes"], ["forget", "--older-than", "1d", "--yes"],
    ["people", "pronunciation", "Ana", "Ah-na"], ["people", "drop-voice", "Ana"], ["formats", "list"],
)  # fmt: skip
STARTS = [
    "start",
    "--people",
    "Ana,Ben,Carla",
    "--format",
    "open",
    "--audio",
    pool.TALK,
    "--fast",
    "--yes",
    "--no-page",
]


def _by_hand(chance: random.Random, path: Path) -> None:
    """Some cells of some tables changed, rows and tables gone."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA foreign_keys = OFF")
        tables = [
            str(row[0])
            for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        ]
        for _ in range(chance.choice((1, 1, 2, 6))):
            table = chance.choice(tables)
            columns = [str(row[1]) for row in db.execute(f"PRAGMA table_info('{table}')")]
            if not columns:  # it has gone by now
                continue
            with suppress(sqlite3.Error):  # what the schema itself refuses
                match chance.randrange(8):
                    case 0:
                        db.execute(f"DELETE FROM {table} WHERE rowid % 3 = {chance.randrange(3)}")
                    case 1:
                        db.execute(f"DROP TABLE {table}")
                    case 2:
                        db.execute(f"ALTER TABLE {table} RENAME COLUMN {chance.choice(columns)} TO other")
                    case 3:
                        db.execute(f"PRAGMA user_version = {chance.choice((-1, 0, 1, 7, 9999))}")
                    case _:
                        where = chance.choice(("1", "rowid % 5 = 1", "rowid = 3"))
                        db.execute(
                            f"UPDATE {table} SET {chance.choice(columns)} = ? WHERE {where}", [chance.choice(VALUES)]
                        )


def _broken_json(chance: random.Random, path: Path) -> None:
    """Inside a JSON text one value is another."""
    with closing(sqlite3.connect(path)) as db, db:
        for table, column in (("sessions", "setup"), ("events", "body")):
            for number, text in db.execute(f"SELECT rowid, {column} FROM {table} ORDER BY random() LIMIT 3").fetchall():
                if not isinstance(text, str) or chance.random() < 0.5:
                    continue
                parts = text.split(":")
                at = chance.randrange(1, len(parts)) if len(parts) > 1 else 0
                wrong = chance.choice(("null", "-1", '"x"', "[]", "{}", "1e999", "NaN", "99999999999999999999", ""))
                parts[at] = wrong + parts[at][parts[at].find(",") :] if "," in parts[at] else wrong
                db.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", [":".join(parts), number])


def _bytes(chance: random.Random, path: Path) -> None:
    path.write_bytes(pool.broken(chance, path.read_bytes()))


def line(chance: random.Random, work: Path) -> list[str]:
    path = work / pool.DATABASE
    if chance.random() < 0.15:
        (work / pool.RESCUE).write_bytes(pool.broken(chance, (work / pool.RESCUE).read_bytes()))
        return ["recover", pool.RESCUE, "--db", pool.DATABASE]
    chance.choice((_bytes, _by_hand, _by_hand, _broken_json))(chance, path)
    if chance.random() < 0.1:
        return ["recover", "--database", pool.DATABASE]
    if chance.random() < 0.1:
        return [*STARTS, "--db", pool.DATABASE, *chance.choice(([], ["--go-on"], ["--new"]))]
    words = (
        list(chance.choice(READ)) if chance.random() < 0.8 else arguments.of(chance, chance.choice(DATABASE_COMMANDS))
    )
    return [*words, "--db", pool.DATABASE]


DATABASE_COMMANDS = sorted(
    name
    for name, command in arguments.commands().items()
    if name not in arguments.SELDOM and any(param.opts[0] == "--db" for param in command.params)
)
