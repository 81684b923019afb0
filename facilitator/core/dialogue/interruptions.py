"""The one gate between a stage and everything that keeps it waiting: a pause, a note, a break, the question whether
something was meant.

A stage waits, its clock stopped, while the session is paused or a subdialogue is open. Whatever ends, it comes back
through `come_back`, which looks at what still keeps it waiting: nothing goes on in a pause but by `go_on`. Whether it
is paused is written in one place, together with the event that says so: it is paused exactly if the last of `Paused`
and `Continued` is `Paused`. Subdialogues can lie upon each other: of the one below, what it asked is asked again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from facilitator.core.dialogue.context import Subdialogue
from facilitator.core.dialogue.questions import Question
from facilitator.core.dialogue.session_context import SessionContext
from facilitator.core.dialogue.stages.stage import Stage
from facilitator.core.events import Continued, Paused


@dataclass(slots=True)
class _Open:
    """A subdialogue that is not over. `over` is what happens then; `question` waits while another lies upon it."""

    subdialogue: Subdialogue
    over: Callable[[], None]
    question: Question | None = None


class Interruptions:
    """What keeps the stage waiting. Which stage that is, each method is told."""

    def __init__(self, session: SessionContext) -> None:
        self._session = session
        self._paused = False
        self._open: list[_Open] = []

    @property
    def paused(self) -> bool:
        return self._paused

    @property
    def subdialogue(self) -> Subdialogue | None:
        """The one that is on; what it says is said, and nothing else."""
        return self._open[-1].subdialogue if self._open else None

    @property
    def none(self) -> bool:
        """Nothing keeps the stage waiting."""
        return not self._paused and not self._open

    # -- pauses --------------------------------------------------------------------------------------

    def pause(self, stage: Stage) -> None:
        """The stage stands still until somebody says that it goes on."""
        self._set_paused(True)
        stage.pause()

    def go_on(self, stage: Stage) -> None:
        """The pause is over, and with it what went on in it."""
        if self._paused:
            self.end()
            stage.welcome_back()

    def end(self) -> None:
        """Nothing keeps anything waiting any more: no pause, no subdialogue, no question."""
        self.break_off()
        self._set_paused(False)

    def _set_paused(self, paused: bool) -> None:
        """The only writer of this state and of the event of it."""
        if paused != self._paused:
            self._paused = paused
            now_ms = self._session.now_ms
            self._session.emit(Paused(at_ms=now_ms) if paused else Continued(at_ms=now_ms))
        self._hold()

    def _hold(self) -> None:
        """What waits to be said waits on, unless it is urgent, while the stage waits."""
        self._session.scheduler.held = not self.none

    # -- subdialogues --------------------------------------------------------------------------------

    def open(self, subdialogue: Subdialogue, stage: Stage, over: Callable[[], None]) -> None:
        """The stage waits, or the subdialogue that is on; `over` is called when none is on any more."""
        if self._open:
            self._open[-1].question = self._session.question
            self._open[-1].subdialogue.wait()
        else:
            stage.pause()
        self._session.drop_question()
        self._open.append(_Open(subdialogue, over))
        self._hold()
        subdialogue.begin()

    def close(self, subdialogue: Subdialogue) -> None:
        """It is over; the one below it goes on, or what was to happen then does."""
        place = next((k for k, one in enumerate(self._open) if one.subdialogue is subdialogue), None)
        if place is None:
            return
        closed = self._open.pop(place)
        if place < len(self._open):  # something lies upon it: that keeps the stage waiting, and hands over to it
            self._open[place].over = closed.over
            return
        self._session.drop_question()
        self._hold()
        if not self._open:
            closed.over()
            return
        below = self._open[-1]
        below.subdialogue.come_back()
        if below.question is not None:
            question, below.question = below.question, None
            self._session.ask(question)

    def break_off(self) -> None:
        """Nothing is asked any more, and no subdialogue goes on."""
        self._session.drop_question()
        while self._open:
            self._open.pop().subdialogue.end()
        self._hold()

    def come_back(self, stage: Stage | None) -> None:
        """The only way back into a stage from what came between: in a pause it stays where it is."""
        if stage is not None and self.none:
            stage.welcome_back()
