"""Free talk: it measures, and seldom, in a pause, invites by name whoever has hardly been heard.

With a queue, people raise a hand, by key or word; in a pause the one of them who has been heard least is called.
"""

from __future__ import annotations

from collections import Counter, deque
from functools import partial

from facilitator.core.dialogue.context import AsksAndRemembers, Course
from facilitator.core.dialogue.deck import give_question
from facilitator.core.dialogue.stages.loud_voices import LoudVoices
from facilitator.core.dialogue.stages.stage import Stage, StageView
from facilitator.core.events import (
    Command,
    CommandName,
    Fact,
    HandLowered,
    HandRaised,
    Invited,
    Missed,
    Show,
    Spoke,
    TakenBack,
)
from facilitator.core.formats.stages import Talk
from facilitator.core.text import MINUTE_MS

LOOK_EVERY_MS = 10_000
MORE_MS = 5 * MINUTE_MS
START_WAIT_MS = 8_000  # the talk is opened into a pause, if there is one soon
END_WAIT_MS = 45_000  # time is up: how long to wait for a pause
MINUTE_SIGNAL_FROM_MS = 120_000
MINUTE_WAIT_MS = 3_000  # later it would not be true; the chime has said it
CALL_AFTER_MS = 1_200  # of silence; nobody is called into the middle of a thought
CALL_EVERY_MS = 5_000  # whoever was called needs a moment to begin
QUESTION_EVERY_MS = 600_000  # unasked
LEAST_SPEECH = 0.2  # of the time looked at; in a silent room nobody is far below anybody


class OpenTalkStage(Stage):
    kind = "talk"
    session: AsksAndRemembers

    def __init__(self, session: AsksAndRemembers, course: Course, settings: Talk) -> None:
        super().__init__(session, course)
        self.settings = settings
        self._loud = LoudVoices(session, course, settings)
        self._limit_ms = None if settings.minutes is None else round(settings.minutes * MINUTE_MS)
        self._look_at_ms: int | None = None
        self._looks: deque[tuple[int, dict[str, int]]] = deque()  # (when, airtime so far), one window of them
        self._last_invitation_ms: int | None = None
        self._last_invited: str | None = None
        self._invited: dict[str, int] = {}
        self._calls: Counter[str] = Counter()
        self._hands: list[str] = []  # in the order in which they were raised
        self._waited: set[str] = set()  # whose hand was up when the host was called last
        self._called_ms = 0
        self._question_ms = -QUESTION_EVERY_MS
        self._voice_ms = 0  # up to when anybody was heard
        self._minute_said = False
        self._ending = False

    def begin(self) -> None:
        if self.settings.ask:
            self.session.say_own(self.settings.ask, wait_ms=START_WAIT_MS, then=lambda _: self._open())
        elif self._limit_ms is None:
            self.session.say("talk.start", wait_ms=START_WAIT_MS, then=lambda _: self._open())
        else:
            time = self.session.language.duration(self._limit_ms)
            self.session.say("talk.start_limited", {"time": time}, wait_ms=START_WAIT_MS, then=lambda _: self._open())

    def _open(self) -> None:
        if self.course.running:  # else it opens when the pause is over
            self.session.chime("start")
            self.go_on()
            self._look()

    # -- invitations -------------------------------------------------------------------------------

    def _look(self) -> None:
        """Notes the airtime of this moment, and invites when someone has been far below for long."""
        self._look_at_ms = self.now_ms + LOOK_EVERY_MS
        self._looks.append((self.now_ms, self.session.airtime_ms()))
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
        """Who is far below their share, of the whole and of the last minutes; least invited, least heard first."""
        now, then = self._looks[-1][1], self._looks[0][1]
        recent = {person: now[person] - then.get(person, 0) for person in now}
        aims, part_ms = self.session.aims, self.session.part_ms()
        heard = [p for p in self.session.present if self.session.is_heard(p) and aims[p] > 0]
        recent_total_ms = sum(recent[p] for p in heard)
        if len(heard) < 2 or recent_total_ms < LEAST_SPEECH * window_ms:
            return None
        whole = sum(aims[p] for p in heard)
        low = self.settings.invite_below
        below = [p for p in heard if now[p] < low * part_ms[p] and recent[p] < low * aims[p] / whole * recent_total_ms]
        return min(below, key=lambda p: (self._invited.get(p, 0), now[p], heard.index(p)), default=None)

    def _invite(self, person: str) -> None:
        self._last_invitation_ms = self.now_ms
        times = self._invited.get(person, 0)
        self._invited[person] = times + 1
        again = person == self._last_invited  # never twice in a row about the same person
        self._last_invited = None if again else person

        def said(was_said: bool) -> None:
            if was_said:
                self._last_invitation_ms = self.now_ms  # it may have waited for a pause
            if was_said and not again:
                self.session.emit(Invited(at_ms=self.now_ms, person=person))

        self.session.say(
            "talk.invite_anyone" if again else "talk.invite",
            person=None if again else person,
            count=sum(self._invited.values()) - 1,
            wait_ms=round(self.settings.invite_wait_s * 1000),
            otherwise="drop",
            unasked=True,
            then=said,
        )

    # -- the queue ---------------------------------------------------------------------------------

    def _raise_or_lower(self, person: str) -> None:
        if person in self._hands:
            self._hands.remove(person)
            self.session.emit(HandLowered(at_ms=self.now_ms, person=person, called=False))
            return
        self._hands.append(person)
        self.session.emit(HandRaised(at_ms=self.now_ms, person=person))
        text = self.session.language.phrase("talk.hand", name=person)
        self.session.emit(Show(at_ms=self.now_ms, text=text))

    def _call_next(self) -> None:
        """The one of those who raised a hand who has been heard least, by the part that was meant for them. A host, who
        aims at nothing and leads the talk, comes first, but never before those who already waited through the last
        time."""
        heard_ms, part_ms, aims = self.session.airtime_ms(), self.session.part_ms(), self.session.aims

        def share(person: str) -> float:
            part = part_ms.get(person, 0.0)
            if not self.session.is_heard(person):  # how much they spoke is not known, but how often they were called
                return self._calls[person] * len(self.session.participants) / max(1, self._calls.total())
            return heard_ms.get(person, 0) / part if part else 0.0

        def place(person: str) -> tuple[int, float]:
            if not aims[person]:
                return 1, 0.0
            return (0 if person in self._waited else 2), share(person)

        person = min(self._hands, key=place)
        self._hands.remove(person)
        self._waited = set(self._hands) if not aims[person] else self._waited - {person}
        self._calls[person] += 1
        self._called_ms = self.now_ms
        self.session.emit(HandLowered(at_ms=self.now_ms, person=person, called=True))
        self.session.say("talk.called", person=person, count=self.now_ms // 1000, wait_ms=10_000, otherwise="show")

    def _may_call_ms(self) -> int | None:
        """When the next one is called if it stays quiet; None: not now."""
        scheduler = self.session.scheduler
        if not self._hands or scheduler.busy or scheduler.someone_speaking or self._ending:
            return None
        quiet_since_ms = self.now_ms - scheduler.still_ms(self.now_ms)
        return max(quiet_since_ms + CALL_AFTER_MS, self._called_ms + CALL_EVERY_MS)

    # -- who is here -------------------------------------------------------------------------------

    def left(self, person: str) -> None:
        if person in self._hands:
            self._raise_or_lower(person)

    def joined(self, person: str) -> None:
        self._looks.clear()  # nobody is below their part who has only just come

    @property
    def gap(self) -> bool:
        scheduler = self.session.scheduler
        return not scheduler.busy and scheduler.still_ms(self.now_ms) >= CALL_AFTER_MS

    # -- time and commands -------------------------------------------------------------------------

    @property
    def commands(self) -> tuple[CommandName, ...]:
        hand: tuple[CommandName, ...] = ("hand", "next") if self.settings.queue else ()
        if self.course.more_follows and not hand:
            hand = ("next",)
        return hand if self._limit_ms is None else (*hand, "more-time")

    def command(self, command: Command) -> None:
        if command.name in ("hand", "answer") and self.settings.queue:  # a seat's number alone will do
            person = self.session.seated(command)
            if person is not None and person in self.session.present:
                self._raise_or_lower(person)
                self.session.can_undo(partial(self._hand_back, person))
        if command.name == "next" and self._hands:
            self._call_next()
        elif command.name == "next" and self.course.more_follows:  # else only "finish" ends the talk
            self.session.scheduler.clear(self.now_ms)
            self.course.stage_over()
            self.session.can_undo(self._take_back)
        if command.name == "more-time" and self._limit_ms is not None:
            self._limit_ms += MORE_MS
            self._minute_said = False
            if self._ending:
                self._ending = False
                self.session.scheduler.clear(self.now_ms)
            self.session.can_undo(self._less)

    def _take_back(self) -> bool:
        """It was ended by mistake."""
        if not self.course.back_to(self):
            return False
        self.session.scheduler.clear(self.now_ms)
        self.session.emit(TakenBack(at_ms=self.now_ms, command="next"))
        self.welcome_back()
        return True

    def _less(self) -> bool:
        if self._limit_ms is None or not self.course.back_to(self):
            return False
        self._limit_ms -= MORE_MS
        self.session.emit(TakenBack(at_ms=self.now_ms, command="more-time"))
        self.session.say("undo.done", wait_ms=3_000, otherwise="show")
        return True

    def _hand_back(self, person: str) -> bool:
        if not self.course.back_to(self):
            return False
        self._raise_or_lower(person)
        self.session.emit(TakenBack(at_ms=self.now_ms, command="hand", person=person))
        return True

    def tick(self) -> None:
        if self.course.paused or not self.watch.running:
            return
        if self._look_at_ms is not None and self.now_ms >= self._look_at_ms and self.session.listening:
            self._look()
        stall_ms = self._stall_ms()
        if stall_ms is not None and self.now_ms >= stall_ms:
            self._question_ms = self.now_ms
            give_question(self.session, unasked=True)
        call_ms = self._may_call_ms()
        if call_ms is not None and self.now_ms >= call_ms:
            self._call_next()
        if self._limit_ms is None or self._ending:
            return
        left_ms = self._limit_ms - self.watch.ms(self.now_ms)
        if left_ms <= 0:
            self._ending = True
            self.session.chime("end")
            self.session.say("talk.time_up", wait_ms=END_WAIT_MS, then=lambda _: self.course.stage_over())
        elif left_ms <= MINUTE_MS and self._limit_ms >= MINUTE_SIGNAL_FROM_MS and not self._minute_said:
            self._minute_said = True
            self.session.chime("minute")
            self.session.say("talk.minute", wait_ms=MINUTE_WAIT_MS, otherwise="drop", unasked=True)

    def _stall_ms(self) -> int | None:
        """When a question from the deck helps on, if it stays quiet: not before anybody has spoken."""
        scheduler, after_ms = self.session.scheduler, round(self.settings.question_after_s * 1000)
        if not after_ms or not self.session.listening or scheduler.busy or scheduler.someone_speaking or self._ending:
            return None
        if not any(self.session.airtime_ms().values()):
            return None
        still_since_ms = max(self.now_ms - scheduler.still_ms(self.now_ms), self._voice_ms)
        return max(still_since_ms + after_ms, self._question_ms + QUESTION_EVERY_MS)

    @property
    def deadline_ms(self) -> int | None:
        if self.course.paused or not self.watch.running:
            return None
        times = [self._stall_ms(), self._look_at_ms if self.session.listening else None, self._may_call_ms()]
        if self._limit_ms is not None and not self._ending:
            times.append(self.watch.when_ms(self._limit_ms))
            if self._limit_ms >= MINUTE_SIGNAL_FROM_MS and not self._minute_said:
                times.append(self.watch.when_ms(self._limit_ms - MINUTE_MS))
        return min((t for t in times if t is not None), default=None)

    def come_back(self) -> None:
        self._ending = False
        if self._look_at_ms is None:
            self.begin()
        else:
            self.welcome_back()

    def start_clock(self) -> None:
        self.watch.start(self.now_ms)
        self._look_anew()

    def fact(self, fact: Fact) -> None:
        self._loud.fact(fact)
        if isinstance(fact, Missed) and self._look_at_ms is not None:
            self._look_anew()

    def spoke(self, spoke: Spoke) -> None:
        if spoke.people or spoke.guest or spoke.unknown:
            self._voice_ms = max(self._voice_ms, spoke.end_ms)

    def _look_anew(self) -> None:
        """A break, or a time in which nobody could be heard, is no reason to invite anybody."""
        self._looks.clear()
        self._look_at_ms = self.now_ms

    def view(self) -> StageView:
        used_ms = self.watch.ms(self.now_ms)
        left_ms = None if self._limit_ms is None else self._limit_ms - used_ms
        return StageView(used_ms=used_ms, left_ms=left_ms, queue=tuple(self._hands))
