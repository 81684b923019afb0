"""What people are told to type can be typed as it stands."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from facilitator.store.session_log import Store
from facilitator.terminal.to_type import program
from tests.support.evening import evening

FOLDER = Path(sys.executable).parent.parent
"""Of the environment, where `make start` begins the program."""


def told(*args: str, path: str) -> str:
    """What the program says; `path`: where the shell looks for it."""
    done = subprocess.run(
        [sys.executable, "-m", "facilitator", *args],
        env=os.environ | {"PATH": path},
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.stdout + done.stderr


@pytest.mark.skipif(os.name != "posix", reason="what is told is typed into a POSIX shell")
@pytest.mark.parametrize("args", [("forget", "Xi"), ("review",), ("trends",)])
def test_it_is_called_by_where_it_lies_where_the_shell_does_not_find_it(args: tuple[str, ...], tmp_path: Path) -> None:
    with Store.open(tmp_path / "talks.db") as store:
        evening(store)
    named = (*args, "--db", str(tmp_path / "talks.db"))
    nowhere = os.pathsep.join(folder for folder in ("/usr/bin", "/bin") if not Path(folder, "facilitator").exists())
    text = told(*named, path=nowhere)
    command = re.search(r"(\S*facilitator(?: [a-z]+)+)", text)
    assert command is not None, text
    ran = subprocess.run(
        ["sh", "-c", f"{command[1].strip('`;.')} --help"],
        env=os.environ | {"PATH": nowhere},
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, f"{text}\n{ran.stderr}"
    assert re.search(r"(?<!/)facilitator [a-z]", told(*named, path=os.environ["PATH"]))


def test_its_path_is_quoted_where_it_has_to_be(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    here = tmp_path / "our talks" / "facilitator"
    here.parent.mkdir()
    here.touch()
    monkeypatch.setattr(sys, "executable", str(here.with_name("python")))
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shlex.split(program()) == [str(here)]
    monkeypatch.chdir(here.parent)
    assert shlex.split(program()) == [str(here)]


def test_people_s_own_words_are_left_as_they_are(tmp_path: Path) -> None:
    """Though the name of a command stands in them."""
    words = "The facilitator room is booked on Mondays."
    with Store.open(tmp_path / "talks.db") as store:
        evening(store)
    named = ("--db", str(tmp_path / "talks.db"))
    assert "Error" not in told("agreements", "--add", "rule", words, *named, path="/usr/bin:/bin")
    assert words[1:-1] in " ".join(told("agreements", *named, path="/usr/bin:/bin").split())


def test_a_database_that_a_setting_names_is_named_again(tmp_path: Path) -> None:
    with Store.open(tmp_path / "talks.db") as store:
        evening(store)
    ran = subprocess.run(
        [sys.executable, "-m", "facilitator", "review"],
        env=os.environ | {"FACILITATOR_REVIEW_DB": str(tmp_path / "talks.db")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"facilitator review --db {tmp_path / 'talks.db'} 1 --all" in " ".join(ran.stdout.split())


def test_in_a_folder_that_is_gone_it_has_its_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    monkeypatch.setenv("PATH", str(tmp_path))
    gone.rmdir()
    assert shlex.split(program()) == [str(Path(sys.executable).with_name("facilitator"))]
