"""`facilitator room`: the clocks of several tables in one room, and taking in what they hand over."""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click

from facilitator.commands import candidates, options
from facilitator.commands.stored.merge import take_in
from facilitator.core.language.texts import Texts
from facilitator.core.table_clock import TableSeen
from facilitator.errors import FacilitatorError, UsageError
from facilitator.page.room_link import TableAddress, TableLink, parse_address
from facilitator.resources.texts import texts_of
from facilitator.system.own_files import HANDED_OVER
from facilitator.terminal.ask import parse_name
from facilitator.terminal.room_view import room_lines, table_line
from facilitator.terminal.tell import columns, tell
from facilitator.terminal.to_type import to_type

LOOK_S = 0.25
MOST_TABLES = 30
BELL, WIDTH = "\a", 80


@click.command(context_settings={"allow_extra_args": True})
@click.option(
    "--language", default="en", show_default=True, metavar="CODE", help="The language in which it is told.",
    shell_complete=candidates.language_codes,
)  # fmt: skip
@options.database()
@click.pass_context
def room(context: click.Context, language: str, db: Path) -> None:
    """Shows the clocks of several tables in one room, one laptop each, and takes in what they hand over.

    Each table begins with facilitator start --share=room, which tells an address. Paste those here, one a line, with a
    name before it if you like (door=http://...), or give a file of them. This shows for each table its stage, the time
    left, and whether it asks for help (the key c there); who is at it only where that table adds --share-names. When a
    session is over that table is asked whether to hand it over: with a yes it comes here, and is merged when this ends.
    What is brought on a stick is taken in by facilitator merge.

    \b
    Examples:
      facilitator room
      facilitator room < tables.txt
    """
    texts = texts_of(language)
    if context.args:
        raise UsageError(
            "An address lets in whoever knows it, and others who use this computer can read how a program was begun: "
            "begin facilitator room without one, and paste it there."
        )
    places = _places(_asked(texts), texts)
    tray = _Tray(db.expanduser().absolute())
    with contextlib.ExitStack() as until_over:
        links = {name: TableLink(where, tray.taker(name)) for name, where in places.items()}
        for link in links.values():
            until_over.callback(link.stop)
        with contextlib.suppress(KeyboardInterrupt):
            _follow(links, texts)
    for link in links.values():
        link.close()
    tray.merge(texts)


def _asked(texts: Texts) -> list[str]:
    """One a line, to an empty line or the end of a file."""
    if sys.stdin.isatty():
        tell(texts("room.paste"))
    lines = (line.strip() for line in sys.stdin)
    return list(itertools.takewhile(bool, lines))


def _places(given: Sequence[str], texts: Texts) -> dict[str, TableAddress]:
    """By the name under which each is shown. Raises UsageError."""
    if not given:
        raise UsageError(
            "Paste the addresses of the tables, as each tells it that began with --share=room; or a file: < FILE."
        )
    if len(given) > MOST_TABLES:
        raise UsageError(f"That is {len(given)} tables; give the addresses of 1 to {MOST_TABLES}.")
    found: dict[str, TableAddress] = {}
    for number, text in enumerate(given, 1):
        name, equals, address = text.partition("=")
        named = bool(equals) and "://" not in name
        where = parse_address(address if named else text)
        name = parse_name(name) if named else texts("room.table", number=number)
        if name in found or where in found.values():
            raise UsageError(f"{name if name in found else text} is there twice; give each table once.")
        found[name] = where
    return found


def _follow(links: Mapping[str, TableLink], texts: Texts) -> None:
    """Until all have ended and left, or Ctrl-C."""
    show = _live(texts) if sys.stdout.isatty() else contextlib.nullcontext(_plain(texts))
    with show as shown:
        while True:
            seen = {name: link.seen for name, link in links.items()}
            shown(seen)
            if all(one.reached == "over" for one in seen.values()):
                return
            time.sleep(LOOK_S)


ShowTables = Callable[[Mapping[str, TableSeen]], None]


@contextlib.contextmanager
def _live(texts: Texts):  # type: ignore[no-untyped-def]
    from rich.console import Console  # noqa: PLC0415 - only on a terminal
    from rich.live import Live  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console = Console(highlight=False, emoji=False, markup=False)
    asking: set[str] = set()
    with Live(Text(), console=console, screen=True, auto_refresh=False) as live:

        def show(seen: Mapping[str, TableSeen]) -> None:
            now = {name for name, one in seen.items() if one.help}
            if now - asking:
                console.file.write(BELL)
            asking.clear()
            asking.update(now)
            head = texts.counted("room.title", len(seen))
            lines = [head, "", *room_lines(seen, texts, columns() or WIDTH), "", texts("room.ends")]
            live.update(Text("\n".join(lines)), refresh=True)

        yield show


def _plain(texts: Texts) -> ShowTables:
    last: dict[str, str] = {}

    def show(seen: Mapping[str, TableSeen]) -> None:
        for name, one in seen.items():
            line = table_line(name, one, texts)
            news = line.split("  ", 1)[-1]  # without the time
            if last.get(name) != news:
                last[name] = news
                tell(line)
                sys.stdout.flush()

    return show


class _Tray:
    """What tables have handed over, in files for their owner only, until it is merged."""

    def __init__(self, db: Path) -> None:
        self._db, self._lock = db, threading.Lock()
        self._files: list[tuple[str, Path]] = []
        self._problems: dict[str, str] = {}
        self._over = False

    def taker(self, name: str) -> Callable[[bytes], None]:
        """Raises OSError where it cannot be kept, so that the table keeps it."""

        def take(session: bytes) -> None:
            with self._lock:
                if self._over:
                    raise OSError("it is merged already")
                try:
                    path = self._kept(session)
                except OSError as error:
                    self._problems[name] = (
                        f"What {name} handed over could not be kept beside {self._db} ({error.strerror}), so it stays"
                        " at that table: make room, or name another place with --db, and begin again."
                    )
                    raise
                self._problems.pop(name, None)
                self._files.append((name, path))

        return take

    def _kept(self, session: bytes) -> Path:
        path = self._new_file()
        try:
            path.write_bytes(session)
        except OSError:
            path.unlink(missing_ok=True)
            raise
        return path

    def _new_file(self) -> Path:
        self._db.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        number = 1
        while True:
            path = self._db.parent / HANDED_OVER.replace("*", str(number))
            try:
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
                return path
            except FileExistsError:
                number += 1

    def merge(self, texts: Texts) -> None:
        """Nothing is taken from here on. What cannot be merged stays, and it is told how it can be; one that is bad
        holds up no other."""
        with self._lock:
            self._over = True
        problems = list(self._problems.values())
        for name, path in self._files:
            tell(texts("room.merging", name=name))
            wrong = self._wrong_with(path)
            if wrong is None:
                with contextlib.suppress(OSError):  # it is here now; once more changes nothing
                    path.unlink()
            else:
                problems.append(wrong)
                tell(wrong, err=True)
                tell(texts("room.merge_later", command=to_type(f"facilitator merge {path}")), err=True)
        for problem in self._problems.values():
            tell(problem, err=True)
        if not self._files:
            tell(texts("room.nothing"))
        if problems:
            raise click.exceptions.Exit(1)

    def _wrong_with(self, path: Path) -> str | None:
        """Why it could not be taken in; None: it was."""
        try:
            take_in(self._db, path, all_same=False)
        except FacilitatorError as error:
            return error.message
        except click.Abort:
            return ""
        except Exception as error:
            logging.getLogger(__name__).error("what was handed over cannot be merged", exc_info=error)
            return (
                f"It could not be taken in ({type(error).__name__}): something in it is not as this program writes it."
            )
        return None
