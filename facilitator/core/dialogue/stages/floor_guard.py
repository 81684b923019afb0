"""Guards one protected turn: notices another voice that goes on for a second, and gives the seconds back.

What is done about it follows the steps of the format (`escalation.py`): a soft chime, a sentence, a breath together,
the question whether to take a break, a pause. Where somebody else talks on and the holder has fallen silent, the holder
is asked whether that is all right. Shorter words are back-channels: signs of listening, and nobody's business.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from facilitator.core.dialogue.context import AsksAndRemembers, Course
from facilitator.core.dialogue.escalation import BREATH, BREATH_EVERY_MS, Escalation
from facilitator.core.dialogue.questions import Question, one_yes, yes_or_no
from facilitator.core.events import Intrusion, PutRight, Spoke
from facilitator.core.language.choices import NO, YES

INTRUSION_MS = 1_000
GAP_MS = 500  # pauses within one utterance (metrics.md)
LATE_MS = 2_000  # how long after a stretch its label may come
SURE = 0.6  # below this nobody is told that they cut in
SETTLE_MS = 500  # the previous speaker's last word is no cut-in
LONG_MS = 10_000  # one that goes on this long is met once more, and again after as long
SENTENCE_WAIT_MS = 4_000  # then it is said into the talk: where two speak at once there is no pause
STOPPED_MS = 1_500  # a holder who speaks no longer than this into a cut-in was made to stop
FINISH_WAIT_MS = 4_000
OFFERED_MS = 20_000  # a break: time to find the courage
FINISH_EVERY_MS = 60_000


@dataclass(slots=True)
class _Run:
    """Someone else's speech within the turn."""

    start_ms: int
    end_ms: int
    speech_ms: int = 0
    noticed: int = 0
    """So often it was met."""


class FloorGuard:
    """From `from_ms` on. `repay` is told how many milliseconds the holder has lost; `to_come` says who has a turn to
    come; `spared` had the floor until just now, and only thought, up to the time given."""

    def __init__(
        self,
        session: AsksAndRemembers,
        course: Course,
        holder: str,
        from_ms: int,
        escalation: Escalation,
        *,
        repay: Callable[[int], None],
        to_come: Callable[[str], bool],
        finish_thought: bool = False,
        spared: tuple[str, int] | None = None,
    ) -> None:
        self._session, self._course, self._holder = session, course, holder
        self._escalation, self._repay, self._to_come = escalation, repay, to_come
        self._finish_thought, self._spared = finish_thought, spared
        self._holder_until_ms = from_ms  # when the holder last spoke
        self._seen_ms = from_ms + SETTLE_MS
        self._runs: dict[str, _Run] = {}
        self._sentences = 0
        self._question: Question | None = None  # its own, asked last
        self._lent_to: str | None = None  # the holder lets them speak, until the holder speaks again

    def spoke(self, spoke: Spoke) -> None:
        start_ms = max(spoke.start_ms, self._seen_ms)  # what was revised has already been acted on
        if not spoke.counted or start_ms >= spoke.end_ms:
            return
        self._seen_ms = spoke.end_ms
        if self._holder in spoke.people:
            self._holder_until_ms = spoke.end_ms
            self._lent_to = None
        if spoke.confidence >= SURE:
            for person in spoke.people:
                if person not in (self._holder, self._lent_to) and not self._is_spared(person, start_ms):
                    self._intrude(person, start_ms, spoke.end_ms)
        self.tick()

    def _is_spared(self, person: str, start_ms: int) -> bool:
        return self._spared is not None and person == self._spared[0] and start_ms < self._spared[1]

    def _intrude(self, by: str, start_ms: int, end_ms: int) -> None:
        run = self._runs.get(by)
        if run is None:
            run = self._runs[by] = _Run(start_ms=start_ms, end_ms=start_ms)
        run.end_ms = end_ms
        run.speech_ms += end_ms - start_ms
        if run.speech_ms < (INTRUSION_MS if not run.noticed else run.noticed * LONG_MS):
            return
        run.noticed += 1
        if run.noticed > 1 and self._silenced(run) and not self._session.scheduler.quiet and not self._asks:
            self._ask_holder("floor.may_go_on", lambda value: self._may_go_on(value, by), by)
        else:
            self._meet(by)

    def _silenced(self, run: _Run) -> bool:
        """The holder stopped when this began, and has not spoken since."""
        return self._holder_until_ms <= run.start_ms + STOPPED_MS

    # -- the steps -----------------------------------------------------------------------------------

    def _meet(self, by: str) -> None:
        match self._escalation.cut_in(self._session.now_ms):
            case "chime":
                self._session.chime("cut-in")
            case "sentence":
                self._protect(by)
            case "breath":  # about nobody in particular: it is the talk that has become hard
                if self._session.once_in(BREATH, BREATH_EVERY_MS):
                    self._say("floor.breathe")
                else:
                    self._protect(by)
            case "break" | "pause" if self._session.scheduler.quiet:
                self._session.chime("cut-in")
            case "break":
                self._offer_break()
            case "pause":
                self._course.stop_here("floor.pause", self._holder)

    def _protect(self, by: str) -> None:
        self._say("floor.protect" if self._to_come(by) else "floor.protect_last", by)

    def _say(self, prompt_kind: str, by: str = "") -> None:
        self._session.say(
            prompt_kind,
            {"other": by},
            person=self._holder,
            count=self._sentences,
            wait_ms=SENTENCE_WAIT_MS,
            unasked=True,
            budget_of=self._holder,
        )
        self._sentences += 1

    def _ask_holder(self, prompt_kind: str, then: Callable[[int | None], None], by: str) -> None:
        self._question = Question(
            prompt_kind=prompt_kind,
            slots={"name": self._holder, "other": by},
            person=self._holder,
            choices=yes_or_no(self._session.language),
            then=then,
            times=1,
            beside=True,
        )
        self._session.ask(self._question)

    def _offer_break(self) -> None:
        """Whoever needs one has it: nobody else can refuse it for them."""
        self._question = Question(
            prompt_kind="floor.break",
            slots={"name": self._holder},
            choices=one_yes(self._session.language),
            then=lambda value: self._course.take_break() if value == YES else None,
            times=1,
            wait_ms=OFFERED_MS,
            beside=True,
        )
        self._session.ask(self._question)

    @property
    def _asks(self) -> bool:
        """Its own question waits."""
        return self._question is not None and self._session.question is self._question

    def _may_go_on(self, value: int | None, by: str) -> None:
        if value == YES:
            self._close([by] if by in self._runs else [])
            self._lent_to = by
        elif value == NO:
            self._protect(by)

    def put_right(self, event: PutRight) -> None:
        """Somebody else came in than it seemed, or nobody."""
        was, now = (event.person, event.by) if event.undone else (event.by, event.person)
        run = self._runs.get(was or "")
        if run is None or run.start_ms >= event.end_ms or event.start_ms > run.end_ms:
            return
        del self._runs[was or ""]
        if now == self._holder:
            self._holder_until_ms = max(self._holder_until_ms, event.end_ms)
        elif now is not None:
            self._runs.setdefault(now, run)

    # -- what it took --------------------------------------------------------------------------------

    def tick(self) -> None:
        """Ends the cut-ins that are over and gives their seconds back."""
        known_ms = max(self._seen_ms, self._session.now_ms - LATE_MS)
        self._close([by for by, run in self._runs.items() if known_ms >= run.end_ms + GAP_MS])

    def close(self) -> None:
        """Ends all of them: the turn is over, or its time would be called."""
        self._close(list(self._runs))

    def end(self) -> None:
        """The turn is over."""
        self.close()
        if self._asks:
            self._session.drop_question()

    def _close(self, people: list[str]) -> None:
        for by in people:
            run = self._runs.pop(by)
            if run.noticed:
                self._session.emit(
                    Intrusion(
                        at_ms=self._session.now_ms,
                        by=by,
                        over=self._holder,
                        start_ms=run.start_ms,
                        lost_ms=run.speech_ms,
                    )
                )
                self._repay(run.speech_ms)
                self._let_finish(by, run)

    def _let_finish(self, by: str, run: _Run) -> None:
        """Who was made to stop is asked to finish their thought; so often that it helps, and no more."""
        if not self._finish_thought or not self._silenced(run):
            return
        if self._session.once_in(f"finish {self._holder}", FINISH_EVERY_MS):
            self._session.say(
                "floor.finish_thought",
                {"other": by},
                person=self._holder,
                count=self._sentences,
                wait_ms=FINISH_WAIT_MS,
                otherwise="drop",
                unasked=True,
                budget_of=self._holder,
            )

    @property
    def deadline_ms(self) -> int | None:
        return min((run.end_ms + GAP_MS + LATE_MS for run in self._runs.values()), default=None)
