"""Sessions become another group's: with people, figures, agreements and corrections, and once, however often it is
asked for."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Mapping
from pathlib import Path

import pytest

from facilitator.core.review.apply_corrections import Reassigned, Renamed
from facilitator.errors import StoreError
from facilitator.store.carry_over import left_over
from facilitator.store.corrections import Corrections
from facilitator.store.exchange.moving import Moves
from facilitator.store.measures import Measures
from facilitator.store.notebook.private import Private, uid_of
from facilitator.store.people import People, pronounced
from facilitator.store.session_log import Reader, Store
from facilitator.store.voiceprints import VoiceprintStore, saved_on
from tests.store.test_groups import NOW, PAIR, hold, run, school, told
from tests.store.test_people import keep

__all__ = ["school"]


def move(path: Path, *sessions: int, to: str) -> None:
    with Moves.open(path) as store:
        store.within(to, new=True).move(sessions)


def groups_of(path: Path) -> Mapping[int, str]:
    with Reader.open(path) as reader:
        return {one.session: one.group for one in reader.sessions()}


def sound(path: Path) -> None:
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        strangers = (
            "SELECT s.id FROM seats t JOIN sessions s ON s.id = t.session JOIN people p ON p.id = t.person"
            " WHERE p.group_id IS NOT s.group_id"
        )
        assert db.execute(strangers).fetchall() == []


def test_a_session_goes_with_its_people_and_what_they_agreed_on(school: Path) -> None:
    move(school, 1, to="8c")
    assert groups_of(school) == {1: "8c", 2: "7a", 3: "7b"}
    sound(school)
    with Store.open(school) as store:
        assert [one["text"] for one in left_over(store.within("8c"), PAIR, "Open talk", NOW).due] == [
            "Ana waters the plants"
        ]
        assert left_over(store.within(""), PAIR, "Open talk", NOW).due == ()
    with Reader.open(school) as reader:
        assert len(reader.query("SELECT 1 FROM people WHERE group_id IS NULL")) == 0, "nobody is left there"


def test_who_is_there_already_is_the_same_person_and_the_rest_of_the_session_stays(school: Path) -> None:
    other = hold(school, None, "Ana calls", 9, ("Ana", "Carla"))
    move(school, other, to="7a")
    sound(school)
    with People.open(school) as people:
        found = {(one.group, one.name): one.sessions for one in people.people()}
    assert found[("7a", "Ana")] == 2 and found[("7a", "Carla")] == 1 and found[("", "Ana")] == 1
    move(school, other, to="")
    assert groups_of(school)[other] == ""
    with People.open(school) as people:
        assert {(one.group, one.name): one.sessions for one in people.people()}[("", "Ana")] == 2


def test_a_name_that_is_written_otherwise_there_is_the_same_name(school: Path) -> None:
    other = hold(school, None, "ana calls ben", 9, ("ana", "ben"))
    refused = run(school, "groups", "move", str(other), "--to", "7a")
    assert refused.exit_code == 2 and "In 7a there is Ana, Ben, too" in told(refused)
    assert run(school, "groups", "move", str(other), "--to", "7a", "--same", "--yes").exit_code == 0
    sound(school)
    with People.open(school) as people:
        found = {(one.group, one.name): one.sessions for one in people.people()}
        assert found[("7a", "Ana")] == found[("7a", "Ben")] == 2 and ("7a", "ana") not in found
        assert people.setup(other).people == ("Ana", "Ben") and people.stored(other).people == ("Ana", "Ben")
        assert [row["person"] for row in people.airtime(other)] == ["Ana", "Ben"]
    with Store.open(school) as store:
        due = left_over(store.within("7a"), PAIR, "Open talk", NOW).due
        assert {one["text"] for one in due} == {"Ana feeds the fish", "Ana calls Ben"}


def test_what_somebody_left_out_of_a_joint_report_stays_theirs(school: Path) -> None:
    """However their name is written in the other group: only they can let it stand again. What they said yes to had
    another name in it."""
    other = hold(school, None, "ana calls ben", 9, ("ana", "ben"))
    private = Private(school)
    with Reader.open(school) as reader:
        here, elsewhere = uid_of(reader, other), uid_of(reader, 1)
    for uid in (here, elsewhere):
        private.strike(uid, "ana", ["goal"], leave_out=True)
        private.agree(uid, "ana", "report")
        private.change(uid, "2026-01-01T10:00:00+00:00", note=["Ask ana again."])
    move(school, other, to="7a")
    assert private.struck(here, "Ana") == {"goal"} and not private.struck(here, "ana")
    assert not private.agreed(here, "report")
    assert [one.text for one in private.notes(here)] == ["Ask Ana again."]
    assert private.struck(elsewhere, "ana") == {"goal"} and private.agreed(elsewhere, "report") == {"ana"}
    assert [one.text for one in private.notes(elsewhere)] == ["Ask ana again."]


def test_all_that_is_told_of_it_stays_the_same(tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    first = keep(path, ("Ana", "Ben", "Carla"), "2026-01-01T10:00:00+00:00", "round-robin")
    keep(path, ("Ana", "Ben", "Carla"), "2026-01-02T10:00:00+00:00", "quarterly-review")
    with Corrections.open(path) as corrections:
        corrections.correct(first, Reassigned(60_000, 90_000, None, "Ben"))
        corrections.correct(first, Renamed("Carla", "Clara"))
    with Measures.open(path) as measures:
        held = measures.held()
    before = {n: run(path, "review", str(n), "--json").output for n in (1, 2)}
    move(path, 1, 2, to="7a")
    sound(path)
    assert {n: run(path, "review", str(n), "--json").output for n in (1, 2)} == before
    with Measures.open(path) as measures:
        assert measures.held() == [dataclasses.replace(one, group="7a") for one in held]
    with Corrections.open(path) as corrections:
        corrections.undo(first)
    sound(path)
    assert "Carla" in run(path, "review", "1", "--json").output


def test_how_a_name_sounds_goes_along_and_a_voice_only_where_nothing_is_left(school: Path) -> None:
    run(school, "people", "pronunciation", "Ana", "Ah-na", "--group", "7a")
    hold(school, "7a", "Ben sings", 8, ("Ben", "Carla"))
    with VoiceprintStore.open(school) as voices:
        for name in PAIR:
            voices.within("7a").save(name, {"m": {"v": [1]}}, "2026-05-03")
    move(school, 2, to="8c")
    with Reader.open(school) as reader:
        assert pronounced(reader.within("8c"), PAIR) == {"Ana": "Ah-na"}
        assert list(saved_on(reader)) == ["Ana"]
    with Reader.open(school) as reader:
        assert list(saved_on(reader.within("7a"))) == ["Ben"]


def test_once_however_often_it_is_asked_for(school: Path) -> None:
    assert "1 session moved into 8c." in told(run(school, "groups", "move", "1", "--to", "8c", "--yes"))
    again = run(school, "groups", "move", "1", "--to", "8C", "--yes")
    assert again.exit_code == 0 and told(again) == "1 session was in 8c already."
    assert "2 sessions" not in told(run(school, "groups"))
    assert told(run(school, "groups")) == "7a: 1 session 7b: 1 session 8c: 1 session"


def test_two_of_one_name_are_asked_about(school: Path) -> None:
    asked = run(school, "groups", "move", "1", "--to", "7a", "--yes")
    assert asked.exit_code == 2 and "In 7a there is Ana, Ben, too" in told(asked)
    assert groups_of(school)[1] == ""
    assert run(school, "people", "rename", "Ana", "Ana B", "--group", "").exit_code == 0
    done = run(school, "groups", "move", "--group", "", "--to", "7a", "--same", "--yes")
    assert done.exit_code == 0, done.output
    with People.open(school) as people:
        assert {one.name: one.sessions for one in people.within("7a").people()} == {"Ana": 1, "Ana B": 1, "Ben": 2}


def test_who_was_forgotten_stays_forgotten(school: Path) -> None:
    hold(school, None, "We go on", 5, ("Ben", "Carla"))
    assert run(school, "forget", "Ana", "--group", "", "--yes").exit_code == 0
    move(school, 1, to="8c")
    sound(school)
    with People.open(school) as people:
        assert {one.name for one in people.within("8c").people()} == {"Ben"}
        assert people.within("8c").groups_of("someone") == ()


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["1"], 2, "Missing option '--to'"),
        (["--to", "7a"], 2, "Say which sessions"),
        (["1", "--group", "7a", "--to", "7b"], 2, "Say which sessions"),
        (["99", "--to", "7a", "--yes"], 1, "There is no session 99"),
        (["--group", "9z", "--to", "7a", "--yes"], 1, "There is no group 9z"),
        (["1", "--to", "8c"], 2, "add --yes if it is meant"),
    ],
)
def test_one_clear_sentence(school: Path, words: list[str], code: int, sentence: str) -> None:
    result = run(school, "groups", "move", *words)
    assert result.exit_code == code and sentence in told(result)
    assert groups_of(school) == {1: "", 2: "7a", 3: "7b"}


def test_a_session_that_runs_is_not_moved(school: Path) -> None:
    with Store.open(school) as store:
        number = store.begin(Reader.setup(store, 1), "2026-06-01T08:00:00+00:00")
        with pytest.raises(StoreError, match="still running"):
            move(school, number, to="7a")
