"""One person alone practises: how long each step took is said, what nobody can know is not, and nothing is stored."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner

from facilitator.cli import cli
from facilitator.hearing.signal.audio import RATE
from tests.support.told_room import Room, says

START = ["start", "--yes", "--no-page", "--speech", "silent", "--fast"]


def test_how_long_each_step_took_is_said_and_that_a_fact_is_not_known() -> None:
    room = Room(("Ana",), "rehearse", enrolled=("Ana",))
    room.until("floor.asked")
    says(room, "Ana", 20_000)
    room.press("next")
    told = room.until("floor.took", 10_000)
    assert told.text.startswith("That took twenty")
    assert "I cannot know" in room.until("floor.fact", 10_000).text
    assert "feel" in room.until("floor.asked", 10_000).text
    says(room, "Ana", 5_000)
    room.press("next")
    room.until("floor.took", 10_000)
    assert room.kinds().count("floor.fact") == 1


def test_a_voice_is_not_kept_where_nothing_is(tmp_path: Path) -> None:
    asked = [*START[:-1], "--people", "Ana", "--format", "rehearse", "--save-voices"]
    done = CliRunner().invoke(cli, asked, env={"XDG_DATA_HOME": str(tmp_path)})
    assert done.exit_code == 2 and "a rehearsal is kept in none; add --db FILE" in done.output


def test_of_a_step_that_was_passed_nothing_is_said() -> None:
    room = Room(("Ana",), "rehearse", enrolled=("Ana",))
    room.until("floor.asked")
    room.wait(1_000)
    room.press("pass")
    room.wait(5_000)
    assert "floor.took" not in room.kinds()


@pytest.mark.parametrize(
    ("people", "form", "named", "stored"),
    [("Ana", "rehearse", False, 0), ("Ana", "rehearse", True, 1), ("Ana, Ben", "open", False, 1)],
)
def test_nothing_is_stored_unless_somebody_asks(
    people: str, form: str, named: bool, stored: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "models").mkdir()
    monkeypatch.setenv("FACILITATOR_MODELS", str(tmp_path / "models"))
    talk = tmp_path / "talk.wav"
    soundfile.write(talk, np.random.default_rng(1).normal(0, 0.001, 5 * RATE).astype(np.float32), RATE)
    arguments = [*START, "--people", people, "--format", form, "--audio", str(talk)]
    arguments += ["--db", str(tmp_path / "kept.db")] if named else []
    told = CliRunner().invoke(cli, arguments)
    assert told.exit_code == 0, told.output
    assert ("Nothing of this session is stored" in told.output) == (not stored)
    assert sum(_sessions(path) for path in tmp_path.rglob("*.db")) == stored


def _sessions(path: Path) -> int:
    from facilitator.store.session_log import Store  # noqa: PLC0415

    with Store.open(path) as store:
        return len(store.sessions())
