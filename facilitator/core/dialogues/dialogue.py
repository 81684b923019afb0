"""What comes between: a note, a break, a question that has to be settled first. The stage waits meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from facilitator.core.events import Command, CommandName, Fact

if TYPE_CHECKING:
    from facilitator.core.conductor import Conductor


class Dialogue:
    """It ends itself with `conductor.close_dialogue()`; `over` is what happens then."""

    over: Callable[[], None]

    def __init__(self, conductor: Conductor) -> None:
        self.conductor = conductor

    @property
    def now_ms(self) -> int:
        return self.conductor.now_ms

    @property
    def commands(self) -> tuple[CommandName, ...]:
        return ()

    def begin(self) -> None: ...

    def command(self, command: Command) -> bool:
        """Whether the command was for this dialogue."""
        return False

    def fact(self, fact: Fact) -> None: ...

    def tick(self) -> None: ...

    def end(self) -> None:
        """Broken off: leaves nothing open."""

    @property
    def deadline_ms(self) -> int | None:
        return None
