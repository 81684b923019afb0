"""`facilitator review --open`: a stored session on the page, until that is closed."""

from __future__ import annotations

import contextlib
import sys
import time
import webbrowser
from pathlib import Path

import click

from facilitator.commands.session.with_page import browser_here
from facilitator.commands.stored.review_desk import StoredDesk
from facilitator.page.broker import Broker
from facilitator.page.review_api import routes
from facilitator.page.server import PageServer
from facilitator.store.reader import Reader

LOOK_S = 0.2
GONE_S = 5.0
"""A page that is loaded anew is away for a moment; one that is away for longer has been closed."""


def show_review(db: Path, session: int | None, *, browser: bool) -> None:
    """Serves it until every page of it is closed, or Ctrl+C. `session` None: the latest. `browser`: opens it. Raises
    StoreError and PageError."""
    with Reader.open(db) as reader:
        number = reader.latest() if session is None else session
        reader.setup(number)  # it is there
    hub = Broker()
    desk = StoredDesk(db, lambda changes: hub.tell("changed", changes))
    server = PageServer.open(hub=hub, routes=routes(desk))
    try:
        hub.tell("review", {"session": number})
        hub.tell("screen", "review")
        click.echo(f"The page: {server.url}\nIt is there until you close it, or press Ctrl+C here.")
        sys.stdout.flush()
        if browser and browser_here():  # elsewhere the address does
            with contextlib.suppress(webbrowser.Error):
                webbrowser.open(server.ticket_url())
        with contextlib.suppress(KeyboardInterrupt):
            _until_closed(hub)
    finally:
        server.close()


def _until_closed(hub: Broker) -> None:
    seen_s: float | None = None  # when a page was last open; None: none was so far
    while seen_s is None or time.monotonic() - seen_s < GONE_S:
        hub.take(LOOK_S)
        if hub.pages:
            seen_s = time.monotonic()
