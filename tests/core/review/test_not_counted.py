"""What does not count ends turns, and is named; what chimes are for and what is counted stand beside each other."""

from __future__ import annotations

from facilitator.core.events import Activity, CountingStopped, CountingWentOn, Heard
from facilitator.report.review.glance import mattered, three
from facilitator.report.text import details, page, partly_there, told
from tests.support.simulation import NAMES, play
from tests.support.texts import ENGLISH
from tests.support.told_room import Room, says


def talking(**options: object) -> Room:
    room = Room(("Ana", "Ben"), "open", enrolled=("Ana", "Ben"), **options)
    room.until("talk.start")
    room.wait(1_000)
    return room


def over_each_other(room: Room, ms: int, *voices: str) -> None:
    start_ms = room.now_ms
    room.tell(Activity(at_ms=start_ms, speaking=True, start_ms=start_ms))
    for _ in range(ms // 500):
        room.wait(500)
        room.tell(Heard(at_ms=room.now_ms, start_ms=room.now_ms - 500, end_ms=room.now_ms, people=voices))
        if room.saying is not None and room.now_ms - room.said_ms > 1_500:
            room.over()
    room.tell(Activity(at_ms=room.now_ms, speaking=False, start_ms=room.now_ms))


def note(room: Room) -> None:
    """Something is noted, over half a minute of talk about it."""
    room.press("note")
    assert room.discussion.snapshot().not_counted
    over_each_other(room, 30_000, "Ben")
    room.press("pass")
    room.until("note.dropped", 10_000)
    room.wait(2_000)
    assert not room.discussion.snapshot().not_counted


def test_a_turn_ends_where_nothing_is_counted() -> None:
    room = talking()
    says(room, "Ana", 40_000)
    note(room)
    says(room, "Ana", 40_000)
    summary = room.discussion.summary()
    assert summary.person("Ana").turns == 2
    assert summary.person("Ana").longest_turn_ms <= 41_000, "what was said over the note is no part of it"
    assert summary.person("Ben").airtime_ms == 0
    assert summary.not_counted_ms["note"] >= 30_000


def test_time_that_does_not_count_is_named() -> None:
    room = talking()
    says(room, "Ana", 10_000)
    note(room)
    says(room, "Ben", 10_000)
    room.press("pause")
    assert room.discussion.snapshot().not_counted
    room.wait(20_000)
    room.press("go-on")
    room.until("pause.end", 10_000)
    says(room, "Ana", 10_000)
    stopped = [o.why for o in room.log if isinstance(o, CountingStopped)]
    assert stopped == ["note", "pause"]
    assert sum(isinstance(o, CountingWentOn) for o in room.log) == 2
    summary = room.discussion.summary()
    (line,) = [line for line in details(summary, ENGLISH) if line.startswith("Not counted")]
    assert "notes and agreements 0:3" in line
    assert "pauses 0:2" in line
    within_ms = summary.end_ms - summary.start_ms
    assert within_ms - sum(summary.not_counted_ms.values()) - summary.talk_ms - summary.silence_ms < 3_000


def test_where_all_counts_nothing_is_said_of_it() -> None:
    room = talking()
    says(room, "Ana", 10_000)
    assert not [line for line in details(room.discussion.summary(), ENGLISH) if line.startswith("Not counted")]
    assert not room.discussion.snapshot().not_counted


def test_coming_in_and_taking_the_floor_stand_beside_each_other() -> None:
    room = Room(("Ana", "Ben"), "five-minutes-each", enrolled=("Ana", "Ben"))
    room.until("floor.granted")
    for _ in range(4):
        over_each_other(room, 3_000, "Ana")
        over_each_other(room, 2_000, "Ana", "Ben")
        over_each_other(room, 3_000, "Ana")
        room.wait(1_000)
    over_each_other(room, 3_000, "Ana")
    over_each_other(room, 1_000, "Ana", "Ben")
    over_each_other(room, 4_000, "Ben")
    room.wait(3_000)
    summary = room.discussion.summary()
    (pair,) = [pair for pair in summary.pairs if (pair.by, pair.over) == ("Ben", "Ana")]
    assert (pair.came_in, pair.took_over, pair.cut_ins) == (5, 1, 1)
    assert "Ben came in 5 times while Ana had the floor, and once took it over." in details(summary, ENGLISH)


def test_what_is_given_back_is_told_beside_how_often_somebody_came_in() -> None:
    played = play(3, "five-minutes-each", "cut-ins", minutes=1)
    lines = details(played.discussion.summary(), ENGLISH)
    assert any(line.startswith("Given back to those who had the floor") for line in lines)
    assert any("came in" in line and "had the floor" in line for line in lines)
    assert not any("after cut-ins" in line for line in lines)


def test_a_session_by_the_clock_is_told_as_one() -> None:
    room = Room(NAMES[:3], "round-robin", listening=False, minutes=1, rounds=1)
    for _ in range(3):
        room.until("floor.time_up", 120_000)
    summary = room.discussion.summary()
    assert told(summary, ENGLISH).startswith("Led by the clock: 3 turns, Ana 1:0")
    first = mattered(summary, "There was too little talk to say much about it.", ENGLISH)
    assert first == told(summary, ENGLISH)
    assert "0 %" not in str(page(summary, ENGLISH, first=first))
    assert not three(summary, ENGLISH)


def test_by_the_clock_nothing_is_told_of_what_was_said_while_somebody_was_here() -> None:
    room = Room(NAMES[:2], "round-robin", listening=False, minutes=1, rounds=1)
    room.until("floor.granted")
    room.press("here", "Dora")
    for _ in range(3):
        room.until("floor.time_up", 120_000)
    summary = room.discussion.summary()
    assert [stay.name for stay in summary.stays] == ["Dora"]
    assert partly_there(summary, ENGLISH) == []
