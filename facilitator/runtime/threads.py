"""Threads and clean-up that an unexpected exception does not end: it goes to the log, it is told once, and the work
begins again, or the rest is cleaned up."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol, TypeVar

T = TypeVar("T")
FIRST_WAIT_S = 0.05
LONGEST_WAIT_S = 2.0
_log = logging.getLogger(__name__)


class Closes(Protocol):
    def close(self) -> None: ...


def close_all(*parts: Closes | None) -> None:
    """Closes them in this order, whatever one of them does."""
    for part in parts:
        try:
            if part is not None:
                part.close()
        except Exception:
            _log.exception("closing failed")


class SupervisedThread:
    """Runs `work` on a thread of its own until it returns; where it raises, `failed` is told why (it may say so to
    people, and set right what was under way), and `work` runs again a moment later. `work` must bear that."""

    def __init__(
        self, work: Callable[[], object], *, name: str, failed: Callable[[Exception], object] = lambda _: None
    ) -> None:
        self.failures = 0
        """So often it had to begin again."""
        self._work, self._failed = work, failed
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def is_current(self) -> bool:
        return self._thread is threading.current_thread()

    def join(self, timeout_s: float) -> None:
        """Waits for its end, and not for another run of `work`. Never raises: not begun, or on itself, is over."""
        self._ended.set()
        if self._thread.is_alive() and not self.is_current():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        wait_s = FIRST_WAIT_S
        while True:
            try:
                self._work()
                return
            except Exception as error:
                self.failures += 1
                _log.exception("the thread has failed, for the %d. time", self.failures)
                try:
                    self._failed(error)
                except Exception:
                    _log.exception("and could not say so")
            if self._ended.wait(wait_s):
                return
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)


def beside(work: Callable[[], T]) -> Callable[[], T]:
    """Carries it out on a thread of its own. What comes back waits for its result, and raises what it raised."""
    done: Future[T] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as error:  # whoever waits is told
            done.set_exception(error)

    threading.Thread(target=run, name="beside", daemon=True).start()
    return done.result
