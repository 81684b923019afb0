"""What comes between and around the talk: notes, breaks, questions, unfinished business, hands, hosts, other shares."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest

from facilitator.core.events import (
    Activity,
    Agreed,
    AgreementChecked,
    BreakAgreed,
    Chime,
    Command,
    Continued,
    Dictate,
    Dictated,
    Fact,
    Finish,
    FloorExtended,
    FloorGranted,
    FloorReleased,
    HandLowered,
    HandRaised,
    Heard,
    Intrusion,
    NextAgreed,
    Paused,
    Rated,
    Reviewed,
    Say,
    SessionEnded,
    Show,
    SourceEnded,
    StageStarted,
)
from facilitator.core.language.wording import parse_language
from facilitator.resources.prompts import read_language
from tests.core.dialogue.test_discussion import Quiet
from tests.support.simulation import PROMPTS
from tests.support.told_room import Room

MINUTE_MS = 60_000
LANGUAGES = sorted(path.stem for path in (PROMPTS / "languages").glob("*.toml"))


def answer(table: Quiet, value: int, *, voice: bool = False) -> None:
    table.take(Command(at_ms=table.now_ms, name="answer", value=value, source="voice" if voice else "key"))


def hear(table: Quiet, person: str, seconds: float) -> None:
    """This person speaks for so long, and is heard to."""
    table.speech(on=True)
    start_ms = table.now_ms
    table.wait(round(seconds * 1000))
    table.take(Heard(at_ms=table.now_ms, start_ms=start_ms, end_ms=table.now_ms, people=(person,), confidence=0.95))
    table.speech(on=False)


# --- notes ------------------------------------------------------------------------------------------


def test_a_typed_note_is_read_back_and_kept_with_who_and_by_when() -> None:
    table = Quiet(weekday=2)  # a Wednesday
    table.wait(5_000)
    used_ms = table.view.floor_used_ms
    table.take(Command(at_ms=table.now_ms, name="note", text="  Ben books   the table "))
    assert table.of(Say)[-1].text == "I have: Ben books the table. Is that right? Press y for yes or n for no."
    table.press("yes")
    assert table.of(Say)[-1].text == "Ben, will you take it on? A no is fine. Press y for yes or n for no."
    table.press("yes")
    assert table.said()[-1] == "note.when"
    friday = next(c for c in table.view.choices if c.label == "friday")
    answer(table, friday.value, voice=True)
    agreed = table.of(Agreed)
    assert [(a.text, a.owner, a.due_days, a.number) for a in agreed] == [("Ben books the table", "Ben", 2, 1)]
    assert table.said()[-1] == "pause.end_floor", "the turn goes on, with the time it had"
    table.wait(100)
    assert table.view.floor == "Ana"
    assert used_ms <= table.view.floor_used_ms <= used_ms + 200


def test_by_when_can_be_a_date() -> None:
    table = Quiet(weekday=6, day="2026-11-29")
    table.take(Command(at_ms=table.now_ms, name="note", text="the roof"))
    table.press("yes")
    answer(table, 2)
    table.press("yes")
    may = next(c for c in table.view.choices if "on the third of may" in c.phrases)
    assert not may.shown
    answer(table, may.value, voice=True)
    assert table.of(Say)[-2].text == "It is written down: Ben, on the third of May."
    assert [a.due_days for a in table.of(Agreed)] == [155]


def test_a_note_that_is_not_right_is_not_kept() -> None:
    table = Quiet()
    table.take(Command(at_ms=table.now_ms, name="note", text="nonsense"))
    table.press("no")
    assert "note.dropped" in table.said()
    assert not table.of(Agreed)
    table.wait(500)
    assert table.view.floor == "Ana"


def test_who_says_nothing_to_the_reading_back_has_not_agreed() -> None:
    table = Quiet()
    table.take(Command(at_ms=table.now_ms, name="note", text="something"))
    table.wait(60_000)
    assert table.said().count("note.read_back") == 2, "asked once more"
    assert not table.of(Agreed)


def test_dictation_goes_on_to_the_end_of_the_sentence_and_a_no_gives_a_second_try() -> None:
    table = Quiet(hears_words=True)
    table.take(Command(at_ms=table.now_ms, name="note", source="voice", value=table.now_ms - 300))
    (begun,) = table.of(Dictate)
    assert begun.on and begun.since_ms == table.now_ms - 300, "what was said in the same breath belongs to it"
    table.speech(on=True)
    table.wait(4_000)
    assert "note.listening" not in table.said(), "who has begun need not be asked"
    table.speech(on=False)
    table.take(Dictated(at_ms=table.now_ms, text="we eat at seven", start_ms=0, end_ms=1))
    assert [d.on for d in table.of(Dictate)] == [True, False]
    table.press("no")
    assert [d.on for d in table.of(Dictate)] == [True, False, True]
    table.wait(1_500)
    assert table.said()[-1] == "note.again"
    table.take(Dictated(at_ms=table.now_ms, text="we eat at eight", start_ms=0, end_ms=1))
    table.press("yes")
    answer(table, 0)
    answer(table, 0)
    assert [(a.text, a.owner, a.due_days) for a in table.of(Agreed)] == [("we eat at eight", "", None)]


def test_a_note_without_a_word_is_given_up() -> None:
    table = Quiet(hears_words=True)
    table.take(Command(at_ms=table.now_ms, name="note"))
    table.wait(25_000)
    said = table.said()
    assert said[said.index("note.dropped") + 1] == "pause.end_floor"
    assert [d.on for d in table.of(Dictate)] == [True, False]


def test_what_is_said_over_a_note_is_no_airtime_and_no_cut_in() -> None:
    table = Quiet()
    table.take(Command(at_ms=table.now_ms, name="note", text="something"))
    hear(table, "Ben", 4)
    table.press("no")
    table.wait(10_000)
    assert not table.of(Intrusion)
    assert table.discussion.summary().airtime_ms == 0


def test_finishing_in_the_middle_of_a_dictation_ends_it() -> None:
    table = Quiet(hears_words=True)
    table.press("note")
    table.press("finish")
    assert [d.on for d in table.of(Dictate)] == [True, False], "not a word more is wanted"
    table.take(Dictated(at_ms=table.now_ms, text="something private", start_ms=0, end_ms=1))
    assert not table.of(Agreed)


def test_a_question_waits_through_a_pause() -> None:
    table = Quiet(form="check-in")
    assert table.said()[-1] == "rate.arriving"
    table.press("pause")
    table.wait(10 * MINUTE_MS)
    assert table.said().count("rate.arriving") == 1
    table.press("pause")
    assert table.said()[-1] == "rate.arriving"
    assert table.of(Say)[-1].person == "Ana"


def test_unfinished_business_waits_through_a_pause() -> None:
    table = Quiet(return_in_ms=60 * MINUTE_MS)
    table.press("yes")
    table.press("pause")
    table.press("pause")
    assert table.of(Say)[-1].person == "Ben", "who said yes is not asked again"


# --- breaks -----------------------------------------------------------------------------------------


def test_a_short_break_is_kept_and_begins_again_when_somebody_says_so() -> None:
    table = Quiet()
    table.wait(5_000)
    table.press("break")
    assert table.of(Paused)
    assert "break.ask" in table.said()
    answer(table, 2)
    assert [b.return_in_ms for b in table.of(BreakAgreed)] == [10 * MINUTE_MS]
    table.wait(9 * MINUTE_MS)
    assert "break.over" not in table.said()
    table.wait(MINUTE_MS + 100)
    assert "break.over" in table.said()
    assert not table.of(Continued), "nothing begins by itself"
    table.press("go-on")
    assert table.of(Continued)
    assert table.said()[-1] == "pause.end_floor"
    assert table.view.floor == "Ana"
    assert table.view.floor_used_ms < 6_000


def test_a_long_break_ends_the_session_and_is_remembered() -> None:
    table = Quiet(steps=("take a walk", "call Grace"))
    table.press("break")
    answer(table, 6)
    assert [b.return_in_ms for b in table.of(BreakAgreed)] == [24 * 60 * MINUTE_MS]
    assert table.said()[-1] == "break.ask_steps"
    table.press("yes")
    assert "take a walk and call Grace" in next(s.text for s in table.of(Say) if s.prompt_kind == "break.steps")
    assert [e.reason for e in table.of(SessionEnded)] == ["break"]
    assert [r.reason for r in table.of(FloorReleased)] == ["finish"]
    assert isinstance(table.log[-1], Finish)


def test_a_break_of_which_nobody_says_how_long_is_a_short_one() -> None:
    table = Quiet()
    table.press("break")
    table.wait(40_000)
    assert [b.return_in_ms for b in table.of(BreakAgreed)] == [20 * MINUTE_MS]


def test_a_session_reopened_early_asks_everyone() -> None:
    table = Quiet(return_in_ms=60 * MINUTE_MS)
    assert table.said() == ["business.early", "business.ready"]
    table.press("yes")
    assert table.of(Say)[-1].person == "Ben"
    table.press("no")
    assert table.said()[-1] == "business.not_yet"
    assert [e.reason for e in table.of(SessionEnded)] == ["break"]
    (kept,) = table.of(BreakAgreed)
    assert 59 * MINUTE_MS < kept.return_in_ms <= 60 * MINUTE_MS


def test_when_all_are_ready_it_begins() -> None:
    table = Quiet(return_in_ms=60 * MINUTE_MS)
    table.press("yes")
    table.press("yes")
    assert table.view.floor == "Ana"
    assert [s.kind for s in table.of(StageStarted)] == ["business", "opening", "turns"]


def test_a_break_that_is_over_is_welcomed_and_what_is_due_is_asked_for() -> None:
    due = (
        {"agreement": 7, "text": "Ben calls the plumber", "owner": "Ben"},
        {"agreement": 9, "text": "we save", "cooled": True},
    )
    table = Quiet(return_in_ms=-5, due=due)
    assert table.said() == ["business.back", "business.due_owner"]
    table.press("yes")
    assert table.said()[-2:] == ["business.kept", "business.decision"]
    table.press("no")
    assert [(c.agreement, c.kept) for c in table.of(AgreementChecked)] == [(7, True), (9, False)]
    assert table.view.floor == "Ana"


def test_who_does_not_answer_about_an_agreement_is_not_pressed() -> None:
    table = Quiet(due=({"agreement": 7, "text": "something", "owner": ""},))
    table.wait(60_000)
    assert not table.of(AgreementChecked)
    assert table.view.floor is not None


# --- finishing, quiet, status --------------------------------------------------------------------------


def test_finishing_by_voice_is_confirmed_first() -> None:
    table = Quiet()
    table.take(Command(at_ms=table.now_ms, name="finish", source="voice"))
    assert table.said()[-1] == "confirm.finish"
    table.wait(30_000)
    assert "confirm.kept_on" in table.said()
    assert table.view.floor == "Ana"
    table.take(Command(at_ms=table.now_ms, name="finish", source="voice"))
    table.press("yes")
    assert table.view.stage_kind in ("rate", "closing")


def test_speak_ends_quiet_and_changes_nothing_else() -> None:
    table = Quiet()
    table.press("speak")
    assert not table.view.quiet
    table.press("quiet")
    table.press("speak")
    assert not table.view.quiet
    assert table.said()[-1] == "quiet.off"


def test_how_are_we_doing() -> None:
    table = Quiet(form="open")
    table.press("status")
    assert table.said()[-1] == "status.nothing"
    hear(table, "Ana", 60)
    hear(table, "Ben", 20)
    table.press("status")
    table.wait(1_000)
    assert table.of(Say)[-1].text == "So far: Ana about seventy-five percent and Ben about twenty-five percent."


def test_the_budget_is_kept_and_beyond_it_things_are_shown() -> None:
    table = Quiet(budget=0, minutes=2)
    table.speech(on=True)
    table.wait(61_000)
    table.speech(on=False)
    table.wait(1_000)
    assert "floor.minute" not in table.said()
    assert "One minute left." in [s.text for s in table.of(Show)]
    assert "minute" in [c.chime for c in table.of(Chime)]


# --- the closing -----------------------------------------------------------------------------------------


def test_guesses_come_before_the_figures_and_are_told_beside_them() -> None:
    table = Quiet(form="open")
    hear(table, "Ana", 60)
    hear(table, "Ben", 20)
    table.press("finish")
    assert table.said()[-1] == "rate.share"
    answer(table, 4)
    answer(table, 6)
    assert [(r.person, r.value) for r in table.of(Rated)] == [("Ana", 40), ("Ben", 60)]
    table.take(Reviewed(at_ms=table.now_ms))
    told = [s.text for s in table.of(Say) if s.prompt_kind == "summary.shares"]
    assert told == [
        "In the order you sit: Ana about seventy-five percent, with a guess of forty "
        "and Ben about twenty-five percent, with a guess of sixty."
    ]
    order = table.said()
    assert order.index("rate.share") < order.index("summary.shares")


@pytest.mark.parametrize("form", ["repair", "check-in"])
def test_who_is_asked_once_more_is_asked_as_the_first_was(form: str) -> None:
    """Not "and you?", as if somebody else had just answered."""
    table = Room(("Ana", "Ben", "Carla"), form, enrolled=("Ana", "Ben", "Carla"), hears_words=True)
    if form == "repair":
        table.wait(1_000)
        table.over()
        table.press("finish")
        table.tell(Reviewed(at_ms=table.now_ms))
    kind = "rate.leaving" if form == "repair" else "rate.arriving"
    asked = [table.until(kind).text for _ in range(6)]
    assert [text.split(",")[0] for text in asked] == ["Ana", "Ana", "And you", "Ben", "And you", "Carla"]
    assert all("from one, heavy, to five, light" in text for text in asked if not text.startswith("And you"))


@pytest.mark.parametrize("code", LANGUAGES)
def test_when_to_talk_again_is_said_as_a_day(code: str) -> None:
    language = parse_language(read_language(PROMPTS / f"languages/{code}.toml"))
    table = Room(("Ana", "Ben"), "repair", enrolled=("Ana", "Ben"), language=code, day="2026-11-30")
    table.wait(1_000)
    table.over()
    table.press("finish")
    table.tell(Reviewed(at_ms=table.now_ms))
    for _ in table.discussion.setup.people:
        table.until("rate.leaving")
        table.press("answer", value=5)
    table.until("closing.next")
    table.tell(Command(at_ms=table.now_ms, name="answer", value=4, source="key"))
    day, said = language.day(datetime.date(2026, 12, 14)), table.until("closing.next_day").text
    assert day in said or (day[1:] in said and said.startswith(day[0].upper()))
    assert [o.in_days for o in table.log if isinstance(o, NextAgreed)] == [14]


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_day_within_a_sentence_begins_as_it_is_written(code: str) -> None:
    day = parse_language(read_language(PROMPTS / f"languages/{code}.toml")).day(datetime.date(2026, 12, 7))
    assert day[0] == day[0].lower()


def test_the_question_comes_last_and_the_next_date_is_kept() -> None:
    table = Quiet(form="repair", enrolled=("Ana", "Ben"))
    table.press("finish")
    table.take(Reviewed(at_ms=table.now_ms))
    answer(table, 3)
    answer(table, 5)
    assert [(r.what, r.value) for r in table.of(Rated)] == [("leaving", 3), ("leaving", 5)]
    answer(table, 3)
    assert [n.in_days for n in table.of(NextAgreed)] == [7]
    said = table.said()
    assert said[-3:-1] == ["closing.next_kept", said[-2]]
    assert said[-2].startswith("questions.")
    assert said[-1] == "closing.thanks"


# --- this table's own wishes ------------------------------------------------------------------------------


def test_who_needs_more_time_has_more_of_it() -> None:
    table = Quiet(extra_time={"Ben": 2.0})
    table.press("next")
    limits = {g.person: g.limit_ms for g in table.of(FloorGranted)}
    assert limits == {"Ana": 5 * MINUTE_MS, "Ben": 10 * MINUTE_MS}
    table.wait(58_000)
    assert "floor.check_begin" not in table.said(), "and more patience with silence"
    table.wait(5_000)
    assert "floor.check_begin" in table.said()


def test_a_host_has_no_turn_and_no_part_in_the_balance() -> None:
    table = Quiet(3, host="Ana", enrolled=("Ana", "Ben", "Carla"))
    assert [g.person for g in table.of(FloorGranted)] == ["Ben"]
    hear(table, "Ben", 70)
    table.press("next")
    hear(table, "Carla", 70)
    table.press("next")
    summary = table.discussion.summary()
    assert summary.balance == pytest.approx(1.0, abs=0.01)


def test_names_are_said_as_they_are_spelled_for_the_voice() -> None:
    table = Quiet(pronounced={"Ana": "Ah-nah"})
    granted = next(s for s in table.of(Say) if s.prompt_kind == "floor.granted")
    assert "Ana" in granted.text and "Ah-nah" not in granted.text
    assert granted.aloud == granted.text.replace("Ana", "Ah-nah")


def test_who_starts_rotates_where_the_format_says_so() -> None:
    table = Quiet(3, first="Carla", enrolled=("Ana", "Ben", "Carla"))
    assert [g.person for g in table.of(FloorGranted)] == ["Carla"]
    table.press("next")
    table.press("next")
    assert [g.person for g in table.of(FloorGranted)] == ["Carla", "Ana", "Ben"]


def test_what_is_left_of_a_turn_is_kept_for_the_next() -> None:
    table = Quiet(3, form="class-discussion", host="Ana", enrolled=("Ana", "Ben", "Carla"))
    table.wait(5_000)
    table.press("next")
    table.wait(5_000)
    table.press("next")
    table.press("next")  # the talk
    table.wait(2_000)
    saved = [e for e in table.of(FloorExtended) if e.reason == "saved"]
    used_ms = table.of(FloorReleased)[0].used_ms
    assert [(e.person, e.added_ms) for e in saved] == [("Ben", 5 * MINUTE_MS - used_ms)]


# --- the queue ------------------------------------------------------------------------------------------------


def talk_with_a_queue() -> Quiet:
    table = Quiet(3, form="debate", enrolled=("Ana", "Ben", "Carla"))
    while table.view.stage_kind != "talk":
        table.press("next")
    return table


def test_the_least_heard_of_those_who_raised_a_hand_is_called_in_a_pause() -> None:
    table = talk_with_a_queue()
    hear(table, "Ana", 30)
    hear(table, "Ben", 10)
    table.speech(on=True)
    answer(table, 1)
    answer(table, 2)
    answer(table, 3)
    assert table.view.queue == ("Ana", "Ben", "Carla")
    assert [h.person for h in table.of(HandRaised)] == ["Ana", "Ben", "Carla"]
    table.wait(20_000)
    assert "talk.called" not in table.said(), "not into somebody's speech"
    table.speech(on=False)
    table.wait(1_500)
    assert [s.person for s in table.of(Say) if s.prompt_kind == "talk.called"] == ["Carla"]
    assert list(table.view.queue) == ["Ana", "Ben"]
    hear(table, "Carla", 5)
    table.wait(6_000)
    assert [s.person for s in table.of(Say) if s.prompt_kind == "talk.called"][:2] == ["Carla", "Ben"]
    assert all(h.called for h in table.of(HandLowered))


def test_a_hand_can_be_taken_down() -> None:
    table = talk_with_a_queue()
    table.speech(on=True)
    answer(table, 2)
    answer(table, 2)
    assert table.view.queue == ()
    assert [(h.person, h.called) for h in table.of(HandLowered)] == [("Ben", False)]


def test_a_seat_that_is_not_there_raises_no_hand() -> None:
    table = talk_with_a_queue()
    answer(table, 9)
    assert table.view.queue == ()


def test_somebody_speaking_is_waited_for() -> None:
    table = Quiet()
    table.take(Activity(at_ms=table.now_ms, speaking=True, start_ms=table.now_ms))
    table.take(Command(at_ms=table.now_ms, name="note", text="x"))
    assert table.said()[-1] == "note.read_back", "whoever typed it expects it now"


@pytest.mark.parametrize("end", [Command(at_ms=0, name="finish", source="program"), SourceEnded(at_ms=0)])
@pytest.mark.parametrize("form", ["open", "round-robin", "check-in", "quarterly-review"])
def test_where_nobody_is_there_to_answer_nothing_is_asked_in_the_closing(form: str, end: Fact) -> None:
    table = Quiet(form=form)
    table.wait(5_000)
    before = len(table.said())
    table.take(replace(end, at_ms=table.now_ms))
    assert not table.view.choices
    table.take(Reviewed(at_ms=table.now_ms))
    began_ms = table.now_ms
    while not table.view.ended:
        assert not table.view.choices, "nobody is waited for"
        assert table.discussion.deadline_ms is not None
        table.wait(1_000)
    assert table.now_ms - began_ms < 30_000
    assert "closing.thanks" in table.said()[before:]
