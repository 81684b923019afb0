"""`facilitator room`, with real programs: two tables and the computer that follows them, each in a network of its own
where that can be imitated, else on this one."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from facilitator.cli import cli
from facilitator.store.reader import Reader
from tests.support.hosts import Host, can_be_imitated, hosts

ROOT = Path(__file__).parents[2]
PATIENCE_S = 90
pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")]


class Table:
    """A program at a terminal, on a computer."""

    def __init__(self, host: Host, folder: Path, people: str, *more: str) -> None:
        folder.mkdir()
        self.db = folder / "sessions.db"
        env = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
        env.pop("CI", None)
        words = ["start", "--people", people, "--format", "open", "--minutes", "8 s", "--timer-only", "--new"]
        words += ["--speech", "silent", "--no-page", "--db", str(self.db), "--share=room", *more]
        self._here, there = pty.openpty()
        command = [*host.enter, sys.executable, "-m", "facilitator", *words, "--share-address", host.address]
        self.program = subprocess.Popen(
            command, stdin=there, stdout=there, stderr=there, env=env, cwd=folder, start_new_session=True
        )
        os.close(there)
        self.shown = ""

    def until(self, pattern: str) -> str:
        end_s = time.monotonic() + PATIENCE_S
        while (found := re.search(pattern, self.shown)) is None:
            assert time.monotonic() < end_s and self.program.poll() is None, self.shown[-2000:]
            self.read()
        return found[0]

    def read(self) -> None:
        if select.select([self._here], [], [], 0.1)[0]:
            with contextlib.suppress(OSError):
                self.shown += os.read(self._here, 65_536).decode(errors="replace")

    def press(self, keys: str) -> None:
        os.write(self._here, keys.encode())

    def close(self) -> None:
        self.program.kill()
        self.program.wait()
        os.close(self._here)


@pytest.fixture
def places() -> Iterator[Sequence[Host]]:
    """The computer of the room, and those of two tables."""
    if can_be_imitated():
        with hosts(2) as found:
            yield found
    else:
        yield [Host("127.0.0.1", ())] * 3


def test_two_tables_are_followed_and_one_hands_its_session_over(places: Sequence[Host], tmp_path: Path) -> None:
    here, *there = places
    with contextlib.ExitStack() as until_over:

        def table(number: int, people: str, *more: str) -> Table:
            found = Table(there[number], tmp_path / str(number), people, *more)
            until_over.callback(found.close)
            return found

        tables = [table(0, "Ana, Ben"), table(1, "Carla, Dan", "--share-names")]
        addresses = [one.until(r"http://[\d.]+:\d+/[\w-]+/") for one in tables]
        db = tmp_path / "room" / "room.db"
        words = ["room", "--db", str(db)]
        room = until_over.enter_context(
            subprocess.Popen(
                [*here.enter, sys.executable, "-m", "facilitator", *words],
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        )
        until_over.callback(room.kill)
        assert room.stdin is not None and room.stdout is not None
        room.stdin.write(f"door={addresses[0]}\n{addresses[1]}\n\n")
        room.stdin.flush()
        lines: list[str] = []
        while len([line for line in lines if "is getting ready" in line]) < 2:
            lines.append(room.stdout.readline())
        for one in tables:
            one.until("a key goes on")
            one.press("x")
        tables[0].until("Open talk")
        tables[0].press("c")
        tables[0].until("The room sees that you ask for help")
        tables[0].until("Give this session to the room")
        tables[0].press("y\r")
        tables[0].until("The room has it")
        tables[1].until("Give this session to the room")
        tables[1].press("\r")  # not said yes to
        for one in tables:
            while one.program.poll() is None:
                one.read()
        rest, _ = room.communicate(timeout=PATIENCE_S)
        told = "".join(lines) + rest
    assert room.returncode == 0, told
    assert re.search(r"door: ASKS FOR HELP · Open talk", told)
    assert "Table 2: Open talk · Carla and Dan" in told
    assert "Ana" not in told, "that table told no names"
    assert "door has handed its session over" in told and "1 session of" in told
    with Reader.open(db) as reader:
        assert [one.people for one in reader.sessions()] == [("Ana", "Ben")]
    assert not list(db.parent.glob("facilitator-table-*"))
    assert "Nothing of" in CliRunner().invoke(cli, ["merge", str(tables[0].db), "--db", str(db), "--all-same"]).output


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "Paste the address"),
        (["http://8.8.8.8:80/" + "a" * 43 + "/"], "not in a network of your own"),
        (["a=http://127.0.0.1:80/" + "a" * 43, "b=http://127.0.0.1:80/" + "a" * 43], "is there twice"),
        (["a=http://127.0.0.1:80/" + "a" * 43, "a=http://127.0.0.1:81/" + "a" * 43], "is there twice"),
        (["laptop"], "no address of a table"),
    ],
)
def test_one_clear_sentence(words: list[str], sentence: str, tmp_path: Path) -> None:
    pasted = "".join(f"{word}\n" for word in words)
    told = CliRunner().invoke(cli, ["room", "--db", str(tmp_path / "x.db")], input=pasted)
    assert told.exit_code == 2 and sentence in " ".join(told.output.split())
    assert not (tmp_path / "x.db").exists()


def test_no_address_in_arguments_that_others_can_read() -> None:
    told = CliRunner().invoke(cli, ["room", "http://127.0.0.1:80/" + "a" * 43 + "/"])
    assert told.exit_code == 2 and "paste it there" in " ".join(told.output.split())


@pytest.mark.parametrize("words", [["--share-names"], ["--share=view", "--share-names"]])
def test_names_go_with_a_room(words: list[str]) -> None:
    told = CliRunner().invoke(cli, ["start", *words])
    assert told.exit_code == 2 and "--share=room" in told.output
