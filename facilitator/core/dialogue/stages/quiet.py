"""A while in which nobody speaks: to breathe, or to think before an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from facilitator.core.dialogue.stages.stage import Stage, StageView
from facilitator.core.dialogue.stopwatch import Stopwatch
from facilitator.core.events import Command, CommandName
from facilitator.core.formats.parse import MINUTE_MS, Quiet

if TYPE_CHECKING:
    from facilitator.core.dialogue.manager import Conductor


class QuietStage(Stage):
    kind = "quiet"

    def __init__(self, conductor: Conductor, settings: Quiet) -> None:
        super().__init__(conductor)
        self._settings = settings
        self._limit_ms = round(settings.minutes * MINUTE_MS)
        self._watch = Stopwatch()
        self._over = False

    @property
    def commands(self) -> tuple[CommandName, ...]:
        return ("next",)

    def begin(self) -> None:
        conductor = self.conductor
        if self._settings.ask:
            conductor.say_own(self._settings.ask)
        time = conductor.language.duration(self._limit_ms)
        conductor.say("quiet_time.start", {"time": time}, then=lambda _: self._start())

    def _start(self) -> None:
        self.conductor.chime("start")
        self._watch.start(self.now_ms)

    def command(self, command: Command) -> None:
        if command.name in ("next", "pass"):
            self.conductor.manners.clear(self.now_ms)
            self._end()

    def tick(self) -> None:
        if not self._over and not self.conductor.paused and self._watch.ms(self.now_ms) >= self._limit_ms:
            self.conductor.chime("end")
            self._end()

    def _end(self) -> None:
        self._over = True
        self._watch.stop(self.now_ms)
        self.conductor.say("quiet_time.end", then=lambda _: self.conductor.stage_over())

    @property
    def deadline_ms(self) -> int | None:
        return None if self._over or self.conductor.paused else self._watch.when_ms(self._limit_ms)

    def pause(self) -> None:
        self._watch.stop(self.now_ms)

    def go_on(self) -> None:
        self._watch.start(self.now_ms)

    def come_back(self) -> None:
        self.welcome_back() if self._watch.ms(self.now_ms) else self.begin()

    def view(self) -> StageView:
        used_ms = self._watch.ms(self.now_ms)
        return StageView(used_ms=used_ms, left_ms=self._limit_ms - used_ms)
