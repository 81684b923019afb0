"""What a counsellor objected to: being cut off, one no for all, a heavy heart walked past, a task given to others."""

from __future__ import annotations

import pytest

from facilitator.core.events import (
    Agreed,
    Command,
    Consented,
    HandLowered,
    NextAgreed,
    Outcome,
    Paused,
    Reviewed,
    Show,
)
from facilitator.core.language.wording import Language, parse_language
from facilitator.resources.prompts import read_language
from tests.core.dialogue.test_guard import cut_in_steadily, room, talk
from tests.support.simulation import PROMPTS
from tests.support.told_room import Room, says

LANGUAGES = sorted(path.stem for path in (PROMPTS / "languages").glob("*.toml"))
CLASS = ("Teacher", "Ana", "Ben", "Grace")


def phrases_of(code: str) -> Language:
    return parse_language(read_language(PROMPTS / f"languages/{code}.toml"))


def of(table: Room, kind: type[Outcome]) -> list[Outcome]:
    return [outcome for outcome in table.log if isinstance(outcome, kind)]


# -- who is cut off, and who needs a break -----------------------------------------------------------------


def test_when_no_more_time_can_be_given_back_the_floor_is_still_kept() -> None:
    table = room(2, minutes=1)
    cut_in_steadily(table, "Ana", "Ben", 12, apart_ms=7_000)
    (said,) = [text for text in table.sayings() if "given back" in text]
    assert "The floor is still yours" in said
    assert "A break is there for whoever needs one" in said
    assert not any("runs as it is" in text for text in table.sayings())


@pytest.mark.parametrize("noes", [0, 1, 3])
def test_nobodys_no_refuses_a_break_to_somebody_who_needs_it(noes: int) -> None:
    table = room(3)
    cut_in_steadily(table, "Ana", "Ben", 4, apart_ms=24_000)
    talk(table, 2_500, "Ana", "Ben")
    assert "One yes is enough" in table.until("floor.break", 10_000).text
    for _ in range(noes):
        table.press("no")
        table.wait(1_000)
    assert not of(table, Paused)
    table.wait(8_000)
    table.press("yes")
    table.until("break.ask", 10_000)
    assert of(table, Paused)


def test_silence_asks_for_no_break() -> None:
    table = room(2)
    cut_in_steadily(table, "Ana", "Ben", 4, apart_ms=24_000)
    talk(table, 2_500, "Ana", "Ben")
    table.until("floor.break", 10_000)
    talk(table, 25_000)
    assert not table.discussion.snapshot().choices
    assert not of(table, Paused)


# -- heavy --------------------------------------------------------------------------------------------------


def leaving(moods: tuple[int, int], **options: object) -> Room:
    table = Room(("Ana", "Ben"), "repair", enrolled=("Ana", "Ben"), **options)
    table.wait(1_000)
    table.over()
    table.press("finish")
    table.tell(Reviewed(at_ms=table.now_ms))
    for value in moods:
        table.until("rate.leaving")
        table.press("answer", value=value)
    return table


def test_who_leaves_with_something_heavy_is_not_walked_past() -> None:
    table = leaving((4, 1))
    assert table.until("heavy.heard").text == "It is good that you say it, Ben."
    table.until("heavy.minute")
    table.press("yes")
    began_ms = table.now_ms
    assert "trust" in table.until("heavy.turn").text
    assert table.now_ms - began_ms >= 60_000, "a minute of quiet"
    table.until("closing.next")
    table.press("answer", value=1)
    assert table.until("closing.next_today").text == "Today, then."
    assert not of(table, NextAgreed), "there is no day to put down"


def test_what_was_agreed_on_for_hard_moments_is_said_where_there_is_that() -> None:
    table = leaving((2, 2), steps=("we call Maria",))
    table.until("heavy.minute")
    table.wait(15_000)
    assert "we call Maria" in table.until("break.steps").text
    assert "heavy.turn" not in table.kinds()


def test_who_leaves_lightly_is_asked_nothing_more() -> None:
    table = leaving((3, 5))
    table.until("closing.next")
    assert not [kind for kind in table.kinds() if kind.startswith("heavy.")]


# -- a task is nobody's who did not take it on ----------------------------------------------------------------


@pytest.mark.parametrize(("answer", "owner"), [("yes", "Ben"), ("no", ""), (None, "")])
def test_the_owner_of_an_agreement_is_asked(answer: str | None, owner: str) -> None:
    table = room(2)
    table.tell(Command(at_ms=table.now_ms, name="note", text="a table at the window"))
    table.until("note.read_back")
    table.press("yes")
    table.until("note.who")
    table.press("answer", value=2)
    asked = table.until("note.takes_on")
    assert asked.person == "Ben"
    assert asked.text.startswith("Ben, will you take it on? A no is fine.")
    if answer is not None:
        table.press(answer)
    else:
        table.wait(13_000)
    table.until("note.when")
    assert ("note.nobody_yet" in table.kinds()) == (not owner)
    table.press("answer", value=0)
    table.wait(3_000)
    (agreed,) = of(table, Agreed)
    assert isinstance(agreed, Agreed)
    assert agreed.owner == owner


# -- being asked ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", LANGUAGES)
def test_nobody_is_told_to_say_that_they_agree(code: str) -> None:
    """The call asks, and names yes and no alike."""
    spoken = phrases_of(code)
    yes, no = spoken.spoken.answers["yes"][0], spoken.spoken.answers["no"][0]
    for key in ("opening.call", "opening.call_kept"):
        for count in range(2):
            asked = spoken.phrase(key, count, name="Ana").lower()
            assert "?" in asked
            assert yes in asked
            assert no in asked


def test_a_short_no_is_not_asked_about_again() -> None:
    table = Room(("Ana", "Ben"), hears_words=True)
    table.until("opening.call")
    table.speak(1_500, "no, rather not", phrases_of("en").spoken.consent.signs)
    assert table.until("opening.declined").text == "That is fine, Ana. I will not listen for you."
    assert "opening.may_i" not in table.kinds()
    assert [(one.person, one.heard) for one in table.log if isinstance(one, Consented)] == [("Ana", False)]


def test_an_invitation_leaves_a_way_out() -> None:
    for count in range(2):
        said = phrases_of("en").phrase("talk.invite", count, name="Ana")
        assert "Listening is fine" in said or "If not, that is fine" in said


# -- a class ------------------------------------------------------------------------------------------------------


def called(table: Room) -> list[str]:
    return [one.person for one in table.log if isinstance(one, HandLowered) and one.called]


def test_pupils_who_wait_are_not_passed_over_for_the_teacher_again_and_again() -> None:
    table = Room(CLASS, "class-discussion", enrolled=CLASS, host="Teacher")
    table.until("floor.asked")
    for _ in range(3):
        table.press("pass")
        table.wait(6_000)
        table.over()
    while "hand" not in table.discussion.snapshot().commands:
        table.wait(1_000)
        table.over()
    for person in ("Ana", "Ben", "Teacher"):
        table.press("hand", person)
    for _ in range(5):
        table.press("next")
        table.over()
        if "Teacher" not in table.discussion.snapshot().queue:
            table.press("hand", "Teacher")
    assert called(table)[:3] == ["Teacher", "Ana", "Ben"], "the host first, then who waited through that"
    assert called(table)[3] == "Teacher"


# -- coming late ----------------------------------------------------------------------------------------------------


def test_who_comes_late_is_greeted_aloud_and_not_into_anybodys_turn() -> None:
    table = Room(("Ana", "Ben"), "check-in", enrolled=("Ana", "Ben"))
    table.until("floor.asked")
    while "floor.asked" not in table.kinds() or table.discussion.snapshot().floor is None:
        table.wait(500)
    says(table, "Ana", 4_000)
    table.press("here", "Carla")
    assert [one.text for one in table.log if isinstance(one, Show)][-1].startswith("Welcome, Carla.")
    says(table, "Ana", 4_000)
    assert "people.soon" not in table.kinds(), "Ana has the floor"
    table.press("next")
    said = table.until("people.soon", 10_000)
    assert said.text == "Welcome, Carla. In the next gap I turn to you."
    assert table.until("floor.item", 10_000), "and Ana goes on"
