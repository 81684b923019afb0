"""Two programs at once on one database: what each records is whole, and who reads meanwhile is told nothing wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from facilitator.core.events import FloorGranted, SessionEnded
from facilitator.store.session_log import Reader


def program(folder: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "facilitator", *words, "--db", str(folder / "sessions.db")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder, env=os.environ | {"HOME": str(folder)},
    )  # fmt: skip


def session(folder: Path, people: str, *more: str) -> subprocess.Popen[str]:
    words = ["start", "--people", people, "--format", "round-robin", "--minutes", "5 s", "--rounds", "1"]
    return program(folder, *words, "--timer-only", "--speech", "silent", "--yes", *more)


@pytest.mark.slow
def test_two_record_while_others_read(tmp_path: Path) -> None:
    first = session(tmp_path, "Ana, Ben")
    assert first.stdout is not None
    assert first.stdout.readline()
    second = session(tmp_path, "Ana, Ben", "--keep", "180d")  # of the same people: the other one is no broken one
    reading = ["review", "people", "audit"]
    while first.poll() is None or second.poll() is None:
        readers = [program(tmp_path, word) for word in reading]
        for word, reader in zip(reading, readers, strict=True):
            _, wrong = reader.communicate(timeout=120)
            assert reader.returncode == 0 and not wrong, (word, wrong)
    for ran in (first, second):
        _, wrong = ran.communicate(timeout=120)
        assert ran.returncode == 0 and "Traceback" not in wrong and "broke off" not in wrong, wrong
    with Reader.open(tmp_path / "sessions.db") as store:
        found = store.sessions()
        assert [(one.session, one.people, one.ended_at is None) for one in found] == [
            (2, ("Ana", "Ben"), False),
            (1, ("Ana", "Ben"), False),
        ]
        for one in found:
            numbered = list(store.numbered(one.session))
            assert [place for place, _ in numbered] == list(range(1, len(numbered) + 1))
            events = [record for _, record in numbered]
            assert sum(isinstance(event, FloorGranted) for event in events) == 2
            assert sum(isinstance(event, SessionEnded) for event in events) == 1


@pytest.mark.slow
def test_what_runs_is_neither_gone_on_with_nor_forgotten(tmp_path: Path) -> None:
    first = session(tmp_path, "Ana, Ben")
    assert first.stdout is not None
    assert first.stdout.readline()
    refused = session(tmp_path, "Ana, Ben", "--go-on")
    forgets = program(tmp_path, "forget", "Ana", "--yes")
    for other in (refused, forgets):
        _, wrong = other.communicate(timeout=120)
        if first.poll() is None:  # else it was over before the other came so far
            assert other.returncode in (1, 2)
        assert "Traceback" not in wrong
    _, wrong = first.communicate(timeout=120)
    assert first.returncode == 0, wrong
