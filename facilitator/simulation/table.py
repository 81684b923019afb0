"""A simulated table: people who react to what the discussion says, in simulated time.

It stands where microphone, listener, keys and voice stand: it sends the facts they would send, with the
latencies they have, and answers the actions. Chance is seeded; nothing waits, so an hour takes a moment.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from facilitator.core.discussion import Discussion
from facilitator.core.events import (
    Action,
    Activity,
    Attend,
    Chime,
    ChimePlayed,
    Command,
    CommandName,
    ConsentHeard,
    Dictate,
    Enrolled,
    EnrolmentHeard,
    Event,
    Fact,
    Finish,
    FloorGranted,
    FloorReleased,
    Heard,
    Hush,
    Learn,
    Listen,
    PromptEnded,
    PromptStarted,
    Record,
    Review,
    Reviewed,
    Say,
    StageStarted,
    Tick,
)
from facilitator.simulation.answers import Behaviour, SimulatedAnswers, is_silent

NAMES = ("Ana", "Ben", "Carla", "David", "Emma", "Felix", "Grace", "Omar")
LABEL_DELAY_MS = 800
ACTIVITY_DELAY_MS = 150
TILE_MS = 500
MOST_HANDS = 3


@dataclass
class SimulatedTable:
    """`run` plays until the discussion ends or `until_ms`; everything is in `log` (facts and outcomes)."""

    discussion: Discussion
    behaviour: Behaviour = "all"
    seed: int = 1
    until_ms: int = 3_600_000
    done_after_ms: int | None = None
    """The holder says "done" after this long; None: talks until the time is up."""
    done_early: float = 0.0
    """So many of the turns, of all, end with a "done" somewhere before their time."""
    talk_ms: int | None = None
    """A talk without a length is finished after this long; None: not before `until_ms`."""
    log: list[Record] = field(default_factory=list)
    now_ms: int = 0
    over: bool = False
    stopped: bool = False
    """It was not over at `until_ms`."""

    def __post_init__(self) -> None:
        self.people = self.discussion.setup.people
        self.rng = random.Random(self.seed)
        self.chance = random.Random(self.seed)  # for answers; how they fall changes nothing of how people talk
        self.agenda: list[tuple[int, int, Callable[[], None]]] = []
        self.count = 0
        self.speech: list[tuple[str, int, int]] = []  # the truth
        self.speaking: dict[str, int] = {}  # person -> until
        self.active = False
        self.floor: str | None = None
        self.prompt: tuple[Say, int] | None = None
        self.sample: str | None = None
        self.talking = False
        self.queue = False  # in this talk people raise a hand
        self.answers = SimulatedAnswers(self)

    # -- running -----------------------------------------------------------------------------------

    def run(self) -> list[Record]:
        self.at(0, self._heard)
        self.tell(Tick(at_ms=0))
        while not self.over:
            deadline_ms = self.discussion.deadline_ms
            next_ms = self.agenda[0][0] if self.agenda else self.until_ms
            if deadline_ms is not None and deadline_ms < next_ms:
                self.now_ms = max(self.now_ms, deadline_ms)
                self.tell(Tick(at_ms=self.now_ms))
            else:
                at_ms, _, do = heapq.heappop(self.agenda)
                self.now_ms = max(self.now_ms, at_ms)
                do()
            if self.now_ms >= self.until_ms and not self.over:
                self.until_ms += 600_000
                self.stopped = True
                self.tell(Command(at_ms=self.now_ms, name="finish"))
        return self.log

    def at(self, ms: int, do: Callable[[], None]) -> None:
        self.count += 1
        heapq.heappush(self.agenda, (max(ms, self.now_ms), self.count, do))

    def tell(self, fact: Fact) -> None:
        outcomes = self.discussion.receive(fact)
        self.log.append(fact)
        self.log.extend(outcomes)
        for outcome in outcomes:
            if isinstance(outcome, Action):
                self._act(outcome)
            else:
                self._notice(outcome)
        if self.prompt is None and not self.over and not isinstance(fact, Heard):
            self.answers.look()

    def press(self, name: CommandName, value: int | None = None, person: str | None = None) -> None:
        self.tell(Command(at_ms=self.now_ms, name=name, value=value, person=person))

    # -- what the program does -----------------------------------------------------------------------

    def _act(self, action: Action) -> None:
        match action:
            case Say():
                assert self.prompt is None, "two prompts at once"
                end_ms = self.now_ms + 300 + 320 * len(action.text.split())
                self.prompt = (action, self.now_ms)
                self.tell(PromptStarted(at_ms=self.now_ms, prompt=action.prompt, start_ms=self.now_ms))
                self.at(end_ms, lambda: self._prompt_over(action.prompt, "spoken"))
            case Hush() if self.prompt is not None:
                number = self.prompt[0].prompt
                self.at(self.now_ms + 100, lambda: self._prompt_over(number, "hushed"))
            case Chime():
                self.tell(
                    ChimePlayed(at_ms=self.now_ms, chime=action.chime, start_ms=self.now_ms, end_ms=self.now_ms + 900)
                )
            case Listen():
                self.sample = action.person
                if self.behaviour != "nobody":
                    self.speak(action.person, 500, 9_000)
                self.at(self.now_ms + 1_000, lambda person=action.person: self._sample(person))  # type: ignore[misc]
            case Attend(on=True) if self.behaviour != "nobody" and self.sample is not None:
                self.at(self.now_ms + 9_700, self._agrees)
            case Learn():
                self.sample = None
                if action.keep:
                    person = action.person
                    self.at(self.now_ms + 200, lambda: self.tell(Enrolled(at_ms=self.now_ms, person=person)))
            case Dictate(on=True, since_ms=int()):
                self.answers.dictate()  # they go on in the same breath; otherwise they wait until they are asked
            case Review():
                self.at(self.now_ms + 500, lambda: self.tell(Reviewed(at_ms=self.now_ms)))
            case Finish():
                self.over = True

    def _prompt_over(self, number: int, how: Literal["spoken", "hushed"]) -> None:
        if self.prompt is not None and self.prompt[0].prompt == number:
            said, start_ms = self.prompt
            self.prompt = None
            self.answers.said(said, hushed=how == "hushed")
            self._called(said)
            self.tell(PromptEnded(at_ms=self.now_ms, prompt=number, start_ms=start_ms, end_ms=self.now_ms, how=how))

    def _agrees(self) -> None:
        """Whoever said the few words they were asked for said yes with them."""
        self.tell(
            ConsentHeard(
                at_ms=self.now_ms, refuses=False, agrees=True, start_ms=self.now_ms - 9_000, end_ms=self.now_ms - 300
            )
        )

    def _sample(self, person: str) -> None:
        if self.sample != person:
            return
        heard_ms = sum(min(e, self.now_ms) - s for p, s, e in self.speech[-1:] if p == person and s < self.now_ms)
        self.tell(EnrolmentHeard(at_ms=self.now_ms, person=person, speech_ms=heard_ms))
        self.at(self.now_ms + 500, lambda: self._sample(person))

    def _notice(self, event: Event) -> None:
        match event:
            case FloorGranted():
                self._granted(event.person, event.limit_ms or 0)
            case FloorReleased():
                self.floor = None
                self.speaking = {p: e for p, e in self.speaking.items() if p != event.person}
                self.speech = [
                    (p, s, min(e, self.now_ms) if p == event.person else e)
                    for p, s, e in self.speech
                    if s < self.now_ms
                ]
            case StageStarted():
                self.talking = event.kind == "talk"
                self.queue = "hand" in self.discussion.snapshot().commands
                self.answers.stage_started()
                if self.talking:
                    self.at(self.now_ms + 3_000, self._talk)

    # -- what people do ------------------------------------------------------------------------------

    def speak(self, person: str, after_ms: int, length_ms: int) -> int:
        """Returns when it ends."""
        start_ms = self.now_ms + after_ms
        end_ms = start_ms + length_ms
        self.at(start_ms, lambda: self._start(person, start_ms, end_ms))
        return end_ms

    def _start(self, person: str, start_ms: int, end_ms: int) -> None:
        self.speech.append((person, start_ms, end_ms))
        self.speaking[person] = max(end_ms, self.speaking.get(person, 0))
        self.at(start_ms + ACTIVITY_DELAY_MS, self._activity)
        self.at(end_ms + ACTIVITY_DELAY_MS, self._activity)

    def _activity(self) -> None:
        self.speaking = {p: e for p, e in self.speaking.items() if e + ACTIVITY_DELAY_MS > self.now_ms}
        active = bool(self.speaking)
        if active != self.active:
            self.active = active
            self.tell(Activity(at_ms=self.now_ms, speaking=active, start_ms=self.now_ms - ACTIVITY_DELAY_MS))

    def _silent(self, person: str) -> bool:
        return is_silent(person, self.people, self.behaviour)

    def _granted(self, person: str, limit_ms: int) -> None:
        self.floor = person
        if self.behaviour == "passes":
            self.at(self.now_ms + 1_500, lambda: self._pass(person))
            return
        if self.done_after_ms is not None:
            self.at(self.now_ms + self.done_after_ms, lambda: self._done(person))
        elif self.done_early and self.chance.random() < self.done_early and not self._silent(person):
            self.at(self.now_ms + round(limit_ms * self.chance.uniform(0.4, 0.9)), lambda: self._done(person))
        self.at(self.now_ms + 600, lambda: self._hold(person))
        if self.behaviour == "cut-ins":
            self.at(self.now_ms + 5_000, lambda: self._cut_in(person))

    def _hold(self, person: str) -> None:
        """The holder says something, and something more, with pauses, while the floor is theirs."""
        if self.floor != person or self._silent(person):
            return
        if self.behaviour == "dominated" and person != self.people[0]:
            self.at(self.speak(person, 0, 4_000) + 500, lambda: self._done(person))
            return
        end_ms = self.speak(person, 0, self.rng.randrange(2_000, 9_000))
        self.at(end_ms + self.rng.randrange(300, 2_000), lambda: self._hold(person))

    def _done(self, person: str) -> None:
        if self.floor == person:
            self.press("next")

    def _pass(self, person: str) -> None:
        if self.floor == person:
            self.press("pass")

    def _cut_in(self, holder: str) -> None:
        if self.floor != holder:
            return
        others = [p for p in self.people if p != holder]
        end_ms = self.speak(self.rng.choice(others), 0, 2_500)
        self.at(end_ms + 6_000, lambda: self._cut_in(holder))

    def _talk(self) -> None:
        """Somebody speaks, or raises a hand where there is a queue; then somebody does again."""
        if not self.talking or self.over or self._finished_talking():
            return
        if self.behaviour == "nobody":
            self.at(self.now_ms + 30_000, self._talk)
            return
        weights = [0.0 if self._silent(p) else 1.0 for p in self.people]
        if self.behaviour == "dominated":
            weights[0] = 12.0 * len(self.people)
        person = self.rng.choices(self.people, weights)[0]
        if self.queue and (self.behaviour != "cut-ins" or self.chance.random() < 0.7):
            self._raise_hand(person)
            self.at(self.now_ms + self.rng.randrange(2_000, 9_000), self._talk)
            return
        end_ms = self.speak(person, 0, self.rng.randrange(1_000, 12_000))
        gap_ms = self.rng.randrange(200, 1_800) if self.behaviour != "cut-ins" else -1_500
        self.at(max(self.now_ms + 500, end_ms + gap_ms), self._talk)

    def _finished_talking(self) -> bool:
        """Of a talk without a length somebody has had enough after a while."""
        if self.talk_ms is None:
            return False
        now = self.discussion.snapshot()
        over = now.floor_left_ms is None and now.floor_used_ms >= self.talk_ms
        if over:
            self.press("finish")
        return over

    def _raise_hand(self, person: str) -> None:
        waiting = self.discussion.snapshot().queue
        if person not in waiting and len(waiting) < MOST_HANDS:
            self.press("hand", self.people.index(person) + 1)

    def _called(self, said: Say) -> None:
        """Who raised a hand and was called speaks."""
        if said.prompt_kind == "talk.called" and said.person is not None and not self._silent(said.person):
            self.speak(said.person, 700, self.chance.randrange(4_000, 25_000))

    # -- what is heard -------------------------------------------------------------------------------

    def _heard(self) -> None:
        """One tile, as late as a label is."""
        end_ms = self.now_ms - LABEL_DELAY_MS
        start_ms = end_ms - TILE_MS
        if start_ms >= 0:
            self.speech = [s for s in self.speech if s[2] > start_ms - 2_000]
            marks = sorted({start_ms, end_ms, *(m for _, s, e in self.speech for m in (s, e) if start_ms < m < end_ms)})
            for left, right in pairwise(marks):
                people = tuple(sorted({p for p, s, e in self.speech if s <= left and right <= e}))
                self.tell(Heard(at_ms=self.now_ms, start_ms=left, end_ms=right, people=people, confidence=0.95))
        self.at(self.now_ms + TILE_MS, self._heard)
