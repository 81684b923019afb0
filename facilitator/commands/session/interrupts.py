"""What Ctrl-C does: it ends a session properly, pressed again at once; what is soon over it does not cut short."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

from facilitator.session import Session

MEANT = 3
"""Pressed so often, Ctrl-C ends also what should not be disturbed."""


@contextlib.contextmanager
def interrupts(session: Session, *, answered: bool) -> Iterator[None]:
    """The first Ctrl-C ends the session properly, a second one at once."""
    asked = False

    def handle(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        session.finish(answered=answered)

    with _handled(handle):
        yield


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """For what is over in a moment by itself, as storing the last words and saying good-bye: a Ctrl-C that was meant
    for what came before does nothing to it."""
    pressed = 0

    def handle(_number: int, _frame: FrameType | None) -> None:
        nonlocal pressed
        pressed += 1
        if pressed >= MEANT:
            raise KeyboardInterrupt

    with _handled(handle):
        yield


@contextlib.contextmanager
def _handled(handle: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():  # nobody else is interrupted
        yield
        return
    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
