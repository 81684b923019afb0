"""The gate between a stage and what keeps it waiting, and the one owner of when the facilitator speaks."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from facilitator.core.dialogue.scheduler import longest_ms
from facilitator.core.discussion import Discussion
from facilitator.core.events import (
    Activity,
    Agreed,
    BreakAgreed,
    Command,
    CommandName,
    Continued,
    Dictate,
    Dictated,
    Event,
    Fact,
    Heard,
    Hush,
    Outcome,
    Paused,
    PhraseHeard,
    PromptEnded,
    PromptStarted,
    Record,
    Resumed,
    Reviewed,
    Say,
    Spoke,
    Tick,
)
from facilitator.core.review.review import review
from facilitator.core.snapshot import Snapshot
from facilitator.core.turntaking.stretches import pauses
from tests.support.simulation import NAMES, setup

PROMPT_MS = 2_000


class Room:
    """A discussion in simulated time, whose prompts last two seconds, so that things happen while one is being said.
    `voice` false: a voice that begins and never reports its end."""

    def __init__(self, people: int = 2, form: str = "round-robin", **options: Any) -> None:
        self.names = NAMES[:people]
        options = {"enrolled": self.names, "minutes": 5, "rounds": 2, "hears_words": True, **options}
        self.setup = setup(self.names, form, **options)
        self.discussion = Discussion(self.setup)
        self.now_ms = 0
        self.log: list[Record] = []
        self.saying: tuple[int, int] | None = None  # prompt, from when
        self.voice = True
        self.seen: list[Outcome] = []
        self.take(Tick(at_ms=0))

    def take(self, fact: Fact) -> None:
        outcomes = self.discussion.receive(fact)
        self.log += [fact, *outcomes]
        for outcome in outcomes:
            if isinstance(outcome, Say):
                self.saying = outcome.prompt, self.now_ms
                self.take(PromptStarted(at_ms=self.now_ms, prompt=outcome.prompt, start_ms=self.now_ms))
            elif isinstance(outcome, Hush):
                self._said("hushed")
        self.check()

    def _said(self, how: str) -> None:
        if self.saying is not None and self.voice:
            (prompt, start_ms), self.saying = self.saying, None
            self.take(
                PromptEnded(at_ms=self.now_ms, prompt=prompt, start_ms=start_ms, end_ms=self.now_ms, how=how)  # type: ignore[arg-type]
            )

    def wait(self, ms: int) -> None:
        end_ms = self.now_ms + ms
        while True:
            times = [self.discussion.deadline_ms]
            if self.saying is not None and self.voice:
                times.append(self.saying[1] + PROMPT_MS)
            next_ms = min((t for t in times if t is not None), default=end_ms + 1)
            if next_ms > end_ms:
                break
            self.now_ms = max(self.now_ms, next_ms)
            if self.saying is not None and self.voice and self.now_ms >= self.saying[1] + PROMPT_MS:
                self._said("spoken")
            else:
                self.take(Tick(at_ms=self.now_ms))
        self.now_ms = end_ms
        self.take(Tick(at_ms=self.now_ms))

    def press(self, name: CommandName, *, voice: bool = False, value: int | None = None, text: str = "") -> None:
        source = "voice" if voice else "key"
        self.take(Command(at_ms=self.now_ms, name=name, source=source, value=value, text=text))  # type: ignore[arg-type]

    def restart(self, *, enrolled: bool = True) -> None:
        """Killed, and started again: everything that was told is told again, and then that it goes on."""
        again = Discussion(self.setup)
        for fact in self.log:
            if isinstance(fact, Fact):
                again.receive(fact)
        self.discussion, self.saying = again, None
        self.take(Resumed(at_ms=self.now_ms, enrolled=self.names if enrolled else ()))

    def hear(self, person: str, ms: int) -> None:
        """This person speaks for so long from now on, and is heard to."""
        start_ms = self.now_ms
        self.take(Activity(at_ms=self.now_ms, speaking=True, start_ms=start_ms))
        self.wait(ms)
        heard = Heard(at_ms=self.now_ms, start_ms=start_ms, end_ms=self.now_ms, people=(person,), confidence=0.95)
        self.take(heard)
        self.take(Activity(at_ms=self.now_ms, speaking=False, start_ms=self.now_ms))

    def say(self, phrase: str) -> None:
        """A phrase that is listened for is heard, and nothing with it."""
        self.wait(700)
        heard = PhraseHeard(at_ms=self.now_ms, phrase=phrase, start_ms=self.now_ms - 600, end_ms=self.now_ms - 100)
        self.take(heard)

    def of(self, *kinds: type[Record]) -> list[Any]:
        return [record for record in self.log if isinstance(record, kinds)]

    def said(self) -> list[str]:
        return [say.prompt_kind for say in self.of(Say)]

    @property
    def view(self) -> Snapshot:
        return self.discussion.snapshot()

    def check(self) -> None:
        """What always holds."""
        turned = self.of(Paused, Continued)
        assert self.view.paused == (bool(turned) and isinstance(turned[-1], Paused))
        assert all(type(one) is not type(other) for one, other in pairwise(turned))
        manager = self.discussion._manager
        if manager.stage is not None and not manager.running:
            assert not manager.stage.watch.running, "nothing runs in a pause, nor while something comes between"


# --- the property ------------------------------------------------------------------------------------

COMMANDS: tuple[CommandName, ...] = ("pause", "go-on", "finish", "note", "break", "next", "pass", "yes", "no")
COMMANDS += ("more-time", "repeat", "quiet", "speak", "status", "hand", "decline", "time", "undo")
steps = st.one_of(
    st.tuples(st.just("press"), st.sampled_from(COMMANDS), st.booleans()),
    st.tuples(st.just("answer"), st.integers(0, 7), st.booleans()),
    st.tuples(st.just("wait"), st.sampled_from((100, 800, 2_500, 9_000, 70_000)), st.just(False)),
    st.tuples(st.just("hear"), st.sampled_from((600, 4_000)), st.booleans()),
    st.tuples(st.just("words"), st.sampled_from(("", "we take turns")), st.booleans()),
    st.tuples(st.just("restart"), st.booleans(), st.booleans()),
    st.tuples(st.just("voice"), st.booleans(), st.booleans()),
)


def follow(room: Room, step: tuple[str, Any, bool]) -> None:
    kind, what, flag = step
    match kind:
        case "press":
            room.press(what, voice=flag)
        case "answer":
            room.press("answer", value=what, voice=flag)
        case "wait":
            room.wait(what)
        case "hear":
            room.hear(room.names[flag], what)
        case "words" if flag:
            room.press("note", text=what)
        case "words":
            room.take(Dictated(at_ms=room.now_ms, text=what, start_ms=room.now_ms, end_ms=room.now_ms))
        case "restart":
            room.restart(enrolled=what)
        case "voice":
            room.voice = flag or what  # it fails seldom


@settings(max_examples=60, deadline=None)
@given(form=st.sampled_from(("round-robin", "open", "quarterly-review", "decision")), todo=st.lists(steps, max_size=25))
def test_paused_is_what_was_last_said_of_it_and_nothing_runs_in_a_pause(
    form: str, todo: list[tuple[str, Any, bool]]
) -> None:
    room = Room(form=form, minutes=None if form in ("quarterly-review", "decision") else 5)
    for step in todo:
        if room.discussion.ended:
            break
        follow(room, step)  # what always holds is looked at after every fact
    ends = {span.end_ms for span in review(room.discussion.account()).pauses}
    assert ends <= {event.at_ms for event in room.of(Continued)} | {room.discussion.summary().end_ms, room.now_ms}


# --- coming back -------------------------------------------------------------------------------------


def talking(**options: Any) -> Room:
    """An open talk that runs."""
    room = Room(form="open", **options)
    room.wait(20_000)
    assert room.view.stage_kind == "talk" and room.discussion._manager.running
    return room


def counted_ms(room: Room) -> int:
    return sum(spoke.end_ms - spoke.start_ms for spoke in room.of(Spoke) if spoke.counted)


def test_no_to_finishing_in_a_pause_leaves_it_a_pause() -> None:
    room = talking()
    room.press("pause")
    room.wait(5_000)
    used_ms = room.view.floor_used_ms
    room.press("finish", voice=True)
    room.wait(3_000)
    assert room.said()[-1] == "confirm.finish"
    room.press("no")
    room.wait(5_000)
    assert "confirm.kept_on" not in room.said(), "nothing goes on"
    assert room.said()[-1] == "pause.start"
    assert room.view.paused and "go-on" in room.view.commands
    room.wait(60_000)
    assert room.view.floor_used_ms == used_ms
    assert not room.of(Continued)
    room.press("go-on")
    room.wait(5_000)
    assert not room.view.paused and len(room.of(Continued)) == 1
    before_ms = counted_ms(room)
    room.hear("Ana", 4_000)
    assert counted_ms(room) - before_ms == 4_000, "from now on it counts again"


def test_yes_to_finishing_in_a_pause_ends_the_pause() -> None:
    room = talking()
    room.press("pause")
    room.wait(5_000)
    room.press("finish", voice=True)
    room.wait(3_000)
    room.press("yes")
    room.wait(1_000)
    assert room.view.stage_kind in ("rate", "closing") and not room.view.paused
    (pause,) = pauses(room.of(Event), room.now_ms)
    assert pause == (room.of(Paused)[0].at_ms, room.of(Continued)[0].at_ms)


def test_going_on_after_an_interruption_in_a_pause_is_said() -> None:
    room = talking()
    room.press("pause")
    room.wait(5_000)
    room.restart()
    room.wait(20_000)
    assert not room.view.paused and room.view.stage_kind == "talk"
    room.hear("Ben", 60_000)
    room.press("finish")
    room.take(Reviewed(at_ms=room.now_ms))
    room.wait(60_000)
    (pause,) = review(room.discussion.account()).pauses
    assert pause.end_ms - pause.start_ms == 5_000, "not to the end of the session"


def test_what_is_being_said_when_a_pause_begins_starts_no_clock() -> None:
    room = Room()
    while room.said()[-1] != "floor.granted":
        room.wait(500)
    room.press("pause")
    room.wait(30_000)
    assert room.view.floor == "Ana" and room.view.floor_used_ms == 0
    room.press("go-on")
    room.wait(5_000)
    assert room.said()[-1] == "pause.end_floor" and room.view.floor_used_ms > 0


def test_a_pause_while_going_on_is_announced_keeps_the_clock_still() -> None:
    room = talking()
    room.press("pause")
    room.wait(10_000)
    used_ms = room.view.floor_used_ms
    room.press("go-on")
    room.wait(500)
    assert room.said()[-1] == "pause.end"
    room.press("pause")
    room.wait(30_000)
    assert room.view.floor_used_ms == used_ms


def test_a_question_is_not_answered_in_a_pause_and_is_asked_again_after_it() -> None:
    room = Room(form="quarterly-review", minutes=None)
    while not room.view.choices:
        room.wait(1_000)
    asked = room.said()[-1]
    room.press("pause")
    room.wait(4_000)
    assert not room.view.choices
    room.press("answer", value=3)
    room.press("go-on")
    room.wait(1_000)
    assert room.view.choices and room.said()[-1] == asked


# --- finishing where something has come between --------------------------------------------------------


def test_finishing_by_voice_is_asked_for_in_a_break_which_else_goes_on() -> None:
    room = talking()
    room.press("break")
    room.wait(3_000)
    room.press("answer", value=1)  # five minutes
    room.wait(10_000)
    (agreed,) = room.of(BreakAgreed)
    assert "finish" in room.view.commands
    room.press("finish", voice=True)
    room.wait(3_000)
    assert room.said()[-1] == "confirm.finish"
    room.press("no")
    room.wait(5_000)
    assert room.view.paused and "go-on" in room.view.commands
    room.wait(agreed.return_in_ms)
    assert room.said()[-1] == "break.over", "they are called back as it was agreed"
    room.press("finish", voice=True)
    room.wait(3_000)
    room.press("yes")
    room.wait(1_000)
    assert room.view.stage_kind in ("rate", "closing") and not room.view.paused


def test_what_a_break_asked_is_asked_again_after_no_to_finishing() -> None:
    room = talking()
    room.press("break")
    room.wait(3_000)
    room.press("finish", voice=True)
    room.wait(3_000)
    room.press("no")
    room.wait(6_000)
    assert room.said()[-1] == "break.ask"
    room.press("answer", value=1)
    assert [agreed.return_in_ms for agreed in room.of(BreakAgreed)] == [300_000]


def test_finishing_by_voice_is_asked_for_in_a_note_which_else_is_taken_down() -> None:
    room = talking()
    room.press("note", voice=True)
    room.wait(4_000)
    assert room.of(Dictate)[-1].on
    room.press("finish", voice=True)
    room.wait(3_000)
    assert room.said()[-1] == "confirm.finish"
    assert not room.of(Dictate)[-1].on, "a yes is no dictation"
    room.press("no")
    room.wait(6_000)
    assert room.of(Dictate)[-1].on and room.said()[-1] == "note.listening"
    room.take(Dictated(at_ms=room.now_ms, text="we take turns", start_ms=room.now_ms, end_ms=room.now_ms))
    room.wait(3_000)
    room.press("yes")
    for _ in range(20):
        room.wait(3_000)
        if room.view.choices:
            room.press("pass")
    assert [agreed.text for agreed in room.of(Agreed)] == ["we take turns"]
    assert room.discussion._manager.running


def test_a_note_that_is_kept_while_it_is_asked_whether_to_finish_is_over_then() -> None:
    room = talking()
    room.press("note", text="we take turns")
    while room.said()[-1] != "note.kept":
        room.wait(1_000)
        if room.view.choices:
            room.press("yes") if room.said()[-1] == "note.read_back" else room.press("pass")
    room.press("finish", voice=True)  # while "noted" is still being said
    room.wait(5_000)
    assert room.said()[-1] == "confirm.finish"
    room.press("no")
    room.wait(15_000)
    assert room.discussion._manager.running and len(room.of(Agreed)) == 1


# --- when the facilitator itself speaks ----------------------------------------------------------------


def test_killed_while_it_speaks_it_understands_commands_afterwards() -> None:
    room = talking()
    room.press("pause")
    room.wait(5_000)
    room.press("go-on")
    room.wait(500)
    assert room.saying is not None
    room.restart()
    room.wait(20_000)
    assert "facilitator pause" in room.discussion.phrases
    room.say("facilitator pause")
    assert room.view.paused


def test_a_prompt_that_never_ends_makes_nobodys_talk_nobodys() -> None:
    room = talking()
    room.press("status")
    while room.saying is None:
        room.wait(500)
    room.voice = False
    room.wait(longest_ms("so many words as that is " * 4))
    before_ms = counted_ms(room)
    room.hear("Ana", 5_000)
    assert counted_ms(room) - before_ms == 5_000
    assert not room.view.own_voice
    room.say("facilitator pause")
    assert room.view.paused


def test_a_prompt_that_ends_after_all_counts_as_long_as_it_was() -> None:
    room = talking()
    room.press("status")
    while room.saying is None:
        room.wait(500)
    prompt, start_ms = room.saying
    room.voice = False
    room.wait(90_000)
    assert room.discussion.own_voice[-1].end_ms < room.now_ms
    end = PromptEnded(at_ms=room.now_ms, prompt=prompt, start_ms=start_ms, end_ms=start_ms + 3_000, how="spoken")
    room.take(end)
    assert room.discussion.own_voice[-1] == (start_ms, start_ms + 3_000)


def test_a_voice_that_begins_too_late_is_over_some_time_too() -> None:
    room = talking()
    room.press("status")
    while room.saying is None:
        room.wait(500)
    prompt, _ = room.saying
    room.voice = False
    room.wait(90_000)
    room.take(PromptStarted(at_ms=room.now_ms, prompt=prompt, start_ms=room.now_ms))
    room.wait(90_000)
    before_ms = counted_ms(room)
    room.hear("Ana", 5_000)
    assert counted_ms(room) - before_ms == 5_000
