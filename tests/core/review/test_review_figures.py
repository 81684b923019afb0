"""The figures of a review against simple cases, and what always holds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facilitator.core.events import (
    Continued,
    Event,
    FloorGranted,
    FloorReleased,
    Intrusion,
    Invited,
    Paused,
    Spoke,
    StageEnded,
    StageStarted,
)
from facilitator.core.review.account import Account
from facilitator.core.review.review import SessionReview, review
from facilitator.core.review.summary import floors_held
from facilitator.core.turntaking.spans import Span
from facilitator.core.turntaking.timeline import Timeline
from tests.core.review.test_summary import PEOPLE, painted, tiles, timeline

Row = tuple[int, int, str]


def account(line: Timeline, *events: Event, people: tuple[str, ...] = PEOPLE) -> Account:
    return Account(people=people, declined=(), timeline=line, events=events, targets=None)


def told(
    *rows: Row, events: tuple[Event, ...] = (), sure: float = 1.0, people: tuple[str, ...] = PEOPLE
) -> SessionReview:
    return review(account(timeline(*rows, confidence=sure), *events, people=people))


def floor(person: str, start_s: int, end_s: int, reason: str = "done") -> tuple[FloorGranted, FloorReleased]:
    start_ms, end_ms = 1000 * start_s, 1000 * end_s
    return (
        FloorGranted(at_ms=start_ms, person=person, round=1, limit_ms=None, protected=True),
        FloorReleased(at_ms=end_ms, person=person, reason=reason, start_ms=start_ms, used_ms=0),  # type: ignore[arg-type]
    )


# --- who opened, who closed --------------------------------------------------------------------------


def opened_and_closed(found: SessionReview, part: int = 0) -> tuple[str | None, str, str | None, str]:
    one = found.ends[part]
    return one.opened.person, one.opened.why, one.closed.person, one.closed.why


def test_the_first_and_the_last_turn() -> None:
    rows = ((0, 4, "!Carla"), (5, 20, "Ana"), (20, 40, "Ben"), (41, 50, "Ana"), (50, 60, "!Ben"))
    assert opened_and_closed(told(*rows)) == ("Ana", "", "Ana", "")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (((0, 2, "?"), (2, 20, "Ana"), (20, 30, "Ben")), (None, "unsure", "Ben", "")),
        (((0, 20, "Ana"), (20, 30, "Ben"), (31, 33, "guest")), ("Ana", "", None, "unsure")),
        (((0, 20, "Ana+Ben"), (20, 30, "Carla")), (None, "at-once", "Carla", "")),
        (((0, 20, "Ana"), (20, 30, "Ben+Carla")), ("Ana", "", None, "at-once")),
        (((0, 9, "?"),), (None, "nobody", None, "nobody")),
    ],
)
def test_nobody_is_named_where_it_is_not_sure(
    rows: tuple[Row, ...], expected: tuple[str | None, str, str | None, str]
) -> None:
    assert opened_and_closed(told(*rows)) == expected


def test_a_voice_that_is_hardly_known_opens_nothing() -> None:
    assert opened_and_closed(told((0, 20, "Ana"), (20, 30, "Ben"), sure=0.69)) == (None, "unsure", None, "unsure")
    assert opened_and_closed(told((0, 20, "Ana"), (20, 30, "Ben"), sure=0.70))[0] == "Ana"


def test_whose_turn_it_was_did_not_open_and_open_stages_are_told_by_themselves() -> None:
    events = (
        StageStarted(at_ms=0, stage="Turns", kind="turns"),
        *floor("Ana", 0, 30),
        StageEnded(at_ms=30_000, stage="Turns", kind="turns"),
        StageStarted(at_ms=30_000, stage="Options", kind="talk"),
        StageEnded(at_ms=60_000, stage="Options", kind="talk"),
        StageStarted(at_ms=60_000, stage="Turns", kind="turns"),
        *floor("Carla", 60, 90),
    )
    found = told((0, 30, "Ana"), (31, 45, "Ben"), (45, 59, "Ana"), (60, 90, "Carla"), events=events)
    assert opened_and_closed(found) == (None, "in-turn", None, "in-turn")
    assert found.ends[1].stage == "Options"
    assert opened_and_closed(found, 1) == ("Ben", "", "Ana", "")
    assert len(found.ends) == 2


def test_an_open_stage_that_is_all_there_was_is_told_once() -> None:
    events = (StageStarted(at_ms=0, stage="Open talk", kind="talk"),)
    assert [one.stage for one in told((2, 30, "Ana"), (30, 50, "Ben"), events=events).ends] == [""]


# --- who was answered ----------------------------------------------------------------------------------


def answered(found: SessionReview) -> dict[str, tuple[int, int]]:
    return {one.person: (one.answered, one.turns) for one in found.answered}


def test_two_seconds_are_an_answer_and_three_are_none() -> None:
    rows = ((0, 10, "Ana"), (12, 20, "Ben"), (23, 30, "Carla"), (30, 40, "Ana"))
    found = answered(told(*rows))
    assert found == {"Ana": (1, 1), "Ben": (0, 1), "Carla": (1, 1)}  # Ana's last turn ends the talk


def test_what_was_cut_off_waits_for_no_answer_and_a_nod_is_none() -> None:
    cut = ((0, 10, "Ana"), (10, 11, "Ana+Ben"), (11, 20, "Ben"), (26, 30, "Carla"))
    assert answered(told(*cut)) == {"Ana": (0, 0), "Ben": (0, 1), "Carla": (0, 0)}
    line = timeline((0, 10, "Ana"), (15, 20, "Ben"))
    nod = Spoke(at_ms=0, start_ms=9_300, end_ms=10_000, people=("Ana", "Ben"))
    line.paint(nod)
    assert answered(review(account(line)))["Ana"] == (0, 1)


def test_what_could_be_an_answer_is_left_out() -> None:
    after = {"?": 0, "guest": 0, "-": 1}
    for who, turns in after.items():
        found = told((0, 10, "Ana"), (10, 13, who), (13, 20, "Ben"))
        assert answered(found)["Ana"] == (0, turns), who
    assert answered(told((0, 10, "Ana"), (11, 14, "!-"), (14, 20, "Ben")))["Ana"] == (0, 0)  # the facilitator spoke


def test_protected_turns_wait_for_no_answer() -> None:
    rows = ((0, 10, "Ana"), (11, 20, "Ben"), (21, 30, "Carla"))
    assert answered(told(*rows, events=floor("Ana", 0, 11)))["Ana"] == (0, 0)
    assert answered(told(*rows))["Ana"] == (1, 1)


def test_it_takes_five_turns() -> None:
    rows = tuple((10 * i, 10 * i + 9, "Ana" if i % 2 == 0 else "Ben") for i in range(9))
    found = told(*rows, people=("Ana", "Ben"))
    assert {one.person: (one.turns, one.told) for one in found.answered} == {"Ana": (4, False), "Ben": (4, False)}
    more = told(*rows, (90, 99, "Ben"), people=("Ana", "Ben"))
    assert {one.person: one.told for one in more.answered} == {"Ana": True, "Ben": False}


# --- silences ----------------------------------------------------------------------------------------------


def test_the_longest_silences_and_who_was_around_them() -> None:
    rows = ((0, 10, "Ana"), (14, 20, "Ben"), (22, 30, "Carla"), (33, 34, "?"), (40, 50, "Ana+Ben"), (50, 90, "!-"))
    found = told(*rows, (95, 99, "Ana")).silences
    assert [(s.start_ms // 1000, s.length_ms // 1000, s.before, s.after) for s in found] == [
        (10, 4, ("Ana",), ("Ben",)),
        (30, 3, ("Carla",), ()),
        (34, 6, (), ("Ana", "Ben")),
    ]
    many = told(*((i * 20, i * 20 + 10 - i, "Ana") for i in range(8))).silences
    assert [s.length_ms // 1000 for s in many] == [12, 13, 14, 15, 16]


def test_a_silence_in_a_turn_is_its_owners() -> None:
    (silence,) = told((0, 10, "Ana"), (16, 20, "Ana"), events=floor("Ana", 0, 20)).silences
    assert silence.floor == "Ana"


# --- how the balance moved ------------------------------------------------------------------------------------


def halves_of(first: str, second: str, sure: float = 1.0) -> SessionReview:
    """Ten minutes in which people speak five seconds each, by these patterns."""
    rows = [
        (at, at + 5, {"A": "Ana", "B": "Ben", "C": "Carla"}[pattern[at // 5 % len(pattern)]])
        for pattern, begin in ((first, 0), (second, 300))
        for at in range(begin, begin + 300, 5)
    ]
    return told(*rows, sure=sure)


def test_a_share_that_surely_moved() -> None:
    found = halves_of("AB", "ABC")
    assert [(one.person, round(one.first, 2), round(one.second, 2)) for one in found.moved] == [
        ("Ana", 0.5, 0.33),
        ("Ben", 0.5, 0.33),
        ("Carla", 0.0, 0.33),
    ]
    assert halves_of("AB", "ABC", sure=0.5).moved == ()  # it could as well be nothing
    assert halves_of("AAABB", "AB", sure=0.8).moved == ()  # ten points, but the ranges touch
    assert halves_of("ABC", "ABC").moved == ()


def test_little_talk_has_no_halves_and_no_windows() -> None:
    short = told(*((at, at + 5, "Ana" if at % 10 else "Ben") for at in range(0, 200, 5)))
    assert (short.halves, short.windows, short.moved) == (None, (), ())


def test_only_open_talk_is_in_the_windows() -> None:
    rows = [(at, at + 5, "Ana" if at < 300 or at % 10 else "Ben") for at in range(0, 900, 5)]
    free = told(*rows)
    assert max(window.largest_share or 0 for window in free.windows) == 1.0
    guarded = told(*rows, events=floor("Ana", 0, 300))
    assert guarded.windows[0].start_ms == 300_000
    assert max(window.largest_share or 0 for window in guarded.windows) < 0.53
    assert guarded.open_ms == 600_000
    assert guarded.halves and guarded.halves[0].start_ms == 300_000
    assert told(*rows, events=floor("Ana", 0, 900)).windows == ()


# --- what happened beside -----------------------------------------------------------------------------------------


def test_pauses_turns_intrusions_and_invitations() -> None:
    events = (
        Paused(at_ms=20_000),
        Continued(at_ms=50_000),
        *floor("Ana", 50, 60),
        *floor("Ben", 60, 61, "passed"),
        Intrusion(at_ms=55_000, by="Ben", over="Ana", start_ms=54_000, lost_ms=1_000),
        Invited(at_ms=70_000, person="Carla"),
        Paused(at_ms=80_000),
    )
    found = told((0, 20, "Ana"), (20, 50, "!-"), (50, 100, "Ben"), events=events)
    assert found.pauses == (Span(20_000, 50_000), Span(80_000, 100_000))
    assert (found.protected_turns, found.intrusions, found.invited) == (1, 1, ("Carla",))


def test_a_floor_that_nobody_let_go_of_lasts_to_the_end() -> None:
    granted = floor("Ana", 10, 20)[0]
    assert floors_held([granted], 60_000) == [("Ana", Span(10_000, 60_000))]


# --- what always holds --------------------------------------------------------------------------------------------


@given(tiles, st.integers(0, 40_000), st.integers(1, 40_000))
@settings(deadline=None)
def test_figures_stay_within_what_was_heard(
    rows: list[tuple[int, tuple[str, ...], bool, bool, float, bool]], at_ms: int, length_ms: int
) -> None:
    held = (
        FloorGranted(at_ms=at_ms, person="Ana", round=1, limit_ms=None, protected=True),
        FloorReleased(at_ms=at_ms + length_ms, person="Ana", reason="done", start_ms=at_ms, used_ms=0),
    )
    found = review(account(painted(rows), *held))
    summary = found.summary
    assert 0 <= found.open_ms <= summary.end_ms - summary.start_ms
    assert {one.person: one.turns for one in found.answered}.keys() == set(PEOPLE)
    for one in found.answered:
        assert 0 <= one.answered <= one.turns <= summary.person(one.person).turns
    for silence in found.silences:
        assert 3_000 <= silence.length_ms <= summary.silence_ms
        assert summary.start_ms <= silence.start_ms < silence.end_ms <= summary.end_ms
    for part in found.ends:
        for end in (part.opened, part.closed):
            assert (end.person is None) == bool(end.why)
            assert end.person is None or summary.person(end.person).turns
    for half in found.halves or ():
        assert sum(half.shares.values()) == pytest.approx(1)
    assert all(found.turns[i].start_ms <= found.turns[i + 1].start_ms for i in range(len(found.turns) - 1))
