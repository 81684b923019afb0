"""The group's own rules: added, worded anew, taken away, and read aloud when the same people begin."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from facilitator.cli import cli
from facilitator.store.carry_over import left_over
from facilitator.store.people import People
from facilitator.store.reader import Reader
from facilitator.store.session_log import Store
from tests.support.table_talk import TableTalk, open_talk
from tests.support.told_room import Room

PEOPLE = ("Ana", "Ben")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "talks.db"
    store = Store.open(path)
    table = TableTalk(store, open_talk(*PEOPLE, hears_words=False))
    table.speak("Ana", 5_000)
    table.finish()
    store.close()
    return path


def run(path: Path, *words: str) -> tuple[int, str]:
    found = CliRunner().invoke(cli, ["agreements", "--db", str(path), *words])
    return found.exit_code, found.output


def rules(path: Path) -> tuple[str, ...]:
    with Reader.open(path) as reader:
        return left_over(reader, PEOPLE, reader.stored(1).format, datetime.datetime.now(datetime.UTC)).rules


def test_added_worded_anew_and_taken_away(path: Path) -> None:
    assert run(path, "--add", "rule", "Purchases over 500 wait for two  days.")[0] == 0
    assert rules(path) == ("Purchases over 500 wait for two days.",)
    assert "Purchases over 500" in run(path)[1]
    assert run(path, "--word", "1", "Purchases over 300 wait for two days")[0] == 0
    assert rules(path) == ("Purchases over 300 wait for two days",)
    assert run(path, "--add", "step", "a walk round the block")[0] == 0
    with Reader.open(path) as reader:
        now = datetime.datetime.now(datetime.UTC)
        assert left_over(reader, PEOPLE, reader.stored(1).format, now).steps == ("a walk round the block",)
    assert run(path, "--remove", "1")[0] == 0
    assert rules(path) == ()


def test_what_cannot_be_is_said(path: Path) -> None:
    assert "There is no agreement 9" in run(path, "--word", "9", "x")[1]
    assert "There is no agreement 9" in run(path, "--remove", "9")[1]
    assert "Say it in a few words." in run(path, "--add", "rule", "  ")[1]
    assert run(path, "--add", "agreement", "x")[0] == 2


@pytest.mark.parametrize("code", ["de", "en", "es", "fr", "it", "ko", "pt"])
def test_they_are_read_aloud_before_the_opening(code: str) -> None:
    room = Room(PEOPLE, "open", language=code, rules=("One speaks at a time.", "Purchases wait"))
    said = room.until("business.rules").text
    assert "One speaks at a time; Purchases wait" in said
    room.until("opening.greeting")


def test_a_name_in_a_rule_is_forgotten_with_the_person(path: Path) -> None:
    run(path, "--add", "rule", "Ben cooks on Sundays")
    store = Store.open(path)
    table = TableTalk(store, open_talk(*PEOPLE, hears_words=False, rules=rules(path)))
    table.finish()
    store.close()
    with People.open(path) as people:
        people.forget("Ben")
    with Reader.open(path) as reader:
        assert "Ben" not in reader.setup(2).rules[0]
        assert all("Ben" not in rule for rule in rules(path))
