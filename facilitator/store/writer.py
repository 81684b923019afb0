"""The one thread that writes, so that a slow, full or locked disk never holds up a discussion."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from facilitator.runtime.threads import SupervisedThread

EVERY_S = 0.1
"""How long an item waits for company before it is written."""
RETRY_S = 1.0
FAILED = "Writing to the database has failed in a way that nobody has foreseen ({}); it is tried again."

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Writer(Generic[T]):
    """Hands over what it is given, in order and in batches, to `commit`, which must be all or nothing.

    `commit` returns None, or a sentence about why it could not: then the batch is kept and tried again with
    whatever has come in since. Things handed over in one call stay in one batch."""

    def __init__(self, commit: Callable[[Sequence[T]], str | None]) -> None:
        self._commit = commit
        self._pending: list[T] = []
        self._put = self._written = self._failures = 0
        self._trouble: str | None = None
        self._changed = threading.Condition()
        self._hurry = False
        self._stopping = False
        self._thread = SupervisedThread(self._run, name="store", failed=self._fail)
        self._thread.start()

    def put(self, items: Sequence[T]) -> None:
        """Take these to be written soon. Does nothing but remember them, even after `stop`."""
        with self._changed:
            self._pending.extend(items)
            self._put += len(items)
            self._changed.notify_all()

    @property
    def pending(self) -> list[T]:
        """What is not written yet, in order."""
        with self._changed:
            return list(self._pending)

    @property
    def trouble(self) -> str | None:
        """Why the last attempt failed; None once one has succeeded."""
        with self._changed:
            return self._trouble

    def flush(self, timeout_s: float) -> bool:
        """Write now what is pending, and wait until it is written or an attempt fails. Whether all was written."""
        with self._changed:
            goal, failures = self._put, self._failures
            self._hurry = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._written >= goal or self._failures > failures, timeout_s)
            return self._written >= goal

    def stop(self, timeout_s: float) -> bool:
        """Write what is pending, once more at most, and end. Whether all was written."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join(timeout_s)
        return not self.pending

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._pending or self._hurry or self._stopping)
                wait_s = RETRY_S if self._trouble else EVERY_S
                self._changed.wait_for(lambda: self._hurry or self._stopping, wait_s)
                last, batch = self._stopping, list(self._pending)
            trouble = self._commit(batch) if batch else None
            with self._changed:
                self._trouble = trouble
                if trouble is None:
                    del self._pending[: len(batch)]
                    self._written += len(batch)
                else:
                    self._failures += 1
                    _log.warning("%d records are not stored yet, after %d failures", len(self._pending), self._failures)
                self._hurry = self._hurry and trouble is None and bool(self._pending)
                self._changed.notify_all()
                if last and (trouble or not self._pending):
                    return

    def _fail(self, error: Exception) -> None:
        with self._changed:
            self._trouble = FAILED.format(type(error).__name__)
            self._failures += 1
            self._changed.notify_all()
