"""Old sessions become their figures: all that is told of them stays the same, and the rest is gone to the last byte."""

from __future__ import annotations

import datetime
import json
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from facilitator.cli import cli
from facilitator.commands.stored.by_age import thin_only
from facilitator.core import events as e
from facilitator.core.review.apply_corrections import Reassigned, Renamed
from facilitator.errors import StoreError
from facilitator.store.corrections import Corrections
from facilitator.store.measures import Measures
from facilitator.store.reader import Reader
from facilitator.store.rerun import rerun
from facilitator.store.session_log import Store
from facilitator.store.upkeep.thinning import Thinning
from tests.store.test_people import days_ago, keep
from tests.support.simulation import setup

DAY = datetime.date(2026, 6, 1)
NOTE = "Since Monday, 1 June 2026 only the figures of this session are kept"


def run(path: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, [*words, "--db", str(path)])


def thin(path: Path, *sessions: int) -> list[int]:
    with Thinning.open(path) as store:
        return store.thin(sessions, DAY)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "sessions.db"
    for form, day in (("round-robin", 1), ("open", 2), ("check-in", 3), ("debate", 4)):
        keep(path, ("Ana", "Ben", "Carla"), f"2026-01-{day:02}T10:00:00+00:00", form)
    return path


def told(path: Path, session: int) -> dict[str, str]:
    return {
        "text": run(path, "review", str(session), "--all").output,
        "md": run(path, "review", str(session), "--md").output,
        "csv": run(path, "review", str(session), "--csv").output,
        "rttm": run(path, "review", str(session), "--rttm").output,
        "json": run(path, "review", str(session), "--json").output,
    }


def test_all_that_is_told_stays_the_same_and_one_line_says_so(path: Path) -> None:
    with Corrections.open(path) as corrections:
        corrections.correct(2, Reassigned(60_000, 90_000, None, "Ben"))
    before = {session: told(path, session) for session in (1, 2, 3, 4)}
    trends = run(path, "trends", "--json").output
    with Measures.open(path) as measures:
        held = measures.held()
    assert thin(path, 1, 2, 3, 4) == []
    for session, was in before.items():
        now = told(path, session)
        for form in ("csv", "rttm"):
            assert now[form] == was[form]
        values = json.loads(now["json"])
        assert values.pop("thinned_on") == "2026-06-01"
        old = json.loads(was["json"])
        assert old.pop("thinned_on") is None
        assert values == old
        for form in ("text", "md"):
            new = [line for line in now[form].splitlines() if line not in was[form].splitlines()]
            assert NOTE in " ".join(" ".join(new).split())
            assert [line for line in was[form].splitlines() if line not in now[form].splitlines()] == []
    assert run(path, "trends", "--json").output == trends
    with Measures.open(path) as measures:
        assert measures.held() == held


def test_what_was_put_right_stays_and_can_be_taken_back(path: Path) -> None:
    with Corrections.open(path) as corrections:
        corrections.correct(1, Renamed("Carla", "Clara"))
    with Reader.open(path) as reader:
        heard = rerun(reader, 1).heard.summary()
    thin(path, 1)
    with Corrections.open(path) as corrections:
        assert rerun(corrections, 1).account.people == ("Ana", "Ben", "Clara")
        corrections.undo(1)
        corrections.correct(1, Reassigned(60_000, 90_000, None, "Ana"))
        corrections.undo(1)
        assert rerun(corrections, 1).account.summary() == heard
    assert run(path, "forget", "Clara", "--yes").exit_code in (0, 1)
    assert run(path, "forget", "Carla", "--yes").exit_code == 0
    assert b"Carla" not in b"".join(file.read_bytes() for file in path.parent.iterdir())


def test_what_was_heard_moment_by_moment_is_gone(path: Path) -> None:
    with Store.open(path) as store:
        number = store.begin(setup(("Ana", "Ben"), "open"), "2026-01-05T10:00:00+00:00")
        store.write([e.Tick(at_ms=0), e.Command(at_ms=5, name="note"), e.Show(at_ms=6, text="an umbrella of zebras")])
        store.write([e.Trouble(at_ms=9, kind="hearing", message="The names are less sure than usual.")])
        store.finish(number, "done", "2026-01-05T11:00:00+00:00")
    assert b"umbrella of zebras" in b"".join(file.read_bytes() for file in path.parent.iterdir())
    thin(path, number)
    assert b"umbrella of zebras" not in b"".join(file.read_bytes() for file in path.parent.iterdir())
    with Reader.open(path) as reader:
        roles = {row["kind"]: row["role"] for row in reader.query("SELECT DISTINCT kind, role FROM events")}
        assert reader.query("SELECT count(*) AS n FROM events WHERE session = 5 AND kind = 'tick'")[0]["n"] == 0
        assert roles["trouble"] == "fact"
    assert "less sure than usual" in run(path, "review", "5").output
    replayed = run(path, "replay", "5")
    assert replayed.exit_code == 1
    assert "Since 2026-06-01 only the figures of session 5 are kept" in " ".join(replayed.output.split())


def test_only_what_is_old_and_ended_and_only_once(path: Path) -> None:
    with Store.open(path) as store:
        store.begin(setup(("Ana", "Ben"), "open"), "2026-01-06T10:00:00+00:00")
        assert store.flush()
    assert run(path, "thin", "--older-than", "1d").exit_code == 2, "nobody is there to be asked"
    with Reader.open(path) as reader:
        assert {one.thinned_on for one in reader.sessions()} == {None}
    assert "nothing is changed" in run(path, "thin", "--older-than", "10y", "--yes").output
    done = run(path, "thin", "--older-than", "1 day", "--yes")
    assert done.exit_code == 0, done.output
    assert "4 sessions thinned" in done.output
    assert "nothing is changed" in run(path, "thin", "--older-than", "1d", "--yes").output
    with Reader.open(path) as reader:
        assert [one.session for one in reader.sessions() if one.thinned_on is None] == [5]


def test_a_session_that_makes_no_sense_is_left_as_it_is(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("UPDATE events SET kind = 'no-such-thing' WHERE session = 2 AND seq = 1")
    assert thin(path, 1, 2) == [2]
    with Reader.open(path) as reader:
        assert {one.session for one in reader.sessions() if one.thinned_on} == {1}
        assert reader.query("SELECT count(*) AS n FROM events WHERE session = 2 AND role = 'fact'")[0]["n"] > 100
        with pytest.raises(StoreError):
            rerun(reader, 2)


def test_it_is_a_tenth_afterwards(path: Path) -> None:
    with Thinning.open(path) as store:
        (before,) = store.query("SELECT sum(length(body)) AS n FROM events")
        store.thin([1, 2, 3, 4], DAY)
        (after,) = store.query("SELECT sum(length(body)) AS n FROM events")
    assert after["n"] < before["n"] / 5


def thinned(path: Path) -> list[bool]:
    with Reader.open(path) as reader:
        return [row["thinned_on"] is not None for row in reader.query("SELECT thinned_on FROM sessions ORDER BY id")]


@pytest.mark.slow
def test_after_a_session_old_ones_become_their_figures(tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    keep(path, ("Ana", "Ben"), days_ago(400))
    keep(path, ("Ana", "Ben"), days_ago(10))
    words = ["start", "--people", "Ana, Ben", "--format", "open", "--minutes", "5 s", "--timer-only"]
    words += ["--speech", "silent", "--yes", "--new"]
    for wrong in (("soon",), ("1y", "--keep", "6m"), ("180d", "--keep", "180d")):
        assert run(path, *words, "--thin", *wrong).exit_code == 2
    told = run(path, *words, "--thin", "6m", "--keep", "2y")
    assert told.exit_code == 0 and "1 session older than 6m thinned to figures, as you wished." in told.output
    assert thinned(path) == [True, False, False]
    assert "thinned" not in run(path, *words, "--thin", "6m").output


@pytest.mark.parametrize(
    ("held", "told"),
    [
        ((730, 365, 0), "2 sessions would be older than 180d, but this computer's clock may have been put far forward"),
        ((730, 30, -400), "a session is stored that lies in the future, so nothing is thinned"),
        ((30, 9_000, 0), "Not thinned, though older than 180d by date: 1 session"),
    ],
    ids=["ahead", "future", "behind"],
)
def test_nothing_is_thinned_by_a_clock_that_is_doubted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], held: tuple[float, ...], told: str
) -> None:
    path = tmp_path / "sessions.db"
    for days in held:
        keep(path, ("Ana", "Ben"), days_ago(days), "open")
    thin_only("180d", path)
    assert thinned(path) == [False] * 3
    said = capsys.readouterr().err
    assert told in said and "facilitator thin --older-than 180d" in said
