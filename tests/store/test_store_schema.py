"""The database's shape: told in docs/schema.md, reached from every older version, good to look at in Datasette."""

from __future__ import annotations

import asyncio
import dataclasses
import re
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette
from hypothesis import given
from hypothesis import strategies as st

from facilitator.core import events as e
from facilitator.errors import StoreError
from facilitator.resources.prompts import of_today
from facilitator.store import database
from facilitator.store.describe import describe_schema
from facilitator.store.session_log import Reader, Store
from tests.store.test_store import FACTS, SETUP, STARTED

HERE = Path(__file__).parents[1]
TABLES = (
    *("seats", "speech", "turns", "cut_ins", "floor", "stages", "prompts", "events"),
    *("agreements", "ratings", "self_ratings", "returns"),
    *("corrections", "heard_seats", "heard_speech", "heard_turns", "heard_cut_ins", "heard_whose"),
)
"""All that belong to a session."""
OLDER = sorted((HERE / "data" / "stored").glob("version-*.sql"))


def test_the_page_about_the_schema_is_true() -> None:
    page = (HERE.parent / "docs" / "schema.md").read_text(encoding="utf-8")
    assert page == describe_schema(), "python -m facilitator.store.describe > docs/schema.md"


def test_every_table_and_column_is_explained() -> None:
    page = describe_schema()
    assert not re.findall(r"^\| `\w+` \|(?: [^|]+ \|)? +\|$", page, re.MULTILINE)
    assert not re.findall(r"^### \w+\n\n\n", page, re.MULTILINE)


def test_tables_are_strict_and_point_to_each_other() -> None:
    db = database.open_memory()
    for table in db.tables:
        if table.name != "_sqlite_migrations":
            assert table.strict, table.name
    for name in TABLES:
        assert "sessions" in {key.other_table for key in db.table(name).foreign_keys}
    with pytest.raises(sqlite3.IntegrityError):
        db.table("seats").insert({"session": 1, "person": 1, "position": 1})
    db.close()


def sections(page: str) -> set[str]:
    return set(re.split(r"^#+ ", page, flags=re.MULTILINE))


@pytest.mark.parametrize("dump", OLDER, ids=lambda path: path.stem)
def test_an_older_database_is_brought_up_to_date(dump: Path, tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    with sqlite3.connect(path) as db:
        db.executescript(dump.read_text(encoding="utf-8"))
    with Store.open(path) as store:
        assert sections(describe_schema(store._db)) == sections(describe_schema())
        (found,) = store.unfinished()
        assert tuple(store.records(found.session)) == FACTS
        assert store.setup(found.session) == replace(SETUP, language=of_today(SETUP.language))
        assert [line["airtime_s"] for line in store.airtime(found.session)] == [5.15, 2.0, 0.0]
        before = {name: store.query(f"SELECT * FROM {name}") for name in (*TABLES, "people", "sessions")}
        assert before["events"] and before["agreements"] == []
        store.resume(found.session)
        store.write([e.Resumed(at_ms=found.last_ms)])
        store.write(
            [e.Agreed(at_ms=found.last_ms, number=1, kind="agreement", text="tidy up", owner="Ben", due_days=7)]
        )
        assert store.flush()
        assert [(line["text"], line["owner"]) for line in store.agreements()] == [("tidy up", "Ben")]
        for name in ("seats", "speech", "turns", "cut_ins", "floor", "stages", "prompts", "people"):
            assert store.query(f"SELECT * FROM {name}") == before[name]


def test_datasette_shows_all_of_it(tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    with Store.open(path) as store:
        session = store.begin(SETUP, STARTED)
        store.write(FACTS)

    async def look() -> dict[str, Any]:
        datasette = Datasette([], immutables=[str(path)])
        await datasette.invoke_startup()
        names = (await datasette.client.get("/sessions.json")).json()
        pages = {}
        for table in names["tables"] + names["views"]:
            name = table["name"]
            page = await datasette.client.get(f"/sessions/{name}.json?_shape=array")
            assert page.status_code == 200, name
            assert (await datasette.client.get(f"/sessions/{name}")).status_code == 200, name
            pages[name] = page.json()
        return pages

    pages = asyncio.run(look())
    views = {"v_airtime", "v_cut_ins", "v_sessions", "v_speech", "v_agreements", "v_ratings", "v_self_ratings"}
    assert views | {*TABLES, "sessions", "people"} <= set(pages)
    assert [(row["person"], row["airtime_s"]) for row in pages["v_airtime"]] == [
        ("Ana", 5.15),
        ("Ben", 2.0),
        ("Çetin 陳", 0.0),
    ]
    assert [row["session"] for row in pages["v_sessions"]] == [session]


def test_days_are_those_at_the_table_and_numbers_stand_beside_those_of_before(tmp_path: Path) -> None:
    with Store.open(tmp_path / "sessions.db") as store:
        for when, value in (("2026-03-06T19:00:00+00:00", 2), ("2026-06-05T19:00:00+00:00", 4)):
            with Store.open(tmp_path / "sessions.db") as own:
                own.begin(dataclasses.replace(SETUP, utc_offset_minutes=13 * 60), when)
                own.write(
                    [
                        e.Rated(at_ms=1, person="Ana", what="arriving", value=3),
                        e.SelfRated(at_ms=2, person="Ana", indicator="money", value=value),
                        e.Heard(at_ms=9_000, start_ms=0, end_ms=6_000, people=("Ben",)),
                        e.Spoke(at_ms=9_000, start_ms=0, end_ms=6_000, people=("Ben",)),
                        e.CutIn(at_ms=9_000, kind="cut-in", by="Ana", over="Ben", start_ms=3_000, end_ms=4_000),
                    ]
                )
                assert own.flush()
        days = ["2026-03-07", "2026-06-06"]
        for view in ("v_sessions", "v_ratings", "v_cut_ins"):
            assert [row["day"] for row in store.query(f"SELECT day FROM {view} ORDER BY session")] == days, view
        assert [row["time"] for row in store.query("SELECT time FROM v_sessions")] == ["08:00", "08:00"]
        assert {row["day"] for row in store.query("SELECT day FROM v_airtime")} == set(days)
        told = store.query("SELECT day, indicator, person, value, before FROM v_self_ratings ORDER BY session")
        assert [tuple(row.values()) for row in told] == [
            (days[0], "money", "Ana", 2, None),
            (days[1], "money", "Ana", 4, 2),
        ]
        (pair, _) = store.query("SELECT cut_ins, cut_ins_an_hour FROM v_cut_ins")
        assert pair == {"cut_ins": 1, "cut_ins_an_hour": 600.0}, "one in six seconds of the other's talk"


def test_a_copy_that_may_not_be_written_to_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "sessions.db"
    with Store.open(path) as store:
        session = store.begin(SETUP, STARTED)
        store.write(FACTS)
    path.chmod(0o400)
    monkeypatch.setattr("os.access", lambda *_: False)  # so it is for everyone but root
    with Reader.open(path) as reader:
        assert tuple(reader.records(session)) == FACTS
    assert [file.name for file in tmp_path.iterdir()] == ["sessions.db"]
    with pytest.raises(StoreError, match="cannot be written to"):
        Store.open(path)
    path.chmod(0o600)


def test_an_older_copy_that_may_not_be_written_to_is_not_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sessions.db"
    with sqlite3.connect(path) as db:
        db.executescript(OLDER[0].read_text(encoding="utf-8"))
    before = path.read_bytes()
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(StoreError, match="older version"):
        Reader.open(path)
    assert path.read_bytes() == before


# --- every record comes back -------------------------------------------------------------------------------


def any_of(kind: type[e.Record]) -> st.SearchStrategy[e.Record]:
    floats = {field.name: st.floats(0, 1) for field in dataclasses.fields(kind) if field.type == "float"}
    return st.builds(kind, at_ms=st.integers(0, 1 << 40), **floats)


@given(record=st.one_of(*map(any_of, e.KINDS.values())))
def test_a_row_gives_back_its_record(record: e.Record) -> None:
    row = e.to_row(record)
    assert row["role"] == record.role
    assert e.KINDS[row["kind"]] is type(record)
    assert e.from_row(row) == record


def test_what_stores_loads_neither_pandas_nor_numpy_and_leaves_both_to_be_had() -> None:
    """They are installed beside it here, take half a second, and nothing of theirs is stored."""
    asked = (
        "import sys, facilitator.store.measures, facilitator.store.people\n"
        "assert not {'pandas', 'numpy'} & sys.modules.keys()\n"
        "import numpy, pandas\n"
    )
    subprocess.run([sys.executable, "-c", asked], check=True)
