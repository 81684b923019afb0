"""From one computer of a room to the tables in it: each has shared with `start --share=room`, and its address was given
here. What comes is how far it is; what a table hands over is fetched once it has said yes. Nothing is sent.

A thread for each table, which comes back to it by itself.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import json
import re
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from facilitator.core.table_clock import Reached, TableSeen, read_clock
from facilitator.core.text import all_cleaned
from facilitator.errors import UsageError
from facilitator.page.handed_over import FILE
from facilitator.page.networks import is_private
from facilitator.runtime.threads import SupervisedThread

PATIENCE_S = 4.0
"""A table that has said nothing for so long is out of reach; it is heard every second."""
AGAIN_S = 2.0
MOST_BYTES = 65_536
"""Of one message."""
MOST_OF_A_SESSION = 256_000_000
"""Bytes: a day of talk has less."""
MOST_SESSIONS = 20
"""That one table hands over."""
SQLITE = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True)
class TableAddress:
    host: str
    port: int
    path: str
    """With the token, from / to /."""


def parse_address(text: str) -> TableAddress:
    """As `start --share=room` tells it. Raises UsageError, also for a computer outside of one's own network."""
    wrong = f"“{text[:60]}” is no address of a table; copy what facilitator start --share=room shows there."
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise UsageError(wrong) from None
    path = f"/{parts.path.strip('/')}/"
    if parts.scheme != "http" or port is None or not re.fullmatch(r"/[A-Za-z0-9_-]{20,100}/", path):
        raise UsageError(wrong)
    try:
        host = str(ipaddress.IPv4Address(host))
    except ValueError:
        raise UsageError(wrong) from None
    if not is_private(host):
        raise UsageError(f"{host} is not in a network of your own, and I look at tables in no other.")
    return TableAddress(host, port, path)


class _Strange(Exception):
    """Somebody answers, but no table that is shared with a room."""


class TableLink:
    """Follows one table until `close`. `fetched` is called on its thread, with the bytes of a session that the table
    hands over."""

    def __init__(self, where: TableAddress, fetched: Callable[[bytes], None] = lambda _: None) -> None:
        self._where, self._fetched = where, fetched
        self._lock, self._closing = threading.Lock(), threading.Event()
        self._seen = TableSeen()
        self._thread = SupervisedThread(self._follow, name="table")
        self._thread.start()

    @property
    def seen(self) -> TableSeen:
        with self._lock:
            return self._seen

    def stop(self) -> None:
        """Soon; `close` waits until it has."""
        self._closing.set()

    def close(self) -> None:
        """Safe to call twice."""
        self.stop()
        self._thread.join(PATIENCE_S + 1)

    def _now(self, **what: Any) -> None:
        with self._lock:
            self._seen = replace(self._seen, **what)

    # -- on its thread -----------------------------------------------------------------------------

    def _follow(self) -> None:
        while not self._closing.is_set():
            reached: Reached = "lost"
            try:
                self._listen()
            except (InvalidStatus, _Strange):
                reached = "refused"
            except (OSError, ConnectionClosed, InvalidHandshake, ValueError, RecursionError, http.client.HTTPException):
                pass
            if self.seen.reached != "over":
                self._now(reached=reached, help=False)
            self._closing.wait(AGAIN_S)

    def _listen(self) -> None:
        host = f"{self._where.host}:{self._where.port}"
        line = socket.create_connection((self._where.host, self._where.port), PATIENCE_S)  # past any proxy
        with connect(
            f"ws://{host}{self._where.path}live",
            origin=Origin(f"http://{host}"),
            sock=line,
            compression=None,
            open_timeout=PATIENCE_S,
            close_timeout=1,
            max_size=MOST_BYTES,
        ) as live:
            heard_s = time.monotonic()
            while not self._closing.is_set() and time.monotonic() - heard_s < PATIENCE_S:
                with contextlib.suppress(TimeoutError):
                    text = live.recv(timeout=0.2)
                    heard_s = time.monotonic()
                    if self._is_over(all_cleaned(json.loads(text))):
                        return

    def _is_over(self, message: Any) -> bool:
        """Takes what was told, and says whether it was the last of it."""
        if not isinstance(message, dict):
            return False
        body = message.get("body")
        match message.get("topic"):
            case "role" if body != "room":
                raise _Strange
            case "clock" if isinstance(body, dict):
                self._now(clock=read_clock(body))
            case "screen" if body == "setup":
                self._now(clock=None)
            case "help":
                self._now(help=body is True)
            case "offered" if type(body) is int and self.seen.handed < body <= MOST_SESSIONS:
                self._fetch(body)
            case "end" | "stopped":
                self._now(reached="over", help=False)
                return True
        self._now(reached="here")
        return False

    def _fetch(self, number: int) -> None:
        line = http.client.HTTPConnection(self._where.host, self._where.port, timeout=PATIENCE_S)
        with contextlib.closing(line):
            line.request("GET", f"{self._where.path}{FILE}")
            answer = line.getresponse()
            session = answer.read(MOST_OF_A_SESSION + 1)
            if answer.status != http.client.OK or len(session) > MOST_OF_A_SESSION:
                return
            if str(len(session)) != answer.getheader("Content-Length"):
                raise OSError("cut off")  # it is fetched again
            if session.startswith(SQLITE):
                self._fetched(session)
                self._now(handed=number)
