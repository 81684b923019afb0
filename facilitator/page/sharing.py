"""`start --share`: the page on a tablet or a phone in the same network. This is the one place where the program
listens beyond 127.0.0.1, and only on an address that has a meaning within that network alone.

A thread of its own looks after it, so that sharing stops at once when somebody says so, whatever the session is
busy with. What is on the page of this computer is told under the topic "share", which guests are never told.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Sequence
from typing import Any, Literal

import segno
from starlette.routing import BaseRoute

from facilitator.errors import PageError
from facilitator.page.broker import Broker
from facilitator.page.handed_over import HandedOver
from facilitator.page.networks import OwnAddress, is_loopback, own_addresses
from facilitator.page.permissions import Role
from facilitator.page.server import PageServer
from facilitator.runtime.threads import SupervisedThread

LOOK_S = 0.5
"""So often the number of guests is told anew, and the address looked for."""
GONE_S = 4.0
"""An address that is away for less is not missed: a laptop wakes up, a router starts again."""
GOODBYE_S = 1.0
"""At most, for pages to be told that sharing is over, before their connections are cut."""
NO_NETWORK = "This computer is in no network now, so the page cannot be shared; the session goes on without."
GONE = "This computer has left the network in which the page was shared. Nobody else sees it now."

FAULT = "Sharing the page has failed in a way that nobody has foreseen; it begins again."

ShareRequest = Literal["start", "stop", "call", "end"]


class Share:
    """Shares from the beginning, until `close`; the page of this computer may stop it and start it again, each time
    with a new token. `wanted`: the address to listen on; None: the likeliest at that moment. `names`: with the role
    "room": who is at the table is told, too. `routes`: what can be asked for only there."""

    def __init__(
        self,
        broker: Broker,
        role: Role,
        wanted: str | None = None,
        *,
        names: bool = False,
        routes: Sequence[BaseRoute] = (),
        addresses: Callable[[], Sequence[OwnAddress]] = own_addresses,
    ) -> None:
        self.broker, self._role, self._wanted, self._addresses = broker, role, wanted, addresses
        self.names = names
        self.help = False
        """The table asks for help; only a room is told."""
        self._handed = HandedOver()
        self._routes = self._handed.routes if role == "room" else routes
        self._server: PageServer | None = None
        self._where: OwnAddress | None = None
        self._seen_s = 0.0
        self.others: tuple[OwnAddress, ...] = ()
        """Further addresses of this computer."""
        self.problem: str | None = None
        """Why nothing is shared, where nobody has stopped it."""
        self._wishes: queue.SimpleQueue[ShareRequest] = queue.SimpleQueue()
        broker.aside.update(
            {
                "share": lambda: self._wishes.put("start"),
                "stop-sharing": lambda: self._wishes.put("stop"),
                "call": self.call,
            }
        )
        self._start()
        self._tell()
        self._thread = SupervisedThread(self._look_after, name="share", failed=self._fail)
        self._thread.start()

    @property
    def url(self) -> str | None:
        """With the token; None: nothing is shared."""
        server = self._server
        return None if server is None else server.url

    @property
    def where(self) -> OwnAddress | None:
        return self._where

    def trouble(self) -> str | None:
        """For those who follow the session: why nothing is shared any more."""
        return self.problem

    @property
    def in_a_room(self) -> bool:
        """Others in the room follow how far this table is."""
        return self._role == "room"

    def call(self) -> None:
        """The table asks the room for help; once more: not any longer."""
        if self.in_a_room:
            self._wishes.put("call")

    def hand_over(self, session: bytes) -> None:
        """A session, for the room to fetch once, until it is taken back or nothing is shared any more."""
        self._handed.give(session)
        self.broker.tell("offered", self._handed.number)

    def take_back(self) -> None:
        """What was handed over and has not been fetched stays here."""
        self._handed.take_back()
        self.broker.tell("offered", 0)

    def fetched(self, within_s: float) -> bool:
        """Whether the room has it, all of it; waits so long for that."""
        return self._handed.fetched.wait(within_s)

    @property
    def perhaps_fetched(self) -> bool:
        """It was asked for, and nobody has said that it came through."""
        return self._handed.begun and not self._handed.fetched.is_set()

    def close(self) -> None:
        """The program ends. Safe to call twice."""
        self.broker.tell("end", {"said": ""})
        self._wishes.put("end")
        self._thread.join(5)

    # -- on a thread of its own ----------------------------------------------------------------------

    def _fail(self, _: Exception) -> None:
        self.problem = FAULT

    def _look_after(self) -> None:
        wish: ShareRequest | None = None
        while wish != "end":
            try:
                wish = self._wishes.get(timeout=LOOK_S)
            except queue.Empty:
                wish = None
            if wish == "start" and self._server is None:
                self._start()
            elif wish == "stop":
                self.problem = None
                self._stop("stopped")
            elif wish == "call":
                self.help = not self.help
                self.broker.tell("help", self.help)
            elif wish == "end":
                self._stop("end")
            elif self._server is not None and self._gone():
                self.problem = GONE
                self._stop("stopped")
            self._tell()

    def _start(self) -> None:
        found = list(self._addresses())
        if self._wanted is not None and is_loopback(self._wanted):
            found = [OwnAddress(address=self._wanted, interface="lo"), *found]
        chosen = next((own for own in found if self._wanted in (None, own.address)), None)
        if chosen is None:
            self.problem = NO_NETWORK
            return
        try:
            self._server = PageServer.open(
                broker=self.broker, address=chosen.address, role=self._role, routes=self._routes
            )
        except PageError as error:
            self.problem = error.message
            return
        self.problem = None
        self._where, self.others = chosen, tuple(own for own in found if own != chosen)
        self._seen_s = time.monotonic()

    def _stop(self, said: str) -> None:
        if self._server is None:
            return
        server, self._server = self._server, None
        self.broker.dismiss(said, GOODBYE_S)
        server.cut()

    def _gone(self) -> bool:
        """Whether the address it listens on is not this computer's any more."""
        assert self._where is not None
        now_s = time.monotonic()
        address = self._where.address
        if is_loopback(address) or any(own.address == address for own in self._addresses()):
            self._seen_s = now_s
        return now_s - self._seen_s > GONE_S

    def _tell(self) -> None:
        url = self.url
        told: dict[str, Any] = {"on": url is not None, "problem": self.problem or ""}
        if url is not None:
            told |= {
                "url": url,
                "role": self._role,
                "code": code(url),
                "where": str(self._where),
                "others": [str(own) for own in self.others],
                "guests": self.broker.guests,
                "telephones": self.broker.telephones,
                "help": self.help,
            }
        self.broker.tell("share", told)


def code(url: str) -> list[str]:
    """The QR code of an address: a row of "0" and "1" (dark) each, without the margin of four that goes around it."""
    return ["".join(map(str, row)) for row in segno.make(url, error="m", micro=False).matrix]
