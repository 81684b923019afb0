"""`facilitator correct`: what it prints, what it does, and what it refuses."""

from __future__ import annotations

import json
import re
import shlex
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from facilitator.cli import cli
from facilitator.commands.stored.correct import parse_time
from facilitator.core.text import length
from facilitator.errors import UsageError
from facilitator.resources.prompts import default_prompts
from tests.support.corrected import keep


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "sessions.db"
    keep(path)
    return path


def run(path: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, [*words, "--db", str(path)])


def told(path: Path, *words: str) -> list[str]:
    found = run(path, "correct", *words)
    assert found.exit_code == 0, found.output
    return found.output.splitlines()


def shares(pattern: str, line: str) -> tuple[int, ...]:
    found = re.match(pattern, line)
    assert found, line
    return tuple(map(int, found.groups()))


def test_a_stretch_goes_to_another_and_back(path: Path) -> None:
    before = run(path, "review", "--json").output
    first, share, airtime, *_, last = told(path, "reassign", "3:10", "3:30", "--from", "carla", "--to", "ana")
    assert first == "Session 1: From 3:10 to 3:30 it was Ana who spoke, and not Carla."
    ana, more, carla, less = shares(r"Share: Ana (\d+) % -> (\d+) %, Carla (\d+) % -> (\d+) %", share)
    assert ana < more and carla > less and more - ana == pytest.approx(carla - less, abs=1)
    assert airtime.startswith("Airtime: Ana 0:")
    assert last == f"To take it back: facilitator correct undo --db {path} 1 --session 1"
    after = json.loads(run(path, "review", "--json").output)
    assert round(100 * after["people"][0]["share"]) == more
    assert f"Corrected by hand once; facilitator correct list --db {path} shows how." in run(path, "review").output
    first, share, *_ = told(path, "undo")
    assert first == "Session 1, correction 1 is undone: From 3:10 to 3:30 it was Ana who spoke, and not Carla."
    assert share == f"Share: Ana {more} % -> {ana} %, Carla {less} % -> {carla} %"
    assert run(path, "review", "--json").output == before
    assert "Corrected by hand" not in run(path, "review").output


def test_a_name_that_stays_in_other_sessions_is_told_with_the_command_that_changes_it_there(path: Path) -> None:
    """Else the sessions before it are those of another group, and the trends end."""
    keep(path, when="2026-02-03T03:04:05+00:00")
    *_, last = told(path, "rename", "Ana", "Anna Maria")
    assert last.startswith("In other sessions it is still Ana.")
    words = shlex.split(last.partition("there, too: ")[2])
    assert CliRunner().invoke(cli, words[1:]).exit_code == 0
    assert "Anna Maria: 2 sessions" in run(path, "people").output
    told(path, "rename", "Anna Maria", "Ana", "--session", "1")
    assert not any("other sessions" in line for line in told(path, "rename", "Anna Maria", "Ana", "--session", "2"))


def test_who_has_the_same_name_in_another_group_is_somebody_else(path: Path) -> None:
    """Nothing is told where only another group has such a name; else what is to be typed names the group."""
    keep(path, when="2026-02-03T03:04:05+00:00")
    keep(path, when="2026-03-03T03:04:05+00:00")
    assert run(path, "groups", "move", "2", "3", "--to", "Work", "--yes").exit_code == 0
    *_, last = told(path, "rename", "Ana", "Anna", "--session", "3")
    words = shlex.split(last.partition("there, too: ")[2])
    assert words[words.index("--group") + 1] == "Work"
    assert CliRunner().invoke(cli, words[1:]).exit_code == 0
    people = run(path, "people").output
    assert "Ana: 1 session" in people and "Anna: 2 sessions" in people
    assert not any("other sessions" in line for line in told(path, "rename", "Ana", "Ina", "--session", "1"))


def test_people_are_renamed_and_merged(path: Path) -> None:
    assert told(path, "rename", "ana", "Ina", "--session", "1")[:2] == [
        "Session 1: Ana is called Ina.",
        "No figure changes.",
    ]
    first, share, *_ = told(path, "merge", "Ina", "Ben")
    assert first == "Session 1: Ina and Ben are one person, Ben."
    before, after = shares(r"Share: Ben (\d+) % -> (\d+) %", share)
    assert after > before
    first, share, *_ = told(path, "undo")
    _, merged, again = shares(r"Share: Ina (\d+) %, Ben (\d+) % -> (\d+) %", share)  # she was nobody of her own before
    assert (merged, again) == (after, before)
    assert "Ana: no session since a correction" in run(path, "people").output
    assert run(path, "people", "rename", "Ina", "Ana", "--merge").exit_code == 0
    assert "Ana: 1 session" in run(path, "people").output


def test_guests_and_what_does_not_count(path: Path) -> None:
    lines = told(path, "guest", "150", "165.5")
    assert lines[0] == "Session 1: From 2:30 to 2:45.5 it was a guest who spoke."
    assert any(re.match(r"Guests: 0:1\d -> 0:2", line) for line in lines)
    lines = told(path, "leave-out", "2:00", "0:02:40")
    assert lines[0] == "Session 1: From 2:00 to 2:40 nothing counts."
    assert any(line.startswith("Silence: ") for line in lines)


def test_all_is_listed(path: Path) -> None:
    assert told(path, "list") == ["Session 1 is as it was heard; nothing was corrected."]
    assert json.loads("\n".join(told(path, "list", "--json"))) == []
    told(path, "leave-out", "2:00", "2:40")
    told(path, "rename", "Ana", "Ina")
    told(path, "undo", "1")
    session, one, two = told(path, "list")
    assert session == "Session 1"
    assert one.startswith("  1  From 2:00 to 2:40 nothing counts. (20")
    assert " UTC) Undone on 20" in one
    assert two.startswith("  2  Ana is called Ina. (20")
    first, second = json.loads("\n".join(told(path, "list", "--json")))
    assert (first["number"], first["kind"], first["start_ms"], first["end_ms"]) == (1, "left-out", 120_000, 160_000)
    assert first["undone_at"] >= second["made_at"]
    assert second["undone_at"] is None


def test_a_guest_found_afterwards_gets_a_seat_and_it_is_taken_back(path: Path) -> None:
    before = run(path, "review", "--json").output
    first, share, *_ = told(path, "reassign", "3:10", "3:30", "--from", "carla", "--to", "dora", "--new")
    assert first == "Session 1: From 3:10 to 3:30 it was dora who spoke, and not Carla; dora has a seat."
    assert re.search(r"dora \d+ %", share)
    found = json.loads(run(path, "review", "--json").output)
    assert [person["name"] for person in found["people"]][-1] == "dora"
    assert told(path, "reassign", "3:40", "3:45", "--to", "Dora")[0].endswith("it was dora who spoke.")
    assert "leave out --new" in run(path, "correct", "reassign", "1:00", "1:10", "--to", "Dora", "--new").output
    assert "builds on it" in run(path, "correct", "undo", "1").output
    told(path, "undo")
    told(path, "undo")
    assert run(path, "review", "--json").output == before


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (["rename", "Ana", "ben"], 1, "There is a Ben in this session already"),
        (["rename", "Ana", "="], 2, "please"),
        (["merge", "Voice 2", "Ana"], 1, "Nobody called Voice 2 has a seat in this session; name Ana, Ben"),
        (["reassign", "1:40", "2:00"], 2, "--to"),
        (["reassign", "1:40", "2:00", "--to", "Dora"], 1, "or add --new to give Dora one."),
        (["reassign", "1:40", "2:00", "--to", "David"], 1, "David was not listened to"),
        (["reassign", "1:40", "1:60", "--to", "Ana"], 2, "“1:60” is no time; write it as 12:40, 1:02:03 or seconds."),
        (["leave-out", "59:00", "59:10"], 1, "The session was heard from 0:00 to 5:"),
        (["undo", "--session", "1"], 1, "There is nothing to undo: session 1 is as it was heard."),
        (["undo", "7"], 1, "There is nothing to undo"),
        (["list", "--session", "9"], 1, "There is no session 9"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said(path: Path, words: list[str], code: int, why: str) -> None:
    found = run(path, "correct", *words)
    assert found.exit_code == code
    assert why in found.output


def test_there_must_be_a_database(tmp_path: Path) -> None:
    found = run(tmp_path / "none.db", "correct", "rename", "Ana", "Ina")
    assert found.exit_code == 1
    assert "There is no database" in found.output
    assert not (tmp_path / "none.db").exists()


@given(st.integers(0, 100 * 3600))
def test_times_are_read_as_they_are_written(seconds: int) -> None:
    assert (
        parse_time(length(seconds * 1000))
        == parse_time(str(seconds))
        == parse_time(f" {seconds}.000 ")
        == seconds * 1000
    )


@given(st.text(alphabet="0123456789:.- x", max_size=10))
def test_what_is_no_time_is_refused(text: str) -> None:
    try:
        assert parse_time(text) >= 0
    except UsageError as error:
        assert "is no time" in error.message


def test_it_answers_in_the_language_of_the_session(path: Path) -> None:
    """Whatever of it is said to people, and not typed by them."""
    with sqlite3.connect(path) as db:
        (setup,) = db.execute("SELECT setup FROM sessions WHERE id = 1").fetchone()
        german = json.loads(setup) | {"language": default_prompts().language("de")}
        db.execute("UPDATE sessions SET setup = ?, language = 'de' WHERE id = 1", [json.dumps(german)])
    assert told(path, "list") == ["Gespräch 1 ist so, wie es gehört wurde; nichts wurde richtiggestellt."]
    lines = told(path, "guest", "150", "165.5")
    assert lines[0] == "Gespräch 1: Von 2:30 bis 2:45.5 hat ein Gast gesprochen."
    assert any(line.startswith("Redezeit: Ana ") for line in lines)
    assert any(line.startswith("Gäste: ") for line in lines)
    assert lines[-1].startswith("Zum Zurücknehmen: facilitator correct undo ")
    assert told(path, "undo")[0].startswith("Gespräch 1, Korrektur 1 ist zurückgenommen: Von 2:30")


def test_a_session_that_is_named_as_for_the_review_is_told_how(path: Path) -> None:
    assert run(path, "review", "1").exit_code == 0
    found = run(path, "correct", "rename", "Ana", "Anna", "1")
    assert found.exit_code == 2
    assert found.output.splitlines()[-1].endswith("(1). For session 1, type --session 1.")
