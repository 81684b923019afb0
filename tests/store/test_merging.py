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
from facilitator.store.backup import Whole
from facilitator.store.carry_over import left_over
from facilitator.store.corrections import Corrections
from facilitator.store.exchange.merging import CHILDREN, FIRST, LAST, MADE_ANEW, OF_ONE_FILE, OF_PEOPLE, Merging
from facilitator.store.measures import Measures
from facilitator.store.notebook.notebook import Notebook
from facilitator.store.notebook.recurring import Time
from facilitator.store.people import People
from facilitator.store.recovery.sense import own_tables
from facilitator.store.replay_diff import replay_session
from facilitator.store.session_log import Reader, Store
from facilitator.store.session_notes import agreements_of
from facilitator.store.upkeep.thinning import Thinning
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
    with Notebook.open(path) as notebook:
        notebook.repeat(1, "week", by_turns=True)
        (day,) = [row["starts_on"] for row in notebook.query("SELECT starts_on FROM recurrences")]
        notebook.say(1, datetime.date.fromisoformat(day), Time(person="Carla"))
        notebook.keep({1: True})
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
    named = {*FIRST, *OF_PEOPLE, *MADE_ANEW, *OF_ONE_FILE, *CHILDREN, LAST}
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


def test_a_name_that_is_taken_there_is_told_with_what_merge_can_do(tmp_path: Path) -> None:
    here, there = tmp_path / "here.db", tmp_path / "there.db"
    hold(here, None, "Ana feeds the fish", people=("Ana", "Ben"))
    hold(there, None, "Ana wipes the board", 2, people=("Ana", "Eva"))
    taken = run(here, str(there), "--apart", "Ana=Eva")
    assert taken.exit_code == 1
    assert "There is somebody called Eva there already; choose another name for the other Ana." in told(taken)


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
    told_why = run(here, str(there), "--apart", "Ana=Ana, Eve")
    assert told_why.exit_code == 2 and "has a comma in it" in " ".join(told_why.output.split())


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


def test_whose_idea_it_was_and_what_cools_off_come_along_under_the_numbers_of_here(tmp_path: Path) -> None:
    here, there = tmp_path / "here.db", tmp_path / "there.db"
    hold(here, None, "Ana feeds the fish")
    with Store.open(there) as store:
        talk = store.begin(setup(("Dora", "Emil"), "open"), "2026-02-02T03:04:05+00:00")
        store.write([e.Agreed(at_ms=8, number=1, kind="agreement", text="a sofa", idea="Emil")])
        store.write([e.Agreed(at_ms=9, number=2, kind="rule", text="what is dear waits")])
        store.finish(talk, "done")
    with Notebook.open(there) as rules:
        rules.cool(2, 3)
    done = run(here, str(there))
    assert done.exit_code == 0, done.output
    with Reader.open(here) as reader:
        found = {one.text: one for one in agreements_of(reader)}
    assert (found["a sofa"].idea, found["a sofa"].cooling_days) == ("Emil", 0)
    assert (found["what is dear waits"].idea, found["what is dear waits"].cooling_days) == (None, 3)
    assert found["Ana feeds the fish"].idea is None


def test_the_last_session_is_the_one_that_began_last_however_late_an_old_one_came(tmp_path: Path) -> None:
    here, there = tmp_path / "here.db", tmp_path / "there.db"
    for path, group, day in ((here, "7a", 9), (there, "7a", 2), (there, "7b", 3)):
        number = hold(path, group, f"text of day {day}", day)
        with Store.open(path) as store:
            store._db.execute("UPDATE agreements SET kind = 'step' WHERE kind = 'agreement' AND session = ?", [number])
            store._db.execute(
                "INSERT INTO floor (session, person, round, protected, start_ms, end_ms)"
                " SELECT session, person, 1, 0, 0, 9 FROM seats WHERE session = ? AND position = ?",
                [number, 1 + day % 2],
            )
            store._db.execute(
                "INSERT INTO self_ratings (session, person, indicator, value, at_ms)"
                " SELECT session, person, 'money', ?, 9 FROM seats WHERE session = ? AND position = 1",
                [day % 5, number],
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
        assert reader.query("SELECT session, value, before FROM v_self_ratings") == [
            {"session": 1, "value": 4, "before": 2},
            {"session": 3, "value": 3, "before": None},
            {"session": 2, "value": 2, "before": None},
        ]
        assert [row["session"] for row in reader.query("SELECT session FROM v_agreements")] == [1, 1, 3, 3, 2, 2]
    with Measures.open(here) as measures:
        assert [one.session for one in measures.held()] == [2, 3, 1]


def test_what_was_answered_in_a_session_that_has_not_ended_waits_with_it(tmp_path: Path) -> None:
    here, there = tmp_path / "here.db", tmp_path / "there.db"
    hold(there, None, "wipe the board")
    with Store.open(there) as store:
        later = store.begin(setup(("Ana", "Ben"), "open"), "2026-05-08T08:00:00+00:00")
        store.write([e.Tick(at_ms=1)])
        assert store.flush()
        store._db.execute("UPDATE agreements SET kept = 1, kept_session = ? WHERE number = 1", [later])
        agreement = store.query("SELECT id FROM agreements WHERE number = 1")[0]["id"]
        store._db.execute("INSERT INTO recurrences VALUES (?, 'FREQ=WEEKLY', '2026-05-01')", [agreement])
        store._db.execute(
            "INSERT INTO occurrences (agreement, day, kept, kept_session) VALUES (?, '2026-05-08', 0, ?)",
            [agreement, later],
        )
        store._db.conn.commit()
    done = run(here, str(there))
    assert done.exit_code == 0, done.output
    said = "SELECT kept, kept_session FROM {} WHERE kept IS NOT NULL OR kept_session IS NOT NULL"
    with Reader.open(here) as reader:
        assert reader.query(said.format("agreements")) == reader.query(said.format("occurrences")) == []
    assert "more has been stored" not in told(run(here, str(there))), "it is told with the session in which it was said"
    with Store.open(there) as store:
        store.finish(later, "done")
    assert "1 session of" in told(done := run(here, str(there))) and "more has been stored" not in told(done)
    with Reader.open(here) as reader:
        assert reader.query(said.format("agreements")) == [{"kept": 1, "kept_session": 2}]
        assert reader.query(said.format("occurrences")) == [{"kept": 0, "kept_session": 2}]


def test_the_file_that_is_damaged_is_named(tmp_path: Path) -> None:
    here, there = tmp_path / "here.db", tmp_path / "there.db"
    hold(here, None, "feed the fish", people=("Dora", "Emil"))
    hold(there, None, "wipe the board")
    with sqlite3.connect(there) as db:
        db.execute("UPDATE agreements SET owner = 77 WHERE number = 1")
    done = run(here, str(there))
    assert done.exit_code == 1 and f"{there} is damaged" in told(done) and f"{here} is" not in told(done)
    hold(other := tmp_path / "other.db", None, "wipe the board")
    with sqlite3.connect(other) as db:
        db.execute("UPDATE agreements SET text = CAST(x'ff41' AS TEXT) WHERE number = 1")
    done = run(here, str(other))
    assert done.exit_code == 1 and f"{other} is damaged" in told(done) and f"{here} is" not in told(done)


def test_who_is_known_by_a_session_is_not_asked_about_again(tmp_path: Path) -> None:
    here, there = tmp_path / "here.db", tmp_path / "there.db"
    hold(here, "7a", "Ana feeds the fish")
    hold(there, "7a", "Ana wipes the board", 2)
    words = ("--same", "Ana", "--apart", "Ben=Ben K")
    assert run(here, str(there), *words).exit_code == 0
    hold(there, "7a", "Ben opens the window", 3)
    assert run(here, str(there), *words).exit_code == 0, "the same command, a week later"
    with People.open(here) as people:
        people.within("7a").rename("Ana", "Anna")
    hold(there, "7a", "Ana shuts the window", 4)
    for wrong in (("--apart", "Ana=Eva"), ("--same", "Ben")):
        done = run(here, str(there), *wrong)
        assert done.exit_code == 2 and f"they are called {'Anna' if 'Ana=Eva' in wrong else 'Ben K'}" in told(done)
    done = run(here, str(there))
    assert done.exit_code == 0 and "1 session of" in told(done)
    with People.open(here) as people:
        assert {(one.name, one.sessions) for one in people.people()} == {("Anna", 4), ("Ben", 1), ("Ben K", 3)}
        assert [row["text"] for row in people.agreements() if row["number"] == 1] == [
            *("Anna feeds the fish", "Anna wipes the board", "Ben K opens the window", "Anna shuts the window")
        ]


def test_what_was_put_right_in_one_session_makes_nobody_somebody_else_in_others(tmp_path: Path) -> None:
    here, there = tmp_path / "here.db", tmp_path / "there.db"
    hold(there, None, "wipe the board")
    assert run(here, str(there)).exit_code == 0
    with Corrections.open(here) as corrections:
        corrections.correct(1, Renamed("Ben", "Bob"))
    hold(there, None, "open the window", 2)
    assert run(here, str(there)).exit_code == 0
    with Reader.open(here) as reader:
        assert [one.people for one in reader.sessions()] == [("Ana", "Ben"), ("Ana", "Bob")]


def test_two_there_who_cannot_be_one_stay_two(tmp_path: Path) -> None:
    here, there = tmp_path / "here.db", tmp_path / "there.db"
    hold(there, None, "wipe the board")
    assert run(here, str(there)).exit_code == 0
    with People.open(here) as people:
        people.rename("Ben", "Carla")
    hold(there, None, "open the window", 2, ("Ben", "Carla"))
    done = run(here, str(there))
    assert done.exit_code == 2 and "Carla is here and there" in told(done)
    assert run(here, str(there), "--apart", "Carla=Carla K").exit_code == 0
    with Reader.open(here) as reader:
        assert reader.sessions()[0].people == ("Carla", "Carla K"), "Ben there is Carla here, by the first session"


@pytest.mark.parametrize("wrong", [("--apart", "Benn=Ben K"), ("--same", "Benn"), ("--same", "Dora")])
def test_a_name_about_which_there_is_no_question_is_refused(tmp_path: Path, wrong: tuple[str, str]) -> None:
    here, there = tmp_path / "here.db", tmp_path / "there.db"
    hold(here, None, "feed the fish", people=("Ana", "Ben", "Dora"))
    hold(there, None, "wipe the board", 2)
    done = run(here, str(there), "--all-same", *wrong)
    assert done.exit_code == 2 and "there is no question about anybody of that name" in told(done)
    with Reader.open(here) as reader:
        assert len(reader.sessions()) == 1
    assert run(here, str(there), "--all-same", "--apart", "Ben=Ben K").exit_code == 0


def test_more_is_told_of_where_there_is_more(tmp_path: Path) -> None:
    here, there = tmp_path / "here.db", tmp_path / "there.db"
    first = full(there)
    assert run(here, str(there)).exit_code == 0
    with Thinning.open(here) as store:
        assert store.thin([1], datetime.date(2026, 6, 1)) == []
    assert "more has been stored" not in told(run(here, str(there))), "fewer events are not less that was stored"
    with Corrections.open(there) as corrections:
        corrections.undo(first)
    assert "more has been stored of session 1 since" in told(run(here, str(there)))
    with Corrections.open(here) as corrections:
        corrections.undo(1)
    assert "more has been stored" not in told(run(here, str(there)))
    hold(there, None, "wipe the board", 5)
    assert run(here, str(there), "--all-same").exit_code == 0
    with Notebook.open(there) as notebook:
        (late,) = (row["agreement"] for row in notebook.agreements() if row["text"] == "wipe the board")
        notebook.keep({late: True})
    assert "more has been stored of session 3 since" in told(run(here, str(there)))


def test_what_was_removed_here_stays_removed(tmp_path: Path) -> None:
    here, there = tmp_path / "here.db", tmp_path / "there.db"
    hold(here, None, "feed the fish", people=("Dora", "Emil"))
    hold(there, None, "Ana wipes the board")
    hold(there, None, "Ana opens the window", 2, ("Ana", "Dora"))
    assert run(here, str(there), "--all-same").exit_code == 0
    with People.open(here) as people:
        for name in ("Ana", "Ben"):
            people.forget(name)
    done = run(here, str(there), "--all-same")
    assert done.exit_code == 0 and "1 session was removed here, and stays removed." in told(done)
    with Reader.open(here) as reader:
        assert [one.people for one in reader.sessions()] == [("someone", "Dora"), ("Dora", "Emil")]
        assert [row["text"] for row in reader.agreements()][2:] == [
            *("someone opens the window", "someone opens the window, always")
        ]
    assert b"Ana" not in b"".join(file.read_bytes() for file in tmp_path.glob("here.db*"))
    with People.open(here) as people:
        people.remove([people.sessions()[0].session])
    assert "2 sessions were removed here, and stay removed." in told(run(here, str(there), "--all-same"))


def test_a_copy_without_some_sessions_may_have_them_back(tmp_path: Path) -> None:
    here, copy = tmp_path / "here.db", tmp_path / "copy.db"
    hold(here, "7a", "feed the fish")
    hold(here, "7b", "wipe the board", 2)
    with Whole.open(here) as backup:
        backup.within("7a").copy_to(copy)
    assert "1 session of" in told(run(copy, str(here)))
    with Reader.open(copy) as reader:
        assert [one.group for one in reader.sessions()] == ["7b", "7a"]


def test_whether_what_cooled_off_still_stands_comes_along(tmp_path: Path) -> None:
    here, there = tmp_path / "here.db", tmp_path / "there.db"
    hold(here, None, "a sofa")
    there.write_bytes(here.read_bytes())
    hold(there, None, "a lamp", day=9)
    for answer in (0, 1):
        with Store.open(there) as store:
            store._db.execute("UPDATE agreements SET stands = ? WHERE text = 'a sofa'", [answer])
            store._db.conn.commit()
        assert run(here, str(there)).exit_code == 0
        with Reader.open(here) as reader:
            stands = reader.query("SELECT stands FROM agreements WHERE text = 'a sofa'")
        assert stands == [{"stands": 0}], "what was said first here is not turned round"


def test_who_is_the_same_is_called_as_here(tmp_path: Path) -> None:
    here, there = tmp_path / "here.db", tmp_path / "there.db"
    hold(here, "7a", "Ana calls", 1)
    hold(there, "7A", "ana writes to ben", 2, ("ana", "ben"))
    assert run(here, str(there), "--all-same").exit_code == 0
    with People.open(here) as people:
        assert {(one.name, one.sessions) for one in people.people()} == {("Ana", 2), ("Ben", 2)}
        assert people.setup(2).people == ("Ana", "Ben")
        assert [one.text for one in agreements_of(people, 2)] == ["Ana writes to Ben", "Ana writes to Ben, always"]
    with Reader.open(there) as reader:
        assert reader.setup(1).people == ("ana", "ben"), "the other file is not changed"


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TRIGGER t AFTER UPDATE ON sessions BEGIN DELETE FROM speech; END",
        "ALTER TABLE events RENAME TO e; CREATE VIEW events AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1"
        " FROM r) SELECT 1 AS session, n AS seq, 'fact' AS role, 'tick' AS kind, n AS at_ms, '{}' AS body FROM r",
        "DROP TABLE speech; CREATE VIRTUAL TABLE speech USING fts5(session, start_ms, end_ms, person, voice)",
    ],
)
def test_a_file_that_does_more_than_hold_rows(sql: str, tmp_path: Path) -> None:
    here, there = tmp_path / "here.db", tmp_path / "there.db"
    hold(here, None, "Ana calls", 1)
    hold(there, None, "Ana writes", 2)
    with sqlite3.connect(there) as db:
        db.executescript(f"PRAGMA foreign_keys = OFF; PRAGMA legacy_alter_table = ON; {sql}")
    result = run(here, str(there), "--all-same")
    assert result.exit_code == 1 and "that this program makes none of" in told(result)
    with Reader.open(here) as reader:
        assert len(reader.sessions()) == 1
