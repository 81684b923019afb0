"""The keyboard, one key at a time and without waiting, and the table of what each key does."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import FrameType
from typing import Any, TextIO

from facilitator.core.events import Command, CommandName


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyBinding:
    """`characters` all do the same; `cap` is how the screen names them. What they do is called as on the buttons."""

    characters: str
    cap: str
    command: CommandName


KEYS: tuple[KeyBinding, ...] = (
    KeyBinding(characters=" \r\n", cap="space", command="next"),
    KeyBinding(characters="p", cap="p", command="pause"),
    KeyBinding(characters="s", cap="s", command="pass"),
    KeyBinding(characters="d", cap="d", command="decline"),
    KeyBinding(characters="+=", cap="+", command="more-time"),
    KeyBinding(characters="a", cap="a", command="note"),
    KeyBinding(characters="b", cap="b", command="break"),
    KeyBinding(characters="g", cap="g", command="question"),
    KeyBinding(characters="w", cap="w", command="status"),
    KeyBinding(characters="t", cap="t", command="time"),
    KeyBinding(characters="u", cap="u", command="undo"),
    KeyBinding(characters="o", cap="o", command="was"),
    KeyBinding(characters="l", cap="l", command="left"),
    KeyBinding(characters="h", cap="h", command="here"),
    KeyBinding(characters="y", cap="y", command="yes"),
    KeyBinding(characters="n", cap="n", command="no"),
    KeyBinding(characters="r", cap="r", command="repeat"),
    KeyBinding(characters="m", cap="m", command="quiet"),
    KeyBinding(characters="q", cap="q", command="finish"),
)
"""What can be pressed. `p` and `m` undo themselves: the discussion knows what a second press means."""

GO_ON = KeyBinding(characters="p", cap="p", command="go-on")
"""What `p` is called while the session is paused."""
HAND = KeyBinding(characters="", cap="1-9", command="hand")
"""A digit answers a question; where nothing is asked it raises that seat's hand."""

AIRTIME = "v"
"""Shows more or less of the airtime, on every display: nothing that the discussion is told."""

CALL = "c"
"""Asks the room for help, where another computer of it follows this table: no part of the discussion, either."""

_COMMANDS: dict[str, CommandName] = {c: key.command for key in KEYS for c in key.characters}
_TYPED: dict[str, CommandName] = {"a": "note", "h": "here"}
"""Keys after which letters are no keys: a note, or the name of somebody who has come."""
_ENTER, _ESCAPE, _ERASE = "\r\n", "\x1b", "\x7f\b"


class Typing:
    """Key presses become commands. After the key for a note, or for a name, letters are its text, up to Enter; Escape
    gives it up."""

    def __init__(
        self, on_airtime: Callable[[], None] = lambda: None, on_call: Callable[[], None] = lambda: None
    ) -> None:
        self._on_airtime, self._on_call = on_airtime, on_call
        self.text: str | None = None
        """What has been typed; None: nothing is being typed."""
        self.what: CommandName = "note"

    def feed(self, typed: str, now_ms: int) -> list[Command]:
        """The commands that these key presses ask for, in order. Capitals count as small letters; other keys mean
        nothing. A special key (an arrow, F1) arrives as an escape sequence; its letters are not key presses."""
        found: list[Command] = []
        for place, character in enumerate(typed):
            if character == _ESCAPE:
                if place == len(typed) - 1:  # the key itself
                    self.text = None
                break
            if self.text is not None:
                found += self._written(character, now_ms)
            elif (what := _TYPED.get(character.lower())) is not None:
                self.text, self.what = "", what
            elif character.isascii() and character.isdigit():
                found.append(Command(at_ms=now_ms, name="answer", value=int(character)))
            elif character.lower() == AIRTIME:
                self._on_airtime()
            elif character.lower() == CALL:
                self._on_call()
            elif (name := _COMMANDS.get(character.lower())) is not None:
                found.append(Command(at_ms=now_ms, name=name))
        return found

    def _written(self, character: str, now_ms: int) -> list[Command]:
        assert self.text is not None
        if character in _ENTER:
            text, self.text = self.text.strip(), None
            if self.what == "here":
                return [Command(at_ms=now_ms, name="here", person=text or None)]
            return [Command(at_ms=now_ms, name="note", text=text)]
        if character in _ERASE:
            self.text = self.text[:-1]
        elif character.isprintable():
            self.text += character
        return []


def keys_for(commands: Iterable[CommandName]) -> list[KeyBinding]:
    """The keys that ask for these commands, in the same order; commands without a key are left out."""
    table = {key.command: key for key in (*KEYS, GO_ON, HAND)}
    return [table[command] for command in commands if command in table]


class TerminalKeys:
    """Reads `stdin` key by key while it is a terminal; elsewhere it never has anything to tell.

    On POSIX the terminal is put into cbreak mode (no echo, no waiting for Enter; Ctrl-C and Ctrl-Z
    still work) and given back by `close`, at exit, and for as long as the program is stopped with
    Ctrl-Z. `before_stop` and `after_stop` let a full-screen view leave and come back then."""

    def __init__(
        self,
        stdin: TextIO | None = None,
        *,
        before_stop: Callable[[], None] | None = None,
        after_stop: Callable[[], None] | None = None,
        on_airtime: Callable[[], None] = lambda: None,
        on_call: Callable[[], None] = lambda: None,
    ) -> None:
        self._stdin = sys.stdin if stdin is None else stdin
        self._before_stop = before_stop
        self._after_stop = after_stop
        self._typing = Typing(on_airtime, on_call)
        self._fd: int | None = None
        self._saved: list[Any] | None = None
        self._old_stop: Any = None
        with contextlib.suppress(ValueError, OSError, AttributeError):
            if self._stdin.isatty():
                self._fd = self._stdin.fileno()
        if self._fd is not None and sys.platform != "win32":
            self._take()
            atexit.register(self._give_back)
            with contextlib.suppress(ValueError):  # not on the main thread: no Ctrl-Z handling, all else works
                self._old_stop = signal.signal(signal.SIGTSTP, self._stop)

    def poll(self, now_ms: int) -> list[Command]:
        """The commands typed since the last call."""
        if self._fd is None:
            return []
        return self._typing.feed(self._read(), now_ms)

    @property
    def typed(self) -> tuple[CommandName, str] | None:
        """For which command something is being typed, and what so far; None: nothing is."""
        typing = self._typing
        return None if typing.text is None else (typing.what, typing.text)

    def close(self) -> None:
        """Gives the terminal back as it was. Safe to call twice."""
        if self._fd is None:
            return
        if sys.platform != "win32":
            self._give_back()
            atexit.unregister(self._give_back)
            if self._old_stop is not None:
                signal.signal(signal.SIGTSTP, self._old_stop)
                self._old_stop = None
        self._fd = None

    if sys.platform == "win32":

        def _read(self) -> str:
            import msvcrt  # noqa: PLC0415

            text = ""
            while msvcrt.kbhit():
                character = msvcrt.getwch()
                if character in "\x00\xe0":  # an arrow or function key: its second half means nothing here
                    msvcrt.getwch()
                elif character == "\x03":  # getwch swallows Ctrl-C; it belongs to the session
                    signal.raise_signal(signal.SIGINT)
                else:
                    text += character
            return text

    else:

        def _read(self) -> str:
            import select  # noqa: PLC0415

            assert self._fd is not None
            try:
                if not select.select([self._fd], [], [], 0)[0]:
                    return ""
                data = os.read(self._fd, 1024)
            except OSError:
                data = b""
            if not data:  # the terminal is gone: say nothing more, and do not spin on it
                self.close()
            return data.decode(errors="ignore")

        def _take(self) -> None:
            import termios  # noqa: PLC0415
            import tty  # noqa: PLC0415

            assert self._fd is not None
            self._saved = termios.tcgetattr(self._fd)
            tty.setcbreak(self._fd, termios.TCSADRAIN)

        def _give_back(self) -> None:
            import termios  # noqa: PLC0415

            if self._fd is not None and self._saved is not None:
                with contextlib.suppress(termios.error, OSError):
                    termios.tcsetattr(self._fd, termios.TCSADRAIN, self._saved)
                self._saved = None

        def _stop(self, _number: int, _frame: FrameType | None) -> None:
            """Ctrl-Z: hand the terminal over, stop for real, and take it again when continued."""
            if self._before_stop is not None:
                self._before_stop()
            self._give_back()
            signal.signal(signal.SIGTSTP, signal.SIG_DFL)
            signal.raise_signal(signal.SIGTSTP)  # the program stands still inside this call
            signal.signal(signal.SIGTSTP, self._stop)
            if self._fd is not None:
                self._take()
            if self._after_stop is not None:
                self._after_stop()
