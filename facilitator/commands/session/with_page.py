"""The page in the browser: whether there is one, opening it, and what it takes from `start`."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from facilitator.backends import Speech
from facilitator.backends.audio.microphone import Microphone
from facilitator.commands.session.interrupts import undisturbed
from facilitator.commands.session.sharing import ForTheRoom, Sharing, tell_share
from facilitator.commands.session.table_options import TableOptions
from facilitator.commands.session.unfinished import that_can_go_on
from facilitator.core.airtime_display import AirtimeRule
from facilitator.core.language.texts import Texts
from facilitator.core.setup import Setup
from facilitator.errors import PageError, StoreError, UsageError
from facilitator.page.browser import browser_here, send_browser
from facilitator.page.request import SessionRequest
from facilitator.page.screen import PageScreen
from facilitator.page.state import labels
from facilitator.ports import AudioSource
from facilitator.resources.paths import data_folder
from facilitator.resources.prompts import Prompts
from facilitator.resources.texts import texts_of
from facilitator.store.session_log import Store
from facilitator.terminal.ask import attended
from facilitator.terminal.keys import CALL
from facilitator.terminal.tell import tell

if TYPE_CHECKING:
    from facilitator.page.broker import Broker
    from facilitator.page.review_api import Routes
    from facilitator.page.server import PageServer
    from facilitator.page.sharing import Share


LOOK_S = 0.2
GONE_S = 5.0
"""A page that is loaded anew is away for a moment; one that is away for longer has been closed."""
OF_ONE_SESSION = (
    "session",
    "summary",
    "after",
    "review",
    "changed",
    "caption",
    "badge",
    "table",
    "setup",
    "lengths",
    "due",
    "clock",
)
"""What pages are told of a session, and nothing of it holds for the next one."""
WAIT_S = 20.0
"""So long the demonstration waits for somebody to look."""


def page_options(command: Callable[..., Any]) -> Callable[..., Any]:
    with_none = click.option("--no-page", is_flag=True, help="Stay in the terminal.")(command)
    return click.option("--page", is_flag=True, help="Have the page, and open no browser: the address is printed.")(
        with_none
    )


def wanted(*, page: bool, no_page: bool, yes: bool) -> bool:
    """A page is opened where somebody sits at this computer's screen; `--page` has one anyway."""
    if page and no_page:
        raise UsageError("--page and --no-page do not go together; say one of them.")
    if page or no_page:
        return page
    return not yes and attended() and browser_here()


@contextlib.contextmanager
def opened(
    texts: Texts,
    *,
    show: bool,
    page: bool = True,
    sharing: Sharing | None = None,
    ask: bool = False,
    db: Path | None = None,
) -> Iterator[AtPage | None]:
    """The page, until the session is over: on this computer (`page`), and where `sharing` says so on others. `show`
    opens the browser; else only the address is told. `db`: whose sessions can be reviewed on it afterwards. None: there
    is none, and the terminal does it all."""
    with contextlib.ExitStack() as until_over:
        server = until_over.enter_context(_served(show, texts, db)) if page else None
        if server is not None:
            server.broker.tell("labels", labels(texts))
        share = None
        if sharing is not None:
            from facilitator.page.broker import Broker  # noqa: PLC0415 - the server is loaded where there is a page
            from facilitator.page.sharing import Share  # noqa: PLC0415

            broker = Broker() if server is None else server.broker
            broker.tell("labels", labels(texts))
            routes = _own_notes(sharing.role, db, broker)
            share = Share(broker, sharing.role, sharing.address, names=sharing.names, routes=routes)
            until_over.callback(_undisturbed(share.close))
            tell_share(share, sharing.role, texts, with_code=server is None, ask=ask)
        if server is not None and show:
            problem = send_browser(server, data_folder())
            if problem is not None:
                tell(problem, err=True)
        yield None if server is None and share is None else AtPage(server, share)


@contextlib.contextmanager
def _served(show: bool, texts: Texts, db: Path | None) -> Iterator[PageServer | None]:
    from facilitator.page.broker import Broker  # noqa: PLC0415
    from facilitator.page.server import PageServer  # noqa: PLC0415

    broker = Broker()
    try:
        server = PageServer.open(broker=broker, routes=_reviewed(broker, db))
    except PageError as error:
        if not show:
            raise
        tell(f"{error.message} Everything goes on here in the terminal.", err=True)
        yield None
        return
    try:
        tell(texts("terminal.page", url=server.url))
        sys.stdout.flush()
        yield server
    finally:
        _undisturbed(server.close)()


def _reviewed(broker: Broker, db: Path | None) -> Routes:
    """What the page may ask for of stored sessions."""
    if db is None:
        return ()
    from facilitator.commands.stored.review_desk import StoredReviewService  # noqa: PLC0415
    from facilitator.page.review_api import routes  # noqa: PLC0415

    return routes(StoredReviewService(db, lambda changes: broker.tell("changed", changes)))


def _own_notes(role: str, db: Path | None, broker: Broker) -> Routes:
    """Only a mediator's own screen has them."""
    if role != "mediator":
        return ()
    if db is None:
        raise UsageError("Nothing of this session is stored, so a mediator can note nothing; leave --share out.")
    from facilitator.commands.mediation.joint import OwnNotes  # noqa: PLC0415
    from facilitator.page.private_api import private_routes  # noqa: PLC0415

    return private_routes(OwnNotes(db, lambda: broker.session))


def _undisturbed(close: Callable[[], None]) -> Callable[[], None]:
    def closed() -> None:
        with undisturbed():
            close()

    return closed


@dataclass(frozen=True, slots=True)
class AtPage:
    server: PageServer | None
    """None: the page is only shown on other devices."""
    share: Share | None = None

    @property
    def broker(self) -> Broker:
        at = self.server or self.share
        assert at is not None
        return at.broker

    @property
    def troubles(self) -> tuple[Callable[[], str | None], ...]:
        """Each is asked for something that people should know."""
        return tuple(part.trouble for part in (self.server, self.share) if part is not None)

    def wait(self) -> None:
        """Until the page is open somewhere; not for ever."""
        until_s = time.monotonic() + WAIT_S
        while not self.broker.pages and time.monotonic() < until_s:
            time.sleep(0.05)

    def caption(self, texts: Texts) -> str:
        """For the terminal: that the room is asked for help."""
        return texts("share.called", key=CALL) if self.share is not None and self.share.help else ""

    def call(self) -> None:
        """Asks the room for help, where there is one."""
        if self.share is not None:
            self.share.call()

    @property
    def in_a_room(self) -> bool:
        return self.share is not None and self.share.in_a_room

    def afterwards(self, whole: ForTheRoom, texts: Texts, *, another: bool) -> bool:
        """The session is stored: its review can be opened on the page and saved from there; where a room has followed
        it, it can be handed over until this ends. Until every page is closed, Ctrl+C, or (true) somebody wants to begin
        another one, where that can be."""
        after = {"session": whole.session, "another": another, **self._to_the_room(lambda: whole.told(texts), "ask")}
        self.broker.tell("after", after)
        seen_s = time.monotonic()  # a page was open
        with contextlib.suppress(KeyboardInterrupt), contextlib.ExitStack() as until_over:
            if self.share is not None:
                until_over.callback(self.share.take_back)
            while time.monotonic() - seen_s < GONE_S:
                for order in self.broker.take(LOOK_S):
                    if order["do"] == "review":
                        self.broker.tell("review", {"session": whole.session})
                        self.broker.tell("screen", "review")
                    elif order["do"] == "hand-over" and after["room"] in ("ask", "failed"):
                        if after["room"] == "ask":
                            after |= self._to_the_room(lambda: self._hand_over(whole), "waiting")
                        else:  # again from the beginning: nothing goes before it was told what does
                            after |= self._to_the_room(lambda: whole.told(texts), "ask")
                        self.broker.tell("after", after)
                    elif order["do"] == "next-session" and another:
                        self.broker.forget(*OF_ONE_SESSION)
                        return True
                if after["room"] == "waiting" and self.share is not None and self.share.fetched(0):
                    after |= {"room": "fetched"}
                    self.broker.tell("after", after)
                if self.broker.pages:
                    seen_s = time.monotonic()
        return False

    def _to_the_room(self, do: Callable[[], str], then: str) -> dict[str, str]:
        """How far it is with handing over, and the words for that, where they are not always the same."""
        if not self.in_a_room:
            return {"room": "", "told": ""}
        try:
            return {"room": then, "told": do()}
        except StoreError as error:
            return {"room": "failed", "told": error.message}

    def _hand_over(self, whole: ForTheRoom) -> str:
        assert self.share is not None
        self.share.hand_over(whole.copy())
        return ""

    def set_up(
        self,
        *,
        prompts: Prompts,
        store: Store,
        given: SessionRequest,
        table: TableOptions,
        audio: Path | None,
        speech: Speech | None,
        words_a_minute: int | None,
        voice_model: str | None,
    ) -> SessionRequest:
        """Waits until somebody at the page says what they want."""
        from facilitator.commands.session.page_setup import PageSetup  # noqa: PLC0415

        return PageSetup(
            self.broker,
            prompts=prompts,
            store=store,
            given=given,
            table=table,
            audio=audio,
            unfinished=None if given.go_on is False else that_can_go_on(store, texts_of(given.language)),
            speech=speech,
            words_a_minute=words_a_minute,
            voice_model=voice_model,
        ).run()

    def screen(self, setup: Setup, airtime: AirtimeRule, source: AudioSource | None) -> PageScreen:
        return PageScreen(
            self.broker,
            airtime=airtime,
            texts=texts_of(str(setup.language["code"])),
            listening=setup.listening,
            day_in=setup.day_in,
            names_in_the_room=self.share is not None and self.share.names,
            away=(lambda: source.away) if isinstance(source, Microphone) else (lambda: False),
        )
