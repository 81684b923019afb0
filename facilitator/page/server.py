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
import time
from collections.abc import Callable, Iterable, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect

from facilitator.core.text import all_cleaned
from facilitator.errors import PageError
from facilitator.page.access import AccessControl
from facilitator.page.broker import Broker, ClientMessage, Page
from facilitator.page.connections import WAITING, Limits, ListeningSocket, Places, files_allowed, keep_to_the_log
from facilitator.page.handover import folder_for, hand_over
from facilitator.page.permissions import Role, may, sees
from facilitator.runtime.threads import SupervisedThread

ADDRESS = "127.0.0.1"
BEAT_S = 1.0
"""So often a page hears something; when it does not, it says that the connection is lost."""
MOST_KEY = 64
"""Letters."""
MOST_BYTES = 16_384
"""An order is short."""
START_S = 10.0
FAREWELL_S = 1.0
GONE = "The page was gone for a moment, by a fault; it comes back by itself, else load it anew. The discussion goes on."
PING_S = 5.0
"""A device that walked away is missed after twice as long."""


class _Server(uvicorn.Server):
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """`backlog` is for asyncio the number that it accepts at once; for the system it would be too few, also of a
        server that took over after a fault."""
        await super().startup(sockets)
        for one in sockets or ():
            one.listen(WAITING)


class PageServer:
    """Serves from `open` to `close`. `url` holds the token: show it only to those who may see the page."""

    def __init__(self, broker: Broker, door: AccessControl, config: uvicorn.Config, listening: socket.socket) -> None:
        self.broker = broker
        self._door, self._config, self._socket = door, config, listening
        self._server = _Server(config)
        self._base = "http://{}:{}".format(*listening.getsockname())
        self._thread = SupervisedThread(self._serve, name="page", failed=self._fail)
        self._closing = False
        self._failed: Exception | None = None
        self._handed: list[Path] = []

    @classmethod
    def open(
        cls,
        port: int = 0,
        *,
        broker: Broker | None = None,
        address: str = ADDRESS,
        role: Role = "host",
        routes: Sequence[BaseRoute] = (),
    ) -> PageServer:
        """Raises PageError. `port` 0: any that is free. `role`: of all pages that come in here. `routes`: what can be
        asked for beside the files."""
        broker = Broker() if broker is None else broker
        listening = ListeningSocket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            listening.bind((address, port))
        except OSError as error:
            listening.close()
            raise PageError(f"The page cannot be shown, as {address}:{port} is not free ({error.strerror}).") from error
        folder = resources.files("facilitator.page") / "static"
        page = [Mount("/", StaticFiles(directory=Path(str(folder)), html=True))]
        app = Starlette(
            routes=[WebSocketRoute("/live", _live(broker, role)), *routes, *(page if role != "room" else ())],
        )
        names = (address, "localhost") if address == ADDRESS else (address,)
        door = AccessControl(app, hosts=[f"{name}:{listening.getsockname()[1]}" for name in names])
        listening.refusal = door.refusal
        limits = Limits.within(files_allowed())
        places = Places(door.knows, door.refusal, limits, shared=address != ADDRESS)
        keep_to_the_log()
        config = uvicorn.Config(
            door,
            http=places.protocol(),
            backlog=limits.accepted,
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
        server = cls(broker, door, config, listening)
        server._start()
        return server

    @property
    def url(self) -> str:
        return f"{self._base}/{self._door.token}/"

    def ticket_url(self, used: Callable[[], None] = lambda: None) -> str:
        """Leads to the page once, soon."""
        return self._base + self._door.ticket(used)

    def hand_over(self, folder: Path) -> str:
        """The address of a file, for its owner only, that leads a browser to the page, once and soon; put into
        `folder`. Raises PageError."""
        made: list[Path] = []
        try:
            made.append(hand_over(self.ticket_url(lambda: _unlink(made)), folder_for(folder)))
        except OSError as error:
            raise PageError(f"The browser cannot be sent to the page ({error.strerror}); open the address.") from error
        self._handed += made
        return made[0].as_uri()

    def _start(self) -> None:
        self._thread.start()
        until_s = time.monotonic() + START_S
        while not self._server.started:
            if self._failed is not None or not self._thread.is_alive() or time.monotonic() > until_s:
                self.cut()
                raise PageError(f"The page's server did not start ({self._failed or 'no reason given'}).")
            time.sleep(0.01)

    def _serve(self) -> None:
        """Until it is cut; where it ends by a fault, the next one takes over the socket, and pages come back to it."""
        if self._failed is not None:
            self._server = _Server(self._config)
        self._server.should_exit = self._closing
        try:
            self._server.run(sockets=[self._socket])
        except SystemExit as error:
            raise RuntimeError("the server did not start") from error

    def _fail(self, error: Exception) -> None:
        self._failed = error

    def trouble(self) -> str | None:
        """A sentence for people, where it was gone."""
        return None if self._failed is None else GONE

    def close(self, said: str = "") -> None:
        """Tells the pages that the program ends, and ends. Safe to call twice."""
        if self._thread.is_alive():
            self.broker.tell("end", {"said": said})
            until_s = time.monotonic() + FAREWELL_S
            while self.broker.pages and time.monotonic() < until_s:  # a page that was told closes the connection
                time.sleep(0.02)
        self.cut()

    def cut(self) -> None:
        """Closes the socket and every connection, whatever the pages do. Safe to call twice."""
        self._closing = self._server.should_exit = True
        self._thread.join(5)
        self._socket.close()
        _unlink(self._handed)


def _unlink(paths: Iterable[Path]) -> None:
    for path in paths:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def _live(broker: Broker, role: Role) -> Any:
    async def live(websocket: WebSocket) -> None:
        page = broker.join(role, sees(role))
        if page is None:
            await websocket.accept()
            await websocket.send_text('{"topic":"full","body":null}')
            await websocket.close(1013)
            return
        try:
            await websocket.accept()
            await _until_first(_tell(websocket, page), _listen(websocket, broker, page, role))
        finally:
            broker.leave(page)

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
        page.was_told()


async def _listen(websocket: WebSocket, broker: Broker, page: Page, role: Role) -> None:
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return
        text = message.get("text")
        if text is None:  # a page of ours sends no bytes
            await websocket.close(1003)
            return
        order = _order(text)
        if role == "me" and order is not None:
            if order["do"] == "i-am":
                broker.be(page, str(order.get("person", "")), str(order.get("key", ""))[:MOST_KEY])
                continue
            order = None if page.person is None else {"do": order["do"], "me": page.person}
        if order is not None and not may(role, order, broker):
            page.offer("refused", '{"topic":"refused","body":null}')
        elif order is None or not broker.order(page, order):
            page.offer("busy", '{"topic":"busy","body":null}')


def _order(text: str) -> ClientMessage | None:
    """None: it is none."""
    try:
        order = json.loads(text)
    except (ValueError, RecursionError):
        return None
    try:
        return all_cleaned(order) if isinstance(order, dict) and isinstance(order.get("do"), str) else None
    except RecursionError:
        return None
