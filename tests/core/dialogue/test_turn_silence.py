"""Somebody weeps, or thinks, or has not begun: no floor passes on by silence, and nothing is made of nothing."""

from __future__ import annotations

import tomllib

import pytest

from facilitator.core.events import Chime, FloorGranted, FloorReleased, Say, Show
from facilitator.core.formats.parse import parse_format
from facilitator.core.formats.stages import Turns
from tests.support.simulation import PROMPTS
from tests.support.told_room import Room, says


def turn(form: str = "five-minutes-each", people: tuple[str, ...] = ("Ana", "Ben"), **options: object) -> Room:
    """The first turn has begun."""
    room = Room(people, form, **options)
    room.agree()
    room.until("floor.asked" if form == "check-in" else "floor.granted")
    return room


def silence(room: Room, ms: int) -> None:
    """It is quiet at the table; what is said meanwhile is said to its end."""
    end_ms = room.now_ms + ms
    while room.now_ms < end_ms:
        room.wait(min(1_000, end_ms - room.now_ms))
        if room.saying is not None:
            room.over()


def chimes(room: Room) -> list[str]:
    return [o.chime for o in room.log if isinstance(o, Chime)]


@pytest.mark.parametrize("silent_s", [24, 40, 90, 200])
def test_who_weeps_keeps_the_floor_and_goes_on_without_a_chime(silent_s: int) -> None:
    room = turn()
    says(room, "Ana")
    silence(room, silent_s * 1_000)
    before = chimes(room)
    says(room, "Ana", 8_000)
    room.wait(3_000)
    assert not [o for o in room.log if isinstance(o, FloorReleased)]
    assert chimes(room) == before
    assert "floor.protect" not in room.kinds()
    assert not any("hold that thought" in text for text in room.sayings())


def test_there_is_time_is_said_seldom_and_more_and_more_so() -> None:
    room = turn()
    says(room, "Ana")
    silence(room, 280_000)
    checks = [o.at_ms for o in room.log if isinstance(o, Say) and o.prompt_kind == "floor.check"]
    assert 1 <= len(checks) <= 3
    assert checks[0] >= 60_000, "a minute of patience in an intimate question"


def test_a_yes_passes_the_floor_on_after_the_check_and_not_before() -> None:
    room = turn(hears_words=False)
    says(room, "Ana")
    room.press("yes")
    assert not [o for o in room.log if isinstance(o, FloorReleased)]
    silence(room, 70_000)
    room.press("yes")
    assert [o.reason for o in room.log if isinstance(o, FloorReleased)] == ["done"]


def test_the_next_one_begins_and_what_is_left_is_offered_again() -> None:
    room = turn()
    says(room, "Ana")
    silence(room, 70_000)
    says(room, "Ben", 3_000)
    assert [(o.person, o.reason) for o in room.log if isinstance(o, FloorReleased)] == [("Ana", "silence")]
    assert [o.person for o in room.log if isinstance(o, FloorGranted)] == ["Ana", "Ben"]
    assert "cut-in" not in chimes(room), "Ben did not cut in on anybody"
    assert any(isinstance(o, Show) and "Ana" in o.text for o in room.log)
    says(room, "Ana", 4_000)
    assert "cut-in" not in chimes(room), "Ana had only thought"
    says(room, "Ben", 6_000)
    room.press("next")
    again = room.until("floor.again", 20_000)
    assert again.person == "Ana"
    room.wait(500)
    granted = [o for o in room.log if isinstance(o, FloorGranted)][-1]
    assert granted.person == "Ana"
    assert 200_000 < (granted.limit_ms or 0) < 300_000


def test_somebody_else_who_speaks_in_a_silence_does_not_take_the_floor() -> None:
    room = turn(people=("Ana", "Ben", "Carla"))
    says(room, "Ana")
    silence(room, 70_000)
    says(room, "Carla", 4_000)
    assert not [o for o in room.log if isinstance(o, FloorReleased)]


def test_nothing_is_counted_of_silence() -> None:
    """A check-in in which nobody says anything: no "that was one", no thanks, no further items."""
    room = Room(("Ana", "Ben"), "check-in")
    room.agree()
    for _ in range(2):
        room.until("rate.arriving")
        room.press("answer", value=3)
    room.until("floor.asked")
    silence(room, 75_000)
    room.until("floor.asked", 60_000)
    texts = room.sayings()
    assert not any("That was" in text or "that makes" in text for text in texts)
    assert not any("That is the time. Thank" in text or "Thank you, Ana. T" in text for text in texts)
    assert "floor.check_begin" in room.kinds()
    assert "floor.check" not in room.kinds()
    assert "floor.time_up_unsaid" in room.kinds()
    assert [o.person for o in room.log if isinstance(o, FloorGranted)][:2] == ["Ana", "Ben"]


def test_after_each_thing_it_is_said_how_many_more_there_is_room_for() -> None:
    room = Room(("Ana", "Ben"), "check-in")
    room.agree()
    for _ in range(2):
        room.until("rate.arriving")
        room.press("answer", value=3)
    room.until("floor.asked")
    says(room, "Ana", 4_000)
    room.wait(3_000)
    room.press("next")
    said = room.until("floor.item", 10_000)
    assert "two more" in said.text
    assert "to go" not in said.text


def test_nobody_is_asked_what_they_heard_when_nothing_was_said() -> None:
    room = Room(("Ana", "Ben"), "speaker-listener")
    room.agree()
    room.until("floor.asked")
    room.wait(4_000)
    room.press("next")
    asked = room.until("floor.asked", 20_000)
    assert asked.person == "Ben"
    assert "what did you hear" not in asked.text


@pytest.mark.parametrize("path", sorted((PROMPTS / "formats").glob("*.toml")), ids=lambda path: path.stem)
def test_patience_by_kind_of_question(path: object) -> None:
    form = parse_format(tomllib.loads(path.read_text(encoding="utf-8")))  # type: ignore[attr-defined]
    for stage in form.stages:
        if isinstance(stage, Turns):
            assert 20 <= stage.silence_s <= 60
