"""The one public object of the core: facts in, events and actions out.

It has no clock, no threads and no chance: the same facts give the same outcomes. `deadline_ms` says
when it next wants to be told the time.
"""

from __future__ import annotations

from collections.abc import Sequence

from facilitator.core.dialogue.manager import DialogueManager
from facilitator.core.dialogue.narration import Sentences, spoken_summary
from facilitator.core.dialogue.stages.opening import OpeningStage
from facilitator.core.dialogue.stages.stage import StageView
from facilitator.core.events import (
    BackChannel,
    Command,
    Consented,
    CountingStopped,
    CountingWentOn,
    CutIn,
    Event,
    Fact,
    FloorGranted,
    FloorReleased,
    Heard,
    Joined,
    Left,
    Missed,
    NotMeasured,
    Outcome,
    PhraseHeard,
    PutRight,
    Reviewed,
    Spoke,
    Tick,
    TurnEnded,
    Understood,
)
from facilitator.core.formats.parse import parse_format
from facilitator.core.language.choices import Choice
from facilitator.core.language.grammar import OF_THE_FLOOR, Meaning, meant, vocabulary
from facilitator.core.language.wording import parse_language
from facilitator.core.review.account import Account
from facilitator.core.review.summary import Summary, turn_breaks
from facilitator.core.setup import Setup
from facilitator.core.snapshot import PersonView, Snapshot
from facilitator.core.turntaking.airtime import Airtime
from facilitator.core.turntaking.own_speech import FOREVER_MS
from facilitator.core.turntaking.presence import PartsSoFar, note_presence
from facilitator.core.turntaking.put_right import LastSaid, PutRightSoFar, last_said
from facilitator.core.turntaking.spans import Span, without
from facilitator.core.turntaking.timeline import Timeline, attribute, struck_out
from facilitator.core.turntaking.tracker import TurnTracker

SPEAKS_NOW_MS = 1_500  # a label is at most this old
BETWEEN = ("note", "agree", "pause", "break")
"""What comes between talk, where people may wonder whether what they say counts."""


class Discussion:
    """Raises PromptsError when the setup's format or language is not as it should be."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.language = parse_language(setup.language)
        self._airtime = Airtime(setup.people)
        self._tracker = TurnTracker()
        self._events: list[Event] = []
        self._counted: list[Span] = []
        self._cut_ins: list[CutIn] = []  # those that took over, as they are believed now
        self._corrected = PutRightSoFar()
        self._asked_at_ms: int | None = None  # since when what is being told was said; None: it was pressed
        self._speaking: Heard | None = None
        self._floor_since_ms = self._asked_since_ms = 0
        self._choices: tuple[Choice, ...] = ()
        self._presence: dict[str, list[Span]] = {}
        self._parts = PartsSoFar(setup.people)
        self._manager = DialogueManager(
            setup=setup,
            form=parse_format(setup.format),
            language=self.language,
            airtime_ms=lambda: self._airtime.ms,
            part_ms=lambda: self._parts.part_ms(self._airtime.ms, self._aims()),
            closing_words=self._closing_words,
            last_said=self._last_said,
        )

    # -- facts in, outcomes out --------------------------------------------------------------------

    def receive(self, fact: Fact) -> list[Outcome]:
        """What follows from this fact, in order. `at_ms` must not decrease."""
        manager, session = self._manager, self._manager.session
        outcomes: list[Outcome] = []
        manager.tell_time(fact.at_ms, outcomes)
        self._asked_at_ms = fact.start_ms if isinstance(fact, PhraseHeard) else None
        if isinstance(fact, PhraseHeard):
            fact = self._meant(fact) or Tick(at_ms=fact.at_ms)
            if isinstance(fact, Command):
                session.emit(Understood(at_ms=fact.at_ms, command=fact.name, person=fact.person, value=fact.value))
        match fact:
            case Heard():
                self._hear(fact)
            case Missed():
                self._miss(fact)
            case Reviewed():
                for event in self._tracker.finish(session.now_ms):
                    session.emit(event)
        manager.receive(fact)
        self._notice_people(outcomes)
        for person in [o.person for o in outcomes if isinstance(o, Consented) and not o.heard]:
            self._strike_out(person)
        for event in [o for o in outcomes if isinstance(o, PutRight)]:
            self._put_right(event)
        self._count(fact.at_ms)
        self._notice_moment(outcomes)
        for at_ms in turn_breaks(outcomes):
            self._tracker.new_floor(at_ms)
        # Who spoke when is on the timeline, and changes; of hours of talk it would be most of what is kept.
        self._events += [o for o in outcomes if isinstance(o, Event) and not isinstance(o, Spoke)]
        return outcomes

    def _hear(self, heard: Heard) -> None:
        if not heard.final and (self._speaking is None or heard.end_ms >= self._speaking.end_ms):
            self._speaking = heard
        for said in attribute(
            heard,
            own_voice=self._own_voice_heard,
            counted=self._counted,
            declined=self._manager.session.declined,
            presence=self._presence,
        ):
            for spoke in self._corrected.holds_in(said):
                self._believe(spoke)
                if not heard.final:
                    self._notice_turns(self._tracker.receive(spoke))
                    self._manager.spoke(spoke)

    def _believe(self, spoke: Spoke) -> None:
        self._manager.session.emit(spoke)
        self._airtime.receive(spoke)

    def _notice_turns(self, found: Sequence[Event]) -> None:
        for event in found:
            self._manager.session.emit(event)
            if isinstance(event, CutIn) and event.kind == "cut-in":
                self._cut_ins.append(event)

    def _last_said(self, but: str) -> LastSaid | None:
        before_ms = self._manager.session.now_ms if self._asked_at_ms is None else self._asked_at_ms
        return last_said(self.timeline, before_ms, but)

    def _put_right(self, event: PutRight) -> None:
        """What was told of that utterance no longer holds; what holds of it is told anew."""
        there = range(event.start_ms, event.end_ms)
        theirs = {event.person, event.by}
        self._cut_ins = [
            one for one in self._cut_ins if one.start_ms not in there or theirs.isdisjoint({one.by, one.over})
        ]
        spokes = self._corrected.receive(event, self.timeline)
        for spoke in spokes:
            self._believe(spoke)
        self._notice_turns(self._tracker.put_right(spokes))

    def _miss(self, missed: Missed) -> None:
        """Whatever is said of this stretch later on: it counts for nobody, and is no silence."""
        at_ms, span = missed.at_ms, Span(missed.start_ms, missed.end_ms)
        self._counted = without(self._counted, [span])
        spoke = Spoke(at_ms=at_ms, start_ms=span.start_ms, end_ms=span.end_ms, counted=False)
        gap = NotMeasured(at_ms=at_ms, start_ms=span.start_ms, end_ms=span.end_ms, why=missed.why)
        for event in (gap, spoke):
            self._manager.session.emit(event)
        self._airtime.receive(spoke)

    def _strike_out(self, person: str) -> None:
        """This person does not want to be heard: what was said of them is nobody's, from the beginning."""
        for spoke in struck_out(self.timeline, person, self._manager.session.now_ms):
            self._believe(spoke)
        self._cut_ins = [one for one in self._cut_ins if person not in (one.by, one.over)]
        self._corrected.forget(person)
        if self._speaking is not None and person in self._speaking.people:
            self._speaking = None

    def _notice_people(self, outcomes: Sequence[Outcome]) -> None:
        """Keeps who was there when, and what was meant for whom until then."""
        for event in outcomes:
            if isinstance(event, Joined | Left):
                self._parts.turn(self._airtime.ms, self._aims(), self._manager.session.present)
                self._airtime.add(event.person)
                note_presence(self._presence, event)

    def _aims(self) -> dict[str, float]:
        """What those aim at who are heard."""
        session = self._manager.session
        return {person: aim for person, aim in session.aims.items() if session.is_heard(person)}

    def _count(self, at_ms: int) -> None:
        """Keeps when speech counts as airtime."""
        counting = bool(self._counted) and self._counted[-1].end_ms == FOREVER_MS
        emit = self._manager.session.emit
        if self._manager.counted and not counting:
            if self._counted:
                emit(CountingWentOn(at_ms=at_ms))
            self._counted.append(Span(at_ms, FOREVER_MS))
        elif counting and not self._manager.counted:
            self._counted[-1] = Span(self._counted[-1].start_ms, at_ms)
            emit(CountingStopped(at_ms=at_ms, why=self._manager.not_counted_for))

    # -- what people say to the program --------------------------------------------------------------

    @property
    def phrases(self) -> tuple[str, ...]:
        """What to listen for at this moment: `PhraseHeard`."""
        return tuple(self.meanings)

    @property
    def meanings(self) -> dict[str, Meaning]:
        """What each of `phrases` asks for."""
        manager, stage = self._manager, self._manager.stage
        if manager.ended or not self.setup.hears_words:
            return {}
        # The key for quiet ends it, too; by voice that has a name of its own, so that asking twice is no harm.
        quiet = manager.session.scheduler.quiet
        commands = tuple("speak" if quiet and command == "quiet" else command for command in manager.commands)
        return vocabulary(
            self.language.spoken,
            wake=self.setup.wake,
            commands=commands,
            choices=manager.choices,
            own=stage is not None and stage.view().floor is not None and not manager.asks_in_place,
            go_on=stage is not None and stage.view().checking,
            seats=manager.seats_of_commands,
        )

    def _notice_moment(self, outcomes: Sequence[Outcome]) -> None:
        """Keeps since when somebody has the floor, and since when there is something to answer."""
        now_ms = self._manager.session.now_ms
        if any(isinstance(outcome, FloorGranted) for outcome in outcomes):
            self._floor_since_ms = now_ms
        if self._choices is not self._manager.choices:  # two questions can have equal answers
            self._choices, self._asked_since_ms = self._manager.choices, now_ms

    def _meant(self, heard: PhraseHeard) -> Command | None:
        """The command that this phrase is, if it was meant as one."""
        meaning = self.meanings.get(heard.phrase)
        stage = self._manager.stage
        if meaning is None or stage is None:
            return None
        who = self._speaker(heard.start_ms, heard.end_ms)
        wanted, since_ms = None, self._floor_since_ms if meaning.command in OF_THE_FLOOR else 0
        if meaning.kind == "own":
            wanted = stage.view().floor
        elif meaning.kind == "answer":
            wanted, since_ms = self._manager.asked_person, self._asked_since_ms
        if not meant(
            heard,
            meaning,
            now_ms=self._manager.session.now_ms,
            who=who,
            wanted=wanted,
            since_ms=since_ms,
            own_voice=self._own_voice_heard,
        ):
            return None
        return Command(
            at_ms=heard.at_ms,
            name=meaning.command,
            source="voice",
            person=who or wanted,
            value=heard.end_ms if meaning.command == "note" else meaning.value,
        )

    def _speaker(self, start_ms: int, end_ms: int) -> str | None:
        """Who said what was said then, as far as that is known yet."""
        sure_ms: dict[str, int] = {}
        for tile in self.timeline.tiles(start_ms, end_ms):
            if len(tile.people) == 1:
                person = tile.people[0]
                sure_ms[person] = sure_ms.get(person, 0) + tile.end_ms - tile.start_ms
        most = max(sure_ms, key=lambda name: sure_ms[name], default=None)
        return most if most is not None and 2 * sure_ms[most] > end_ms - start_ms else None

    @property
    def deadline_ms(self) -> int | None:
        """When it next wants a fact, if only a `Tick`; None: when something happens."""
        return self._manager.deadline_ms

    @property
    def own_voice(self) -> Sequence[Span]:
        """When the facilitator itself spoke, in order of start; the last ends at `FOREVER_MS` while it speaks."""
        return self._manager.session.scheduler.own_voice.spans

    @property
    def _own_voice_heard(self) -> Sequence[Span]:
        return self.own_voice if self.setup.hears_itself else ()

    # -- what it comes to --------------------------------------------------------------------------

    @property
    def timeline(self) -> Timeline:
        """What is believed about every moment so far."""
        return self._airtime.timeline

    @property
    def ended(self) -> bool:
        return self._manager.ended

    @property
    def end_reason(self) -> str:
        """Why it ended, or that it has not."""
        return self.account().end_reason

    def account(self) -> Account:
        """All of it so far, as it is believed now."""
        return Account(
            people=(people := self._manager.session.people),
            declined=tuple(p for p in people if p in self._manager.session.declined),
            timeline=self.timeline,
            events=tuple(self._events),
            targets=self.setup.uneven_aims(people),
            newcomers=people[len(self.setup.people) :],
            listened=self.setup.listening,
        )

    def summary(self) -> Summary:
        return self.account().summary()

    @property
    def _counted_before(self) -> bool:
        return bool(self._counted) and not self.ended

    def settled(self) -> tuple[list[TurnEnded], list[CutIn | BackChannel]]:
        """Turns, and cut-ins with back-channels, of the whole as it is believed now."""
        return self.account().settled(self._manager.session.now_ms)

    def _closing_words(self) -> Sentences:
        guesses = {rated.person: rated.value for rated in self._manager.session.ratings if rated.what == "share"}
        words = spoken_summary(self.summary(), self.language, guesses)
        held_ms = sum(event.used_ms for event in self._events if isinstance(event, FloorReleased))
        if self.setup.listening or not held_ms:
            return words
        led = ("summary.turns_led", {"time": self.language.duration(held_ms)})  # in place of what was not measured
        return [led, *(word for word in words if word[0].startswith("questions."))]

    def snapshot(self) -> Snapshot:
        """This moment, for a screen."""
        manager, session = self._manager, self._manager.session
        scheduler = session.scheduler
        stage = manager.stage
        view = stage.view() if stage is not None else StageView()
        airtime_ms = self._airtime.ms
        whole_ms = self._parts.whole_ms(airtime_ms)
        sample = stage.sample_part if isinstance(stage, OpeningStage) else session.has_sample
        now_ms, heard = session.now_ms, self._speaking
        commands = manager.commands
        last = last_said(self.timeline, now_ms) if "was" in commands else None
        fresh = heard is not None and now_ms - heard.end_ms <= SPEAKS_NOW_MS
        return Snapshot(
            at_ms=now_ms,
            stage=self.language.phrase(f"stages.{manager.stage_kind}") if manager.stage_kind else "",
            stage_kind=manager.stage_kind,
            round=view.round,
            rounds=view.rounds,
            floor=view.floor,
            floor_used_ms=view.used_ms,
            floor_left_ms=view.left_ms,
            next_person=view.next_person,
            speaking=heard.people if heard is not None and fresh else (),
            guest_speaking=heard is not None and fresh and heard.guest,
            someone_speaking=scheduler.someone_speaking,
            own_voice=scheduler.speaking_itself,
            people=tuple(
                PersonView(
                    name=person,
                    heard=session.is_heard(person),
                    enrolled_share=sample(person),
                    airtime_ms=airtime_ms[person],
                    share=airtime_ms[person] / whole_ms[person] if whole_ms[person] else 0.0,
                    here=person not in session.absent,
                    declined=session.is_left_out(person),
                    cut_ins_made=sum(one.by == person for one in self._cut_ins),
                    cut_ins_received=sum(one.over == person for one in self._cut_ins),
                )
                for person in session.people
            ),
            last_said=scheduler.in_view,
            paused=manager.paused,
            not_counted=self._counted_before and manager.not_counted_for in BETWEEN,
            quiet=scheduler.quiet,
            commands=commands,
            choices=manager.choices,
            last_spoke=last.person if last is not None else None,
            queue=view.queue,
            trouble=manager.trouble,
            ended=manager.ended,
        )
