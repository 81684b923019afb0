"""A mediator's own notes, for the page that was shared with them: it alone has these routes, behind its own token.

The page on this computer, which the whole table sees, has none of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from facilitator.page.review_api import Routes, answered, not_understood, sent


class NotesService(Protocol):
    """What keeps them. Called from several threads; raises FacilitatorError with a sentence."""

    def notes(self) -> Mapping[str, Any]: ...

    def note(self, text: str) -> Mapping[str, Any]: ...

    def remove(self, number: int) -> Mapping[str, Any]: ...


def private_routes(desk: NotesService) -> Routes:
    def notes(_: Request) -> Response:
        return answered(desk.notes)

    async def change(request: Request) -> Response:
        wish = await sent(request) or {}
        text, number = wish.get("text"), wish.get("remove")
        if isinstance(text, str):
            return await run_in_threadpool(answered, lambda: desk.note(text))
        if isinstance(number, int) and not isinstance(number, bool):
            return await run_in_threadpool(answered, lambda: desk.remove(number))
        return not_understood()

    return [Route("/private", notes), Route("/private", change, methods=["POST"])]
