"""What one sentence says of an agreement: who, how often, by when; and what is left open rather than guessed."""

from __future__ import annotations

import pytest

from facilitator.core.dialogue.subdialogues.one_breath import Noted, noted
from facilitator.core.discussion import Discussion
from facilitator.core.events import Command, Say
from tests.support.simulation import setup
from tests.support.told_room import Room, says

PEOPLE = ("Ana", "Ben")
LANGUAGES = ("de", "en", "es", "fr", "it", "ko", "nl", "pl", "pt")


def said(words: str, code: str = "en") -> Noted:
    language = Discussion(setup(PEOPLE, "open", code)).language
    return noted(words, language, PEOPLE, weekday=6, day="2026-11-29")  # a Sunday


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("dishes, weekly, Ana", Noted(text="dishes", every="week", owner="Ana")),
        ("dishes weekly ana", Noted(text="dishes weekly ana", every="week", owner="Ana")),
        ("Ana takes out the rubbish every week", Noted(
            text="Ana takes out the rubbish every week", owner="Ana", every="week")),
        ("dishes: Ana and Ben by turns, weekly, from Monday", Noted(
            text="dishes", owner="Ana", every="week", by_turns=True, all_of_us=True, due_days=1)),
        ("dishes, Ben and Ana, every week", Noted(text="dishes", owner="", every="week", all_of_us=True)),
        ("we call the plumber, all of us, by Friday.", Noted(text="we call the plumber", owner="", due_days=5)),
        ("Ben calls the plumber on the third of December", Noted(
            text="Ben calls the plumber on the third of December", owner="Ben", due_days=4)),
        ("the key, Ben, in two weeks", Noted(text="the key", owner="Ben", due_days=14)),
    ],
)  # fmt: skip
def test_it_is_understood(words: str, meant: Noted) -> None:
    assert said(words) == meant


@pytest.mark.parametrize(
    ("code", "this", "following"),
    [
        ("en", "we meet again this Friday", "we meet again next Friday"),
        ("de", "wir treffen uns kommenden Freitag", "wir treffen uns nächsten Freitag"),
        ("fr", "on se revoit vendredi prochain", "on se revoit vendredi de la semaine prochaine"),
        ("es", "nos vemos el próximo viernes", "nos vemos el viernes de la semana que viene"),
        ("it", "ci vediamo venerdì prossimo", "ci vediamo venerdì della settimana prossima"),
        ("pt", "a gente se vê na próxima sexta", "a gente se vê na sexta da semana que vem"),
        ("nl", "we zien elkaar komende vrijdag", "we zien elkaar volgende vrijdag"),
        ("pl", "widzimy się w najbliższy piątek", "widzimy się w przyszły piątek"),
        ("ko", "만나요, 이번 주 금요일에", "만나요, 다음 주 금요일에"),
    ],
)
def test_which_friday_is_said_with_the_word(code: str, this: str, following: str) -> None:
    language = Discussion(setup(PEOPLE, "open", code)).language
    for weekday, days, later in ((0, 4, 11), (3, 1, 8), (4, 7, 7), (6, 5, 5)):
        for words, due in ((this, days), (following, later)):
            found = noted(words, language, PEOPLE, weekday=weekday, day="")
            assert found.due_days == due, (words, weekday)


@pytest.mark.parametrize(
    "words",
    [
        "the key is for Ana",
        "nobody asks where Ben was on any given monday or a week",
        "no sugar for two weeks",
        "we have dinner together every other week",
        "Ana and Ben eat together",
        "we tell each other what happened today",
        "weekly",
        "Ana",
        "one at a time",
    ],
)
def test_what_could_mean_something_else_is_left_open(words: str) -> None:
    assert said(words) == Noted(text=words)


def test_two_names_or_two_days_are_not_put_together() -> None:
    for words in ("the dishes, Ana, Ben", "the dishes, weekly, monthly", "the dishes, on Friday, tomorrow"):
        assert said(words) == Noted(text=words)


@pytest.mark.parametrize("code", LANGUAGES)
def test_in_every_language(code: str) -> None:
    spoken = Discussion(setup(PEOPLE, "open", code)).language.spoken
    for name, every in (("every-week", "week"), ("every-fortnight", "fortnight"), ("every-month", "month")):
        for phrase in spoken.answers[name][:1]:
            assert said(f"x y, Ben, {phrase}", code) == Noted(text="x y", owner="Ben", every=every)  # type: ignore[arg-type]
    for phrase in spoken.days["weekdays"][4].split(" / "):
        assert said(f"x y, {phrase}", code).due_days == 5, phrase
    assert said(f"x y, {spoken.answers['everyone'][0]}", code).owner == ""


# --- how it is asked ---------------------------------------------------------------------------------------------


def agreed(text: str, form: object = "open", **options: object) -> Room:
    room = Room(PEOPLE, form, enrolled=PEOPLE, **options)
    room.noted(text)
    return room


FORM = {"name": "T", "summary": "A talk.", "whose_idea": True, "who_decided": True, "stage": [{"kind": "talk"}]}
RULE = ({"text": "Purchases wait", "days": 2},)


@pytest.mark.parametrize(
    ("text", "form", "rules", "asked"),
    [
        ("dishes, weekly, Ana", "open", (), ["takes_on"]),
        ("dishes, weekly", "open", (), ["who"]),
        ("dishes, Ana", "open", (), ["takes_on", "when"]),
        ("dishes", "open", (), ["who", "when"]),
        ("dishes", "open", RULE, ["who", "cools"]),
        ("dishes", FORM, (), ["whose", "decided"]),
        ("dishes, Ana, on Friday", FORM, (), ["takes_on", "whose", "decided"]),
        ("dishes", FORM, RULE, ["whose", "cools"]),
    ],
)
def test_at_most_two_things_are_asked_and_whether_who_was_named_takes_it_on(
    text: str, form: object, rules: tuple[dict[str, object], ...], asked: list[str]
) -> None:
    room = agreed(text, form, cooling_rules=rules)
    room.kept()
    found = [kind.removeprefix("note.") for kind in room.kinds() if kind.startswith("note.")]
    assert [kind for kind in found if kind not in ("read_back", "nobody_yet", "kept", "kept_as")] == asked


@pytest.mark.parametrize("value", [10, 11, 9, 0])
def test_who_decided_is_kept_beside_whose_idea_it_was(value: int) -> None:
    room = agreed("the sofa", FORM)
    room.until("note.whose")
    room.tell(Command(at_ms=room.now_ms, name="answer", value=10, source="page"))
    room.until("note.decided")
    room.tell(Command(at_ms=room.now_ms, name="answer", value=value, source="page"))
    found = room.kept()
    assert (found.idea, found.decided) == ("Ana", {10: "Ana", 11: "Ben", 9: "", 0: None}[value])


def test_a_yes_to_by_when_is_no_day() -> None:
    room = agreed("dishes")
    room.until("note.who")
    room.press("no")
    room.until("note.when")
    room.press("yes")
    room.press("no")
    assert room.kept().due_days is None


def test_who_talks_on_has_answered_and_what_they_say_counts_again_soon() -> None:
    room = agreed("dishes")
    for question in ("who", "when"):
        room.until(f"note.{question}")
        began_ms = room.now_ms
        says(room, "Ana", 25_000)
        following = next(o for o in room.log if isinstance(o, Say) and o.at_ms > began_ms)
        assert following.at_ms - began_ms <= 21_000
    room.until("note.kept")
    room.wait(1_000)
    assert room.kept_last().text == "dishes" and room.discussion._manager.interruptions.none


def test_the_words_are_kept_when_the_talk_is_finished_at_a_question() -> None:
    """They said yes to them; nobody has taken it on, so it is nobody's."""
    room = agreed("dishes, Ana, on Friday")
    room.until("note.takes_on")
    room.press("finish")
    assert (room.kept_last().text, room.kept_last().owner, room.kept_last().due_days) == ("dishes", "", 4)
