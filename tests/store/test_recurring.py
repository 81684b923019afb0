"""Agreements that come again and go round: made in a session or by command, brought up when due, in the calendar."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import icalendar
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from facilitator.cli import cli
from facilitator.commands.stored.calendar_entries import dates_of, spread
from facilitator.core.agreements import Agreement
from facilitator.core.events import Agreed, AgreementChecked, Command, Every, Review, Reviewed, Say
from facilitator.core.language.wording import capital
from facilitator.errors import StoreError
from facilitator.report.agreements import made, page
from facilitator.report.output.calendar import calendar
from facilitator.resources.texts import texts_of
from facilitator.store.carry_over import left_over
from facilitator.store.notebook.notebook import Notebook
from facilitator.store.notebook.recurring import RULES, Recurrence, Time, every_of, rule_of, series_of
from facilitator.store.reader import Reader
from facilitator.store.session_log import Store
from facilitator.store.session_notes import agreements_of
from tests.support.table_talk import TableTalk, open_talk
from tests.support.texts import ENGLISH
from tests.support.told_room import Room

UTC = datetime.UTC
DAY = datetime.timedelta(days=1)
PEOPLE = ("Ana", "Ben")
LANGUAGES = ("de", "en", "es", "fr", "it", "ko", "nl", "pl", "pt")


def noted(text: str, language: str = "en") -> Room:
    """It is read back, and they agree."""
    room = Room(PEOPLE, "open", language=language, enrolled=PEOPLE, day="2026-04-26", weekday=6)
    room.noted(text)
    return room


@pytest.mark.parametrize("code", LANGUAGES)
def test_in_one_breath_it_comes_again_and_goes_round_and_how_it_is_kept_is_read_back(code: str) -> None:
    language = Room(PEOPLE, "open", language=code).discussion.language
    every, turns = language.spoken.answers["every-week"][0], language.spoken.answers["by-turns"][0]
    room = noted(f"the dishes, {language.listed(['Ben', 'Ana'])}, {turns}, {every}", code)
    assert "Ben" in room.until("note.by_turns").text
    room.press("yes")
    assert "Ana" in room.until("note.turn").text
    room.press("yes")
    said = room.until("note.kept_as").text
    agreed = room.kept_last()
    assert (agreed.text, agreed.every, agreed.by_turns, agreed.owner) == ("the dishes", "week", True, "Ben")
    assert (agreed.due_days, agreed.people) == (7, ("Ben", "Ana"))
    for part in ("Ben", every, turns, language.day(datetime.date(2026, 5, 3))):
        assert part in said
    assert not {"note.who", "note.when"} & {*room.kinds()}


def test_how_often_is_an_answer_to_by_when_and_what_is_everyones_does_not_go_round() -> None:
    room = noted("the dishes")
    room.until("note.who")
    room.press("answer", value=0)
    room.until("note.when")
    room.press("answer", value=7)
    room.until("note.kept_as")
    agreed = room.kept_last()
    assert (agreed.every, agreed.by_turns, agreed.owner, agreed.due_days) == ("week", False, "", 7)
    room = noted("the dishes by Friday")
    room.until("note.who")
    room.press("answer", value=0)
    assert room.kept().every == ""


HOSTED = ("Maria", "Ana", "Ben")


def goes_round(text: str, *answers: str) -> Room:
    """Maria hosts. What is asked is answered like this, and from then on with silence."""
    room = Room(HOSTED, "open", enrolled=HOSTED, host="Maria", day="2026-04-26", weekday=6)
    room.noted(text)
    for answer in answers:
        room.until(room.being_said())
        room.press(answer)
    room.kept()
    return room


def test_by_turns_begins_with_nobody_who_only_hosts_and_each_says_yes() -> None:
    room = goes_round("the dishes, by turns, every week", "yes", "yes")
    assert [one for one in room.kinds() if one in ("note.by_turns", "note.turn")] == ["note.by_turns", "note.turn"]
    assert (room.kept_last().owner, room.kept_last().people) == ("Ana", ("Ana", "Ben"))
    room.press("finish")
    while not any(isinstance(one, Review) for one in room.log):
        room.wait(5_000)
        room.over()
    room.tell(Reviewed(at_ms=room.now_ms))
    assert room.until("closing.agreement_turns").text == "You agreed: the dishes. You take turns, and Ana begins."


@pytest.mark.parametrize("answers", [("yes",), ("yes", "no"), ("no",), ()])
def test_one_yes_is_not_everybodys(answers: tuple[str, ...]) -> None:
    room = goes_round("the dishes, by turns, every week", *answers)
    assert (room.kept_last().by_turns, room.kept_last().people, room.kept_last().owner) == (False, (), "")


def test_where_it_does_not_go_round_who_was_named_is_asked_whether_they_take_it_on() -> None:
    room = goes_round("the dishes, Ben, by turns, every week", "yes", "no", "yes")
    assert (room.kept_last().by_turns, room.kept_last().owner, room.kept_last().every) == (False, "Ben", "week")
    room = goes_round("the dishes, Ben, by turns, every week", "no", "no")
    assert (room.kept_last().by_turns, room.kept_last().owner) == (False, "")


def test_a_decision_keeps_its_words() -> None:
    form = {"name": "T", "summary": "T.", "stage": [{"kind": "agree", "keep": "decision"}, {"kind": "talk"}]}
    room = Room(PEOPLE, form, enrolled=PEOPLE, day="2026-04-26", weekday=6)
    room.until("agree.any")
    room.press("yes")
    room.until("note.type")
    room.tell(Command(at_ms=room.now_ms, name="note", text="the money, by turns, every week, Ana"))
    room.until("note.read_back")
    room.press("yes")
    agreed = room.kept()
    assert (agreed.kind, agreed.text, agreed.every) == ("decision", "the money, by turns, every week", "")


def test_a_host_is_in_no_rotation(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "talks.db")
    table = TableTalk(store, open_talk(*HOSTED, hears_words=False, host="Maria"))
    about: dict[str, Any] = {"kind": "agreement", "due_days": 7, "every": "week", "by_turns": True}
    store.write([Agreed(at_ms=1_000, number=1, text="the dishes", owner="Ben", people=("Ben", "Ana"), **about)])
    table.finish()
    store.close()
    with Notebook.open(tmp_path / "talks.db") as times:
        assert series_of(times)[1].turns == ("Ben", "Ana")
        times.repeat(1, "week", by_turns=True)
        assert series_of(times)[1].turns == ("Ben", "Ana")


# --- the days --------------------------------------------------------------------------------------------------------


SUNDAY = datetime.date(2026, 5, 3)
WEEKLY = Recurrence(rule=RULES["week"], starts_on=SUNDAY, turns=("Ben", "Ana"))


def test_it_goes_round_and_a_day_that_is_left_out_moves_nobody() -> None:
    assert [WEEKLY.person(SUNDAY + 7 * number * DAY) for number in range(4)] == ["Ben", "Ana", "Ben", "Ana"]
    second, third = SUNDAY + 7 * DAY, SUNDAY + 14 * DAY
    changed = Recurrence(
        rule=WEEKLY.rule,
        starts_on=SUNDAY,
        turns=WEEKLY.turns,
        times={second: Time(skipped=True), third: Time(person="Ana")},
    )
    assert changed.next_after(SUNDAY) == third
    assert (changed.person(third), changed.person(SUNDAY + 21 * DAY)) == ("Ana", "Ana")
    assert changed.due(second) == SUNDAY


def test_only_the_latest_time_is_due_and_only_until_something_was_said_of_it() -> None:
    assert WEEKLY.due(SUNDAY - DAY) is None
    assert WEEKLY.due(SUNDAY + 20 * DAY) == SUNDAY + 14 * DAY
    said = Recurrence(rule=WEEKLY.rule, starts_on=SUNDAY, times={SUNDAY: Time(kept=False)})
    assert said.due(SUNDAY + DAY) is None
    assert said.due(SUNDAY + 7 * DAY) == SUNDAY + 7 * DAY


@settings(deadline=None)
@given(
    st.sampled_from(list(RULES)),
    st.dates(datetime.date(2024, 1, 1), datetime.date(2028, 12, 31)),
    st.integers(1, 4),
)
def test_in_turn_everyones_days_are_all_the_days(every: Every, start: datetime.date, people: int) -> None:
    rule = rule_of(every, start)
    assert every_of(rule) == every
    turns = tuple("ABCD"[:people])
    series = Recurrence(rule=rule, starts_on=start, turns=turns)
    days = series.days(start, start + 300 * DAY)
    mine = [
        Recurrence(rule=spread(rule, people), starts_on=first).days(first, start + 300 * DAY) for first in days[:people]
    ]
    assert sorted(day for one in mine for day in one) == days
    for name, theirs in zip(turns, mine, strict=False):
        assert all(series.person(day) == name for day in theirs)


# --- stored ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A session of the 26th of April 2026, in which the dishes were agreed on, from the third of May on."""
    path = tmp_path / "talks.db"
    store = Store.open(path)
    table = TableTalk(store, open_talk("Ana", "Ben", hears_words=False))
    agreed = Agreed(
        at_ms=1_000, number=1, kind="agreement", text="the dishes", owner="Ben", due_days=7, every="week", by_turns=True
    )
    table.now_ms = 1_000
    store.write([agreed])
    table.finish()
    store.close()
    return path


def starts(path: Path) -> datetime.date:
    with Reader.open(path) as reader:
        (series,) = series_of(reader).values()
    return series.starts_on


def test_it_is_stored_listed_and_brought_up_when_it_is_due(path: Path) -> None:
    first = starts(path)
    with Reader.open(path) as reader:
        (one,) = agreements_of(reader)
        assert (one.every, one.turns) == ("week", ("Ben", "Ana"))
        form = reader.stored(1).format
        before = left_over(reader, PEOPLE, form, _at(first - DAY))
        due = left_over(reader, PEOPLE, form, _at(first + DAY)).due
    assert before.due == ()
    assert [(row["owner"], row["day"], row["next_owner"], row["next_day"]) for row in due] == [
        ("Ben", first.isoformat(), "Ana", (first + 7 * DAY).isoformat())
    ]
    room = Room(PEOPLE, "open", enrolled=PEOPLE, due=due)
    asked = room.until("business.due_turn").text
    assert "Ben" in asked and "the dishes" in asked
    room.press("no")
    told = room.until("business.next_turn").text
    assert "Ana" in told
    (checked,) = [one for one in room.log if isinstance(one, AgreementChecked)]
    assert (checked.kept, checked.day) == (False, first.isoformat())
    assert not [one for one in room.log if isinstance(one, Say) and one.prompt_kind == "business.open"]


def test_what_was_said_of_a_time_is_kept_for_that_time_alone(path: Path) -> None:
    first = starts(path)
    with Reader.open(path) as reader:
        due = left_over(reader, PEOPLE, reader.stored(1).format, _at(first)).due
    store = Store.open(path)
    table = TableTalk(store, open_talk("Ana", "Ben", hears_words=False, due=due))
    store.write([AgreementChecked(at_ms=10, agreement=1, kept=True, day=first.isoformat())])
    table.finish()
    store.close()
    with Reader.open(path) as reader:
        (series,) = series_of(reader).values()
        assert series.times[first].kept is True
        assert series.due(first + DAY) is None
        assert series.due(first + 7 * DAY) == first + 7 * DAY
        assert agreements_of(reader)[0].kept is None, "it goes on"


def test_by_command_it_is_made_swapped_left_out_and_ended(path: Path) -> None:
    first = starts(path)
    weeks = (datetime.datetime.now().astimezone().date() - first) // (7 * DAY) + 1  # what is over is not listed
    second, third = first + 7 * weeks * DAY, first + 7 * (weeks + 1) * DAY
    run = CliRunner().invoke
    assert run(cli, ["agreements", "--db", str(path), "--swap", "1", second.isoformat(), "Ben"]).exit_code == 0
    assert run(cli, ["agreements", "--db", str(path), "--skip", "1", third.isoformat()]).exit_code == 0
    listed = run(cli, ["agreements", "--db", str(path)]).output
    assert "every week" in listed and "by turns: Ben and Ana" in listed
    assert f"next on {ENGLISH.day(second)}: Ben; not on {ENGLISH.day(third)}" in " ".join(listed.split())
    assert " ".join(listed.split()).count(ENGLISH.day(second)) == 1, "what is next is told once"
    told = json.loads(run(cli, ["agreements", "--db", str(path), "--json"]).output)[0]["otherwise"]
    assert told == [{"day": second.isoformat(), "owner": "Ben"}, {"day": third.isoformat(), "owner": None}]
    with Reader.open(path) as reader:
        (series,) = series_of(reader).values()
        assert (series.person(second), series.next_after(second)) == ("Ben", third + 7 * DAY)
    wrong = run(cli, ["agreements", "--db", str(path), "--skip", "1", (first + DAY).isoformat()])
    assert wrong.exit_code == 1 and "is none of its days; the next one is" in wrong.output
    assert run(cli, ["agreements", "--db", str(path), "--by-turns"]).exit_code == 2
    assert run(cli, ["agreements", "--db", str(path), "--every", "1", "month"]).exit_code == 0
    assert "every month" in run(cli, ["agreements", "--db", str(path)]).output
    assert run(cli, ["agreements", "--db", str(path), "--every", "1", "never"]).exit_code == 0
    assert "every" not in run(cli, ["agreements", "--db", str(path)]).output.replace("everyone", "")


@pytest.mark.parametrize("turns", [("Ben", "Ana"), ()])
def test_whose_the_next_time_is_is_told_once_in_every_language(turns: tuple[str, ...]) -> None:
    for code in LANGUAGES:
        texts = texts_of(code)
        one = Agreement(
            agreement=1,
            kind="agreement",
            text="the dishes",
            agreed_on=SUNDAY - 14 * DAY,
            people=PEOPLE,
            due=SUNDAY - 7 * DAY,
            every="week",
            turns=turns,
            next_on=SUNDAY,
            next_owner="Ben",
            otherwise=((SUNDAY, "Ben"), (SUNDAY + 7 * DAY, "")),
        )
        listed = page([one], texts)
        assert listed.count(texts.day(SUNDAY)) == listed.count(texts.day(SUNDAY + 7 * DAY)) == 1, code
        assert texts("agreed.list.next_of", day=texts.day(SUNDAY), name="Ben") in listed, code


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_review_tells_from_when_on_it_comes_again(code: str, path: Path) -> None:
    """In sentences whose parts are held apart as that language does it: in French, with a space before the mark."""
    texts = texts_of(code)
    with Reader.open(path) as reader:
        (one,) = agreements_of(reader)
    told = made(one, texts)
    assert one.due is not None and texts.day(one.due) in told
    parts = [texts("agreed.list.week"), texts("agreed.list.turns", names=texts.listed(one.turns))]
    assert capital(texts.side_by_side(parts)) in told


def test_of_what_does_not_come_again_nothing_is_said(path: Path) -> None:
    with Notebook.open(path) as times:
        times.repeat(1, "", by_turns=False)
        with pytest.raises(StoreError, match="say so with --every 1 week"):
            times.say(1, SUNDAY, Time(skipped=True))
        with pytest.raises(StoreError, match="There is no agreement 7"):
            times.repeat(7, "week", by_turns=True)


def test_a_calendar_has_everyones_turns_with_exceptions(path: Path) -> None:
    first = starts(path)
    second, third = first + 7 * DAY, first + 14 * DAY
    with Notebook.open(path) as times:
        times.say(1, second, Time(person="Ben"))
        times.say(1, third, Time(skipped=True))
    from facilitator.commands.stored.wording import texts_of_session  # noqa: PLC0415

    with Reader.open(path) as reader:
        now = datetime.datetime.now(UTC)
        entries = dates_of(reader, agreements_of(reader), now, texts_of_session(reader))
    found: list[Any] = icalendar.Calendar.from_ical(calendar(entries, now)).walk("VEVENT")
    assert not any("To be done by" in one["DESCRIPTION"] for one in found), "it comes again, after any day"
    assert [str(event["SUMMARY"]) for event in found] == ["the dishes (Ben)", "the dishes (Ana)", "the dishes (Ben)"]
    ben, ana, swapped = found
    assert (ben["RRULE"]["INTERVAL"], ben["DTSTART"].dt, ana["DTSTART"].dt) == ([2], first, second)
    assert ben["EXDATE"].dts[0].dt == third
    assert ana["EXDATE"].dts[0].dt == second
    assert swapped["DTSTART"].dt == second and "RRULE" not in swapped


def _at(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(20), UTC)
