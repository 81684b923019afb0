"""What a table hands over to its room: this session alone, what is in it of earlier ones named before; and what
the room makes of files that others sent."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import click
import pytest

from facilitator.commands.session import room, sharing
from facilitator.commands.session.sharing import ForTheRoom
from facilitator.commands.stored import merge
from facilitator.core import events as e
from facilitator.errors import StoreError
from facilitator.resources.texts import texts_of
from facilitator.store.backup import Whole
from facilitator.store.carry_over import left_over
from facilitator.store.notebook.private import Private
from facilitator.store.reader import Reader
from facilitator.store.session_log import Store
from tests.store.test_groups import NOW, PAIR, hold
from tests.support.simulation import setup

ENGLISH = texts_of("en")
DUE, LATER = "Ana waters the plants", "Ben writes to the landlord"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An agreement that is read out again in the second session; a third session, and another group."""
    path = tmp_path / "table" / "sessions.db"
    hold(path, None, DUE, 1)
    with Store.open(path) as store:
        before = left_over(store, PAIR, "Open talk", NOW)
        begun = setup(PAIR, "open", due=before.due, rules=before.rules, goals=("A calmer kitchen",))
        number = store.begin(begun, "2026-06-01T08:00:00+00:00")
        store.write([e.Agreed(at_ms=80_000, number=1, kind="agreement", text="Ana sweeps", owner="Ana", due_days=1)])
        assert store.flush()
        store.finish(number, "done", "2026-06-01T09:00:00+00:00")
    hold(path, None, LATER, 3)
    hold(path, "choir", "Zuzanna sings", 4, ("Zuzanna", "Yves"))
    Private(path).change("a" * 32, "2026-06-01T09:00:00+00:00", note=["Ben is tired"])
    return path


def test_nothing_of_others_is_in_it_but_what_is_named(path: Path) -> None:
    whole = ForTheRoom(db=path, session=2)
    copy = whole.copy()
    for text in (LATER, "landlord", "Zuzanna", "Yves", "choir", "Ben is tired"):
        assert text.encode() not in copy, text
    told = whole.told(ENGLISH)
    read_out = ("A calmer kitchen", f"{DUE}, always", DUE)
    assert all(text.encode() in copy and text in told for text in read_out), told
    assert "Ana sweeps" not in told, "that is an agreement of this session, as the first line says"
    alone = ForTheRoom(db=path, session=1)
    assert alone.told(ENGLISH) == ENGLISH("after.hand_over_what") and b"Ana sweeps" not in alone.copy()


@pytest.mark.parametrize("language", ["en", "fr", "ko"])
def test_figures_of_before_are_named_too(language: str, tmp_path: Path) -> None:
    path, texts = tmp_path / "x.db", texts_of(language)
    with Store.open(path) as store:
        begun = setup(PAIR, "open", said_before=({"indicator": "chores", "person": "Ana", "value": 2},))
        number = store.begin(begun, "2026-06-01T08:00:00+00:00")
        store.finish(number, "done", "2026-06-01T09:00:00+00:00")
    assert texts("after.hand_over_before") in ForTheRoom(db=path, session=number).told(texts)


def test_what_cannot_be_copied_is_one_sentence(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = ForTheRoom(db=path, session=2)

    def full(**_: Any) -> TemporaryDirectory[str]:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as during:
        during.setattr("facilitator.store.backup.TemporaryDirectory", full)
        with pytest.raises(StoreError, match="No space left"):
            whole.copy()

    def refused(*_: Any) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as during:
        during.setattr(Whole, "copy_to", refused)
        with pytest.raises(StoreError, match="disk I/O error"):
            whole.copy()
    with pytest.raises(StoreError, match="There is no session 9"):
        ForTheRoom(db=path, session=9).copy()


def test_nothing_is_given_where_it_cannot_be_copied(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the terminal; and nothing that was handed over stays there to be fetched."""
    done: list[str] = []

    class Share:
        url, problem = "http://127.0.0.1:1/", None
        broker = SimpleNamespace(guests=1)
        perhaps_fetched = True

        def hand_over(self, _: bytes) -> None:
            done.append("given")

        def take_back(self) -> None:
            done.append("taken back")

        def fetched(self, _: float) -> bool:
            if done[-1] == "given":
                raise KeyboardInterrupt
            return False

    monkeypatch.setattr(sharing, "_agreed", lambda _: True)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    with pytest.raises(StoreError):
        sharing.offer_to_the_room(Share(), ForTheRoom(db=path, session=9), ENGLISH)  # type: ignore[arg-type]
    assert done == []
    sharing.offer_to_the_room(Share(), ForTheRoom(db=path, session=2), ENGLISH)  # type: ignore[arg-type]
    assert done == ["given", "taken back"]
    assert "may have it" in capsys.readouterr().out, "what was on its way is not said to be here alone"


# -- the room ---------------------------------------------------------------------------------------


@pytest.fixture
def tray(tmp_path: Path) -> Callable[..., Any]:
    db = tmp_path / "room" / "room.db"

    def begun() -> room._Tray:
        return room._Tray(db)

    return begun


def test_one_bad_file_holds_up_no_other(
    path: Path, tray: Callable[..., room._Tray], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = ForTheRoom(db=path, session=2).copy(), b"SQLite format 3\0" + b"no" * 999
    held = tray()
    real = merge.take_in

    def fault(db: Path, other: Path, **more: Any) -> None:
        if other.name.endswith("-2.db"):
            raise KeyError("nobody has foreseen this")
        real(db, other, **more)

    monkeypatch.setattr(room, "take_in", fault)
    for name, session in (("door", bad), ("window", good), ("stairs", good)):
        held.taker(name)(session)
    with pytest.raises(click.exceptions.Exit):
        held.merge(ENGLISH)
    told = capsys.readouterr()
    assert "1 session of" in told.out and "KeyError" in told.err and told.err.count("facilitator merge") == 2
    left = sorted(file.name for file in held._db.parent.glob("facilitator-table-*"))
    assert left == ["facilitator-table-1.db", "facilitator-table-2.db"]
    with Reader.open(held._db) as reader:
        assert [one.people for one in reader.sessions()] == [PAIR]


def test_nothing_is_taken_once_it_is_merged(tray: Callable[..., room._Tray]) -> None:
    held = tray()
    held.merge(ENGLISH)
    with pytest.raises(OSError, match="merged already"):
        held.taker("door")(b"SQLite format 3\0")
    assert not list(held._db.parent.glob("facilitator-table-*"))


def test_what_cannot_be_kept_is_told(
    tray: Callable[..., room._Tray], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    held = tray()

    def full(*_: Any) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as during:
        during.setattr(Path, "write_bytes", full)
        with pytest.raises(OSError, match="No space"):
            held.taker("door")(b"SQLite format 3\0")
    assert not list(held._db.parent.glob("facilitator-table-*")), "no half of it is left"
    with pytest.raises(click.exceptions.Exit):
        held.merge(ENGLISH)
    assert "No space left on device" in capsys.readouterr().err
