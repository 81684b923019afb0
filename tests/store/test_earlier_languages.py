"""A session that was stored before languages had all that they have today is told again, in its own words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlite_utils import Database

from facilitator.cli import cli
from facilitator.core.language.phrases import PHRASES
from facilitator.core.language.wording import parse_language
from facilitator.resources.prompts import default_prompts, of_today
from facilitator.store.session_log import Store
from tests.support.evening import evening


def without(raw: dict[str, Any], *keys: str) -> dict[str, Any]:
    found = json.loads(json.dumps(raw))
    for key in keys:
        table, _, name = key.partition(".")
        found[table].pop(name)
    return dict(found)


@pytest.mark.parametrize("code", [path.stem for path in default_prompts().language_files()])
def test_any_phrase_may_be_newer_than_the_session(code: str) -> None:
    today = default_prompts().language(code)
    phrases = [key for key in PHRASES if key.partition(".")[2] in today.get(key.partition(".")[0], {})]
    assert len(phrases) > 100
    for first in range(5):
        assert parse_language(of_today(without(today, *phrases[first::5]))).code == code


def test_its_own_words_stay() -> None:
    today = default_prompts().language("de")
    stored = without(today, "stages.talk") | {"opening": {**today["opening"], "greeting": ["Servus."]}}
    found = of_today(stored)
    assert found["opening"]["greeting"] == ["Servus."] and found["stages"]["talk"] == today["stages"]["talk"]
    assert of_today(today) is today
    gone = of_today(without(today, "stages.talk") | {"code": "xx"})
    assert gone["opening"] == today["opening"] and parse_language(gone).phrase("stages.talk") == "Open talk"


def test_the_database_of_an_earlier_version(tmp_path: Path) -> None:
    db = tmp_path / "sessions.db"
    with Store.open(db) as store:
        evening(store)
    raw = Database(db)
    (row,) = raw.query("SELECT id, setup FROM sessions")
    setup = json.loads(row["setup"])
    setup["language"] = without(setup["language"], "stages.recorded", "deck.question", "commands.question")
    raw.table("sessions").update(row["id"], {"setup": json.dumps(setup)})
    raw.close()
    for command in ("review", "trends", "people", "audit"):
        told = CliRunner().invoke(cli, [command, "--db", str(db)])
        assert told.exit_code == 0, told.output
    with Store.open(db) as store:
        store.check()  # it is not taken for damaged
