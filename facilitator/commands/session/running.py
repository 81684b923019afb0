"""A session from its parts to its last word: what `start` and `demo` have in common."""

from __future__ import annotations

import _thread
import contextlib
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from facilitator.commands.session.interrupts import interrupts, undisturbed
from facilitator.commands.session.save_the_rest import save_the_rest
from facilitator.commands.session.unfinished import Interrupted
from facilitator.commands.stored.calendar_entries import hint
from facilitator.commands.stored.wording import as_values, glance
from facilitator.core.airtime_display import AirtimeRule, rule_of
from facilitator.core.discussion import Discussion
from facilitator.core.events import Fact, Record, Resumed
from facilitator.core.language.texts import Texts
from facilitator.core.review.review import review
from facilitator.core.session_notes import SessionNotes
from facilitator.core.setup import Setup
from facilitator.core.snapshot import Snapshot
from facilitator.errors import StoreError
from facilitator.hearing.interfaces import Ear
from facilitator.hearing.words.word_listener import WordsHeard
from facilitator.page.screen import PageScreen
from facilitator.ports import AudioSource, Keys, Sink, Voice
from facilitator.report.output.blocks import plain
from facilitator.resources.texts import texts_of
from facilitator.runtime.threads import close_all
from facilitator.session import Screen, Session
from facilitator.store.items import now_utc
from facilitator.store.reader import Reader
from facilitator.store.session_log import Store
from facilitator.store.session_notes import notes_of
from facilitator.system import field_log
from facilitator.terminal.keys import TerminalKeys
from facilitator.terminal.plain import PlainScreen
from facilitator.terminal.screen import LiveScreen
from facilitator.terminal.tell import columns, tell
from facilitator.terminal.to_type import to_type

STOPS_ITSELF_S = 0.4
"""So long a session that is ended from outside has to come out of what it is doing."""
ENDS_S = 1.8
"""So long after it the program is over, stored or not: who ends programs kills them after a while."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything a session is made of. `resume` is the one that goes on, with this very setup."""

    setup: Setup
    store: Store
    voice: Voice
    source: AudioSource | None
    ear: Ear | None
    words: WordsHeard | None = None
    keys: Sequence[Keys] = ()
    sinks: Sequence[Sink] = field(default=())
    airtime: AirtimeRule | None = None
    """What is shown of the airtime; None: as is usual for the form."""
    caption: Callable[[], str] = lambda: ""
    """What is said at this table, where it is recorded people who say it."""
    call: Callable[[], None] = lambda: None
    """Asks the room for help."""
    page: PageScreen | None = None
    """The page in the browser, beside the terminal."""
    programs: Sequence[Screen] = ()
    """Other programs that are told the live state."""
    fast: bool = False
    resume: Interrupted | None = None
    keep: bool = True
    """The session should be found in a database afterwards."""
    answered: bool = True
    """Somebody is there to be asked something at the end, where Ctrl-C brings it there."""
    ask: bool = True
    """Someone can answer at the end where to save what could not be stored."""
    troubles: Sequence[Callable[[], str | None]] = ()
    """Each is asked again and again for something that people should know."""


class _All:
    """The terminal, the page, other programs: whoever is at any of them sees the same."""

    def __init__(self, *screens: Screen) -> None:
        self._screens = screens

    def show(self, snapshot: Snapshot) -> None:
        for screen in self._screens:
            screen.show(snapshot)

    def write(self, records: Sequence[Record]) -> None:
        for screen in self._screens:
            screen.write(records)

    def close(self) -> None:
        for screen in self._screens:
            screen.close()


def open_store(path: Path) -> Store:
    """The database; where it cannot be used, one in memory, and a sentence that says so."""
    try:
        store = Store.open(path)
        try:
            store.check()
        except StoreError:
            store.close()
            raise
        return store
    except StoreError as error:
        tell(f"{error.message} The discussion goes on without it and is kept in memory.", err=True)
        return Store.open_memory(error.message)


def run(parts: Parts) -> int | None:
    """Runs the session, then stores and prints what it came to. Its number; None where it was stopped, or is not
    kept."""
    store = parts.store
    resumed: Fact | None = None
    start_ms = 0
    if parts.resume is None:
        discussion = Discussion(parts.setup)
        number = store.begin(parts.setup, now_utc())
    else:
        discussion, number, start_ms = parts.resume.discussion, parts.resume.session, parts.resume.at_ms
        enrolled = parts.ear.people if parts.ear is not None else ()
        resumed = Resumed(at_ms=start_ms, enrolled=enrolled)
    airtime = parts.airtime or rule_of(parts.setup)
    texts = texts_of(discussion.language.code)
    screen, keys = _at_the_terminal(parts, airtime, texts)
    if parts.page is not None:
        stored = parts.keep and store.path is not None
        parts.page.holds(number if stored else None)
        again = to_type(f"facilitator review {number} --open") if stored else ""
        parts.page.summary = lambda: {**as_values(discussion.summary(), discussion.language), "again": again}
    session = Session(
        discussion=discussion,
        voice=parts.voice,
        source=parts.source,
        ear=parts.ear,
        words=parts.words,
        keys=[keys, *parts.keys, *([parts.page] if parts.page is not None else [])],
        screen=_All(*(one for one in (screen, parts.page, *parts.programs) if one is not None)),
        sinks=[store, *parts.sinks, *([field_log.LoggedRecords()] if field_log.is_on() else [])],
        troubles=[store.trouble, *parts.troubles],
        start_ms=start_ms,
        fast=parts.fast,
    )
    stopped = False
    with _ended_from_outside(session) as ending, undisturbed():
        try:
            with interrupts(session, answered=parts.answered):
                session.run(resumed=resumed)
        except KeyboardInterrupt:
            stopped = True
        finally:
            close_all(keys, screen, *parts.programs)
            if not ending.asked:
                close_all(parts.voice, parts.words, parts.source)
        over = not ending.asked
        if over:
            if parts.page is not None:
                parts.page.finished(discussion.snapshot())
            store.replace_turns(*discussion.settled())
            store.finish(number, "stopped" if stopped else discussion.end_reason, now_utc())
        notes = None if parts.keep else _notes(store, number)  # of what is not kept, while it is there
        store.close()
        ending.exit_code = int(parts.keep and not store.whole)
        if not over:
            _leave(parts, number, texts)
    if parts.keep and store.path is not None:
        notes = _noted(store.path, number)
    tell(plain(glance(review(discussion.account()), discussion.language, notes), texts, columns()), nl=False)
    if not parts.keep:
        tell("\n" + texts("terminal.how", command=to_type("facilitator review --how")))
        return None
    if not save_the_rest(store, ask=parts.ask):
        raise click.exceptions.Exit(1)
    if store.path is not None:
        _where_it_is(store.path, number, texts)
    return None if stopped or store.path is None else number


def _noted(path: Path, number: int) -> SessionNotes | None:
    """What was agreed on, and the like; None where it cannot be read."""
    try:
        with Reader.open(path) as reader:
            return notes_of(reader, number)
    except StoreError:
        return None


def _notes(store: Store, number: int) -> SessionNotes | None:
    """The same, of a database that is open."""
    try:
        return notes_of(store, number)
    except StoreError:
        return None


def _where_it_is(path: Path, number: int, texts: Texts) -> None:
    """How to read it again; nothing, where somebody has taken it away meanwhile: what was saved then has been told."""
    notes = _noted(path, number)
    if notes is None:
        return
    tell("\n" + texts("terminal.again", command=to_type(f"facilitator review {number}")))
    if command := hint(notes):
        tell(texts("terminal.calendar", command=to_type(command)))


def _at_the_terminal(parts: Parts, airtime: AirtimeRule, texts: Texts) -> tuple[Screen, TerminalKeys]:
    """A page of its own where that can be shown, else lines; and the keyboard."""
    if not sys.stdout.isatty():
        return PlainScreen(), TerminalKeys(on_airtime=airtime.turn, on_call=parts.call)
    screen = LiveScreen(airtime, texts)
    keys = TerminalKeys(
        before_stop=screen.suspend, after_stop=screen.resume, on_airtime=airtime.turn, on_call=parts.call
    )
    screen.typed, screen.caption = (lambda: keys.typed), parts.caption
    return screen, keys


class _Ending:
    """What came of the signals that end a program from outside. Nobody may be there to answer anything, and who sent
    it does not wait long: the session stops where it is, and can be gone on with."""

    def __init__(self, session: Session) -> None:
        self.asked = False
        self.exit_code = 1
        """Until everything is stored."""
        self._session = session
        self._interrupt = False

    def handle(self, number: int, _frame: FrameType | None) -> None:
        if not self.asked:
            self.asked = True
            self._session.stop()
            threading.Thread(target=self._see_to_it, args=[number], name="ending", daemon=True).start()
        elif self._interrupt:
            self._interrupt = False
            raise KeyboardInterrupt

    def _see_to_it(self, number: int) -> None:
        """However long what is under way takes: first it is interrupted, then the program ends."""
        time.sleep(STOPS_ITSELF_S)
        if self._session.running:
            self._interrupt = True
            if hasattr(signal, "pthread_kill"):  # it wakes the thread, too
                signal.pthread_kill(threading.main_thread().ident or 0, number)
            else:
                _thread.interrupt_main(signal.Signals(number))
        time.sleep(ENDS_S - STOPS_ITSELF_S)
        os._exit(self.exit_code)  # what is stored is sound, whenever that comes


@contextlib.contextmanager
def _ended_from_outside(session: Session) -> Iterator[_Ending]:
    """SIGTERM, a closed terminal (SIGHUP), a closed window (SIGBREAK). One that is to be ignored (nohup) still is."""
    ending = _Ending(session)
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    before = {number: handler for number, handler in before.items() if handler != signal.SIG_IGN}
    for number in before:
        signal.signal(number, ending.handle)
    try:
        yield ending
    finally:
        if not ending.asked:
            for number, handler in before.items():
                signal.signal(number, handler)


def _leave(parts: Parts, number: int, texts: Texts) -> NoReturn:
    """The end of a session that was ended from outside: nobody is asked or waited for."""
    saved = not parts.keep
    with contextlib.suppress(OSError):  # the terminal may be what was closed
        if parts.store.path is not None and parts.store.whole:
            saved = True
            tell("\n" + texts("terminal.outside", number=number, command=to_type("facilitator start --go-on")))
        elif parts.keep:
            saved = save_the_rest(parts.store, ask=False)
    close_all(parts.voice, parts.words, parts.source)
    raise click.exceptions.Exit(int(not saved))
