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

    A *ticket* is a path that leads to the page once, soon: the command that opens the browser can be seen by other
    people on this computer, and what it names is worth nothing once the page is there."""

    def __init__(self, app: App, *, hosts: Sequence[str]) -> None:
        """`hosts`: the names, with their port, under which it may be asked for."""
        self._app = app
        self.token = secrets.token_urlsafe(32)
        self._hosts = tuple(hosts)
        self._headers = _headers(self._hosts)
        self._tickets: dict[str, float] = {}  # ticket -> until when
        self._lock = threading.Lock()

    def ticket(self) -> str:
        """The path of a new one."""
        ticket = secrets.token_urlsafe(16)
        with self._lock:
            self._tickets[ticket] = time.monotonic() + TICKET_S
        return f"/open/{ticket}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return
        first, _, rest = str(scope["path"]).removeprefix("/").partition("/")
        if not self._from_here(scope):
            await _refuse(scope, send, self._headers)
        elif scope["type"] == "http" and first == "open" and self._used(rest):
            await _answer(send, 303, [*self._headers, (b"location", f"/{self.token}/".encode())])
        elif not hmac.compare_digest(first.encode(), self.token.encode()):
            await _refuse(scope, send, self._headers)
        else:
            inner = {**scope, "path": f"/{rest}", "raw_path": None}
            await self._app(inner, receive, self._sealed(send))

    def _from_here(self, scope: Scope) -> bool:
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
        return all(site in OWN_SITE for site in headers.get("sec-fetch-site", [""]))

    def _used(self, ticket: str) -> bool:
        """Whether this is a ticket; from now on it is none."""
        with self._lock:
            until_s = self._tickets.pop(ticket, None)
        return until_s is not None and time.monotonic() < until_s

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


async def _refuse(scope: Scope, send: Send, headers: list[tuple[bytes, bytes]]) -> None:
    if scope["type"] == "websocket":  # closed before it was accepted: the server makes a 403 of it
        await send({"type": "websocket.close", "code": 1008})
        return
    text = b"This page belongs to a discussion. Open it with the address that the program tells: it is new each time.\n"
    await _answer(send, 403, [*headers, (b"content-type", b"text/plain; charset=utf-8")], text)


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes = b"") -> None:
    headers = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
