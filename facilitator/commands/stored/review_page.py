"""`facilitator review --open`: a stored session on the page, until that is closed."""

from __future__ import annotations

import contextlib
import sys
import time
from pathlib import Path

from facilitator.commands.session.interrupts import undisturbed
from facilitator.commands.session.with_page import GONE_S, LOOK_S
from facilitator.commands.stored.review_desk import StoredReviewService
from facilitator.commands.stored.wording import texts_of_session
from facilitator.page.broker import Broker
from facilitator.page.browser import browser_here, send_browser
from facilitator.page.review_api import routes
from facilitator.page.server import PageServer
from facilitator.page.state import labels
from facilitator.resources.paths import data_folder
from facilitator.store.reader import Reader
from facilitator.terminal.tell import tell


def show_review(db: Path, session: int | None, *, browser: bool) -> None:
    """Serves it until every page of it is closed, or Ctrl+C. `session` None: the latest. `browser`: opens it. Raises
    StoreError and PageError."""
    with Reader.open(db) as reader:
        number = reader.latest() if session is None else session
        reader.setup(number)  # it is there
        texts = texts_of_session(reader, number)
    broker = Broker()
    desk = StoredReviewService(db, lambda changes: broker.tell("changed", changes))
    server = PageServer.open(broker=broker, routes=routes(desk))
    try:
        broker.tell("labels", labels(texts))
        broker.tell("review", {"session": number})
        broker.tell("screen", "review")
        tell(f"{texts('terminal.page', url=server.url)}\n{texts('terminal.page_stays')}")
        sys.stdout.flush()
        if browser and browser_here():  # elsewhere the address does
            problem = send_browser(server, data_folder())
            if problem is not None:
                tell(problem, err=True)
        with contextlib.suppress(KeyboardInterrupt):
            _until_closed(broker)
    finally:
        with undisturbed():
            server.close()


def _until_closed(broker: Broker) -> None:
    seen_s: float | None = None  # when a page was last open; None: none was so far
    while seen_s is None or time.monotonic() - seen_s < GONE_S:
        broker.take(LOOK_S)
        if broker.pages:
            seen_s = time.monotonic()
