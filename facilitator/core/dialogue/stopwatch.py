"""Time that is told, counted only while it runs."""

from __future__ import annotations


class Stopwatch:
    """Milliseconds between starts and stops."""

    def __init__(self) -> None:
        self._before_ms = 0
        self._since_ms: int | None = None

    @property
    def running(self) -> bool:
        return self._since_ms is not None

    def start(self, now_ms: int) -> None:
        if self._since_ms is None:
            self._since_ms = now_ms

    def stop(self, now_ms: int) -> None:
        if self._since_ms is not None:
            self._before_ms += now_ms - self._since_ms
            self._since_ms = None

    def ms(self, now_ms: int) -> int:
        return self._before_ms + (0 if self._since_ms is None else now_ms - self._since_ms)

    def when_ms(self, total_ms: int) -> int | None:
        """The time at which it will show `total_ms` if it runs on; None while it stands still."""
        return None if self._since_ms is None else self._since_ms + total_ms - self._before_ms
