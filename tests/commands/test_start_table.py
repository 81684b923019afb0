"""What a table wants beside its people and its format: options of `start`, and what is left from last time."""

from __future__ import annotations

import datetime
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from facilitator.cli import cli
from facilitator.commands.session.table_options import TableOptions, at_this_table
from facilitator.core import events as e
from facilitator.core.setup import Setup
from facilitator.errors import UsageError
from facilitator.resources.prompts import read, read_language
from facilitator.store.session_log import Reader, Store
from tests.commands.test_cli import POSIX, Running, home
from tests.support.simulation import PROMPTS
from tests.support.table_talk import TableTalk, open_talk

__all__ = ["home"]

NOW = datetime.datetime(2026, 3, 6, 19, 0, tzinfo=datetime.UTC)
START = ("start", "--people", "Ana, Ben, Zoë", "--timer-only", "--yes", "--speech", "silent")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--host", "Carla"], "--host: Carla is not among the people here: Ana, Ben, Zoë."),
        (["--host", "ana"], "--host: ana is not among the people here"),
        (["--host", "..."], "has no letter in it"),
        (["--host", "Ana", "--host", "Ben"], "--host is there 2 times, and one person leads a talk"),
        (["--target", "Carla=2"], "--target: Carla is not among the people here"),
        (["--target", "Ana"], "--target Ana: write it as NAME=..., for example --target Ana=2."),
        (["--target", "Ana="], "--target Ana=: write it as NAME=..."),
        (["--target", "=2"], "Please type a name."),
        (["--target", "Ana=much"], "--target Ana=much: much is no number."),
        (["--target", "Ana=-1"], "--target Ana=-1: it can be 0 to 1000."),
        (["--target", "Ana=nan"], "--target Ana=nan: it can be 0 to 1000."),
        (["--target", "Ana=inf"], "--target Ana=inf: it can be 0 to 1000."),
        (["--target", "Ana=1", "--target", " Ana =2"], "--target is there twice for Ana; give it once."),
        (["--extra-time", "Ana=0.1"], "--extra-time Ana=0.1: it can be 0.5 to 5."),
        (["--extra-time", "Ana=6"], "--extra-time Ana=6: it can be 0.5 to 5."),
        (["--extra-time", "Emma=2"], "--extra-time: Emma is not among the people here"),
        (["--say-name", "Zoe=Zo-ee"], "--say-name: Zoe is not among the people here"),
        (["--say-name", "Zoë"], "--say-name Zoë: write it as NAME=..."),
        (["--call-me", ""], "--call-me needs a name of one to three words."),
        (["--call-me", "you over there please"], "--call-me needs a name of one to three words."),
        (["--budget", "61"], "61 is not in the range 0<=x<=60"),
        (["--budget", "few"], "'few' is not a valid integer"),
    ],
)
def test_one_clear_sentence(tmp_path: Path, options: list[str], sentence: str) -> None:
    db = tmp_path / "sessions.db"
    result = CliRunner().invoke(cli, [*START, "--db", str(db), *options])
    assert result.exit_code == 2, result.output
    assert sentence in " ".join(result.stderr.split())
    if db.exists():
        with Reader.open(db) as reader:
            assert reader.sessions() == []


def test_a_format_with_a_host_needs_three(tmp_path: Path) -> None:
    args = ["start", "--people", "Ana, Ben", "--timer-only", "--yes", "--format", "class-discussion"]
    result = CliRunner().invoke(cli, [*args, "--db", str(tmp_path / "sessions.db")])
    assert result.exit_code == 2
    assert "needs a host and two others: name three people, the host first." in result.stderr


# --- what they come to -------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "sessions.db") as store:
        yield store


def at(store: Store, *people: str, form: str = "round-robin", now: datetime.datetime = NOW, **wants: Any) -> Setup:
    plain = Setup(
        people=people,
        format=read(PROMPTS / f"formats/{form}.toml"),
        language=read_language(PROMPTS / "languages/en.toml"),
    )
    return at_this_table(plain, TableOptions(**wants), store, now, hears_words=True)


def test_what_nobody_asked_for_is_as_usual(store: Store) -> None:
    found = at(store, "Ana", "Ben")
    assert (found.host, found.targets, found.extra_time, found.pronounced) == ("", {}, {}, {})
    assert (found.wake, found.budget, found.hears_words, found.first) == ("", 6, True, "")
    assert (found.return_in_ms, found.due, found.steps) == (None, (), ())


def test_a_format_with_a_host_takes_the_first_or_who_is_named(store: Store) -> None:
    assert at(store, "Ana", "Ben", "Carla", form="class-discussion").host == "Ana"
    assert at(store, "Ana", "Ben", "Carla", form="class-discussion", host="Carla").host == "Carla"
    assert at(store, "Ana", "Ben", "Carla", form="open").host == ""
    assert at(store, "Ana", "Ben", form="open", host="Ana").aims() == {"Ana": 0.0, "Ben": 1.0}
    with pytest.raises(UsageError, match="a host and two others"):
        at(store, "Ana", "Ben", form="class-discussion")


@pytest.mark.skipif(os.name != "posix", reason="the time zone of a process cannot be set there")
@pytest.mark.parametrize(
    ("zone", "weekday", "offset_minutes"),
    [("UTC0", 4, 0), ("XXX-05:45", 5, 345), ("YYY+08:00", 4, -480), ("CET-1", 4, 60)],
)
def test_the_day_is_the_one_at_the_table(
    store: Store, monkeypatch: pytest.MonkeyPatch, zone: str, weekday: int, offset_minutes: int
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        found = at(store, "Ana", "Ben")
    finally:
        monkeypatch.undo()
        time.tzset()
    assert (found.weekday, found.utc_offset_minutes) == (weekday, offset_minutes)
    assert datetime.date.fromisoformat(found.day).weekday() == weekday


def test_what_is_left_from_last_time_arrives(tmp_path: Path, store: Store) -> None:
    with Store.open(tmp_path / "sessions.db") as before:
        talk = TableTalk(before, open_talk("Ana", "Ben", "Carla", form="round-robin"), NOW.isoformat())
        talk.agree("tidy up", owner=2, when=1)
        before.write([e.Agreed(at_ms=talk.now_ms, number=2, kind="step", text="breathe")])
        before.write([e.BreakAgreed(at_ms=talk.now_ms, return_in_ms=7_200_000)])
        talk.finish("break")
    found = at(store, "Carla", "Ana", "Ben", now=NOW + datetime.timedelta(hours=1))
    assert found.due == ({"agreement": 1, "text": "tidy up", "owner": "Ben"},)
    assert found.steps == ("breathe",)
    assert found.return_in_ms is not None and 3_600_000 < found.return_in_ms < 3_900_000
    assert found.first == "Ben"  # Ana did last time
    hosted = at(store, "Ana", "Ben", "Carla", host="Ben", now=NOW)
    assert hosted.first == "Carla"  # a host takes no turn: it is passed on
    assert at(store, "Ana", "Ben", now=NOW).due == ()


# --- through the program -----------------------------------------------------------------------------------


@POSIX
def test_every_option_reaches_the_session_and_the_next_one_begins_with_somebody_else(home: Path) -> None:
    wants = ["--host", "Zoë", "--target", "Ana=3", "--target", "Ben=0,5", "--extra-time", "Ben=1.5"]
    wants += ["--say-name", "Zoë=Zo-ee", "--call-me", "Hey  Table", "--budget", "0"]
    for starts in ("Ana", "Ben"):
        running = Running(*START, "--format", "round-robin", *wants)
        try:
            assert f"floor: {starts} " in running.until("floor: ")
        finally:
            running.process.terminate()
            running.rest()
    with Reader.open(home / "facilitator" / "sessions.db") as reader:
        setup = reader.setup(2)
    assert (setup.host, setup.targets, setup.extra_time) == ("Zoë", {"Ana": 3.0, "Ben": 0.5}, {"Ben": 1.5})
    assert (setup.pronounced, setup.wake, setup.budget) == ({"Zoë": "Zo-ee"}, "hey table", 0)
    assert (setup.first, setup.hears_words) == ("Ben", False)
