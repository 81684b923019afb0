"""A broker of MQTT 3.1.1 as far as one who tells needs one: a real socket, with what came in for tests to look at."""

from __future__ import annotations

import contextlib
import socket
import threading
from dataclasses import dataclass, field

CONNECT, CONNACK, PUBLISH, PINGREQ, PINGRESP, DISCONNECT = 1, 2, 3, 12, 13, 14
NOT_AUTHORIZED = 5


@dataclass
class Peer:
    """Listens on this computer. `login`: what it asks for; empty: nothing."""

    login: bytes = b""
    told: list[tuple[str, str, bool]] = field(default_factory=list)
    """Topic, text, and whether it was to be kept."""
    ended: threading.Event = field(default_factory=threading.Event)
    """Somebody said goodbye."""

    def __post_init__(self) -> None:
        self._more = threading.Condition()
        self._open: list[socket.socket] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def wait(self, number: int, timeout_s: float = 10.0) -> list[tuple[str, str, bool]]:
        with self._more:
            assert self._more.wait_for(lambda: len(self.told) >= number, timeout_s), self.told
            return list(self.told)

    def cut(self) -> None:
        """Every connection breaks."""
        while self._open:
            one = self._open.pop()
            with contextlib.suppress(OSError):  # it may be broken already
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def close(self) -> None:
        with contextlib.suppress(OSError):  # who waits for the next one is woken
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self.cut()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self._open.append(connection)
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        stream = connection.makefile("rb")
        try:
            while head := stream.read(1):
                kind, flags, length, shift = head[0] >> 4, head[0] & 15, 0, 0
                while True:
                    digit = stream.read(1)[0]
                    length |= (digit & 127) << shift
                    shift += 7
                    if digit < 128:
                        break
                body = stream.read(length)
                if kind == CONNECT:
                    allowed = not self.login or self.login in body
                    connection.sendall(bytes([CONNACK << 4, 2, 0, 0 if allowed else NOT_AUTHORIZED]))
                elif kind == PUBLISH:
                    size = int.from_bytes(body[:2], "big")
                    with self._more:
                        self.told.append((body[2 : 2 + size].decode(), body[2 + size :].decode(), bool(flags & 1)))
                        self._more.notify_all()
                elif kind == PINGREQ:
                    connection.sendall(bytes([PINGRESP << 4, 0]))
                elif kind == DISCONNECT:
                    self.ended.set()
        except (OSError, ValueError, IndexError):
            return
