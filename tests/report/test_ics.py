"""Calendar files: read back by another program's parser, line by line, and as an agreement becomes an entry."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path
from typing import Any

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilitator.core import events as e
from facilitator.report.output.calendar import MOST, Entry, calendar, folded
from tests.commands.test_agreements import EVERYTHING, agreed, facilitator, talked, told

NOW = datetime.datetime(2026, 3, 7, 8, tzinfo=datetime.UTC)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
DAYS = st.dates(datetime.date(1900, 1, 1), datetime.date(2200, 1, 1))
MOMENTS = st.datetimes(
    datetime.datetime(1900, 1, 1),
    datetime.datetime(2200, 1, 1),
    timezones=st.sampled_from([datetime.UTC, datetime.timezone(datetime.timedelta(hours=-9, minutes=-30))]),
)
ENTRIES = st.builds(
    Entry,
    uid=st.uuids().map(str),
    title=TEXTS,
    more=TEXTS,
    when=st.one_of(DAYS, MOMENTS),
    minutes=st.integers(1, 600),
    done=st.booleans(),
)


def parts(text: str) -> list[Any]:
    """The entries as a library reads them."""
    found = icalendar.Calendar.from_ical(text)
    assert (found["VERSION"], bool(found["PRODID"])) == ("2.0", True)
    assert not found.errors
    return list(found.subcomponents)


def kept(text: str) -> str:
    """What a text can have in a calendar: line breaks of one kind, no control characters."""
    lines = "\n".join(text.splitlines())
    return "".join(letter for letter in lines if letter in "\n\t" or not is_control(letter))


def is_control(letter: str) -> bool:
    return ord(letter) < 32 or 127 <= ord(letter) < 160


@given(entries=st.lists(ENTRIES, max_size=3))
def test_what_is_written_is_read_back(entries: list[Entry]) -> None:
    text = calendar(entries, NOW)
    assert text.endswith("END:VCALENDAR\r\n")
    lines = text.split("\r\n")
    assert not any("\n" in line or "\r" in line for line in lines)
    assert all(len(line.encode()) <= MOST for line in lines)
    read = parts(text)
    assert len(read) == len(entries)
    for one, entry in zip(read, entries, strict=True):
        title = kept(f"Done: {entry.title}" if entry.done else entry.title)
        assert (one.name, one["UID"], one["SUMMARY"]) == ("VEVENT", entry.uid, title)
        assert one.get("DESCRIPTION", "") == kept(entry.more)
        assert one["DTSTAMP"].dt == NOW
        if isinstance(entry.when, datetime.datetime):
            assert one["DTSTART"].dt == entry.when.replace(microsecond=0)
            assert one["DTEND"].dt - one["DTSTART"].dt == datetime.timedelta(minutes=entry.minutes)
            assert one["DTSTART"].dt.utcoffset() == datetime.timedelta()
        else:
            assert (one["DTSTART"].dt, one["DTEND"].dt - one["DTSTART"].dt) == (entry.when, datetime.timedelta(days=1))


@given(line=st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=400))
def test_a_folded_line_unfolds(line: str) -> None:
    pieces = list(folded(line))
    assert pieces[0] + "".join(piece[1:] for piece in pieces[1:]) == line
    assert all(piece.startswith(" ") for piece in pieces[1:])
    assert all(len(piece.encode()) <= MOST for piece in pieces)


def test_a_task_is_one_with_a_day_and_a_state() -> None:
    day = datetime.date(2026, 3, 13)
    entries = [Entry(uid="1", title="tidy up", when=day, task=True, done=done) for done in (False, True)]
    entries.append(Entry(uid="2", title="The next talk", when=day))
    found = parts(calendar(entries, NOW, tasks=True))
    assert [one.name for one in found] == ["VTODO", "VTODO", "VEVENT"]
    assert [str(one["STATUS"]) for one in found[:2]] == ["NEEDS-ACTION", "COMPLETED"]
    assert [one["DUE"].dt for one in found[:2]] == [day, day]
    events = parts(calendar(entries, NOW))
    assert not {str(one["UID"]) for one in found[:2]} & {str(one["UID"]) for one in events}


# --- facilitator agreements --ics ------------------------------------------------------------------------------


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "sessions.db"


def entries(db: Path, *words: str) -> list[Any]:
    file = db.parent / "dates.ics"
    told("agreements", "--db", str(db), "--ics", str(file), "--replace", *words)
    return parts(file.read_bytes().decode())


def test_agreements_decisions_and_the_next_talk_come_into_the_calendar(db: Path) -> None:
    assert "nothing was written" in told("agreements", "--db", str(empty(db)), "--ics", str(db.parent / "dates.ics"))
    talked(db, *EVERYTHING, Ana=90_000)
    found = {str(one["SUMMARY"]): one for one in entries(db, "--all")}
    assert {title: one["DTSTART"].dt for title, one in found.items()} == {
        "call the landlord (Ben)": datetime.date(2026, 3, 13),
        "no telephones at table": datetime.date(2026, 3, 6),
        "Does it still stand? sell the car": datetime.datetime(2026, 3, 7, 19, 1, 30, tzinfo=datetime.UTC),
        "Going on after the break: Ana and Ben": datetime.datetime(2026, 3, 7, 19, 1, tzinfo=datetime.UTC),
        "The next talk: Ana and Ben": datetime.date(2026, 3, 13),
    }
    more = str(found["call the landlord (Ben)"]["DESCRIPTION"])
    assert more.endswith("Agreed on Friday, 6 March 2026 by Ana and Ben.")
    assert len({str(one["UID"]) for one in found.values()}) == len(found)
    assert sum(one.name == "VTODO" for one in entries(db, "--all", "--tasks")) == 2


def empty(db: Path) -> Path:
    talked(db, Ana=1_000)
    return db


def test_only_what_is_open_and_each_once_however_often(db: Path) -> None:
    talked(db, *EVERYTHING, Ana=90_000)
    before = entries(db)
    assert {str(one["UID"]) for one in before} == {str(one["UID"]) for one in entries(db)}
    told("agreements", "--db", str(db), "--done", "1")
    left = {str(one["SUMMARY"]) for one in entries(db)}
    assert "no telephones at table" in left
    assert "call the landlord (Ben)" not in left
    assert not any("break" in title or "next talk" in title for title in left)  # long ago
    done = [one for one in entries(db, "--all") if "landlord" in one["SUMMARY"]]
    assert [str(one["SUMMARY"]) for one in done] == ["Done: call the landlord (Ben)"]
    assert str(done[0]["UID"]) in {str(one["UID"]) for one in before}


def test_a_break_that_is_agreed_again_moves(db: Path) -> None:
    later = (e.NextAgreed(at_ms=60_000, in_days=90_000), e.NextAgreed(at_ms=70_000, in_days=90_001))
    talked(db, *later)
    (found,) = entries(db)
    assert str(found["UID"]).startswith("next@")


def test_names_and_texts_of_every_kind(db: Path) -> None:
    text = "Käse, Brot; und\\oder\nzwei 🍞 " + "ü" * 90
    talked(db, agreed(1, text, due_days=3, owner="Ben"))
    (found,) = entries(db)
    assert str(found["SUMMARY"]) == f"{text} (Ben)"


def test_a_file_that_is_there_stays_unless_it_may_go(db: Path, tmp_path: Path) -> None:
    talked(db, agreed(1, due_days=3))
    file = tmp_path / "dates.ics"
    file.write_text("mine", encoding="utf-8")
    refused = facilitator("agreements", "--db", str(db), "--ics", str(file))
    assert refused.exit_code == 1
    assert "add --replace" in refused.output
    assert file.read_text(encoding="utf-8") == "mine"
    told("agreements", "--db", str(db), "--ics", str(file), "--replace")
    assert sys.platform == "win32" or file.stat().st_mode & 0o077 == 0
    assert facilitator("agreements", "--db", str(db), "--tasks").exit_code == 2
    nowhere = facilitator("agreements", "--db", str(db), "--ics", str(tmp_path / "no" / "dates.ics"))
    assert nowhere.exit_code == 1
    assert "choose another place" in nowhere.output


def test_how_to_have_it_in_a_calendar_is_told_where_there_is_a_date(db: Path) -> None:
    talked(db, agreed(1))
    assert "--ics" not in told("review", "--db", str(db)) + told("agreements", "--db", str(db))
    talked(db, agreed(1, due_days=3))
    assert f"facilitator agreements --db {db} --ics dates.ics" in told("review", "--db", str(db))
    assert f"facilitator agreements --db {db} --ics dates.ics" in told("agreements", "--db", str(db))
