"""What comes between while a stage runs: pauses, notes, breaks, and the question whether something was meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from facilitator.core.dialogue.dialogue import Dialogue
from facilitator.core.dialogue.stages.closing import ClosingStage
from facilitator.core.dialogue.stages.stage import Stage
from facilitator.core.dialogue.table import Table
from facilitator.core.events import Continued, Paused
from facilitator.core.language.wording import Language
from facilitator.core.setup import Setup

UNINTERRUPTED = ("opening", "closing", "business", "rate", "indicators")
"""Kinds of stages in which people are asked things anyway."""


class Interludes(Table):
    """The stage waits, with its clocks stopped, until what came between is over."""

    def __init__(self, setup: Setup, language: Language, airtime_ms: Callable[[], Mapping[str, int]]) -> None:
        super().__init__(setup, language, airtime_ms)
        self.paused = False
        self.ended = False
        self._stage: Stage | None = None
        self._suspended: Stage | None = None  # waits while voices are learned again
        self._dialogue: Dialogue | None = None

    @property
    def stage(self) -> Stage | None:
        return self._stage

    # -- dialogues ---------------------------------------------------------------------------------

    @property
    def _can_interrupt(self) -> bool:
        """A note or a break can be asked for while people talk, and nothing else is going on."""
        if self._stage is None or self._dialogue is not None or self._suspended is not None or self.paused:
            return False
        return self._stage.kind not in UNINTERRUPTED

    def _open(self, dialogue: Dialogue, over: Callable[[], None]) -> None:
        """The stage waits; only what the dialogue says is said."""
        assert self._stage is not None
        self._stage.pause()
        self.manners.held = True
        self._dialogue = dialogue
        dialogue.over = over
        dialogue.begin()

    def close_dialogue(self) -> None:
        """The dialogue is over."""
        dialogue, self._dialogue = self._dialogue, None
        self._asking = None
        self.manners.held = False
        if dialogue is not None:
            dialogue.over()

    def _break_off(self) -> None:
        """Nothing is asked any more, and no dialogue goes on."""
        dialogue, self._dialogue = self._dialogue, None
        self._asking = None
        if dialogue is not None:
            dialogue.end()

    def _stage_goes_on(self) -> None:
        if self._stage is not None and not self.ended:
            self._stage.welcome_back()

    # -- pauses ------------------------------------------------------------------------------------

    def _pause(self) -> None:
        if self._stage is None or isinstance(self._stage, ClosingStage) or self._dialogue is not None:
            return
        self.stop_clocks()
        self.chime("pause")
        self.say("pause.start", urgent=True)

    def stop_clocks(self) -> None:
        assert self._stage is not None
        self.paused = True
        self.manners.held = True
        self._stage.pause()
        self.emit(Paused(at_ms=self.now_ms))

    def go_on(self) -> None:
        if not self.paused or self._stage is None:
            return
        self.paused = False
        self.manners.held = False
        self._break_off()
        self.emit(Continued(at_ms=self.now_ms))
        self._stage.welcome_back()
