"""What is said at the end: one list, one rounding, nobody's zero, all who were quiet or none."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facilitator.core.dialogue.narration import shares_so_far, spoken_summary
from facilitator.core.events import FloorReleased, Reviewed, Say, Spoke
from facilitator.core.language.wording import Language, parse_language
from facilitator.core.review.summary import Summary, summarize
from facilitator.core.turntaking.timeline import Timeline
from facilitator.resources.prompts import default_prompts, read_language
from tests.support.simulation import NAMES, PROMPTS, play
from tests.support.told_room import Room

CODES = ("en", "de", "fr", "es", "it", "nl", "pl", "pt")


def language(code: str) -> Language:
    return parse_language(read_language(PROMPTS / f"languages/{code}.toml"))


def talked(*seconds: int) -> Summary:
    """So many seconds of each, in stretches of ten that take turns."""
    people = NAMES[: len(seconds)]
    left, now_ms, spoken = dict(zip(people, seconds, strict=True)), 0, []
    while any(left.values()):
        for person in people:
            length = min(10, left[person])
            left[person] -= length
            end_ms = now_ms + length * 1_000
            spoken.append(Spoke(at_ms=now_ms, start_ms=now_ms, end_ms=end_ms, people=(person,), confidence=0.99))
            now_ms = end_ms
    return summarize(people, timeline=Timeline(spoken))


def sentences(summary: Summary, code: str, guesses: dict[str, int] | None = None) -> list[str]:
    spoken = language(code)
    return [spoken.phrase(key, **slots) for key, slots in spoken_summary(summary, spoken, guesses)]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 600), min_size=2, max_size=5), st.sampled_from(CODES), st.booleans())
def test_nobodys_zero_is_said_aloud(seconds: list[int], code: str, guessed: bool) -> None:
    summary = talked(*seconds)
    guesses = dict.fromkeys(NAMES[: len(seconds)], 20) if guessed else {}
    zero = language(code).number(0)
    for sentence in sentences(summary, code, guesses):
        assert not re.search(rf"\b{zero}\b", sentence), sentence


@pytest.mark.parametrize("code", CODES)
def test_guess_and_measure_stand_in_one_list_with_one_rounding(code: str) -> None:
    spoken = language(code)
    told = sentences(talked(540, 200, 60), code, {"Ana": 40, "Ben": 20, "Carla": 20})
    listed = [sentence for sentence in told if all(name in sentence for name in NAMES[:3])]
    assert len(listed) == 1, told
    assert spoken.number(25) in listed[0]
    assert not any(spoken.number(n) in listed[0].split() for n in (67, 68))


def test_a_share_of_nothing_is_on_the_screen_and_not_in_the_air() -> None:
    told = sentences(talked(200, 190, 0), "en", {"Ana": 20, "Ben": 40, "Carla": 40})
    assert "How it was shared is on the screen." in told
    assert not any("percent" in sentence for sentence in told)
    so_far = shares_so_far({"Ana": 200_000, "Ben": 1_000}, {"Ana": 1.0, "Ben": 1.0}, language("en"))
    assert so_far[0] == "summary.on_screen"


def test_a_small_share_is_told_in_words() -> None:
    told = " ".join(sentences(talked(300, 250, 40), "en"))
    assert "Carla a small part" in told


def test_nobody_is_named_aloud_for_having_said_little() -> None:
    two = talked(500, 480, 60, 50)
    assert two.observation.key == "more-to-hear"
    assert two.observation.slots["name"] == ("Carla", "David")
    for code in CODES:
        spoken = language(code)
        for count in range(2):
            told = spoken.phrase("observations.more-to-hear", count, name="Carla")
            assert "Carla" not in told
    many = talked(900, 30, 30, 30, 30)
    assert many.observation.key != "more-to-hear"


@pytest.mark.parametrize("seconds", [(560, 210, 230), (570, 430), (600, 150, 150, 100)])
def test_what_is_not_shared_evenly_is_not_called_so(seconds: tuple[int, ...]) -> None:
    told = " ".join(sentences(talked(*seconds), "en"))
    assert "evenly" not in told
    assert "about the same time" not in told


@pytest.mark.parametrize("refuse", [("Ana", "Ben"), ("Ben",)])
def test_how_are_we_doing_is_not_answered_with_too_little_where_somebody_is_not_listened_to(
    refuse: tuple[str, ...],
) -> None:
    room = Room(("Ana", "Ben"), "open")
    for person in ("Ana", "Ben"):
        room.until("opening.may_i")
        room.press("no" if person in refuse else "yes")
        if person not in refuse:
            room.until("opening.call")
            room.speak(9_000)
    room.until("talk.start")
    room.press("status")
    names = " and ".join(refuse)
    assert room.until("summary.not_measured").text == f"I did not listen for {names}."
    assert "status.nothing" not in room.kinds()


@pytest.mark.parametrize("enrolled", [(), ("Ana",)])
def test_who_is_still_to_be_asked_is_not_said_to_be_left_out(enrolled: tuple[str, ...]) -> None:
    room = Room(("Ana", "Ben", "Carla"), "open", enrolled=enrolled)
    room.until("opening.may_i")
    room.press("status")
    room.until("status.nothing")
    room.press("no")  # whoever was being asked
    refused = next(one.name for one in room.discussion.snapshot().people if one.declined)
    room.until("opening.may_i")
    room.press("status")
    assert room.until("summary.not_measured").text == f"I did not listen for {refused}."


def test_whom_nobody_will_ask_is_said_to_be_left_out() -> None:
    """In a form without an opening circle, of whom no voice is known."""
    form = dict(default_prompts().format("open"))
    form["stage"] = [stage for stage in form["stage"] if stage["kind"] != "opening"]
    room = Room(("Ana", "Ben", "Carla"), form, enrolled=("Ana", "Ben"))
    room.until("talk.start")
    room.press("status")
    assert room.until("status.nothing").text.startswith("I did not listen for Carla. ")


def test_one_alone_who_is_listened_to_is_not_asked_for_a_guess() -> None:
    room = Room(("Ana", "Ben"), "five-minutes-each", enrolled=("Ana",))
    room.until("opening.may_i")
    room.press("no")
    room.until("floor.granted")
    room.press("finish")
    room.wait(40_000)
    room.tell(Reviewed(at_ms=room.now_ms))
    room.until("closing.thanks")
    assert "rate.share" not in room.kinds()


def test_by_the_clock_nobody_is_said_to_have_talked_too_little() -> None:
    room = Room(("Ana", "Ben"), "open", listening=False)
    room.until("talk.start")
    room.wait(600_000)
    room.press("status")
    assert room.until("summary.not_measured").text == "I did not listen for Ana and Ben."


def test_a_session_by_the_clock_tells_the_turns_that_were_led() -> None:
    played = play(3, "round-robin", "all", listening=False, minutes=1, rounds=1)
    held_s = sum(release.used_ms for release in played.of(FloorReleased)) // 1000
    assert held_s > 100
    texts = [say.text for say in played.of(Say)]
    assert any(text.startswith("Together you have held the floor for") for text in texts)
    assert not any("too little talk" in text or "no talk to measure" in text for text in texts)


def test_what_is_agreed_on_is_asked_for_once() -> None:
    played = play(2, "check-in", "nobody", until_ms=3_000_000)
    assert sum(say.prompt_kind == "agree.any" for say in played.of(Say)) == 1
