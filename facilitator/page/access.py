"""Who may come in: the browser that was handed this run's token. Everyone else gets 403.

Three things are looked at in every request. *Host*: a page elsewhere whose name was made to point at this computer
(DNS rebinding) asks for its own name. *Origin* and *Sec-Fetch-Site*: other pages in the same browser say where they
come from, and cannot help it. *Token*: the first part of every path, 256 bits, new in each run; without it
there is nothing, not even the style sheet. There are no cookies: those are shared by all programs on 127.0.0.1.
Each door has a token of its own: the one for other devices opens nothing on this computer's own.
"""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from http import HTTPStatus
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

TICKET_S = 120.0
OWN_SITE = ("", "none", "same-origin")
"""What a browser says of a request that a person or this page itself made; the first: it says nothing."""


class AccessControl:
    """An ASGI application in front of another one, which it reaches by paths without the token.

    A *ticket* is a path that leads to the page once, soon (see `handover.py`)."""

    def __init__(self, app: App, *, hosts: Sequence[str]) -> None:
        """`hosts`: the names, with their port, under which it may be asked for."""
        self._app = app
        self.token = secrets.token_urlsafe(32)
        self._hosts = tuple(hosts)
        self._headers = _headers(self._hosts)
        self._refused = _as_bytes(403, [*self._headers, *_REFUSAL_HEADERS], _REFUSAL)
        self._tickets: dict[str, tuple[float, Callable[[], None]]] = {}  # ticket -> until when, what then happens
        self._lock = threading.Lock()

    def ticket(self, used: Callable[[], None] = lambda: None) -> str:
        """The path of a new one. `used` is called once it has been."""
        ticket = secrets.token_urlsafe(32)
        with self._lock:
            self._tickets[ticket] = time.monotonic() + TICKET_S, used
        return f"/open/{ticket}"

    def knows(self, scope: Scope) -> bool:
        """Whether this request comes from a page of this door, and has its token."""
        first = str(scope["path"]).removeprefix("/").partition("/")[0]
        return hmac.compare_digest(first.encode(), self.token.encode()) and self._from_here(scope)

    def refusal(self, head: bytes) -> bytes | None:
        """The answer to a request that begins like this, where it cannot be let in whatever comes after: it costs next
        to nothing. None: it may have the token or a ticket, or is not read yet."""
        line, _, _ = head.partition(b"\n")
        words = line.split()
        if len(line) == len(head) or len(words) != 3:
            return None
        first = words[1].removeprefix(b"/").partition(b"/")[0].partition(b"?")[0]
        if first == b"open" or hmac.compare_digest(first, self.token.encode()):
            return None
        return self._refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return
        first, _, rest = str(scope["path"]).removeprefix("/").partition("/")
        if scope["type"] == "http" and first == "open" and self._from_here(scope, from_file=True) and self._used(rest):
            await self._lead_on(scope, send)
        elif not self._from_here(scope) or not hmac.compare_digest(first.encode(), self.token.encode()):
            await _refuse(scope, send, self._headers)
        else:
            inner = {**scope, "path": f"/{rest}", "raw_path": None}
            await self._app(inner, receive, self._sealed(send))

    async def _lead_on(self, scope: Scope, send: Send) -> None:
        """To the page. A browser that comes from the file with the ticket says that it comes from elsewhere, and would
        say so again after a redirection; coming from a page of ours it does not."""
        if self._from_here(scope):
            await _answer(send, 303, [*self._headers, (b"location", f"/{self.token}/".encode())])
            return
        text = f'<!doctype html><title>facilitator</title><meta http-equiv="refresh" content="0; url=/{self.token}/">\n'
        await _answer(send, 200, [*self._headers, (b"content-type", b"text/html; charset=utf-8")], text.encode())

    def _from_here(self, scope: Scope, *, from_file: bool = False) -> bool:
        """`from_file`: also what a file on this computer leads to, as long as it is not another page in a frame."""
        headers: dict[str, list[str]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
        hosts, origins = headers.get("host", []), headers.get("origin", [])
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            return False
        if scope["type"] == "websocket" and not origins:
            return False
        if any(origin != f"http://{hosts[0].lower()}" for origin in origins):
            return False
        if (
            from_file
            and headers.get("sec-fetch-mode") == ["navigate"]
            and headers.get("sec-fetch-dest") == ["document"]
        ):
            return True
        return all(site in OWN_SITE for site in headers.get("sec-fetch-site", [""]))

    def _used(self, ticket: str) -> bool:
        """Whether this is a ticket; from now on it is none."""
        with self._lock:
            until_s, used = self._tickets.pop(ticket, (0.0, lambda: None))
        if time.monotonic() >= until_s:
            return False
        used()
        return True

    def _sealed(self, send: Send) -> Send:
        """Every answer says that nobody may keep it, frame it, or add to it."""

        async def seal(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", []), *self._headers]}
            await send(message)

        return seal


def _headers(hosts: Sequence[str]) -> list[tuple[bytes, bytes]]:
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        f"connect-src 'self' {' '.join(f'ws://{host}' for host in hosts)}; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )
    named = {
        "content-security-policy": policy,
        "cache-control": "no-store",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
    }
    if not any(host.startswith("localhost:") for host in hosts):  # browsers trust no other plain HTTP with it
        del named["cross-origin-opener-policy"]
    return [(name.encode(), value.encode()) for name, value in named.items()]


_REFUSAL = b"This page belongs to a discussion. Open it with the address that the program tells: it is new each time.\n"
_REFUSAL_HEADERS = [(b"connection", b"close"), (b"content-type", b"text/plain; charset=utf-8")]


def _as_bytes(status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> bytes:
    rows = [*headers, (b"content-length", str(len(body)).encode())]
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode(), *(b": ".join(row) for row in rows), b"", body]
    return b"\r\n".join(lines)


async def _refuse(scope: Scope, send: Send, headers: list[tuple[bytes, bytes]]) -> None:
    if scope["type"] == "websocket":  # closed before it was accepted: the server makes a 403 of it
        await send({"type": "websocket.close", "code": 1008})
        return
    await _answer(send, 403, [*headers, *_REFUSAL_HEADERS], _REFUSAL)


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes = b"") -> None:
    headers = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
