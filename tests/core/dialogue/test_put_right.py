"""That was Ben, not me: what was heard is put right while people talk, and everything follows."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facilitator.core.events import Activity, Heard, Intrusion, Outcome, PhraseHeard, PutRight, Reviewed, TakenBack
from facilitator.core.turntaking.put_right import last_said
from facilitator.core.turntaking.timeline import Timeline
from tests.support.told_room import Room, says

THREE = ("Ana", "Ben", "Carla")


def of(room: Room, *kinds: type[Outcome]) -> list[Any]:
    return [outcome for outcome in room.log if isinstance(outcome, kinds)]


def talk(people: tuple[str, ...] = THREE, form: str = "open", **options: object) -> Room:
    room = Room(people, form, **{"enrolled": people, **options})
    room.until("talk.start" if form == "open" else "floor.granted")
    room.wait(1_000)
    return room


def airtime_s(room: Room) -> dict[str, int]:
    return {person.name: person.airtime_ms // 1000 for person in room.discussion.snapshot().people}


def test_what_was_said_last_is_counted_to_who_is_named() -> None:
    room = talk()
    says(room, "Carla", 3_000)
    says(room, "Ana", 5_000)
    assert room.discussion.snapshot().last_spoke == "Ana"
    room.press("was", "Ben")
    assert airtime_s(room) == {"Ana": 0, "Ben": 5, "Carla": 3}
    assert [turn.person for turn in room.discussion.settled()[0]] == ["Carla", "Ben"]
    assert "people.was" in room.kinds() or "people.was" in [room.until("people.was").prompt_kind]


def test_said_again_it_is_what_was_said_before() -> None:
    room = talk()
    for person in ("Carla", "Ana"):
        says(room, person, 4_000)
    room.press("was", "Ben")
    room.press("was", "Ben")
    assert airtime_s(room) == {"Ana": 0, "Ben": 8, "Carla": 0}


def test_it_is_taken_back() -> None:
    room = talk()
    says(room, "Ana", 5_000)
    room.press("was", "Ben")
    room.press("undo")
    assert airtime_s(room) == {"Ana": 5, "Ben": 0, "Carla": 0}
    assert [event.undone for event in of(room, PutRight)] == [False, True]
    assert not of(room, TakenBack)


def test_without_a_name_it_is_asked_who() -> None:
    room = talk()
    says(room, "Ana", 5_000)
    room.press("was")
    room.until("people.who_was_it")
    assert [choice.label for choice in room.discussion.snapshot().choices] == ["Ben", "Carla"]
    room.press("answer", value=3)
    assert airtime_s(room) == {"Ana": 0, "Ben": 0, "Carla": 5}


def test_a_voice_that_nobody_knew_is_given_to_somebody() -> None:
    room = talk()
    says(room, "Carla", 2_000)
    start_ms = room.now_ms
    room.wait(3_000)
    room.tell(Heard(at_ms=room.now_ms, start_ms=start_ms, end_ms=room.now_ms, unknown=True))
    assert room.discussion.snapshot().last_spoke is None
    room.press("was", "Ben")
    assert airtime_s(room)["Ben"] == 3


@pytest.mark.parametrize("code", ["de", "en", "es", "fr", "it", "ko", "nl", "pl", "pt"])
def test_it_can_be_said_in_every_language_and_the_saying_is_not_what_is_meant(code: str) -> None:
    room = talk(language=code, hears_words=True)
    says(room, "Ana", 5_000)
    start_ms = room.now_ms
    says(room, "Ana", 1_500)
    spoken = room.discussion.language.spoken
    phrases = [f"{spoken.wake[0]} {phrase.replace('{name}', 'Ben')}" for phrase in spoken.commands["was"]]
    assert set(phrases) <= set(room.discussion.phrases)
    room.tell(PhraseHeard(at_ms=room.now_ms, phrase=phrases[0], start_ms=start_ms, end_ms=room.now_ms - 100))
    (event,) = of(room, PutRight)
    assert (event.person, event.by) == ("Ben", "Ana")
    assert airtime_s(room) == {"Ana": 1, "Ben": 5, "Carla": 0}, "the sentence itself was hers"


def test_it_stays_whatever_the_pass_over_the_whole_recording_says() -> None:
    room = talk()
    says(room, "Ana", 5_000)
    end_ms = room.now_ms
    start_ms = end_ms - 5_000
    room.press("was", "Ben")
    room.press("finish")
    for a, b, people in (
        (0, start_ms + 100, ()),
        (start_ms + 100, end_ms - 2_000, ("Ana",)),
        (end_ms - 2_000, end_ms, ("Carla",)),
    ):
        room.tell(Heard(at_ms=room.now_ms, start_ms=a, end_ms=b, people=people, final=True))
    room.tell(Reviewed(at_ms=room.now_ms))
    summary = room.discussion.summary()
    assert {person.name: round(person.airtime_ms, -3) for person in summary.people} == {
        "Ana": 0,
        "Ben": 5_000,
        "Carla": 0,
    }


def test_who_came_in_was_somebody_else() -> None:
    room = talk(form="round-robin")
    says(room, "Ana", 8_000)
    says(room, "Carla", 3_000)
    room.press("was", "Ben")
    room.wait(4_000)
    pairs = [(pair.by, pair.over, pair.came_in) for pair in room.discussion.summary().pairs if pair.came_in]
    assert pairs == [("Ben", "Ana", 1)]


@pytest.mark.parametrize("late", [False, True])
def test_it_was_the_holder_and_nobody_came_in(late: bool) -> None:
    room = talk(form="round-robin")
    says(room, "Ana", 8_000)
    says(room, "Carla", 3_000)
    if late:
        room.wait(5_000)
        assert of(room, Intrusion)
    room.press("was", "Ana")
    room.wait(5_000)
    assert not [pair for pair in room.discussion.summary().pairs if pair.came_in]
    assert late or not of(room, Intrusion), "and no time is given back for it"


def test_a_cut_in_follows() -> None:
    room = talk()
    start_ms = room.now_ms
    room.tell(Activity(at_ms=start_ms, speaking=True, start_ms=start_ms))
    for people in (("Ana",), ("Ana", "Carla"), ("Carla",)):
        room.wait(3_000)
        room.tell(Heard(at_ms=room.now_ms, start_ms=room.now_ms - 3_000, end_ms=room.now_ms, people=people))
    room.tell(Activity(at_ms=room.now_ms, speaking=False, start_ms=room.now_ms))
    room.wait(1_000)
    room.tell(Heard(at_ms=room.now_ms, start_ms=room.now_ms - 1_000, end_ms=room.now_ms))
    assert [one.name for one in room.discussion.snapshot().people if one.cut_ins_made] == ["Carla"]
    room.press("was", "Ben")
    assert [one.name for one in room.discussion.snapshot().people if one.cut_ins_made] == ["Ben"]
    assert [(one.by, one.over) for one in room.discussion.settled()[1]] == [("Ben", "Ana")]
    room.press("undo")
    assert [one.name for one in room.discussion.snapshot().people if one.cut_ins_made] == ["Carla"]


def test_nothing_is_counted_to_who_does_not_want_to_be_heard() -> None:
    room = talk(enrolled=("Ana", "Carla"))
    says(room, "Ana", 5_000)
    room.press("was", "Ben")
    room.until("people.was_unheard")
    assert not of(room, PutRight)
    room.press("was", "Carla")
    room.press("decline", "Carla")
    room.tell(
        Heard(at_ms=room.now_ms, start_ms=room.now_ms - 9_000, end_ms=room.now_ms - 8_000, people=("Ana",), final=True)
    )
    assert airtime_s(room)["Carla"] == 0
    assert not any("Carla" in tile.people for tile in room.discussion.timeline)
    room.press("undo")
    assert not any("Carla" in tile.people for tile in room.discussion.timeline)


def test_what_was_said_long_ago_and_a_sign_of_listening_are_not_the_last() -> None:
    room = talk()
    assert "was" not in room.discussion.snapshot().commands
    says(room, "Ana", 4_000)
    says(room, "Carla", 400)
    assert room.discussion.snapshot().last_spoke == "Ana"
    room.wait(61_000)
    room.press("was", "Ben")
    room.until("people.was_nobody")
    assert not of(room, PutRight)


def test_who_says_that_somebody_has_left_has_not_left() -> None:
    room = talk(hears_words=True)
    start_ms = room.now_ms
    says(room, "Ana", 1_500)
    phrase = "facilitator Ben has left"
    room.tell(PhraseHeard(at_ms=room.now_ms, phrase=phrase, start_ms=start_ms, end_ms=room.now_ms - 100))
    assert [one.name for one in room.discussion.snapshot().people if not one.here] == ["Ben"]


steps = st.lists(
    st.one_of(
        st.tuples(st.just("says"), st.sampled_from(THREE), st.integers(300, 4_000)),
        st.tuples(st.just("was"), st.sampled_from(THREE), st.just(0)),
        st.tuples(st.just("undo"), st.just(""), st.just(0)),
        st.tuples(st.just("decline"), st.sampled_from(THREE), st.just(0)),
    ),
    max_size=14,
)


@settings(max_examples=40, deadline=None)
@given(steps)
def test_sums_are_those_of_the_timeline_and_nobody_declined_is_on_it(told: list[tuple[str, str, int]]) -> None:
    room = talk()
    for what, person, ms in told:
        if what == "says":
            says(room, person, ms)
        else:
            room.press(what, person or None)
    timeline, account = room.discussion.timeline, room.discussion.account()
    assert not any(person in tile.people for tile in timeline for person in account.declined)
    shown = {person.name: person.airtime_ms for person in room.discussion.snapshot().people}
    for one in account.summary().people:
        assert shown[one.name] == one.airtime_ms


def test_of_an_empty_timeline_nothing_was_said() -> None:
    assert last_said(Timeline(), 0) is None
