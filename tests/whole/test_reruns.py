"""Tests that are tried again are named, and seen; in CI one that may not be fails the run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECOND_TIME = """
import pytest
seen = []

{marker}
def test_it_works_the_second_time():
    seen.append(1)
    assert len(seen) == 2, "a hole in the sound"
"""


def ran(folder: Path, marker: str, *args: str, ci: bool) -> subprocess.CompletedProcess[str]:
    (folder / "test_it.py").write_text(SECOND_TIME.format(marker=marker), encoding="utf-8")
    alone = {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # a plugin costs a second here
    env = {**os.environ, **alone, "CI": "true" if ci else ""}
    plugins = ["-p", "pytest_rerunfailures", "-p", "tests.support.reruns"]
    command = [sys.executable, "-m", "pytest", "-q", *plugins, *args, str(folder)]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize("ci", [False, True])
@pytest.mark.parametrize("parallel", [[], ["-p", "xdist", "-n", "1"]], ids=["one", "parallel"])
def test_a_rerun_that_may_be_is_told_with_its_reason(tmp_path: Path, ci: bool, parallel: list[str]) -> None:
    done = ran(tmp_path, '@pytest.mark.may_rerun("sound in real time")', *parallel, ci=ci)
    assert done.returncode == 0, done.stdout
    assert "tried again: 1" in done.stdout
    assert "(it may be: sound in real time)" in done.stdout
    assert "a hole in the sound" in done.stdout


def test_a_test_that_does_not_say_so_is_not_tried_again(tmp_path: Path) -> None:
    done = ran(tmp_path, "", ci=False)
    assert done.returncode == 1 and "tried again" not in done.stdout


@pytest.mark.parametrize(("ci", "code"), [(False, 0), (True, 1)])
def test_a_rerun_elsewhere_fails_ci(tmp_path: Path, ci: bool, code: int) -> None:
    done = ran(tmp_path, "", "--reruns", "2", ci=ci)
    assert done.returncode == code, done.stdout
    assert "IT MAY NOT BE" in done.stdout
    done = ran(tmp_path, "@pytest.mark.flaky(reruns=1)", ci=ci)
    assert done.returncode == code, done.stdout


def test_a_marker_without_a_reason_is_refused(tmp_path: Path) -> None:
    done = ran(tmp_path, "@pytest.mark.may_rerun()", ci=False)
    assert done.returncode != 0 and "say why" in done.stdout + done.stderr
