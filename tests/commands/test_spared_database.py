"""What a command is told to write never goes where what is stored lies, or will lie."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from facilitator.cli import cli
from facilitator.store.notebook.private import Private, private_file
from facilitator.store.session_log import Store
from tests.support.table_talk import TableTalk, open_talk

WRITE = {
    "analyze --json": ["analyze", "talk.wav", "--channels", "Ana, Ben", "--json"],
    "analyze --rttm": ["analyze", "talk.wav", "--store", "--rttm"],
    "analyze --csv": ["analyze", "talk.wav", "--csv"],
    "analyze --labels": ["analyze", "talk.wav", "--labels"],
    "analyze --log": ["analyze", "talk.wav", "--log"],
    "agreements --ics": ["agreements", "--replace", "--all", "--add", "rule", "one at a time", "--ics"],
    "review --html": ["review", "--html"],
    "review --log": ["review", "--log"],
    "trends --html": ["trends", "--html"],
    "mediate report --write": ["mediate", "report", "--replace", "--write"],
    "export target": ["export", "--replace"],
    "start --events": ["start", "--people", "Ana, Ben", "--yes", "--timer-only", "--events"],
    "start --log": ["start", "--people", "Ana, Ben", "--yes", "--timer-only", "--log"],
    "demo --log": ["demo", "--fast", "--log"],
    "doctor --log": ["doctor", "--log"],
}
"""Every option by which somebody names a file that is written, with what it takes to get there."""
READ = {
    "start --audio", "start --models", "demo --script", "analyze recording", "analyze --models", "import file",
    "archive folder", "archive --voices", "archive --models", "merge other", "recover file", "recover --database",
    "people save-voice --from", "people save-voice --models", "formats check files", "models add --folder",
    "models install --from", "models list --models", "models path --models", "models try-out --models",
    "models verify --models", "doctor --models",
}  # fmt: skip
OTHERWISE = {
    "archive --out": "a database of its own, which is told from one of discussions",
    "archive --log": "it works with no database of discussions; what is there and is no log is refused",
    "formats new --folder": "NAME.toml in it, and nothing that is there",
    "models add --models": "only where a model can be put",
    "models install --models": "only where a model can be put",
}


def named(command: click.Command, ctx: click.Context, path: str = "") -> Iterator[str]:
    """Every argument and option that is a file or a folder, other than --db."""
    for one in command.params:
        if isinstance(one.type, click.Path) or one.metavar in ("FILE", "PLACE", "DIR", "FOLDER"):
            yield f"{path} {one.opts[0]}".strip()
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            below = command.get_command(ctx, name)
            assert below is not None
            yield from named(below, ctx, f"{path} {name}".strip())


def test_of_every_file_that_is_named_it_is_known_whether_it_is_written() -> None:
    found = {one for one in named(cli, click.Context(cli)) if not one.endswith(" --db")}
    assert found == WRITE.keys() | READ | OTHERWISE.keys()


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """With a talk, and a note on it that is one person's alone."""
    path = tmp_path / "sessions.db"
    with Store.open(path) as store:
        talk = TableTalk(store, open_talk("Ana", "Ben"))
        talk.wait(20_000)
        talk.speak("Ana", 60_000)
        talk.finish()
    Private(path).change("a", "2026-01-31T12:00:00+00:00", note=["a note"])
    assert private_file(path).exists()
    return path


def kept(db: Path) -> list[int]:
    """How much is in the database, and in what is private; it raises where either is none any more."""
    found = []
    for path, table in ((db, "events"), (private_file(db), "notes")):
        with contextlib.closing(sqlite3.connect(path)) as base:
            assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            found.append(base.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    return found


@pytest.mark.parametrize("option", WRITE)
def test_nothing_is_written_over_what_is_stored(db: Path, option: str) -> None:
    folder, before = db.parent, kept(db)
    (folder / "link.json").symlink_to(db)
    other = folder / "other.db"
    Store.open(other).close()
    ends = ("", "-wal", "-shm", "-journal")
    places = [f"{one}{end}" for one in ("sessions.db", "sessions.private.db") for end in ends]
    for place in (*places, "link.json", "./sessions.db", "other.db"):
        there = (folder / place).exists()
        for by in ("", "unix:") if option == "start --events" else ("",):
            told = CliRunner().invoke(cli, [*WRITE[option], f"{by}{folder / place}", "--db", str(db)])
            words = " ".join(told.output.split())
            assert told.exit_code == 2 and "is a database, or belongs to one" in words, (place, words)
        assert there or not (folder / place).exists() or place.endswith(("-wal", "-shm"))
    assert kept(db) == before
    assert CliRunner().invoke(cli, ["agreements", "--db", str(db), "--json"]).output.strip() == "[]"


@pytest.mark.parametrize("option", ["start --events", "start --log", "demo --log"])
def test_nor_where_the_database_will_come_to_lie(tmp_path: Path, option: str) -> None:
    """In whatever order it is said."""
    db = tmp_path / "new.db"
    for place in (db, db.with_name("new.db-wal"), private_file(db)):
        told = CliRunner().invoke(cli, [*WRITE[option], str(place), "--db", str(db)])
        assert told.exit_code == 2 and "belongs to one" in " ".join(told.output.split())
    assert not list(tmp_path.iterdir())
