"""The dialogue manager: leads a discussion through its stages and says what should happen when.

It is told facts and where the airtime stands; it answers with events and actions. It has a session context (people,
saying, asking), the scheduler in it (when something may be said) and the interruptions (what keeps a stage waiting);
which stage does what is in `stages/`, what comes between in `subdialogues/`. What holds in every stage:

- pause stops every clock and counts nobody; the same key, or "go on", ends it;
- quiet: nothing is spoken, everything is shown, nobody is invited; the same key ends it;
- a note, a break, or the question whether to finish comes between: the stage waits meanwhile;
- finish goes to the closing from anywhere; in the closing it ends the session;
- after an interruption of the program, those whose voiceprint is gone say a few words again, and the
  talk goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from facilitator.core.dialogue.agenda import Agenda
from facilitator.core.dialogue.arrivals import Arrivals
from facilitator.core.dialogue.context import DialogueTask, Subdialogue
from facilitator.core.dialogue.deck import give_question
from facilitator.core.dialogue.interruptions import Interruptions
from facilitator.core.dialogue.narration import Sentences, status_told, time_left
from facilitator.core.dialogue.session_context import Asking, SessionContext
from facilitator.core.dialogue.stages.stage import Stage, StageView
from facilitator.core.dialogue.subdialogues.breaks import BreakSubdialogue
from facilitator.core.dialogue.subdialogues.confirm import ConfirmSubdialogue
from facilitator.core.dialogue.subdialogues.note import NoteSubdialogue
from facilitator.core.dialogue.subdialogues.who import WhoSubdialogue
from facilitator.core.dialogue.subdialogues.withdraw import WithdrawSubdialogue, withdrawn
from facilitator.core.dialogue.who_spoke import WhoSpoke
from facilitator.core.events import (
    AgreementKind,
    Command,
    CommandName,
    Enrolled,
    Fact,
    Finish,
    Missed,
    Outcome,
    PutRight,
    Resumed,
    SessionEnded,
    SourceEnded,
    Spoke,
    Trouble,
)
from facilitator.core.formats.stages import Format
from facilitator.core.language.choices import Choice
from facilitator.core.language.wording import Language
from facilitator.core.setup import Setup
from facilitator.core.turntaking.put_right import LastSaid

ALWAYS: tuple[CommandName, ...] = ("pause", "note", "break", "status", "decline", "repeat", "quiet", "finish")
UNTIMED: tuple[CommandName, ...] = ("repeat", "quiet", "finish")
"""What can be asked where there is no talk to interrupt."""
CHANGES_NOTHING: tuple[CommandName, ...] = ("status", "time", "repeat", "undo")
"""What was asked for before these can still be taken back."""
TROUBLE_SHOWN_MS = 20_000
MOST_ROUNDS = 20
Ending = Literal["done", "finish", "source-ended", "break"]

BEFORE_ALL_ARE_ASKED = ("", "business", "opening")
"""Kinds of stages until whose end somebody may still be asked whether they are listened to."""


class DialogueManager:
    """`receive` a fact or what somebody spoke; what came of it is in the session's `outcomes`, in order."""

    def __init__(
        self,
        *,
        setup: Setup,
        form: Format,
        language: Language,
        airtime_ms: Callable[[], Mapping[str, int]],
        part_ms: Callable[[], Mapping[str, float]],
        closing_words: Callable[[], Sentences],
        last_said: Callable[[str], LastSaid | None],
    ) -> None:
        self.session = SessionContext(setup, language, airtime_ms, part_ms)
        self.arrivals = Arrivals(self.session)
        self._who_spoke = WhoSpoke(self.session, last_said, self._put_right)
        self.interruptions = Interruptions(self.session)
        self.ended = False
        self.answered = True
        self._closing_words = closing_words
        self._agenda = Agenda(self.session, self, form)
        self._form = form
        self._trouble: tuple[int, str] | None = None
        self._reason: Ending = "done"

    # -- what stages and subdialogues use (`Course`, `Between`) ----------------------------------------

    @property
    def paused(self) -> bool:
        return self.interruptions.paused

    @property
    def running(self) -> bool:
        return self.interruptions.none and not self.ended

    @property
    def more_follows(self) -> bool:
        return self._agenda.more_follows

    def closing_words(self) -> Sentences:
        return self._closing_words()

    def has_left(self, person: str) -> None:
        """They are not called again, and what is said from now on is not held against them."""
        self.session.leave(person)
        self.session.say("people.left", person=person, wait_ms=3_000, otherwise="show", urgent=True)
        question = self.session.asking
        if question is not None and question.question.person == person:
            question.give_up()
        if self.stage is not None:
            self.stage.left(person)
        self.session.can_undo(lambda: self._not_left(person))

    def _not_left(self, person: str) -> bool:
        return person in self.session.absent and self._is_back(person)

    def _is_back(self, person: str) -> bool:
        said = "people.back" if person in self.session.people else "people.welcome"
        self.session.join(person)
        self.session.say(said, person=person, wait_ms=3_000, otherwise="show", urgent=True)
        if self.stage is not None:
            self.stage.joined(person)
        return True

    def open_note(self, kind: AgreementKind, cooling_ms: int, over: Callable[[], None]) -> None:
        note = NoteSubdialogue(self.session, self, self._form, kind=kind, cooling_ms=cooling_ms)
        self._open(note, over)

    def close_subdialogue(self, subdialogue: Subdialogue) -> None:
        self.interruptions.close(subdialogue)

    def pause(self) -> None:
        if self.stage is not None:
            self.interruptions.pause(self.stage)

    def go_on(self) -> None:
        if self.stage is not None:
            self.interruptions.go_on(self.stage)

    def take_break(self) -> None:
        if self._can_interrupt:
            self._open(BreakSubdialogue(self.session, self), self._come_back)

    def stop_here(self, prompt_kind: str, person: str) -> None:
        if self._can_interrupt:
            self.session.drop_question()
            self.pause()
            self.session.chime("pause")
            self.session.say(prompt_kind, person=person, urgent=True)

    def end_for_break(self) -> None:
        self._reason = "break"
        self.interruptions.break_off()
        self.session.scheduler.clear(self.session.now_ms)
        self._agenda.break_off()
        self._end()

    def stage_over(self) -> None:
        if not self._agenda.advance():
            self._end()

    def back_to(self, stage: DialogueTask) -> bool:
        return not self.ended and self.interruptions.none and self._agenda.back_to(stage)

    # -- from the first stage to the end -----------------------------------------------------------

    @property
    def stage(self) -> Stage | None:
        return self._agenda.stage

    @property
    def counted(self) -> bool:
        """Whether what is said now belongs to anybody's airtime."""
        return self.running and self._agenda.counted

    @property
    def not_counted_for(self) -> str:
        """Why it does not; empty: it does."""
        if self.counted:
            return ""
        if (subdialogue := self.interruptions.subdialogue) is not None:
            return subdialogue.kind
        return "pause" if self.paused else self.stage_kind

    def _end(self) -> None:
        if not self.ended:
            self.ended = True
            self.session.emit(SessionEnded(at_ms=self.session.now_ms, reason=self._reason))
            self.session.emit(Finish(at_ms=self.session.now_ms))

    def _to_closing(self, reason: Ending, *, answered: bool = True) -> None:
        """Where nobody is there to answer, no question comes with it: a recording is over, or the program asked."""
        if self._agenda.in_closing or self.ended:
            return
        self._reason = reason
        self.interruptions.end()
        self.session.scheduler.clear(self.session.now_ms)
        self.answered = answered
        self._agenda.to_closing(answered=answered)

    # -- facts -------------------------------------------------------------------------------------

    def tell_time(self, now_ms: int, outcomes: list[Outcome]) -> None:
        """What comes of the next fact goes into `outcomes`."""
        self.session.now_ms = max(self.session.now_ms, now_ms)
        self.session.outcomes = outcomes

    def receive(self, fact: Fact) -> None:
        if self.ended:
            return
        if not self._agenda.begun:
            self._agenda.begin()
            if isinstance(fact, Resumed):  # it had not begun yet
                self._settle()
                return
        self.session.scheduler.receive(fact)
        match fact:
            case Command():
                self._command(fact)
            case Enrolled() if fact.person not in self.session.declined:
                self.session.enrolled.add(fact.person)
            case SourceEnded():
                self._to_closing("source-ended", answered=False)
            case Resumed():
                self._resume(fact)
            case Trouble():
                self._trouble = (fact.at_ms, fact.message)
        if (subdialogue := self.interruptions.subdialogue) is not None:
            subdialogue.fact(fact)
        elif self.stage is not None:
            self.stage.fact(fact)
        if isinstance(fact, Missed) and fact.why == "asleep":
            self._wake(fact)
        self._settle()

    def _wake(self, missed: Missed) -> None:
        """Told before a break is called over, and after a turn is, which lets go of all that waits to be said."""
        if self.interruptions.none:
            self._settle()
        if not self.ended:
            time = {"time": self.session.language.duration(missed.end_ms - missed.start_ms)}
            self.session.say("resume.asleep", time, urgent=True)

    def spoke(self, spoke: Spoke) -> None:
        if self.stage is not None and self.interruptions.subdialogue is None and not self.ended:
            self.stage.spoke(spoke)

    def _settle(self) -> None:
        """Lets everybody look at the time until nothing more comes of it: what one does is news to the next. Two or
        three rounds are usual; the limit is against two who answer each other for ever."""
        session, interruptions = self.session, self.interruptions
        for _ in range(MOST_ROUNDS):
            before = len(session.outcomes)
            if (question := self._waiting_question) is not None and not self.ended:
                question.tick()  # its answer may close the subdialogue that asked
            if (subdialogue := interruptions.subdialogue) is not None and not self.ended:
                subdialogue.tick()
            self._welcome()
            if self.stage is not None and interruptions.subdialogue is None and not self.ended:
                self.stage.tick()
            if not self.ended:
                session.scheduler.due(session.now_ms)
            if len(session.outcomes) == before:
                break

    @property
    def _waiting_question(self) -> Asking | None:
        """The question that can be answered, and whose time runs: in a pause it waits, unless the break asks it."""
        interruptions = self.interruptions
        return self.session.asking if interruptions.subdialogue is not None or not interruptions.paused else None

    @property
    def _can_interrupt(self) -> bool:
        """A note or a break can be asked for while people talk, and nothing else is going on."""
        if self.stage is None or self._agenda.learns_again or not self.interruptions.none:
            return False
        return not self.stage.asks_each

    def _command(self, command: Command) -> None:
        """The order is the rule. An answer goes to the question that waits; a subdialogue takes what it knows; then
        comes what holds everywhere, and the stage at last. "Next" and "pass" answer a question only where nobody else
        takes them: in a note they go to the note."""
        if command.name not in CHANGES_NOTHING:
            self.session.forget_undo()
        question, subdialogue = self._waiting_question, self.interruptions.subdialogue
        if question is not None and command.name not in ("next", "pass") and question.answered(command):
            return
        if subdialogue is not None and subdialogue.command(command):
            return
        if self._anywhere(command.name):
            return
        match command.name:
            case "finish" if not self._agenda.in_closing:
                self._finish(command)
            case "note" if self._can_interrupt:
                note = NoteSubdialogue(self.session, self, self._form, text=command.text, since_ms=command.value)
                self._open(note, self._come_back)
            case "break":
                self.take_break()
            case "question" if self._can_interrupt:
                give_question(self.session)
            case "left" if self.stage is not None:
                self._has_left(command)
            case "here" if self.stage is not None and not self._agenda.in_closing:
                self._is_here(command)
            case "was" if self._can_interrupt and self._who_spoke.heard:
                self._was(command)
            case "decline" if self.stage is not None and not self.stage.minds_consent:
                self._decline(command)
            case _ if question is not None and question.answered(command):
                pass
            case _ if self.stage is not None and not self.paused and subdialogue is None:
                self.stage.command(command)

    def _anywhere(self, name: CommandName) -> bool:
        """What holds whatever goes on; whether it was asked for."""
        match name:
            case "pause" | "go-on":
                self._turn_pause(name == "pause" and not self.paused)
            case "quiet" | "speak":
                self._quiet(name == "quiet" and not self.session.scheduler.quiet)
            case "repeat":
                self._repeat()
            case "undo":
                self._undo()
            case "time" if self.stage is not None and not self.paused:
                self._time_left(self.stage.view())
            case "status" if not self.paused:
                self._status()
            case _:
                return False
        return True

    # -- who is here -------------------------------------------------------------------------------

    def _has_left(self, command: Command) -> None:
        person, present = self.session.seated(command), self.session.present
        if person in present:
            self.has_left(person)
        elif person is None and present and self._can_interrupt:
            asks = WhoSubdialogue(self.session, self, "people.who_left", present, self.has_left)
            self._open(asks, self._come_back)

    def _is_here(self, command: Command) -> None:
        session = self.session
        names = self.arrivals.named(session.seated(command) or "")
        if not names:
            session.say("people.type_name", wait_ms=3_000, otherwise="show", urgent=True)
        for name in names:
            if name not in session.present and (name in session.enrolled or not session.listening):
                self._is_back(name)
        expected = [
            name for name in names if name not in session.enrolled and session.listening and self.arrivals.expect(name)
        ]
        if expected:
            session.can_undo(lambda: sum(self.arrivals.forget(name) for name in expected) > 0)

    def _was(self, command: Command) -> None:
        person = self.session.seated(command)
        said = self._who_spoke.last(person or "")
        if said is None:
            return
        if person is not None:
            self._who_spoke.was(person, said)
        else:
            among = tuple(one for one in self._who_spoke.among if one != said.person)
            asks = WhoSubdialogue(
                self.session, self, "people.who_was_it", among, lambda one: self._who_spoke.was(one, said)
            )
            self._open(asks, self._come_back)

    def _put_right(self, event: PutRight) -> None:
        if self.stage is not None:
            self.stage.put_right(event)

    def _welcome(self) -> None:
        """Who has come is turned to in the next gap, and asked what everybody was asked."""
        stage = self.stage
        if stage is None or self.ended or not self.interruptions.none or self._agenda.learns_again:
            return
        if self.session.asking is not None:
            return
        if not self.arrivals.can_begin(gap=stage.gap, patient=stage.kind != "talk"):
            self.arrivals.greet(between=stage.between)
            return
        person = self.arrivals.next()
        self.session.scheduler.clear(self.session.now_ms)
        self.session.join(person)
        stage.joined(person)
        self._agenda.welcome(person)

    def _open(self, subdialogue: Subdialogue, over: Callable[[], None]) -> None:
        if self.stage is not None:
            self.interruptions.open(subdialogue, self.stage, over)

    def _come_back(self) -> None:
        if not self.ended:
            self.interruptions.come_back(self.stage)

    def _turn_pause(self, on: bool) -> None:
        before = self.paused
        self._pause() if on else self.go_on()
        if self.paused != before:
            self.session.can_undo(lambda: self.paused != before and self._turned_back(before))

    def _turned_back(self, paused: bool) -> bool:
        self._turn_pause(paused)
        return self.paused == paused

    def _pause(self) -> None:
        if self.stage is None or self._agenda.in_closing or self.interruptions.subdialogue is not None:
            return
        self.pause()
        self.session.chime("pause")
        self.session.say("pause.start", urgent=True)

    def _finish(self, command: Command) -> None:
        """Asked for by voice, it may have been misheard."""
        if command.source != "voice":
            self._to_closing("finish", answered=command.source != "program")
        elif not isinstance(self.interruptions.subdialogue, ConfirmSubdialogue):
            finish = ConfirmSubdialogue(self.session, self, lambda: self._to_closing("finish"))
            self._open(finish, self._come_back)

    def _decline(self, command: Command) -> None:
        asking = isinstance(self.interruptions.subdialogue, WithdrawSubdialogue) or self._agenda.in_closing
        if not withdrawn(self.session, command) and not asking:
            self._open(WithdrawSubdialogue(self.session, self), self._come_back)

    def _quiet(self, quiet: bool) -> None:
        scheduler = self.session.scheduler
        if quiet == scheduler.quiet:
            return
        scheduler.quiet = quiet
        if quiet:
            scheduler.hush(self.session.now_ms)
        else:
            self.session.say("quiet.off", wait_ms=3_000, otherwise="show")
        self.session.can_undo(lambda: self._hushed_back(not quiet))

    def _hushed_back(self, quiet: bool) -> bool:
        self._quiet(quiet)
        return True

    def _undo(self) -> None:
        undone = self.session.undo()
        self.session.forget_undo()  # taking it back is no step of its own
        if not undone:
            self.session.say("undo.nothing", wait_ms=3_000, otherwise="show", urgent=True)

    def _time_left(self, view: StageView) -> None:
        key, slots = time_left(view.left_ms, self.session.language)
        self.session.say(key, slots, wait_ms=3_000, otherwise="show", urgent=True)

    def _repeat(self) -> None:
        scheduler = self.session.scheduler
        if scheduler.last_said and not scheduler.speaking_itself:
            self.session.say_text(scheduler.last_said, "repeat", urgent=True)

    def _status(self) -> None:
        session = self.session
        heard_ms = {person: ms for person, ms in session.airtime_ms().items() if session.is_heard(person)}
        asking = self.stage_kind in BEFORE_ALL_ARE_ASKED
        left_out = [p for p in session.people if session.is_left_out(p) or not (asking or session.is_heard(p))]
        words = status_told(heard_ms, left_out, session.aims, session.language)
        text = " ".join(session.worded(key, slots=slots) for key, slots in words)
        session.say_text(text, words[-1][0], wait_ms=5_000, otherwise="show")

    # -- after an interruption of the program --------------------------------------------------------

    def _resume(self, fact: Resumed) -> None:
        """The program was interrupted and is back; only `fact.enrolled` have their voiceprints."""
        session = self.session
        session.scheduler.forget(session.now_ms)
        self.interruptions.end()
        session.enrolled, session.kept = set(fact.enrolled), set()
        self._agenda.learn_again()

    # -- for the loop and the screen ---------------------------------------------------------------

    @property
    def deadline_ms(self) -> int | None:
        if self.ended:
            return None
        if self.stage is None:
            return self.session.now_ms
        subdialogue, question = self.interruptions.subdialogue, self._waiting_question
        times = [self.session.scheduler.deadline_ms]
        times.append(self.stage.deadline_ms if subdialogue is None else subdialogue.deadline_ms)
        times.append(question.deadline_ms if question is not None else None)
        times.append(self.arrivals.deadline_ms)
        return min((t for t in times if t is not None), default=None)

    @property
    def commands(self) -> tuple[CommandName, ...]:
        if self.ended or self.stage is None:
            return ()
        if (subdialogue := self.interruptions.subdialogue) is not None:
            return (*subdialogue.commands, *UNTIMED)
        if self._agenda.in_closing:
            return (*self.stage.commands, "finish")
        undo: tuple[CommandName, ...] = ("undo",) if self.session.undoable else ()
        if self.paused:
            return ("go-on", *undo, "quiet", "finish")
        if self.asks_in_place:
            return ("pass", *undo, *UNTIMED)
        always = (*ALWAYS, "question", "left", "here") if self._can_interrupt else ("pause", *UNTIMED)
        was: tuple[CommandName, ...] = ("was",) if self._can_interrupt and self._who_spoke.heard else ()
        time: tuple[CommandName, ...] = ("time",) if self.stage.view().left_ms is not None else ()
        usual = (one for one in always if one != "decline" or self.session.enrolled)
        return (*self.stage.commands, *undo, *time, *was, *usual)

    @property
    def seats_of_commands(self) -> dict[CommandName, dict[int, str]]:
        """Whom a spoken command can be about, by the number of their seat."""
        seats = dict(enumerate(self.session.people, 1))
        absent = self.session.absent
        return {
            "left": {seat: person for seat, person in seats.items() if person not in absent},
            "here": {seat: person for seat, person in seats.items() if person in absent},
            "was": {seat: person for seat, person in seats.items() if person in self.session.enrolled},
        }

    @property
    def asks_in_place(self) -> bool:
        """A question waits in place of what else could be done; one beside a turn takes nothing away."""
        question = self.session.question
        return question is not None and not question.beside

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What can be answered now."""
        question = self._waiting_question
        return question.question.choices if question is not None else ()

    @property
    def asked_person(self) -> str | None:
        """Whom the question that waits is for; None: anybody, or there is none."""
        question = self._waiting_question
        return question.question.person if question is not None else None

    @property
    def stage_kind(self) -> str:
        return self.stage.kind if self.stage is not None else ""

    @property
    def trouble(self) -> str | None:
        if self._trouble is None or self.session.now_ms > self._trouble[0] + TROUBLE_SHOWN_MS:
            return None
        return self._trouble[1]
