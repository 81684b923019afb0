"""Who may hold a connection, and for how long, so that nobody can keep the page from those whom it belongs to.

A connection is *known* once a request with the token has come over it. The others have few places, and little time to
say what they want; where there is none left, the one that has held its place longest gives it up, the first from the
address that holds most. So half requests, slow ones and floods only ever push out each other: a browser needs its
place for a few milliseconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from facilitator.page.access import Scope

HEAD_S = 2.0
"""So long a request may take until its headers are there."""
OF_ONE = 8
"""A part like this of the unknown ones from one address in the network; on this computer itself everyone has the
same."""
FILES = 1024
"""That may be open at once, in which connections are counted: so many are asked for, where the system gives fewer (256
on macOS)."""
WAITING = 4096
"""Connections that the system keeps until they are accepted, as far as it lets a program ask for so many."""
REFUSED_AT_ONCE, HEAD = 256, 65_536
"""Connections in a row that may be refused before the server looks after others; bytes that are read of each."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be open at once at one door. There may be two, and the rest of the program needs files, too."""

    unknown: int
    known: int
    accepted: int
    """In one go of the server's loop, before it reads: a new one is read long before so many more could push it out."""

    @classmethod
    def within(cls, files: int) -> Limits:
        unknown = max(16, min(256, files // 4))
        return cls(unknown=unknown, known=max(16, min(96, files // 8)), accepted=unknown // 8)


def files_allowed() -> int:
    """How many files this program may have open, once it has asked for more."""
    if sys.platform == "win32":  # no such limit
        return FILES
    import resource  # noqa: PLC0415 - not on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= FILES:
        return FILES
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return soft


class ListeningSocket(socket.socket):
    """Refuses who has said enough to be refused, or has hung up, before the server makes a connection of it: that is a
    fraction of the work, so that a flood does not fill up what the system keeps. (Where servers do not ask for
    connections one by one, as on Windows, they refuse them all themselves.)"""

    refusal: Callable[[bytes], bytes | None] = staticmethod(lambda _: None)

    def accept(self) -> tuple[socket.socket, Any]:
        for _ in range(REFUSED_AT_ONCE):
            new, address = super().accept()
            new.setblocking(False)
            try:
                said = new.recv(HEAD, socket.MSG_PEEK)
                answer = self.refusal(said) if said else b""
                if answer is None:
                    return new, address
                new.recv(HEAD)  # what is left unread would cut the answer off
                new.send(answer)
                new.shutdown(socket.SHUT_WR)
            except BlockingIOError:
                return new, address
            except OSError:
                pass
            new.close()
        raise BlockingIOError


class Places:
    """Of one server, on its thread. `knows`: whether a request may come in. `refusal`: what to answer at once to one
    that begins like this, if anything. `shared`: with other computers, each of which has an address of its own."""

    def __init__(
        self, knows: Callable[[Scope], bool], refusal: Callable[[bytes], bytes | None], limits: Limits, *, shared: bool
    ) -> None:
        self.knows, self.refusal = knows, refusal
        self._limits = limits
        self._of_one = limits.unknown // OF_ONE if shared else limits.unknown
        self._unknown: dict[_Connection, str] = {}  # the oldest first -> its address
        self._of: Counter[str] = Counter()  # how many of them each address holds
        self._known: set[_Connection] = set()

    def protocol(self) -> type[_Connection]:
        """What the server makes for each connection."""
        return type("Connection", (_Connection,), {"places": self})

    def enter(self, new: _Connection, address: str) -> None:
        if self._of[address] >= self._of_one:
            self._push_out(address)
        elif len(self._unknown) >= self._limits.unknown:
            self._push_out(max(self._of, key=lambda other: self._of[other]))
        self._unknown[new] = address
        self._of[address] += 1

    def _push_out(self, address: str) -> None:
        oldest = next(one for one, of in self._unknown.items() if of == address)
        self._no_longer_unknown(oldest)
        oldest.transport.abort()

    def _no_longer_unknown(self, connection: _Connection) -> None:
        address = self._unknown.pop(connection, None)
        if address is not None:
            self._of[address] -= 1
            self._of += Counter()  # forgets who holds none

    def know(self, connection: _Connection) -> None:
        self._no_longer_unknown(connection)
        if len(self._known) >= self._limits.known and connection not in self._known:
            connection.transport.abort()
            return
        self._known.add(connection)

    def leave(self, connection: _Connection) -> None:
        self._no_longer_unknown(connection)
        self._known.discard(connection)


class _Connection(H11Protocol):
    places: Places

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._first, self._upgraded = True, False
        self._late: asyncio.TimerHandle | None = self.loop.call_later(HEAD_S, transport.abort)
        self.places.enter(self, self.client[0] if self.client else "")

    def data_received(self, data: bytes) -> None:
        if self._first:
            self._first = False
            refusal = self.places.refusal(data)
            if refusal is not None:
                self.transport.write(refusal)
                self.transport.close()
                return
        super().data_received(data)

    def handle_events(self) -> None:
        before = self.scope
        super().handle_events()
        if self.scope is not before and self.scope is not None:
            self._asked()

    def _asked(self) -> None:
        """The headers of a request are there."""
        self._in_time()
        if not self._upgraded and self.places.knows(dict(self.scope)):
            self.places.know(self)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self._in_time()
        self._upgraded = True
        self.places.leave(self)  # pages have places of their own
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        self._in_time()
        self.places.leave(self)
        super().connection_lost(exc)

    def _in_time(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


def keep_to_the_log() -> None:
    """What the server and its libraries have to say of bad requests goes where a log is kept, and never to the screen
    of the host: Python prints it there where nobody takes it."""
    for name in ("uvicorn", "uvicorn.error", "uvicorn.asgi", "websockets", "asyncio"):
        logger = logging.getLogger(name)
        if not any(isinstance(handler, logging.NullHandler) for handler in logger.handlers):
            logger.addHandler(logging.NullHandler())
