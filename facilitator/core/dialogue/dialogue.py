"""What comes between: a note, a break, a question that has to be settled first. The stage waits meanwhile."""

from __future__ import annotations

from collections.abc import Callable

from facilitator.core.dialogue.context import Part
from facilitator.core.events import Command


class Dialogue(Part):
    """It ends itself with `conductor.close_dialogue()`; `over` is what happens then."""

    over: Callable[[], None]

    def command(self, command: Command) -> bool:
        """Whether the command was for this dialogue."""
        return False
