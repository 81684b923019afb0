"""Another database taken into this one: each session once, nobody taken for somebody else, all or nothing."""

from __future__ import annotations

import datetime
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from facilitator.cli import cli
from facilitator.core import events as e
from facilitator.core.discussion import Discussion
from facilitator.core.review.apply_corrections import Renamed
from facilitator.errors import StoreError
from facilitator.store import database
from facilitator.store.carry_over import left_over
from facilitator.store.corrections import Corrections
from facilitator.store.exchange.merging import CHILDREN, FIRST, LAST, MADE_ANEW, OF_PEOPLE, Merging
from facilitator.store.measures import Measures
from facilitator.store.notebook.recurring import Time, Times
from facilitator.store.people import People
from facilitator.store.recovery.sense import own_tables
from facilitator.store.replay_diff import replay_session
from facilitator.store.session_log import Reader, Store
from facilitator.store.session_notes import agreements_of
from facilitator.store.voiceprints import VoiceprintStore, saved_on
from tests.store.test_groups import hold
from tests.store.test_people import keep
from tests.support.simulation import setup


def run(path: Path, *words: str, text: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["merge", *words, "--db", str(path)], input=text)


def told(result: Result) -> str:
    return " ".join(result.output.split())


def everything(path: Path, session: int) -> dict[str, object]:
    """All that a session comes to, without the numbers that rows have in one file."""
    with Reader.open(path) as reader:
        sql = (
            "SELECT p.name, s.* FROM {} s LEFT JOIN people p ON p.id = s.person WHERE session = ? ORDER BY 1, start_ms"
        )
        return {
            "records": list(reader.records(session)),
            "setup": reader.setup(session),
            "airtime": [row | {"session": 0} for row in reader.airtime(session)],
            "agreements": [
                (one.text, one.owner, one.every, one.turns, one.kept, one.next_owner)
                for one in agreements_of(reader, session)
            ],
            "standing": reader.standing(session),
            **{
                table: [
                    {key: value for key, value in row.items() if key not in ("id", "session", "person")}
                    for row in reader.query(sql.format(table), [session])
                ]
                for table in ("speech", "turns", "floor", "heard_turns")
            },
        }


def full(path: Path) -> int:
    """A session with all that one can have: corrections, what comes again, spellings, a kept voice."""
    number = keep(path, ("Ana", "Ben", "Carla"), "2026-01-02T03:04:05+00:00")
    with Store.open(path) as store:
        late = store.begin(setup(("Ana", "Ben", "Carla"), "open"), "2026-02-02T03:04:05+00:00")
        store.write([e.Agreed(at_ms=9, number=1, kind="agreement", text="the dishes", owner="Ben", due_days=1)])
        store.write([e.Left(at_ms=10, person="Carla"), e.Rated(at_ms=11, person="Ana", what="arriving", value=3)])
        store.finish(late, "done")
    with Times.open(path) as times:
        times.repeat(1, "week", by_turns=True)
        (day,) = [row["starts_on"] for row in times.query("SELECT starts_on FROM recurrences")]
        times.say(1, datetime.date.fromisoformat(day), Time(person="Carla"))
    with Store.open(path) as store:
        store.keep({1: True})
    with Corrections.open(path) as corrections:
        corrections.correct(number, Renamed("Carla", "Clara"))
        corrections.correct(late, Renamed("Ana", "Anna"))
    with People.open(path) as people:
        people.say("Ben", "Behn")
    with VoiceprintStore.open(path) as voices:
        voices.save("Ben", {"m": {"v": [1]}}, "2026-05-03")
    return number


def test_every_table_is_taken_or_nobodys() -> None:
    db = database.open_memory()
    named = {*FIRST, *OF_PEOPLE, *MADE_ANEW, *CHILDREN, LAST}
    for table in own_tables(db):
        keys = {key.column: key.other_table for key in db.table(table).foreign_keys}
        if table in named - {LAST}:
            continue
        assert keys.get("session") == "sessions", f"{table}: how is it taken over?"
        assert set(keys.values()) <= {"sessions", "people", "agreements"}, table
    db.close()


def test_what_is_taken_in_is_all_there_and_once(tmp_path: Path) -> None:
    here, there = tmp_path / "here.db", tmp_path / "there.db"
    hold(here, None, "feed the fish", people=("Dora", "Emil"))
    first = full(there)
    was = there.read_bytes()
    done = run(here, str(there))
    assert done.exit_code == 0, done.output
    assert "2 sessions of" in told(done) and "5 people" in told(done)
    assert there.read_bytes() == was and {file.name for file in tmp_path.iterdir()} <= {
        *("here.db", "here.db-wal", "here.db-shm", "there.db", "there.db-wal", "there.db-shm")
    }
    assert everything(here, 2) == everything(there, first)
    assert everything(here, 3) == everything(there, first + 1)
    with Reader.open(here) as reader:
        assert replay_session(reader, 2, Discussion).same
        assert saved_on(reader) == {"Ben": "2026-05-03"}
        assert reader.query("SELECT count(*) AS n FROM pronunciations")[0]["n"] == 1
    before = {name: everything(here, name) for name in (1, 2, 3)}
    again = run(here, str(there))
    assert again.exit_code == 0 and "Nothing of" in told(again)
    assert {name: everything(here, name) for name in (1, 2, 3)} == before
    with Corrections.open(here) as corrections:  # and what was put right can be taken back, as there
        corrections.undo(2)
        corrections.undo(3)
    with Corrections.open(there) as corrections:
        corrections.undo(first)
        corrections.undo(first + 1)
    assert everything(here, 2) == everything(there, first)
    assert everything(here, 3) == everything(there, first + 1)
    assert sqlite3.connect(here).execute("PRAGMA foreign_key_check").fetchall() == []


def test_the_same_name_is_asked_about_and_never_guessed(tmp_path: Path) -> None:
    here, there = tmp_path / "here.db", tmp_path / "there.db"
    hold(here, None, "Ana feeds the fish")
    hold(there, None, "Ana wipes the board", 2)
    refused = run(here, str(there))
    assert refused.exit_code == 2 and "Ana is here and there: say --same Ana" in told(refused)
    with Reader.open(here) as reader:
        assert len(reader.sessions()) == 1
    assert "There is somebody called Ana here already" in told(
        run(here, str(there), "--same", "Ana", "--apart", "Ben=Ana")
    )
    done = run(here, str(there), "--same", "Ana", "--apart", "Ben=Ben K")
    assert done.exit_code == 0, done.output
    with People.open(here) as people:
        assert {(one.name, one.sessions) for one in people.people()} == {("Ana", 2), ("Ben", 1), ("Ben K", 1)}
        assert [one.people for one in people.sessions()] == [("Ana", "Ben K"), ("Ana", "Ben")]
        assert people.setup(2).people == ("Ana", "Ben K"), "in all that was said, too"


def test_who_is_somebody_else_keeps_their_words(tmp_path: Path) -> None:
    here, there = tmp_path / "here.db", tmp_path / "there.db"
    hold(here, None, "Ana feeds the fish")
    hold(there, None, "Ana wipes the board", 2)
    taken = run(here, str(there), "--apart", "Ana=Ben", "--same", "Ben")
    assert taken.exit_code == 1 and "There is somebody called Ben here already" in told(taken)
    assert run(here, str(there), "--apart", "Ana=Ana K", "--same", "Ben").exit_code == 0
    with Reader.open(here) as reader:
        assert [row["text"] for row in reader.agreements() if row["number"] == 1] == [
            *("Ana feeds the fish", "Ana K wipes the board")
        ]


def test_groups_are_kept_and_the_same_name_in_two_groups_is_no_clash(tmp_path: Path) -> None:
    here, there = tmp_path / "here.db", tmp_path / "there.db"
    hold(here, "7a", "feed the fish")
    hold(there, "7b", "wipe the board", 2)
    assert run(here, str(there)).exit_code == 0
    hold(there, "7A", "open the window", 3)
    assert "Ana is here and there in 7A" in told(run(here, str(there)))
    assert run(here, str(there), "--all-same").exit_code == 0
    with Reader.open(here) as reader:
        assert [(one.name, one.sessions) for one in reader.groups()] == [("7a", 2), ("7b", 1)]
        assert reader.query("SELECT count(*) AS n FROM people")[0]["n"] == 4


def test_what_has_not_ended_there_waits(tmp_path: Path) -> None:
    here, there = tmp_path / "here.db", tmp_path / "there.db"
    with Store.open(there) as store:
        number = store.begin(setup(("Ana", "Ben"), "open"), "2026-05-01T08:00:00+00:00")
        store.write([e.Tick(at_ms=1)])
        assert store.flush()
        assert "1 session has not ended there" in told(run(here, str(there)))
        store.finish(number, "done")
    assert "1 session of" in told(run(here, str(there)))


def test_all_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = tmp_path / "here.db", tmp_path / "there.db"
    hold(here, None, "feed the fish", people=("Dora", "Emil"))
    full(there)

    def full_disk(self: Merging, table: str, maps: object, coming: object) -> None:
        if table == "prompts":
            raise sqlite3.OperationalError("database or disk is full")
        before(self, table, maps, coming)  # type: ignore[arg-type]

    before = Merging._take_rows
    with Reader.open(here) as reader:
        was = list(reader._db.conn.iterdump())
    monkeypatch.setattr(Merging, "_take_rows", full_disk)
    with Merging(here, there) as merging, pytest.raises(StoreError):
        merging.merge()
    with Reader.open(here) as reader:
        assert list(reader._db.conn.iterdump()) == was


def test_what_cannot_be_merged_is_said(tmp_path: Path) -> None:
    here, there = tmp_path / "here.db", tmp_path / "there.db"
    assert "There is no file" in told(run(here, str(there)))
    hold(there, None, "feed the fish")
    assert "is this database itself" in told(run(there, str(there)))
    with sqlite3.connect(there) as db:
        db.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('facilitator', 'm99', '')")
    newer = run(here, str(there))
    assert newer.exit_code == 1
    assert f"{there} was made by a newer version of this program" in told(newer)
    (tmp_path / "notes.db").write_bytes(b"no database at all" * 100)
    assert "is not a database" in told(run(here, str(tmp_path / "notes.db")))
    assert run(here, str(there), "--apart", "Ana").exit_code == 2
    assert run(here, str(there), "--apart", "Ana=Eva", "--same", "Ana").exit_code == 2


OLDER = sorted((Path(__file__).parents[1] / "data" / "stored").glob("version-*.sql"))


@pytest.mark.parametrize("dump", OLDER[:1] + OLDER[-1:], ids=lambda path: path.stem)
def test_an_older_file_is_taken_in_and_stays_as_old_as_it_is(dump: Path, tmp_path: Path) -> None:
    here, there = tmp_path / "here.db", tmp_path / "there.db"
    with sqlite3.connect(there) as db:
        db.executescript(dump.read_text(encoding="utf-8"))
        db.execute("UPDATE sessions SET ended_at = started_at")
    db.close()
    was = there.read_bytes()
    assert "1 session of" in told(run(here, str(there)))
    assert there.read_bytes() == was
    with Reader.open(here) as reader:
        assert reader.airtime(1)


def test_the_last_session_is_the_one_that_began_last_however_late_an_old_one_came(tmp_path: Path) -> None:
    here, there = tmp_path / "here.db", tmp_path / "there.db"
    for path, group, day, form in ((here, "7a", 9, "open"), (there, "7a", 2, "open"), (there, "7b", 3, "open")):
        number = hold(path, group, f"text of day {day}", day)
        with Store.open(path) as store:
            store._db.execute("UPDATE agreements SET kind = 'step' WHERE kind = 'agreement' AND session = ?", [number])
            store._db.execute(
                "INSERT INTO floor (session, person, round, protected, start_ms, end_ms)"
                " SELECT session, person, 1, 0, 0, 9 FROM seats WHERE session = ? AND position = ?",
                [number, 1 + day % 2],
            )
            store._db.conn.commit()
    assert run(here, str(there), "--all-same").exit_code == 0
    with Reader.open(here) as reader:
        assert reader.latest() == 1
        assert [one.started_at[:10] for one in reader.sessions()] == ["2026-05-09", "2026-05-03", "2026-05-02"]
        assert [one["session"] for one in reader.agreements() if one["kind"] == "rule"] == [2, 3, 1]
        assert reader.within("7a").latest() == 1
        before = left_over(reader, ("Ana", "Ben"), "Open talk", datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC))
        assert before.steps == ("text of day 9",)
        assert before.rules == ("text of day 2, always", "text of day 9, always")
        assert before.last_first == "Ben", "who began on day 9, not on day 2"
    with Measures.open(here) as measures:
        assert [one.session for one in measures.held()] == [2, 3, 1]
