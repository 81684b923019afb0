"""Everyone in turn.

A turn ends by a word or key, by time, or after a silence *and* a soft spoken check; never by silence
alone. While it lasts, a protected floor is guarded (`guard.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from facilitator.core.events import (
    Activity,
    Command,
    CommandName,
    Fact,
    FloorExtended,
    FloorGranted,
    FloorReleased,
    Spoke,
)
from facilitator.core.formats import MINUTE_MS, Turns
from facilitator.core.stages.guard import Guard
from facilitator.core.stages.stage import Stage, StageView
from facilitator.core.stopwatch import Stopwatch

if TYPE_CHECKING:
    from facilitator.core.conductor import Conductor

HANDOVER_WAIT_MS = 10_000  # time is up: how long to wait for the end of a thought
MINUTE_SIGNAL_FROM_MS = 90_000  # shorter turns need no one-minute signal
LAST_SIGNAL_FROM_MS = 30_000
SIGNAL_AGAIN_MS = 8_000  # a signal is given again only if this much time came to it


class TurnsStage(Stage):
    kind = "turns"

    def __init__(self, conductor: Conductor, settings: Turns) -> None:
        super().__init__(conductor)
        self.settings = settings
        self._order = [(r, p) for r in range(1, settings.rounds + 1) for p in conductor.people]
        self._turn = -1
        self._limit_ms = 0
        self._granted_ms: int | None = None  # None: the floor is being handed over
        self._ending = False  # time is up; waiting for the end of a thought
        self._watch = Stopwatch()
        self._checks = 0
        self._checked_ms: int | None = None
        self._signals: set[str] = set()
        self._guard: Guard | None = None

    # -- the order ---------------------------------------------------------------------------------

    @property
    def holder(self) -> str:
        return self._order[self._turn][1]

    @property
    def turn_ms(self) -> int:
        return round(self.settings.minutes * MINUTE_MS)

    def begin(self) -> None:
        language = self.conductor.language
        time = language.duration(self.turn_ms)
        if self.settings.rounds == 1:
            self.conductor.say("turns.start_one", {"time": time})
        else:
            self.conductor.say("turns.start", {"time": time, "rounds": language.number(self.settings.rounds)})
        self._next()

    def _next(self) -> None:
        self._turn += 1
        self._granted_ms = None
        self._ending = False
        if self._turn >= len(self._order):
            self.conductor.stage_over()
            return
        round_number, person = self._order[self._turn]
        self._limit_ms = self.turn_ms
        self._watch = Stopwatch()
        if round_number > 1 and person == self._order[0][1]:
            language = self.conductor.language
            self.conductor.say(
                "turns.round",
                {"round": language.number(round_number), "rounds": language.number(self.settings.rounds)},
                count=round_number,
            )
        self._announce()

    def _announce(self) -> None:
        """Calls the person whose turn it is; the floor is theirs when that has been said."""
        self.conductor.say("floor.granted", self._time, person=self.holder, count=self._turn, then=self._grant)

    @property
    def _time(self) -> dict[str, str]:
        return {"time": self.conductor.language.duration(self.turn_ms)}

    def _grant(self, _said: bool) -> None:
        round_number, person = self._order[self._turn]
        self._granted_ms = self.now_ms
        self._checks, self._checked_ms = 0, None
        self._signals = set()
        if self.settings.protected:
            self._guard = Guard(self.conductor, person, self.now_ms, lambda ms: self._extend(ms, "repaid"))
        self.conductor.emit(
            FloorGranted(
                at_ms=self.now_ms,
                person=person,
                round=round_number,
                limit_ms=self._limit_ms,
                protected=self.settings.protected,
            )
        )
        self.conductor.chime("start")
        if not self.conductor.paused:
            self._watch.start(self.now_ms)
        if self._turn + 1 < len(self._order):
            following = self._order[self._turn + 1][1]
            self.conductor.prepare("floor.granted", self._time, person=following, count=self._turn + 1)

    def _release(self, reason: Literal["done", "passed", "time", "silence", "finish"]) -> None:
        if self._guard is not None:
            self._guard.close()
            self._guard = None
        self._watch.stop(self.now_ms)
        granted_ms = self.now_ms if self._granted_ms is None else self._granted_ms
        self.conductor.emit(
            FloorReleased(
                at_ms=self.now_ms,
                person=self.holder,
                reason=reason,
                start_ms=granted_ms,
                used_ms=self._watch.ms(self.now_ms),
            )
        )

    # -- what people ask for -----------------------------------------------------------------------

    @property
    def commands(self) -> tuple[CommandName, ...]:
        return ("next", "pass", "more-time") if self._granted_ms is not None else ("pass",)

    def command(self, command: Command) -> None:
        match command.name:
            case "next" if self._granted_ms is not None:
                self._hand_over("done")
            case "pass":
                if self._granted_ms is None:
                    self.conductor.emit(
                        FloorGranted(
                            at_ms=self.now_ms,
                            person=self.holder,
                            round=self._order[self._turn][0],
                            limit_ms=self._limit_ms,
                            protected=self.settings.protected,
                        )
                    )
                self._hand_over("passed")
            case "more-time" if self._granted_ms is not None:
                self._more(round(self.settings.more_minutes * MINUTE_MS))

    def _more(self, added_ms: int) -> None:
        if self._ending:
            self.conductor.manners.clear(self.now_ms)
            self._ending = False
        self._extend(added_ms, "asked")
        time = self.conductor.language.duration(added_ms)
        self.conductor.say("floor.more", {"time": time}, person=self.holder, wait_ms=3_000, otherwise="show")

    def _hand_over(self, reason: Literal["done", "passed", "time", "silence"]) -> None:
        self.conductor.manners.clear(self.now_ms)
        holder = self.holder
        self._release(reason)
        if reason == "passed":
            self.conductor.say("floor.passed", person=holder, count=self._turn)
        elif reason == "silence":
            self.conductor.say("floor.silent", person=holder, count=self._turn)
        self._next()

    def _extend(self, added_ms: int, reason: Literal["asked", "repaid"]) -> None:
        self._limit_ms += added_ms
        left_ms = self._limit_ms - self._watch.ms(self.now_ms)
        if left_ms > MINUTE_MS + SIGNAL_AGAIN_MS:
            self._signals.discard("minute")
        if left_ms > self.settings.last_seconds * 1000 + SIGNAL_AGAIN_MS:
            self._signals.discard("last")
        self.conductor.emit(FloorExtended(at_ms=self.now_ms, person=self.holder, added_ms=added_ms, reason=reason))

    # -- time --------------------------------------------------------------------------------------

    def tick(self) -> None:
        if self._granted_ms is None or self.conductor.paused:
            return
        if self._guard is not None:
            self._guard.tick()
        left_ms = self._limit_ms - self._watch.ms(self.now_ms)
        if left_ms <= 0 and not self._ending:
            if self._guard is not None:
                self._guard.close()  # what was lost is given back before the time is called
            left_ms = self._limit_ms - self._watch.ms(self.now_ms)
            if left_ms <= 0:
                self._time_up()
        if self._ending:
            return
        self._signal(left_ms)
        if self.conductor.listening:
            self._mind_silence()

    def _time_up(self) -> None:
        self._ending = True
        self.conductor.manners.clear(self.now_ms)
        self.conductor.chime("end")
        self.conductor.say(
            "floor.time_up",
            person=self.holder,
            count=self._turn,
            wait_ms=HANDOVER_WAIT_MS,
            then=lambda _: self._over_by_time(),
        )

    def _over_by_time(self) -> None:
        self._release("time")
        self._next()

    def _signal(self, left_ms: int) -> None:
        if (
            self.settings.minute_signal
            and self._limit_ms >= MINUTE_SIGNAL_FROM_MS
            and left_ms <= MINUTE_MS
            and "minute" not in self._signals
        ):
            self._signals.add("minute")
            self.conductor.chime("minute")
            self.conductor.say(
                "floor.minute",
                person=self.holder,
                count=self._turn,
                wait_ms=15_000,
                otherwise="drop",
                unasked=True,
            )
        last_ms = self.settings.last_seconds * 1000
        if self._limit_ms >= LAST_SIGNAL_FROM_MS and left_ms <= last_ms and "last" not in self._signals:
            self._signals.add("last")
            self.conductor.chime("last")

    def _silence_ms(self) -> int:
        """How long the table has been silent in this turn."""
        assert self._granted_ms is not None
        return min(self.conductor.manners.still_ms(self.now_ms), self.now_ms - self._granted_ms)

    def _patience_ms(self) -> int:
        """Silence before the next check: longer each time the holder went on after one."""
        return round(self.settings.silence_s * 1000 * min(4.0, 2.0**self._checks))

    def _mind_silence(self) -> None:
        manners = self.conductor.manners
        if manners.busy or manners.someone_speaking:
            return
        if self._checked_ms is None and self._silence_ms() >= self._patience_ms():
            self._checked_ms = self.now_ms
            self.conductor.say("floor.check", person=self.holder, count=self._checks, wait_ms=0)
        elif self._checked_ms is not None and self._silence_ms() >= 2 * self.settings.silence_s * 1000:
            self._hand_over("silence")

    def fact(self, fact: Fact) -> None:
        if isinstance(fact, Activity) and fact.speaking and self._checked_ms is not None:
            self._checked_ms = None
            self._checks += 1

    @property
    def deadline_ms(self) -> int | None:
        if self._granted_ms is None or self.conductor.paused or self._ending:
            return None
        marks = [self._limit_ms]
        if self._limit_ms >= MINUTE_SIGNAL_FROM_MS and "minute" not in self._signals and self.settings.minute_signal:
            marks.append(self._limit_ms - MINUTE_MS)
        if self._limit_ms >= LAST_SIGNAL_FROM_MS and "last" not in self._signals:
            marks.append(self._limit_ms - round(self.settings.last_seconds * 1000))
        times = [self._watch.when_ms(mark) for mark in marks]
        times.append(self._guard.deadline_ms if self._guard is not None else None)
        manners = self.conductor.manners
        if self.conductor.listening and not manners.busy and not manners.someone_speaking:
            wanted = self._patience_ms() if self._checked_ms is None else 2 * self.settings.silence_s * 1000
            times.append(round(self.now_ms - self._silence_ms() + wanted))
        return min((t for t in times if t is not None), default=None)

    def spoke(self, spoke: Spoke) -> None:
        if self._guard is not None and not self._ending:
            self._guard.spoke(spoke)

    # -- pauses ------------------------------------------------------------------------------------

    def pause(self) -> None:
        self._watch.stop(self.now_ms)

    def go_on(self) -> None:
        if self._granted_ms is not None:
            self._watch.start(self.now_ms)

    def come_back(self) -> None:
        self._ending = False
        if self._turn < 0:
            self.begin()
        elif self._granted_ms is None:
            self._announce()
        else:
            self.welcome_back()

    def welcome_back(self) -> None:
        if self._granted_ms is None:
            self.conductor.say("pause.end", then=lambda _: self.go_on())
            return
        left_ms = max(0, self._limit_ms - self._watch.ms(self.now_ms))
        self.conductor.say(
            "pause.end_floor",
            {"time": self.conductor.language.duration(left_ms)},
            person=self.holder,
            then=lambda _: self.go_on(),
        )

    def end(self) -> None:
        if self._turn < len(self._order) and self._granted_ms is not None:
            self._release("finish")

    def view(self) -> StageView:
        if not 0 <= self._turn < len(self._order):
            return StageView(rounds=self.settings.rounds)
        round_number, person = self._order[self._turn]
        used_ms = self._watch.ms(self.now_ms)
        has_floor = self._granted_ms is not None
        following = self._order[self._turn + 1][1] if self._turn + 1 < len(self._order) else None
        return StageView(
            round=round_number,
            rounds=self.settings.rounds,
            floor=person if has_floor else None,
            used_ms=used_ms,
            left_ms=self._limit_ms - used_ms if has_floor else None,
            next_person=following if has_floor else person,
        )
