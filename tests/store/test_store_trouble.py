"""Whatever happens to the file, nothing is lost and the writer of records is never held up."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from facilitator.core import events as e
from facilitator.core.setup import Setup
from facilitator.errors import StoreError
from facilitator.resources.prompts import of_today
from facilitator.store.session_log import Store

STARTED = "2026-01-02T03:04:05Z"
SETUP = Setup(people=("Ana", "Ben"), format={"name": "Open talk"}, language=of_today({"code": "en"}))
WORDS = tuple(
    e.Spoke(at_ms=1000 * n, start_ms=1000 * n, end_ms=1000 * n + 800, people=(SETUP.people[n % 2],)) for n in range(20)
)
TURN = e.TurnEnded(at_ms=9_000, person="Ana", start_ms=0, end_ms=800)
CUT_IN = e.CutIn(at_ms=9_000, kind="cut-in", by="Ben", over="Ana", start_ms=500, end_ms=800)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sessions.db"


def begun(path: Path) -> tuple[Store, int]:
    store = Store.open(path, patience_s=0.05)
    return store, store.begin(SETUP, STARTED)


def test_a_full_database_is_told_once_and_written_when_there_is_room(path: Path) -> None:
    store, session = begun(path)
    ((pages,),) = (row.values() for row in store.query("PRAGMA page_count"))
    store.query(f"PRAGMA max_page_count = {pages}")
    store.write([e.Show(at_ms=1, text="long " * 10_000)])
    assert not store.flush()
    said = store.trouble()
    assert said is not None and "no room left" in said and str(path) in said
    assert store.trouble() is None
    store.write(WORDS)
    assert not store.flush()
    assert store.unwritten() == 1 + len(WORDS)
    store.query("PRAGMA max_page_count = 100000")
    assert store.flush()
    assert store.unwritten() == 0
    assert (said := store.trouble()) is not None and "well again" in said
    assert store.trouble() is None
    store.close()
    with Store.open(path) as again:
        assert tuple(again.records(session))[1:] == WORDS


def test_a_lock_is_waited_for(path: Path) -> None:
    store, session = begun(path)
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        store.write(WORDS)
        assert not store.flush()
        assert "Another program is using" in (store.trouble() or "")
        other.execute("ROLLBACK")
    assert store.flush()
    assert tuple(store.records(session)) == WORDS
    store.close()


def test_what_never_went_in_is_saved_and_taken_back(path: Path, tmp_path: Path) -> None:
    store, session = begun(path)
    store.write(WORDS[:5])
    assert store.flush()
    saved = tmp_path / "saved.jsonl"
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        store.write(WORDS[5:])
        store.replace_turns([TURN], [CUT_IN])
        store.finish(session, "done", "2026-01-02T03:30:00Z")
        store.close()
        assert store.unwritten() == 15
        assert store.rescue(saved) == 15
    with Store.open(path) as again:
        assert tuple(again.records(session)) == WORDS[:5]
        assert again.load_rescue(saved) == session
        first = everything(again)
        assert tuple(again.records(session)) == WORDS
        assert again.sessions()[0].ended_at == "2026-01-02T03:30:00Z"
        assert [line["airtime_s"] for line in again.airtime(session)] == [8.0, 8.0]
        assert [line["turns"] for line in again.airtime(session)] == [1, 0]
        assert again.load_rescue(saved) == session
        assert everything(again) == first


def everything(store: Store) -> dict[str, list[dict[str, Any]]]:
    columns = {
        "sessions": "*",
        "seats": "*",
        "speech": "voice, person, start_ms, end_ms",
        "turns": "person, start_ms, end_ms",
        "cut_ins": "kind, by_person, over_person, start_ms, end_ms",
        "events": "*",
    }
    return {table: store.query(f"SELECT {some} FROM {table} ORDER BY 1, 2, 3") for table, some in columns.items()}


def test_a_deleted_file_is_noticed_and_all_of_the_session_saved(path: Path, tmp_path: Path) -> None:
    store, _ = begun(path)
    store.write(WORDS[:5])
    assert store.flush()
    path.unlink()
    store.write(WORDS[5:])
    assert not store.flush()
    assert "moved or deleted" in (store.trouble() or "")
    store.close()
    assert store.unwritten() == len(WORDS)
    saved = tmp_path / "saved.jsonl"
    assert store.rescue(saved) == len(WORDS)
    with Store.open(tmp_path / "other.db") as other:
        session = other.load_rescue(saved)
        assert tuple(other.records(session)) == WORDS
        assert other.setup(session) == SETUP
        assert [found.session for found in other.unfinished()] == [session]


def test_a_file_put_back_is_written_again(path: Path, tmp_path: Path) -> None:
    store, session = begun(path)
    path.rename(tmp_path / "elsewhere.db")
    store.write(WORDS)
    assert not store.flush()
    (tmp_path / "elsewhere.db").rename(path)
    assert store.flush()
    assert tuple(store.records(session)) == WORDS
    store.close()


def test_in_memory_all_of_it_can_be_saved(path: Path, tmp_path: Path) -> None:
    store = Store.open_memory("The database is on the moon.")
    assert store.trouble() == "The database is on the moon."
    assert store.trouble() is None
    session = store.begin(SETUP, STARTED)
    assert store.unwritten() == 0
    store.write([*WORDS, e.TurnEnded(at_ms=9_000, person="Ben", start_ms=1_000, end_ms=1_800)])
    store.replace_turns([TURN], [CUT_IN])
    store.finish(session, "done")
    assert store.flush()
    before = everything(store)
    store.close()
    saved = tmp_path / "saved.jsonl"
    assert store.rescue(saved) == len(WORDS) + 1
    with Store.open(path) as other:
        other.load_rescue(saved)
        assert unowned(everything(other)) == unowned(before)


def unowned(tables: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Without what says which process writes."""
    for row in tables["sessions"]:
        row.update(host=None, pid=None, process=None)
    return tables


def test_one_bad_record_holds_up_no_other(path: Path, tmp_path: Path) -> None:
    store, session = begun(path)
    bad: list[Any] = [
        e.Show(at_ms=1, text=object()),  # type: ignore[arg-type]
        e.Show(at_ms=1.5, text="between two milliseconds"),  # type: ignore[arg-type]
        e.Enrolled(at_ms=1, person=None),  # type: ignore[arg-type]
    ]
    store.write([WORDS[0], *bad, WORDS[1]])
    store.write(WORDS[2:3])
    assert store.flush()
    assert tuple(store.records(session)) == WORDS[:3]
    assert "could not be stored" in (store.trouble() or "")
    assert store.unwritten() == 3
    saved = tmp_path / "saved.jsonl"
    assert store.rescue(saved) == 3
    store.close()
    with Store.open(path) as again:
        assert again.load_rescue(saved) == session
        assert WORDS[2] in list(again.records(session))


def test_a_rescue_that_was_overtaken_is_not_mixed_in(path: Path, tmp_path: Path) -> None:
    store, session = begun(path)
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        store.write(WORDS)
        store.close()
        store.rescue(tmp_path / "saved.jsonl")
    with Store.open(path) as again:
        again.finish(session, "closed")
    with sqlite3.connect(path) as db:
        db.execute("UPDATE sessions SET ended_at = NULL")
    with Store.open(path) as again:
        again.resume(session)
        again.write([e.Resumed(at_ms=1)])
        assert again.flush()
        with pytest.raises(StoreError, match="went on without"):
            again.load_rescue(tmp_path / "saved.jsonl")
        assert list(again.records(session)) == [e.Resumed(at_ms=1)]


def test_a_rescue_replaces_no_file_and_a_strange_file_is_no_rescue(path: Path, tmp_path: Path) -> None:
    store, _ = begun(path)
    strange = tmp_path / "strange.jsonl"
    strange.write_text('{"format": "something else"}\n')
    with pytest.raises(StoreError, match="already a file"):
        store.rescue(strange)
    for text in ('{"format": "something else"}\n', "[]\n", "1e999\n", "[" * 100_000 + "\n", ""):
        strange.write_text(text)
        with pytest.raises(StoreError, match="not a file that this version saved"):
            store.load_rescue(strange)
    with pytest.raises(StoreError, match="cannot be read"):
        store.load_rescue(tmp_path / "nothing")
    store.close()


def test_writing_needs_a_session(path: Path) -> None:
    with Store.open(path) as store, pytest.raises(RuntimeError):
        store.write(WORDS)


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
def test_a_disk_that_takes_no_more(path: Path) -> None:
    """A real refusal by the system: files of this process may not grow beyond what the database has now."""
    script = """
        import resource, sys
        from pathlib import Path
        from tests_shared import *
        path = Path(sys.argv[1])
        store, session = begun(path)
        store.write(WORDS[:5])
        assert store.flush()
        biggest = max(file.stat().st_size for file in path.parent.iterdir() if file.name.startswith(path.name))
        resource.setrlimit(resource.RLIMIT_FSIZE, (biggest, resource.RLIM_INFINITY))
        store.write([e.Show(at_ms=1, text="long " * 100_000)])
        store.write(WORDS[5:])
        assert not store.flush()
        assert str(path) in store.trouble(), store.trouble()
        assert store.unwritten() == 16, store.unwritten()
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        assert store.flush(), store.problem
        assert "well again" in store.trouble()
        assert len(list(store.records(session))) == 21
        store.close()
    """
    code = textwrap.dedent(script).replace("from tests_shared import *", f"from {__name__} import *")
    subprocess.run([sys.executable, "-c", code, str(path)], check=True, cwd=Path(__file__).parents[2], timeout=60)
