"""A recording, or the labels of another program, as a session: it is kept once, and everything works on it."""

from __future__ import annotations

import datetime
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
import soundfile as sf
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

import facilitator
from facilitator.cli import cli
from facilitator.core.discussion import Discussion
from facilitator.core.turntaking.spans import Span, Voices, merged, total_ms
from facilitator.errors import UsageError
from facilitator.hearing.signal.audio import RATE
from facilitator.library.keeping import from_labels, keep, parse_held_at
from facilitator.report.output import labels
from facilitator.store.items import Item
from facilitator.store.reader import Reader
from facilitator.store.replay_diff import replay_session
from facilitator.store.rows import SessionRows
from tests.support.hearing_sounds import clip, joined, room

HELD = datetime.datetime(2026, 1, 31, 19, 30, tzinfo=datetime.UTC)
TALK = {
    "SPEAKER_00": [Span(0, 9_000), Span(20_000, 65_000), Span(80_000, 100_000)],
    "SPEAKER_01": [Span(7_000, 19_000), Span(66_000, 79_000), Span(98_000, 130_000)],
}


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, list(args))


def labelled(folder: Path, talk: Voices, form: str = "rttm") -> Path:
    """A file in which another program has put down who spoke when, in twelve seconds at most."""
    file = folder / f"talk.{labels.LABEL_FORMS[form].ending}"
    file.write_text(labels.write(form, talk, name="talk", duration_ms=12_000), encoding="utf-8")
    return file


@pytest.fixture
def rttm(tmp_path: Path) -> Path:
    file = tmp_path / "talk.rttm"
    file.write_text(labels.write("rttm", TALK, name="talk", duration_ms=130_000), encoding="utf-8")
    return file


def test_labels_become_a_session_that_is_as_any_other(rttm: Path, tmp_path: Path) -> None:
    db = tmp_path / "sessions.db"
    asked = ["import", str(rttm), "--name", "SPEAKER_00=Ana", "--held-at", "2026-01-31 19:30", "--db", str(db)]
    nameless = run(*asked)
    assert nameless.exit_code == 2 and "SPEAKER_01 has no name yet" in nameless.output and not db.exists()
    asked += ["--name", "SPEAKER_01=Ken"]
    told = run(*asked)
    assert told.exit_code == 0, told.output
    assert "Ana" in told.output and "Kept as session 1, held on 31 January 2026." in told.output
    again = run(*asked)
    assert again.exit_code == 0 and "kept already, as session 1" in again.output
    with facilitator.open(db) as found:
        assert len(found) == 1 and found.people == ("Ana", "Ken")
        by_name = {one.name: one for one in found.session().summary.people}
        assert by_name["Ana"].airtime_ms == total_ms(merged(TALK["SPEAKER_00"], 200))
        assert by_name["Ken"].cut_ins_made == 2
    with Reader.open(db) as reader:
        assert replay_session(reader, 1, Discussion).same
    assert run("correct", "rename", "Ken", "Ben", "--db", str(db)).exit_code == 0
    assert run("correct", "reassign", "1:06", "1:19", "--from", "Ben", "--to", "Ana", "--db", str(db)).exit_code == 0
    with facilitator.open(db) as found:
        assert found.session().summary.people[0].airtime_ms == by_name["Ana"].airtime_ms + 13_000
    assert run("correct", "undo", "--db", str(db)).exit_code == 0
    for command in ("review", "trends", "audit", "export"):
        more = [str(tmp_path / "out.zip")] if command == "export" else []
        told = run(command, *more, "--db", str(db))
        assert told.exit_code == 0, told.output
    assert run("forget", "Ben", "--yes", "--db", str(db)).exit_code == 0
    assert "Ben" not in run("review", "--db", str(db)).output


def test_a_recording_is_analysed_and_kept(tmp_path: Path) -> None:
    said = joined(room(1.0), clip("ana-1"), room(0.5), clip("ben-1"), room(1.0))
    sf.write(tmp_path / "talk.wav", said + room(len(said) / RATE + 1, seed=3)[: len(said)], RATE)
    voices = []
    for name in ("ana", "ben"):
        sf.write(tmp_path / f"{name}.wav", clip(f"{name}-0"), RATE)
        voices += ["--voice", f"{name}={tmp_path / f'{name}.wav'}"]
    os.utime(tmp_path / "talk.wav", (HELD.timestamp(),) * 2)
    db = str(tmp_path / "sessions.db")
    told = run("analyze", str(tmp_path / "talk.wav"), *voices, "--store", "--db", db)
    assert told.exit_code == 0 and "Kept as session 1, held on 31 January 2026" in told.output
    (tmp_path / "talk.wav").rename(tmp_path / "other.wav")
    told = run("analyze", str(tmp_path / "other.wav"), *voices, "--store", "--db", db)
    assert told.exit_code == 0 and "kept already" in told.output
    with facilitator.open(db) as found:
        assert found.session().people == ("ana", "ben") and found.session().began == HELD
    told = run("analyze", str(tmp_path / "other.wav"), "--people", "2", "--store", "--db", str(tmp_path / "more.db"))
    assert told.exit_code == 2 and '--name "Voice 1=Ana"' in told.output


@settings(deadline=None, max_examples=40)
@given(
    st.dictionaries(
        st.sampled_from(["Ana", "Ben", "Carla"]),
        st.lists(st.tuples(st.integers(0, 90_000), st.integers(1, 20_000)), min_size=1, max_size=6),
        min_size=1,
    )
)
def test_what_was_labelled_is_what_is_stored(
    tmp_path_factory: pytest.TempPathFactory, said: dict[str, list[tuple[int, int]]]
) -> None:
    folder = tmp_path_factory.mktemp("kept")
    voices = {who: merged([Span(a, a + n) for a, n in spans], 0) for who, spans in said.items()}
    file, db = folder / "talk.rttm", folder / "sessions.db"
    file.write_text(labels.write("rttm", voices, name="talk", duration_ms=0), encoding="utf-8")
    analysis = from_labels(file)
    assert analysis.voices == voices
    keep(analysis, db, held_at=HELD, uid="a")
    with facilitator.open(db) as found:
        account = found.session().account
    assert account.timeline.spans() == voices
    assert account.summary().people == analysis.summary.people


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("SPEAKER t 1 0 1 <NA> <NA> A <NA> <NA>", "Nobody is called B"),
        ("", "Nobody speaks"),
        ("SPEAKER t", "damaged"),
        (
            "SPEAKER t 1 0 1 <NA> <NA> A <NA> <NA>\nSPEAKER u 1 5 1 <NA> <NA> B <NA> <NA>",
            r"^\S+rttm is of 2 recordings",
        ),
    ],
)
def test_labels_that_cannot_be_used(tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "talk.rttm"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=sentence):
        from_labels(file, {"B": "Ben"} if "called" in sentence else None)


def test_a_label_that_is_no_name_is_not_kept_as_one(tmp_path: Path) -> None:
    talk = {"A\x1b[31mna": [Span(0, 9_000)], "Ben": [Span(9_000, 12_000)]}
    file, db = labelled(tmp_path, talk), tmp_path / "sessions.db"
    told = run("import", str(file), "--db", str(db))
    assert told.exit_code == 2 and "--name LABEL=NAME" in told.output and not db.exists()


@pytest.mark.parametrize("form", ["eaf", "textgrid"])
@pytest.mark.parametrize("empty", ["default", "words=said"])
def test_a_tier_in_which_nothing_is_put_down_is_nobody(tmp_path: Path, form: str, empty: str) -> None:
    """Such as the one that comes with every new file of ELAN, and however it is called."""
    talk = {empty: [], "Ana": [Span(0, 9_000)], "Ben": [Span(9_000, 12_000)]}
    file, db = labelled(tmp_path, talk, form), tmp_path / "sessions.db"
    assert empty in labels.read(file)
    told = run("import", str(file), "--db", str(db))
    assert told.exit_code == 0, told.output
    with facilitator.open(db) as found:
        assert found.people == ("Ana", "Ben")
    told = run("import", str(file), "--name", f"{empty.partition('=')[0]}=Carla", "--db", str(tmp_path / "more.db"))
    assert told.exit_code == 2 and "there: Ana, Ben." in " ".join(told.output.split())


@pytest.mark.parametrize("label", ["Speaker_A", "Sprecher_1", "UNK", "spk-b", "Guest-1", "speaker", "Mówca 2", "101"])
def test_what_programs_call_somebody_is_nobodys_name_until_somebody_says_so(tmp_path: Path, label: str) -> None:
    """Nor is a number, which for a study is what a participant is called."""
    talk = {label: [Span(0, 9_000)], "Anka": [Span(9_000, 12_000)]}
    file, db = labelled(tmp_path, talk), tmp_path / "sessions.db"
    told = run("import", str(file), "--db", str(db))
    assert told.exit_code == 2 and f"{label} has no name yet" in " ".join(told.output.split()) and not db.exists()
    assert (f"{label}={label}" in told.output) == label.isdecimal()
    told = run("import", str(file), "--name", f"{label}={label}", "--db", str(db))
    assert told.exit_code == 0, told.output
    with facilitator.open(db) as found:
        assert set(found.people) == {label, "Anka"}


@pytest.mark.parametrize("name", ["Speakman", "Guido", "Unka", "Voice of Ana", "Guesta", "A"])
def test_a_name_that_only_begins_so_is_one(tmp_path: Path, name: str) -> None:
    file, db = labelled(tmp_path, {name: [Span(0, 9_000)]}), tmp_path / "sessions.db"
    told = run("import", str(file), "--db", str(db))
    assert told.exit_code == 0, told.output


@pytest.mark.parametrize("names", [["SPEAKER_00=Ana", "SPEAKER_00=Eve"], ["SPEAKER_00=Ana", "SPEAKER_01=ana"]])
def test_who_is_meant_is_said_once_and_in_one_way(rttm: Path, tmp_path: Path, names: list[str]) -> None:
    asked = ["import", str(rttm), "--db", str(tmp_path / "sessions.db")]
    told = run(*asked, *(word for name in names for word in ("--name", name)))
    assert told.exit_code == 2, told.output


def test_one_name_in_two_spellings_is_not_two_people(tmp_path: Path) -> None:
    talk = {"Ana": [Span(0, 9_000)], "ana": [Span(9_000, 12_000)]}
    file, db = labelled(tmp_path, talk), tmp_path / "sessions.db"
    told = run("import", str(file), "--db", str(db))
    assert told.exit_code == 2 and "Ana and ana would be two people" in told.output and not db.exists()


def test_nobody_comes_in_with_two_names(rttm: Path, tmp_path: Path) -> None:
    """A comma stands between two, and then nobody could say who is meant."""
    file, db, sound = tmp_path / "two.rttm", tmp_path / "sessions.db", tmp_path / "ana.wav"
    talk = {"Ana, Eve": [Span(0, 9_000)], "Ben": [Span(9_000, 12_000)]}
    file.write_text(labels.write("rttm", talk, name="talk", duration_ms=12_000), encoding="utf-8")
    sf.write(sound, clip("ana-0"), RATE)
    for asked in (
        ["import", str(file), "--db", str(db)],
        ["import", str(rttm), "--name", "SPEAKER_00=Ana, Eve", "--name", "SPEAKER_01=Ben", "--db", str(db)],
        ["analyze", str(sound), "--voice", f"Ana, Eve={sound}", "--store", "--db", str(db)],
        ["analyze", str(sound), "--people", "1", "--name", "Voice 1=Ana, Eve", "--store", "--db", str(db)],
    ):
        told = run(*asked)
        assert told.exit_code == 2 and "has a comma in it" in " ".join(told.output.split()), asked
    assert not db.exists()
    assert run("import", str(file), "--name", "Ana, Eve=Ana", "--db", str(db)).exit_code == 0


def test_what_is_interrupted_is_not_there_by_half(rttm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else it would be kept for good: who keeps the same again changes nothing."""
    db, names = tmp_path / "sessions.db", {"SPEAKER_00": "Ana", "SPEAKER_01": "Ben"}
    written, rows = SessionRows.write, []

    def interrupted(self: SessionRows, items: Sequence[Item]) -> None:
        written(self, items[: len(items) // 2])
        rows.append(items)
        raise KeyboardInterrupt

    with monkeypatch.context() as meanwhile, pytest.raises(KeyboardInterrupt):
        meanwhile.setattr(SessionRows, "write", interrupted)
        keep(from_labels(rttm, names), db, held_at=HELD, uid="a")
    with Reader.open(db) as reader:
        assert rows and not reader.sessions()
    assert keep(from_labels(rttm, names), db, held_at=HELD, uid="a").new
    with facilitator.open(db) as found:
        assert found.session().summary.talk_ms > 100_000


def test_where_it_is_kept_already_is_said(rttm: Path, tmp_path: Path) -> None:
    asked = ["import", str(rttm), "--name", "SPEAKER_00=Ana", "--name", "SPEAKER_01=Ben"]
    asked += ["--db", str(tmp_path / "sessions.db"), "--group"]
    assert run(*asked, "7a").exit_code == 0
    for same in ("7a", "7A", " 7a "):
        assert "To move it" not in run(*asked, same).output
    told = " ".join(run(*asked, "7b").output.split())
    assert "session 1 of group 7a" in told and '1 --to "7b"' in told


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--json", "{}/none/talk.json"], "could not be written"),
        (["--csv", "{}"], "could not be written"),
        (["--labels", "{}/not-even-there.wav"], "named twice"),
        (["--json", "{0}/a.json", "--rttm", "{0}/./a.json"], "named twice"),
        (["--group", "7a"], "add --store"),
        (["--held-at", "2026-01-31"], "add --store"),
    ],
)
def test_what_cannot_be_is_said_before_an_hour_is_heard(tmp_path: Path, options: list[str], sentence: str) -> None:
    told = run("analyze", str(tmp_path / "not-even-there.wav"), *(one.format(tmp_path) for one in options))
    assert told.exit_code and sentence in " ".join(told.output.split())


def test_that_names_are_wanted_is_said_before_an_hour_is_heard(tmp_path: Path) -> None:
    recording = tmp_path / "talk.wav"
    recording.write_bytes(b"what would be heard")
    told = run("analyze", str(recording), "--people", "2", "--store", "--db", str(tmp_path / "sessions.db"))
    assert told.exit_code == 2 and "listen without --store first" in " ".join(told.output.split())


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "", "2999-01-01", "0001-01-01"])
def test_a_day_that_is_none(text: str) -> None:
    with pytest.raises(UsageError):
        parse_held_at(text, datetime.datetime(2026, 2, 1, tzinfo=datetime.UTC))
