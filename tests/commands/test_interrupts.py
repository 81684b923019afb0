"""Ctrl-C that is pressed once too often, while last words are stored and said."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from facilitator.commands.session.interrupts import MEANT, undisturbed

PRESSED_LATE = """
import os, signal
from facilitator import cli
from facilitator.session import Session
from facilitator.store.session_log import Store
run, finish = Session.run, Store.finish
def pressed_twice(session, **more):
    os.kill(os.getpid(), signal.SIGINT)
    os.kill(os.getpid(), signal.SIGINT)
    run(session, **more)
def pressed_again(*words):
    os.kill(os.getpid(), signal.SIGINT)
    finish(*words)
Session.run, Store.finish = pressed_twice, pressed_again
cli.main(["start", "--people", "Ana, Ben", "--timer-only", "--speech", "silent", "--yes", "--db", "x.db"])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="another program's Ctrl-C")
def test_pressed_once_more_while_the_end_is_stored(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PRESSED_LATE], capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False
    )
    assert done.returncode == 0 and "To read it again" in done.stdout, done.stdout + done.stderr
    with closing(sqlite3.connect(tmp_path / "x.db")) as db:
        assert db.execute("SELECT reason FROM sessions").fetchall() == [("stopped",)]


@pytest.mark.skipif(sys.platform == "win32", reason="another program's Ctrl-C")
def test_what_is_over_in_a_moment_is_not_cut_short_but_by_who_means_it() -> None:
    with undisturbed():
        for _ in range(MEANT - 1):
            os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


TAKEN_AWAY = """
from pathlib import Path
from facilitator import cli
from facilitator.session import Session
run = Session.run
def taken_away(session, **more):
    Path("x.db").unlink()
    session.finish(answered=False)
    run(session, **more)
Session.run = taken_away
cli.main(["start", "--people", "Ana, Ben", "--timer-only", "--speech", "silent", "--yes", "--db", "x.db"])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be taken away there")
def test_a_database_that_is_taken_away_meanwhile_is_not_looked_for(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TAKEN_AWAY], capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False
    )
    assert done.returncode == 0 and "There is no" not in done.stderr and "To read it again" not in done.stdout
    assert list(tmp_path.glob("facilitator-session-*.jsonl"))


ASKED = """
import signal
from facilitator import cli
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs this in the background has it ignored
cli.main(["start", "--no-page", "--timer-only", "--db", "x.db"])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="another program's Ctrl-C")
def test_ctrl_c_at_a_question_says_nothing_more(tmp_path: Path) -> None:
    import pty  # noqa: PLC0415 - there is none on Windows

    ours, theirs = pty.openpty()
    program = subprocess.Popen([sys.executable, "-c", ASKED], stdin=theirs, stdout=theirs, stderr=theirs, cwd=tmp_path)
    os.close(theirs)
    said = b""
    while b"in between: " not in said:
        said += os.read(ours, 1000)
    while True:  # one that comes between the question and the waiting for its answer is only heard with the next
        time.sleep(0.5)
        program.send_signal(signal.SIGINT)
        if select.select([ours], [], [], 10)[0]:
            break
    said = b""
    with contextlib.suppress(OSError):  # nobody is at its other end any more
        while more := os.read(ours, 1000):
            said += more
    assert program.wait(timeout=30) == 130
    assert said.strip() in (b"", b"^C")
