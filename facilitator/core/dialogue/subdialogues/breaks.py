"""A break with an agreed return.

For up to an hour the program stays and keeps the time; for longer the session ends, and the next one begins with
what was agreed. Where the group has agreed on steps for hard moments, it may have them read.
"""

from __future__ import annotations

from collections.abc import Callable

from facilitator.core.dialogue.context import AsksPeople, Between, Subdialogue
from facilitator.core.dialogue.questions import Question, breaks, yes_or_no
from facilitator.core.events import BreakAgreed, CommandName
from facilitator.core.language.choices import YES, Choice
from facilitator.core.text import MINUTE_MS

USUAL_MS = 20 * MINUTE_MS
"""Where nobody says how long."""
CALL_AGAIN_MS = 120_000
STAYS_MS = 60 * MINUTE_MS


class BreakSubdialogue(Subdialogue):
    kind = "break"
    session: AsksPeople

    def __init__(self, session: AsksPeople, between: Between) -> None:
        super().__init__(session, between)
        self._back_ms: int | None = None

    @property
    def commands(self) -> tuple[CommandName, ...]:
        return ("go-on",)

    def begin(self) -> None:
        self.between.pause()
        self.session.chime("pause")
        self.session.ask(
            Question(prompt_kind="break.ask", choices=breaks(self.session.language), then=self._agreed, urgent=True)
        )

    def _agreed(self, minutes: int | None) -> None:
        length_ms = USUAL_MS if minutes is None else minutes * MINUTE_MS
        self.session.emit(BreakAgreed(at_ms=self.now_ms, return_in_ms=length_ms))
        self._read_steps(lambda: self._part(length_ms))

    def _read_steps(self, then: Callable[[], None]) -> None:
        steps = self.session.setup.steps
        if not steps:
            then()
            return
        listed = self.session.language.listed(steps)

        def answered(value: int | None) -> None:
            if value == YES:
                self.session.say("break.steps", {"steps": listed}, urgent=True, then=lambda _: then())
            else:
                then()

        self.session.ask(
            Question(
                prompt_kind="break.ask_steps",
                choices=yes_or_no(self.session.language),
                then=answered,
                urgent=True,
                wait_ms=6_000,
            )
        )

    def _part(self, length_ms: int) -> None:
        time = {"time": self.session.language.duration(length_ms)}
        if length_ms > STAYS_MS:
            self.session.say("break.long", time, urgent=True, then=lambda _: self.between.end_for_break())
        else:
            self._back_ms = self.now_ms + length_ms
            self.session.say("break.agreed", time, urgent=True)

    def tick(self) -> None:
        """The time is over; they are called, and nothing begins before somebody says so."""
        if self._back_ms is not None and self.now_ms >= self._back_ms:
            self._back_ms = None
            self.session.chime("hello")
            go_on = self.session.language.spoken.commands["go-on"]
            self.session.ask(
                Question(
                    prompt_kind="break.over",
                    choices=(Choice(value=YES, key="", label=go_on[0], phrases=go_on),),
                    then=self._called,
                    urgent=True,
                    wait_ms=CALL_AGAIN_MS,
                )
            )

    def _called(self, value: int | None) -> None:
        """Nobody came: the break goes on until somebody says that it is over, by the key or by name."""
        if value == YES:
            self.between.go_on()

    @property
    def deadline_ms(self) -> int | None:
        return self._back_ms
