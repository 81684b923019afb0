"""A session that a table gives to its room: there to be fetched after a yes at that table, and not before."""

from __future__ import annotations

import threading

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

FILE, ABOUT = "session.db", "This address is for another computer of the room: paste it into facilitator room\n"


class HandedOver:
    """Asked for on the server's thread, given on another one."""

    def __init__(self) -> None:
        self._session: bytes | None = None
        self.number = 0
        """So many have been given."""
        self.fetched = threading.Event()
        self.routes = (Route(f"/{FILE}", self._answer), Route("/", _about))

    def give(self, session: bytes) -> None:
        self.fetched.clear()
        self._session, self.number = session, self.number + 1

    async def _answer(self, _: Request) -> Response:
        session = self._session
        if session is None:
            return PlainTextResponse("Nothing has been handed over.\n", 404)
        whole = BackgroundTask(self.fetched.set)  # once it is on its way
        return Response(session, media_type="application/vnd.sqlite3", background=whole)


async def _about(_: Request) -> Response:
    return PlainTextResponse(ABOUT)
