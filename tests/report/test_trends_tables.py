"""Many tables together: what is spread is right, no table and nobody can be read off, in every language."""

from __future__ import annotations

import dataclasses
import datetime
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from facilitator.cli import cli
from facilitator.core.trends.history import Held, of_a_talk
from facilitator.core.trends.tables import LEAST_TABLES, LEAST_TALKS, apart, over_tables, quantile
from facilitator.report.trends.tables import tables_json, tables_page, tables_text
from facilitator.resources.prompts import default_prompts
from facilitator.resources.texts import texts_of
from tests.store.test_groups import hold
from tests.support.histories import Group

LANGUAGES = [file.stem for file in default_prompts().language_files()]
JANUARY = (datetime.date(2026, 1, 5) - datetime.date(1970, 1, 1)).days


def year(tables: int = 4, talks: int = 8) -> list[Held]:
    """So many tables, each with a talk in every two weeks."""
    return [
        dataclasses.replace(held, day=JANUARY + 14 * number, group=f"7{'abcdefgh'[table]}")
        for table in range(tables)
        for number, held in enumerate(Group(table, people=3, sessions=talks).history().sessions)
    ]


def test_half_of_the_talks_lie_within_the_half_that_is_told() -> None:
    held = year()
    found = over_tables(held)
    assert (found.talks, found.tables, found.first) == (32, 4, datetime.date(2026, 1, 5))
    balance = next(one for one in found.spreads if one.what == "balance")
    january = [point.value for one in held if one.day < JANUARY + 27 and (point := of_a_talk("balance", one))]
    told = balance.told[0]
    assert told.month == "2026-01" and told.talks == len(january) == 8
    assert told.quarter is not None and told.three_quarters is not None
    assert sum(told.quarter <= value <= told.three_quarters for value in january) == 4


@pytest.mark.parametrize(
    ("values", "part", "found"), [([1.0], 0.25, 1.0), ([1.0, 3.0], 0.5, 2.0), ([1, 2, 3, 4, 5], 0.75, 4)]
)
def test_quantiles(values: list[float], part: float, found: float) -> None:
    assert quantile(values, part) == found


def test_no_table_can_be_read_off() -> None:
    few = over_tables(year(tables=LEAST_TABLES - 1, talks=20))
    assert all(not spread.told for spread in few.spreads)
    rare = over_tables([one for one in year(tables=4) if one.day == JANUARY])
    assert rare.talks == LEAST_TALKS - 1
    assert all(not spread.told for spread in rare.spreads)
    one_circle = [
        dataclasses.replace(held, group="", parts=held.parts[: 2 + number % 2], day=JANUARY + number)
        for number, held in enumerate(Group(1, people=3, sessions=9).history().sessions)
    ]
    family = over_tables(one_circle)
    assert (family.tables, apart(one_circle)) == (2, 1), "one circle in changing numbers is one table"
    assert all(not spread.told for spread in family.spreads)
    assert apart(year(tables=4)) == 4
    values = tables_json(rare)
    assert {month["middle"] for spread in values["spreads"] for month in spread["months"]} == {None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_told_in_every_language_and_names_nobody(language: str) -> None:
    found, texts = over_tables(year()), texts_of(language)
    page, text = tables_page(found, texts, datetime.date(2026, 6, 1)), tables_text(found, texts, 80)
    for told in (page, text):
        assert texts("trends.titles.balance") in told
        assert not any(name in told for name in ("Ana", "Ben", "Carla", "7a"))
    assert "<script" not in page and page.count("<svg") >= 4
    assert max(len(line) for line in text.splitlines()) <= 80


def test_the_command(tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    for number, group in enumerate(("7a", "7a", "7b", "7b", "7c"), 1):
        hold(path, group, "sing", number)

    def run(*words: str) -> str:
        done = CliRunner().invoke(cli, ["trends", "--tables", *words, "--db", str(path)])
        assert done.exit_code == 0, done.output
        return done.output

    assert "Ana" not in run() and "2026-05: " in run()
    values = json.loads(run("--json"))
    assert (values["talks"], values["tables"]) == (5, 3)
    assert json.loads(run("--json", "--group", "7a"))["tables"] == 1
    run("--html", str(tmp_path / "school.html"))
    assert "Ana" not in (tmp_path / "school.html").read_text(encoding="utf-8")
    refused = CliRunner().invoke(cli, ["trends", "--tables", "--people", "Ana, Ben", "--db", str(path)])
    assert refused.exit_code == 2
