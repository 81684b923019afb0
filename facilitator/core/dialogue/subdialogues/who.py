"""Who is meant? A key or a word asked for something of one person, and did not say of whom."""

from __future__ import annotations

from collections.abc import Callable

from facilitator.core.dialogue.context import AsksPeople, Between, Subdialogue
from facilitator.core.dialogue.questions import Question, somebody


class WhoSubdialogue(Subdialogue):
    """By seat or by name, of those in `among`. Without an answer nothing happens."""

    session: AsksPeople

    def __init__(
        self,
        session: AsksPeople,
        between: Between,
        prompt_kind: str,
        among: tuple[str, ...],
        then: Callable[[str], None],
    ) -> None:
        super().__init__(session, between)
        self._prompt_kind, self._among, self._then = prompt_kind, among, then

    def begin(self) -> None:
        seats = somebody(self.session.language, self.session.people)[:-1]  # not everyone
        self.session.ask(
            Question(
                prompt_kind=self._prompt_kind,
                choices=tuple(choice for choice in seats if self.session.people[choice.value - 1] in self._among),
                then=self._answered,
                urgent=True,
                times=1,
            )
        )

    def _answered(self, seat: int | None) -> None:
        self.between.close_subdialogue(self)
        if seat is not None:
            self._then(self.session.people[seat - 1])
