"""Whose idea an agreement was: asked once, never pressed for, and nothing is stored of who does not say."""

from __future__ import annotations

from typing import Any

import pytest

from facilitator.core.dialogue.questions import EVERYONES, WHOSE_FIRST
from facilitator.core.events import Agreed, Command, PhraseHeard
from tests.support.told_room import Room, says

LANGUAGES = ("de", "en", "es", "fr", "it", "ko", "nl", "pl", "pt")
PEOPLE = ("Ana", "Ben", "Carla")
FORM = {"name": "Talk", "summary": "A talk.", "whose_idea": True, "stage": [{"kind": "talk"}]}


def asked(people: tuple[str, ...] = PEOPLE, language: str = "en", form: Any = FORM, **fields: Any) -> Room:
    """What they agreed on has been read back; everybody takes care of it, and it has no day."""
    room = Room(people, form, language=language, enrolled=people, **fields)
    room.notes("the dishes")
    return room


@pytest.mark.parametrize(("key", "idea"), [(1, "Ana"), (3, "Carla"), (4, ""), (0, None)])
def test_by_key(key: int, idea: str | None) -> None:
    room = asked()
    room.until("note.whose")
    room.press("answer", value=key)
    assert room.kept().idea == idea


@pytest.mark.parametrize(("value", "idea"), [(WHOSE_FIRST + 1, "Ben"), (EVERYONES, ""), (0, None)])
def test_by_button(value: int, idea: str | None) -> None:
    room = asked()
    room.until("note.whose")
    room.tell(Command(at_ms=room.now_ms, name="answer", value=value, source="page"))
    assert room.kept().idea == idea


@pytest.mark.parametrize("code", LANGUAGES)
def test_by_voice_in_every_language(code: str) -> None:
    spoken = asked(language=code, hears_words=True).discussion.language.spoken.answers
    for phrase, idea in (("Ben", "Ben"), (spoken["everyone"][0], ""), (spoken["no"][0], None)):
        room = asked(language=code, hears_words=True)
        room.until("note.whose")
        room.wait(2_000)
        assert phrase in room.discussion.phrases
        room.tell(PhraseHeard(at_ms=room.now_ms, phrase=phrase, start_ms=room.now_ms - 700, end_ms=room.now_ms - 100))
        assert room.kept().idea == idea, phrase


@pytest.mark.parametrize("how", ["silence", "no", "pass"])
def test_who_does_not_say_is_asked_no_second_time(how: str) -> None:
    room = asked()
    room.until("note.whose")
    if how != "silence":
        room.press(how)
    assert room.kept().idea is None
    assert room.kinds().count("note.whose") == 1


def test_a_yes_is_nobodys_idea() -> None:
    room = asked()
    room.until("note.whose")
    room.press("yes")
    assert "note.kept" not in room.kinds() and room.discussion.snapshot().choices, "it is still asked"


def test_it_is_asked_where_the_format_says_so_and_takes_two() -> None:
    """What was held before there was the question is told again without it."""
    for room in (asked(form="open"), asked(people=("Ana",))):
        assert room.kept().idea is None
        assert "note.whose" not in room.kinds()


def test_a_rule_is_everyones_and_is_not_asked_about() -> None:
    form = {
        "name": "Rules",
        "summary": "Rules.",
        "whose_idea": True,
        "stage": [{"kind": "agree", "keep": "rule"}, {"kind": "talk"}],
    }
    room = Room(PEOPLE, form, enrolled=PEOPLE)
    room.until("agree.any")
    room.press("yes")
    room.until("note.type")
    room.tell(Command(at_ms=room.now_ms, name="note", text="one at a time"))
    room.until("note.read_back")
    room.press("yes")
    assert room.kept().kind == "rule"
    assert "note.whose" not in room.kinds()


def test_what_was_agreed_is_kept_when_the_talk_is_finished_at_the_question() -> None:
    room = asked()
    room.until("note.whose")
    room.discussion._manager.interruptions.end()  # a pause that is over, or the end
    (found,) = room.discussion._manager.session.agreed
    assert (found.text, found.idea) == ("the dishes", None)


def test_whoever_talks_on_has_answered_and_counts() -> None:
    room = asked()
    room.until("note.whose")
    says(room, "Ana", 30_000)
    assert "note.kept" in room.kinds(), "it waits for no silence"
    assert room.kept().idea is None


def test_another_one_typed_at_the_question_leaves_the_first_as_it_was_agreed_on() -> None:
    room = asked()
    room.until("note.whose")
    room.tell(Command(at_ms=room.now_ms, name="note", text="we sell the house"))
    room.until("note.read_back")
    assert [one.text for one in room.log if isinstance(one, Agreed)] == ["the dishes"]
    room.press("no")
    room.discussion._manager.interruptions.end()
    assert [(one.text, one.idea) for one in room.log if isinstance(one, Agreed)] == [("the dishes", None)]
