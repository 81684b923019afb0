"""One stream of a sound device, watched and opened again when the device goes: what microphone and loudspeaker share.

A device that dies raises nothing; its callbacks just stop. So a thread looks at when the last one came, and where that
is too long ago it opens the device again, however long it takes.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from facilitator.backends.audio import portaudio
from facilitator.errors import AudioError
from facilitator.runtime.asleep import SleepWatch
from facilitator.runtime.threads import SupervisedThread

_log = logging.getLogger(__name__)
DEAD_AFTER_S = 1.0
"""No callback for so long: the device is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """What differs between an input and an output. All are called on the watching thread, but `reopen` first by
    `open`."""

    reopen: Callable[[], Any]
    """Opens the device and gives its stream. Raises AudioError."""
    interrupted: Callable[[], object]
    """The stream has stopped; perhaps it is back at once, and nobody need hear of it."""
    gone: Callable[[], object]
    """It has not come back at once."""
    back: Callable[[bool], object]
    """It runs again; True: after `gone`."""


class DeviceStream:
    """`settled_after_s`: callbacks until then only fill a buffer, and prove nothing. `retries_s`: how long to wait
    after each attempt; the last one is repeated."""

    def __init__(self, name: str, hooks: Hooks, *, retries_s: Sequence[float], settled_after_s: float = 0.0) -> None:
        self.closed = threading.Event()
        self.last_call_at = time.monotonic()
        self._hooks, self._retries_s, self._settled_after_s = hooks, retries_s, settled_after_s
        self._stream: Any = None
        self._thread = SupervisedThread(self._watch, name=name)

    def open(self) -> None:
        """Raises AudioError where the device does not open; else it is watched from here on."""
        self._reopen()
        self._thread.start()

    def called(self) -> float:
        """Every callback says so; it is told the time, of `time.monotonic()`."""
        self.last_call_at = now = time.monotonic()
        return now

    def stop(self) -> None:
        """No callback comes after this, until the device is opened again."""
        portaudio.close_stream(self._stream)

    def close(self) -> None:
        self.closed.set()
        self._thread.join(5)
        self.stop()

    def _reopen(self) -> None:
        self.last_call_at = time.monotonic()
        self._stream = self._hooks.reopen()

    def _watch(self) -> None:
        looked_at = time.monotonic()
        sleep = SleepWatch()
        while not self.closed.wait(0.1):
            now = time.monotonic()
            frozen = now - looked_at > DEAD_AFTER_S / 2  # the whole process was: give the callback its chance
            looked_at = now
            if sleep.slept_s():  # whether the device outlived that is seen by opening it anew
                self._recover("the computer was asleep", told=False)
                looked_at = time.monotonic()
            elif frozen:
                self.last_call_at = now
            elif not portaudio.is_open(self._stream):  # someone looked for devices again
                self._recover("devices were looked for again", told=False)
                looked_at = time.monotonic()
            elif now - self.last_call_at > DEAD_AFTER_S:
                self._recover("no callback came", told=True)
                looked_at = time.monotonic()

    def _recover(self, why: str, *, told: bool) -> None:
        """`told` false: say so only when opening it again fails."""
        _log.warning("the stream is opened anew: %s", why)
        self._hooks.interrupted()
        if told:
            self._hooks.gone()
        for attempt in itertools.count():
            self.stop()
            if self.closed.is_set():
                return
            try:
                if attempt:  # looking for devices again interrupts the other stream, too: not at once, not often
                    portaudio.rescan()
                self._reopen()
                if self._answers():
                    break
            except AudioError:
                _log.debug("attempt %d failed", attempt + 1)
            if not told:
                told = True
                self._hooks.gone()
            self.closed.wait(self._retries_s[min(attempt, len(self._retries_s) - 1)])
        _log.info("the stream runs again, after %d attempts", attempt + 1)
        self._hooks.back(told)

    def _answers(self) -> bool:
        opened_at = self.last_call_at
        until = time.monotonic() + DEAD_AFTER_S
        while time.monotonic() < until and not self.closed.wait(0.02):
            if self.last_call_at > opened_at + self._settled_after_s:
                return True
        return False
