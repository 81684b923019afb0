"""`--share=room` and the link of the computer that follows the tables: what is told, what is not, and what is handed
over after a yes."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import pytest

from facilitator.errors import UsageError
from facilitator.page import room_link
from facilitator.page.broker import Broker
from facilitator.page.buttons import BUTTONS
from facilitator.page.handed_over import path_of
from facilitator.page.permissions import ROOM_SEES, Role
from facilitator.page.room_link import SQLITE, TableAddress, TableLink, parse_address
from facilitator.page.sharing import Share
from tests.page.test_page_door import topics
from tests.page.test_share import There, until

HERE = "127.0.0.1"
CLOCK = {"version": 1, "stage": "Open talk", "at_s": 3, "left_s": 60, "people": ["Ana"]}


@pytest.fixture
def table() -> Iterator[Callable[..., Share]]:
    with contextlib.ExitStack() as until_over:

        def begun(role: Role = "room", broker: Broker | None = None) -> Share:
            share = Share(broker or Broker(), role, HERE)
            until_over.callback(share.close)
            return share

        yield begun


@pytest.fixture
def room() -> Iterator[Callable[..., TableLink]]:
    with contextlib.ExitStack() as until_over:

        def looking(share: Share, fetched: Callable[[bytes], None] = lambda _: None) -> TableLink:
            link = TableLink(parse_address(share.url or ""), fetched)
            until_over.callback(link.close)
            return link

        yield looking


def test_the_room_is_told_how_far_it_is_and_nothing_else(table: Callable[..., Share]) -> None:
    share = table()
    broker = share.broker
    for topic in ("labels", "setup", "session", "summary", "table", "share", "after", "anything new"):
        broker.tell(topic, {"name": "Zoë"})
    broker.tell("screen", "session")
    broker.tell("clock", CLOCK)
    with There(share).live() as guest:
        told = [json.loads(guest.recv(timeout=5)) for _ in range(3)]
        assert {one["topic"] for one in told} == {"role", "screen", "clock"} and told[0]["body"] == "room"
        broker.tell("session", {"floor": "Zoë"})
        share.call()
        assert topics(guest, "help") is True
        for order in [*(button.command for button in BUTTONS), "answer", "hand", "call", "hand-over", "stop-sharing"]:
            guest.send(json.dumps({"do": order, "person": "Ana", "value": 1}))
            assert topics(guest, "refused") is None
    assert broker.take(0.2) == [] and share.url is not None and share.help
    assert "session" not in ROOM_SEES and "summary" not in ROOM_SEES


def test_there_is_no_page_and_nothing_to_fetch_before_a_yes(table: Callable[..., Share]) -> None:
    share = table()
    there = There(share)
    for path in ("index.html", "app.js", path_of(0), path_of(1), "sessions", "save/1.json"):
        assert there.get(there.path + path).status == 404, path
    assert there.get(there.path).status == 200  # says what the address is for
    share.hand_over(b"SQLite format 3")
    assert there.get(f"/nobody/{path_of(1)}").status == 403
    for _ in range(2):  # one that was cut off is asked for again
        assert there.get(there.path + path_of(1)).status == 200
        assert not share.fetched(0), "it is only on its way"
    assert there.ask("DELETE", there.path + path_of(1)).status == 204 and share.fetched(0)
    assert there.get(there.path + path_of(1)).status == 404, "it was fetched once"


def test_what_is_taken_back_is_gone(table: Callable[..., Share], room: Callable[..., TableLink]) -> None:
    share, had = table(), list[bytes]()
    share.hand_over(SQLITE + b"one")
    share.take_back()
    there = There(share)
    assert there.get(there.path + path_of(1)).status == 404 and not share.fetched(0)
    link = room(share, had.append)
    until(lambda: link.seen.reached == "here")
    share.hand_over(SQLITE + b"two")
    assert share.fetched(5) and had == [SQLITE + b"two"] and link.seen.handed == 2


def test_what_the_room_cannot_keep_stays_at_the_table(
    table: Callable[..., Share], room: Callable[..., TableLink], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room_link, "AGAIN_S", 0.1)
    share, tries = table(), list[bytes]()

    def full(session: bytes) -> None:
        tries.append(session)
        if len(tries) < 3:
            raise OSError(28, "No space left on device")

    link = room(share, full)
    share.hand_over(SQLITE)
    until(lambda: len(tries) > 1)
    assert not share.fetched(0) or len(tries) >= 3
    assert share.fetched(10) and link.seen.handed == 1 and len(tries) == 3


class Sender:
    """Somebody who listens like a table, and answers what is asked with these parts, one after another."""

    def __init__(self, *parts: bytes, pause_s: float = 0.0) -> None:
        self._parts, self._pause_s = parts, pause_s
        self.asked: list[str] = []
        self._door = socket.create_server((HERE, 0))
        self.where = TableAddress(HERE, self._door.getsockname()[1], f"/{'a' * 43}/")
        threading.Thread(target=self._answer, daemon=True).start()

    def _answer(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                line, _ = self._door.accept()
                with line, contextlib.suppress(OSError):
                    self.asked.append(line.recv(4096).split()[0].decode())
                    for part in self._parts:
                        line.sendall(part)
                        time.sleep(self._pause_s)

    def close(self) -> None:
        self._door.close()


@pytest.mark.parametrize(
    "parts",
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", *[b"x"] * 400),  # byte by byte
        tuple(bytes([letter]) for letter in b"HTTP/1.1 200 OK\r\nX: " + 400 * b"y"),  # never gets to the session
    ],
)
def test_a_slow_sender_holds_nobody(parts: Sequence[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room_link, "FETCH_S", 0.5)
    monkeypatch.setattr(TableLink, "_follow", lambda _: None)
    with contextlib.closing(Sender(*parts, pause_s=0.1)) as sender, contextlib.closing(TableLink(sender.where)) as link:
        began_s = time.monotonic()
        with pytest.raises(OSError, match=r"not in time|timed out"):
            link._ask("GET", 1)
        assert time.monotonic() - began_s < 3
        link.stop()
        with pytest.raises(OSError, match="not in time"):  # nor one that is still coming when the room has ended
            link._ask("GET", 1)


def test_what_was_cut_off_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TableLink, "_follow", lambda _: None)
    had = list[bytes]()
    half = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + SQLITE
    with (
        contextlib.closing(Sender(half)) as sender,
        contextlib.closing(TableLink(sender.where, had.append)) as link,
    ):
        with pytest.raises((OSError, http.client.IncompleteRead)):
            link._take(1)
        assert had == [] and link.seen.handed == 0 and sender.asked == ["GET"]


def test_tablets_have_no_such_door(table: Callable[..., Share]) -> None:
    there = There(table("view"))
    assert there.get(there.path + path_of(1)).status == 404
    assert there.get(there.path + "app.js").status == 200


def test_a_table_is_followed_and_hands_over(table: Callable[..., Share], room: Callable[..., TableLink]) -> None:
    share, had, there = table(), list[bytes](), threading.Event()
    sessions = [SQLITE + b"one", SQLITE + b"another"]

    def took(session: bytes) -> None:
        had.append(session)
        there.set()

    link = room(share, took)
    until(lambda: link.seen.reached == "here" and link.seen.clock is None)
    share.broker.tell("screen", "session")
    share.broker.tell("clock", CLOCK)
    until(lambda: link.seen.clock is not None)
    assert link.seen.clock is not None and (link.seen.clock.left_s, link.seen.clock.people) == (60, ("Ana",))
    share.call()
    until(lambda: link.seen.help)
    share.call()
    until(lambda: not link.seen.help)
    assert had == []
    for number, session in enumerate(sessions, 1):
        there.clear()
        share.hand_over(session)
        assert share.fetched(5) and there.is_set() and link.seen.handed == number
    assert had == sessions
    share.close()
    until(lambda: link.seen.reached == "over")


def test_a_table_that_stops_sharing_is_not_looked_at(
    table: Callable[..., Share], room: Callable[..., TableLink]
) -> None:
    share = table()
    link = room(share)
    until(lambda: link.seen.reached == "here")
    share.broker.aside["stop-sharing"]()
    until(lambda: share.url is None)
    share.broker.aside["share"]()  # with a new token, at another port
    until(lambda: share.url is not None)
    until(lambda: link.seen.reached in ("over", "lost"))


def test_who_shares_with_tablets_is_not_looked_at(table: Callable[..., Share], room: Callable[..., TableLink]) -> None:
    share = table("view")
    share.broker.tell("session", {"floor": "Zoë"})
    link = room(share)
    until(lambda: link.seen.reached == "refused")
    assert link.seen.clock is None


def test_an_address_of_before_is_refused(table: Callable[..., Share]) -> None:
    share = table()
    token = (share.url or "").rstrip("/").rpartition("/")[2]
    where = parse_address((share.url or "").replace(token, token[::-1]))
    with contextlib.closing(TableLink(where)) as link:
        until(lambda: link.seen.reached == "refused")


@pytest.mark.parametrize(
    "text",
    ["", "192.168.1.20", "http://192.168.1.20/", "http://192.168.1.20:80/short/", "https://192.168.1.20:80/" + "a" * 43,
     "http://[::1]:80/" + "a" * 43, "http://laptop:80/" + "a" * 43, "http://192.168.1.20:99999/" + "a" * 43,
     "http://8.8.8.8:80/" + "a" * 43],
)  # fmt: skip
def test_an_address_that_is_none_or_far_away(text: str) -> None:
    with pytest.raises(UsageError, match=r"no address of a table|network of your own"):
        parse_address(text)
