"""Everyone in turn.

A turn ends by a word or key, by time, or after a silence *and* a soft spoken check; never by silence
alone. While it lasts, a protected floor is guarded (`floor_guard.py`). A turn may consist of steps (`turn_order.py`):
questions one after the other, an answer from the others, what was heard said back and confirmed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Literal

from facilitator.core.dialogue.context import AsksAndRemembers, Course
from facilitator.core.dialogue.escalation import Escalation
from facilitator.core.dialogue.stages.floor_guard import FloorGuard
from facilitator.core.dialogue.stages.loud_voices import LoudVoices
from facilitator.core.dialogue.stages.stage import StageView
from facilitator.core.dialogue.stages.turn_calls import TurnCallsStage
from facilitator.core.dialogue.stages.turn_order import Call
from facilitator.core.dialogue.stages.turn_silence import TurnSilence
from facilitator.core.dialogue.stopwatch import Stopwatch
from facilitator.core.events import (
    Command,
    CommandName,
    Fact,
    FloorExtended,
    FloorGranted,
    FloorReleased,
    Missed,
    PutRight,
    ReleaseReason,
    Show,
    Spoke,
    TakenBack,
)
from facilitator.core.formats.stages import Turns
from facilitator.core.text import MINUTE_MS

HANDOVER_WAIT_MS = 10_000  # time is up: how long to wait for the end of a thought
MINUTE_SIGNAL_FROM_MS = 120_000  # shorter turns need no one-minute signal
MINUTE_WAIT_MS = 3_000  # later it would not be true; the chime has said it
LAST_SIGNAL_FROM_MS = 30_000
SIGNAL_AGAIN_MS = 8_000  # a signal is given again only if this much time came to it
OFFERED_FROM_MS = 20_000  # less of a turn is not offered again
SPARED_MS = 10_000  # who was silent and goes on so soon after somebody else began is not chimed at
SAVED_FROM_MS = 5_000  # less is nothing to tell of
MOST_REPAID = 1 / 3  # of a turn: the others wait for theirs
REPAID_WAIT_MS = 6_000
REPAID_EVERY_MS = 600_000
LEAST_LEFT_MS = 10_000  # who takes up a turn again has a moment to say something


@dataclass(frozen=True, slots=True, kw_only=True)
class _LetGo:
    """Where a turn was when it was ended or passed, so that it can be taken up again."""

    round: int
    calls: list[Call]
    at: int
    left_ms: int
    said: Counter[tuple[int, str, str, int]]
    command: CommandName


class RoundRobinStage(TurnCallsStage):
    kind = "turns"
    session: AsksAndRemembers

    def __init__(self, session: AsksAndRemembers, course: Course, settings: Turns) -> None:
        super().__init__(session, course, settings)
        self._loud = LoudVoices(session, course, settings)
        self._limit_ms = self._saved_ms = 0  # of it, what was left of an earlier turn
        self._asleep_ms = 0  # of this turn, told by the clock on the wall, and not counted to anybody
        self._granted_ms: int | None = None  # None: the floor is being handed over
        self._ending = False  # time is up; waiting for the end of a thought
        self._silence: TurnSilence | None = None
        self._spared: tuple[str, int] | None = None  # whose turn has just passed on in silence, and until when
        self._signals: set[str] = set()
        self._guard: FloorGuard | None = None
        self._escalations: dict[str, Escalation] = {}  # of each holder, over all calls of this stage
        self._repaid_ms = 0

    # -- the floor ---------------------------------------------------------------------------------

    def called(self, call: Call) -> None:
        self._granted_ms = None
        self._ending = False
        self._limit_ms = call.limit_ms
        self._repaid_ms = 0
        self._asleep_ms = 0
        self.watch = Stopwatch()

    def grant(self) -> None:
        call = self._call
        assert call is not None
        self._granted_ms = self.now_ms
        following = self._following
        self._silence = TurnSilence(
            call.person,
            following.person if following is not None and self._can_begin(following) else None,
            self.now_ms,
            call.silence_ms,
            knows=self.session.listening and self.session.is_heard(call.person),
        )
        self._signals = set()
        if self.settings.protected:
            self._guard = FloorGuard(
                self.session,
                self.course,
                call.person,
                self.now_ms,
                self._escalation(call.person),
                repay=self._repay,
                to_come=self.turn_to_come,
                finish_thought=self.settings.finish_thought,
                spared=self._spared,
            )
            self._spared = None
        self._granted_event(call)
        self._saved_ms = self.session.saved_ms.pop(call.person, 0) if self.settings.bank else 0
        if self._saved_ms >= SAVED_FROM_MS:
            self._extend(self._saved_ms, "saved")
        self.session.chime("start")
        self.go_on()
        if following is not None and not following.confirm and following.item == 1:
            self.session.prepare_text(self._words(following, self._turn + 1)[0])

    def _escalation(self, holder: str) -> Escalation:
        settings = self.settings
        return self._escalations.setdefault(holder, Escalation(settings.guard, round(settings.guard_every_s * 1000)))

    def _granted_event(self, call: Call) -> None:
        self.session.emit(
            FloorGranted(
                at_ms=self.now_ms,
                person=call.person,
                round=call.round,
                limit_ms=self._limit_ms,
                protected=self.settings.protected,
                again=call.again,
            )
        )

    def _release(self, reason: ReleaseReason) -> None:
        if self._guard is not None:
            self._guard.end()
            self._guard = None
        self.watch.stop(self.now_ms)
        granted_ms = self.now_ms if self._granted_ms is None else self._granted_ms
        used_ms = self.watch.ms(self.now_ms)
        if self._call is not None and reason != "undone":
            if not (nothing_said := self._nothing_said()):
                self.note_said(self._call)
            self.note_silence(self._call, nothing_said=nothing_said and reason not in ("passed", "left"))
        if self.settings.bank and reason in ("done", "undone"):
            left_ms = max(0, self._limit_ms - used_ms) if reason == "done" else self._saved_ms
            self.session.saved_ms[self.holder] = left_ms
        self.session.emit(
            FloorReleased(
                at_ms=self.now_ms,
                person=self.holder,
                reason=reason,
                start_ms=granted_ms,
                used_ms=used_ms - self._asleep_ms,
            )
        )

    # -- what people ask for -----------------------------------------------------------------------

    @property
    def commands(self) -> tuple[CommandName, ...]:
        return ("next", "pass", "more-time") if self._granted_ms is not None else ("pass",)

    def command(self, command: Command) -> None:
        match command.name:
            case "yes" if self._silence is not None and self._silence.checked and self._granted_ms is not None:
                self._hand_over("done")
            case "next" if self._granted_ms is not None:
                self._hand_over("done")
            case "pass" if (call := self._call) is not None:
                if self._granted_ms is None:
                    self._granted_event(call)
                self._hand_over("passed")
            case "more-time" if self._granted_ms is not None:
                self._more(round(self.settings.more_minutes * MINUTE_MS))

    # -- and what they take back ---------------------------------------------------------------------

    def _take_up(self, was: _LetGo, turn: int) -> bool:
        """The turn had not been over: it goes on, with what was left of it, unless the one after it is over, too."""
        if self._turn > turn or not self.course.back_to(self):
            return False
        self.session.scheduler.clear(self.now_ms)
        self.session.drop_question()
        if self._granted_ms is not None:
            self._release("undone")
        self._round, self._calls, self._at, self._said = was.round, was.calls, was.at, was.said
        call = replace(was.calls[was.at], limit_ms=was.left_ms, again=True)
        self._calls = [*was.calls[: was.at], call, *was.calls[was.at + 1 :]]
        self.session.saved_ms.pop(call.person, None)  # it is in what was left
        self.session.emit(TakenBack(at_ms=self.now_ms, command=was.command, person=call.person))
        self.called(call)
        self.session.say(
            "undo.floor",
            {"time": self.session.language.duration(was.left_ms)},
            person=call.person,
            then=lambda _: self.grant(),
        )
        return True

    def _less(self, call: Call, added_ms: int) -> bool:
        if self._call is not call or self._granted_ms is None or not self.course.back_to(self):
            return False
        self._extend(-added_ms, "asked")
        self.session.emit(TakenBack(at_ms=self.now_ms, command="more-time", person=call.person))
        self.session.say("undo.done", wait_ms=3_000, otherwise="show")
        return True

    def _more(self, added_ms: int) -> None:
        if self._ending:
            self.session.scheduler.clear(self.now_ms)
            self._ending = False
        self._extend(added_ms, "asked")
        if (call := self._call) is not None:
            self.session.can_undo(lambda: self._less(call, added_ms))
        time = self.session.language.duration(added_ms)
        self.session.say("floor.more", {"time": time}, person=self.holder, wait_ms=3_000, otherwise="show")

    def _hand_over(self, reason: Literal["done", "passed", "time"]) -> None:
        self.session.scheduler.clear(self.now_ms)
        holder, said = self.holder, self._said.copy()
        was = _LetGo(
            round=self._round,
            calls=self._calls,
            at=self._at,
            left_ms=max(LEAST_LEFT_MS, self._limit_ms - self.watch.ms(self.now_ms)),
            said=said,
            command="pass" if reason == "passed" else "next",
        )
        used_ms = self.watch.ms(self.now_ms)
        unsaid = self._nothing_said()
        self._release(reason)
        self._granted_ms = None
        if self.settings.tell_took and reason != "passed" and not unsaid and self._call is not None:
            self._tell_took(self._call, used_ms)
        if reason == "passed":
            self.session.say("floor.passed", person=holder, count=self._turn)
            self._skip_rest()
        else:
            self._skip_unsaid()
        self._go_to_next()
        if reason != "time":
            turn = self._turn
            self.session.can_undo(lambda: self._take_up(was, turn))

    def _tell_took(self, call: Call, used_ms: int) -> None:
        """To who rehearses. What was said is not understood, so that nobody is told that it was a fact."""
        self.session.say("floor.took", {"time": self.session.language.duration(max(1_000, used_ms))})
        if call.step == 0:
            self.session.say("floor.fact")

    # -- who is here -------------------------------------------------------------------------------

    def left(self, person: str) -> None:
        call = self._call
        theirs = call is not None and call.person == person
        if theirs:
            self.session.scheduler.clear(self.now_ms)
            if self._granted_ms is not None:
                self._release("left")
            self._granted_ms = None
        self._drop_calls_of(person)
        if theirs:
            self._next()

    @property
    def gap(self) -> bool:
        """Between two turns, and not within what belongs together: the things of one person, or what is said back."""
        call = self._call
        return call is not None and self._granted_ms is None and call.step == 0 and call.item == 1

    @property
    def between(self) -> bool:
        return self._granted_ms is None

    # -- silence -----------------------------------------------------------------------------------

    def _nothing_said(self) -> bool:
        return self._silence is not None and self._silence.nothing_said(self.now_ms)

    def _skip_unsaid(self) -> None:
        """Where nothing was said there is nothing to say back, or to build on."""
        call = self._call
        assert call is not None
        if call.person == call.speaker and call.step == 0 and self._nothing_said() and not self.said_of(call):
            self._skip_rest()

    def _next_begins(self) -> None:
        """In a silence that lasted, the next person has begun: it is their turn, and what is left is kept."""
        call = self._call
        assert call is not None
        left_ms = self._limit_ms - self.watch.ms(self.now_ms)
        self._release("silence")
        self.session.scheduler.clear(self.now_ms)
        if left_ms >= OFFERED_FROM_MS and not call.again:
            self._calls.append(replace(call, limit_ms=left_ms, again=True, item=1, items=1))
        self.session.emit(Show(at_ms=self.now_ms, text=self.session.worded("floor.silent", self._turn, call.person)))
        self._spared = (call.person, self.now_ms + SPARED_MS)
        self._at, self._turn = self._at + 1, self._turn + 1
        self.called(self._calls[self._at])
        self.grant()

    def _repay(self, lost_ms: int) -> None:
        """What cut-ins took is given back, up to a part of the turn; when that is reached it is said, once."""
        call = self._call
        assert call is not None
        most_ms = round(call.limit_ms * MOST_REPAID)
        added_ms = min(lost_ms, most_ms - self._repaid_ms)
        if added_ms <= 0:
            return
        self._repaid_ms += added_ms
        self._extend(added_ms, "repaid")
        if self._repaid_ms == most_ms:
            self._tell_all_repaid(most_ms)

    def _tell_all_repaid(self, most_ms: int) -> None:
        """Said where it is news, else shown."""
        slots = {"time": self.session.language.duration(max(1_000, most_ms))}
        if self.session.once_in(f"repaid {self.holder}", REPAID_EVERY_MS):
            self.session.say("floor.repaid_all", slots, person=self.holder, wait_ms=REPAID_WAIT_MS)
        else:
            text = self.session.worded("floor.repaid_all", person=self.holder, slots=slots)
            self.session.emit(Show(at_ms=self.now_ms, text=text))

    def _extend(self, added_ms: int, reason: Literal["asked", "repaid", "saved"]) -> None:
        self._limit_ms += added_ms
        left_ms = self._limit_ms - self.watch.ms(self.now_ms)
        if left_ms > MINUTE_MS + SIGNAL_AGAIN_MS:
            self._signals.discard("minute")
        if left_ms > self.settings.last_seconds * 1000 + SIGNAL_AGAIN_MS:
            self._signals.discard("last")
        self.session.emit(FloorExtended(at_ms=self.now_ms, person=self.holder, added_ms=added_ms, reason=reason))

    # -- time --------------------------------------------------------------------------------------

    def tick(self) -> None:
        if self._granted_ms is None or self.course.paused:
            return
        if self._guard is not None:
            self._guard.tick()
        left_ms = self._limit_ms - self.watch.ms(self.now_ms)
        if left_ms <= 0 and not self._ending:
            if self._guard is not None:
                self._guard.close()  # what was lost is given back before the time is called
            left_ms = self._limit_ms - self.watch.ms(self.now_ms)
            if left_ms <= 0:
                self._time_up()
        if self._ending:
            return
        self._signal(left_ms)
        if self.session.listening:
            self._mind_silence()

    def _time_up(self) -> None:
        self._ending = True
        self.session.scheduler.clear(self.now_ms)
        self.session.chime("end")
        self.session.say(
            "floor.time_up_unsaid" if self._nothing_said() else "floor.time_up",
            person=self.holder,
            count=self._turn,
            wait_ms=HANDOVER_WAIT_MS,
            then=lambda _: self._hand_over("time"),
        )

    def _signal(self, left_ms: int) -> None:
        if (
            self.settings.minute_signal
            and self._limit_ms >= MINUTE_SIGNAL_FROM_MS
            and left_ms <= MINUTE_MS
            and "minute" not in self._signals
        ):
            self._signals.add("minute")
            self.session.chime("minute")
            if self._silence is None or not self._silence.checked:  # who thinks or weeps need not be told
                self.session.say(
                    "floor.minute",
                    person=self.holder,
                    wait_ms=MINUTE_WAIT_MS,
                    otherwise="drop",
                    unasked=True,
                    budget_of=self.holder,
                )
        last_ms = self.settings.last_seconds * 1000
        if self._limit_ms >= LAST_SIGNAL_FROM_MS and left_ms <= last_ms and "last" not in self._signals:
            self._signals.add("last")
            self.session.chime("last")

    def _silence_ms(self) -> int:
        """How long the table has been silent in this turn."""
        assert self._granted_ms is not None
        return min(self.session.scheduler.still_ms(self.now_ms), self.now_ms - self._granted_ms)

    def _mind_silence(self) -> None:
        """Said softly, and then more and more seldom."""
        silence, scheduler = self._silence, self.session.scheduler
        if silence is None or scheduler.busy or scheduler.someone_speaking:
            return
        if self._silence_ms() >= silence.patience_ms:
            phrase = "floor.check_begin" if self._nothing_said() else "floor.check"
            self.session.say(phrase, person=self.holder, count=silence.checks, wait_ms=0)
            silence.check()

    def fact(self, fact: Fact) -> None:
        self._loud.fact(fact)
        if isinstance(fact, Missed) and fact.why == "asleep" and self.watch.running:
            self._asleep_ms += fact.end_ms - fact.start_ms
        if self._silence is not None:
            self._silence.fact(fact)

    @property
    def deadline_ms(self) -> int | None:
        if self._granted_ms is None or self.course.paused or self._ending:
            return None
        marks = [self._limit_ms]
        if self._limit_ms >= MINUTE_SIGNAL_FROM_MS and "minute" not in self._signals and self.settings.minute_signal:
            marks.append(self._limit_ms - MINUTE_MS)
        if self._limit_ms >= LAST_SIGNAL_FROM_MS and "last" not in self._signals:
            marks.append(self._limit_ms - round(self.settings.last_seconds * 1000))
        times = [self.watch.when_ms(mark) for mark in marks]
        times.append(self._guard.deadline_ms if self._guard is not None else None)
        scheduler = self.session.scheduler
        if self._silence is not None and not scheduler.busy and not scheduler.someone_speaking:
            times.append(
                self.now_ms - self._silence_ms() + self._silence.patience_ms if self.session.listening else None
            )
        return min((t for t in times if t is not None), default=None)

    def spoke(self, spoke: Spoke) -> None:
        self.session.uncalled.difference_update(spoke.people)
        if self._granted_ms is None or self._silence is None:
            return
        if self._silence.spoke(spoke) and not self._ending:
            self._next_begins()
        elif self._guard is not None and not self._ending and not self._silence.checked:
            self._guard.spoke(spoke)

    def put_right(self, event: PutRight) -> None:
        if self._silence is not None:
            self._silence.put_right(event)
        if self._guard is not None:
            self._guard.put_right(event)

    # -- pauses ------------------------------------------------------------------------------------

    def start_clock(self) -> None:
        if self._granted_ms is not None:
            self.watch.start(self.now_ms)

    def _again(self) -> None:
        self.go_on()
        call = self._call
        if call is not None and call.confirm and not self.session.choices:
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
            self.session.say("pause.end", then=lambda _: self._again())
            return
        left_ms = max(0, self._limit_ms - self.watch.ms(self.now_ms))
        self.session.say(
            "pause.end_floor",
            {"time": self.session.language.duration(left_ms)},
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
        used_ms = self.watch.ms(self.now_ms)
        has_floor = self._granted_ms is not None
        following = self._following.person if self._following is not None else None
        return StageView(
            round=call.round,
            rounds=self.settings.rounds,
            floor=call.person if has_floor else None,
            used_ms=used_ms,
            left_ms=self._limit_ms - used_ms if has_floor else None,
            next_person=following if has_floor else call.person,
            checking=has_floor and self._silence is not None and self._silence.checked,
        )
