"""Groups: two who have the same name in two classes are two people, in everything that goes by name."""

from __future__ import annotations

import datetime
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from facilitator.cli import cli
from facilitator.commands.session.page_setup import PageSetup
from facilitator.commands.session.unfinished import Interrupted, that_can_go_on, to_go_on
from facilitator.commands.session.which_group import which_group
from facilitator.core import events as e
from facilitator.core.formats.stages import RECORDED
from facilitator.core.trends.history import histories
from facilitator.errors import StoreError, UsageError
from facilitator.library.analysis import Analysis
from facilitator.library.keeping import from_labels, keep
from facilitator.library.sessions import open_database
from facilitator.page.broker import Broker
from facilitator.page.request import SessionRequest
from facilitator.resources.texts import ENGLISH, texts_of
from facilitator.store.carry_over import left_over
from facilitator.store.measures import Measures
from facilitator.store.people import People, pronounced
from facilitator.store.session_log import Reader, Store
from facilitator.store.voiceprints import VoiceprintStore, saved_on, voiceprints
from tests.support.simulation import setup

PAIR = ("Ana", "Ben")
NOW = datetime.datetime(2026, 6, 1, 12, tzinfo=datetime.UTC)
LABELS = """\
SPEAKER talk 1 0.0 30.0 <NA> <NA> Ana <NA> <NA>
SPEAKER talk 1 31.0 60.0 <NA> <NA> Ben <NA> <NA>
"""


def hold(path: Path, group: str | None, text: str, day: int = 1, people: tuple[str, ...] = PAIR) -> int:
    """A short session of the group, in which something is agreed on."""
    with Store.open(path) as store:
        if group is not None:
            store.within(group, new=True)
        number = store.begin(setup(people, "open"), f"2026-05-{day:02}T08:00:00+00:00")
        store.write(
            [
                *(e.Consented(at_ms=0, person=person, heard=True) for person in people),
                e.Heard(at_ms=70_000, start_ms=0, end_ms=40_000, people=(people[0],)),
                e.Spoke(at_ms=70_000, start_ms=0, end_ms=40_000, people=(people[0],)),
                e.Spoke(at_ms=70_000, start_ms=41_000, end_ms=70_000, people=(people[1],)),
                e.Agreed(at_ms=80_000, number=1, kind="agreement", text=text, owner=people[0], due_days=1),
                e.Agreed(at_ms=81_000, number=2, kind="rule", text=f"{text}, always"),
            ]
        )
        assert store.flush()
        store.finish(number, "done", f"2026-05-{day:02}T09:00:00+00:00")
    return number


@pytest.fixture
def school(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Two classes, and those who never named a group; each with its own Ana and Ben."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "data" / "sessions.db"
    hold(path, None, "Ana waters the plants", 1)
    hold(path, "7a", "Ana feeds the fish", 2)
    hold(path, "7b", "Ana wipes the board", 3)
    yield path


def run(path: Path, *words: str, text: str | None = None) -> Result:
    return CliRunner().invoke(cli, [*words, "--db", str(path)], input=text)


def told(result: Result) -> str:
    return " ".join(result.output.split())


def test_two_of_the_same_name_are_two_people(school: Path) -> None:
    with Reader.open(school) as reader:
        rows = reader.query("SELECT name, group_id FROM people ORDER BY id")
        assert len(rows) == 6 and len({row["group_id"] for row in rows}) == 3
        assert [(one.name, one.sessions) for one in reader.groups()] == [("", 1), ("7a", 1), ("7b", 1)]
        assert [one.group for one in reader.sessions()] == ["7b", "7a", ""]
        assert [row["group_name"] for row in reader.query("SELECT group_name FROM v_sessions ORDER BY session")] == [
            *("", "7a", "7b")
        ]
    with sqlite3.connect(school) as db, pytest.raises(sqlite3.IntegrityError):
        db.execute("INSERT INTO people (name, group_id) VALUES ('Ana', NULL)")


def test_a_group_is_found_however_it_is_written_and_a_wrong_one_is_said(school: Path) -> None:
    with Reader.open(school) as reader:
        assert reader.within("7A").group == "7a"
        assert reader.latest() == 2
        with pytest.raises(StoreError, match=r"no group 7aa .* did you mean 7a\?"):
            reader.within("7aa")
        with pytest.raises(StoreError, match=r"no group Choir .* there are: 7a, 7b"):
            reader.within("Choir")


def test_a_session_begins_with_what_its_own_group_left(school: Path) -> None:
    found = {}
    for group in ("", "7a", "7b", "8c"):
        with Store.open(school) as store:
            before = left_over(store.within(group, new=True), PAIR, "Open talk", NOW)
            found[group] = ([one["text"] for one in before.due], before.rules)
    assert found == {
        "": (["Ana waters the plants"], ("Ana waters the plants, always",)),
        "7a": (["Ana feeds the fish"], ("Ana feeds the fish, always",)),
        "7b": (["Ana wipes the board"], ("Ana wipes the board, always",)),
        "8c": ([], ()),
    }
    with Reader.open(school) as reader:
        made = [row["name"] for row in reader.query("SELECT name FROM groups")]
        assert made == ["7a", "7b"], "a group that was only looked at is not made"


def test_how_a_name_sounds_and_a_voice_are_those_of_the_group(school: Path) -> None:
    assert "different people: say which with --group" in told(run(school, "people", "pronunciation", "Ana", "Ah-na"))
    assert run(school, "people", "pronunciation", "Ana", "Ah-na", "--group", "7a").exit_code == 0
    with VoiceprintStore.open(school) as voices:
        voices.within("7b").save("Ana", {"m": {"v": [1]}}, "2026-05-03")
    for group, said, kept in (("7a", {"Ana": "Ah-na"}, []), ("7b", {}, ["Ana"]), ("", {}, [])):
        with Reader.open(school) as reader:
            reader.within(group)
            assert pronounced(reader, PAIR) == said
            assert list(voiceprints(reader, PAIR)) == kept == list(saved_on(reader))
    with Reader.open(school) as reader:
        assert saved_on(reader) == {"Ana (7b)": "2026-05-03"}
    assert "No voiceprint of Ana is kept" in told(run(school, "people", "drop-voice", "Ana", "--group", "7a"))
    assert "is removed" in told(run(school, "people", "drop-voice", "Ana", "--group", "7b"))


def test_forgetting_in_one_group_leaves_the_other_ana_as_she_is(school: Path) -> None:
    refused = run(school, "forget", "Ana", "--yes")
    assert refused.exit_code == 2
    assert "no group and group 7a and group 7b" in told(refused).replace(",", " and")
    done = run(school, "forget", "Ana", "--group", "7a", "--yes")
    assert done.exit_code == 0, done.output
    assert "somebody else, and stays" in told(done)
    with Reader.open(school) as reader:
        texts = [row["text"] for row in reader.query("SELECT text FROM agreements WHERE kind = 'rule' ORDER BY id")]
        assert texts == [
            "Ana waters the plants, always",
            "someone feeds the fish, always",
            "Ana wipes the board, always",
        ]
        assert [one.people for one in reversed(reader.sessions())] == [PAIR, ("someone", "Ben"), PAIR]


def test_every_group_at_once_and_then_no_byte_of_the_name_is_left(school: Path) -> None:
    done = run(school, "forget", "Ana", "--every-group", "--yes")
    assert done.exit_code == 0, done.output
    assert [path.name for path in school.parent.iterdir() if b"Ana " in path.read_bytes()] == []
    with People.open(school) as people:
        assert people.groups_of("Ana") == ()


def test_a_group_that_bears_the_name_loses_it_and_the_last_session_takes_the_group_along(tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    hold(path, "Anas table", "sing")
    hold(path, "someones table", "dance")
    with People.open(path) as people:
        people.within("Anas table").forget("Ana")
        assert [one.name for one in people.groups()] == ["someones table", "someones table 2"]
    with People.open(path) as people:
        people.remove([2])
        assert [row["name"] for row in people.query("SELECT name FROM groups")] == ["someones table 2"]


def test_renaming_stays_within_the_group(school: Path) -> None:
    assert "say which with --group" in told(run(school, "people", "rename", "Ana", "Anna"))
    assert run(school, "people", "rename", "Ana", "Anna", "--group", "7b").exit_code == 0
    listed = run(school, "people").output
    assert [line.strip().split(":")[0] for line in listed.splitlines()] == [
        *("(no group)", "Ana", "Ben", "7a", "Ana", "Ben", "7b", "Anna", "Ben")
    ]
    with Reader.open(school) as reader:
        assert [
            row["text"] for row in reader.query("SELECT text FROM agreements WHERE session = 3 AND number = 1")
        ] == ["Anna wipes the board"]
        assert reader.query("SELECT count(*) AS n FROM agreements WHERE text LIKE '%Anna%'")[0]["n"] == 2


def test_trends_never_take_two_groups_for_one(school: Path) -> None:
    hold(school, "7a", "again", 9)
    with Measures.open(school) as store:
        found = histories(store.held(), 20_600.0)
    assert [(one.group, len(one.sessions)) for one in found] == [("7a", 2), ("", 1), ("7b", 1)]
    assert "7a: Ana and Ben" in told(run(school, "trends"))
    only = json.loads(run(school, "trends", "--group", "7b", "--json").output)
    assert [(one["group"], one["sessions"]) for one in only] == [("7b", [3])]


def test_agreements_review_and_correct_go_by_the_group(school: Path) -> None:
    assert "feeds the fish" in told(found := run(school, "agreements", "--group", "7a"))
    assert "plants" not in found.output and "board" not in found.output
    assert run(school, "agreements", "--group", "7a", "--add", "rule", "No phones").exit_code == 0
    with Reader.open(school) as reader:
        assert reader.query("SELECT session FROM agreements WHERE text = 'No phones'") == [{"session": 2}]
    assert json.loads(run(school, "review", "--group", "7a", "--json").output)["session"] == 2
    assert "Session 2" in told(run(school, "correct", "list", "--group", "7a"))
    assert run(school, "correct", "rename", "Ben", "Bene", "--group", "7a").exit_code == 0
    with Reader.open(school) as reader:
        assert [one.people for one in reversed(reader.sessions())] == [PAIR, ("Ana", "Bene"), PAIR]


def test_what_is_one_persons_is_taken_from_their_group(school: Path, tmp_path: Path) -> None:
    assert run(school, "export", str(tmp_path / "x"), "--person", "Ana").exit_code == 2
    assert run(school, "export", str(tmp_path / "x"), "--person", "Ana", "--group", "7b").exit_code == 0
    mine = json.loads((tmp_path / "x" / "yours.json").read_text(encoding="utf-8"))
    assert [one["session"] for one in mine["sessions"]] == [3]
    assert [row["name"] for row in mine["tables"]["groups"]] == ["7b"]
    assert "fish" not in json.dumps(mine)


def test_an_export_of_one_group_holds_nothing_of_the_others(school: Path, tmp_path: Path) -> None:
    assert run(school, "export", str(tmp_path / "x"), "--group", "7a").exit_code == 0
    with Reader.open(tmp_path / "x" / "sessions.db") as copy:
        assert [one.group for one in copy.sessions()] == ["7a"]
        assert [row["name"] for row in copy.query("SELECT name FROM groups")] == ["7a"]
    assert not any(b"board" in file.read_bytes() for file in (tmp_path / "x").rglob("*") if file.is_file())


def test_a_recording_is_kept_in_its_group_and_the_library_knows_whose_it_is(tmp_path: Path) -> None:
    file, path = tmp_path / "talk.rttm", tmp_path / "sessions.db"
    file.write_text(LABELS, encoding="utf-8")
    heard = from_labels(file)
    assert isinstance(heard, Analysis)
    when = datetime.datetime(2026, 5, 1, 12, tzinfo=datetime.UTC)
    for uid, group in (("a", "7a"), ("b", "7b"), ("c", "")):
        keep(heard, path, held_at=when, uid=uid, group=group)
    with open_database(path) as discussions:
        assert discussions.groups == ("", "7a", "7b")
        assert [past.group for past in discussions] == ["7a", "7b", ""]
        assert set(discussions.table.columns["group"]) == {"7a", "7b", ""}
    with open_database(path, group="7b") as discussions:
        assert [past.number for past in discussions] == [2] and len(discussions) == 1
        assert discussions.session().number == 2
        assert discussions.session().format == RECORDED["name"]
    with pytest.raises(StoreError, match="no group 9z"):
        open_database(path, group="9z")
    for words in (["--group", "7a"], []):
        done = run(path, "import", str(file), *words)
        assert done.exit_code == 0, done.output
    assert run(tmp_path / "other.db", "import", str(file), "--group", "7a").exit_code == 0
    with Reader.open(tmp_path / "other.db") as reader:
        assert [one.name for one in reader.groups()] == ["7a"]


def test_whose_session_it_is_when_that_was_not_said(school: Path, tmp_path: Path) -> None:
    texts = texts_of(ENGLISH)
    only = tmp_path / "only.db"
    hold(only, "7a", "sing")
    with Store.open(only) as store:
        which_group(store, None, texts, ask=False, page=False)
        assert store.group == "7a", "the only one there is"
    hold(only, "7b", "dance")
    with Store.open(only) as store:
        with pytest.raises(UsageError, match="Say which group with --group, one of: 7a, 7b"):
            which_group(store, None, texts, ask=False, page=False)
        which_group(store, None, texts, ask=False, page=True)
        assert store.group == "7b", "until it is chosen on the page, that of the latest session"
        which_group(store, "8c", texts, ask=False, page=False)
        assert store.group == "8c"
    with Store.open(school) as store:
        which_group(store, None, texts, ask=False, page=False)
        assert not store.group, "as before there were groups"
    with Store.open(tmp_path / "new.db") as store:
        which_group(store, None, texts, ask=True, page=False)
        assert not store.group


def test_a_rescued_session_comes_back_into_its_group(tmp_path: Path) -> None:
    with Store.open_memory("There was no room.") as store:
        store.within("7a", new=True).begin(setup(PAIR, "open"), "2026-05-01T08:00:00+00:00")
        store.write([e.Tick(at_ms=1)])
        assert store.flush()
        store.rescue(tmp_path / "saved.jsonl")
    with Store.open(tmp_path / "sessions.db") as store:
        store.load_rescue(tmp_path / "saved.jsonl")
        assert [one.group for one in store.sessions()] == ["7a"]


def test_what_is_old_goes_in_one_group_alone(school: Path) -> None:
    assert run(school, "forget", "--older-than", "1d", "--group", "7a", "--yes").exit_code == 0
    with Reader.open(school) as reader:
        assert [one.group for one in reader.sessions()] == ["7b", ""]


def test_a_group_that_is_called_by_a_number_is_not_another_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "sessions.db"
    for day, group in enumerate((None, "1", "3", "2"), 1):
        hold(path, group, "sing", day)
    for typed, chosen in (("", "2"), ("2", "2"), ("1", "1"), ("4", "3"), ("new", "new")):
        monkeypatch.setattr("facilitator.commands.session.which_group.attended", lambda: True)
        monkeypatch.setattr("facilitator.commands.session.which_group.input", lambda *_, t=typed: t, raising=False)
        with Store.open(path) as store:
            which_group(store, None, texts_of(ENGLISH), ask=True, page=False)
            assert store.group == chosen, typed


def test_the_page_offers_who_was_there_when_this_group_talked_last(tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    hold(path, "7a", "sing", 1, ("Ana", "Ben"))
    hold(path, "7b", "sing", 2, ("Zoe", "Yan"))
    with Store.open(path) as store:
        for group, people in (("7a", ["Ana", "Ben"]), ("7b", ["Yan", "Zoe"]), ("7c", [])):
            store.within(group, new=True)
            asked = PageSetup.__new__(PageSetup)
            asked._store = store
            assert sorted(asked._last_time()) == people


def test_what_broke_off_in_the_group_that_is_chosen_is_offered_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    for day, group in enumerate(("7a", "7b"), 1):
        with Store.open(path) as store:
            store.within(group, new=True).begin(setup(PAIR, "open"), f"2026-05-0{day}T08:00:00+00:00")
            store.write([e.Tick(at_ms=1)])
            assert store.flush()
    with Store.open(path) as store:
        asked = PageSetup.__new__(PageSetup)
        asked._store, asked._broker, asked._texts = store, Broker(), texts_of(ENGLISH)
        asked._given = SessionRequest(people=(), format="open", language="en", listening=False)
        asked._offer = dict  # type: ignore[method-assign]
        for group, offered in (("7a", True), ("8", False), ("7b", True)):
            asked._of_group(group)
            assert (asked._unfinished is not None) == offered, group


def test_that_a_group_must_be_said_is_told_before_anything_is_heard(tmp_path: Path) -> None:
    path, file = tmp_path / "sessions.db", tmp_path / "talk.wav"
    hold(path, "7a", "sing")
    hold(path, "7b", "dance", 2)
    file.write_text("no sound at all")
    done = run(path, "analyze", str(file), "--people", "2", "--store")
    assert done.exit_code == 2 and "Say which group with --group" in done.output


def test_what_broke_off_goes_on_and_is_closed_in_its_own_group_alone(tmp_path: Path) -> None:
    path, texts = tmp_path / "sessions.db", texts_of(ENGLISH)
    with Store.open(path) as store:
        number = store.within("7a", new=True).begin(setup(PAIR, "open"), "2026-05-01T08:00:00+00:00")
        store.write([e.Tick(at_ms=1)])
        assert store.flush()
    for group in ("7b", ""):
        with Store.open(path) as store:
            store.within(group, new=True)
            assert that_can_go_on(store, texts) is None
            assert to_go_on(store, PAIR, None, texts, yes=True) is None
            assert to_go_on(store, PAIR, False, texts, yes=True) is None
            with pytest.raises(UsageError, match="no unfinished session of these people"):
                to_go_on(store, PAIR, True, texts, yes=True)
            assert [one.session for one in store.unfinished()] == [number], "nor is it closed"
    with Store.open(path) as store:
        store.within("7a")
        assert that_can_go_on(store, texts)
        found = to_go_on(store, PAIR, True, texts, yes=True)
        assert isinstance(found, Interrupted) and found.session == number


def test_a_session_that_goes_on_is_its_groups_whoever_the_store_was_opened_for(tmp_path: Path) -> None:
    with Store.open(tmp_path / "sessions.db") as store:
        number = store.within("7a", new=True).begin(setup(PAIR, "open"), "2026-05-01T08:00:00+00:00")
    with Store.open(tmp_path / "sessions.db") as store:
        store.resume(number)
        assert store.group == "7a", "voices kept afterwards are those of this group"
