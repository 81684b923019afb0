"""Between the thread that leads the discussion and the pages that show it: states go out, orders come in.

What goes out are states, each under a topic, never a history: a page that is slow, new or back again gets the
latest of each, so nothing can pile up. Orders wait in a queue of a fixed length; one too many is refused.
"""

from __future__ import annotations

import asyncio
import json
import queue
import threading
from collections.abc import Callable, Mapping
from typing import Any

MOST_PAGES = 12
MOST_ORDERS = 64

Order = Mapping[str, Any]


class Page:
    """One open page, on the server's thread: what it has not been told yet, the latest of each topic."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._waiting: dict[str, str] = {}
        self._woken = asyncio.Event()

    def offer(self, topic: str, text: str) -> None:
        self._waiting[topic] = text
        self._woken.set()

    async def next(self, timeout_s: float) -> list[str]:
        """What is new; nothing when that long nothing was."""
        try:
            await asyncio.wait_for(self._woken.wait(), timeout_s)
        except TimeoutError:
            return []
        self._woken.clear()
        waiting, self._waiting = self._waiting, {}
        return list(waiting.values())


class Hub:
    """`tell`, `forget` and `take` are for the main thread; `join`, `leave` and `order` for the server's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest: dict[str, str] = {}
        self._pages: set[Page] = set()
        self._orders: queue.Queue[Order] = queue.Queue(MOST_ORDERS)

    # -- the main thread ---------------------------------------------------------------------------

    def tell(self, topic: str, body: Any) -> None:
        """Every page is shown this, unless it is what it shows already."""
        text = json.dumps({"topic": topic, "body": body}, ensure_ascii=False, separators=(",", ":"))
        with self._lock:
            if self._latest.get(topic) == text:
                return
            self._latest[topic] = text
            self._offer(topic, text)

    def forget(self, *topics: str) -> None:
        """Pages that come from now on are not told."""
        with self._lock:
            for topic in topics:
                self._latest.pop(topic, None)

    def take(self, timeout_s: float = 0.0) -> list[Order]:
        """What pages asked for since the last call, waiting so long for the first of it."""
        found: list[Order] = []
        try:
            found.append(self._orders.get(block=timeout_s > 0, timeout=timeout_s or None))
            while True:
                found.append(self._orders.get_nowait())
        except queue.Empty:
            return found

    @property
    def pages(self) -> int:
        """How many are open."""
        with self._lock:
            return len(self._pages)

    def _offer(self, topic: str, text: str) -> None:
        for page in self._pages:
            _soon(page.loop, page.offer, topic, text)

    # -- the server's thread -----------------------------------------------------------------------

    def join(self) -> Page | None:
        """A new page, which is told everything that holds now. None: there are too many."""
        page = Page(asyncio.get_running_loop())
        with self._lock:
            if len(self._pages) >= MOST_PAGES:
                return None
            self._pages.add(page)
            for topic, text in self._latest.items():
                page.offer(topic, text)
        return page

    def leave(self, page: Page) -> None:
        with self._lock:
            self._pages.discard(page)

    def order(self, order: Order) -> bool:
        """False: too many wait already."""
        try:
            self._orders.put_nowait(order)
        except queue.Full:
            return False
        return True


def _soon(loop: asyncio.AbstractEventLoop, call: Callable[..., None], *args: str) -> None:
    try:
        loop.call_soon_threadsafe(call, *args)
    except RuntimeError:  # the server has just ended
        return
