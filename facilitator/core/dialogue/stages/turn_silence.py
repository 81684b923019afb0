"""Silence in a turn: somebody thinks, or weeps, or has not begun. It ends no turn by itself.

After a while it is said once, softly, that there is time; then later, and later still. The floor passes on when the
holder says so, when the time is over, or when the next person begins to speak and the holder does not. Whoever goes
on before that simply goes on. Under a second of speech is nothing said: nothing is counted of it, or built on it.
"""

from __future__ import annotations

from facilitator.core.events import Activity, Fact, PutRight, Spoke

SAID_MS = 1_000
"""With less of their speech nobody has said anything."""
BEGINS_MS = 1_000
"""Who speaks for so long after a silence has begun."""
LATE_MS = 2_500
"""What was said so recently may not have a name yet."""
LONGER = 2.0
LONGEST = 4.0


class TurnSilence:
    """Of one turn, from `from_ms` on. `following`: whose turn is next, if they can simply begin; `knows`: the holder's
    voice is known, so that it can be told whether they said anything."""

    def __init__(self, holder: str, following: str | None, from_ms: int, patience_ms: float, *, knows: bool) -> None:
        self._holder, self._following, self._from_ms = holder, following, from_ms
        self._patience_ms, self._knows = patience_ms, knows
        self._checks = 0
        self._checked = False
        self._said_ms = self._began_ms = 0
        self._voice_ms: int | None = None  # when somebody's voice was last heard

    @property
    def checked(self) -> bool:
        """It has been said that there is time, and the holder has not spoken since."""
        return self._checked

    @property
    def patience_ms(self) -> int:
        """So much silence comes before it is said (again)."""
        return round(self._patience_ms * min(LONGEST, LONGER**self._checks))

    @property
    def checks(self) -> int:
        return self._checks

    def check(self) -> None:
        self._checked = True
        self._checks += 1
        self._began_ms = 0

    def fact(self, fact: Fact) -> None:
        if isinstance(fact, Activity):
            self._voice_ms = fact.start_ms

    def spoke(self, spoke: Spoke) -> bool:
        """Whether the next person has begun, and the holder is silent."""
        length_ms = spoke.end_ms - max(spoke.start_ms, self._from_ms)
        if length_ms <= 0 or not spoke.counted:
            return False
        if self._holder in spoke.people or spoke.unknown or spoke.guest:  # it may well be theirs
            self._said_ms += length_ms
            self._checked, self._began_ms = False, 0
        elif self._checked and self._following in spoke.people:
            self._began_ms += length_ms
        return self._began_ms >= BEGINS_MS

    def put_right(self, event: PutRight) -> None:
        """It was theirs, or it was not."""
        length_ms = event.end_ms - max(event.start_ms, self._from_ms)
        if length_ms > 0 and self._holder in (event.person, event.by):
            gained = (event.person == self._holder) != event.undone
            self._said_ms = max(0, self._said_ms + (length_ms if gained else -length_ms))
            self._checked = self._checked and not gained

    def nothing_said(self, now_ms: int) -> bool:
        """Surely nothing, as far as the holder's voice is known."""
        recent = self._voice_ms is not None and now_ms - self._voice_ms < LATE_MS
        return self._knows and self._said_ms < SAID_MS and not recent
