"""The keyboard, on a real pseudo-terminal."""

from __future__ import annotations

import io
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from facilitator.core.events import COMMANDS, Command
from facilitator.terminal.keys import GO_ON, HAND, KEYS, TerminalKeys, Typing, keys_for

posix = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")

if sys.platform != "win32":
    import pty
    import termios


def test_each_key_once_and_every_command_has_one() -> None:
    characters = "".join(key.characters for key in KEYS)
    assert len(set(characters)) == len(characters)
    # A digit answers; "speak" is what the key for quiet does the second time.
    assert {key.command for key in (*KEYS, GO_ON, HAND)} == set(COMMANDS) - {"answer", "speak"}
    assert all(not c.isupper() for c in characters)


@pytest.mark.parametrize(
    ("typed", "commands"),
    [
        (" ", ["next"]),
        ("\n\r", ["next", "next"]),
        ("Ppq", ["pause", "pause", "finish"]),
        ("+sdrm", ["more-time", "pass", "decline", "repeat", "quiet"]),
        ("xzé王", []),
        ("ynbw", ["yes", "no", "break", "status"]),
        ("\x1b[Ap", []),
        ("", []),
    ],
)
def test_what_is_typed_is_what_is_asked(typed: str, commands: list[str]) -> None:
    assert [command.name for command in Typing().feed(typed, 7)] == commands


def test_digits_answer() -> None:
    assert [(c.name, c.value, c.at_ms) for c in Typing().feed("40", 7)] == [("answer", 4, 7), ("answer", 0, 7)]


def test_a_note_is_typed_letter_by_letter() -> None:
    typing = Typing()
    assert typing.feed("aBen cooks on Qui", 1) == []
    assert typing.text == "Ben cooks on Qui"
    assert typing.feed("\x7f\x7f\x7f\x1b[A", 2) == []  # an arrow key is no letter, and no way out
    assert typing.feed("Friday, 19 Uhr é\n ", 3) == [
        Command(at_ms=3, name="note", text="Ben cooks on Friday, 19 Uhr é"),
        Command(at_ms=3, name="next"),
    ]
    assert typing.text is None


def test_escape_gives_a_note_up() -> None:
    typing = Typing()
    assert typing.feed("aqqq\x1b", 1) == []
    assert typing.text is None
    assert [c.name for c in typing.feed("q", 2)] == ["finish"]


def test_an_empty_note_is_to_be_dictated() -> None:
    assert Typing().feed("a\n", 1) == [Command(at_ms=1, name="note", text="")]


def test_keys_in_the_order_asked_for() -> None:
    assert [key.cap for key in keys_for(["finish", "next", "go-on"])] == ["q", "space", "p"]


def test_nothing_where_there_is_no_terminal() -> None:
    keys = TerminalKeys(io.StringIO("q"))
    assert keys.poll(0) == []
    keys.close()


@pytest.fixture
def terminal() -> Iterator[tuple[int, io.TextIOWrapper]]:
    """Both ends of a terminal: where a person types, and what a program has as stdin."""
    if sys.platform == "win32":
        pytest.skip("pseudo-terminals are POSIX")
    person, program = pty.openpty()
    with os.fdopen(program, "r") as stdin:
        yield person, stdin
    os.close(person)


def typed(keys: TerminalKeys, stdin: io.TextIOWrapper) -> list[str]:
    assert select.select([stdin], [], [], 5)[0], "nothing arrived at the terminal"
    return [command.name for command in keys.poll(1234)]


def test_keys_arrive_without_enter_and_without_echo(terminal: tuple[int, io.TextIOWrapper]) -> None:
    person, stdin = terminal
    keys = TerminalKeys(stdin)
    assert keys.poll(0) == []
    os.write(person, b"p")
    assert typed(keys, stdin) == ["pause"]
    os.write(person, b" ")
    assert typed(keys, stdin) == ["next"]
    assert not select.select([person], [], [], 0)[0], "what was typed came back"
    os.write(person, b"q")
    assert select.select([stdin], [], [], 5)[0]
    (command,) = keys.poll(77)
    assert (command.at_ms, command.name, command.source) == (77, "finish", "key")
    keys.close()


def test_the_terminal_is_given_back(terminal: tuple[int, io.TextIOWrapper]) -> None:
    _, stdin = terminal
    before = termios.tcgetattr(stdin)
    keys = TerminalKeys(stdin)
    during = termios.tcgetattr(stdin)
    assert not during[3] & (termios.ICANON | termios.ECHO)
    assert during[3] & termios.ISIG, "Ctrl-C has to go on working"
    keys.close()
    keys.close()
    assert termios.tcgetattr(stdin) == before
    assert keys.poll(0) == []


def test_a_terminal_that_goes_away_is_no_trouble(terminal: tuple[int, io.TextIOWrapper]) -> None:
    _, stdin = terminal
    keys = TerminalKeys(stdin)
    fd = os.open(os.devnull, os.O_RDONLY)
    os.dup2(fd, stdin.fileno())
    os.close(fd)
    assert keys.poll(0) == []
    assert keys.poll(0) == []
    keys.close()


CHILD = """
import os, sys, time
from facilitator.terminal.keys import TerminalKeys
keys = TerminalKeys(before_stop=lambda: os.write(1, b"<stopping>"), after_stop=lambda: os.write(1, b"<back>"))
os.write(1, b"<ready>")
while True:
    for command in keys.poll(0):
        os.write(1, f"<{command.name}>".encode())
        if command.name == "repeat":
            raise RuntimeError("an exception that nobody catches")
    time.sleep(0.01)
"""


class Child:
    """A program with `TerminalKeys` on a terminal of its own, as its foreground job."""

    def __init__(self) -> None:
        self.person, self.program = pty.openpty()
        self.before = termios.tcgetattr(self.program)
        self.process = subprocess.Popen(
            [sys.executable, "-c", CHILD],
            stdin=self.program,
            stdout=self.program,
            stderr=subprocess.DEVNULL,
            cwd=Path(__file__).parents[2],
            process_group=0,  # a job of its own, with us as its shell: only such a one can be stopped
        )

    def expect(self, text: bytes) -> None:
        seen = b""
        until = time.monotonic() + 20
        while text not in seen:
            assert select.select([self.person], [], [], max(0, until - time.monotonic()))[0], seen
            seen += os.read(self.person, 1000)

    def wait_until_stopped(self) -> None:
        until = time.monotonic() + 20
        while os.waitpid(self.process.pid, os.WUNTRACED | os.WNOHANG) == (0, 0):
            assert time.monotonic() < until, "it was not stopped"
            time.sleep(0.01)

    def mode(self) -> list[object]:
        return termios.tcgetattr(self.program)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.person)
        os.close(self.program)


@pytest.fixture
def child() -> Iterator[Child]:
    if sys.platform == "win32":
        pytest.skip("pseudo-terminals are POSIX")
    made = Child()
    yield made
    made.end()


def test_ctrl_z_gives_the_terminal_back_and_takes_it_again(child: Child) -> None:
    child.expect(b"<ready>")
    child.process.send_signal(signal.SIGTSTP)
    child.wait_until_stopped()
    child.expect(b"<stopping>")
    assert child.mode() == child.before
    child.process.send_signal(signal.SIGCONT)
    child.expect(b"<back>")
    assert child.mode() != child.before
    os.write(child.person, b"m")
    child.expect(b"<quiet>")


def test_an_exception_gives_the_terminal_back(child: Child) -> None:
    child.expect(b"<ready>")
    os.write(child.person, b"r")
    child.expect(b"<repeat>")
    assert child.process.wait(20) == 1
    assert child.mode() == child.before
