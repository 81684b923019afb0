"""The page's server: uvicorn in a thread of its own, on this computer only; with `start --share` a second one, on the
computer's address in its own network.

One WebSocket carries everything that changes, in both directions; the rest are a few files. Nothing that the
page does needs any other address.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
import time
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect
from uvicorn.protocols.http.h11_impl import H11Protocol

from facilitator.errors import PageError
from facilitator.page.access import AccessControl
from facilitator.page.broker import Broker, ClientMessage, Page
from facilitator.page.permissions import Role, may, sees

ADDRESS = "127.0.0.1"
BEAT_S = 1.0
"""So often a page hears something; when it does not, it says that the connection is lost."""
MOST_BYTES = 16_384
"""An order is short."""
START_S = 10.0
FAREWELL_S = 1.0
PING_S = 5.0
"""A device that walked away is missed after twice as long."""
MOST_CONNECTIONS = 96
"""At once, with and without the token; one more is cut, so that nobody can use up the program's files."""


class _Connection(H11Protocol):
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            transport.abort()


class PageServer:
    """Serves from `open` to `close`. `url` holds the token: show it only to those who may see the page."""

    def __init__(self, hub: Broker, door: AccessControl, server: uvicorn.Server, listening: socket.socket) -> None:
        self.hub = hub
        self._door, self._server, self._socket = door, server, listening
        self._base = "http://{}:{}".format(*listening.getsockname())
        self._thread = threading.Thread(target=self._serve, name="page", daemon=True)
        self._failed: BaseException | None = None

    @classmethod
    def open(
        cls,
        port: int = 0,
        *,
        hub: Broker | None = None,
        address: str = ADDRESS,
        role: Role = "host",
        routes: Sequence[BaseRoute] = (),
    ) -> PageServer:
        """Raises PageError. `port` 0: any that is free. `role`: of all pages that come in here. `routes`: what can be
        asked for beside the files."""
        hub = Broker() if hub is None else hub
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            listening.bind((address, port))
        except OSError as error:
            listening.close()
            raise PageError(f"The page cannot be shown, as {address}:{port} is not free ({error.strerror}).") from error
        folder = resources.files("facilitator.page") / "static"
        app = Starlette(
            routes=[
                WebSocketRoute("/live", _live(hub, role)),
                *routes,
                Mount("/", StaticFiles(directory=Path(str(folder)), html=True)),
            ]
        )
        names = (address, "localhost") if address == ADDRESS else (address,)
        door = AccessControl(app, hosts=[f"{name}:{listening.getsockname()[1]}" for name in names])
        config = uvicorn.Config(
            door,
            http=_Connection,
            ws="websockets-sansio",
            ws_max_size=MOST_BYTES,
            ws_ping_interval=PING_S,
            ws_ping_timeout=PING_S,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        )
        server = cls(hub, door, uvicorn.Server(config), listening)
        server._start()
        return server

    @property
    def url(self) -> str:
        return f"{self._base}/{self._door.token}/"

    def ticket_url(self) -> str:
        """Leads to the page once."""
        return self._base + self._door.ticket()

    def _start(self) -> None:
        self._thread.start()
        until_s = time.monotonic() + START_S
        while not self._server.started:
            if self._failed is not None or not self._thread.is_alive() or time.monotonic() > until_s:
                self._server.should_exit = True
                raise PageError(f"The page's server did not start ({self._failed or 'no reason given'}).")
            time.sleep(0.01)

    def _serve(self) -> None:
        try:
            self._server.run(sockets=[self._socket])
        except (Exception, SystemExit) as error:
            self._failed = error

    def close(self, said: str = "") -> None:
        """Tells the pages that the program ends, and ends. Safe to call twice."""
        if self._thread.is_alive():
            self.hub.tell("end", {"said": said})
            until_s = time.monotonic() + FAREWELL_S
            while self.hub.pages and time.monotonic() < until_s:  # a page that was told closes the connection
                time.sleep(0.02)
        self.cut()

    def cut(self) -> None:
        """Closes the socket and every connection, whatever the pages do. Safe to call twice."""
        self._server.should_exit = True
        self._thread.join(timeout=5)
        self._socket.close()


def _live(hub: Broker, role: Role) -> Any:
    async def live(websocket: WebSocket) -> None:
        page = hub.join(role, sees(role))
        if page is None:
            await websocket.accept()
            await websocket.send_text('{"topic":"full","body":null}')
            await websocket.close(1013)
            return
        try:
            await websocket.accept()
            await _until_first(_tell(websocket, page), _listen(websocket, hub, page, role))
        finally:
            hub.leave(page)

    return live


async def _until_first(*both: Any) -> None:
    """Runs both until one is over."""
    tasks = [asyncio.ensure_future(one) for one in both]
    done, others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in others:
        task.cancel()
    for task in (*done, *others):
        with contextlib.suppress(WebSocketDisconnect, asyncio.CancelledError, RuntimeError, OSError):
            await task


async def _tell(websocket: WebSocket, page: Page) -> None:
    while True:
        texts = await page.next(BEAT_S)
        for text in texts or ['{"topic":"beat","body":null}']:
            await websocket.send_text(text)


async def _listen(websocket: WebSocket, hub: Broker, page: Page, role: Role) -> None:
    while True:
        order = _order(await websocket.receive_text())
        if order is not None and not may(role, order, hub):
            page.offer("refused", '{"topic":"refused","body":null}')
        elif order is None or not hub.order(page, order):
            page.offer("busy", '{"topic":"busy","body":null}')


def _order(text: str) -> ClientMessage | None:
    """None: it is none."""
    try:
        order = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return order if isinstance(order, dict) and isinstance(order.get("do"), str) else None
