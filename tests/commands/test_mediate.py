"""A mediator's own notes are in nothing that leaves, and the joint report has only what all have said yes to."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from facilitator.cli import cli
from facilitator.commands.mediation.joint import joint
from facilitator.commands.stored.review_desk import StoredReviewService
from facilitator.core.events import Agreed, Command
from facilitator.core.setup import Setup
from facilitator.errors import StoreError
from facilitator.report.joint import Letters
from facilitator.store import database
from facilitator.store.backup import Whole
from facilitator.store.notebook.private import Private, PrivateChanges, private_file, uid_of
from facilitator.store.people import People
from facilitator.store.reader import Reader
from facilitator.store.session_log import Store
from tests.support.simulation import setup
from tests.support.table_talk import TableTalk
from tests.support.told_room import Room

PEOPLE = ("Maria", "Anouk", "Benedikt")
SECRET = "Quittenmus: ask Benedikt alone about the summer"
GOAL = "a way to talk about money"


def mediation() -> Setup:
    return setup(PEOPLE, "open", host="Maria", goals=(GOAL,), hears_words=False, enrolled=PEOPLE)


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = tmp_path / "sessions.db"
    with Store.open(path) as store:
        talk = TableTalk(store, mediation())
        talk.speak("Anouk", 30_000)
        talk.speak("Benedikt", 30_000)
        store.write(
            [
                Agreed(
                    at_ms=talk.now_ms, number=1, kind="agreement", text="Anouk shows Benedikt the account", due_days=7
                ),
                Agreed(at_ms=talk.now_ms, number=2, kind="agreement", text="the car is washed"),
            ]
        )
        talk.finish()
    assert run(path, "notes", "--add", SECRET).exit_code == 0
    return path


def run(db: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["mediate", arguments[0], *arguments[1:], "--db", str(db)])


def ran(*arguments: str) -> str:
    result = CliRunner().invoke(cli, list(arguments))
    assert result.exit_code == 0, result.output
    return result.output


def uids(db: Path) -> list[str]:
    with Reader.open(db) as reader:
        return [uid_of(reader, one.session) for one in sorted(reader.sessions(), key=lambda one: one.session)]


def everything_of(db: Path, uid: str) -> bytes:
    with sqlite3.connect(private_file(db)) as private:
        rows = private.execute("SELECT person FROM struck WHERE session = ?", [uid]).fetchall()
    return repr(rows).encode()


def everything_in(folder: Path) -> bytes:
    found = b""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found += path.read_bytes()
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as packed:
                found += b"".join(packed.read(name) for name in packed.namelist())
    return found


# --- notes -------------------------------------------------------------------------------------------------------


def test_they_are_listed_and_removed_and_for_their_owner_only(db: Path) -> None:
    assert SECRET in run(db, "notes").output
    assert json.loads(run(db, "notes", "--json").output)[0]["text"] == SECRET
    assert stat.S_IMODE(private_file(db).stat().st_mode) == 0o600
    assert run(db, "notes", "--remove", "9").exit_code == 1
    for wrong in (
        ("--remove", "1", "--remove", "1"),
        ("--add", "another thing", "--remove", "9"),
        ("--add", " "),
    ):
        assert run(db, "notes", "--add", "one thing", *wrong).exit_code == 1
        assert [one["text"] for one in json.loads(run(db, "notes", "--json").output)] == [SECRET], "all or nothing"
    run(db, "notes", "--remove", "1")
    assert "noted nothing" in run(db, "notes").output
    assert b"Quittenmus" not in private_file(db).read_bytes()


def test_they_are_in_no_export_and_no_review(db: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    ran("export", str(out / "whole"), "--db", str(db))
    ran("export", str(out / "packed.zip"), "--db", str(db))
    ran("export", str(out / "one"), "--person", "Benedikt", "--db", str(db))
    ran("export", str(out / "figures"), "--anonymous", "--db", str(db))
    ran("review", "--html", str(out / "review.html"), "--db", str(db))
    ran("review", "--anonymous", "--html", str(out / "sheet.html"), "--db", str(db))
    ran("trends", "--html", str(out / "trends.html"), "--db", str(db))
    ran("agreements", "--ics", str(out / "dates.ics"), "--db", str(db))
    said = "".join(
        ran(*command, "--db", str(db))
        for command in (["review", "--all"], ["review", "--json"], ["trends"], ["agreements"], ["people"])
    )
    whole = everything_in(out) + said.encode()
    assert b"Anouk" in whole, "it has read something"
    assert b"Quittenmus" not in whole


def test_a_merge_and_a_copy_do_not_take_them_along(db: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "there.db"
    with Store.open(other) as store:
        TableTalk(store, setup(("Zoe", "Yan"), "open")).finish()
    ran("merge", str(db), "--db", str(other))
    (tmp_path / "copies").mkdir()
    with Whole.open(db) as store:
        store.copy_to(tmp_path / "copies" / "copy.db", None)
    for folder in (other.parent, tmp_path / "copies"):
        assert folder.is_dir() and b"Quittenmus" not in everything_in(folder)


def test_they_are_not_in_the_database_itself(db: Path) -> None:
    assert b"Quittenmus" not in b"".join(path.read_bytes() for path in db.parent.glob("sessions.db*"))


@pytest.mark.parametrize("whole", [False, True])
def test_forget_takes_the_name_out_of_them_and_a_session_takes_them_with_it(db: Path, whole: bool) -> None:
    report(db, "--person", "Benedikt")
    report(db, "--person", "Benedikt", "--strike", "2")
    report(db, "--person", "Benedikt", "--yes")
    ran("forget", "Benedikt", "--yes", *(["--whole-sessions"] if whole else []), "--db", str(db))
    there = private_file(db).read_bytes()
    assert b"Benedikt" not in there
    assert (b"Quittenmus" in there) != whole


def test_forgetting_somebody_leaves_another_of_the_name_in_another_group(tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    for group in ("7a", "7b"):
        with Store.open(path) as store:
            store.within(group, new=True)
            TableTalk(store, mediation()).finish()
        assert run(path, "notes", "--add", f"Benedikt of {group} is shy").exit_code == 0
        left_out(path, "Benedikt", "1")
    ran("forget", "Benedikt", "--group", "7a", "--yes", "--db", str(path))
    assert "Benedikt" not in run(path, "notes", "1").output
    assert "Benedikt of 7b is shy" in run(path, "notes", "2").output
    for uid in uids(path):
        assert Private(path).struck(uid), "what was left out stays left out"
    assert b"Benedikt" not in everything_of(path, uids(path)[0])


def test_somebody_who_is_only_in_a_note_is_forgotten(db: Path) -> None:
    assert run(db, "notes", "--add", "Ludovica called before the talk").exit_code == 0
    ran("forget", "Ludovica", "--yes", "--db", str(db))
    assert b"Ludovica" not in private_file(db).read_bytes()


def test_a_new_name_is_the_name_in_them(db: Path) -> None:
    ran("people", "rename", "Benedikt", "Bodo", "--db", str(db))
    assert "ask Bodo alone" in run(db, "notes").output
    assert b"Benedikt" not in private_file(db).read_bytes()


def test_audit_lists_the_file(db: Path) -> None:
    assert private_file(db).name in ran("audit", "--db", str(db))


# --- the joint report ----------------------------------------------------------------------------------------------


def report(db: Path, *arguments: str) -> Result:
    return run(db, "report", *arguments)


def left_out(db: Path, person: str, number: str) -> str:
    """They look at it, and leave out a part; what they are shown then."""
    report(db, "--person", person)
    return report(db, "--person", person, "--strike", number).output


def says_yes(db: Path, person: str) -> None:
    """They look at it, and say yes."""
    report(db, "--person", person)
    assert report(db, "--person", person, "--yes").exit_code == 0


def all_say_yes(db: Path) -> None:
    for person in ("Anouk", "Benedikt"):
        says_yes(db, person)


def test_it_is_written_when_each_has_said_yes_on_their_own_and_has_no_name_and_no_day(db: Path, tmp_path: Path) -> None:
    target = tmp_path / "joint.md"
    for person in ("Anouk", "Benedikt"):
        refused = report(db, "--write", str(target))
        assert refused.exit_code != 0 and not target.exists()
        assert "Anouk" not in refused.output and "Benedikt" not in refused.output, "nobody is told who has not"
        says_yes(db, person)
    assert report(db, "--write", str(target)).exit_code == 0
    text = target.read_text()
    assert GOAL in text and "B shows C the account" in text
    assert not {"Maria", "Anouk", "Benedikt"} & {*text.replace(".", " ").split()}
    assert "done by" not in text and "B 50 % and C 50 %" in text and "A 0 %" not in text


def test_what_either_leaves_out_is_gone_for_all_and_nobody_is_told_who_it_was(db: Path, tmp_path: Path) -> None:
    shown = report(db, "--person", "Anouk").output
    number = next(line.split()[0] for line in shown.splitlines() if "the car is washed" in line)
    assert "left out" in left_out(db, "Anouk", number)
    theirs = report(db, "--person", "Benedikt").output
    assert "the car is washed" not in theirs and "left out" not in theirs and "Anouk" not in theirs
    all_say_yes(db)
    target = tmp_path / "joint.md"
    report(db, "--write", str(target))
    assert "car" not in target.read_text()


def test_whatever_changes_a_yes_was_to_other_words(db: Path, tmp_path: Path) -> None:
    target = str(tmp_path / "joint.md")
    says_yes(db, "Anouk")
    left_out(db, "Benedikt", "1")
    says_yes(db, "Benedikt")
    assert report(db, "--write", target).exit_code != 0
    says_yes(db, "Anouk")
    ran("agreements", "--word", "2", "something else", "--db", str(db))
    assert report(db, "--write", target).exit_code != 0
    all_say_yes(db)
    report(db, "--person", "Anouk", "--no")
    assert report(db, "--write", target).exit_code != 0


def test_a_yes_is_to_the_words_as_they_were_shown(db: Path) -> None:
    def agreed() -> bool:
        return "You have said yes" in report(db, "--person", "Anouk").output

    assert report(db, "--person", "Anouk", "--yes").exit_code != 0, "nothing had been shown"
    shown = report(db, "--person", "Anouk", "--strike", "2", "--yes")
    assert shown.exit_code != 0 and "left out" not in shown.output and not agreed()
    left_out(db, "Benedikt", "1")
    shown = report(db, "--person", "Anouk", "--yes")
    assert shown.exit_code != 0 and GOAL not in shown.output and not agreed(), "it is before them now"
    assert report(db, "--person", "Anouk", "--yes").exit_code == 0 and agreed()
    assert report(db, "--names", "--person", "Anouk", "--yes").exit_code != 0, "those are other words"
    report(db, "--person", "Anouk", "--no", "--strike", "1")
    assert not agreed(), "a no is one whatever was shown"


def test_a_number_is_that_of_the_list_that_was_shown(db: Path) -> None:
    report(db, "--person", "Anouk")
    left_out(db, "Benedikt", "1")
    assert report(db, "--person", "Anouk", "--strike", "2").exit_code != 0
    assert "left out" not in report(db, "--person", "Anouk").output, "what is the second now was the third"


def test_who_lets_a_part_stand_again_learns_of_no_one_else(db: Path) -> None:
    """Both would leave it out, by the list or by a page that was open before: the first one does, and it is out."""
    goal = joint(db).parts[0].key
    desk = StoredReviewService(db)
    for side in ("Anouk", "Benedikt"):
        desk.joint(1, side, {"strike": goal})
        Private(db).strike(uids(db)[0], side, [goal], leave_out=True)
    again = desk.joint(1, "Anouk", {"keep": goal})
    assert [part["struck"] for part in again["parts"] if part["key"] == goal] == [False]


def test_for_who_was_forgotten_nobody_says_yes(db: Path, tmp_path: Path) -> None:
    all_say_yes(db)
    ran("forget", "Benedikt", "--yes", "--db", str(db))
    (alone,) = joint(db).sides
    assert alone == "Anouk"
    says_yes(db, "Anouk")
    refused = report(db, "--write", str(tmp_path / "joint.md"))
    assert refused.exit_code != 0 and "forgotten" in refused.output
    assert report(db, "--person", "Someone", "--yes").exit_code != 0
    ran("forget", "Anouk", "--yes", "--db", str(db))
    assert report(db, "--write", str(tmp_path / "joint.md")).exit_code != 0


def test_a_name_that_was_put_right_is_in_it_no_more_than_the_right_one(db: Path) -> None:
    """The agreement has it as it was heard; and what they leave out stays theirs, also when that is taken back."""
    goal = joint(db).parts[0].key
    desk = StoredReviewService(db)
    desk.joint(1, "Anouk", {"strike": goal})
    ran("correct", "rename", "Anouk", "Anuschka", "--db", str(db))
    text = joint(db).now().text
    assert "Anouk" not in text and "Anuschka" not in text and "B shows C the account" in text
    for side, undo in (("Anuschka", ("correct", "undo", "--db", str(db))), ("Anouk", ())):
        mine = [part["struck"] for part in desk.joint(1, side, {})["parts"] if part["key"] == goal]
        assert mine == [True], side
        if undo:
            ran(*undo)


def test_what_somebody_leaves_out_meanwhile_is_in_nobodys_yes(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    goal, real = joint(db).parts[0].key, Private.struck

    def meanwhile(self: Private, session: str, person: str | None = None) -> frozenset[str]:
        found = real(self, session, person)
        if person is None:
            self.strike(session, "Benedikt", [goal], leave_out=True)
        return found

    desk = StoredReviewService(db)
    with monkeypatch.context() as busy:
        busy.setattr(Private, "struck", meanwhile)
        shown = desk.joint(1, "Anouk", {})
    assert goal in [part["key"] for part in shown["parts"]], "what is shown is what its mark is of"
    with pytest.raises(StoreError):
        desk.joint(1, "Anouk", {"yes": True, "of": shown["of"]})


def test_what_fails_in_the_database_is_not_laid_to_the_file_beside_it(db: Path) -> None:
    with pytest.raises(sqlite3.IntegrityError), Private(db).changing():
        raise sqlite3.IntegrityError("of the database")


def test_who_came_late_has_a_say(tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    with Store.open(path) as store:
        talk = TableTalk(store, mediation())
        talk.wait(2_000)
        talk.tell(Command(at_ms=talk.now_ms, name="here", person="Carla"))
        talk.wait(60_000)
        talk.finish()
    assert joint(path).sides == ("Anouk", "Benedikt", "Carla")


def test_a_yes_without_names_is_none_with_them(db: Path, tmp_path: Path) -> None:
    all_say_yes(db)
    assert report(db, "--names", "--write", str(tmp_path / "joint.md")).exit_code != 0


def test_only_their_own_is_let_stand_again_and_a_host_has_no_say(db: Path) -> None:
    left_out(db, "Anouk", "1")
    report(db, "--person", "Benedikt")
    report(db, "--person", "Benedikt", "--keep", "1")
    assert GOAL not in report(db, "--person", "Benedikt").output
    report(db, "--person", "Anouk")
    assert GOAL in report(db, "--person", "Anouk", "--keep", "1").output
    for arguments in (("--person", "Maria"), ("--yes",), ("--person", "Anouk", "--strike", "99")):
        assert report(db, *arguments).exit_code != 0


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Will and May will share the car.", "A and B will share the car."),
        ("the car is for May, and we will see in may", "the car is for B, and we will see in may"),
        ("will takes out the rubbish", "A takes out the rubbish"),
        ("May we both rest. I think will sleeps", "B we both rest. I think A sleeps"),
        ("we pay by Friday, and Zoë drives", "we pay by Friday, and C drives"),
        ("WILL pays, zoë drives", "A pays, C drives"),
    ],
)
def test_a_name_that_is_a_word_too(said: str, told: str) -> None:
    """Rather one word too many than a name; a day that people said stays."""
    assert Letters(["Will", "May", "Zoë"], {"will", "may"}).text(said) == told


def test_people_who_are_called_as_the_letters_are(tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    with Store.open(path) as store:
        talk = TableTalk(store, setup(("B", "A"), "open", hears_words=False, enrolled=("B", "A")))
        store.write([Agreed(at_ms=talk.now_ms, number=1, kind="agreement", text="B asks A", owner="A", idea="B")])
        again: dict[str, Any] = {"every": "week", "due_days": 7, "by_turns": True, "people": ("A", "B"), "owner": "A"}
        store.write([Agreed(at_ms=talk.now_ms, number=2, kind="agreement", text="the dishes", **again)])
        talk.finish()
    assert [part.text for part in joint(path).parts[-2:]] == [
        "Agreed: A asks B. B takes care of it. It was A's idea.",
        "Agreed: the dishes. Every week; by turns: B and A.",
    ]


# --- one change in two files -----------------------------------------------------------------------------------------


COMMANDS = {
    "forget": lambda people: people.forget("Benedikt"),
    "rename": lambda people: people.rename("Benedikt", "Bodo"),
    "remove": lambda people: people.remove([1]),
}


@pytest.mark.parametrize("what", COMMANDS)
def test_what_cannot_be_done_in_the_database_is_not_done_beside_it(
    db: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_out(db, "Benedikt", "2")
    before = contents(db)

    def full(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with People.open(db) as people:
        monkeypatch.setattr("facilitator.store.names.drop_unused", full)
        monkeypatch.setattr("facilitator.store.people.correct_again", full)
        with pytest.raises(StoreError):
            COMMANDS[what](people)
    assert contents(db) == before


@pytest.mark.parametrize("what", COMMANDS)
def test_after_a_crash_between_the_two_the_same_command_does_the_rest(db: Path, what: str) -> None:
    left_out(db, "Benedikt", "2")
    uid = uids(db)[0]
    with People.open(db) as people:
        with pytest.raises(KeyboardInterrupt), database.writing(people._db), Crash(db).changing() as private:
            _beside(what, private, uid)
        assert SECRET not in str(contents(db)) and people.find("Benedikt")
        COMMANDS[what](people)
    if what == "remove":
        assert contents(db) == ([], [])
    else:
        new = "Bodo" if what == "rename" else ""
        assert [person for _, person, _ in contents(db)[1]] == [new]
    assert b"Benedikt" not in private_file(db).read_bytes()
    assert b"Benedikt" not in db.read_bytes()


class Crash(Private):
    """It is in the file, and nothing of it in the database."""

    @contextlib.contextmanager
    def changing(self) -> Iterator[PrivateChanges]:
        with super().changing() as found:
            yield found
        raise KeyboardInterrupt


def _beside(what: str, private: PrivateChanges, uid: str) -> None:
    new = "Bodo" if what == "rename" else "Someone"

    def replaced(text: str) -> str:
        return text.replace("Benedikt", new)

    if what == "remove":
        private.leave_out([uid])
    elif what == "rename":
        private.rename(["Benedikt"], new, replaced, [uid])
    else:
        private.forget(["Benedikt"], replaced, [uid])


def contents(db: Path) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    with sqlite3.connect(private_file(db)) as private:
        return (
            private.execute("SELECT session, text FROM notes").fetchall(),
            private.execute("SELECT session, person, part FROM struck").fetchall(),
        )


def test_without_a_note_there_is_no_file(tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    with Store.open(path) as store:
        TableTalk(store, setup(PEOPLE, "open")).finish()
    run(path, "notes")
    ran("forget", "Maria", "--yes", "--db", str(path))
    assert not private_file(path).exists() and Private(path).notes("x") == ()


# --- goals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["de", "en", "es", "fr", "it", "ko", "nl", "pl", "pt"])
def test_what_it_is_for_is_said_before_all_else(code: str) -> None:
    room = Room(PEOPLE, "mediation", language=code, host="Maria", goals=(GOAL, "and to stay in touch."), rules=("one",))
    assert f"{GOAL}; and to stay in touch" in room.until(room.being_said()).text
    assert room.kinds()[0] == "business.goals"
    room.until("business.rules")


def test_several_notes_at_once_are_all_kept_and_removed(db: Path) -> None:
    assert run(db, "notes", "--add", "the winter", "--add", "the car").exit_code == 0
    listed = run(db, "notes").output
    assert "the winter" in listed and "the car" in listed
    assert SECRET in run(db, "notes", "--remove", "2", "--remove", "3").output
    assert "the winter" not in run(db, "notes").output and "the car" not in run(db, "notes").output
