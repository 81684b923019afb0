"""`facilitator export`: all of it, complete and safe; one person's, with nobody else's name in it."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import shutil
import sqlite3
import stat
import sys
import unicodedata
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from facilitator.cli import cli
from facilitator.core import events as e
from facilitator.core.language.names import NAME_FIELDS, NAMES_FIELDS
from facilitator.core.review.correction import Renamed
from facilitator.store import database
from facilitator.store import names as store_names
from facilitator.store.corrections import Corrections
from facilitator.store.personal_data import LEFT_OUT, LOGGED, OF_AGREEMENT, OF_GROUP, OF_SESSION, OTHER, OnePerson
from facilitator.store.session_log import Reader, Store
from facilitator.system import exports
from tests.report.test_ics import parts
from tests.store.test_people import ZOE, keep, ways
from tests.store.test_store_schema import any_of
from tests.support.simulation import setup

OTHERS = ("Ben Ötztal", "Carla Müller-Süd", "Will")


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words])


def done(*words: str | Path) -> str:
    result = run(*words)
    assert result.exit_code == 0, result.output
    return result.output


def evening(path: Path) -> list[int]:
    """Sessions with everything that there can be in them, in which everybody's name is said and written."""
    people = (ZOE, *OTHERS)
    options = {"pronounced": {ZOE: "Tso-Eh", OTHERS[0]: "Bänn"}, "first": OTHERS[1], "targets": {OTHERS[0]: 2.0}}
    numbers = [
        keep(path, people, "2026-01-02T19:00:00+00:00", "check-in", **options),
        keep(path, (OTHERS[0], ZOE), "2026-02-02T19:00:00+00:00", "decision"),
        keep(path, OTHERS, "2026-03-02T19:00:00+00:00", "round-robin"),
    ]
    with Store.open(path) as store:
        late = store.begin(setup(people, "open"), "2026-04-02T19:00:00+00:00")
        written = [ZOE.upper(), *OTHERS, OTHERS[0].upper(), unicodedata.normalize("NFD", OTHERS[1])]
        agreed = [f"{name} brings the cake, says {OTHERS[0]}" for name in written]
        owners = ["", ZOE, OTHERS[0], "", ZOE, ""]
        store.write(
            [
                *(e.Agreed(at_ms=9, number=n, kind="agreement", text=agreed[n], owner=owners[n], due_days=9000)
                  for n in range(6)),
                e.Agreed(at_ms=9, number=7, kind="decision", text="sell it", cooling_ms=1 << 40),
                *(e.Rated(at_ms=9, person=person, what="share", value=20 + len(person)) for person in people),
                *(e.SelfRated(at_ms=9, person=who, indicator="money", value=3) for who in people),
                e.NextAgreed(at_ms=9, in_days=9000),
                e.Command(at_ms=9, name="note", person=ZOE, text=f"{OTHERS[1]} is late"),
                e.CutIn(at_ms=9, kind="cut-in", by=ZOE, over=OTHERS[0], start_ms=1, end_ms=5),
                e.Heard(at_ms=9, start_ms=1, end_ms=5, people=(ZOE, OTHERS[1])),
                e.Trouble(at_ms=9, kind="x", message=f"{OTHERS[0]} left"),
            ]
        )  # fmt: skip
        store.finish(late, "done")
    done("people", "pronunciation", OTHERS[1], "Tscharla", "--db", path)
    return [*numbers, late]


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    evening(tmp_path / "data" / "sessions.db")
    return tmp_path / "data" / "sessions.db"


def everything(folder: Path) -> bytes:
    return b"\n".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


def private(folder: Path) -> bool:
    rights = [stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*"))]
    return sys.platform == "win32" or not any(mode & 0o077 for mode in rights)


# --- all of it ---------------------------------------------------------------------------------------------------


def test_all_of_it_is_complete(db: Path, tmp_path: Path) -> None:
    done("export", tmp_path / "out", "--db", db)
    out = tmp_path / "out"
    assert private(out)
    with Reader.open(db) as before, Reader.open(out / "sessions.db") as copy:
        names = [row["name"] for row in before.query("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")]
        assert len(names) > 20
        for name in names:
            rows = before.query(f"SELECT * FROM {name}")
            if name != "measures":  # made when it is asked for
                assert copy.query(f"SELECT * FROM {name}") == rows, name
            text = (out / "csv" / f"{name}.csv").read_text(encoding="utf-8")
            assert text.startswith("\ufeff")  # Excel takes it for something older else
            table = list(csv.reader(io.StringIO(text[1:], newline="")))
            assert len(table) == len(rows) + 1, name
            if not name.startswith("v_"):
                lines = (out / "jsonl" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
                assert [json.loads(line) for line in lines] == rows, name
                assert table[0] == [row["name"] for row in copy.query(f"SELECT name FROM pragma_table_info('{name}')")]
    assert len(parts((out / "dates.ics").read_bytes().decode())) == 8
    assert done("review", "--db", out / "sessions.db")
    assert (out / "README.txt").read_text(encoding="utf-8").startswith(exports.MARK)


def test_it_is_a_zip_where_that_is_asked_for(db: Path, tmp_path: Path) -> None:
    done("export", tmp_path / "out.zip", "--db", db)
    assert private(tmp_path / "out.zip")
    done("export", tmp_path / "out", "--db", db)
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.testzip() is None
        names = {name.removeprefix("out/") for name in archive.namelist() if not name.endswith("/")}
    assert names == {str(f.relative_to(tmp_path / "out")) for f in (tmp_path / "out").rglob("*") if f.is_file()}
    assert {file.name for file in tmp_path.iterdir() if file.name.startswith(".")} == set()


def test_it_can_be_made_while_a_discussion_runs(db: Path, tmp_path: Path) -> None:
    with Store.open(db) as store:
        running = store.begin(setup(("Zeno", "Ben")), "2026-05-02T19:00:00+00:00")
        store.write([e.Tick(at_ms=5)])
        assert store.flush()
        done("export", tmp_path / "out", "--db", db, "--since", "2026-03-15")
        store.write([e.Tick(at_ms=7)])
        store.finish(running, "done")
    with Reader.open(tmp_path / "out" / "sessions.db") as copy:
        assert [found.session for found in copy.unfinished()] == [running]
        assert list(copy.records(running)) == [e.Tick(at_ms=5)]
        assert len(copy.sessions()) == 2
    assert not [byte for byte in ways("round-robin") if byte in everything(tmp_path / "out" / "csv")]


def test_what_is_there_already_stays_unless_it_may_go(db: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("mine", encoding="utf-8")
    assert "is no export" in run("export", out, "--db", db, "--replace").output
    assert [file.name for file in out.iterdir()] == ["mine.txt"]
    shutil.rmtree(out)
    out.mkdir()
    done("export", out, "--db", db)
    assert "add --replace" in run("export", out, "--db", db).output
    (out / "mine.txt").write_text("mine", encoding="utf-8")
    (out / "csv" / "gone.csv").write_text("", encoding="utf-8")
    done("forget", "Will", "--yes", "--db", db)
    done("export", out, "--db", db, "--replace")
    assert (out / "mine.txt").exists()
    assert not (out / "csv" / "gone.csv").exists()
    assert "Will\n" not in (out / "csv" / "people.csv").read_text(encoding="utf-8")
    assert "There is no folder" in run("export", tmp_path / "no" / "where", "--db", db).output
    assert "There is no database" in run("export", tmp_path / "new", "--db", tmp_path / "none.db").output
    assert {file.name for file in tmp_path.iterdir()} <= {"out", "data", "config"}


def test_forgetting_names_the_exports_in_sight(db: Path, tmp_path: Path) -> None:
    done("export", "one", "--db", db)
    done("export", "two.zip", "--db", db)
    done("export", "three", "--db", db, "--person", ZOE)
    done("export", "four", "--db", db, "--person", "Will")
    done("agreements", "--ics", "dates.ics", "--db", db)
    audited = run("audit", "--db", db).output
    assert audited.count("an export that you made yourself") == 5
    told = done("forget", ZOE, "--yes", "--db", db)
    named = {
        name for name in ("one", "two.zip", "three", "four", "dates.ics") if f"{tmp_path / name}, which you" in told
    }
    assert named == {"one", "two.zip", "three", "dates.ics"}


# --- one person's ------------------------------------------------------------------------------------------------


def test_every_table_is_in_it_or_nobodys() -> None:
    """A new table that points to people is in it by itself; another one is to be named in `store_mine`."""
    db = database.open_memory()
    by_person = {table for table, _, _ in store_names.references(db)} | {"people"}
    tables = {table.name for table in db.tables}
    assert tables == by_person | {*OF_SESSION, *LOGGED, *OF_AGREEMENT, *OF_GROUP, *LEFT_OUT}
    assert {*OF_SESSION, *LOGGED} & by_person == set()
    columns = {(table.name, column.name) for table in db.tables for column in table.columns if column.type == "TEXT"}
    told = {(t, c) for each in (store_names.PLAIN, store_names.TEXTS, store_names.NAMES) for t in each for c in each[t]}
    assert columns - told - {("_sqlite_migrations", c) for c in ("migration_set", "name", "applied_at")} == set()
    db.close()


def test_one_persons_export_has_nobody_elses_name(db: Path, tmp_path: Path) -> None:
    for count, person in enumerate((ZOE.upper(), *OTHERS)):
        out = tmp_path / f"out-{count}"
        done("export", out, "--db", db, "--person", person)
        assert private(out)
        found = everything(out)
        own = next(name for name in (ZOE, *OTHERS) if name.casefold() == person.casefold())
        assert own.encode() in found
        for other in {ZOE, *OTHERS, "Tso-Eh", "Bänn", "Tscharla"} - {own, "Tso-Eh" if own == ZOE else "",
                                                                   "Bänn" if own == OTHERS[0] else "",
                                                                   "Tscharla" if own == OTHERS[1] else ""}:  # fmt: skip
            forms = {b"Will,", b"WILL", b'"Will"'} if other == "Will" else ways(other)  # which is a word, too
            assert not [form for form in forms if form in found], (own, other)
        assert OTHER.encode() in found


@pytest.mark.parametrize(("heard", "host", "told"), [(1, "", False), (2, "", True), (2, OTHERS[0], False)])
def test_one_alone_who_was_listened_to_is_told_no_share(tmp_path: Path, heard: int, host: str, told: bool) -> None:
    people, path = (OTHERS[0], ZOE, OTHERS[1], OTHERS[2]), tmp_path / "sessions.db"
    heard_of = people[1 : 1 + heard] if not host else people[:2]
    with Store.open(path) as store:
        number = store.begin(setup(people, "open", host=host), "2026-01-02T19:00:00+00:00")
        store.write(
            [
                *(e.Consented(at_ms=0, person=person, heard=person in heard_of) for person in people),
                *(e.Spoke(at_ms=90_000, start_ms=40_000 * at, end_ms=40_000 * at + 40_000, people=(person,))
                  for at, person in enumerate(heard_of)),
            ]
        )  # fmt: skip
        assert store.flush()
        store.finish(number, "done")
    done("export", tmp_path / "out", "--db", path, "--person", ZOE)
    page = (tmp_path / "out" / "yours.txt").read_text(encoding="utf-8")
    assert "You spoke for 0:40" in page
    assert ("of everyone's airtime" in page) == told


def test_one_persons_export_has_what_is_theirs(db: Path, tmp_path: Path) -> None:
    done("export", tmp_path / "out", "--db", db, "--person", ZOE)
    found = json.loads((tmp_path / "out" / "yours.json").read_text(encoding="utf-8"))
    with Reader.open(db) as reader:
        mine = reader.query("SELECT * FROM v_airtime WHERE person = ?", [ZOE])
        (row,) = reader.query("SELECT id FROM people WHERE name = ?", [ZOE])
        for table, column, _ in store_names.references(reader._db):
            rows = reader.query(f"SELECT * FROM {table} WHERE {column} = ?", [row["id"]])
            got = [one for one in found["tables"][table] if one[column] == ZOE]
            assert len(got) == len(rows), table
            plain = [name for name in (rows[0] if rows else {}) if name.endswith("_ms") or name in ("id", "session")]
            assert [[one[name] for name in plain] for one in got] == [[one[name] for name in plain] for one in rows]
    heard = [row["session"] for row in mine if row["heard"]]
    assert 0 < len(heard) < len(mine)
    assert [(s["session"], s["airtime_s"], s["share"]) for s in found["sessions"]] == [
        (row["session"], row["airtime_s"], row["share"] if row["session"] in heard else None) for row in mine
    ]
    texts = [row["text"] for row in found["tables"]["agreements"]]
    assert texts[0] == f"{ZOE.upper()} brings the cake, says {OTHER}"
    assert {row["owner"] for row in found["tables"]["agreements"]} == {None, ZOE}  # and none that is another one's
    assert len(texts) == 6
    assert found["tables"]["sessions"][0]["setup"]["targets"] == {}
    assert any(OTHER in row["body"].get("people", []) for row in found["tables"]["events"])
    page = (tmp_path / "out" / "yours.txt").read_text(encoding="utf-8")
    for words in (
        "You took part in 3 sessions",
        "with 3 other participants",
        f"with {OTHER}",
        f"{ZOE}, ",
        " %",
        "how you share this, money:",
    ):
        assert words in page
    calendar = parts((tmp_path / "out" / "dates.ics").read_bytes().decode())
    assert [str(one["SUMMARY"]) for one in calendar][-2:] == ["Does it still stand? sell it", "The next talk"]
    done("export", tmp_path / "all", "--db", db)
    everyone = parts((tmp_path / "all" / "dates.ics").read_bytes().decode())
    assert {str(one["UID"]) for one in calendar} < {str(one["UID"]) for one in everyone}


def test_what_was_put_right_is_theirs_under_the_right_name(db: Path, tmp_path: Path) -> None:
    """Somebody who was called Carla by mistake: what was logged then is theirs, and none of Carla's is."""
    keep(db, ("Carla Müller-Süd", "Wilhelmine"), "2026-05-02T19:00:00+00:00")
    with Corrections.open(db) as corrections:
        corrections.correct(5, Renamed("Carla Müller-Süd", "Annegret"))
    done("export", tmp_path / "out", "--db", db, "--person", "Annegret")
    found = json.loads((tmp_path / "out" / "yours.json").read_text(encoding="utf-8"))
    assert [sat["session"] for sat in found["sessions"]] == [5]
    said = {row["kind"] for row in found["tables"]["events"] if row["body"].get("person") == "Annegret"}
    assert {"consented", "floor-granted"} <= said
    assert [row["body"]["to"] for row in found["tables"]["corrections"]] == ["Annegret"]
    told = everything(tmp_path / "out")
    assert not [form for other in (ZOE, "Carla", "Wilhelmine", *OTHERS[:2]) for form in ways(other) if form in told]


def test_one_persons_sessions_since_a_day(db: Path, tmp_path: Path) -> None:
    done("export", tmp_path / "out", "--db", db, "--person", ZOE, "--since", "2026-02-01")
    found = json.loads((tmp_path / "out" / "yours.json").read_text(encoding="utf-8"))
    assert len(found["sessions"]) == 2
    sessions = {row["session"] for rows in found["tables"].values() for row in rows if "session" in row}
    assert sessions == {row["session"] for row in found["sessions"]}
    assert "Nobody called Nemo" in run("export", tmp_path / "new", "--db", db, "--person", "Nemo").output


def test_every_field_with_a_name_is_looked_after() -> None:
    """As for `forget`: fields of events that hold people are known to `core.naming`."""
    assert {"person", "by", "over", "owner", "idea", "decided", "to", "into"} == NAME_FIELDS
    assert {"people", "enrolled"} == NAMES_FIELDS


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(records=st.lists(st.one_of(*map(any_of, e.KINDS.values())), max_size=20), data=st.data())
def test_no_record_of_any_kind_gives_a_name_away(
    records: list[e.Record], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever is logged, with names in all its texts."""
    people = ("Annegret", "Wilhelmine", "Çetin Ötztal")
    name = st.sampled_from(people)
    changed = []
    for record in records:
        fields: dict[str, Any] = {}
        for field in (field.name for field in dataclasses.fields(record)):
            if field in NAME_FIELDS:
                fields[field] = data.draw(name)
            elif field in NAMES_FIELDS:
                fields[field] = tuple(data.draw(st.lists(name, max_size=3, unique=True)))
            elif field in ("text", "aloud", "message"):
                fields[field] = " and ".join(data.draw(st.lists(name, min_size=1, max_size=3)))
        changed.append(dataclasses.replace(record, **fields))
    rows = [e.to_row(record) for record in changed]
    path = tmp_path_factory.mktemp("one") / "sessions.db"
    with Store.open(path) as store:
        session = store.begin(setup(people), "2026-01-02T03:04:05+00:00")
        assert store.flush()
    with sqlite3.connect(path) as db:
        for seq, row in enumerate(rows, 1):
            body = json.dumps({k: v for k, v in row.items() if k not in ("kind", "at_ms", "role")})
            db.execute(
                "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", (session, seq, row["role"], row["kind"], 0, body)
            )
    with OnePerson.open(path) as store:
        told = json.dumps(store.mine(["Annegret"]).tables, ensure_ascii=False)
    assert not [form for other in people[1:] for form in ways(other) if form in told.encode()]
