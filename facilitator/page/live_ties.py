"""Who came after whom and cut in on whom so far, for the map of the table while people talk.

Afterwards the review has gone over all of it (`core/review/ties.py`), and may count a little otherwise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

from facilitator.core.events import CutIn, Record, TurnStarted

MAP_FROM = 3
"""People: of two there is nothing to draw."""


class LiveTies:
    def __init__(self) -> None:
        self.open = False
        """It is open talk: else the order says who comes after whom."""
        self._last: str | None = None
        self._next: Counter[tuple[str, str]] = Counter()
        self._cut_ins: Counter[tuple[str, str]] = Counter()

    def stage(self, kind: str) -> None:
        if self.open != (kind == "talk"):
            self.open, self._last = kind == "talk", None

    def write(self, record: Record) -> None:
        match record:
            case TurnStarted(person=person) if self.open:
                if self._last not in (None, person):
                    self._next[person, self._last or ""] += 1
                self._last = person
            case CutIn(kind="cut-in", by=by, over=over):
                self._cut_ins[by, over] += 1

    def told(self, people: Collection[str]) -> list[dict[str, Any]] | None:
        """A line for each pair. None: there is no map."""
        if len(people) < MAP_FROM or not self.open:
            return None
        pairs = [(by, to) for by in people for to in people if self._next[by, to] + self._cut_ins[by, to]]
        return [{"by": by, "to": to, "next": self._next[by, to], "cut_ins": self._cut_ins[by, to]} for by, to in pairs]
