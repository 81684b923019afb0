"""That was somebody else: what was said last is counted to whom people say it was."""

from __future__ import annotations

from collections.abc import Callable

from facilitator.core.dialogue.session_context import SessionContext
from facilitator.core.events import PutRight
from facilitator.core.turntaking.put_right import LastSaid


class WhoSpoke:
    """`last_said`: what was said last by anybody but this person."""

    def __init__(
        self, session: SessionContext, last_said: Callable[[str], LastSaid | None], told: Callable[[PutRight], None]
    ) -> None:
        self._session, self._last_said, self._told = session, last_said, told

    @property
    def heard(self) -> bool:
        """Somebody is counted, so that it can be wrong."""
        return any(self._session.airtime_ms().values())

    @property
    def among(self) -> tuple[str, ...]:
        """Who it can have been."""
        return tuple(person for person in self._session.present if self._session.is_heard(person))

    def last(self, but: str = "") -> LastSaid | None:
        said = self._last_said(but)
        if said is None:
            self._session.say("people.was_nobody", wait_ms=3_000, otherwise="show", urgent=True)
        return said

    def was(self, person: str, said: LastSaid) -> None:
        session = self._session
        if person not in self.among:
            session.say("people.was_unheard", person=person, wait_ms=3_000, otherwise="show", urgent=True)
            return
        if person != said.person:
            self._tell(person, said, undone=False)
            session.can_undo(lambda: self._take_back(person, said))
        session.say("people.was", person=person, wait_ms=3_000, otherwise="show", urgent=True)

    def _take_back(self, person: str, said: LastSaid) -> bool:
        session = self._session
        if person not in session.enrolled or (said.person is not None and said.person not in session.enrolled):
            return False  # what was said of who is no longer heard is nobody's
        self._tell(person, said, undone=True)
        session.say("undo.done", wait_ms=3_000, otherwise="show", urgent=True)
        return True

    def _tell(self, person: str, said: LastSaid, *, undone: bool) -> None:
        event = PutRight(
            at_ms=self._session.now_ms,
            person=person,
            by=said.person,
            start_ms=said.start_ms,
            end_ms=said.end_ms,
            undone=undone,
        )
        self._session.emit(event)
        self._told(event)
