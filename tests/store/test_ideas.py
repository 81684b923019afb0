"""Whose idea an agreement was, as it is stored and told: in the list, the review, over months, and after forgetting."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from facilitator.cli import cli
from facilitator.core.events import Agreed
from facilitator.core.trends.history import Held, histories
from facilitator.core.trends.ideas import LEAST_IDEAS, ideas
from facilitator.store.measures import Measures
from facilitator.store.reader import Reader
from facilitator.store.session_log import Store
from facilitator.store.session_notes import agreements_of
from tests.support.table_talk import TableTalk, open_talk

PEOPLE = ("Anouk", "Benedikt")
SAID = ("Anouk", "Anouk", "", None, "Benedikt", "Anouk")


def talked(path: Path, *said: str | None) -> Path:
    """A talk in which so much was agreed on."""
    with Store.open(path) as store:
        table = TableTalk(store, open_talk(*PEOPLE, hears_words=False))
        for name in PEOPLE:
            table.speak(name, 40_000)
        store.write(
            [
                Agreed(at_ms=table.now_ms, number=number, kind="agreement", text=f"thing {number}", idea=idea)
                for number, idea in enumerate(said, 1)
            ]
        )
        table.finish()
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return talked(tmp_path / "talks.db", *SAID)


def told(path: Path, *arguments: str) -> str:
    result = CliRunner().invoke(cli, [arguments[0], "--db", str(path), *arguments[1:]])
    assert result.exit_code == 0, result.output
    return result.output


def test_it_is_stored_beside_the_agreement_and_nothing_where_nobody_said(path: Path) -> None:
    with Reader.open(path) as reader:
        assert tuple(one.idea for one in agreements_of(reader)) == SAID
        rows = reader.query("SELECT agreement, name FROM ideas LEFT JOIN people ON people.id = person ORDER BY 1")
    assert [(row["agreement"], row["name"]) for row in rows] == [
        (number, name or None) for number, name in enumerate(SAID, 1) if name is not None
    ]


def test_the_list_the_review_and_json_tell_it(path: Path) -> None:
    listed = told(path, "agreements")
    assert listed.count("Anouk's idea") == 3 and listed.count("everyone's idea") == 1
    assert [one["idea_of"] for one in json.loads(told(path, "agreements", "--json"))] == [
        ["Anouk"], ["Anouk"], [*PEOPLE], None, ["Benedikt"], ["Anouk"],
    ]  # fmt: skip
    assert "It was Benedikt's idea." in told(path, "review", "1", "--all")


def test_over_months_it_stands_beside_the_airtime_and_not_below_a_few(path: Path) -> None:
    (group,) = histories(held(path), 25_000.0)
    found = ideas(group, "ideas")
    assert found is not None and found.agreements == 5 == LEAST_IDEAS
    (month,) = found.months
    assert [(one.name, one.ideas) for one in month.each] == [("Anouk", 3), ("Benedikt", 1)]
    assert month.together == 1
    talked(path)  # a second talk, as trends begin with two
    text = told(path, "trends")
    assert "Whose ideas were agreed on" in text and "everyone's 1" in text and "Anouk 3" in text
    assert json.loads(told(path, "trends", "--json"))[0]["ideas"]["months"][0]["together"] == 1
    page = path.with_name("trends.html")
    told(path, "trends", "--html", str(page))
    assert "Anouk 3" in page.read_text(encoding="utf-8")


def held(path: Path) -> list[Held]:
    with Measures.open(path) as store:
        return store.held()


def test_of_too_few_it_is_said_that_it_is_too_early(tmp_path: Path) -> None:
    path = talked(tmp_path / "few.db", "Anouk", "Benedikt")
    talked(path)
    text = told(path, "trends")
    assert "Too early to tell: 2 of the 5 agreements" in text and "Anouk 1" not in text
    nothing = talked(tmp_path / "nothing.db", None)
    talked(nothing)
    assert "Whose ideas" not in told(nothing, "trends")


def test_who_is_forgotten_is_in_no_idea_any_more_and_not_told_of(path: Path) -> None:
    talked(path)
    told(path, "forget", "Anouk", "--yes")
    assert b"Anouk" not in path.read_bytes()
    assert "Anouk" not in told(path, "agreements") + told(path, "trends")
    (group,) = histories(held(path), 25_000.0)
    found = ideas(group, "ideas")
    assert found is not None and found.agreements == 2 and not found.months


def test_a_new_name_is_the_name_of_the_idea(path: Path) -> None:
    result = CliRunner().invoke(cli, ["correct", "rename", "Anouk", "Annika", "--session", "1", "--db", str(path)])
    assert result.exit_code == 0, result.output
    assert told(path, "agreements").count("Annika's idea") == 3


def test_an_export_for_one_person_has_theirs_and_nobody_elses_name(path: Path, tmp_path: Path) -> None:
    to = tmp_path / "mine"
    told(path, "export", str(to), "--person", "Benedikt")
    text = "".join(file.read_text(encoding="utf-8") for file in to.iterdir())
    assert "Anouk" not in text
    (mine,) = [json.loads(file.read_text(encoding="utf-8")) for file in to.iterdir() if file.suffix == ".json"]
    assert [(row["agreement"], row["person"]) for row in mine["tables"]["ideas"]] == [(3, None), (5, "Benedikt")]
