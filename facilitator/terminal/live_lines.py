"""The live state as lines of JSON, for a lamp, an overlay or a sensor: into a file or a pipe, to another program, or to
whoever connects to a socket of this computer. Nothing here waits: who does not read is left behind.

`docs/events.md` has every key. Names are left out unless the people at the table want them in, and so is the airtime
where no screen shows it.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import io
import json
import os
import socket
import stat
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from facilitator.core.airtime_display import AirtimeRule
from facilitator.core.events import Record
from facilitator.core.snapshot import PersonView, Snapshot
from facilitator.core.turntaking.airtime import entropy
from facilitator.errors import UsageError

VERSION = 1
"""Of the lines. It goes up when a key changes its meaning or goes away; new keys may come at any time."""
UNIX, STANDARD = "unix:", "-"
_BEGINS = f'{{"version": {VERSION}, "at_s": '.encode()
"""Every line."""
_LOOKED_AT = 1 << 16
"""Bytes at the beginning of a file, in which there is a whole line."""
MOST_READERS = 16
ASKED_S = 2.0
"""How long a socket that is there already may take to answer."""


def state(snapshot: Snapshot, airtime: AirtimeRule, *, names: bool) -> dict[str, Any]:
    """The moment as JSON values. Whole seconds, so that there is a new line only when there is something new."""
    seats = {person.name: seat for seat, person in enumerate(snapshot.people, 1)}
    shown = airtime.tells_shares(snapshot)
    heard = [person.airtime_ms for person in snapshot.people if person.heard and person.here]
    balance = entropy(heard) if shown else None
    return {
        "version": VERSION,
        "at_s": max(0, snapshot.at_ms) // 1000,
        "stage": snapshot.stage_kind,
        "floor": None if snapshot.floor is None else seats[snapshot.floor],
        "left_s": None if snapshot.floor_left_ms is None else -(-snapshot.floor_left_ms // 1000),
        "speaking": sorted(seats[name] for name in snapshot.speaking if name in seats),
        "own_voice": snapshot.own_voice,
        "paused": snapshot.paused,
        "queue": [seats[name] for name in snapshot.queue],
        "balance": None if balance is None else round(balance, 2),
        "people": [_person(person, seats[person.name], shown=shown, names=names) for person in snapshot.people],
        "ended": snapshot.ended,
    }


def line_of(snapshot: Snapshot, airtime: AirtimeRule, *, names: bool) -> str:
    """The same as a line of JSON, without its end."""
    return json.dumps(state(snapshot, airtime, names=names), ensure_ascii=False)


def _person(person: PersonView, seat: int, *, shown: bool, names: bool) -> dict[str, Any]:
    about: Mapping[str, Any] = {"name": person.name} if names else {}
    told = shown and person.heard
    return {
        "seat": seat,
        **about,
        "here": person.here,
        "heard": person.heard,
        "share": round(person.share, 2) if told else None,
        "airtime_s": person.airtime_ms // 1000 if told else None,
    }


class LiveLines:
    """A screen that is read by programs. Raises UsageError where it cannot be had."""

    def __init__(self, place: str, airtime: AirtimeRule, *, names: bool) -> None:
        self._airtime, self._names = airtime, names
        self._last = ""
        self._out = _out(place)

    def show(self, snapshot: Snapshot) -> None:
        line = line_of(snapshot, self._airtime, names=self._names) + "\n"
        self._out.look()
        if line != self._last:
            self._last = line
            self._out.send(line.encode())

    def write(self, records: Sequence[Record]) -> None:
        """It is told moments, not records."""

    def close(self) -> None:
        self._out.session_over()


@functools.cache
def own_output() -> int:
    """Standard output, for these lines alone: from now on, what is told to people goes where errors go. Raises
    UsageError."""
    if os.isatty(1):
        raise UsageError(
            "--events - is for another program, and here its lines would run through what people see: add | and that"
            " program, or name a file."
        )
    one, other = os.fstat(1), os.fstat(2)
    if (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino) and not stat.S_ISCHR(one.st_mode):
        raise UsageError(
            "--events - needs its output for itself, and what people see would go the same way (2>&1): lead errors"
            " somewhere else, or name a file."
        )
    if sys.stdout is not None:
        sys.stdout.flush()
    own = os.dup(1)
    os.dup2(2, 1)
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stderr is not None:  # it writes to where errors go
        sys.stdout.reconfigure(encoding=sys.stderr.encoding, errors=sys.stderr.errors)
    with contextlib.suppress(OSError, AttributeError):  # a pipe or a socket, where the system can: nobody is waited for
        if not stat.S_ISREG(os.fstat(own).st_mode):
            os.set_blocking(own, False)
    return own


class _Out:
    """What is open as a file. Half a line is made whole before another one follows; a line for which there is no room
    is left out."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor, self._rest = descriptor, b""

    def look(self) -> None:
        """Nobody has to connect."""

    def send(self, line: bytes) -> None:
        if not self._rest or self._write(self._rest):
            self._write(line)

    def _write(self, part: bytes) -> bool:
        """Whether all of it went."""
        if self._descriptor is None:
            return False
        try:
            done = os.write(self._descriptor, part)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ENOSPC):
                self._let_go()
            return False
        self._rest = part[done:]
        return not self._rest

    def _let_go(self) -> None:
        """Nobody reads it any more."""
        self._descriptor, self._rest = None, b""

    def session_over(self) -> None:
        """Standard output stays open, with what is left of a line: another session may follow."""


class _File(_Out):
    """A file, for its owner only, that grows; or a named pipe, which may have no reader yet."""

    def __init__(self, path: Path) -> None:
        super().__init__(None)
        self._path = path.expanduser()
        try:
            mode = self._path.stat().st_mode
        except FileNotFoundError:
            mode = stat.S_IFREG
        except (OSError, ValueError) as error:
            raise _refused(self._path, error) from error
        self._pipe = stat.S_ISFIFO(mode)
        if not self._pipe and not stat.S_ISREG(mode):
            raise UsageError(f"{self._path} is no file and no pipe; name one that may be written to.")
        if not self._pipe:
            try:
                self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
                size = os.fstat(self._descriptor).st_size
                if size and not _is_of_lines(_read(self._descriptor, 0, _LOOKED_AT)):
                    self._let_go()
                    raise UsageError(f"{self._path} holds something else; name another file after --events.")
                if size and _read(self._descriptor, size - 1, 1) != b"\n":
                    self._rest = b"\n"  # where a session broke off: the next line is one of its own
            except OSError as error:
                raise _refused(self._path, error) from error

    def look(self) -> None:
        if self._pipe and self._descriptor is None:
            with contextlib.suppress(OSError):  # ENXIO: nobody reads yet
                self._descriptor = os.open(self._path, os.O_WRONLY | os.O_NONBLOCK)

    def _let_go(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
        super()._let_go()

    def session_over(self) -> None:
        self._let_go()


class _Socket:
    """A socket of this computer that programs of its owner connect to; each hears what comes from then on, and first
    how things are."""

    def __init__(self, path: Path) -> None:
        self._path, self._readers, self._now = path.expanduser(), list[socket.socket](), b""
        if not hasattr(socket, "AF_UNIX"):
            raise UsageError("This system has no sockets in files; name a file in place of unix:PATH.")
        self._server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)  # for its owner from its first moment on
        try:
            if self._path.is_socket():
                _nobody_listens(self._path)
                self._path.unlink()  # of a session that was killed
            self._server.bind(str(self._path))
            self._server.listen(MOST_READERS)
        except (OSError, ValueError) as error:
            self._server.close()
            raise _refused(self._path, error) from error
        finally:
            os.umask(before)
        self._server.setblocking(False)

    def look(self) -> None:
        with contextlib.suppress(OSError):
            while len(self._readers) < MOST_READERS:
                reader, _ = self._server.accept()
                reader.setblocking(False)
                self._readers.append(reader)
                self._to(reader, self._now)

    def send(self, line: bytes) -> None:
        self._now = line
        for reader in list(self._readers):
            self._to(reader, line)

    def _to(self, reader: socket.socket, line: bytes) -> None:
        """One that does not read is let go: half a line would be worse than none."""
        try:
            whole = reader.send(line) == len(line)
        except OSError:
            whole = False
        if not whole:
            self._readers.remove(reader)
            reader.close()

    def session_over(self) -> None:
        for one in (*self._readers, self._server):
            one.close()
        self._readers.clear()
        self._path.unlink(missing_ok=True)


@functools.cache
def _standard() -> _Out:
    """One for all sessions of this program."""
    return _Out(own_output())


def _read(descriptor: int, place: int, count: int) -> bytes:
    os.lseek(descriptor, place, os.SEEK_SET)
    return os.read(descriptor, count)


def _is_of_lines(start: bytes) -> bool:
    """Whether a file that begins like this is one of these: its first line is one, or those before the first
    whole one broke off."""
    if start.startswith(b"\n"):
        return False
    for line in start.split(b"\n"):
        with contextlib.suppress(ValueError, RecursionError):
            found = json.loads(line)
            return isinstance(found, dict) and {"version", "at_s"} <= found.keys()
        if not (line.startswith(_BEGINS) or _BEGINS.startswith(line)):
            return False
    return True


def _nobody_listens(path: Path) -> None:
    """Raises UsageError for a socket that some program has open: it is that one's."""
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(ASKED_S)
        try:
            asking.connect(str(path))
        except ConnectionRefusedError:
            return
        except OSError:  # of another kind, another user's, or more programs wait there than it takes
            pass
    raise UsageError(f"{path} is in use by another program, maybe another session; name another place after --events.")


def _out(place: str) -> _Out | _Socket:
    if place == STANDARD:
        return _standard()
    return _Socket(Path(place.removeprefix(UNIX))) if place.startswith(UNIX) else _File(Path(place))


def _refused(path: Path, error: OSError | ValueError) -> UsageError:
    reason = getattr(error, "strerror", None) or str(error)
    return UsageError(f"{path} cannot be written to ({reason}); name another place after --events.")
