"""Everyone in turn.

A turn ends by a word or key, by time, or after a silence *and* a soft spoken check; never by silence
alone. While it lasts, a protected floor is guarded (`guard.py`). A turn may consist of steps (`calls.py`): questions
one after the other, an answer from the others, what was heard said back and confirmed.
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
from facilitator.core.questions import NO, Question, yes_or_no
from facilitator.core.stages.calls import Call, calls_of, ordered
from facilitator.core.stages.guard import Guard
from facilitator.core.stages.stage import Stage, StageView
from facilitator.core.stopwatch import Stopwatch

if TYPE_CHECKING:
    from facilitator.core.conductor import Conductor

HANDOVER_WAIT_MS = 10_000  # time is up: how long to wait for the end of a thought
MINUTE_SIGNAL_FROM_MS = 90_000  # shorter turns need no one-minute signal
LAST_SIGNAL_FROM_MS = 30_000
SIGNAL_AGAIN_MS = 8_000  # a signal is given again only if this much time came to it
SAID_AGAIN = 2  # so often what was not heard right is said once more
SAVED_FROM_MS = 5_000  # less is nothing to tell of


class TurnsStage(Stage):
    kind = "turns"

    def __init__(self, conductor: Conductor, settings: Turns) -> None:
        super().__init__(conductor)
        self.settings = settings
        self._people = conductor.participants
        self._calls: list[Call] = []  # of the round
        self._at = -1  # the call that is on
        self._round = 0
        self._turn = -1  # counts the calls, so that the wording varies
        self._limit_ms = 0
        self._granted_ms: int | None = None  # None: the floor is being handed over
        self._ending = False  # time is up; waiting for the end of a thought
        self._watch = Stopwatch()
        self._checks = 0
        self._checked_ms: int | None = None
        self._signals: set[str] = set()
        self._guard: Guard | None = None
        self._saved_ms: dict[str, int] = {}
        self._said_again = 0

    # -- the order ---------------------------------------------------------------------------------

    @property
    def _call(self) -> Call | None:
        return self._calls[self._at] if 0 <= self._at < len(self._calls) else None

    @property
    def holder(self) -> str:
        call = self._call
        assert call is not None
        return call.person

    def begin(self) -> None:
        language = self.conductor.language
        time = language.duration(round(self.settings.minutes * MINUTE_MS))
        if self.settings.step:
            self.conductor.say("turns.start_steps")
        elif self.settings.rounds == 1:
            self.conductor.say("turns.start_one", {"time": time})
        else:
            self.conductor.say("turns.start", {"time": time, "rounds": language.number(self.settings.rounds)})
        self._next()

    def _next(self) -> None:
        self._at += 1
        self._turn += 1
        self._granted_ms = None
        self._ending = False
        if self._at >= len(self._calls):
            if self._round >= self.settings.rounds or not self._people:
                self.conductor.stage_over()
                return
            self._begin_round()
        call = self._call
        assert call is not None
        if call.confirm:
            self._confirm(call)
            return
        self._limit_ms = call.limit_ms
        self._watch = Stopwatch()
        self._announce()

    def _begin_round(self) -> None:
        self._round += 1
        order = ordered(self._people, self.settings.order, self.conductor.airtime_ms())
        self._calls = calls_of(self._round, order, self._people, self.settings, self.conductor.setup.extra_time)
        self._at = 0
        if self._round > 1:
            language = self.conductor.language
            self.conductor.say(
                "turns.round",
                {"round": language.number(self._round), "rounds": language.number(self.settings.rounds)},
                count=self._round,
            )

    def _announce(self) -> None:
        """Calls the person whose turn it is; the floor is theirs when that has been said."""
        call = self._call
        assert call is not None
        self.conductor.say_text(*self._words(call, self._turn), person=call.person, then=self._grant)

    def _words(self, call: Call, count: int) -> tuple[str, str]:
        """How the person is called, and which phrase that is."""
        language = self.conductor.language
        time = language.duration(call.limit_ms)
        if call.item > 1:
            done, left = language.number(call.item - 1), language.number(call.items - call.item + 1)
            return language.phrase("floor.item", count, name=call.person, done=done, left=left), "floor.item"
        if call.ask:
            slots = {"name": call.person, "other": call.other, "time": time}
            question = language.own("asks", call.ask, self._round - 1, **slots)
            return language.phrase("floor.asked", count, question=question, **slots), "floor.asked"
        return language.phrase("floor.granted", count, name=call.person, time=time), "floor.granted"

    def _grant(self, _said: bool) -> None:
        call = self._call
        assert call is not None
        self._granted_ms = self.now_ms
        self._checks, self._checked_ms = 0, None
        self._signals = set()
        if self.settings.protected:
            self._guard = Guard(
                self.conductor,
                call.person,
                self.now_ms,
                lambda ms: self._extend(ms, "repaid"),
                finish_thought=self.settings.finish_thought,
            )
        self._granted_event(call)
        if (saved_ms := self._saved_ms.pop(call.person, 0)) >= SAVED_FROM_MS:
            self._extend(saved_ms, "saved")
        self.conductor.chime("start")
        if not self.conductor.paused:
            self._watch.start(self.now_ms)
        if self._at + 1 < len(self._calls) and not (following := self._calls[self._at + 1]).confirm:
            self.conductor.prepare_text(self._words(following, self._turn + 1)[0])

    def _granted_event(self, call: Call) -> None:
        self.conductor.emit(
            FloorGranted(
                at_ms=self.now_ms,
                person=call.person,
                round=call.round,
                limit_ms=self._limit_ms,
                protected=self.settings.protected,
            )
        )

    def _release(self, reason: Literal["done", "passed", "time", "silence", "finish"]) -> None:
        if self._guard is not None:
            self._guard.close()
            self._guard = None
        self._watch.stop(self.now_ms)
        granted_ms = self.now_ms if self._granted_ms is None else self._granted_ms
        used_ms = self._watch.ms(self.now_ms)
        if self.settings.bank and reason in ("done", "silence"):
            self._saved_ms[self.holder] = max(0, self._limit_ms - used_ms)
        self.conductor.emit(
            FloorReleased(at_ms=self.now_ms, person=self.holder, reason=reason, start_ms=granted_ms, used_ms=used_ms)
        )

    # -- was that heard right? -----------------------------------------------------------------------

    def _confirm(self, call: Call) -> None:
        self.conductor.ask(
            Question(
                prompt_kind="floor.confirm",
                person=call.speaker,
                slots={"other": call.other},
                choices=yes_or_no(self.conductor.language),
                then=self._confirmed,
                count=self._turn,
            )
        )

    def _confirmed(self, value: int | None) -> None:
        call = self._call
        assert call is not None
        if value != NO or self._said_again >= SAID_AGAIN:
            self._said_again = 0
            self._next()
            return
        self._said_again += 1
        self.conductor.say("floor.confirm_no", {"name": call.speaker, "other": call.other})
        # Back to where the speaker speaks, and from there through what follows.
        back = max(k for k in range(self._at) if self._calls[k].person == call.speaker and not self._calls[k].confirm)
        self._at = back - 1
        self._next()

    # -- what people ask for -----------------------------------------------------------------------

    @property
    def commands(self) -> tuple[CommandName, ...]:
        return ("next", "pass", "more-time") if self._granted_ms is not None else ("pass",)

    def command(self, command: Command) -> None:
        match command.name:
            case "next" if self._granted_ms is not None:
                self._hand_over("done")
            case "pass" if (call := self._call) is not None:
                if self._granted_ms is None:
                    self._granted_event(call)
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
            self._skip_rest()
        elif reason == "silence":
            self.conductor.say("floor.silent", person=holder, count=self._turn)
        self._next()

    def _skip_rest(self) -> None:
        """Who passes passes the whole of the step; where the speaker passes there is nothing to answer."""
        call = self._call
        assert call is not None
        whole = call.person == call.speaker and call.step == 0
        while (following := self._at + 1) < len(self._calls):
            after = self._calls[following]
            same_turn = after.speaker == call.speaker and after.round == call.round
            if not same_turn or not (whole or (after.person == call.person and after.step == call.step)):
                break
            self._at = following

    def _extend(self, added_ms: int, reason: Literal["asked", "repaid", "saved"]) -> None:
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
        return round(self._silence_wanted_ms * min(4.0, 2.0**self._checks))

    @property
    def _silence_wanted_ms(self) -> float:
        return self.settings.silence_s * 1000 * self.conductor.setup.extra_time.get(self.holder, 1.0)

    def _mind_silence(self) -> None:
        manners = self.conductor.manners
        if manners.busy or manners.someone_speaking:
            return
        if self._checked_ms is None and self._silence_ms() >= self._patience_ms():
            self._checked_ms = self.now_ms
            self.conductor.say("floor.check", person=self.holder, count=self._checks, wait_ms=0)
        elif self._checked_ms is not None and self._silence_ms() >= 2 * self._silence_wanted_ms:
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
            wanted = self._patience_ms() if self._checked_ms is None else 2 * self._silence_wanted_ms
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

    def _again(self) -> None:
        self.go_on()
        call = self._call
        if call is not None and call.confirm and not self.conductor.choices:
            self._confirm(call)

    def come_back(self) -> None:
        self._ending = False
        call = self._call
        if call is None:
            self.begin()
        elif call.confirm:
            self._confirm(call)
        elif self._granted_ms is None:
            self._announce()
        else:
            self.welcome_back()

    def welcome_back(self) -> None:
        if self._granted_ms is None:
            # What was being said when it was interrupted still waits to be said.
            self.conductor.say("pause.end", then=lambda _: self._again())
            return
        left_ms = max(0, self._limit_ms - self._watch.ms(self.now_ms))
        self.conductor.say(
            "pause.end_floor",
            {"time": self.conductor.language.duration(left_ms)},
            person=self.holder,
            then=lambda _: self.go_on(),
        )

    def end(self) -> None:
        if self._granted_ms is not None:
            self._release("finish")

    def view(self) -> StageView:
        call = self._call
        if call is None:
            return StageView(rounds=self.settings.rounds)
        used_ms = self._watch.ms(self.now_ms)
        has_floor = self._granted_ms is not None
        following = self._calls[self._at + 1].person if self._at + 1 < len(self._calls) else None
        return StageView(
            round=call.round,
            rounds=self.settings.rounds,
            floor=call.person if has_floor else None,
            used_ms=used_ms,
            left_ms=self._limit_ms - used_ms if has_floor else None,
            next_person=following if has_floor else call.person,
        )
