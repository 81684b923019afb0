"""The stages of a session, one after the other: which one is on, and which comes next."""

from __future__ import annotations

from facilitator.core.dialogue.context import Course, DialogueTask
from facilitator.core.dialogue.session_context import SessionContext
from facilitator.core.dialogue.stages.carry_over import CarryOverStage
from facilitator.core.dialogue.stages.closing import ClosingStage
from facilitator.core.dialogue.stages.opening import OpeningStage
from facilitator.core.dialogue.stages.registry import stage_of
from facilitator.core.dialogue.stages.stage import Stage
from facilitator.core.events import StageEnded, StageStarted
from facilitator.core.formats.parse import staged
from facilitator.core.formats.stages import Format, Opening

ARRIVAL_SAMPLE_S = 4.0
"""Of speech, from somebody who comes later: the others wait meanwhile. The review learns the voice from the talk."""


class Agenda:
    """`stage` is the one that is on; None: it has not begun, or is over."""

    def __init__(self, session: SessionContext, course: Course, form: Format) -> None:
        self._session, self._course = session, course
        self._settings, self._closing_from = staged(form)
        self._number = -1
        self._stage: Stage | None = None
        self._before: Stage | None = None  # the one that came to its end last
        self._suspended: Stage | None = None  # waits while voices are learned again

    @property
    def stage(self) -> Stage | None:
        return self._stage

    @property
    def begun(self) -> bool:
        return self._stage is not None or self._number >= 0

    @property
    def in_closing(self) -> bool:
        return isinstance(self._stage, ClosingStage)

    @property
    def learns_again(self) -> bool:
        """The program was interrupted, and the stage waits until voices have been learned again."""
        return self._suspended is not None

    @property
    def more_follows(self) -> bool:
        """Whether there is another stage before the closing."""
        return self._number + 1 < self._closing_from

    @property
    def counted(self) -> bool:
        """Whether what is said in this stage belongs to anybody's airtime."""
        if self._number < 0 or self._stage is None or self._suspended is not None:
            return False
        return self._settings[self._number].counted

    def begin(self) -> None:
        """The very first moment: with what is left from last time, where there is any."""
        setup = self._session.setup
        if setup.return_in_ms is None and not setup.due and not setup.rules and not setup.goals:
            self._begin(0)
            return
        self._started(CarryOverStage.kind)
        self._stage = CarryOverStage(self._session, self._course)
        self._stage.begin()

    def advance(self) -> bool:
        """The stage has come to its end. Whether anything follows."""
        if self._suspended is not None:
            self._stage, self._suspended = self._suspended, None
            self._stage.come_back()
            return True
        over = self._stage
        self.close()
        if self._number + 1 >= len(self._settings):
            return False
        self._begin(self._number + 1)
        self._before = over
        return True

    def back_to(self, stage: DialogueTask) -> bool:
        """It is on, or it is again: not out of the closing, in which all has been gone over."""
        if self._suspended is not None:
            return False
        before = self._before
        if before is not None and stage is before and self._stage is not None and not self.in_closing:
            self._stage.end()
            self.close()
            self._number -= 1
            self._stage = before
            self._started(before.kind)
            return True
        return stage is self._stage

    def to_closing(self, *, answered: bool) -> None:
        """To the closing, or from a question before it to the next; where nobody answers any more, to its very end."""
        self.break_off()
        within = self._number >= self._closing_from or not answered
        self._begin(len(self._settings) - 1 if within else self._closing_from)

    def break_off(self) -> None:
        """The stage ends here, and one that waited with it."""
        if self._stage is not None:
            self._stage.end()
        if self._suspended is not None:
            self._stage, self._suspended = self._suspended, None
            self._stage.end()
        self.close()

    def close(self) -> None:
        session = self._session
        session.drop_question()
        self._before = None
        if self._stage is not None:
            self._stage.pause()
            kind = self._stage.kind
            session.emit(StageEnded(at_ms=session.now_ms, stage=session.language.phrase(f"stages.{kind}"), kind=kind))
            self._stage = None

    def learn_again(self) -> None:
        """After an interruption of the program: whose voiceprint is gone says a few words, then the stage goes on."""
        session = self._session
        if self._stage is None:
            return
        if self.in_closing:
            self._stage.begin()
            return
        if self._suspended is None and not isinstance(self._stage, OpeningStage):
            self._stage.pause()
            self._suspended = self._stage
        opening = self._settings[0] if isinstance(self._settings[0], Opening) else Opening()
        missing = tuple(p for p in session.people if p not in session.declined and p not in session.enrolled)
        greeting = "resume.greeting" if missing and session.listening else "resume.greeting_known"
        self._stage = OpeningStage(session, self._course, opening, people=missing, greeting=greeting)
        self._stage.begin()

    def welcome(self, person: str) -> None:
        """Somebody has come: they are asked what everybody was asked in the opening circle, then the stage goes on."""
        if self._stage is not None:
            self._stage.pause()
            self._suspended = self._stage
            settings = Opening(sample_s=ARRIVAL_SAMPLE_S)
            asked = (person,)
            self._stage = OpeningStage(self._session, self._course, settings, people=asked, late=True)
            self._stage.begin()

    def _begin(self, number: int) -> None:
        self._number = number
        settings = self._settings[number]
        self._started(settings.kind)
        self._stage = stage_of(self._session, self._course, settings)
        self._stage.begin()

    def _started(self, kind: str) -> None:
        session = self._session
        session.scheduler.in_view = ""
        session.emit(StageStarted(at_ms=session.now_ms, stage=session.language.phrase(f"stages.{kind}"), kind=kind))
