"""A small version of `benchmarks/attack.py`: who has the token gets the page, whatever others do to prevent it."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Origin

from benchmarks import attack
from facilitator.page.connections import HEAD_S


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs several addresses of one computer")
@pytest.mark.parametrize("door", attack.DOORS)
@pytest.mark.parametrize("kind", ["half requests", "slow readers", "flood", "rubbish"])
def test_the_page_answers_under_attack(kind: str, door: tuple[str, str]) -> None:
    found, said = attack.measure(kind, *door, seconds=2.5)
    assert found.answers >= 3 and not found.failed, found
    assert found.median_s < attack.LIMIT_S and found.longest_beat_s < 4 * attack.BEAT_S, found  # others work here, too
    assert said == []


def test_who_says_nothing_has_to_go() -> None:
    with attack.serving("127.0.0.1", "host") as (url, said):
        where = urlsplit(url).netloc.split(":")
        with socket.create_connection((where[0], int(where[1])), timeout=5 * HEAD_S) as one:
            one.sendall(b"GET /")
            began_s = time.monotonic()
            with contextlib.suppress(ConnectionResetError):
                assert one.recv(1) == b""
            assert 0.5 * HEAD_S < time.monotonic() - began_s < 4 * HEAD_S
    assert said == []


def test_bytes_and_bad_requests_print_nothing() -> None:
    with attack.serving("127.0.0.1", "host") as (url, said):
        parts = urlsplit(url)
        for sent in (
            b"\x00\xff\r\n\r\n",
            b"GET /%ff%fe HTTP/1.1\r\n\r\n",
            b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n",
            b"x" * 99_999,
        ):
            with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=5) as one:
                one.sendall(sent)
                with contextlib.suppress(OSError):
                    one.recv(100)
        own = Origin(f"http://{parts.netloc}")
        for message in (b"\x00\x01", b"", "{", "[]", '{"do": 1}', "[" * 10_000):
            with connect(f"ws://{parts.netloc}{parts.path}live", origin=own) as page:
                page.send(message)
                with contextlib.suppress(ConnectionClosed):  # bytes are not what a page of ours sends
                    page.recv(timeout=5)
        assert attack.answer_s(url) is not None
    assert said == []


def test_the_benchmark_itself() -> None:
    done = subprocess.run(
        [sys.executable, "benchmarks/attack.py", "--seconds", "1", "--only", "silence", "--json"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1) and '"attack": "silence"' in done.stdout, done.stderr
