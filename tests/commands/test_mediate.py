"""A mediator's own notes are in nothing that leaves, and the joint report has only what all have said yes to."""

from __future__ import annotations

import json
import sqlite3
import stat
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from facilitator.cli import cli
from facilitator.core.events import Agreed
from facilitator.core.setup import Setup
from facilitator.store.backup import Whole
from facilitator.store.notebook.private import Private, private_file, uid_of
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
    run(db, "report", "--person", "Benedikt", "--strike", "2", "--yes")
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
        run(path, "report", "--person", "Benedikt", "--strike", "1")
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


def test_it_is_written_when_each_has_said_yes_on_their_own_and_has_no_name_and_no_day(db: Path, tmp_path: Path) -> None:
    target = tmp_path / "joint.md"
    for person in ("Anouk", "Benedikt"):
        refused = report(db, "--write", str(target))
        assert refused.exit_code != 0 and not target.exists()
        assert "Anouk" not in refused.output and "Benedikt" not in refused.output, "nobody is told who has not"
        assert report(db, "--person", person, "--yes").exit_code == 0
    assert report(db, "--write", str(target)).exit_code == 0
    text = target.read_text()
    assert GOAL in text and "B shows C the account" in text
    assert not {"Maria", "Anouk", "Benedikt"} & {*text.replace(".", " ").split()}
    assert "done by" not in text and "B 50 % and C 50 %" in text and "A 0 %" not in text


def test_what_either_leaves_out_is_gone_for_all_and_nobody_is_told_who_it_was(db: Path, tmp_path: Path) -> None:
    shown = report(db, "--person", "Anouk").output
    number = next(line.split()[0] for line in shown.splitlines() if "the car is washed" in line)
    mine = report(db, "--person", "Anouk", "--strike", number, "--yes").output
    assert "left out" in mine
    theirs = report(db, "--person", "Benedikt", "--yes").output
    assert "the car is washed" not in theirs and "left out" not in theirs and "Anouk" not in theirs
    target = tmp_path / "joint.md"
    report(db, "--write", str(target))
    assert "car" not in target.read_text()


def test_whatever_changes_a_yes_was_to_other_words(db: Path, tmp_path: Path) -> None:
    report(db, "--person", "Anouk", "--yes")
    report(db, "--person", "Benedikt", "--strike", "1", "--yes")
    assert report(db, "--write", str(tmp_path / "joint.md")).exit_code != 0
    report(db, "--person", "Anouk", "--yes")
    ran("agreements", "--word", "2", "something else", "--db", str(db))
    assert report(db, "--write", str(tmp_path / "joint.md")).exit_code != 0
    for person in ("Anouk", "Benedikt"):
        report(db, "--person", person, "--yes")
    report(db, "--person", "Anouk", "--no")
    assert report(db, "--write", str(tmp_path / "joint.md")).exit_code != 0


def test_a_yes_without_names_is_none_with_them(db: Path, tmp_path: Path) -> None:
    for person in ("Anouk", "Benedikt"):
        report(db, "--person", person, "--yes")
    assert report(db, "--names", "--write", str(tmp_path / "joint.md")).exit_code != 0


def test_only_their_own_is_let_stand_again_and_a_host_has_no_say(db: Path) -> None:
    report(db, "--person", "Anouk", "--strike", "1")
    report(db, "--person", "Benedikt", "--keep", "1")
    assert GOAL not in report(db, "--person", "Benedikt").output
    assert GOAL in report(db, "--person", "Anouk", "--keep", "1").output
    for arguments in (("--person", "Maria"), ("--yes",), ("--person", "Anouk", "--strike", "99")):
        assert report(db, *arguments).exit_code != 0


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
