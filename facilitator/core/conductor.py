"""Leads a discussion through its stages and says what should happen when.

It is told facts and where the airtime stands; it answers with events and actions. Which stage does
what is in `stages/`; when something may be said is in `manners.py`. What holds in every stage:

- pause stops every clock and counts nobody; the same key, or "go on", ends it;
- quiet: nothing is spoken, everything is shown, nobody is invited; the same key ends it;
- finish goes to the closing from anywhere; in the closing it ends the session;
- after an interruption of the program, those whose voiceprint is gone say a few words again, and the
  talk goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from facilitator.core.events import (
    Chime,
    ChimeName,
    Command,
    CommandName,
    Consented,
    Continued,
    Enrolled,
    Fact,
    Finish,
    Outcome,
    Paused,
    Prepare,
    Resumed,
    SessionEnded,
    SourceEnded,
    Spoke,
    StageEnded,
    StageStarted,
    Trouble,
)
from facilitator.core.formats import Closing, Format, Opening, Talk, Turns
from facilitator.core.manners import Manners, Otherwise, Prompt
from facilitator.core.stages.closing import ClosingStage
from facilitator.core.stages.opening import OpeningStage
from facilitator.core.stages.stage import Stage
from facilitator.core.stages.talk import TalkStage
from facilitator.core.stages.turns import TurnsStage
from facilitator.core.telling import Words
from facilitator.core.wording import Language

ALWAYS: tuple[CommandName, ...] = ("pause", "repeat", "quiet", "finish")
TROUBLE_SHOWN_MS = 20_000

Slots = Mapping[str, str]
NO_SLOTS: Slots = MappingProxyType({})


def _named(person: str | None, slots: Slots) -> dict[str, str]:
    return {**slots} if person is None else {"name": person, **slots}


class Conductor:
    """`receive` a fact or what somebody spoke; what came of it is in `outcomes`, in order."""

    def __init__(
        self,
        *,
        form: Format,
        language: Language,
        people: tuple[str, ...],
        enrolled: tuple[str, ...],
        listening: bool,
        airtime_ms: Callable[[], Mapping[str, int]],
        closing_words: Callable[[], Words],
    ) -> None:
        self.form, self.language, self.people, self.listening = form, language, people, listening
        self.enrolled: set[str] = set(enrolled)
        self.declined: set[str] = set()
        self.paused = False
        self.ended = False
        self.now_ms = 0
        self.outcomes: list[Outcome] = []
        self.manners = Manners(self.emit)
        self.closing_words = closing_words
        self._airtime_ms = airtime_ms
        self._stages = [*form.stages] if isinstance(form.stages[-1], Closing) else [*form.stages, Closing()]
        self._number = -1
        self._stage: Stage | None = None
        self._suspended: Stage | None = None  # waits while voices are learned again
        self._trouble: tuple[int, str] | None = None
        self._reason: str = "done"

    # -- what stages use ---------------------------------------------------------------------------

    def emit(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)

    def say(
        self,
        prompt_kind: str,
        slots: Slots = NO_SLOTS,
        *,
        person: str | None = None,
        count: int = 0,
        wait_ms: int | None = None,
        otherwise: Otherwise = "say",
        urgent: bool = False,
        unasked: bool = False,
        then: Callable[[bool], None] | None = None,
    ) -> None:
        """Puts a phrase in line to be said; the slot `name` is the person's. See `manners.Prompt` for the rest."""
        self.manners.ask(
            Prompt(
                prompt_kind=prompt_kind,
                text=self.language.phrase(prompt_kind, count, **_named(person, slots)),
                person=person,
                wait_ms=wait_ms,
                otherwise=otherwise,
                urgent=urgent,
                unasked=unasked,
                then=then,
            ),
            self.now_ms,
        )

    def prepare(self, prompt_kind: str, slots: Slots = NO_SLOTS, *, person: str | None = None, count: int = 0) -> None:
        """Has what will probably be said next made ready."""
        self.emit(Prepare(at_ms=self.now_ms, text=self.language.phrase(prompt_kind, count, **_named(person, slots))))

    def chime(self, name: ChimeName) -> None:
        self.emit(Chime(at_ms=self.now_ms, chime=name))

    def consent(self, person: str, *, heard: bool) -> None:
        (self.enrolled.add if heard else self.declined.add)(person)
        (self.declined.discard if heard else self.enrolled.discard)(person)
        self.emit(Consented(at_ms=self.now_ms, person=person, heard=heard))

    def is_heard(self, person: str) -> bool:
        return person in self.enrolled

    def has_sample(self, person: str) -> float:
        """How much of this person's voice sample there is, 0 to 1."""
        return 1.0 if person in self.enrolled else 0.0

    def airtime_ms(self) -> dict[str, int]:
        return dict(self._airtime_ms())

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
    def stage(self) -> Stage | None:
        return self._stage

    @property
    def counted(self) -> bool:
        """Whether what is said now belongs to anybody's airtime."""
        if self._number < 0 or self.paused or self.ended or self._suspended is not None:
            return False
        return self._stage is not None and self._stages[self._number].counted

    def _begin_stage(self, number: int) -> None:
        self._number = number
        settings = self._stages[number]
        kind = settings.kind
        self.emit(StageStarted(at_ms=self.now_ms, stage=self.language.phrase(f"stages.{kind}"), kind=kind))
        match settings:
            case Opening():
                self._stage = OpeningStage(self, settings)
            case Turns():
                self._stage = TurnsStage(self, settings)
            case Talk():
                self._stage = TalkStage(self, settings)
            case Closing():
                self._stage = ClosingStage(self)
        self._stage.begin()

    def _close_stage(self) -> None:
        if self._stage is not None:
            kind = self._stages[self._number].kind
            self.emit(StageEnded(at_ms=self.now_ms, stage=self.language.phrase(f"stages.{kind}"), kind=kind))
            self._stage = None

    def _end(self) -> None:
        if not self.ended:
            self.ended = True
            reason = self._reason
            self.emit(SessionEnded(at_ms=self.now_ms, reason=reason))  # type: ignore[arg-type]
            self.emit(Finish(at_ms=self.now_ms))

    def _to_closing(self, reason: str) -> None:
        if isinstance(self._stage, ClosingStage) or self.ended:
            return
        self._reason = reason
        self.manners.clear(self.now_ms)
        self.manners.held = False
        self.paused = False
        if self._stage is not None:
            self._stage.end()
        if self._suspended is not None:
            self._stage, self._suspended = self._suspended, None
            self._stage.end()
        self._close_stage()
        self._begin_stage(len(self._stages) - 1)

    # -- facts -------------------------------------------------------------------------------------

    def receive(self, fact: Fact) -> None:
        if self.ended:
            return
        self.now_ms = max(self.now_ms, fact.at_ms)
        if self._stage is None and self._number < 0:
            self._begin_stage(0)
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
        if self._stage is not None:
            self._stage.fact(fact)
        self._settle()

    def spoke(self, spoke: Spoke) -> None:
        if self._stage is not None and not self.ended:
            self._stage.spoke(spoke)

    def _settle(self) -> None:
        """Lets stage and manners look at the time until neither has anything more to do now."""
        for _ in range(20):
            before = len(self.outcomes)
            if self._stage is not None and not self.ended:
                self._stage.tick()
            if not self.ended:
                self.manners.due(self.now_ms)
            if len(self.outcomes) == before:
                break

    def _command(self, command: Command) -> None:
        match command.name:
            case "pause":
                self._go_on() if self.paused else self._pause()
            case "go-on":
                self._go_on()
            case "quiet":
                self.manners.quiet = not self.manners.quiet
                if self.manners.quiet:
                    self.manners.hush(self.now_ms)
                else:
                    self.say("quiet.off", wait_ms=3_000, otherwise="show")
            case "repeat":
                if self.manners.last_said and not self.manners.speaking_itself:
                    self.manners.ask(
                        Prompt(prompt_kind="repeat", text=self.manners.last_said, urgent=True), self.now_ms
                    )
            case "finish" if not isinstance(self._stage, ClosingStage):
                self._to_closing("finish")
            case _ if self._stage is not None and not self.paused:
                self._stage.command(command)

    def _pause(self) -> None:
        if self._stage is None or isinstance(self._stage, ClosingStage):
            return
        self.paused = True
        self.manners.held = True
        self._stage.pause()
        self.emit(Paused(at_ms=self.now_ms))
        self.chime("pause")
        self.say("pause.start", urgent=True)

    def _go_on(self) -> None:
        if not self.paused or self._stage is None:
            return
        self.paused = False
        self.manners.held = False
        self.emit(Continued(at_ms=self.now_ms))
        self._stage.welcome_back()

    def _resume(self, fact: Resumed) -> None:
        """The program was interrupted and is back; only `fact.enrolled` have their voiceprints."""
        self.manners.forget()
        self.paused = False
        self.enrolled = set(fact.enrolled)
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
        times = [self.manners.deadline_ms, self._stage.deadline_ms if self._stage is not None else self.now_ms]
        return min((t for t in times if t is not None), default=None)

    @property
    def commands(self) -> tuple[CommandName, ...]:
        if self.ended or self._stage is None:
            return ()
        if isinstance(self._stage, ClosingStage):
            return (*self._stage.commands, "finish")
        if self.paused:
            return ("go-on", "quiet", "finish")
        return (*self._stage.commands, *ALWAYS)

    @property
    def stage_kind(self) -> str:
        return self._stages[self._number].kind if self._number >= 0 else ""

    @property
    def trouble(self) -> str | None:
        if self._trouble is None or self.now_ms > self._trouble[0] + TROUBLE_SHOWN_MS:
            return None
        return self._trouble[1]
