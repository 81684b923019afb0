"""What every stage of a discussion is to the conductor, and the conductor to it."""

from __future__ import annotations

from dataclasses import dataclass

from facilitator.core.dialogue.context import Part
from facilitator.core.events import Command, Spoke


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


class Stage(Part):
    """A stage that runs. It ends itself with `conductor.stage_over()`."""

    kind: str

    def command(self, command: Command) -> None: ...

    def spoke(self, spoke: Spoke) -> None: ...

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

    def view(self) -> StageView:
        return StageView()
