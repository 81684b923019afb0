"""Those who have come while the others talk, until there is a gap in which they can be turned to."""

from __future__ import annotations

from facilitator.core.dialogue.context import SpeaksToPeople
from facilitator.core.events import Show
from facilitator.core.language.names import folded
from facilitator.core.text import BETWEEN_NAMES, cleaned

LATEST_MS = 30_000
"""Without a gap for so long an open talk is interrupted; a turn is not."""
GREET_WAIT_MS = 6_000
LOOK_EVERY_MS = 500
MOST_LETTERS = 40


class Arrivals:
    """In the order in which they came. None of them has a seat before they are turned to."""

    def __init__(self, session: SpeaksToPeople) -> None:
        self._session = session
        self._waiting: list[tuple[int, str]] = []  # since when, and who
        self._greeted: set[str] = set()

    def named(self, typed: str) -> tuple[str, ...]:
        """Each once, as they are written here where they have a seat; what has no letter in it is no name."""
        parts = [" ".join(cleaned(part).split())[:MOST_LETTERS] for part in BETWEEN_NAMES.split(typed)]
        seats = {folded(person): person for person in self._session.people}
        found: dict[str, str] = {}
        for name in parts:
            if any(letter.isalnum() for letter in name):
                found.setdefault(folded(name), seats.get(folded(name), name))
        return tuple(found.values())

    def expect(self, name: str) -> bool:
        """They are waited for; whether they were not already."""
        session = self._session
        if any(folded(one) == folded(name) for _, one in self._waiting):
            return False
        self._waiting.append((session.now_ms, name))
        self._greeted.discard(name)
        session.emit(Show(at_ms=session.now_ms, text=session.worded("people.soon", person=name)))
        return True

    def greet(self, *, between: bool) -> None:
        """A word to whoever has just come: at once, but not into what somebody says who has the floor."""
        for _, name in self._waiting:
            if between and name not in self._greeted:
                self._greeted.add(name)
                self._session.say("people.soon", person=name, wait_ms=GREET_WAIT_MS, otherwise="drop", urgent=True)

    def forget(self, name: str) -> bool:
        """They have not come; whether they were still waited for."""
        before = len(self._waiting)
        self._waiting = [one for one in self._waiting if one[1] != name]
        return len(self._waiting) < before

    def can_begin(self, *, gap: bool, patient: bool) -> bool:
        late = bool(self._waiting) and self._session.now_ms - self._waiting[0][0] >= LATEST_MS
        return bool(self._waiting) and (gap or (late and not patient))

    def next(self) -> str:
        return self._waiting.pop(0)[1]

    @property
    def deadline_ms(self) -> int | None:
        return self._session.now_ms + LOOK_EVERY_MS if self._waiting else None
