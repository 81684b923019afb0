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

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from facilitator.core.dialogues.breaks import BreakDialogue
from facilitator.core.dialogues.confirm import ConfirmDialogue
from facilitator.core.dialogues.dialogue import Dialogue
from facilitator.core.dialogues.note import NoteDialogue
from facilitator.core.events import (
    Agreed,
    AgreementKind,
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
    Rated,
    Resumed,
    SessionEnded,
    SourceEnded,
    Spoke,
    StageEnded,
    StageStarted,
    Trouble,
)
from facilitator.core.formats import Agree, Closing, Format, Opening, Quiet, Rate, Talk, Tell, Turns, staged
from facilitator.core.formats import Stage as Settings
from facilitator.core.manners import Manners, Otherwise, Prompt
from facilitator.core.questions import Asking, Choice, Question
from facilitator.core.setup import Setup
from facilitator.core.stages.agree import AgreeStage
from facilitator.core.stages.business import BusinessStage
from facilitator.core.stages.closing import ClosingStage
from facilitator.core.stages.opening import OpeningStage
from facilitator.core.stages.quiet import QuietStage
from facilitator.core.stages.rate import RateStage
from facilitator.core.stages.stage import Stage
from facilitator.core.stages.talk import TalkStage
from facilitator.core.stages.tell import TellStage
from facilitator.core.stages.turns import TurnsStage
from facilitator.core.telling import Words, shares_so_far
from facilitator.core.wording import Language

ALWAYS: tuple[CommandName, ...] = ("pause", "note", "break", "status", "repeat", "quiet", "finish")
UNTIMED: tuple[CommandName, ...] = ("repeat", "quiet", "finish")
"""What can be asked where there is no talk to interrupt."""
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
        setup: Setup,
        form: Format,
        language: Language,
        airtime_ms: Callable[[], Mapping[str, int]],
        closing_words: Callable[[], Words],
    ) -> None:
        self.setup, self.form, self.language = setup, form, language
        self.people, self.listening = setup.people, setup.listening
        self.aims = setup.aims()
        self.enrolled: set[str] = set(setup.enrolled)
        self.declined: set[str] = set()
        self.paused = False
        self.ended = False
        self.now_ms = 0
        self.outcomes: list[Outcome] = []
        self.agreed: list[Agreed] = []
        self.ratings: list[Rated] = []
        self.manners = Manners(self.emit, setup.budget)
        self.closing_words = closing_words
        self._airtime_ms = airtime_ms
        self._stages, self._closing_from = staged(form)
        self._number = -1
        self._stage: Stage | None = None
        self._suspended: Stage | None = None  # waits while voices are learned again
        self._business_over = False
        self._dialogue: Dialogue | None = None
        self._asking: Asking | None = None
        self._trouble: tuple[int, str] | None = None
        self._reason: str = "done"
        self._names = {
            name: (re.compile(rf"(?<!\w){re.escape(name)}(?!\w)"), sound) for name, sound in setup.pronounced.items()
        }

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
        self.say_text(
            self.language.phrase(prompt_kind, count, **_named(person, slots)),
            prompt_kind,
            person=person,
            wait_ms=wait_ms,
            otherwise=otherwise,
            urgent=urgent,
            unasked=unasked,
            then=then,
        )

    def say_text(
        self,
        text: str,
        prompt_kind: str,
        *,
        person: str | None = None,
        wait_ms: int | None = None,
        otherwise: Otherwise = "say",
        urgent: bool = False,
        unasked: bool = False,
        then: Callable[[bool], None] | None = None,
    ) -> None:
        """The same with words that are no phrase of the language file."""
        self.manners.ask(
            Prompt(
                prompt_kind=prompt_kind,
                text=text,
                aloud=self._aloud(text),
                person=person,
                wait_ms=wait_ms,
                otherwise=otherwise,
                urgent=urgent,
                unasked=unasked,
                then=then,
            ),
            self.now_ms,
        )

    def prepare_text(self, text: str) -> None:
        """Has what will probably be said next made ready."""
        self.emit(Prepare(at_ms=self.now_ms, text=self._aloud(text) or text))

    def _aloud(self, text: str) -> str:
        """The text with names as the voice should say them; empty where that is no other text."""
        aloud = text
        for pattern, sound in self._names.values():
            aloud = pattern.sub(sound, aloud)
        return aloud if aloud != text else ""

    def chime(self, name: ChimeName) -> None:
        self.emit(Chime(at_ms=self.now_ms, chime=name))

    def ask(self, question: Question) -> None:
        """Asks, and waits for the answer. One question at a time: another one takes its place."""
        self._asking = Asking(self, question)
        self._asking.begin()

    def answered(self) -> None:
        """The question that waited has its answer."""
        self._asking = None

    def open_note(self, kind: AgreementKind, cooling_ms: int, over: Callable[[], None]) -> None:
        """Takes down an agreement; `over` is called afterwards, whether or not there is one."""
        self._open(NoteDialogue(self, kind=kind, cooling_ms=cooling_ms), over)

    def end_for_break(self) -> None:
        """A long break: the session ends here, and the next one begins with it."""
        self._reason = "break"
        self._dialogue = None
        self._asking = None
        self.manners.clear(self.now_ms)
        if self._stage is not None:
            self._stage.end()
        self._close_stage()
        self._end()

    def consent(self, person: str, *, heard: bool) -> None:
        (self.enrolled.add if heard else self.declined.add)(person)
        (self.declined.discard if heard else self.enrolled.discard)(person)
        self.emit(Consented(at_ms=self.now_ms, person=person, heard=heard))

    @property
    def participants(self) -> tuple[str, ...]:
        """Those who take turns: everyone but a host, beginning with who starts."""
        seats = [p for p in self.people if p != self.setup.host]
        first = seats.index(self.setup.first) if self.setup.first in seats else 0
        return (*seats[first:], *seats[:first])

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
        if not self._business_over:
            self._business_over = True
            self._begin_stage(0)
        elif self._number + 1 < len(self._stages):
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
        if self._number < 0 or self.paused or self.ended or self._suspended is not None or self._dialogue is not None:
            return False
        return self._stage is not None and self._stages[self._number].counted

    def _begin(self) -> None:
        """The very first moment."""
        if self.setup.return_in_ms is None and not self.setup.due:
            self._business_over = True
            self._begin_stage(0)
            return
        self._started("business")
        self._stage = BusinessStage(self)
        self._stage.begin()

    def _begin_stage(self, number: int) -> None:
        self._number = number
        settings = self._stages[number]
        self._started(settings.kind)
        self._stage = self._made(settings)
        self._stage.begin()

    def _made(self, settings: Settings) -> Stage:
        match settings:
            case Opening():
                return OpeningStage(self, settings)
            case Turns():
                return TurnsStage(self, settings)
            case Talk():
                return TalkStage(self, settings)
            case Tell():
                return TellStage(self, settings)
            case Rate():
                return RateStage(self, settings)
            case Quiet():
                return QuietStage(self, settings)
            case Agree():
                return AgreeStage(self, settings)
            case Closing():
                return ClosingStage(self, settings)

    def _started(self, kind: str) -> None:
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
        self._dialogue = self._asking = None
        self.manners.clear(self.now_ms)
        self.manners.held = False
        self.paused = False
        if self._stage is not None:
            self._stage.end()
        if self._suspended is not None:
            self._stage, self._suspended = self._suspended, None
            self._stage.end()
        self._close_stage()
        self._business_over = True
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
            for one in (self._asking, self._dialogue):
                if one is not None and not self.ended:
                    one.tick()
            if self._stage is not None and self._dialogue is None and not self.ended:
                self._stage.tick()
            if not self.ended:
                self.manners.due(self.now_ms)
            if len(self.outcomes) == before:
                break

    def _command(self, command: Command) -> None:
        if self._asking is not None and command.name not in ("next", "pass") and self._asking.answered(command):
            return
        if self._dialogue is not None and self._dialogue.command(command):
            return
        match command.name:
            case "pause":
                self._go_on() if self.paused else self._pause()
            case "go-on":
                self._go_on()
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

    # -- what comes between ------------------------------------------------------------------------

    @property
    def _can_interrupt(self) -> bool:
        """A note or a break can be asked for while people talk, and nothing else is going on."""
        if self._stage is None or self._dialogue is not None or self._suspended is not None or self.paused:
            return False
        return self._stage.kind not in ("opening", "closing", "business", "rate")

    def _open(self, dialogue: Dialogue, over: Callable[[], None]) -> None:
        """The stage waits; only what the dialogue says is said."""
        assert self._stage is not None
        self._stage.pause()
        self.manners.held = True
        self._dialogue = dialogue
        dialogue.over = over
        dialogue.begin()

    def close_dialogue(self) -> None:
        """The dialogue is over."""
        dialogue, self._dialogue = self._dialogue, None
        self._asking = None
        self.manners.held = False
        if dialogue is not None:
            dialogue.over()

    def _stage_goes_on(self) -> None:
        if self._stage is not None and not self.ended:
            self._stage.welcome_back()

    # -- pauses ------------------------------------------------------------------------------------

    def _pause(self) -> None:
        if self._stage is None or isinstance(self._stage, ClosingStage) or self._dialogue is not None:
            return
        self.stop_clocks()
        self.chime("pause")
        self.say("pause.start", urgent=True)

    def stop_clocks(self) -> None:
        assert self._stage is not None
        self.paused = True
        self.manners.held = True
        self._stage.pause()
        self.emit(Paused(at_ms=self.now_ms))

    def _go_on(self) -> None:
        if not self.paused or self._stage is None:
            return
        self.paused = False
        self.manners.held = False
        self._dialogue = None
        self.emit(Continued(at_ms=self.now_ms))
        self._stage.welcome_back()

    def _resume(self, fact: Resumed) -> None:
        """The program was interrupted and is back; only `fact.enrolled` have their voiceprints."""
        self.manners.forget()
        self._dialogue = self._asking = None
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
        if self._stage is None:
            return self.now_ms
        times = [self.manners.deadline_ms]
        times.append(self._stage.deadline_ms if self._dialogue is None else self._dialogue.deadline_ms)
        times.append(self._asking.deadline_ms if self._asking is not None else None)
        return min((t for t in times if t is not None), default=None)

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What the question that waits can be answered with."""
        return self._asking.question.choices if self._asking is not None else ()

    @property
    def asked_person(self) -> str | None:
        """Whom the question that waits is for; None: anybody, or there is none."""
        return self._asking.question.person if self._asking is not None else None

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
