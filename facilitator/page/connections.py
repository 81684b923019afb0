"""Who may hold a connection, and for how long, so that nobody can keep the page from those whom it belongs to.

A connection is *known* once a request with the token has come over it. The others have few places, and little time to
say what they want; where there is none left, the one that has held its place longest gives it up, the first from the
address that holds most. So half requests, slow ones and floods only ever push out each other: a browser needs its
place for a few milliseconds.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from facilitator.page.access import Scope

HEAD_S = 2.0
"""So long a request may take until its headers are there."""
MOST_UNKNOWN = 256
MOST_OF_ONE = 32
"""Of the unknown ones, from one address in the network; on this computer itself everyone has the same."""
MOST_KNOWN = 96
ACCEPTED_AT_ONCE = 32
"""In one go of the server's loop, before it reads: a new one is read long before so many more could push it out."""
WAITING = 1024
"""Connections that the system keeps until they are accepted."""


class Places:
    """Of one server, on its thread. `knows`: whether a request may come in. `refusal`: what to answer at once to one
    that begins like this, if anything."""

    def __init__(self, knows: Callable[[Scope], bool], refusal: Callable[[bytes], bytes | None], of_one: int) -> None:
        self.knows, self.refusal = knows, refusal
        self._of_one = of_one
        self._unknown: dict[_Connection, str] = {}  # the oldest first -> its address
        self._known: set[_Connection] = set()

    def protocol(self) -> type[_Connection]:
        """What the server makes for each connection."""
        return type("Connection", (_Connection,), {"places": self})

    def enter(self, new: _Connection, address: str) -> None:
        of: dict[str, int] = {}
        for other in self._unknown.values():
            of[other] = of.get(other, 0) + 1
        if of.get(address, 0) >= self._of_one:
            self._push_out(address)
        elif len(self._unknown) >= MOST_UNKNOWN:
            self._push_out(max(of, key=lambda other: of[other]))
        self._unknown[new] = address

    def _push_out(self, address: str) -> None:
        oldest = next(one for one, of in self._unknown.items() if of == address)
        del self._unknown[oldest]
        oldest.transport.abort()

    def know(self, connection: _Connection) -> None:
        self._unknown.pop(connection, None)
        if len(self._known) >= MOST_KNOWN and connection not in self._known:
            connection.transport.abort()
            return
        self._known.add(connection)

    def leave(self, connection: _Connection) -> None:
        self._unknown.pop(connection, None)
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
