"""Free talk: it measures, and seldom, in a pause, invites by name whoever has hardly been heard."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from facilitator.core.events import Command, CommandName, Invited
from facilitator.core.formats import MINUTE_MS, Talk
from facilitator.core.stages.stage import Stage, StageView
from facilitator.core.stopwatch import Stopwatch

if TYPE_CHECKING:
    from facilitator.core.conductor import Conductor

LOOK_EVERY_MS = 10_000
MORE_MS = 5 * MINUTE_MS
END_WAIT_MS = 20_000  # time is up: how long to wait for a pause
MINUTE_SIGNAL_FROM_MS = 120_000
LEAST_SPEECH = 0.2  # of the time looked at; in a silent room nobody is far below anybody


class TalkStage(Stage):
    kind = "talk"

    def __init__(self, conductor: Conductor, settings: Talk) -> None:
        super().__init__(conductor)
        self.settings = settings
        self._limit_ms = None if settings.minutes is None else round(settings.minutes * MINUTE_MS)
        self._watch = Stopwatch()
        self._look_at_ms: int | None = None
        self._looks: deque[tuple[int, dict[str, int]]] = deque()  # (when, airtime so far), one window of them
        self._last_invitation_ms: int | None = None
        self._invited: dict[str, int] = {}
        self._minute_said = False
        self._ending = False

    def begin(self) -> None:
        if self._limit_ms is None:
            self.conductor.say("talk.start", then=lambda _: self._open())
        else:
            time = self.conductor.language.duration(self._limit_ms)
            self.conductor.say("talk.start_limited", {"time": time}, then=lambda _: self._open())

    def _open(self) -> None:
        self.conductor.chime("start")
        self.go_on()
        self._look()

    # -- invitations -------------------------------------------------------------------------------

    def _look(self) -> None:
        """Notes the airtime of this moment, and invites when someone has been far below for long."""
        self._look_at_ms = self.now_ms + LOOK_EVERY_MS
        self._looks.append((self.now_ms, self.conductor.airtime_ms()))
        window_ms = round(self.settings.invite_after_minutes * MINUTE_MS)
        while len(self._looks) > 1 and self._looks[1][0] <= self.now_ms - window_ms:
            self._looks.popleft()
        if self._looks[0][0] > self.now_ms - window_ms or self._ending:
            return
        every_ms = round(self.settings.invite_every_minutes * MINUTE_MS)
        if self._last_invitation_ms is not None and self.now_ms - self._last_invitation_ms < every_ms:
            return
        person = self._far_below(window_ms)
        if person is not None:
            self._invite(person)

    def _far_below(self, window_ms: int) -> str | None:
        """Who is far below an equal share, of the whole and of the last minutes; least invited, least heard first."""
        now, then = self._looks[-1][1], self._looks[0][1]
        recent = {person: now[person] - then[person] for person in now}
        heard = [person for person in self.conductor.people if self.conductor.is_heard(person)]
        total_ms, recent_total_ms = sum(now[p] for p in heard), sum(recent[p] for p in heard)
        if len(heard) < 2 or recent_total_ms < LEAST_SPEECH * window_ms:
            return None
        low = self.settings.invite_below / len(heard)
        below = [p for p in heard if now[p] < low * total_ms and recent[p] < low * recent_total_ms]
        return min(below, key=lambda p: (self._invited.get(p, 0), now[p], heard.index(p)), default=None)

    def _invite(self, person: str) -> None:
        self._last_invitation_ms = self.now_ms
        times = self._invited.get(person, 0)
        self._invited[person] = times + 1

        def said(was_said: bool) -> None:
            if was_said:
                self.conductor.emit(Invited(at_ms=self.now_ms, person=person))

        self.conductor.say(
            "talk.invite",
            person=person,
            count=sum(self._invited.values()) - 1,
            wait_ms=round(self.settings.invite_wait_s * 1000),
            otherwise="drop",
            unasked=True,
            then=said,
        )

    # -- time and commands -------------------------------------------------------------------------

    @property
    def commands(self) -> tuple[CommandName, ...]:
        return () if self._limit_ms is None else ("more-time",)

    def command(self, command: Command) -> None:
        if command.name == "more-time" and self._limit_ms is not None:
            self._limit_ms += MORE_MS
            self._minute_said = False
            if self._ending:
                self._ending = False
                self.conductor.manners.clear(self.now_ms)

    def tick(self) -> None:
        if self.conductor.paused or not self._watch.running:
            return
        if self._look_at_ms is not None and self.now_ms >= self._look_at_ms and self.conductor.listening:
            self._look()
        if self._limit_ms is None or self._ending:
            return
        left_ms = self._limit_ms - self._watch.ms(self.now_ms)
        if left_ms <= 0:
            self._ending = True
            self.conductor.chime("end")
            self.conductor.say("talk.time_up", wait_ms=END_WAIT_MS, then=lambda _: self.conductor.stage_over())
        elif left_ms <= MINUTE_MS and self._limit_ms >= MINUTE_SIGNAL_FROM_MS and not self._minute_said:
            self._minute_said = True
            self.conductor.chime("minute")
            self.conductor.say("talk.minute", wait_ms=15_000, otherwise="drop", unasked=True)

    @property
    def deadline_ms(self) -> int | None:
        if self.conductor.paused or not self._watch.running:
            return None
        times = [self._look_at_ms if self.conductor.listening else None]
        if self._limit_ms is not None and not self._ending:
            times.append(self._watch.when_ms(self._limit_ms))
            if self._limit_ms >= MINUTE_SIGNAL_FROM_MS and not self._minute_said:
                times.append(self._watch.when_ms(self._limit_ms - MINUTE_MS))
        return min((t for t in times if t is not None), default=None)

    def come_back(self) -> None:
        self._ending = False
        if self._look_at_ms is None:
            self.begin()
        else:
            self.welcome_back()

    def pause(self) -> None:
        self._watch.stop(self.now_ms)

    def go_on(self) -> None:
        self._watch.start(self.now_ms)
        self._looks.clear()  # a break is no reason to invite anybody
        self._look_at_ms = self.now_ms

    def view(self) -> StageView:
        used_ms = self._watch.ms(self.now_ms)
        return StageView(used_ms=used_ms, left_ms=None if self._limit_ms is None else self._limit_ms - used_ms)
