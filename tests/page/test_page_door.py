"""Who is let in to the page, and that nothing can pile up behind it. No browser is needed here."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import socket
import subprocess
import sys
import time
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from facilitator.commands.session import with_page
from facilitator.errors import PageError, UsageError
from facilitator.page.broker import MOST_ORDERS, MOST_PAGES, Broker
from facilitator.page.server import MOST_BYTES, PageServer
from tests.support.texts import ENGLISH


@pytest.fixture
def server() -> Iterator[PageServer]:
    found = PageServer.open()
    yield found
    found.close()


class Asked:
    """Where the server is, and how to ask it for something."""

    def __init__(self, server: PageServer) -> None:
        parts = urlsplit(server.url)
        self.host, self.path = parts.netloc, parts.path
        self.token = parts.path.strip("/")

    def get(self, path: str | None = None, **headers: str) -> http.client.HTTPResponse:
        return self.ask("GET", self.path if path is None else path, **headers)

    def ask(self, method: str, path: str, **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(self.host, timeout=5)
        given = {"Host": self.host} | {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=given)
        answer = connection.getresponse()
        answer.read()
        return answer

    def live(self, path: str | None = None, *, origin: str | None = "", host: str | None = None) -> ClientConnection:
        own = f"http://{host or self.host}" if origin == "" else origin
        address = f"ws://{host or self.host}{self.path if path is None else path}live"
        where = socket.create_connection(("127.0.0.1", int(self.host.split(":")[1])), timeout=5)
        return connect(address, origin=own, sock=where, compression=None)  # type: ignore[arg-type]


@pytest.fixture
def asked(server: PageServer) -> Asked:
    return Asked(server)


def test_the_address_opens_the_page(asked: Asked) -> None:
    for name in ("", "app.js", "shared/style.css", "icon.svg"):
        answer = asked.get(asked.path + name)
        assert answer.status == 200
        assert "default-src 'none'" in str(answer.getheader("Content-Security-Policy"))
        assert answer.getheader("Cache-Control") == "no-store"
        assert answer.getheader("Access-Control-Allow-Origin") is None
        assert answer.getheader("Referrer-Policy") == "no-referrer"
        assert answer.getheader("X-Frame-Options") == "DENY"


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:80"},
        {"Host": "127.0.0.1"},
        {"Host": "127.0.0.1:1"},
        {"Host": ""},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1"},
        {"Origin": "http://localhost:1"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
def test_a_wrong_host_or_origin_is_refused(asked: Asked, headers: dict[str, str]) -> None:
    assert asked.get(**headers).status == 403


@pytest.mark.parametrize(
    "path", ["/", "/shared/style.css", "/live", "/x/", "/{short}/", "/{token}x/", "/open/", "/open/x", "//"]
)
def test_without_the_token_there_is_nothing(asked: Asked, path: str) -> None:
    assert asked.get(path.format(token=asked.token, short=asked.token[:-1])).status == 403


@pytest.mark.parametrize("name", ["../server.py", "%2e%2e/server.py", "..%2fserver.py", "/etc/passwd", "nothing"])
def test_only_the_pages_own_files_are_given_out(asked: Asked, name: str) -> None:
    assert asked.get(asked.path + name).status in (403, 404)


def test_the_live_connection_asks_for_the_same(asked: Asked) -> None:
    with asked.live() as socket_:
        assert socket_.recv(timeout=5)
    with asked.live(host=asked.host.replace("127.0.0.1", "localhost")) as socket_:
        assert socket_.recv(timeout=5)
    for wrong in (
        {"origin": "http://evil.example"},
        {"origin": None},
        {"origin": "null"},
        {"host": "evil.example"},
        {"host": "evil.example", "origin": f"http://{asked.host}"},
        {"path": "/"},
        {"path": "/wrong/"},
    ):
        with pytest.raises(InvalidStatus) as refused:
            asked.live(**wrong)
        assert refused.value.response.status_code == 403


def test_a_ticket_leads_to_the_page_once(server: PageServer, asked: Asked) -> None:
    ticket = urlsplit(server.ticket_url()).path
    assert asked.token not in ticket
    first = asked.get(ticket)
    assert (first.status, first.getheader("Location")) == (303, asked.path)
    assert asked.get(ticket).status == 403


def test_it_listens_on_this_computer_only(server: PageServer) -> None:
    assert server._socket.getsockname()[0] == "127.0.0.1"
    tokens = set()
    for _ in range(3):
        other = PageServer.open()
        tokens.add(Asked(other).token)
        other.close()
    assert len(tokens) == 3
    assert min(map(len, tokens)) >= 40


def test_a_port_that_is_taken_is_said(server: PageServer) -> None:
    port = server._socket.getsockname()[1]
    with pytest.raises(PageError, match="not free"):
        PageServer.open(port)


def topics(socket_: ClientConnection, wanted: str) -> Any:
    while True:
        told = json.loads(socket_.recv(timeout=5))
        if told["topic"] == wanted:
            return told["body"]


def test_a_page_is_told_what_holds_and_its_orders_arrive(server: PageServer, asked: Asked) -> None:
    server.broker.tell("session", {"floor": "Ana"})
    server.broker.tell("session", {"floor": "Zoë"})
    with asked.live() as socket_:
        assert topics(socket_, "session") == {"floor": "Zoë"}
        socket_.send('{"do":"pause"}')
        assert server.broker.take(5) == [{"do": "pause"}]
        for nonsense in ("", "{", "[]", "3", '{"do":3}', '{"a":1}', "[" * 5000):
            socket_.send(nonsense)
        assert topics(socket_, "busy") is None
        socket_.send('{"do":"next"}')
        assert server.broker.take(5) == [{"do": "next"}]
        server.close()
        assert topics(socket_, "end") is not None


def test_too_much_is_refused(server: PageServer, asked: Asked) -> None:
    with asked.live() as socket_:
        for _ in range(MOST_ORDERS + 5):
            socket_.send('{"do":"next"}')
        assert topics(socket_, "busy") is None
        assert len(server.broker.take()) == MOST_ORDERS
        socket_.send("x" * (MOST_BYTES + 1))
        with pytest.raises(Exception, match=r"1009|too big|received"):
            while True:
                socket_.recv(timeout=5)
    with contextlib.ExitStack() as pages:
        for _ in range(MOST_PAGES):
            pages.enter_context(asked.live())
        until = time.monotonic() + 5
        while server.broker.pages < MOST_PAGES and time.monotonic() < until:
            time.sleep(0.01)
        assert topics(pages.enter_context(asked.live()), "full") is None


def test_a_page_that_reads_nothing_holds_nobody_up(server: PageServer, asked: Asked) -> None:
    host, port = asked.host.split(":")
    with socket.create_connection((host, int(port))) as slow:
        slow.sendall(
            f"GET {asked.path}live HTTP/1.1\r\nHost: {asked.host}\r\nOrigin: http://{asked.host}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        began_s = time.monotonic()
        for number in range(2000):
            server.broker.tell("session", {"number": number, "much": "x" * 5000})
        with asked.live() as quick:
            assert topics(quick, "session")["number"] == 1999
        assert time.monotonic() - began_s < 5


def test_the_same_state_is_told_once() -> None:
    broker = Broker()
    broker.tell("session", {"at": 1})
    assert broker.take() == []
    assert broker._latest == {"session": '{"topic":"session","body":{"at":1}}'}
    broker.forget("session")
    assert not broker._latest


def test_without_a_page_its_server_is_not_even_loaded() -> None:
    code = (
        "import sys, facilitator.commands.session.start, facilitator.commands.session.running;"
        "assert not {'starlette', 'uvicorn', 'websockets'} & sys.modules.keys()"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


class Terminal:
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("asked", "around", "expected"),
    [
        ({}, {}, True),
        ({"yes": True}, {}, False),
        ({"no_page": True}, {}, False),
        ({}, {"CI": "true"}, False),
        ({}, {"SSH_CONNECTION": "10.0.0.1"}, False),
        ({}, {"DISPLAY": ""}, False),
        ({"page": True, "yes": True}, {"CI": "true", "DISPLAY": ""}, True),
    ],
)
def test_when_there_is_a_page(
    monkeypatch: pytest.MonkeyPatch, asked: dict[str, bool], around: dict[str, str], expected: bool
) -> None:
    for name in ("CI", "SSH_CONNECTION", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    for name, value in ({"DISPLAY": ":0"} | around).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(webbrowser, "get", object)
    told = {"page": False, "no_page": False, "yes": False} | asked
    assert not with_page.wanted(**told) or told["page"]  # this test is no terminal
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setattr(sys, "stdin", Terminal())
    assert with_page.wanted(**told) == expected


def test_both_at_once_make_no_sense() -> None:
    with pytest.raises(UsageError):
        with_page.wanted(page=True, no_page=True, yes=False)


def test_a_browser_is_sent_to_the_page_and_without_a_server_the_terminal_does_it_all(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(webbrowser, "open", sent.append)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    with with_page.opened(ENGLISH, show=True) as at_page:
        assert at_page is not None and at_page.server is not None
        (address,) = sent
        asked = Asked(at_page.server)
        file = Path(urlsplit(address).path)  # other people on this computer can see what a browser is started with
        leads_to = re.findall('url=([^"]+)', file.read_text(encoding="utf-8"))[0]
        assert asked.get(urlsplit(leads_to).path).getheader("Location") == asked.path
        assert not file.exists()
        assert at_page.server.url in capsys.readouterr().out

    def fail(**_: Any) -> PageServer:
        raise PageError("The page cannot be shown.")

    monkeypatch.setattr(PageServer, "open", fail)
    with with_page.opened(ENGLISH, show=True) as at_page:
        assert at_page is None
    assert "here in the terminal" in capsys.readouterr().err
