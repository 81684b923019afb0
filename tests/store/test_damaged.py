"""Databases with wrong bytes and wrong rows: one sentence each, the discussion goes on, and `recover` takes out what
can be read."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import random
import sqlite3
import traceback
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from facilitator import store
from facilitator.cli import cli
from facilitator.commands.session.running import open_store
from facilitator.commands.session.unfinished import DAMAGED
from facilitator.core.events import Fact
from facilitator.errors import StoreError
from facilitator.session import Session
from facilitator.store.reader import Reader, reads_rows
from facilitator.store.rerun import rerun
from facilitator.store.session_log import Store
from tests.support.simulation import Played, play

TEN = 10
"""Databases in a go; of these at least MOST can still be read in part."""
MOST = 7
WRONG_BYTES = 300
COMMANDS = (
    ["review"], ["review", "1", "--all"], ["review", "--json"], ["replay"], ["trends"], ["agreements"],
    ["people", "list"], ["export", "--json", "-"], ["audit"], ["correct", "list"], ["recover", "none.jsonl"],
)  # fmt: skip


@pytest.fixture(scope="module")
def played() -> Played:
    return play(3, "round-robin", minutes=0.5, rounds=1, until_ms=120_000)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, played: Played) -> Path:
    path = tmp_path_factory.mktemp("whole") / "sessions.db"
    for day in (1, 2):
        with Store.open(path) as store:
            number = store.begin(played.discussion.setup, f"2026-01-0{day}T03:04:05+00:00")
            store.write(played.log)
            store.replace_turns(*played.discussion.settled())
            store.finish(number, played.discussion.end_reason)
    return path


def damaged(whole: Path, folder: Path, seed: int) -> Path:
    chance, content = random.Random(seed), bytearray(whole.read_bytes())
    for _ in range(WRONG_BYTES):
        content[chance.randrange(len(content))] = chance.randrange(256)
    path = folder / "damaged.db"
    path.write_bytes(content)
    return path


def must_be_a_sentence(args: list[str], path: Path) -> str:
    result = CliRunner().invoke(cli, [*args, "--db", str(path)])
    assert result.exception is None or isinstance(result.exception, SystemExit), (args, result.exc_info)
    assert result.exit_code in (0, 1, 2)
    return str(result.output)


@pytest.mark.slow
@pytest.mark.parametrize("go", range(1, 4))
def test_random_bytes(whole: Path, tmp_path: Path, played: Played, go: int) -> None:
    read = 0
    for seed in range(go * TEN, go * TEN + TEN):
        (folder := tmp_path / str(seed)).mkdir()
        read += with_random_bytes(whole, folder, played, seed)
    assert read >= MOST


def with_random_bytes(whole: Path, tmp_path: Path, played: Played, seed: int) -> bool:
    """Whether something could be read of it."""
    path = damaged(whole, tmp_path, seed)
    before = path.read_bytes()
    result = CliRunner().invoke(cli, ["recover", "--database", str(path)])
    assert isinstance(result.exception, SystemExit | None), "".join(traceback.format_exception(result.exception))
    assert path.read_bytes() == before
    if result.exit_code:
        assert "Nothing can be read" in result.output
        assert [file.name for file in tmp_path.iterdir()] == ["damaged.db"]
    else:
        assert sorted(file.name for file in tmp_path.iterdir()) == ["damaged-recovered.db", "damaged.db"]
        must_be_readable(tmp_path / "damaged-recovered.db", played)
    must_be_a_sentence(COMMANDS[seed % len(COMMANDS)], path)
    # the discussion begins all the same, and all of it is somewhere
    store = open_store(path)
    number = store.begin(played.discussion.setup, "2026-02-01T03:04:05+00:00")
    store.write(played.log)
    store.finish(number, "done")
    store.close()
    if missing := store.unwritten():
        assert store.rescue(tmp_path / "rest.jsonl") == missing
        taken = tmp_path / "taken.db"
        with Store.open(taken) as new:
            new.load_rescue(tmp_path / "rest.jsonl")
            assert len([one for one in new.records(1) if isinstance(one, Fact)]) <= len(played.log)
    else:
        with Reader.open(path) as reader:
            assert len(list(reader.records(number))) == len(played.log)
    return result.exit_code == 0


def must_be_readable(path: Path, played: Played) -> None:
    with Reader.open(path) as reader:
        sessions = reader.sessions()
        assert sessions
        records = 0
        for stored in sessions:
            found = rerun(reader, stored.session)
            records += len(list(reader.records(stored.session)))
            for name in found.setup.people:  # a letter that became another one is a name like any other
                assert any(nearly(name, known) for known in played.discussion.setup.people), name
        assert records > len(played.log) / 4


def nearly(one: str, other: str) -> bool:
    return len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) <= 1


BROKE_OFF = (
    "UPDATE sessions SET ended_at = NULL, reason = NULL, setup = json_set(setup, '$.listening', json('false'))"
    " WHERE id = 2"
)
BY_HAND = pytest.mark.parametrize(
    "sql",
    [
        "UPDATE sessions SET setup = '{'",
        "UPDATE sessions SET setup = '[]'",
        "UPDATE sessions SET setup = json_remove(setup, '$.format')",
        "UPDATE sessions SET setup = json_set(setup, '$.people', 3)",
        "UPDATE sessions SET setup = replace(setup, 'minutes', 'minuets')",
        "UPDATE sessions SET started_at = 'yesterday'",
        "UPDATE sessions SET ended_at = '2026-13-45'",
        "UPDATE events SET body = 'x' WHERE seq = 20",
        "UPDATE events SET body = '{}' WHERE seq = 20",
        "UPDATE events SET body = json_set(body, '$.person', 7) WHERE kind = 'spoke'",
        "UPDATE events SET body = replace(body, 'start_ms', 'start') WHERE kind = 'spoke'",
        "UPDATE events SET kind = 'nonsense' WHERE seq = 20",
        "UPDATE events SET at_ms = 9223372036854775807 WHERE seq = 20",
        "UPDATE people SET name = cast(x'ff41' AS TEXT) WHERE id = 1",
        "UPDATE events SET body = cast(x'ff' AS TEXT) WHERE seq = 20",
        "DELETE FROM seats",
        "DELETE FROM events WHERE seq < 30",
        "DROP TABLE events",
        "DROP VIEW v_airtime",
    ],
)


def broken(whole: Path, tmp_path: Path, *sql: str) -> Path:
    path = tmp_path / "broken.db"
    path.write_bytes(whole.read_bytes())
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA foreign_keys = OFF")
        with db:
            for one in sql:
                db.execute(one)
    return path


@pytest.mark.slow
@BY_HAND
def test_rows_broken_by_hand(whole: Path, tmp_path: Path, sql: str) -> None:
    path = broken(whole, tmp_path, sql)
    for args in COMMANDS:
        must_be_a_sentence(args, path)
    result = CliRunner().invoke(cli, ["recover", "--database", str(path)])
    assert result.exit_code in (0, 1), result.exc_info
    assert isinstance(result.exception, SystemExit | None)
    store = open_store(path)
    store.close()


@pytest.mark.slow
@BY_HAND
def test_a_discussion_begins_whatever_is_left_of_the_one_before(
    whole: Path, tmp_path: Path, sql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = broken(whole, tmp_path, BROKE_OFF, sql)
    said, sessions = started(path, monkeypatch, "--go-on")
    assert isinstance(said.exception, SystemExit | None), said.exc_info
    assert len(sessions) == 1, said.output


def test_what_is_whole_goes_on_and_what_is_not_is_said(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, sessions = started(broken(whole, tmp_path, BROKE_OFF), monkeypatch, "--go-on")
    assert sessions == [2], said.output
    path = broken(whole, tmp_path, BROKE_OFF, "UPDATE events SET body = 'x' WHERE kind = 'heard'")
    said, sessions = started(path, monkeypatch, "--go-on")
    assert said.stderr.count(DAMAGED) == 1
    assert sessions == [3]
    again, sessions = started(path, monkeypatch, "--go-on")
    assert "no unfinished session" in again.stderr, "it is closed, and nobody need hear of it again"
    assert sessions == []


def started(path: Path, monkeypatch: pytest.MonkeyPatch, *go_on: str) -> tuple[Result, list[int | None]]:
    """`start` for the people of the stored sessions, and the numbers of the discussions that have begun: each takes
    its first step and is stopped."""
    begun: list[int | None] = []

    def first_step(session: Session, first: Fact) -> None:
        session.take(first)
        begun.extend(sink._own for sink in session._sinks if isinstance(sink, Store))

    monkeypatch.chdir(path.parent)
    monkeypatch.setattr(Session, "_run", first_step)
    people = ("--people", "Ana, Ben, Carla", "--timer-only", "--yes", "--speech", "silent", "--no-page")
    return CliRunner().invoke(cli, ["start", *people, *go_on, "--db", str(path)]), begun


def test_a_whole_one_loses_nothing(whole: Path, tmp_path: Path, played: Played) -> None:
    path = tmp_path / "sessions.db"
    path.write_bytes(whole.read_bytes())
    assert CliRunner().invoke(cli, ["recover", "--database", str(path)]).exit_code == 0
    with Reader.open(tmp_path / "sessions-recovered.db") as reader, Reader.open(path) as before:
        for number in (1, 2):
            assert list(reader.records(number)) == list(before.records(number)) == played.log
            assert reader.airtime(number) == before.airtime(number)


def test_whatever_makes_sense_of_rows_tells_damage_as_such() -> None:
    found = []
    for module in pkgutil.walk_packages(store.__path__, "facilitator.store."):
        for name, function in inspect.getmembers(importlib.import_module(module.name), inspect.isfunction):
            parameters = list(inspect.signature(function).parameters.values())
            ours = not name.startswith("_") and function.__module__ == module.name
            if ours and parameters and parameters[0].annotation == "Reader":
                found.append(name)
                assert hasattr(function, "__wrapped__"), f"{module.name}.{name} needs @reads_rows"
    assert {"notes_of", "rerun", "voiceprints", "tables"} <= set(found)


def test_wrong_rows_are_damage_at_once_and_one_by_one(whole: Path) -> None:
    @reads_rows
    def all_at_once(reader: Reader) -> int:
        raise KeyError("person")

    @reads_rows
    def one_by_one(reader: Reader) -> Iterator[int]:
        yield 1
        raise TypeError("None and a number")

    with closing(Reader.open(whole)) as reader:
        with pytest.raises(StoreError, match="is damaged"):
            all_at_once(reader)
        given = one_by_one(reader)
        assert next(given) == 1
        with pytest.raises(StoreError, match="is damaged"):
            next(given)
