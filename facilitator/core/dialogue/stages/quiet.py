"""A while in which nobody speaks: to breathe, or to think before an answer."""

from __future__ import annotations

from facilitator.core.dialogue.context import Course, Speaks
from facilitator.core.dialogue.stages.stage import Stage, StageView
from facilitator.core.events import Command, CommandName
from facilitator.core.formats.stages import Quiet
from facilitator.core.text import MINUTE_MS


class QuietStage(Stage):
    kind = "quiet"
    session: Speaks

    def __init__(self, session: Speaks, course: Course, settings: Quiet) -> None:
        super().__init__(session, course)
        self._settings = settings
        self._limit_ms = round(settings.minutes * MINUTE_MS)
        self._over = False

    @property
    def commands(self) -> tuple[CommandName, ...]:
        return ("next",)

    def begin(self) -> None:
        session = self.session
        if self._settings.ask:
            session.say_own(self._settings.ask)
        time = session.language.duration(self._limit_ms)
        session.say("quiet_time.start", {"time": time}, then=lambda _: self._start())

    def _start(self) -> None:
        if self.course.running:  # else it begins when the pause is over
            self.session.chime("start")
        self.go_on()

    def command(self, command: Command) -> None:
        if command.name in ("next", "pass"):
            self.session.scheduler.clear(self.now_ms)
            self._end()

    def tick(self) -> None:
        if not self._over and not self.course.paused and self.watch.ms(self.now_ms) >= self._limit_ms:
            self.session.chime("end")
            self._end()

    def _end(self) -> None:
        self._over = True
        self.watch.stop(self.now_ms)
        self.session.say("quiet_time.end", then=lambda _: self.course.stage_over())

    @property
    def deadline_ms(self) -> int | None:
        return None if self._over or self.course.paused else self.watch.when_ms(self._limit_ms)

    def start_clock(self) -> None:
        if not self._over:
            self.watch.start(self.now_ms)

    def come_back(self) -> None:
        self.welcome_back() if self.watch.ms(self.now_ms) else self.begin()

    def view(self) -> StageView:
        used_ms = self.watch.ms(self.now_ms)
        return StageView(used_ms=used_ms, left_ms=self._limit_ms - used_ms)
