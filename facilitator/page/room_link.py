"""From one computer of a room to the tables in it: each has shared with `start --share=room`, and its address was given
here. What comes is how far it is; what a table hands over is fetched once it has said yes. Nothing is sent.

A thread for each table, which comes back to it by itself.
"""

from __future__ import annotations

import contextlib
import http.client
import io
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
from facilitator.page.handed_over import path_of
from facilitator.page.networks import is_private
from facilitator.runtime.threads import SupervisedThread

PATIENCE_S = 4.0
"""A table that has said nothing for so long is out of reach; it is heard every second."""
AGAIN_S = 2.0
FETCH_S = 300.0
"""Within this a session is here, however slowly it comes; else it is asked for anew."""
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
    wrong = f"“{text[:60]}” is no address of a table; copy what a table shows that began with --share=room."
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
    hands over; where it raises OSError the table keeps it, and it is asked for again."""

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
                    if self._is_over(all_cleaned(json.loads(text))):
                        return
                    heard_s = time.monotonic()

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
            case "offered" if type(body) is int and self.seen.handed <= body <= MOST_SESSIONS:
                self._take(body)
            case "end" | "stopped":
                self._now(reached="over", help=False)
                return True
        self._now(reached="here")
        return False

    def _take(self, number: int) -> None:
        """What is offered, if it is not here yet; and says that it is here, until that has been heard."""
        if self.seen.handed < number:
            session = self._ask("GET", number)
            if session is None or not session.startswith(SQLITE):
                return
            self._fetched(session)
            self._now(handed=number)
        if number:
            self._ask("DELETE", number)

    def _ask(self, method: str, number: int) -> bytes | None:
        """None: it is not there (any more). Raises OSError where the answer is not whole in time."""
        where = self._where
        with socket.create_connection((where.host, where.port), PATIENCE_S) as line:  # past any proxy
            head = f"{method} {where.path}{path_of(number)} HTTP/1.1\r\nHost: {where.host}:{where.port}\r\n"
            line.sendall(f"{head}Connection: close\r\n\r\n".encode())
            answer = http.client.HTTPResponse(_Until(line, self._closing), method=method)  # type: ignore[arg-type]
            answer.begin()
            body = answer.read(MOST_OF_A_SESSION + 1)
            if answer.status != http.client.OK or len(body) > MOST_OF_A_SESSION:
                return None
            if str(len(body)) != answer.getheader("Content-Length"):
                raise OSError("cut off")
            return body


class _Until(io.RawIOBase):
    """What a connection says, for so long at most and not once it is closing, however little comes at a time."""

    def __init__(self, line: socket.socket, closing: threading.Event) -> None:
        self._line, self._closing, self._until_s = line, closing, time.monotonic() + FETCH_S

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        left_s = self._until_s - time.monotonic()
        if left_s <= 0 or self._closing.is_set():
            raise OSError("not in time")
        self._line.settimeout(min(left_s, PATIENCE_S))
        return self._line.recv_into(into)
