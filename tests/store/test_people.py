"""People in the database: listed, renamed, spelled for the voice, forgotten; and sessions that are let go."""

from __future__ import annotations

import datetime
import json
import sqlite3
import unicodedata
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from facilitator.cli import cli
from facilitator.commands.session.table_options import TableOptions as Wishes
from facilitator.commands.session.table_options import at_this_table
from facilitator.commands.stored.by_age import keep_only
from facilitator.core import events as e
from facilitator.core.discussion import Discussion
from facilitator.core.events import Record
from facilitator.core.language.names import count
from facilitator.core.review.apply_corrections import Reassigned, Renamed
from facilitator.core.setup import Setup
from facilitator.errors import StoreError
from facilitator.resources.texts import english_day
from facilitator.simulation.table import SimulatedTable
from facilitator.store import database, names
from facilitator.store.corrections import Corrections
from facilitator.store.people import People, pronounced
from facilitator.store.personal_data import OnePerson
from facilitator.store.replay_diff import replay_session
from facilitator.store.session_log import Reader, Store
from tests.support.simulation import setup

ZOE = "Zoë Qvist"
WRITTEN = [ZOE, ZOE.upper(), ZOE.lower(), ZOE.casefold(), ZOE.title()]


def discussion(people: tuple[str, ...], form: str = "round-robin", **options: Any) -> tuple[Discussion, list[Record]]:
    table = SimulatedTable(Discussion(setup(people, form, **options)), "cut-ins", until_ms=240_000)
    table.run()
    return table.discussion, table.log


def keep(path: Path, people: tuple[str, ...], when: str, form: str = "round-robin", **options: Any) -> int:
    """A whole simulated discussion, in the database."""
    found, log = discussion(people, form, **options)
    with Store.open(path) as store:
        number = store.begin(found.setup, when)
        store.write(log)
        store.replace_turns(*found.settled())
        store.finish(number, "done", when)
    return number


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "sessions.db"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    yield tmp_path


def run(path: Path, *words: str, text: str | None = None) -> Result:
    return CliRunner().invoke(cli, [*words, "--db", str(path)], input=text)


def every_byte(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(path.parent.iterdir()))


def ways(name: str) -> set[bytes]:
    """The name in capitals and small letters, in both ways to write what is accented, plain and as JSON has it."""
    cases = {name, name.upper(), name.lower(), name.title(), name.casefold()}
    texts = {unicodedata.normalize(form, text) for text in cases for form in ("NFC", "NFD")}
    return {text.encode() for text in texts} | {json.dumps(text)[1:-1].encode() for text in texts}


def left(path: Path, name: str) -> list[bytes]:
    stored = every_byte(path)
    return [written for part in name.split() for written in ways(part) if written in stored]


def test_forgetting_leaves_no_byte_of_the_name(path: Path, home: Path) -> None:
    mine = keep(path, (ZOE, "Ben", "Carla"), "2026-01-02T03:04:05+00:00", pronounced={ZOE: "Tso-Eh"}, first=ZOE)
    again = keep(path, ("Ben", unicodedata.normalize("NFC", ZOE)), "2026-02-02T03:04:05+00:00", "check-in")
    theirs = keep(path, ("Ben", "Carla"), "2026-03-02T03:04:05+00:00", "open")
    with Store.open(path) as store:
        late = store.begin(setup(("Ben", "Carla"), "open"), "2026-04-02T03:04:05+00:00")
        texts = [f"{unicodedata.normalize('NFD', way)} brings the cake" for way in WRITTEN]
        store.write([e.Dictated(at_ms=5, text=text, start_ms=1, end_ms=4) for text in texts])
        store.write([e.Agreed(at_ms=9, number=n, kind="agreement", text=text) for n, text in enumerate(texts, 1)])
        store.write([e.Agreed(at_ms=9, number=9, kind="agreement", text="Rest", owner=ZOE)])
        store.write([e.Trouble(at_ms=9, kind="x", message=f"{ZOE} left"), e.Show(at_ms=9, text="Zoë Qvists cake")])
        store.finish(late, "done")
    with Corrections.open(path) as corrections:
        corrections.correct(mine, Reassigned(60_000, 120_000, ZOE, "Ben"))
        corrections.correct(mine, Renamed("Carla", "Clara"))
        corrections.correct(theirs, Renamed("Carla", ZOE))
        corrections.undo(theirs)
    with Reader.open(path) as reader:
        before = {n: [(row["airtime_s"], row["share"]) for row in reader.airtime(n)] for n in (mine, again, theirs)}
    assert left(path, ZOE)
    assert run(path, "people", "pronunciation", ZOE, "Tso-Eh").exit_code == 0

    told = run(path, "forget", ZOE.upper(), "--yes")
    assert told.exit_code == 0, told.output
    assert "2 sessions" in told.output
    assert "the name is not in it" in " ".join(told.output.split())
    assert not left(path, ZOE)
    assert not left(path, "Tso-Eh")

    with Reader.open(path) as reader:
        found = {n: [(row["airtime_s"], row["share"]) for row in reader.airtime(n)] for n in (mine, again, theirs)}
        assert found == before
        assert [row["person"] for row in reader.airtime(mine)] == ["someone", "Ben", "Clara"]
        assert [row["person"] for row in reader.airtime(again)] == ["Ben", "someone"]
        assert replay_session(reader, theirs, Discussion).same
        for number in (mine, again):
            assert replay_session(reader, number, Discussion).same
        texts = [row["text"] for row in reader.query("SELECT text FROM agreements WHERE session = ?", [late])]
        assert texts[:5] == ["someone brings the cake"] * 5
        (owner,) = reader.query("SELECT p.name FROM agreements a JOIN people p ON p.id = a.owner WHERE number = 9")
        assert owner["name"] == "someone"
    with People.open(path) as people:
        assert {person.name for person in people.people()} == {"Ben", "Carla", "Clara"}
    assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert run(path, "forget", ZOE, "--yes").exit_code == 1


def hide(path: Path, name: str, written: str) -> None:
    """As an older version may have stored it: characters among it that nobody sees."""
    with closing(sqlite3.connect(path)) as db, db:
        for table, column in (("people", "name"), ("sessions", "setup"), ("events", "body")):
            for row, text in db.execute(f"SELECT rowid, {column} FROM {table}").fetchall():
                db.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", [text.replace(name, written), row])


@pytest.mark.parametrize(
    "written", ["Zo\u200beline", "Zoe\u3164line", "\u202eZoeline", "Zoeline\u00ad", "Z\u034foeline"]
)
def test_a_name_with_characters_that_nobody_sees_is_renamed_and_exported_whole(path: Path, written: str) -> None:
    keep(path, ("Zoeline", "Ben"), "2026-05-04T20:00:00+00:00")
    hide(path, "Zoeline", written)
    with People.open(path) as store:
        assert store.find("Zoeline") == (written,)
    with OnePerson.open(path) as reader:
        mine = reader.mine([written])
        assert len(mine.sat) == 1 and mine.sat[0].low is not None
        assert all(mine.tables[table] for table in ("people", "seats", "turns", "events"))
        assert [row["name"] for row in mine.tables["people"]] == ["Zoeline"]
    with People.open(path) as store:
        store.rename("Zoeline", "Zoeline")  # as it is read: what nobody sees goes
        assert [person.name for person in store.people()] == ["Ben", "Zoeline"]
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*) FROM people WHERE name = 'Zoeline'").fetchone() == (1,)
    if written.strip("\u202e\u00ad") == written:  # what is beside a name in a text is no part of it, and is never shown
        assert written.encode() not in path.read_bytes()


def test_nobody_becomes_one_with_somebody_whose_name_only_looks_free(path: Path) -> None:
    keep(path, ("Anna", "Ben"), "2026-05-04T20:00:00+00:00")
    keep(path, ("Ana", "Ben"), "2026-05-05T20:00:00+00:00")
    hide(path, "Anna", "An\u200bna")
    with People.open(path) as store:
        with pytest.raises(StoreError, match="There is a Anna already"):
            store.rename("Ana", "Anna")
        with pytest.raises(StoreError, match="two people"):
            store.rename("Ben", "Anna", merge=True)
        store.rename("Ana", "Anna", merge=True)
        assert [(person.name, person.sessions) for person in store.people()] == [("Anna", 2), ("Ben", 2)]


def test_two_who_are_forgotten_keep_two_seats_and_the_last_one_takes_the_session_along(path: Path, home: Path) -> None:
    number = keep(path, ("Ana", "Ben", "Carla"), "2026-01-02T03:04:05+00:00")
    assert run(path, "forget", "Ana", "--yes").exit_code == 0
    assert run(path, "people", "delete", "Ben", "--yes").exit_code == 0
    with Reader.open(path) as reader:
        assert [row["person"] for row in reader.airtime(number)] == ["someone", "someone 2", "Carla"]
        assert replay_session(reader, number, Discussion).same
    told = run(path, "forget", "Carla", "--yes")
    assert "removed altogether, because nobody else is left in them" in told.output
    with Reader.open(path) as reader:
        assert reader.sessions() == []
        assert reader.query("SELECT * FROM people") == reader.query("SELECT * FROM events") == []


HIDDEN = "".join(
    letter + unseen for letter, unseen in zip(unicodedata.normalize("NFD", ZOE), "\u200b\u202e\u00ad" * 9, strict=False)
)
"""As an earlier version could have stored it: in another normal form, with characters that nobody sees."""


@pytest.mark.parametrize("typed", [ZOE, unicodedata.normalize("NFD", ZOE), ZOE[0] + "\u2066" + ZOE[1:]])
def test_forgetting_finds_names_with_what_nobody_sees(path: Path, home: Path, typed: str) -> None:
    keep(path, (ZOE, "Ben", "Carla"), "2026-01-05T19:00:00+00:00")
    with sqlite3.connect(path) as db:
        for table, column in (("people", "name"), ("events", "body"), ("sessions", "setup"), ("prompts", "text")):
            db.execute(f"UPDATE {table} SET {column} = replace({column}, ?, ?)", [ZOE, HIDDEN])
    db.close()
    assert HIDDEN.encode() in path.read_bytes()
    done = run(path, "forget", typed, "--yes")
    assert done.exit_code == 0, done.output
    assert "the name is not in it" in " ".join(done.output.split())
    data = path.read_bytes()
    assert HIDDEN.encode() not in data and ZOE.encode() not in data
    assert not any(HIDDEN[start : start + 6].encode() in data for start in range(len(HIDDEN) - 6))
    with Reader.open(path) as reader:
        assert [person for person in reader.setup(1).people if person not in ("Ben", "Carla")] == ["someone"]


def test_the_search_finds_what_nobody_sees(tmp_path: Path) -> None:
    """What says that a name is gone must see it however it is written."""
    path = tmp_path / "sessions.db"
    for written in (ZOE, HIDDEN, unicodedata.normalize("NFD", ZOE), ZOE.upper()):
        path.write_bytes(b"..." + written.encode() + b"...")
        assert names.traces(path, [ZOE], []) == 1, written


def test_forgetting_asks_first_and_can_take_whole_sessions(path: Path, home: Path) -> None:
    keep(path, ("Ana", "Ben"), "2026-01-02T03:04:05+00:00")
    kept = keep(path, ("Ben", "Carla"), "2026-01-03T03:04:05+00:00")
    asked = run(path, "forget", "Ana")
    assert asked.exit_code == 2
    assert "--yes" in asked.output
    with Reader.open(path) as reader:
        assert len(reader.sessions()) == 2
    assert run(path, "forget", "Ana", "--whole-sessions", "--yes").exit_code == 0
    with Reader.open(path) as reader:
        assert [found.session for found in reader.sessions()] == [kept]
    near = run(path, "forget", "Carl", "--yes")  # which is a part of a name, and no name
    assert near.exit_code == 1
    assert "did you mean Carla?" in near.output


def test_a_name_that_is_only_in_texts_is_forgotten_too(path: Path, home: Path) -> None:
    with Store.open(path) as store:
        number = store.begin(setup(("Ben", "Carla"), "open"), "2026-04-02T03:04:05+00:00")
        store.write([e.Agreed(at_ms=9, number=1, kind="agreement", text="We ask Wilhelmine", owner="Ben")])
        store.finish(number, "done")
    told = run(path, "forget", "wilhelmine", "--yes")
    assert told.exit_code == 0, told.output
    assert not left(path, "Wilhelmine")


def test_an_ordinary_word_stays_where_it_is_one(path: Path, home: Path) -> None:
    number = keep(path, ("Will", "Ben"), "2026-01-02T03:04:05+00:00")
    told = run(path, "forget", "Will", "--yes")
    assert "ordinary word" in told.output
    with Reader.open(path) as reader:
        assert replay_session(reader, number, Discussion).same
        assert "will" in json.dumps(reader.setup(number).language)  # the words of the program are as they were
        assert not reader.query("SELECT 1 FROM prompts WHERE text LIKE 'Will,%'")


def test_a_running_session_is_let_alone(path: Path, home: Path) -> None:
    with Store.open(path) as store:
        store.begin(setup(("Ana", "Ben")), "2026-01-02T03:04:05+00:00")
        told = run(path, "forget", "Ana", "--yes")
        assert told.exit_code == 1
        assert "is being recorded" in told.output


def test_another_program_in_the_middle_of_reading_is_not_overlooked(path: Path, home: Path) -> None:
    keep(path, ("Ana", "Ben"), "2026-01-02T03:04:05+00:00")
    with Store.open(path) as store:  # something in the log, and a reader who needs it
        store.begin(setup(("Carla", "Ben")), "2026-01-02T03:04:05+00:00")
        reader = sqlite3.connect(path, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM events").fetchone()
    with People.open(path, patience_s=0.1) as people, pytest.raises(StoreError, match="Another program is using"):
        people.forget("Ana")
    reader.close()
    with Reader.open(path) as again:
        assert "Ana" in [row["person"] for row in again.airtime(1)]


def test_own_files_are_named(path: Path, home: Path) -> None:
    keep(path, ("Ana", "Ben"), "2026-01-02T03:04:05+00:00")
    (home / "facilitator-session-20260101-000000.jsonl").write_text('{"people": ["Ana"]}', encoding="utf-8")
    settings = home / "config" / "facilitator" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("[review]\n# for Ana\n", encoding="utf-8")
    told = run(path, "forget", "Ana", "--yes").output
    assert "facilitator-session-20260101-000000.jsonl" in told
    assert str(settings) in told


def test_renaming_is_everywhere_and_can_make_two_names_one_person(path: Path, home: Path) -> None:
    first = keep(path, ("Annegret", "Ben"), "2026-01-02T03:04:05+00:00", "check-in")
    second = keep(path, ("Anne", "Ben"), "2026-02-02T03:04:05+00:00")
    assert "add --merge" in run(path, "people", "rename", "Annegret", "Anne").output
    assert "two people" in run(path, "people", "rename", "Ben", "Anne", "--merge").output
    told = run(path, "people", "rename", "annegret", "Anne", "--merge")
    assert told.exit_code == 0, told.output
    assert not left(path, "Annegret")
    with Reader.open(path) as reader:
        for number in (first, second):
            assert [row["person"] for row in reader.airtime(number)] == ["Anne", "Ben"]
            assert replay_session(reader, number, Discussion).same
    shown = json.loads(run(path, "people", "--json").output)
    assert [(row["name"], row["sessions"]) for row in shown] == [("Anne", 2), ("Ben", 2)]
    assert run(path, "people", "rename", "Anne", "ANNE").exit_code == 0
    assert "ANNE: 2 sessions, 2 January 2026 to 2 February 2026" in run(path, "people", "list").output
    assert "called that already" in run(path, "people", "rename", "ANNE", "ANNE").output


def test_a_pronunciation_is_kept_listed_and_taken_back(path: Path, home: Path) -> None:
    keep(path, ("Siobhan", "Ben"), "2026-01-02T03:04:05+00:00")
    assert run(path, "people", "pronunciation", "siobhan", "Shi-vawn").exit_code == 0
    assert "said “Shi-vawn”" in run(path, "people").output
    with Reader.open(path) as reader:
        assert pronounced(reader, ("Siobhan", "Carla")) == {"Siobhan": "Shi-vawn"}
    assert run(path, "people", "pronunciation", "Siobhan").exit_code == 0
    assert "said" not in run(path, "people").output
    assert run(path, "people", "pronunciation", "Nobody", "x").exit_code == 1


def test_old_sessions_are_let_go(path: Path, home: Path) -> None:
    keep(path, ("Kunigunde", "Ben"), "2020-01-02T03:04:05+00:00")
    new = keep(path, ("Ben", "Carla"), "2999-01-02T03:04:05+00:00")
    assert run(path, "forget", "--older-than", "180x").exit_code == 2
    assert run(path, "forget", "--older-than", "0d").exit_code == 2
    assert run(path, "forget").exit_code == 2
    assert run(path, "forget", "Ben", "--older-than", "1y").exit_code == 2
    assert "nothing is removed" in run(path, "forget", "--older-than", "99y").output
    told = run(path, "forget", "--older-than", "180d", "--yes")
    assert told.exit_code == 0, told.output
    assert "1 session removed" in told.output
    assert not left(path, "Kunigunde")
    with Reader.open(path) as reader:
        assert [found.session for found in reader.sessions()] == [new]
        assert {row["name"] for row in reader.query("SELECT name FROM people")} == {"Ben", "Carla"}


@pytest.mark.slow
def test_only_what_is_young_enough_is_kept_after_a_session(path: Path, home: Path) -> None:
    old = keep(path, ("Kunigunde", "Ben"), "2020-01-02T03:04:05+00:00")
    words = ["start", "--people", "Ana, Ben", "--format", "open", "--minutes", "5 s", "--timer-only"]
    words += ["--speech", "silent", "--yes", "--new"]
    told = run(path, *words, "--keep", "soon")
    assert told.exit_code == 2
    keep_only("99y", path)
    with Reader.open(path) as reader:
        assert [found.session for found in reader.sessions()] == [old]
    keep(path, ("Ben", "Carla"), days_ago(10))
    told = run(path, *words, "--keep", "180d")
    assert told.exit_code == 0, told.output
    assert "1 session older than 180d removed, as you wished." in told.output
    assert not left(path, "Kunigunde")
    with Reader.open(path) as reader:
        assert [found.people for found in reader.sessions()] == [("Ana", "Ben"), ("Ben", "Carla")]


def days_ago(days: float) -> str:
    return (datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=days)).isoformat(timespec="seconds")


@pytest.mark.parametrize(
    ("held", "told"),
    [
        ((730, 365, 0), "2 sessions would be older than 180d, but this computer's clock may have been put far forward"),
        ((730, 30, -400), "1 session would be older than 180d, but a session is stored that lies in the future"),
        ((30, 9_000, 0), "Not removed, though older than 180d by date: 1 session, as later ones were stored before"),
    ],
    ids=["ahead", "future", "behind"],
)
def test_nothing_is_removed_by_a_clock_that_is_doubted(
    path: Path, home: Path, capsys: pytest.CaptureFixture[str], held: tuple[float, ...], told: str
) -> None:
    with Store.open(path) as store:
        setup_of = setup(("Ana", "Ben"))
        numbers = [store_one(path, setup_of, days_ago(days)) for days in held]
        keep_only("180d", path)
        assert {found.session for found in store.sessions()} == {*numbers}
    assert told in capsys.readouterr().err
    asked = run(path, "forget", "--older-than", "180d", "--yes")
    assert asked.exit_code == 0
    assert f"(today is {english_day(days_ago(0))}) will be removed" in asked.output


def store_one(path: Path, setup_of: Setup, when: str, ended_at: str | None = None) -> int:
    with Store.open(path) as store:
        number = store.begin(setup_of, when)
        store.finish(number, "done", ended_at or when)
    return number


@pytest.mark.parametrize("days", [-400, 400], ids=["back", "ahead"])
def test_a_clock_that_jumps_while_people_talk_spoils_nothing_that_is_told(
    path: Path, home: Path, monkeypatch: pytest.MonkeyPatch, days: float
) -> None:
    monkeypatch.setenv("FACILITATOR_DB", str(path))
    store_one(path, setup(("Ana", "Ben")), days_ago(0), days_ago(days))
    keep(path, ("Ana", "Ben"), days_ago(0))
    for words in (
        ["review", "1"],
        ["review", "1", "--html", "x.html"],
        ["trends"],
        ["agreements"],
        ["people"],
        ["audit"],
    ):
        done = run(path, *words)
        assert done.exit_code == 0, (words, done.output)


def test_there_must_be_a_database(path: Path, home: Path) -> None:
    for words in (["people"], ["people", "list"], ["forget", "Ana", "--yes"], ["people", "rename", "a", "b"]):
        told = run(path, *words)
        assert told.exit_code == 1
        assert "There is no database" in told.output
    assert not path.exists()


def test_every_column_of_texts_is_looked_after() -> None:
    db = database.open_memory()
    told = {(table, column) for rows in (names.TEXTS, names.NAMES, names.PLAIN)
            for table, columns in rows.items() for column in columns}  # fmt: skip
    for table in db.tables:
        if table.name != "_sqlite_migrations":
            for column in table.columns:
                if column.type == "TEXT":
                    assert (table.name, column.name) in told, "facilitator/store/names.py has to know it"
                assert column.type != "BLOB"


def test_the_name_within_a_longer_one_stays(path: Path, home: Path) -> None:
    number = keep(path, ("Marianne", "Marianne Groß", "Ben"), "2026-01-02T03:04:05+00:00")
    told = run(path, "forget", "Marianne", "--yes")
    assert "the name is not in it" in " ".join(told.output.split())
    with Reader.open(path) as reader:
        assert [row["person"] for row in reader.airtime(number)] == ["someone", "Marianne Groß", "Ben"]
        assert replay_session(reader, number, Discussion).same
        texts = " ".join(row["text"] or "" for row in reader.query("SELECT text FROM prompts"))
    assert count(texts, "Marianne", ["Marianne Groß"]) == 0


def test_the_next_session_says_the_name_as_it_was_told(path: Path, home: Path) -> None:
    keep(path, ("Siobhan", "Ben"), "2026-01-02T03:04:05+00:00")
    assert run(path, "people", "pronunciation", "Siobhan", "Shi-vawn").exit_code == 0
    now = datetime.datetime(2026, 1, 3, tzinfo=datetime.UTC)
    with Store.open(path) as store:
        begun = at_this_table(setup(("Siobhan", "Ben")), Wishes(), store, now, hears_words=False)
        assert begun.pronounced == {"Siobhan": "Shi-vawn"}
        own = Wishes(pronounced={"Siobhan": "Chivon"})
        assert at_this_table(setup(("Siobhan", "Ben")), own, store, now, hears_words=False).pronounced == own.pronounced
