"""The live screen: one calm page in the terminal, drawn again only where something changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.text import Text

from facilitator.core.airtime_display import AirtimeRule
from facilitator.core.events import CommandName, Record
from facilitator.core.language.texts import Texts
from facilitator.core.snapshot import Snapshot
from facilitator.terminal.view import ASCII, SIGNS, lay_out

MIN_INTERVAL_S = 0.125
"""It is drawn at most eight times a second."""


class _Page:
    def __init__(self, lines: list[Text]) -> None:
        self._lines = lines

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text("\n").join(self._lines)


class LiveScreen:
    """Shows the latest snapshot on a page of its own; what was in the terminal before comes back at `close`.

    There is no thread: call `show` as often as there is something new, and it draws when the last
    drawing is an eighth of a second old and the page would look different. `clock` tells seconds."""

    def __init__(
        self,
        airtime: AirtimeRule,
        texts: Texts,
        console: Console | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._console = Console(highlight=False, emoji=False, markup=False) if console is None else console
        self._airtime, self._texts = airtime, texts
        self._clock = clock
        self._drawn_s: float | None = None
        self._lines: list[Text] = []
        self._live: Live | None = None
        self._snapshot: Snapshot | None = None
        self.typed: Callable[[], tuple[CommandName, str] | None] = lambda: None
        """What somebody is typing, if they are."""
        self.caption: Callable[[], str] = lambda: ""
        """What people say, where that is known beforehand."""
        self.resume()

    def show(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        now = self._clock()
        if self._drawn_s is not None and now - self._drawn_s < MIN_INTERVAL_S and not snapshot.ended:
            return
        self._drawn_s = now
        self._draw(snapshot)

    def write(self, records: Sequence[Record]) -> None:
        """The page shows what is, not what happened: the snapshot has it all."""

    def suspend(self) -> None:
        """Leaves the page for now (Ctrl-Z); `resume` comes back to it."""
        if self._live is not None:
            self._wrap_lines(True)
            self._live.stop()
            self._live = None

    def resume(self) -> None:
        if self._live is None:
            self._live = Live(_Page([]), console=self._console, screen=True, auto_refresh=False, transient=True)
            self._live.start()
            self._wrap_lines(False)
            self._lines = []
            if self._snapshot is not None:
                self._draw(self._snapshot)

    def close(self) -> None:
        """Gives the terminal back. What is printed from now on stays on the screen. Safe to call twice."""
        self.suspend()
        self._snapshot = None

    def _wrap_lines(self, on: bool) -> None:
        """Terminals disagree on how wide some letters are; a line that comes out too long must not push the
        page down."""
        if self._console.is_terminal and not self._console.legacy_windows:
            self._console.file.write("\x1b[?7h" if on else "\x1b[?7l")
            self._console.file.flush()

    def _draw(self, snapshot: Snapshot) -> None:
        width, height = self._console.size
        signs = ASCII if self._console.options.ascii_only else SIGNS
        lines = lay_out(snapshot, self._airtime, self._texts, width, height, signs, self.typed(), self.caption())
        if self._live is not None and lines != self._lines:
            self._lines = lines
            self._live.update(_Page(lines), refresh=True)
