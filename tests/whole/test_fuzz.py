"""A small version of `benchmarks/fuzz.py`: input that nobody would give on purpose, and one sentence each time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import fuzz
from benchmarks.fuzzing import pool

RUNS = 12
FOUND = ("1:databases:25", "2:sounds:9")
"""Runs that went wrong once, and are there to stay."""


def test_input_that_nobody_would_give_on_purpose(tmp_path: Path) -> None:
    wrong = [fuzz.shown(run) for run in fuzz.runs(7, RUNS, list(fuzz.FAMILIES), tmp_path) if run.wrong()]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", FOUND)
def test_what_went_wrong_once(name: str, tmp_path: Path) -> None:
    seed, family, number = name.split(":")
    run = fuzz.one(int(seed), family, int(number), pool.make(tmp_path / "pool"), tmp_path / "run")
    assert run.wrong() is None, fuzz.shown(run)


@pytest.mark.parametrize(
    ("told", "code", "changed", "left", "wrong"),
    [
        ("Traceback (most recent call last):\n", 1, (), (), "a traceback"),
        ("Error: This program has a fault (KeyError, x.py:1)\n", 1, (), (), "a fault"),
        ("/x/y.py:3: RuntimeWarning: overflow\n", 0, (), (), "a warning"),
        ("", None, (), (), "no end"),
        ("", 70, (), (), "exit code 70"),
        ("\x1b[2J", 0, (), (), "on the terminal: U+001B"),
        ("A\u202eB", 0, (), (), "on the terminal: U+202E"),
        ("a,b\r\n", 0, ("notes.txt",), (), "changed: notes.txt"),
        ("", 0, (), ("1.wav",), "left: 1.wav"),
        ("Ana\tBen\r\n", 2, (), (), None),
    ],
)
def test_what_counts_as_wrong(
    told: str, code: int | None, changed: tuple[str, ...], left: tuple[str, ...], wrong: str | None
) -> None:
    run = fuzz.Run(name="", words=[], code=code, told=told, changed=changed, left=left, took_s=0.0)
    assert run.wrong() == wrong


def test_the_benchmark_itself() -> None:
    done = subprocess.run(
        [sys.executable, "benchmarks/fuzz.py", "--runs", "1", "--seed", "7"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0 and "1 runs ended" in done.stdout, done.stdout + done.stderr
