"""Time that is left, asked for by whoever has the floor, and the last thing that was asked for, taken back."""

from __future__ import annotations

from typing import Any

import pytest

from facilitator.core.events import (
    FloorGranted,
    FloorReleased,
    HandLowered,
    Outcome,
    PhraseHeard,
    StageStarted,
    TakenBack,
)
from facilitator.core.review.review import review
from tests.support.told_room import Room, says


def turn(form: str = "round-robin", **options: object) -> Room:
    """Ana's turn has begun, and she has said something."""
    room = Room(("Ana", "Ben"), form, **options)
    room.agree()
    room.until("floor.granted")
    says(room, "Ana", 6_000)
    return room


def talk() -> Room:
    """With a queue, between two rounds of turns."""
    room = Room(("Ana", "Ben"), "class-discussion", enrolled=("Ana", "Ben"))
    while room.discussion.snapshot().stage_kind != "talk":
        room.press("next")
        room.wait(500)
        room.over()
    room.over()
    room.wait(2_000)
    return room


def of(room: Room, *kinds: type[Outcome]) -> list[Any]:
    return [outcome for outcome in room.log if isinstance(outcome, kinds)]


# --- time --------------------------------------------------------------------------------------------


def test_the_time_left_is_said_and_never_more_than_there_is() -> None:
    room = turn()
    left_ms = room.discussion.snapshot().floor_left_ms
    room.press("time")
    said = room.until("time_left.some").text
    told = [ms for ms in range(0, 600_000, 1_000) if room.discussion.language.duration(ms) in said.lower()]
    assert told and left_ms is not None and left_ms - 10_000 < max(told) <= left_ms
    assert not of(room, FloorReleased), "asking ends no turn"


@pytest.mark.parametrize("code", ["de", "en", "es", "fr", "it", "nl", "pl", "pt"])
def test_the_holder_may_ask_in_every_language_without_a_name_in_front(code: str) -> None:
    room = Room(("Ana", "Ben"), "round-robin", language=code, hears_words=True, enrolled=("Ana", "Ben"))
    room.until("floor.granted")
    says(room, "Ana")
    phrase = room.discussion.language.spoken.own["time"][0]
    assert phrase in room.discussion.phrases
    room.wait(1_000)
    room.tell(PhraseHeard(at_ms=room.now_ms, phrase=phrase, start_ms=room.now_ms - 900, end_ms=room.now_ms - 100))
    room.until("time_left.some")


def test_where_there_is_no_limit_it_says_so() -> None:
    room = Room(("Ana", "Ben"), "open", enrolled=("Ana", "Ben"))
    room.until("talk.start")
    assert "time" not in room.discussion.snapshot().commands
    room.press("time")
    room.until("time_left.no_limit")


# --- taking back -------------------------------------------------------------------------------------


def handed_over(command: str, granted: bool) -> Room:
    room = turn()
    room.press(command)
    if granted:
        room.until("floor.granted")
        assert room.discussion.snapshot().floor == "Ben"
    return room


@pytest.mark.parametrize("command", ["next", "pass"])
@pytest.mark.parametrize("granted", [False, True])
def test_a_turn_that_was_ended_by_mistake_goes_on_with_what_was_left(command: str, granted: bool) -> None:
    room = handed_over(command, granted)
    (first,) = [g for g in of(room, FloorGranted) if g.person == "Ana"]
    (over,) = [r for r in of(room, FloorReleased) if r.person == "Ana"]
    room.press("undo")
    room.until("undo.floor")
    room.wait(500)
    again = of(room, FloorGranted)[-1]
    assert (again.person, again.again) == ("Ana", True)
    assert again.limit_ms == first.limit_ms - over.used_ms
    assert [r.reason for r in of(room, FloorReleased) if r.person == "Ben"] == (["undone"] if granted else [])
    assert [(t.command, t.person) for t in of(room, TakenBack)] == [(command, "Ana")]
    summary = room.discussion.summary()
    assert summary.person("Ana").passes == 0
    room.press("next")
    room.until("floor.granted")
    assert room.discussion.snapshot().floor == "Ben"
    assert review(room.discussion.account()).protected_turns == 2, "Ana's one turn, and Ben's"


def test_what_is_long_over_or_was_followed_by_something_else_stays() -> None:
    room = handed_over("next", True)
    assert "undo" in room.discussion.snapshot().commands
    room.wait(61_000)
    assert "undo" not in room.discussion.snapshot().commands
    room.press("undo")
    room.until("undo.nothing")
    assert not of(room, TakenBack)
    room = handed_over("next", True)
    room.press("next")
    room.until("floor.granted")
    assert room.discussion.snapshot().floor == "Ana"
    room.press("undo")
    room.until("undo.floor")
    room.wait(500)
    assert room.discussion.snapshot().floor == "Ben", "the last step, and no other"
    room.press("undo")
    room.until("undo.nothing")


def test_more_time_is_taken_back() -> None:
    room = turn()
    before_ms = room.discussion.snapshot().floor_left_ms
    room.press("more-time")
    room.press("undo")
    assert room.discussion.snapshot().floor_left_ms == before_ms


def test_a_pause_quiet_and_a_hand_are_taken_back() -> None:
    room = turn()
    room.press("pause")
    assert room.discussion.snapshot().paused
    room.press("undo")
    assert not room.discussion.snapshot().paused
    room.press("quiet")
    room.press("undo")
    assert not room.discussion.snapshot().quiet
    room = talk()
    room.press("hand", "Ana")
    assert room.discussion.snapshot().queue == ("Ana",)
    room.press("undo")
    assert room.discussion.snapshot().queue == ()
    assert [lowered.called for lowered in of(room, HandLowered)] == [False]


def test_a_talk_that_was_ended_by_mistake_goes_on_and_its_clock_stood_still() -> None:
    room = talk()
    discussion = room.discussion
    stages, used_ms = len(of(room, StageStarted)), discussion.snapshot().floor_used_ms
    room.press("next")
    assert discussion.snapshot().stage_kind == "turns"
    room.wait(9_000)
    room.press("undo")
    assert discussion.snapshot().stage_kind == "talk"
    assert [started.kind for started in of(room, StageStarted)[stages:]] == ["turns", "talk"]
    assert discussion.snapshot().floor_used_ms == used_ms
    room.until("pause.end")
    room.wait(3_000)
    assert used_ms < discussion.snapshot().floor_used_ms < used_ms + 9_000
