"""What the page of a review may ask for, beside its files: stored sessions to read, to save, and to put right.

Reading is done with GET and changes nothing. Everything comes after the door (`access.py`), so nobody without the
token, and no page from elsewhere, gets here; and what changes something has to be JSON, which no form elsewhere can
send.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from facilitator.core.text import all_cleaned
from facilitator.errors import FacilitatorError

MOST_BYTES = 16_384
"""A correction is short."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A session as a file."""

    name: str
    """Of plain letters."""
    kind: str
    """Its media type."""
    text: str


class ReviewService(Protocol):
    """What knows the stored sessions. Called from several threads; raises FacilitatorError with a sentence."""

    def sessions(self) -> Mapping[str, Any]:
        """All of them, the latest first."""
        ...

    def review(self, session: int) -> Mapping[str, Any]:
        """`html` is one, with every text in it escaped."""
        ...

    def get_ready(self, session: int) -> None:
        """Called once a review is shown: somebody may soon put something right in it."""
        ...

    def trends(self) -> Mapping[str, Any]: ...

    def saved(self, session: int, form: str) -> Saved: ...

    def correct(self, session: int, wish: Mapping[str, Any]) -> Mapping[str, Any]: ...

    def undo(self, session: int, number: int) -> Mapping[str, Any]: ...

    def joint(self, session: int, person: str, wish: Mapping[str, Any]) -> Mapping[str, Any]:
        """The joint report as this person sees it, after what they wish of it; without a person, who has a say."""
        ...

    def rules(self, wish: Mapping[str, Any]) -> Mapping[str, Any]:
        """What was agreed on, after this was changed."""
        ...


NOT_UNDERSTOOD = "That cannot be understood; open the page anew."
Routes = Sequence[BaseRoute]


def routes(desk: ReviewService) -> Routes:
    def sessions(_: Request) -> Response:
        return answered(desk.sessions)

    def review(request: Request) -> Response:
        session = request.path_params["session"]
        answer = answered(lambda: desk.review(session))
        answer.background = BackgroundTask(desk.get_ready, session)
        return answer

    def trends(_: Request) -> Response:
        return answered(desk.trends)

    def save(request: Request) -> Response:
        try:
            saved = desk.saved(request.path_params["session"], request.path_params["form"])
        except FacilitatorError as error:
            return Response(error.message, 404, media_type="text/plain")
        headers = {"content-disposition": f'attachment; filename="{saved.name}"'}
        return Response(saved.text, headers=headers, media_type=saved.kind)

    async def correct(request: Request) -> Response:
        wish = await sent(request)
        if wish is None:
            return not_understood()
        return await run_in_threadpool(answered, lambda: desk.correct(request.path_params["session"], wish))

    async def joint(request: Request) -> Response:
        wish = await sent(request)
        person = "" if wish is None else wish.get("person", "")
        if wish is None or not isinstance(person, str):
            return not_understood()
        return await run_in_threadpool(answered, lambda: desk.joint(request.path_params["session"], person, wish))

    async def rules(request: Request) -> Response:
        wish = await sent(request)
        if wish is None:
            return not_understood()
        return await run_in_threadpool(answered, lambda: desk.rules(wish))

    async def undo(request: Request) -> Response:
        wish = await sent(request)
        number = None if wish is None else wish.get("number")
        if not isinstance(number, int) or isinstance(number, bool):
            return not_understood()
        return await run_in_threadpool(answered, lambda: desk.undo(request.path_params["session"], number))

    return [
        Route("/sessions", sessions),
        Route("/review/{session:int}", review),
        Route("/trends", trends),
        Route("/save/{session:int}.{form}", save),
        Route("/correct/{session:int}", correct, methods=["POST"]),
        Route("/joint/{session:int}", joint, methods=["POST"]),
        Route("/rules", rules, methods=["POST"]),
        Route("/undo/{session:int}", undo, methods=["POST"]),
    ]


def answered(ask: Callable[[], Mapping[str, Any]]) -> Response:
    try:
        return JSONResponse(ask())
    except FacilitatorError as error:
        return refused(error.message, 409)


def refused(sentence: str, status: int) -> Response:
    return JSONResponse({"sentence": sentence}, status)


def not_understood() -> Response:
    return refused(NOT_UNDERSTOOD, 400)


async def sent(request: Request) -> dict[str, Any] | None:
    """The JSON object of a request. None: it is none, or too long."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        return None
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            return None
    try:
        wish = all_cleaned(json.loads(body))
    except (ValueError, RecursionError):
        return None
    return wish if isinstance(wish, dict) else None
