"""The page in the browser: whether there is one, opening it, and what it takes from `start`."""

from __future__ import annotations

import contextlib
import os
import sys
import webbrowser
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from facilitator.backends.microphone import Microphone
from facilitator.commands.no_opening import found_live
from facilitator.commands.table import Table
from facilitator.core.formats import parse_format
from facilitator.core.setup import Setup
from facilitator.errors import PageError, UsageError
from facilitator.page.airtime import Airtime, usual_airtime
from facilitator.page.screen import PageScreen
from facilitator.page.wish import Wish
from facilitator.ports import AudioSource
from facilitator.prompts import Prompts
from facilitator.store import Store

if TYPE_CHECKING:
    from facilitator.page.server import PageServer


def wanted(*, page: bool, no_page: bool, yes: bool) -> bool:
    """A page is opened where somebody sits at this computer's screen; `--page` has one anyway."""
    if page and no_page:
        raise UsageError("--page and --no-page do not go together; say one of them.")
    if page or no_page:
        return page
    return not yes and sys.stdout.isatty() and sys.stdin.isatty() and not os.environ.get("CI") and browser_here()


def browser_here() -> bool:
    """Whether a browser with windows can be opened here."""
    if os.environ.get("SSH_CONNECTION"):
        return False
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    with contextlib.suppress(webbrowser.Error):
        webbrowser.get()
        return True
    return False


@contextlib.contextmanager
def opened(*, show: bool) -> Iterator[AtPage | None]:
    """The page, until the session is over. `show` opens the browser; else only the address is told. None: it cannot
    be had, and the terminal does it all."""
    from facilitator.page.server import PageServer  # noqa: PLC0415 - the server is loaded where there is a page

    try:
        server = PageServer.open()
    except PageError as error:
        if not show:
            raise
        click.echo(f"{error.message} Everything goes on here in the terminal.", err=True)
        yield None
        return
    try:
        click.echo(f"The page: {server.url}")
        sys.stdout.flush()
        if show:
            with contextlib.suppress(webbrowser.Error):
                webbrowser.open(server.ticket_url())
        yield AtPage(server)
    finally:
        server.close()


@dataclass(frozen=True, slots=True)
class AtPage:
    server: PageServer

    def set_up(
        self,
        *,
        prompts: Prompts,
        store: Store,
        given: Wish,
        table: Table,
        audio: Path | None,
        speech: str | None,
        words_a_minute: int,
    ) -> Wish:
        """Waits until somebody at the page says what they want."""
        from facilitator.commands.page_setup import PageSetup  # noqa: PLC0415

        return PageSetup(
            self.server.hub,
            prompts=prompts,
            store=store,
            given=given,
            table=table,
            audio=audio,
            unfinished=None if given.go_on is False else _unfinished(store),
            speech=speech,
            words_a_minute=words_a_minute,
        ).run()

    def screen(self, setup: Setup, airtime: Airtime | None, source: AudioSource | None) -> PageScreen:
        return PageScreen(
            self.server.hub,
            airtime=airtime or usual_airtime(parse_format(setup.format)),
            aims=setup.aims(),
            language=str(setup.language["code"]),
            listening=setup.listening,
            away=(lambda: source.away) if isinstance(source, Microphone) else (lambda: False),
        )


def _unfinished(store: Store) -> str | None:
    """The session that broke off, in a few words, if it can go on."""
    for latest in store.unfinished()[:1]:
        if not found_live(store.setup(latest.session)):
            return f"{', '.join(latest.people)}: {latest.format}, stopped after {latest.last_ms // 60_000} min"
    return None
