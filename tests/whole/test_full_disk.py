"""A disk that is really full: nothing is lost, and what is stored can still be read."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from facilitator.core.setup import Setup
from facilitator.resources.prompts import default_prompts
from facilitator.store.session_log import Store

SESSION = """
import os, sys, tempfile
from pathlib import Path
from facilitator.commands.session.save_the_rest import save_the_rest
from facilitator.core.events import Tick
from facilitator.core.setup import Setup
from facilitator.resources.prompts import default_prompts
from facilitator.store.session_log import Store
prompts = default_prompts()
setup = Setup(people=("Ana", "Ben"), format=prompts.format("open"), language=prompts.language("en"))
store = Store.open(Path(sys.argv[1]))
store.begin(setup, "2026-01-01T20:00:00+00:00")
store.write([Tick(at_ms=0)])
store.flush()
with open(sys.argv[2], "wb", buffering=0) as file:
    try:
        while True:
            file.write(bytes(512))
    except OSError:
        pass
for n in range(5000):
    store.write([Tick(at_ms=n + 1)])
store.close()
tempfile.tempdir = os.environ["TMPDIR"]  # else Python looks for another one
sys.exit(not save_the_rest(store, ask=False))
"""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if not sys.platform.startswith("linux") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no disk of its own can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def ends(disk: Path, **places: str) -> subprocess.CompletedProcess[str]:
    args = [sys.executable, "-c", SESSION, str(disk / "sessions.db"), str(disk / "filler")]
    return subprocess.run(
        args, capture_output=True, text=True, cwd=disk, env=os.environ | places, timeout=120, check=False
    )


def test_another_folder_is_tried(disk: Path, tmp_path: Path) -> None:
    result = ends(disk, HOME=str(tmp_path), XDG_DATA_HOME=str(disk / "data"), TMPDIR=str(disk))
    assert result.returncode == 0, result.stderr
    (saved,) = tmp_path.glob("facilitator-session-*.jsonl")
    assert not list(disk.glob("*.jsonl"))
    must_come_back(saved, tmp_path, result.stdout)


def test_where_there_is_no_room_anywhere_it_is_printed(disk: Path, tmp_path: Path) -> None:
    result = ends(disk, HOME=str(disk), XDG_DATA_HOME=str(disk / "data"), TMPDIR=str(disk))
    assert result.returncode == 1
    assert not list(disk.glob("*.jsonl"))
    copied = tmp_path / "copied.jsonl"
    copied.write_text(result.stdout.split("-----\n")[1])
    must_come_back(copied, tmp_path, result.stdout)


def must_come_back(file: Path, folder: Path, told: str) -> None:
    count = re.search(r"([0-9]+) records", told)
    assert count
    with Store.open(folder / "new.db") as store:
        number = store.load_rescue(file)
        assert len(list(store.records(number))) == int(count[1]) > 0


def fill(disk: Path) -> None:
    with (disk / "filler").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(512))
        except OSError:
            pass


AT_THE_END = (
    SESSION.partition("for n in range(5000)")[0]
    + """
from facilitator.core.events import TurnEnded
store.replace_turns([TurnEnded(at_ms=9, person="Ana", start_ms=0, end_ms=9)] * 2000, [])
store.finish(1, "done", "2026-01-01T21:00:00+00:00")
store.close()
assert store.unwritten() == 0
sys.exit(not save_the_rest(store, ask=False))
"""
)


def test_a_disk_that_fills_before_the_last_word_is_told(disk: Path, tmp_path: Path) -> None:
    args = [sys.executable, "-c", AT_THE_END, str(disk / "sessions.db"), str(disk / "filler")]
    places = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(disk / "data"), "TMPDIR": str(disk)}
    result = subprocess.run(
        args, capture_output=True, text=True, cwd=disk, env=os.environ | places, timeout=120, check=False
    )
    assert result.returncode == 0, result.stderr
    assert "that it is over, could not be stored" in result.stdout
    (saved,) = tmp_path.glob("facilitator-session-*.jsonl")
    (disk / "filler").unlink()
    with Store.open(disk / "sessions.db") as store:
        assert store.stored(1).ended_at is None
        assert store.load_rescue(saved) == 1
        assert (store.stored(1).reason, store.stored(1).ended_at) == ("done", "2026-01-01T21:00:00+00:00")
        assert store.query("SELECT count(*) AS n FROM turns") == [{"n": 2000}]


def test_a_disk_that_fills_while_the_program_runs(disk: Path, tmp_path: Path) -> None:
    db = disk / "sessions.db"
    words = ["start", "--people", "Ana, Ben", "--format", "open", "--timer-only", "--speech", "silent", "--yes"]
    program = subprocess.Popen(
        [sys.executable, "-m", "facilitator", *words, "--db", str(db)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"HOME": str(tmp_path)},
    )
    assert program.stdout is not None
    assert program.stdout.readline()
    fill(disk)
    program.send_signal(signal.SIGINT)
    told, wrong = program.communicate(timeout=120)
    assert "Traceback" not in wrong
    (saved,) = tmp_path.glob("facilitator-session-*.jsonl")
    assert program.returncode == 0
    assert f"facilitator recover {saved.name}" in told or str(saved) in told
    (disk / "filler").unlink()
    with Store.open(db) as store:
        assert store.load_rescue(saved) == 1
        assert store.stored(1).ended_at is not None


def test_what_is_stored_can_be_read(disk: Path, tmp_path: Path) -> None:
    prompts = default_prompts()
    setup = Setup(people=("Ana", "Ben"), format=prompts.format("open"), language=prompts.language("en"))
    with Store.open(disk / "sessions.db") as store:
        store.finish(store.begin(setup, "2026-01-01T20:00:00+00:00"), "done", "2026-01-01T21:00:00+00:00")
    fill(disk)
    for args in (["review"], ["export", str(tmp_path / "out")]):
        result = subprocess.run(
            [sys.executable, "-m", "facilitator", *args, "--db", str(disk / "sessions.db")],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert result.returncode == 0, (args, result.stdout, result.stderr)
