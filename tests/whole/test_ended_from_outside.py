"""SIGTERM, and a terminal that is closed: it stores and ends within two seconds, and asks nobody anything."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
TIMER = ("start", "--people", "Ana, Ben", "--timer-only", "--speech", "silent", "--yes", "--minutes", "10")
AT_MOST_S = 2.0
CLOSING = "stage: Closing"
HANGS = """
import sys, time
from pathlib import Path
from facilitator.backends.voice.silent_voice import SilentVoice
from facilitator.commands.session import running
from facilitator.core.setup import Setup
from facilitator.resources.prompts import default_prompts
class Hanging:
    ended, behind_s = False, 0.0
    def read(self, wait_s):
        print("hangs", flush=True)
        time.sleep(60)
    def trouble(self): return None
    def close(self): time.sleep(60)
prompts = default_prompts()
setup = Setup(people=("Ana", "Ben"), format=prompts.format("open"), language=prompts.language("en"))
store = running.open_store(Path(sys.argv[1]))
running.run(running.Parts(setup=setup, store=store, voice=SilentVoice(), source=Hanging(), ear=None))
"""


def begun(db: Path, *more: str, until: str = "floor: Ana") -> subprocess.Popen[str]:
    program = subprocess.Popen(
        [sys.executable, "-m", "facilitator", *TIMER, "--db", str(db), *more],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    _until(program, until)
    return program


def _until(program: subprocess.Popen[str], part: str) -> None:
    assert program.stdout is not None
    lines = []
    for line in program.stdout:
        lines.append(line)
        if part in line:
            return
    raise AssertionError(f"{part!r} never came:\n{''.join(lines)}")


def seconds_to_end(program: subprocess.Popen[str], number: int) -> tuple[float, str]:
    began_s = time.monotonic()
    program.send_signal(number)
    told, _ = program.communicate(timeout=60)
    return time.monotonic() - began_s, told


def told(*args: str) -> str:
    result = subprocess.run([sys.executable, "-m", "facilitator", *args], capture_output=True, text=True, check=True)
    return result.stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("page", [(), ("--page",)])
def test_it_stores_and_ends_and_can_be_gone_on_with(tmp_path: Path, number: int, page: tuple[str, ...]) -> None:
    db = tmp_path / "sessions.db"
    program = begun(db, *page)
    took_s, last = seconds_to_end(program, number)
    assert took_s < AT_MOST_S
    assert program.returncode == 0, last
    assert CLOSING not in last
    assert "--go-on goes on with it" in last
    assert "was interrupted" in told("review", "--db", str(db))
    assert [p["name"] for p in json.loads(told("review", "--db", str(db), "--json"))["people"]] == ["Ana", "Ben"]
    assert "exactly the same" in told("replay", "--db", str(db))


def test_so_does_one_that_asks_the_closing_s_questions(tmp_path: Path) -> None:
    program = begun(tmp_path / "sessions.db")
    program.send_signal(signal.SIGINT)
    _until(program, CLOSING)
    took_s, last = seconds_to_end(program, signal.SIGTERM)
    assert took_s < AT_MOST_S
    assert program.returncode == 0, last


def test_one_that_is_to_ignore_a_closed_terminal_does(tmp_path: Path) -> None:
    db = tmp_path / "sessions.db"
    program = subprocess.Popen(
        ["nohup", sys.executable, "-m", "facilitator", *TIMER, "--db", str(db)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    _until(program, "floor: Ana")
    program.send_signal(signal.SIGHUP)
    with pytest.raises(subprocess.TimeoutExpired):
        program.wait(timeout=AT_MOST_S)
    seconds_to_end(program, signal.SIGTERM)
    assert program.returncode == 0


def test_a_device_that_hangs_does_not_keep_it(tmp_path: Path) -> None:
    db = tmp_path / "sessions.db"
    program = subprocess.Popen([sys.executable, "-c", HANGS, str(db)], stdout=subprocess.PIPE, text=True)
    _until(program, "hangs")
    took_s, last = seconds_to_end(program, signal.SIGTERM)
    assert took_s < AT_MOST_S
    assert program.returncode == 0, last
    assert "was interrupted" in told("review", "--db", str(db))


def test_the_terminal_is_closed(tmp_path: Path) -> None:
    import fcntl  # noqa: PLC0415 - not on Windows
    import pty  # noqa: PLC0415
    import termios  # noqa: PLC0415

    db = tmp_path / "sessions.db"
    ours, theirs = pty.openpty()

    def take_the_terminal() -> None:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    program = subprocess.Popen(
        [sys.executable, "-m", "facilitator", *TIMER, "--db", str(db), "--no-page"],
        stdin=theirs, stdout=theirs, stderr=theirs,
        preexec_fn=take_the_terminal,  # noqa: PLW1509 - only so does it get a terminal of its own
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    while b"you have" not in shown:
        shown += os.read(ours, 4096)
    began_s = time.monotonic()
    os.close(ours)
    assert program.wait(timeout=60) == 0
    assert time.monotonic() - began_s < AT_MOST_S
    assert "was interrupted" in told("review", "--db", str(db))
