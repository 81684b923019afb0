"""Sessions are written, read back, resumed, closed and rescued."""

from __future__ import annotations

import os
import sqlite3
import stat
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from facilitator.core import events as e
from facilitator.core.setup import Setup
from facilitator.errors import StoreError
from facilitator.resources.prompts import of_today
from facilitator.store.owner import Process, runs_here, this_process
from facilitator.store.session_log import Reader, Store, StoredSession

STARTED = "2026-01-02T03:04:05Z"
SETUP = Setup(
    people=("Ana", "Ben", "Çetin 陳"),
    format={"name": "Round-robin", "stage": [{"kind": "turns", "minutes": 5}]},
    language={"code": "en"},
    enrolled=("Ana",),
)
FACTS = (
    e.StageStarted(at_ms=0, stage="Turns", kind="turns"),
    e.Consented(at_ms=1, person="Ben", heard=True),
    e.Enrolled(at_ms=1, person="Ben"),
    e.FloorGranted(at_ms=2, person="Ana", round=1, limit_ms=60_000, protected=True),
    e.Say(at_ms=3, prompt=1, prompt_kind="your-turn", text="Ana, your turn.", person="Ana"),
    e.PromptStarted(at_ms=5, prompt=1, start_ms=4),
    e.PromptEnded(at_ms=1_000, prompt=1, start_ms=4, end_ms=990, how="spoken"),
    e.TurnStarted(at_ms=1_200, person="Ana", start_ms=1_000),
    e.Spoke(at_ms=4_000, start_ms=1_000, end_ms=4_000, people=("Ana",)),
    e.Spoke(at_ms=5_000, start_ms=4_150, end_ms=6_150, people=("Ana", "Ben")),
    e.Spoke(at_ms=6_000, start_ms=6_150, end_ms=6_650, guest=True),
    e.Spoke(at_ms=6_000, start_ms=7_000, end_ms=7_250, unknown=True),
    e.Spoke(at_ms=6_000, start_ms=8_000, end_ms=9_000, people=("Ben",), counted=False),
    e.Intrusion(at_ms=5_500, by="Ben", over="Ana", start_ms=4_150, lost_ms=1_500),
    e.CutIn(at_ms=6_500, kind="attempt", by="Ben", over="Ana", start_ms=4_150, end_ms=6_150),
    e.BackChannel(at_ms=6_500, by="Ben", over="Ana", start_ms=2_000, end_ms=2_300),
    e.FloorExtended(at_ms=6_600, person="Ana", added_ms=1_500, reason="repaid"),
    e.FloorExtended(at_ms=6_700, person="Ana", added_ms=30_000, reason="asked"),
    e.TurnEnded(at_ms=7_000, person="Ana", start_ms=1_000, end_ms=6_150),
    e.FloorReleased(at_ms=7_000, person="Ana", reason="done", start_ms=2, used_ms=6_900),
    e.PromptDropped(at_ms=7_100, prompt_kind="invite", person="Ben", why="late"),
    e.StageEnded(at_ms=7_200, stage="Turns", kind="turns"),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "folder" / "sessions.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path) as store:
        yield store


def written(store: Store, records: tuple[e.Record, ...] = FACTS) -> int:
    session = store.begin(SETUP, STARTED)
    store.write(records)
    assert store.flush()
    assert store.trouble() is None
    assert store.unwritten() == 0
    return session


def test_every_table_says_what_happened(store: Store) -> None:
    session = written(store)
    assert store.query("SELECT heard, enrolled FROM seats ORDER BY position") == [
        {"heard": 1, "enrolled": 1},
        {"heard": 1, "enrolled": 1},
        {"heard": 0, "enrolled": 0},
    ]
    (floor,) = store.query("SELECT * FROM floor")
    assert (floor["start_ms"], floor["end_ms"], floor["used_ms"], floor["reason"]) == (2, 7_000, 6_900, "done")
    assert (floor["limit_ms"], floor["extended_ms"], floor["repaid_ms"]) == (60_000, 30_000, 1_500)
    said, dropped = store.query("SELECT * FROM prompts ORDER BY id")
    assert (said["start_ms"], said["end_ms"], said["how"], said["text"]) == (4, 990, "spoken", "Ana, your turn.")
    assert (dropped["prompt"], dropped["how"], dropped["start_ms"]) == (None, "late", None)
    (turn,) = store.query("SELECT * FROM turns")
    assert (turn["start_ms"], turn["end_ms"]) == (1_000, 6_150)
    (stage,) = store.query("SELECT * FROM stages")
    assert (stage["kind"], stage["start_ms"], stage["end_ms"]) == ("turns", 0, 7_200)
    (pair,) = store.query("SELECT * FROM v_cut_ins")
    assert (pair["by_person"], pair["over_person"], pair["cut_ins"], pair["attempts"]) == ("Ben", "Ana", 0, 1)
    assert (pair["back_channels"], pair["intrusions"], pair["given_back_s"]) == (1, 1, 1.5)
    (line,) = store.query("SELECT * FROM v_sessions")
    assert (line["session"], line["people"], line["airtime_s"]) == (session, "Ana, Ben, Çetin 陳", 7.15)
    assert (line["guest_s"], line["unattributed_s"], line["prompts_spoken"]) == (0.5, 0.25, 1)


def test_airtime_has_short_pauses_overlaps_and_silent_people_but_nothing_uncounted(store: Store) -> None:
    lines = store.airtime(written(store))
    assert [(line["person"], line["airtime_s"]) for line in lines] == [("Ana", 5.15), ("Ben", 2.0), ("Çetin 陳", 0.0)]
    assert [line["share"] for line in lines] == [0.7203, 0.2797, 0.0]
    assert [line["longest_turn_s"] for line in lines] == [5.15, 0.0, 0.0]


def test_a_session_in_which_nobody_spoke_has_shares_of_zero(store: Store) -> None:
    session = store.begin(SETUP, STARTED)
    assert [line["share"] for line in store.airtime(session)] == [0, 0, 0]


def test_records_come_back_in_order(store: Store) -> None:
    session = written(store)
    assert tuple(store.records(session)) == FACTS
    assert list(store.records(session, ["fact"])) == [record for record in FACTS if isinstance(record, e.Fact)]
    assert store.setup(session) == replace(SETUP, language=of_today(SETUP.language))
    assert store.latest() == session


def test_more_records_than_a_page(store: Store) -> None:
    ticks = tuple(e.Tick(at_ms=ms) for ms in range(2_500))
    assert tuple(store.records(written(store, ticks))) == ticks


def test_final_turns_replace_those_told_live(store: Store) -> None:
    session = written(store)
    turns = [e.TurnEnded(at_ms=9_000, person="Ben", start_ms=4_150, end_ms=6_150)]
    cut_ins = [e.CutIn(at_ms=9_000, kind="cut-in", by="Ben", over="Ana", start_ms=4_150, end_ms=6_150)]
    store.replace_turns(turns, cut_ins)
    store.finish(session, "done", "2026-01-02T04:00:00Z")
    assert store.flush()
    ana, ben, _ = store.airtime(session)
    assert (ana["turns"], ben["turns"], ana["cut_ins_received"], ben["cut_ins_made"]) == (0, 1, 1, 1)
    assert [row["kind"] for row in store.query("SELECT kind FROM cut_ins ORDER BY id")] == ["intrusion", "cut-in"]
    (found,) = store.sessions()
    assert found == StoredSession(
        session=session,
        started_at=STARTED,
        ended_at="2026-01-02T04:00:00Z",
        reason="done",
        format="Round-robin",
        language="en",
        people=SETUP.people,
        last_ms=7_200,
        running=False,
    )


def test_deleting_a_session_deletes_all_of_it(store: Store, path: Path) -> None:
    more = (
        e.Agreed(at_ms=7_300, number=1, kind="rule", text="one at a time"),
        e.Rated(at_ms=7_300, person="Ana", what="leaving", value=4),
        e.NextAgreed(at_ms=7_300, in_days=7),
    )
    written(store, FACTS + more)
    store.close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("DELETE FROM sessions")
        tables = ("seats", "speech", "turns", "cut_ins", "floor", "stages", "prompts", "events")
        for table in (*tables, "agreements", "ratings", "returns"):
            assert db.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


# --- going on, closing ----------------------------------------------------------------------------------


def test_a_session_that_broke_off_is_found_and_resumed(path: Path) -> None:
    with Store.open(path) as store:
        session = written(store, FACTS[:9])
        assert store.unfinished() == []  # it is running
    with Store.open(path) as store:
        (found,) = store.unfinished()
        assert (found.session, found.people, found.last_ms, found.running) == (session, SETUP.people, 4_000, False)
        store.resume(session)
        store.write(FACTS[9:])
        store.finish(session, "done")
    with Store.open(path) as store:
        assert tuple(store.records(session)) == FACTS
        assert store.unfinished() == []
        (turn,) = store.query("SELECT * FROM turns")
        assert turn["end_ms"] == 6_150
        assert store.sessions()[0].ended_at == "2026-01-02T03:04:12+00:00"
        with pytest.raises(StoreError, match="has ended"):
            store.resume(session)


def test_a_session_that_broke_off_is_closed(path: Path) -> None:
    with Store.open(path) as store:
        session = written(store, FACTS[:10])
    with Store.open(path) as store:
        store.finish(session, "closed")
        assert store.unfinished() == []
        assert store.query("SELECT end_ms FROM turns") == [{"end_ms": 5_000}]
        assert store.query("SELECT end_ms FROM floor") == [{"end_ms": 5_000}]


def test_a_running_session_is_not_resumed(store: Store, path: Path) -> None:
    session = written(store)
    with Store.open(path) as other, pytest.raises(StoreError, match="still running"):
        other.resume(session)


def test_a_process_is_told_from_a_later_one_with_its_number() -> None:
    own = this_process()
    assert runs_here(own)
    assert not runs_here(Process(host="somewhere else", pid=own.pid, mark=own.mark))
    assert not runs_here(Process(host=own.host, pid=own.pid, mark="another start/1"))


def test_two_programs_write_at_once(path: Path) -> None:
    with Store.open(path) as one, Store.open(path) as two:
        first, second = one.begin(SETUP, STARTED), two.begin(SETUP, STARTED)
        for record in FACTS:
            one.write([record])
            two.write([record])
        assert one.flush() and two.flush()
        assert tuple(one.records(second)) == tuple(two.records(first)) == FACTS


def test_two_programs_make_the_file_at_once(path: Path) -> None:
    failures: list[BaseException] = []
    ready = threading.Barrier(4)

    def make() -> None:
        try:
            ready.wait()
            with Store.open(path) as store:
                store.begin(SETUP, STARTED)
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with Store.open(path) as store:
        assert len(store.sessions()) == 4


def test_no_session_yet(store: Store) -> None:
    with pytest.raises(StoreError, match="No session"):
        store.latest()
    with pytest.raises(StoreError, match="no session 7"):
        store.records(7)
    with pytest.raises(StoreError, match="no session 7"):
        store.finish(7, "closed")


# --- who may read it ----------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="rights of this kind are not there")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_only_the_owner_may_read_it(path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        store = Store.open(path)
        written(store)
        saved = path.with_name("saved.jsonl")
        assert store.rescue(saved) == 0
        files = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
        store.close()
    finally:
        os.umask(before)
    assert {"sessions.db", "sessions.db-wal", "sessions.db-shm", "saved.jsonl"} == set(files)
    assert set(files.values()) == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == stat.S_IMODE(path.parent.parent.stat().st_mode) == 0o700


def test_closing_leaves_one_file(path: Path) -> None:
    with Store.open(path) as store:
        written(store)
    assert [file.name for file in path.parent.iterdir()] == ["sessions.db"]


# --- what is not a database of ours ----------------------------------------------------------------------------


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Dear diary, " * 100)
    with pytest.raises(StoreError, match=r"not a database.*--db"):
        Store.open(path)
    assert path.read_text().startswith("Dear diary")


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is a folder"):
        Store.open(tmp_path)


def test_a_database_of_another_program(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE recipes (name TEXT)")
    with pytest.raises(StoreError, match="another program"):
        Store.open(path)
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT name FROM sqlite_master").fetchall() == [("recipes",)]


def test_a_newer_database(path: Path) -> None:
    Store.open(path).close()
    with sqlite3.connect(path) as db:
        db.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('facilitator', 'm9999_moon', '')"
        )
    with pytest.raises(StoreError, match="newer version"):
        Store.open(path)


def test_a_damaged_database(path: Path) -> None:
    with Store.open(path) as store:
        written(store)
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    with pytest.raises(StoreError, match=r"damaged|not a database"), Store.open(path) as store:
        list(store.records(1))


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="this user may write everywhere")
def test_a_folder_that_may_not_be_written_to(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="cannot be made"):
        Store.open(tmp_path / "sessions.db")


def test_no_folder_can_be_made_under_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be made"):
        Store.open(tmp_path / "file" / "sessions.db")


def test_a_locked_database_is_not_waited_for_and_the_session_kept_in_memory(path: Path) -> None:
    Store.open(path).close()
    with sqlite3.connect(path) as db:
        db.execute("BEGIN IMMEDIATE")
        with Store.open(path, patience_s=0.05) as store:
            session = store.begin(SETUP, STARTED)
            assert "Another program is using" in (store.trouble() or "")
            store.write(FACTS)
            assert store.flush()
            assert tuple(store.records(session)) == FACTS
            assert store.unwritten() == len(FACTS)
            assert store.path is None


def test_other_sessions_of_a_locked_database_are_not_changed(path: Path) -> None:
    with Store.open(path) as store:
        session = written(store)
    with sqlite3.connect(path) as db:
        db.execute("BEGIN IMMEDIATE")
        with Store.open(path, patience_s=0.05) as store:
            with pytest.raises(StoreError, match="Another program is using"):
                store.finish(session, "closed")
            with pytest.raises(StoreError, match="Another program is using"):
                store.resume(session)


def test_sessions_are_read_without_a_store(path: Path) -> None:
    with pytest.raises(StoreError, match="no database"):
        Reader.open(path)
    with Store.open(path) as store:
        session = written(store)
    with Reader.open(path) as reader:
        assert tuple(reader.records(session)) == FACTS
