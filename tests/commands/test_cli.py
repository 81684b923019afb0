"""The program as a person starts it: commands, sentences, exit codes, Ctrl-C, a crash and going on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.recorded_table import TABLE

POSIX = pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person who has never used the program."""
    for variable in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.setenv("NO_COLOR", "1")
    return tmp_path


def command(*args: str) -> list[str]:
    return [sys.executable, "-m", "facilitator", *args]


def facilitator(*args: str, timeout_s: float = 240) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*args), capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=timeout_s, check=False
    )


class Running:
    """A program under way; its lines are read as they come."""

    def __init__(self, *args: str) -> None:
        self.process = subprocess.Popen(
            command(*args), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True
        )
        self.lines: list[str] = []

    def until(self, part: str) -> str:
        """Reads on to the first line that holds `part`."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if part in line:
                return line
        raise AssertionError(f"{part!r} never came:\n{''.join(self.lines)}")

    def rest(self) -> str:
        out, _ = self.process.communicate(timeout=60)
        return "".join(self.lines) + out


@pytest.fixture
def timer(home: Path) -> Iterator[Running]:
    running = Running(*TIMER)
    yield running
    running.process.kill()
    running.process.communicate()


TIMER = ("start", "--people", "Zoë, Ben", "--timer-only", "--speech", "silent", "--yes", "--minutes", "10")


@pytest.mark.parametrize(
    ("args", "code", "sentence"),
    [
        (["start", "--people", "Ana", "--yes", "--timer-only"], 2, "at least two people"),
        (["start", "--people", "Ana, ana", "--yes", "--timer-only"], 2, "initial"),
        (["start", "--yes", "--timer-only"], 2, "Say who is here"),
        (["start", "--people", "A, B", "--format", "robin", "--yes", "--timer-only"], 2, "did you mean round-robin?"),
        (["start", "--people", "A, B", "--language", "xx", "--yes", "--timer-only"], 2, "no language called 'xx'"),
        (["start", "--people", "A, B", "--fast", "--yes"], 2, "add --audio"),
        (["start", "--people", "A, B", "--voice", "A", "--yes", "--timer-only"], 2, "NAME=FILE"),
        (["start", "--people", "A, B", "--audio", "none.wav", "--yes"], 1, "none.wav"),
        (["analyze", "none.wav"], 1, "There is no file none.wav"),
        (["review"], 1, "start a discussion"),
        (["review", "--db", "none.db"], 1, "none.db"),
        (["formats", "show", "opne"], 2, "did you mean open?"),
        (["completion"], 2, "Choose from: bash, zsh, fish"),
        (["recover", "none.jsonl"], 2, "none.jsonl"),
        (["nonsense"], 2, "There is no command"),
    ],
)
def test_one_clear_sentence_and_the_right_exit_code(home: Path, args: list[str], code: int, sentence: str) -> None:
    result = facilitator(*args)
    assert result.returncode == code, result.stderr
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr


def test_a_format_of_ones_own_is_checked(home: Path) -> None:
    mine = home / "mine.toml"
    mine.write_text('name = "Mine"\nsummary = "x."\n[[stage]]\nkind = "turns"\nminuets = 3\nrounds = 0\n')
    result = facilitator("formats", "check", str(mine))
    assert result.returncode == 1
    assert "did you mean minutes?" in result.stderr
    assert "it can be 1 to 100" in result.stderr
    again = facilitator("start", "--people", "A, B", "--format", str(mine), "--yes", "--timer-only")
    assert again.returncode == 1
    mine.write_text('name = "Mine"\nsummary = "x."\n[[stage]]\nkind = "turns"\nminutes = 3\n')
    assert facilitator("formats", "check", str(mine)).returncode == 0
    assert json.loads(facilitator("formats", "show", str(mine), "--json").stdout)["stages"][0]["minutes"] == 3


def test_settings_of_ones_own_are_defaults(home: Path) -> None:
    folder = home / "facilitator"
    folder.mkdir()
    (folder / "settings.toml").write_text('[start]\nlanguage = "xx"\n')
    result = facilitator("start", "--people", "A, B", "--yes", "--timer-only")
    assert "no language called 'xx'" in result.stderr
    (folder / "settings.toml").write_text("[start\n")
    result = facilitator("formats", "list")
    assert result.returncode == 2
    assert "settings.toml" in result.stderr


def test_the_demonstration_from_the_first_word_to_the_review(home: Path) -> None:
    db = home / "sessions.db"
    result = facilitator("demo", "--fast", "--script", str(TABLE), "--db", str(db))
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr
    for part in ("you have the floor", "consent: Ben is heard", "floor ends: Carla", "Airtime"):
        assert part in result.stdout
    told = json.loads(facilitator("review", "--db", str(db), "--json").stdout)
    wanted = {"name", "airtime_s", "share", "share_low", "share_high", "turns", "longest_turn_s"}
    wanted |= {"cut_ins_made", "cut_ins_received"}
    assert [p["name"] for p in told["people"]] == ["Ana", "Ben", "Carla"]
    assert all(wanted <= p.keys() for p in told["people"])
    assert {"balance", "silence_s", "unattributed_s"} <= told.keys()
    assert sum(p["share"] for p in told["people"]) == pytest.approx(1, abs=0.01)
    assert facilitator("review", "--db", str(db)).stdout.splitlines()[2] in result.stdout
    replayed = facilitator("replay", "--db", str(db))
    assert (replayed.returncode, "exactly the same" in replayed.stdout) == (0, True)
    if os.name == "posix":
        assert db.stat().st_mode & 0o077 == 0


@POSIX
def test_ctrl_c_ends_it_properly(timer: Running, home: Path) -> None:
    timer.until("floor: Zoë")
    timer.process.send_signal(signal.SIGINT)
    timer.until("end: finish")
    assert "facilitator review 1" in timer.rest()
    assert timer.process.returncode == 0
    assert "Session 1" in facilitator("review").stdout


@POSIX
def test_a_second_ctrl_c_ends_it_at_once(timer: Running, home: Path) -> None:
    timer.until("floor: Zoë")
    timer.process.send_signal(signal.SIGINT)
    timer.until("stage: Closing")
    began = time.monotonic()
    timer.process.send_signal(signal.SIGINT)
    rest = timer.rest()
    assert time.monotonic() - began < 30
    assert "end:" not in rest
    assert "facilitator review 1" in rest
    assert "was interrupted" not in facilitator("review").stdout


@POSIX
def test_a_killed_session_goes_on_where_it_was(timer: Running, home: Path) -> None:
    timer.until("floor: Zoë")
    time.sleep(1.5)  # what is older than a second must be in the database
    timer.process.kill()
    timer.process.wait()
    review = facilitator("review")
    assert "was interrupted" in review.stdout
    again = Running("start", "--go-on", "--timer-only", "--speech", "silent", "--yes")
    again.until("resumed")
    line = again.until("We go on. Zoë, you have")
    assert "minutes" in line
    again.process.send_signal(signal.SIGINT)
    again.until("end: finish")
    again.rest()
    assert again.process.returncode == 0
    replayed = facilitator("replay", "1")
    assert "exactly the same" in replayed.stdout, replayed.stdout
    assert "no unfinished session" in facilitator("start", "--go-on", "--timer-only", "--yes").stderr


@POSIX
def test_an_interrupted_session_of_others_stays(timer: Running, home: Path) -> None:
    timer.until("floor: Zoë")
    timer.process.kill()
    timer.process.wait()
    same = Running(*TIMER)
    same.until("Session 1 was interrupted")
    same.until("floor: Zoë")
    same.process.send_signal(signal.SIGINT)
    same.rest()
    assert "interrupted" in facilitator("review", "1").stdout
    assert "interrupted" not in facilitator("review", "2").stdout
    closed = Running(*TIMER, "--new")
    closed.until("It is closed")
    closed.process.kill()
    closed.rest()
    assert "was interrupted" not in facilitator("review", "1").stdout


def test_a_database_that_cannot_be_used_stops_nobody(home: Path) -> None:
    db = home / "notes.txt"
    db.write_text("this is no database, and it is mine\n" * 50)
    before = db.read_bytes()
    result = subprocess.run(
        command("demo", "--fast", "--script", str(TABLE), "--db", str(db)),
        capture_output=True,
        text=True,
        cwd=home,
        timeout=240,
        check=False,
    )
    assert result.returncode in (0, 1)
    assert "Traceback" not in result.stderr
    assert db.read_bytes() == before
    started = Running(*TIMER, "--db", str(db))
    started.until("goes on without it")
    started.until("floor: Zoë")
    started.process.send_signal(signal.SIGINT)
    rest = started.rest()
    assert "could not be stored" in rest
    assert started.process.returncode == 0
    file = rest.split("They are in ")[1].split(". Once")[0]
    try:
        taken = facilitator("recover", file)
        assert taken.returncode == 0, taken.stderr
        assert "Session 1" in facilitator("review").stdout
    finally:
        Path(file).unlink()
