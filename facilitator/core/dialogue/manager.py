"""Leads a discussion through its stages and says what should happen when.

It is told facts and where the airtime stands; it answers with events and actions. Which stage does
what is in `stages/`; when something may be said is in `manners.py`; what people answer is in
`questions.py`. What holds in every stage:

- pause stops every clock and counts nobody; the same key, or "go on", ends it;
- quiet: nothing is spoken, everything is shown, nobody is invited; the same key ends it;
- a note, a break, or the question whether to finish comes between: the stage waits meanwhile (`dialogues/`);
- finish goes to the closing from anywhere; in the closing it ends the session;
- after an interruption of the program, those whose voiceprint is gone say a few words again, and the
  talk goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from facilitator.core.dialogue.interruptions import Interludes
from facilitator.core.dialogue.narration import Words, shares_so_far
from facilitator.core.dialogue.stages.carry_over import BusinessStage
from facilitator.core.dialogue.stages.closing import ClosingStage
from facilitator.core.dialogue.stages.opening import OpeningStage
from facilitator.core.dialogue.stages.registry import stage_of
from facilitator.core.dialogue.subdialogues.breaks import BreakDialogue
from facilitator.core.dialogue.subdialogues.confirm import ConfirmDialogue
from facilitator.core.dialogue.subdialogues.note import NoteDialogue
from facilitator.core.dialogue.table import Asking
from facilitator.core.events import (
    AgreementKind,
    Command,
    CommandName,
    Enrolled,
    Fact,
    Finish,
    Resumed,
    SessionEnded,
    SourceEnded,
    Spoke,
    StageEnded,
    StageStarted,
    Trouble,
)
from facilitator.core.formats.parse import Format, Opening, staged
from facilitator.core.language.wording import Language
from facilitator.core.setup import Setup

ALWAYS: tuple[CommandName, ...] = ("pause", "note", "break", "status", "repeat", "quiet", "finish")
UNTIMED: tuple[CommandName, ...] = ("repeat", "quiet", "finish")
"""What can be asked where there is no talk to interrupt."""
TROUBLE_SHOWN_MS = 20_000


class Conductor(Interludes):
    """`receive` a fact or what somebody spoke; what came of it is in `outcomes`, in order."""

    def __init__(
        self,
        *,
        setup: Setup,
        form: Format,
        language: Language,
        airtime_ms: Callable[[], Mapping[str, int]],
        closing_words: Callable[[], Words],
    ) -> None:
        super().__init__(setup, language, airtime_ms)
        self.form = form
        self.closing_words = closing_words
        self._stages, self._closing_from = staged(form)
        self._number = -1
        self._trouble: tuple[int, str] | None = None
        self._reason: str = "done"

    # -- what stages use ---------------------------------------------------------------------------

    def open_note(self, kind: AgreementKind, cooling_ms: int, over: Callable[[], None]) -> None:
        """Takes down an agreement; `over` is called afterwards, whether or not there is one."""
        self._open(NoteDialogue(self, kind=kind, cooling_ms=cooling_ms), over)

    @property
    def more_follows(self) -> bool:
        """Whether there is another stage before the closing."""
        return self._number + 1 < self._closing_from

    def end_for_break(self) -> None:
        """A long break: the session ends here, and the next one begins with it."""
        self._reason = "break"
        self._break_off()
        self.manners.clear(self.now_ms)
        if self._stage is not None:
            self._stage.end()
        self._close_stage()
        self._end()

    def stage_over(self) -> None:
        """The running stage has come to its end."""
        if self._suspended is not None:
            self._stage, self._suspended = self._suspended, None
            self._stage.come_back()
            return
        self._close_stage()
        if self._number + 1 < len(self._stages):
            self._begin_stage(self._number + 1)
        else:
            self._end()

    # -- stages ------------------------------------------------------------------------------------

    @property
    def counted(self) -> bool:
        """Whether what is said now belongs to anybody's airtime."""
        if self._number < 0 or self.paused or self.ended or self._suspended is not None or self._dialogue is not None:
            return False
        return self._stage is not None and self._stages[self._number].counted

    def _begin(self) -> None:
        """The very first moment."""
        if self.setup.return_in_ms is None and not self.setup.due:
            self._begin_stage(0)
            return
        self._started("business")
        self._stage = BusinessStage(self)
        self._stage.begin()

    def _begin_stage(self, number: int) -> None:
        self._number = number
        settings = self._stages[number]
        self._started(settings.kind)
        self._stage = stage_of(self, settings)
        self._stage.begin()

    def _started(self, kind: str) -> None:
        self.manners.in_view = ""
        self.emit(StageStarted(at_ms=self.now_ms, stage=self.language.phrase(f"stages.{kind}"), kind=kind))

    def _close_stage(self) -> None:
        self._asking = None
        if self._stage is not None:
            kind = self._stage.kind
            self.emit(StageEnded(at_ms=self.now_ms, stage=self.language.phrase(f"stages.{kind}"), kind=kind))
            self._stage = None

    def _end(self) -> None:
        if not self.ended:
            self.ended = True
            reason = self._reason
            self.emit(SessionEnded(at_ms=self.now_ms, reason=reason))  # type: ignore[arg-type]
            self.emit(Finish(at_ms=self.now_ms))

    def _to_closing(self, reason: str) -> None:
        """To the closing, or from a question before it to the next; a recording that is over answers no question."""
        if isinstance(self._stage, ClosingStage) or self.ended:
            return
        self._reason = reason
        self._break_off()
        self.manners.clear(self.now_ms)
        self.manners.held = False
        self.paused = False
        if self._stage is not None:
            self._stage.end()
        if self._suspended is not None:
            self._stage, self._suspended = self._suspended, None
            self._stage.end()
        self._close_stage()
        within = self._number >= self._closing_from or reason == "source-ended"
        self._begin_stage(len(self._stages) - 1 if within else self._closing_from)

    # -- facts -------------------------------------------------------------------------------------

    def receive(self, fact: Fact) -> None:
        if self.ended:
            return
        self.now_ms = max(self.now_ms, fact.at_ms)
        if self._stage is None and self._number < 0:
            self._begin()
            if isinstance(fact, Resumed):  # it had not begun yet
                self._settle()
                return
        self.manners.receive(fact)
        match fact:
            case Command():
                self._command(fact)
            case Enrolled():
                self.enrolled.add(fact.person)
            case SourceEnded():
                self._to_closing("source-ended")
            case Resumed():
                self._resume(fact)
            case Trouble():
                self._trouble = (fact.at_ms, fact.message)
        if self._dialogue is not None:
            self._dialogue.fact(fact)
        elif self._stage is not None:
            self._stage.fact(fact)
        self._settle()

    def spoke(self, spoke: Spoke) -> None:
        if self._stage is not None and self._dialogue is None and not self.ended:
            self._stage.spoke(spoke)

    def _settle(self) -> None:
        """Lets stage and manners look at the time until neither has anything more to do now."""
        for _ in range(20):
            before = len(self.outcomes)
            for one in (self._waiting_question, self._dialogue):
                if one is not None and not self.ended:
                    one.tick()
            if self._stage is not None and self._dialogue is None and not self.ended:
                self._stage.tick()
            if not self.ended:
                self.manners.due(self.now_ms)
            if len(self.outcomes) == before:
                break

    @property
    def _waiting_question(self) -> Asking | None:
        """The question whose time runs: in a pause it stands still, unless the break itself asks it."""
        return self._asking if self._dialogue is not None or not self.paused else None

    def _command(self, command: Command) -> None:
        if self._asking is not None and command.name not in ("next", "pass") and self._asking.answered(command):
            return
        if self._dialogue is not None and self._dialogue.command(command):
            return
        match command.name:
            case "pause":
                self.go_on() if self.paused else self._pause()
            case "go-on":
                self.go_on()
            case "quiet":
                self._quiet(not self.manners.quiet)
            case "speak":
                self._quiet(False)
            case "repeat":
                self._repeat()
            case "finish" if not isinstance(self._stage, ClosingStage):
                self._finish(command)
            case "note" if self._can_interrupt:
                note = NoteDialogue(self, text=command.text, since_ms=command.value)
                self._open(note, self._stage_goes_on)
            case "break" if self._can_interrupt:
                self._open(BreakDialogue(self), self._stage_goes_on)
            case "status" if not self.paused:
                self._status()
            case _ if self._asking is not None and self._asking.answered(command):
                pass
            case _ if self._stage is not None and not self.paused and self._dialogue is None:
                self._stage.command(command)

    def _finish(self, command: Command) -> None:
        """Asked for by voice, it may have been misheard."""
        if command.source != "voice":
            self._to_closing("finish")
        elif self._dialogue is None:
            finish = ConfirmDialogue(self, lambda: self._to_closing("finish"))
            self._open(finish, self._stage_goes_on)

    def _quiet(self, quiet: bool) -> None:
        if quiet == self.manners.quiet:
            return
        self.manners.quiet = quiet
        if quiet:
            self.manners.hush(self.now_ms)
        else:
            self.say("quiet.off", wait_ms=3_000, otherwise="show")

    def _repeat(self) -> None:
        if self.manners.last_said and not self.manners.speaking_itself:
            self.say_text(self.manners.last_said, "repeat", urgent=True)

    def _status(self) -> None:
        key, slots = shares_so_far(self.airtime_ms(), self.aims, self.language)
        self.say(key, slots, wait_ms=5_000, otherwise="show")

    # -- after an interruption of the program --------------------------------------------------------

    def _resume(self, fact: Resumed) -> None:
        """The program was interrupted and is back; only `fact.enrolled` have their voiceprints."""
        self.manners.forget()
        self._break_off()
        self.paused = False
        self.enrolled, self.kept = set(fact.enrolled), set()
        if self._stage is None or self.ended:
            return
        if isinstance(self._stage, ClosingStage):
            self._stage.begin()
            return
        if self._suspended is None and not isinstance(self._stage, OpeningStage):
            self._stage.pause()
            self._suspended = self._stage
        opening = self._stages[0] if isinstance(self._stages[0], Opening) else Opening()
        missing = tuple(p for p in self.people if p not in self.declined and p not in self.enrolled)
        greeting = "resume.greeting" if missing and self.listening else "resume.greeting_known"
        self._stage = OpeningStage(self, opening, people=missing, greeting=greeting)
        self._stage.begin()

    # -- for the loop and the screen ---------------------------------------------------------------

    @property
    def deadline_ms(self) -> int | None:
        if self.ended:
            return None
        if self._stage is None:
            return self.now_ms
        times = [self.manners.deadline_ms]
        times.append(self._stage.deadline_ms if self._dialogue is None else self._dialogue.deadline_ms)
        times.append(self._waiting_question.deadline_ms if self._waiting_question is not None else None)
        return min((t for t in times if t is not None), default=None)

    @property
    def commands(self) -> tuple[CommandName, ...]:
        if self.ended or self._stage is None:
            return ()
        if self._dialogue is not None:
            return (*self._dialogue.commands, *UNTIMED)
        if isinstance(self._stage, ClosingStage):
            return (*self._stage.commands, "finish")
        if self.paused:
            return ("go-on", "quiet", "finish")
        if self._asking is not None:
            return ("pass", *UNTIMED)
        always = ALWAYS if self._can_interrupt else ("pause", *UNTIMED)
        return (*self._stage.commands, *always)

    @property
    def stage_kind(self) -> str:
        return self._stage.kind if self._stage is not None else ""

    @property
    def trouble(self) -> str | None:
        if self._trouble is None or self.now_ms > self._trouble[0] + TROUBLE_SHOWN_MS:
            return None
        return self._trouble[1]
