"""Libraries of sound print their own troubles straight to the standard error, in the middle of people's screen."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator

_lock = threading.RLock()
"""The standard error is one for all threads: two that put it aside at once would leave it put aside for good."""


@contextlib.contextmanager
def muted() -> Iterator[None]:
    """While it lasts, what native code of any thread writes there goes nowhere."""
    with _lock:
        try:
            kept = os.dup(2)
        except OSError:  # there is no standard error to protect
            yield
            return
        try:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 2)
            os.close(nowhere)
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
