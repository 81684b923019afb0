"""What a stage and a dialogue have in common: a part of the session that runs for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from facilitator.core.events import CommandName, Fact

if TYPE_CHECKING:
    from facilitator.core.dialogue.manager import Conductor


class Part:
    """Each method may be called at any time between `begin` and `end`; the conductor's `now_ms` is the time."""

    def __init__(self, conductor: Conductor) -> None:
        self.conductor = conductor

    @property
    def now_ms(self) -> int:
        return self.conductor.now_ms

    @property
    def commands(self) -> tuple[CommandName, ...]:
        """What can be asked of this part, besides what can always be asked."""
        return ()

    def begin(self) -> None: ...

    def fact(self, fact: Fact) -> None: ...

    def tick(self) -> None:
        """Looks at the time; called after every fact."""

    @property
    def deadline_ms(self) -> int | None:
        """When `tick` next has something to do."""
        return None

    def end(self) -> None:
        """Broken off: leaves nothing open."""
