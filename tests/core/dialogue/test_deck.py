"""A question for everyone: on demand, and where an open talk has come to a stand."""

from __future__ import annotations

import pytest

from facilitator.core.events import PhraseHeard
from tests.support.told_room import Room, says

TWO = ("Ana", "Ben")
CODES = ("de", "en", "es", "fr", "it", "ko", "pt")


def talk(**options: object) -> Room:
    room = Room(TWO, "open", enrolled=TWO, **options)
    room.until("talk.start")
    room.wait(1_000)
    return room


@pytest.mark.parametrize("code", CODES)
def test_it_can_be_asked_for_in_every_language_and_none_comes_twice_in_a_row(code: str) -> None:
    room = talk(language=code, hears_words=True)
    spoken = room.discussion.language.spoken
    asked = []
    for phrase in (*spoken.commands["question"], *spoken.commands["question"]):
        said = f"{spoken.wake[0]} {phrase}"
        assert said in room.discussion.phrases
        room.wait(1_000)
        room.tell(PhraseHeard(at_ms=room.now_ms, phrase=said, start_ms=room.now_ms - 900, end_ms=room.now_ms - 100))
        asked.append(room.until("deck.question").text)
    assert len(set(asked)) == len(asked)
    assert len(room.discussion.language.list("deck.question")) >= 7
    assert all(text.rstrip().endswith("?") for text in room.discussion.language.list("deck.question"))


def test_nobody_is_spoken_over_for_it() -> None:
    room = Room(TWO, "round-robin", enrolled=TWO)
    room.until("floor.granted")
    room.press("question")
    room.until("deck.question")
    assert room.discussion.snapshot().floor == "Ana", "the turn goes on"


def test_in_a_long_silence_one_is_asked_and_then_not_soon_again() -> None:
    room = talk()
    room.wait(120_000)
    assert "deck.question" not in room.kinds(), "nobody has spoken yet"
    says(room, "Ana", 4_000)
    room.wait(80_000)
    assert "deck.question" not in room.kinds(), "a silence is no stall at once"
    room.wait(15_000)
    room.until("deck.question")
    says(room, "Ben", 4_000)
    room.wait(200_000)
    assert room.kinds().count("deck.question") == 1


def test_quiet_holds_for_what_nobody_asked_for() -> None:
    room = talk()
    says(room, "Ana", 4_000)
    room.press("quiet")
    room.wait(200_000)
    assert "deck.question" not in room.kinds()
