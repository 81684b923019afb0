"""Somebody leaves, comes back, comes later, or does not answer: who is called, and what is counted of whom."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facilitator.core.dialogue.stages.turn_order import listener_of
from facilitator.core.events import (
    Command,
    Consented,
    FloorGranted,
    FloorReleased,
    Heard,
    Invited,
    Joined,
    Left,
    Outcome,
    PhraseHeard,
    Reviewed,
    Spoke,
    TakenBack,
)
from facilitator.core.turntaking.presence import is_there
from tests.support.told_room import Room, says

THREE = ("Ana", "Ben", "Carla")


def of(room: Room, *kinds: type[Outcome]) -> list[Any]:
    return [outcome for outcome in room.log if isinstance(outcome, kinds)]


def holders(room: Room) -> list[str]:
    return [granted.person for granted in of(room, FloorGranted)]


def around(people: tuple[str, ...] = THREE, form: str = "round-robin", **options: object) -> Room:
    room = Room(people, form, enrolled=people, **options)
    room.until("floor.granted")
    return room


def speak_and_pass_on(room: Room, times: int) -> None:
    for _ in range(times):
        says(room, room.discussion.snapshot().floor or "nobody", 4_000)
        room.press("next")
        room.until("floor.granted")


def talk(people: tuple[str, ...] = THREE, **options: object) -> Room:
    room = Room(people, "open", enrolled=people, **options)
    room.until("talk.start")
    room.wait(1_000)
    return room


# --- leaving -----------------------------------------------------------------------------------------


def test_who_has_left_is_not_called_again() -> None:
    room = around(rounds=3)
    room.press("left", value=3)
    room.until("people.left")
    speak_and_pass_on(room, 4)
    assert holders(room) == ["Ana", "Ben", "Ana", "Ben", "Ana"]
    assert not room.discussion.snapshot().people[2].here
    assert [left.person for left in of(room, Left)] == ["Carla"]


def test_the_holder_leaves_and_the_next_one_is_called() -> None:
    room = around()
    says(room, "Ana")
    room.press("left", "Ana")
    room.until("floor.granted")
    assert room.discussion.snapshot().floor == "Ben"
    assert [released.reason for released in of(room, FloorReleased)] == ["left"]
    assert room.discussion.summary().person("Ana").passes == 0


def test_it_is_asked_who_where_nobody_was_named() -> None:
    room = around()
    room.press("left")
    room.until("people.who_left")
    assert [choice.label for choice in room.discussion.snapshot().choices] == list(THREE)
    room.press("answer", value=2)
    room.until("people.left")
    assert [left.person for left in of(room, Left)] == ["Ben"]
    assert room.discussion.snapshot().floor == "Ana", "whose turn it is goes on"


@pytest.mark.parametrize("code", ["de", "en", "es", "fr", "it", "nl", "pl", "pt"])
def test_it_can_be_said_in_every_language_and_so_can_that_somebody_is_back(code: str) -> None:
    room = talk(language=code, hears_words=True)
    spoken = room.discussion.language.spoken
    for command, event in (("left", Left), ("here", Joined)):
        phrase = f"{spoken.wake[0]} {spoken.commands[command][0].replace('{name}', 'Carla')}"  # type: ignore[index]
        assert phrase in room.discussion.phrases
        room.wait(1_000)
        room.tell(PhraseHeard(at_ms=room.now_ms, phrase=phrase, start_ms=room.now_ms - 900, end_ms=room.now_ms - 100))
        assert [one.person for one in of(room, event)] == ["Carla"]
        room.until("people.left" if command == "left" else "people.back")


def test_leaving_is_taken_back() -> None:
    room = around()
    room.press("left", "Carla")
    room.press("undo")
    assert [joined.person for joined in of(room, Joined)] == ["Carla"]
    speak_and_pass_on(room, 2)
    assert holders(room) == list(THREE)


def test_a_listener_who_leaves_is_replaced() -> None:
    four = (*THREE, "Dan")
    room = Room(four, "speaker-listener", enrolled=four)
    room.until("floor.asked")
    assert room.discussion.snapshot().floor == "Ana"
    says(room, "Ana")
    room.press("left", "Ben")
    room.press("next")
    room.until("floor.asked")
    assert room.discussion.snapshot().floor not in ("Ana", "Ben", None)


def test_of_odd_numbers_everyone_listens_once() -> None:
    for number in range(2, 9):
        people = [str(n) for n in range(number)]
        listeners = [listener_of(person, people, pairs=True) for person in people]
        assert sorted(listeners) == people, "each of them, once"
        assert all(one != other for one, other in zip(people, listeners, strict=True))


def test_after_two_silent_calls_it_is_asked_once() -> None:
    room = around(rounds=5)
    for _ in range(2):
        for person in THREE:
            assert room.discussion.snapshot().floor == person
            if person != "Carla":
                says(room, person, 4_000)
            room.wait(4_000)
            room.press("next")
            if person != "Carla" or len([h for h in holders(room) if h == "Carla"]) < 2:
                room.until("floor.granted")
    room.until("people.still_here")
    assert room.discussion.snapshot().floor is None
    room.press("no")
    room.until("floor.granted")
    assert [left.person for left in of(room, Left)] == ["Carla"]
    speak_and_pass_on(room, 3)
    assert "Carla" not in holders(room)[6:]
    assert room.kinds().count("people.still_here") == 1


def test_who_answers_nothing_keeps_their_part_and_is_not_called_until_they_speak() -> None:
    room = around(rounds=5)
    while "people.still_here" not in room.kinds():
        person = room.discussion.snapshot().floor
        if person in ("Ana", "Ben"):
            says(room, person, 4_000)
        room.wait(4_000)
        room.press("next")
        while room.saying is None:
            room.wait(200)
        room.until(room.saying.prompt_kind)
    room.until("floor.granted")
    assert not of(room, Left)
    speak_and_pass_on(room, 2)
    assert "Carla" not in holders(room)[6:]
    says(room, "Carla", 3_000)
    speak_and_pass_on(room, 4)
    assert "Carla" in holders(room)[6:], "she is called again"


# --- coming ------------------------------------------------------------------------------------------


def arrive(room: Room, name: str = "Dora", *, agrees: bool = True) -> None:
    """In the next gap, by the keys."""
    room.press("here", name)
    room.until("opening.arrival")
    room.press("yes" if agrees else "no")
    if agrees:
        room.until("opening.call_kept")
        room.speak(5_000)
        room.until("opening.thanks")
    else:
        room.until("opening.declined")


def test_who_comes_later_is_asked_given_a_seat_and_a_turn() -> None:
    room = around(("Ana", "Ben"), rounds=2)
    room.press("here", "Dora")
    assert not of(room, Joined), "nobody is cut in on"
    says(room, "Ana")
    room.press("next")
    room.until("opening.arrival")
    assert "opening.may_i" not in room.kinds(), "greeted and asked in one sentence"
    asked_ms = room.now_ms
    room.press("yes")
    room.until("opening.call_kept")
    room.speak(5_000)
    room.until("opening.thanks")
    assert room.now_ms - asked_ms <= 20_000
    room.until("floor.granted")
    assert room.discussion.snapshot().floor == "Ben", "whose turn it was"
    speak_and_pass_on(room, 4)
    assert holders(room) == ["Ana", "Ben", "Dora", "Ana", "Ben", "Dora"]
    assert [(c.person, c.heard) for c in of(room, Consented)][-1] == ("Dora", True)
    assert len(of(room, Consented)) == 3, "the others are not asked, and say nothing, again"


def test_a_no_is_a_no_and_there_are_turns_all_the_same() -> None:
    room = talk(("Ana", "Ben"))
    says(room, "Ana", 20_000)
    arrive(room, agrees=False)
    room.wait(3_000)
    says(room, "Dora", 8_000)
    assert not [spoke for spoke in of(room, Spoke) if "Dora" in spoke.people]
    assert room.discussion.summary().declined == ("Dora",)


def test_in_a_session_by_the_clock_a_seat_is_all_there_is_to_it() -> None:
    room = Room(("Ana", "Ben"), "round-robin", listening=False)
    room.until("floor.granted")
    room.press("here", "Dora")
    assert [joined.person for joined in of(room, Joined)] == ["Dora"]
    assert room.until("people.welcome").text == "Welcome, Dora.", "she was not here before"
    room.press("left", "Dora")
    room.wait(5_000)
    room.press("here", "Dora")
    assert room.until("people.back").text == "Good that you are back, Dora."


@pytest.mark.parametrize("typed", ["Dora, Emil", "Dora、 Emil; ", " Dora ,, Emil , dora", "Dora, ..., Emil, ana"])
@pytest.mark.parametrize("listening", [True, False])
def test_several_who_come_together_are_several_people(typed: str, listening: bool) -> None:
    """As where the names are asked for: with commas in between."""
    room = talk(("Ana", "Ben")) if listening else Room(("Ana", "Ben"), "open", listening=False)
    if not listening:
        room.until("talk.start")
    room.press("here", typed)
    for name in ("Dora", "Emil") if listening else ():
        assert name in room.until("opening.arrival").text
        room.press("no")
        room.wait(2_000)
    room.wait(2_000)
    assert room.discussion.setup.people + tuple(joined.person for joined in of(room, Joined)) == (
        "Ana",
        "Ben",
        "Dora",
        "Emil",
    )


def test_several_who_were_announced_by_mistake_are_taken_back_together() -> None:
    room = Room(("Ana", "Ben"), "round-robin", enrolled=("Ana", "Ben"))
    room.until("floor.granted")
    room.press("here", "Dora, Emil")
    room.press("undo")
    room.wait(40_000)
    assert "opening.arrival" not in room.kinds()


@pytest.mark.parametrize("typed", [None, "", " , ", "...", "—"])
def test_what_is_no_name_is_nobody(typed: str | None) -> None:
    room = talk(("Ana", "Ben"))
    room.press("here", typed)
    room.until("people.type_name")
    assert not of(room, Joined)


def test_a_share_is_counted_from_joining_on() -> None:
    room = talk(("Ana", "Ben"))
    for _ in range(6):
        says(room, "Ana", 10_000)
        says(room, "Ben", 10_000)
    arrive(room)
    room.until("pause.end")
    for _ in range(4):
        for person in ("Ana", "Ben", "Dora"):
            says(room, person, 10_000)
    dora = room.discussion.snapshot().people[2]
    assert dora.share == pytest.approx(1 / 3, abs=0.03)
    room.press("finish")
    room.tell(Reviewed(at_ms=room.now_ms))
    summary = room.discussion.summary()
    (stay,) = summary.stays
    assert stay.name == "Dora"
    assert stay.share == pytest.approx(1 / 3)
    assert stay.aim == pytest.approx(1 / 3)
    assert summary.balance == pytest.approx(1.0) and summary.gini == pytest.approx(0.0)
    assert summary.observation.key == "shared"


def test_nobody_is_invited_who_has_only_just_come_or_has_left() -> None:
    room = talk(THREE)
    room.press("left", "Carla")
    for _ in range(60):
        says(room, "Ana", 10_000)
        says(room, "Ben", 10_000)
    assert not of(room, Invited)


# --- whatever happens --------------------------------------------------------------------------------

PEOPLE = ("Ana", "Ben", "Carla")
steps = st.one_of(
    st.tuples(st.just("says"), st.sampled_from((*PEOPLE, "Dora", "Eve")), st.integers(1, 12)),
    st.tuples(st.just("left"), st.sampled_from((*PEOPLE, "Dora")), st.just(0)),
    st.tuples(st.just("here"), st.sampled_from((*PEOPLE, "Dora", "Eve")), st.just(0)),
    st.tuples(st.just("revised"), st.sampled_from((*PEOPLE, "Dora")), st.integers(1, 20)),
)


@settings(max_examples=15, deadline=None)
@given(todo=st.lists(steps, max_size=14), final=st.booleans())
def test_nothing_before_joining_or_after_leaving_is_anybodys_and_sums_are_exact(
    todo: list[tuple[str, str, int]], final: bool
) -> None:
    room = talk(PEOPLE)
    for what, person, seconds in todo:
        known = person in room.discussion._manager.session.people  # no other name is ever heard
        if what == "says" and known:
            room.now_ms += 500
            start_ms, room.now_ms = room.now_ms, room.now_ms + 1_000 * seconds
            room.tell(Heard(at_ms=room.now_ms, start_ms=start_ms, end_ms=room.now_ms, people=(person,)))
        elif what == "revised" and known:
            start_ms = max(0, room.now_ms - 1_000 * seconds)
            room.tell(Heard(at_ms=room.now_ms, start_ms=start_ms, end_ms=room.now_ms, people=(person,), final=final))
        elif what in ("says", "revised"):
            pass
        elif what == "left":
            room.tell(Command(at_ms=room.now_ms, name="left", person=person))
        elif room.discussion.snapshot().stage_kind == "talk" and person in room.discussion._manager.session.enrolled:
            room.tell(Command(at_ms=room.now_ms, name="here", person=person))
        elif room.discussion.snapshot().stage_kind == "talk":
            arrive(room, person)
            room.until("pause.end")
    account = room.discussion.account()
    for tile in account.timeline:
        for person in tile.people:
            if person in account.people:
                assert is_there(account.presence, person, tile.start_ms)
                assert is_there(account.presence, person, tile.end_ms - 1)
    summary = account.summary()
    assert sum(one.airtime_ms for one in summary.people) == summary.airtime_ms
    assert sum(one.aim for one in summary.people) == pytest.approx(1.0)
    if summary.airtime_ms:
        assert sum(one.share for one in summary.people) == pytest.approx(1.0)
    assert not of(room, TakenBack)
