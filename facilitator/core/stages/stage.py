"""What every stage of a discussion is to the conductor, and the conductor to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from facilitator.core.events import Command, CommandName, Fact, Spoke

if TYPE_CHECKING:
    from facilitator.core.conductor import Conductor


@dataclass(frozen=True, slots=True, kw_only=True)
class StageView:
    """What a screen may show of a stage."""

    round: int | None = None
    rounds: int | None = None
    floor: str | None = None
    used_ms: int = 0
    left_ms: int | None = None
    next_person: str | None = None
    queue: tuple[str, ...] = ()
    """Those who raised a hand."""


class Stage:
    """A stage that runs. Each method may be called at any time between `begin` and `end`; the
    conductor's `now_ms` is the time. A stage ends itself with `conductor.stage_over()`."""

    kind: str

    def __init__(self, conductor: Conductor) -> None:
        self.conductor = conductor

    @property
    def now_ms(self) -> int:
        return self.conductor.now_ms

    @property
    def commands(self) -> tuple[CommandName, ...]:
        """What can be asked of this stage, besides what can always be asked."""
        return ()

    def begin(self) -> None: ...

    def command(self, command: Command) -> None: ...

    def fact(self, fact: Fact) -> None: ...

    def spoke(self, spoke: Spoke) -> None: ...

    def tick(self) -> None:
        """Looks at the time; called after every fact."""

    @property
    def deadline_ms(self) -> int | None:
        """When `tick` next has something to do."""
        return None

    def pause(self) -> None:
        """Stops its clocks."""

    def go_on(self) -> None:
        """Starts its clocks again."""

    def welcome_back(self) -> None:
        """Says where the talk was, after a pause."""
        self.conductor.say("pause.end", then=lambda _: self.go_on())

    def come_back(self) -> None:
        """Goes on after the program was interrupted: what was being said, or waited for it, is gone."""
        self.begin()

    def end(self) -> None:
        """Finished early: leaves nothing open."""

    def view(self) -> StageView:
        return StageView()
