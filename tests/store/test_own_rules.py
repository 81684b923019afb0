"""The group's own rules: added, worded anew, taken away, and read aloud when the same people begin."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from facilitator.cli import cli
from facilitator.core.events import AgreementChecked, PhraseHeard
from facilitator.store.carry_over import left_over
from facilitator.store.people import People
from facilitator.store.reader import Reader
from facilitator.store.session_log import Store
from tests.support.table_talk import TableTalk, open_talk
from tests.support.told_room import Room

PEOPLE = ("Ana", "Ben")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "talks.db"
    store = Store.open(path)
    table = TableTalk(store, open_talk(*PEOPLE, hears_words=False))
    table.speak("Ana", 5_000)
    table.finish()
    store.close()
    return path


def run(path: Path, *words: str) -> tuple[int, str]:
    found = CliRunner().invoke(cli, ["agreements", "--db", str(path), *words])
    return found.exit_code, found.output


def rules(path: Path) -> tuple[str, ...]:
    with Reader.open(path) as reader:
        return left_over(reader, PEOPLE, reader.stored(1).format, datetime.datetime.now(datetime.UTC)).rules


def test_added_worded_anew_and_taken_away(path: Path) -> None:
    assert run(path, "--add", "rule", "Purchases over 500 wait for two  days.")[0] == 0
    assert rules(path) == ("Purchases over 500 wait for two days.",)
    assert "Purchases over 500" in run(path)[1]
    assert run(path, "--word", "1", "Purchases over 300 wait for two days")[0] == 0
    assert rules(path) == ("Purchases over 300 wait for two days",)
    assert run(path, "--add", "step", "a walk round the block")[0] == 0
    with Reader.open(path) as reader:
        now = datetime.datetime.now(datetime.UTC)
        assert left_over(reader, PEOPLE, reader.stored(1).format, now).steps == ("a walk round the block",)
    assert run(path, "--remove", "1")[0] == 0
    assert rules(path) == ()


def test_several_at_once_are_all_kept(path: Path) -> None:
    words = ("--add", "rule", "One speaks at a time", "--add", "step", "a walk", "--add", "rule", "No telephones")
    assert run(path, *words)[0] == 0
    assert rules(path) == ("One speaks at a time", "No telephones")
    assert run(path, "--word", "1", "Nobody is cut off", "--word", "3", "Telephones stay outside")[0] == 0
    assert rules(path) == ("Nobody is cut off", "Telephones stay outside")
    assert run(path, "--remove", "1", "--remove", "3")[0] == 0
    assert rules(path) == ()


def test_what_cannot_be_is_said(path: Path) -> None:
    assert "There is no agreement 9" in run(path, "--word", "9", "x")[1]
    assert "There is no agreement 9" in run(path, "--remove", "9")[1]
    assert "Say it in a few words." in run(path, "--add", "rule", "  ")[1]
    assert run(path, "--add", "agreement", "x")[0] == 2


@pytest.mark.parametrize("code", ["de", "en", "es", "fr", "it", "ko", "pt"])
def test_they_are_read_aloud_before_the_opening(code: str) -> None:
    room = Room(PEOPLE, "open", language=code, rules=("One speaks at a time.", "Purchases wait"))
    said = room.until("business.rules").text
    assert "One speaks at a time; Purchases wait" in said
    room.until("opening.greeting")


def test_a_name_in_a_rule_is_forgotten_with_the_person(path: Path) -> None:
    run(path, "--add", "rule", "Ben cooks on Sundays")
    store = Store.open(path)
    table = TableTalk(store, open_talk(*PEOPLE, hears_words=False, rules=rules(path)))
    table.finish()
    store.close()
    with People.open(path) as people:
        people.forget("Ben")
    with Reader.open(path) as reader:
        assert "Ben" not in reader.setup(2).rules[0]
        assert all("Ben" not in rule for rule in rules(path))


# --- rules by which something cools off ----------------------------------------------------------------------------

RULES = ({"text": "Purchases over 500 wait for two days.", "days": 2},)
TWO_RULES = (*RULES, {"text": "Big trips wait a week", "days": 7})
DAY_MS = 86_400_000


def noted(rules: tuple[dict[str, object], ...], **options: object) -> Room:
    """A new sofa, which is everyone's and has no day; up to what comes then."""
    room = Room(PEOPLE, "open", enrolled=PEOPLE, cooling_rules=rules, **options)
    room.notes("a new sofa")
    return room


@pytest.mark.parametrize(("answer", "days"), [("yes", 2), ("no", 0), ("silence", 0)])
def test_it_is_asked_once_whether_a_rule_applies_and_a_yes_lets_it_cool_off(answer: str, days: int) -> None:
    room = noted(RULES)
    assert "Purchases over 500 wait for two days?" in room.until("note.cools").text
    if answer != "silence":
        room.press(answer)
    if days:
        assert "two days" in room.until("agree.cooling").text
    assert room.kept().cooling_ms == days * DAY_MS
    assert room.kinds().count("note.cools") == 1


@pytest.mark.parametrize(("key", "days"), [(1, 2), (2, 7), (0, 0)])
def test_of_several_rules_it_is_one_of_them(key: int, days: int) -> None:
    room = noted(TWO_RULES)
    room.until("note.cools")
    told = [choice.label for choice in room.discussion.snapshot().choices]
    assert told == ["Purchases over 500 wait for two days", "Big trips wait a week", "no"]
    room.press("yes")  # which is none of them
    assert room.discussion.snapshot().choices
    room.press("answer", value=key)
    assert room.kept().cooling_ms == days * DAY_MS


@pytest.mark.parametrize("code", ["de", "en", "es", "fr", "it", "ko", "nl", "pl", "pt"])
def test_a_rule_is_said_to_apply_in_every_language(code: str) -> None:
    for rules, number in ((RULES, 0), (TWO_RULES, 1)):
        room = noted(rules, language=code, hears_words=True)
        room.until("note.cools")
        room.wait(2_000)
        phrase = room.discussion.snapshot().choices[number].phrases[0]  # yes; and the second one
        assert phrase in room.discussion.phrases
        room.tell(PhraseHeard(at_ms=room.now_ms, phrase=phrase, start_ms=room.now_ms - 700, end_ms=room.now_ms - 100))
        assert room.kept().cooling_ms == (2, 7)[number] * DAY_MS


def test_without_such_a_rule_nothing_is_asked() -> None:
    room = noted(())
    assert room.kept().cooling_ms == 0
    assert "note.cools" not in room.kinds()


def test_a_rule_cools_from_when_its_days_are_said_and_what_it_holds_back_comes_up_in_the_opening(path: Path) -> None:
    run(path, "--add", "rule", "Purchases over 500 wait for two days")
    assert run(path, "--cooling", "1", "2")[0] == 0
    assert "days to wait: 2" in run(path)[1]
    now = datetime.datetime.now(datetime.UTC)
    with Reader.open(path) as reader:
        form = reader.stored(1).format
        before = left_over(reader, PEOPLE, form, now)
    assert before.cooling_rules == ({"text": "Purchases over 500 wait for two days", "days": 2},)
    with Store.open(path) as store:
        table = TableTalk(
            store,
            open_talk(*PEOPLE, hears_words=False, cooling_rules=before.cooling_rules),
            now.isoformat(timespec="seconds"),
        )
        table.agree("a new sofa")
        table.press("yes")
        assert store.flush()
        session = table.finish()
    with Reader.open(path) as reader:
        (line,) = reader.agreements(session)
        assert line["holds_from"] is not None
        assert left_over(reader, PEOPLE, form, now + datetime.timedelta(days=1)).due == ()
        (due,) = left_over(reader, PEOPLE, form, now + datetime.timedelta(days=3)).due
    assert (due["text"], due["cooled"]) == ("a new sofa", 1)
    room = Room(PEOPLE, "open", due=(due,))
    room.until("business.decision")
    room.press("yes")
    room.until("business.stands")
    (checked,) = [one for one in room.log if isinstance(one, AgreementChecked)]
    assert checked.kept
    assert run(path, "--cooling", "1", "0")[0] == 0
    with Reader.open(path) as reader:
        assert left_over(reader, PEOPLE, form, now).cooling_rules == ()


def test_only_a_rule_can_let_things_cool_off(path: Path) -> None:
    run(path, "--add", "step", "a walk")
    assert "Number 1 is no rule" in run(path, "--cooling", "1", "2")[1]
    assert "There is no agreement 9" in run(path, "--cooling", "9", "2")[1]
    assert run(path, "--cooling", "1", "61")[0] == 2


def test_a_name_in_a_cooling_rule_is_forgotten_with_the_person(path: Path) -> None:
    run(path, "--add", "rule", "What Ben buys waits")
    run(path, "--cooling", "1", "3")
    with Reader.open(path) as reader:
        now = datetime.datetime.now(datetime.UTC)
        before = left_over(reader, PEOPLE, reader.stored(1).format, now).cooling_rules
    with Store.open(path) as store:
        TableTalk(store, open_talk(*PEOPLE, hears_words=False, cooling_rules=before)).finish()
    with People.open(path) as people:
        people.forget("Ben")
    with Reader.open(path) as reader:
        assert "Ben" not in reader.setup(2).cooling_rules[0]["text"]
        assert reader.setup(2).cooling_rules[0]["days"] == 3
    assert b"What Ben buys" not in path.read_bytes()
