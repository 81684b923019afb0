"""`facilitator trends` over sessions as the program stores them."""

from __future__ import annotations

import datetime
import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from facilitator.cli import cli
from facilitator.core import events as e
from facilitator.store.measures import Measures
from facilitator.store.people import People
from facilitator.store.session_log import Store
from tests.store.test_people import discussion, keep

PEOPLE = ("Ana", "Ben")


def run(path: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["trends", *words, "--db", str(path)])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sessions.db"


def copies(path: Path, original: int, many: int) -> None:
    """More sessions like this one, a week apart; in the second half Ana has half as much of the talk."""
    tables = ("seats", "speech", "turns", "cut_ins", "floor", "ratings")
    with Store.open(path) as store:
        db = store._db
        began = datetime.datetime(2026, 1, 2, 20, tzinfo=datetime.UTC)
        with db.atomic():
            for number in range(original + 1, original + many):
                when = (began + datetime.timedelta(weeks=number)).isoformat()
                db.execute(
                    "INSERT INTO sessions (id, uid, started_at, ended_at, format, language, setup)"
                    " SELECT ?, ?, ?, ?, format, language, setup FROM sessions WHERE id = ?",
                    [number, str(number), when, when, original],
                )
                for table in tables:
                    names = [c.name for c in db.table(table).columns if c.name != "id"]
                    taken = ", ".join("?" if name == "session" else name for name in names)
                    db.execute(
                        f"INSERT INTO {table} ({', '.join(names)}) SELECT {taken} FROM {table} WHERE session = ?",
                        [number, original],
                    )
                less = 0.5 if number > original + many / 2 else 1 - number % 3 / 50
                db.execute(
                    "UPDATE speech SET end_ms = start_ms + max(1, cast((end_ms - start_ms) * ? AS INTEGER))"
                    " WHERE session = ? AND person = (SELECT id FROM people WHERE name = 'Ana')",
                    [less, number],
                )


def test_a_session_is_compared_as_its_summary_tells_it(path: Path) -> None:
    found, _ = discussion(("Ana", "Ben", "Carla"), "round-robin")
    keep(path, ("Ana", "Ben", "Carla"), "2026-01-02T20:00:00+00:00", "round-robin")
    with Measures.open(path) as store:
        (held,) = store.held()
    summary = found.summary()
    for part, person in zip(held.parts, summary.people, strict=True):
        assert (part.name, part.airtime_ms) == (person.name, person.airtime_ms)
        # Speech of two at once counts twice for the doubt here, and once there.
        assert part.low == pytest.approx(person.share_low, abs=0.01)
        assert part.high == pytest.approx(person.share_high, abs=0.01)
    assert held.cut_ins == {(pair.by, pair.over): pair.cut_ins for pair in summary.pairs if pair.cut_ins}
    assert held.protected_ms > 0
    assert held.measured


def test_what_is_counted_is_kept_until_there_is_more(path: Path) -> None:
    number = keep(path, PEOPLE, "2026-01-02T20:00:00+00:00", "open")
    with Measures.open(path) as store:
        first = store.held()
        store._db.execute("UPDATE measures SET airtime_ms = 7")
        store._db.conn.commit()
        assert {part.airtime_ms for part in store.held()[0].parts} == {7}  # not counted again
        seq = store.query("SELECT max(seq) AS seq FROM events")[0]["seq"]
        store._db.execute("INSERT INTO events VALUES (?, ?, 'fact', 'tick', 0, '{}')", [number, seq + 1])
        store._db.conn.commit()
        assert store.held() == first


def test_a_file_that_may_not_be_written_to_is_followed_too(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(path, PEOPLE, "2026-01-02T20:00:00+00:00", "open")
    path.chmod(0o400)
    monkeypatch.setattr("os.access", lambda *_: False)
    with Measures.open(path) as store:
        (held,) = store.held()
        assert held.measured
        assert store.query("SELECT * FROM measures") == []
    path.chmod(0o600)
    monkeypatch.undo()
    assert os.access(path, os.W_OK)
    with Measures.open(path) as store:
        assert store.held() == [held]


def test_only_what_has_ended_counts(path: Path) -> None:
    told = run(path)
    assert told.exit_code == 1
    assert "There is no database" in told.output
    with Store.open(path) as store:
        store.begin(discussion(PEOPLE, "open")[0].setup, "2026-01-02T20:00:00+00:00")
    told = run(path)
    assert told.exit_code == 1
    assert "has ended; there is nothing to follow yet" in told.output


def test_the_whole_command(path: Path, tmp_path: Path) -> None:
    first = keep(path, PEOPLE, "2026-01-02T20:00:00+00:00", "open")
    with Store.open(path) as store:
        person = {row["name"]: row["id"] for row in store.query("SELECT * FROM people")}
        with store._db.atomic():
            for name in PEOPLE:
                for what, value in (("arriving", 2), ("leaving", 4)):
                    store._db.execute(
                        "INSERT INTO ratings (session, person, what, value, at_ms) VALUES (?, ?, ?, ?, 0)",
                        [first, person[name], what, value],
                    )
    copies(path, first, 30)
    keep(path, ("Ben", "Carla"), "2026-01-02T20:00:00+00:00", "open")

    told = run(path)
    assert told.exit_code == 0, told.output
    assert told.output.startswith("Ana and Ben: 30 sessions from 2 January 2026 to ")
    assert "Ana has had less of the talk." in told.output
    assert "Mood at the end: 4.0 of 5 lately" in told.output
    assert "What a talk does to the mood: +2.0 lately" in told.output
    assert "One group has met once so far." in told.output

    rows = json.loads(run(path, "--people", "ben, ANA", "--json").output)
    assert [row["people"] for row in rows] == [["Ana", "Ben"]]
    (share,) = (row for row in rows[0]["trends"] if row["what"] == "share" and row["who"] == ["Ana"])
    assert share["verdict"] == "change"
    assert share["change_low"] < share["change_high"] < 0
    assert len(share["points"]) == 30

    page = tmp_path / "trends.html"
    assert "Written to" in run(path, "--html", str(page)).output
    assert "Ana has had less of the talk." in page.read_text(encoding="utf-8")
    assert run(path, "--html", str(tmp_path / "no" / "where.html")).exit_code == 1

    later = json.loads(run(path, "--since", "2026-06-15", "--json").output)
    assert len(later[0]["sessions"]) < 30
    assert "share" in {row["what"] for row in later[0]["trends"]}
    for words, code in (
        (["--since", "soon"], 2),
        (["--since", "9999y"], 2),
        (["--since", "2999-01-01"], 1),
        (["--people", "Ana, Zoe"], 1),
        (["--people", "Ana"], 2),
    ):
        assert run(path, *words).exit_code == code, words
    assert "Theil and Sen" in run(path, "--how").output


def test_the_forgotten_stay_nameless_here_too(path: Path) -> None:
    first = keep(path, PEOPLE, "2026-01-02T20:00:00+00:00", "open")
    copies(path, first, 12)
    before = json.loads(run(path, "--json").output)
    with People.open(path) as people:
        people.forget("Ana")
    after = json.loads(run(path, "--json").output)
    assert after[0]["people"] == ["someone", "Ben"]
    assert {tuple(row["who"]) for row in after[0]["trends"]} == {(), ("Ben",)}
    ben = [[row["points"] for row in rows[0]["trends"] if row["who"] == ["Ben"]] for rows in (before, after)]
    assert ben[0] == ben[1]


def test_agreements_that_were_asked_after(path: Path) -> None:
    number = keep(path, PEOPLE, "2026-01-02T20:00:00+00:00", "open")
    with Store.open(path) as store:
        later = store.begin(discussion(PEOPLE, "open")[0].setup, "2026-01-09T20:00:00+00:00")
        store.write([e.Agreed(at_ms=1, number=n, kind="agreement", text="Rest") for n in (1, 2, 3)])
        store.finish(later, "done")
        store.flush()
        with store._db.atomic():
            store._db.execute("UPDATE agreements SET kept = number = 1, kept_session = ? WHERE number < 3", [number])
    with Measures.open(path) as measures:
        asked = {held.session: (held.asked, held.kept) for held in measures.held()}
    assert asked == {number: (2, 1), later: (0, 0)}
