"""Between the thread that leads the discussion and the pages that show it: states go out, orders come in.

What goes out are states, each under a topic, never a history: a page that is slow, new or back again gets the
latest of each, so nothing can pile up. Orders wait in a queue of a fixed length; one too many is refused. Pages on
other devices, guests, are told some of the topics, and can use up neither the places nor the queue of the others.
"""

from __future__ import annotations

import asyncio
import json
import queue
import threading
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

MOST_PAGES = 12
"""On this computer; as many guests."""
MOST_ORDERS = 64
MOST_OF_GUESTS = 16
"""With more than this waiting, orders of guests are refused."""

ClientMessage = Mapping[str, Any]


class Page:
    """One open page, on the server's thread: what it has not been told yet, the latest of each topic. `sees`: the
    topics that a guest is told of; None: it is no guest."""

    def __init__(self, loop: asyncio.AbstractEventLoop, sees: Collection[str] | None) -> None:
        self.loop = loop
        self.sees = sees
        self.person: str | None = None
        """Whose own telephone it is."""
        self.key = ""
        """By which that is known again."""
        self.gone = threading.Event()
        """It was told its last word, or has left."""
        self._dismissed = False
        self._waiting: dict[str, str] = {}
        self._woken = asyncio.Event()

    def offer(self, topic: str, text: str) -> None:
        self._waiting[topic] = text
        self._woken.set()

    def dismiss(self, topic: str, text: str) -> None:
        """As `offer`, for the last time."""
        self._dismissed = True
        self.offer(topic, text)

    def was_told(self) -> None:
        """What `next` gave last is on its way."""
        if self._dismissed and not self._waiting:
            self.gone.set()

    async def next(self, timeout_s: float) -> list[str]:
        """What is new; nothing when that long nothing was."""
        try:
            await asyncio.wait_for(self._woken.wait(), timeout_s)
        except TimeoutError:
            return []
        self._woken.clear()
        waiting, self._waiting = self._waiting, {}
        return list(waiting.values())


class Broker:
    """`tell`, `forget` and `take` are for the main thread; `join`, `leave` and `order` for the server's.

    `aside` holds orders that do not wait for the main thread, which may be busy: what is to be called for each."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest: dict[str, str] = {}
        self._each: dict[str, str] = {}  # person -> what is told to them alone
        self._pages: set[Page] = set()
        self._orders: queue.Queue[ClientMessage] = queue.Queue(MOST_ORDERS)
        self.aside: dict[str, Callable[[], None]] = {}
        self.session: int | None = None
        """The number of the session that is shown, in the database; None: none has begun, or it is not stored."""

    # -- the main thread ---------------------------------------------------------------------------

    def tell(self, topic: str, body: Any) -> None:
        """Every page is shown this, unless it is what it shows already."""
        text = _text(topic, body)
        with self._lock:
            if self._latest.get(topic) == text:
                return
            self._latest[topic] = text
            self._offer(topic, text)

    def tell_each(self, bodies: Mapping[str, Any]) -> None:
        """Everyone's own telephone is told its own, under the topic "mine", and nobody else's."""
        with self._lock:
            new = {person: _text("mine", body) for person, body in bodies.items()}
            changed = {person for person, text in new.items() if self._each.get(person) != text}
            self._each = new
            for page in self._pages:
                if page.person in changed:
                    _soon(page.loop, page.offer, "mine", new[page.person])

    def forget(self, *topics: str) -> None:
        """Pages that come from now on are not told."""
        with self._lock:
            for topic in topics:
                self._latest.pop(topic, None)
            if "session" in topics:
                self._each = {}
                self.session = None

    def take(self, timeout_s: float = 0.0) -> list[ClientMessage]:
        """What pages asked for since the last call, waiting so long for the first of it."""
        found: list[ClientMessage] = []
        try:
            found.append(self._orders.get(block=timeout_s > 0, timeout=timeout_s or None))
            while True:
                found.append(self._orders.get_nowait())
        except queue.Empty:
            return found

    @property
    def pages(self) -> int:
        """How many are open on this computer."""
        with self._lock:
            return self._count(guests=False)

    @property
    def guests(self) -> int:
        """How many are open on other devices."""
        with self._lock:
            return self._count(guests=True)

    @property
    def telephones(self) -> list[str]:
        """Whose own telephones are open."""
        with self._lock:
            return sorted({page.person for page in self._pages if page.person})

    def shows(self, topic: str, body: Any) -> bool:
        """Whether this was told last."""
        with self._lock:
            return self._latest.get(topic) == _text(topic, body)

    def dismiss(self, topic: str, within_s: float) -> None:
        """The guests are told this, and nothing more; what they ask for from now on is not heard. Waits until it is on
        its way to all of them, at most so long."""
        with self._lock:
            guests = {page for page in self._pages if page.sees is not None}
            self._pages -= guests
        for page in guests:
            _soon(page.loop, page.dismiss, topic, _text(topic, None))
        until_s = time.monotonic() + within_s
        for page in guests:
            page.gone.wait(max(0.0, until_s - time.monotonic()))

    def _count(self, *, guests: bool) -> int:
        return sum((page.sees is not None) == guests for page in self._pages)

    def _offer(self, topic: str, text: str) -> None:
        for page in self._pages:
            if page.sees is None or topic in page.sees:
                _soon(page.loop, page.offer, topic, text)

    # -- the server's thread -----------------------------------------------------------------------

    def join(self, role: str = "host", sees: Collection[str] | None = None) -> Page | None:
        """A new page, which is told what it is, and everything that holds now. None: there are too many."""
        page = Page(asyncio.get_running_loop(), sees)
        page.offer("role", _text("role", role))
        with self._lock:
            if self._count(guests=sees is not None) >= MOST_PAGES:
                return None
            self._pages.add(page)
            for topic, text in self._latest.items():
                if sees is None or topic in sees:
                    page.offer(topic, text)
        return page

    def be(self, page: Page, person: str, key: str) -> None:
        """It is this person's own telephone from now on; empty: nobody's. Whoever another one says to be, it cannot be,
        but for the same one that comes back (`key`)."""
        with self._lock:
            others = [one for one in self._pages if one is not page and one.person == person and one.key != key]
            if person and (others or person not in self._each):
                page.person = None
                page.offer("taken", _text("taken", person))
                return
            page.person, page.key = person or None, key
            if person:
                page.offer("mine", self._each[person])

    def leave(self, page: Page) -> None:
        with self._lock:
            self._pages.discard(page)
        page.gone.set()

    def order(self, page: Page, order: ClientMessage) -> bool:
        """False: too many wait already."""
        with self._lock:
            if page not in self._pages or (page.sees is not None and self._orders.qsize() >= MOST_OF_GUESTS):
                return False
        if page.sees is None and (call := self.aside.get(order["do"])) is not None:
            call()
            return True
        try:
            self._orders.put_nowait(order)
        except queue.Full:
            return False
        return True


def _text(topic: str, body: Any) -> str:
    return json.dumps({"topic": topic, "body": body}, ensure_ascii=False, separators=(",", ":"))


def _soon(loop: asyncio.AbstractEventLoop, call: Callable[..., None], *args: str) -> None:
    try:
        loop.call_soon_threadsafe(call, *args)
    except RuntimeError:  # the server has just ended
        return
