"""Attacks the page as somebody in the same network, or another person on this computer, could, and measures how long
those who have its token wait meanwhile. Only this computer's own loopback is touched, and nothing of it stays.

    .venv/bin/python benchmarks/attack.py --seconds 10

For each attack and both doors (the page on this computer, and the one that is shared): the slowest of the answers that
a page with the token had, each on a new connection, and the slowest that it had of the same server just before. Where
other work keeps the computer busy, answers are late without any attack; so the limit of 0.5 s is on what the attack
adds. Leaves with 1 when it added more, an answer failed, or the open page missed a beat; and when the server wrote
anything to the terminal.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import multiprocessing
import random
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect
from websockets.typing import Origin

LIMIT_S = 0.5
BEAT_S = 2.5
"""An open page hears something every second."""
IDLE = 3
"""The page is asked for a third as long before an attack as under it."""
HELD = 400
"""Connections that an attack holds at once."""
SERVER = """
import sys
if sys.argv[3] != "0":
    import resource
    resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[3]),) * 2)
from facilitator.page.server import PageServer
door = PageServer.open(address=sys.argv[1], role=sys.argv[2])
print(door.url, flush=True)
sys.stdin.read()
door.close()
"""
DOORS = (("127.0.0.1", "host"), ("127.0.0.2", "steer"))
"""A second address of this computer's own stands for that in a network: what is not 127.0.0.1 is limited as there."""

ATTACKER = "127.0.0.3"
"""Whoever attacks in a network has another address than those who belong there."""

Address = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    attack: str
    door: str
    answers: int
    failed: int
    slowest_s: float
    median_s: float
    longest_beat_s: float
    idle_slowest_s: float
    """Just before, while nobody attacked."""
    idle_median_s: float

    @property
    def good(self) -> bool:
        late_s = self.idle_slowest_s
        in_time = self.slowest_s <= LIMIT_S + late_s and self.longest_beat_s <= BEAT_S + late_s
        return self.answers > 0 and not self.failed and in_time


def _opened(where: Address) -> socket.socket | None:
    try:
        source = None if where[0] == "127.0.0.1" else (ATTACKER, 0)
        return socket.create_connection(where, timeout=1, source_address=source)
    except OSError:
        return None


def _hold(where: Address, until_s: float, first: bytes, more: bytes, every_s: float) -> None:
    """Keeps `HELD` connections open that begin with `first` and go on with `more`; those that are cut come again."""
    held: list[socket.socket] = []
    while time.time() < until_s:
        while len(held) < HELD and time.time() < until_s:
            one = _opened(where)
            if one is None:
                break
            one.setblocking(False)
            with contextlib.suppress(OSError):
                one.send(first)
            held.append(one)
        still = []
        for one in held:
            try:
                if more:
                    one.send(more)
                    still.append(one)
                elif one.recv(1, socket.MSG_PEEK):
                    still.append(one)
                else:
                    one.close()
            except BlockingIOError:
                still.append(one)
            except OSError:
                one.close()
        held = still
        time.sleep(every_s)
    for one in held:
        one.close()


_HALF = b"GET /open/a HTTP/1.1\r\nHost: a\r\n"
"""Might bring a ticket, so it is not refused by its first line."""


def half_requests(where: Address, until_s: float) -> None:
    _hold(where, until_s, _HALF, b"", 0.05)


def slow_requests(where: Address, until_s: float) -> None:
    _hold(where, until_s, _HALF, b"X: y\r\n", 0.5)


def silent(where: Address, until_s: float) -> None:
    _hold(where, until_s, b"", b"", 0.05)


def slow_readers(where: Address, until_s: float) -> None:
    """Ask many times, and read nothing."""
    _hold(where, until_s, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 50, b"", 0.05)


def flood(where: Address, until_s: float) -> None:
    while time.time() < until_s:
        one = _opened(where)
        if one is not None:
            with contextlib.suppress(OSError):
                one.sendall(b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
            one.close()


def rubbish(where: Address, until_s: float) -> None:
    chance = random.Random(1)
    while time.time() < until_s:
        one = _opened(where)
        if one is not None:
            with contextlib.suppress(OSError):
                one.sendall(chance.randbytes(chance.choice((3, 200, 70_000))))
                one.settimeout(0.02)
                one.recv(100)
            one.close()


ATTACKS: dict[str, Callable[[Address, float], None]] = {
    "half requests": half_requests,
    "slow requests": slow_requests,
    "silence": silent,
    "slow readers": slow_readers,
    "flood": flood,
    "rubbish": rubbish,
}


@contextlib.contextmanager
def serving(address: str, role: str, files: int = 0) -> Iterator[tuple[str, list[str]]]:
    """The address of a page with its token, from a process of its own, and what that wrote to its terminal. `files`: so
    many may be open in it, where the system has no other limit."""
    said: list[str] = []
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, address, role, str(files)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None and server.stderr is not None and server.stdin is not None
        errors = server.stderr
        reader = threading.Thread(target=lambda: said.extend(errors))
        reader.start()
        try:
            yield server.stdout.readline().strip(), said
        finally:
            server.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(timeout=20)
            server.kill()
            reader.join(timeout=5)


def answer_s(url: str) -> float | None:
    """How long the page takes on a new connection; None: it did not come."""
    parts = urlsplit(url)
    began = time.perf_counter()
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    try:
        connection.request("GET", parts.path)
        answer = connection.getresponse()
        answer.read()
        return time.perf_counter() - began if answer.status == 200 else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def beats(url: str, until_s: float, found: list[float]) -> None:
    """The longest time that an open page heard nothing, added to `found`."""
    parts = urlsplit(url)
    longest, last = 0.0, time.perf_counter()
    try:
        with connect(f"ws://{parts.netloc}{parts.path}live", origin=Origin(f"http://{parts.netloc}")) as page:
            while time.time() < until_s:
                page.recv(timeout=10)
                longest, last = max(longest, time.perf_counter() - last), time.perf_counter()
    except (OSError, WebSocketException):
        longest = 99.0
    found.append(longest)


def asked_until(url: str, until_s: float) -> list[float | None]:
    """How long each answer took; one is asked for again and again."""
    waited: list[float | None] = []
    while time.time() < until_s:
        waited.append(answer_s(url))
        time.sleep(0.02)
    return waited


def measure(attack: str, address: str, role: str, seconds: float, files: int = 0) -> tuple[Measured, list[str]]:
    with serving(address, role, files) as (url, said):
        where = (address, int(urlsplit(url).netloc.rpartition(":")[2]))
        idle = [one for one in asked_until(url, time.time() + seconds / IDLE) if one is not None]
        until_s = time.time() + seconds
        longest: list[float] = []
        open_page = threading.Thread(target=beats, args=(url, until_s, longest))
        open_page.start()
        attacker = multiprocessing.get_context("spawn").Process(target=ATTACKS[attack], args=(where, until_s))
        attacker.start()
        waited = asked_until(url, until_s)
        attacker.join(timeout=20)
        open_page.join(timeout=20)
    came = [one for one in waited if one is not None]
    return (
        Measured(
            attack=attack,
            door=role,
            answers=len(came),
            failed=len(waited) - len(came),
            slowest_s=max(came, default=99.0),
            median_s=statistics.median(came or [99.0]),
            longest_beat_s=max(longest, default=99.0),
            idle_slowest_s=max(idle, default=0.0),
            idle_median_s=statistics.median(idle or [0.0]),
        ),
        said,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each attack on each door")
    parser.add_argument("--only", choices=list(ATTACKS), action="append", help="these attacks")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    good, rows = True, []
    for address, role in DOORS:
        for attack in asked.only or ATTACKS:
            row, said = measure(attack, address, role, asked.seconds)
            good = good and row.good and not said
            rows.append(row)
            if not asked.json:
                print(
                    f"{attack:14} on {address} ({role}): {row.answers} answers, {row.failed} failed, "
                    f"median {row.median_s:.3f} s (before {row.idle_median_s:.3f}), "
                    f"slowest {row.slowest_s:.3f} s (before {row.idle_slowest_s:.3f}); "
                    f"longest without a beat {row.longest_beat_s:.2f} s"
                    + (f"; written to the terminal: {said[0].strip()}" if said else ""),
                    flush=True,
                )
    if asked.json:
        print(json.dumps([asdict(row) for row in rows], indent=1))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
