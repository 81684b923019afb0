"""Somebody no longer wants to be heard, and it is not known who: it is asked once, and then done."""

from __future__ import annotations

from facilitator.core.dialogue.context import AsksPeople, Between, Subdialogue
from facilitator.core.dialogue.questions import Question, somebody
from facilitator.core.events import Command


def withdrawn(session: AsksPeople, command: Command) -> bool:
    """Whether there is nobody to ask for: it is done for whom the command names, or nobody is heard anyway."""
    person = session.seated(command)
    if person in session.enrolled:
        session.take_back(person)
    return person is not None or not session.enrolled


class WithdrawSubdialogue(Subdialogue):
    """Who? By seat, by name, or everyone."""

    session: AsksPeople

    def __init__(self, session: AsksPeople, between: Between) -> None:
        super().__init__(session, between)
        self._left: list[str] = []

    def begin(self) -> None:
        session = self.session
        self.session.ask(
            Question(
                prompt_kind="withdraw.who",
                choices=somebody(session.language, session.people),
                then=self._answered,
                urgent=True,
                times=1,
            )
        )

    def _answered(self, seat: int | None) -> None:
        people = self.session.people
        if seat is not None:
            asked = people if seat == 0 else people[seat - 1 : seat]
            self._left = [person for person in asked if person in self.session.enrolled]
        self._next()

    def _next(self) -> None:
        if self._left:
            self.session.take_back(self._left.pop(0), then=lambda _: self._next())
        else:
            self.between.close_subdialogue(self)

    def come_back(self) -> None:
        """Those who have been named are not asked again."""
        if self._left:
            self._next()
