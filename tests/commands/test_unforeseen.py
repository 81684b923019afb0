"""Whatever nobody has foreseen becomes one sentence and exit code 1; where it came from goes to the log."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from facilitator.core.setup import Setup
from facilitator.resources.prompts import default_prompts
from facilitator.store.session_log import Store

RAISES = """
import logging, sys
from facilitator import cli
from facilitator.store.session_log import Store
def failing(*_): raise {error}
Store.open = failing
if len(sys.argv) > 1:
    logging.basicConfig(filename=sys.argv[1])
cli.main(["demo", "--fast", "--db", "x.db"])
"""


def run(*args: str, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, *args], capture_output=True, cwd=cwd, timeout=120, check=False)


@pytest.mark.parametrize(
    "args",
    [
        ["review", "99999999999999999999999"],
        ["analyze", "a" * 300 + ".wav"],
        ["review", "--html", "a" * 300],
        ["start", "--people", "Ana, Ben", "--timer-only", "--yes", "--db", "a" * 300],
        ["formats", "check", "a" * 300],
    ],
    ids=["number", "analyze", "html", "db", "format"],
)
def test_every_command_ends_with_one_sentence(tmp_path: Path, args: list[str]) -> None:
    db = tmp_path / "x.db"
    if args[0] == "review":
        prompts = default_prompts()
        setup = Setup(people=("Ana", "Ben"), format=prompts.format("open"), language=prompts.language("en"))
        with Store.open(db) as store:
            store.begin(setup, "2026-01-01T20:00:00+00:00")
        args = [*args, "--db", str(db)]
    program = run("-m", "facilitator", *args, cwd=tmp_path)
    assert b"Traceback" not in program.stderr
    assert program.returncode in (0, 1, 2)
    assert program.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a shell's closed streams")
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
def test_closed_streams_are_no_fault(tmp_path: Path, closed: str) -> None:
    words = f'"{sys.executable}" -m facilitator formats list {closed}'
    told = subprocess.run(words, shell=True, capture_output=True, cwd=tmp_path, timeout=120, check=False)
    assert told.returncode == 0 and not told.stderr, told.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a shell's closed streams")
def test_no_file_takes_the_place_of_closed_streams(tmp_path: Path) -> None:
    opens = "open(str(os.open('x', os.O_CREAT | os.O_RDWR)), 'w')"
    shown = f"import os; from facilitator import cli; cli._with_streams(); {opens}"
    words = f'"{sys.executable}" -c "{shown}" >&- 2>&- <&-; ls'
    told = subprocess.run(words, shell=True, capture_output=True, cwd=tmp_path, timeout=120, check=False)
    assert told.stdout.split() == [b"3", b"x"]


@pytest.mark.parametrize("home", ["file", "/dev/null"])
def test_a_home_that_is_none(tmp_path: Path, home: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("HOME", str(tmp_path / home))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    done = run("-m", "facilitator", "formats", "list", cwd=tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("KeyError('who')", b"This program has a fault (KeyError, <string>:5)"),
        ("RecursionError()", b"This program has a fault (RecursionError"),
        ("MemoryError()", b"not enough memory"),
        ("OSError(36, 'File name too long', 'x\\x1b')", b"The system refused x? (File name too long)"),
    ],
)
def test_what_nobody_has_foreseen_is_one_sentence(tmp_path: Path, error: str, sentence: bytes) -> None:
    log = tmp_path / "log"
    result = run("-c", RAISES.format(error=error), str(log), cwd=tmp_path)
    assert result.returncode == 1
    assert sentence in result.stderr
    assert result.stderr.count(b"\n") == 1
    assert "in failing" in log.read_text()
