"""A session that a table gives to its room: there to be fetched after a yes at that table, and not before.

It is gone once the room says that it has received it, or the table takes it back. What is only on its way may still be
cut off, and is asked for again.
"""

from __future__ import annotations

import threading

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

ABOUT = "This address is for another computer of the room: paste it into facilitator room\n"


def path_of(number: int) -> str:
    """Below the address of the table. GET fetches it, DELETE says that it was received."""
    return f"session-{number}.db"


class HandedOver:
    """Asked for on the server's thread, given and taken back on another one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._there: bytes | None = None
        self.number = 0
        """So many have been given; the last of them is there to be fetched, if any is."""
        self.fetched = threading.Event()
        """The room has it."""
        self.begun = False
        """The room has begun to fetch it, and may have it, though it has not said so."""
        self.routes = (
            Route("/session-{number:int}.db", self._answer, methods=["GET", "DELETE"]),
            Route("/", _about),
        )

    def give(self, session: bytes) -> None:
        with self._lock:
            self.fetched.clear()
            self.begun = False
            self._there, self.number = session, self.number + 1

    def take_back(self) -> None:
        """Nobody can fetch it any more."""
        with self._lock:
            self._there = None

    async def _answer(self, request: Request) -> Response:
        with self._lock:
            session = self._there if request.path_params["number"] == self.number else None
            if session is None:
                return PlainTextResponse("Nothing has been handed over.\n", 404)
            if request.method == "DELETE":
                self._there = None
                self.fetched.set()
                return Response(status_code=204)
            self.begun = True
        return Response(session, media_type="application/vnd.sqlite3")


async def _about(_: Request) -> Response:
    return PlainTextResponse(ABOUT)
