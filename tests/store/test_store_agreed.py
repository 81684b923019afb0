"""Agreements, numbers and breaks as rows: whose, by which day at the table, and whether they were kept."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from facilitator.core import events as e
from facilitator.core.setup import Setup
from facilitator.errors import StoreError
from facilitator.store.notebook.notebook import Notebook
from facilitator.store.session_log import Store

HOUR_MS = 3_600_000
SETUP = Setup(people=("Ana", "Ben"), format={"name": "Open talk"}, language={"code": "en"})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "sessions.db") as store:
        yield store


def written(store: Store, *records: e.Record, started_at: str = "2026-03-06T19:00:00+00:00", **fields: Any) -> int:
    session = store.begin(dataclasses.replace(SETUP, **fields), started_at)
    store.write(records)
    assert store.flush()
    assert store.unwritten() == 0
    return session


def agreed(at_ms: int = 0, number: int = 1, **fields: Any) -> e.Agreed:
    return e.Agreed(at_ms=at_ms, number=number, **({"kind": "agreement", "text": "tidy up"} | fields))


def test_an_agreement_with_everything(store: Store) -> None:
    written(
        store, agreed(90_000, owner="Ben", due_days=7, kind="decision", cooling_ms=24 * HOUR_MS), people=("Ana", "Ben")
    )
    assert store.agreements() == [
        {
            "agreement": 1,
            "session": 1,
            "number": 1,
            "agreed_on": "2026-03-06",
            "people": "Ana, Ben",
            "kind": "decision",
            "text": "tidy up",
            "owner": "Ben",
            "due": "2026-03-13",
            "holds_from": "2026-03-07T19:01:30+00:00",
            "stands": None,
            "kept": None,
            "kept_session": None,
        }
    ]


def test_an_agreement_with_nothing_more(store: Store) -> None:
    written(store, agreed(kind="rule"))
    (line,) = store.agreements()
    assert (line["owner"], line["due"], line["holds_from"]) == ("", None, None)


@pytest.mark.parametrize(
    ("offset_minutes", "started_at", "today", "in_a_week"),
    [
        (0, "2026-03-06T23:30:00+00:00", "2026-03-06", "2026-03-13"),
        (60, "2026-03-06T23:30:00+00:00", "2026-03-07", "2026-03-14"),  # past midnight in Berlin
        (-480, "2026-03-07T03:00:00+00:00", "2026-03-06", "2026-03-13"),  # still Friday evening in Los Angeles
        (345, "2026-03-06T18:14:59Z", "2026-03-06", "2026-03-13"),  # a second before midnight in Kathmandu
        (345, "2026-03-06T18:15:00Z", "2026-03-07", "2026-03-14"),
        (840, "2026-12-31T12:00:00+00:00", "2027-01-01", "2027-01-08"),
    ],
)
def test_days_are_those_at_the_table(
    store: Store, offset_minutes: int, started_at: str, today: str, in_a_week: str
) -> None:
    written(
        store,
        agreed(due_days=0),
        agreed(number=2, due_days=7),
        e.NextAgreed(at_ms=0, in_days=7),
        started_at=started_at,
        utc_offset_minutes=offset_minutes,
    )
    assert [(line["agreed_on"], line["due"]) for line in store.agreements()] == [(today, today), (today, in_a_week)]
    assert store.query("SELECT kind, return_on FROM returns") == [{"kind": "next", "return_on": in_a_week}]


def test_a_talk_past_midnight_keeps_to_the_day_on_which_it_began(store: Store) -> None:
    """ "By Saturday" was reckoned from Friday, the day of the session."""
    written(store, agreed(6 * HOUR_MS, due_days=1))
    assert store.agreements()[0]["due"] == "2026-03-07"


def test_breaks_are_told_to_the_second(store: Store) -> None:
    written(
        store,
        e.BreakAgreed(at_ms=1_500, return_in_ms=20 * 60_000),
        e.BreakAgreed(at_ms=2 * HOUR_MS, return_in_ms=24 * HOUR_MS),
        utc_offset_minutes=180,
    )
    assert store.query("SELECT kind, at_ms, return_at, return_on FROM returns ORDER BY id") == [
        {"kind": "break", "at_ms": 1_500, "return_at": "2026-03-06T19:20:01+00:00", "return_on": "2026-03-06"},
        {"kind": "break", "at_ms": 2 * HOUR_MS, "return_at": "2026-03-07T21:00:00+00:00", "return_on": "2026-03-08"},
    ]


def test_a_break_after_an_interruption_is_reckoned_from_when_it_was_agreed(store: Store, tmp_path: Path) -> None:
    """The clock of the session stands still while the program is not there."""
    session = written(store, e.Tick(at_ms=60_000))
    store.close()
    with Store.open(tmp_path / "sessions.db") as again:
        before = datetime.datetime.now(datetime.UTC)
        again.resume(session)
        again.write([e.Resumed(at_ms=60_000), e.BreakAgreed(at_ms=60_000, return_in_ms=HOUR_MS)])
        assert again.flush()
        ((back,),) = (row.values() for row in again.query("SELECT return_at FROM returns"))
    late = datetime.datetime.fromisoformat(back) - before - datetime.timedelta(hours=1)
    assert abs(late) < datetime.timedelta(seconds=30)


def test_numbers_beside_what_was_measured(store: Store) -> None:
    written(
        store,
        e.Spoke(at_ms=3_000, start_ms=0, end_ms=3_000, people=("Ana",)),
        e.Spoke(at_ms=4_000, start_ms=3_000, end_ms=4_000, people=("Ben",)),
        e.Rated(at_ms=5_000, person="Ana", what="arriving", value=2),
        e.Rated(at_ms=5_000, person="Ana", what="share", value=40),
        e.Rated(at_ms=5_000, person="Ben", what="share", value=60),
    )
    lines = store.query("SELECT person, what, value, measured FROM v_ratings ORDER BY person, what")
    assert [tuple(line.values()) for line in lines] == [
        ("Ana", "arriving", 2, None),
        ("Ana", "share", 40, 75),
        ("Ben", "share", 60, 25),
    ]


# --- kept or open ------------------------------------------------------------------------------------------


def test_what_was_said_in_a_later_session(store: Store, tmp_path: Path) -> None:
    written(store, agreed(due_days=0), agreed(number=2, text="call the landlord", due_days=0))
    due = ({"agreement": 1, "text": "tidy up", "owner": ""}, {"agreement": 2, "text": "call the landlord", "owner": ""})
    with Store.open(tmp_path / "sessions.db") as later:
        written(
            later,
            e.AgreementChecked(at_ms=1, agreement=1, kept=True),
            e.AgreementChecked(at_ms=2, agreement=2, kept=False),
            due=due,
        )
        assert [(line["kept"], line["kept_session"]) for line in later.agreements(1)] == [(1, 2), (0, 2)]


def test_in_another_database_the_number_may_be_another_agreement(store: Store, tmp_path: Path) -> None:
    """A session that was saved as a file knows its own numbers only."""
    written(store, agreed(text="call the landlord"))
    saved = tmp_path / "saved.jsonl"
    memory = Store.open_memory("There is no disk.")
    memory.begin(
        dataclasses.replace(SETUP, due=({"agreement": 1, "text": "tidy up", "owner": ""},)), "2026-03-07T00:00:00Z"
    )
    memory.write([e.AgreementChecked(at_ms=1, agreement=1, kept=True)])
    memory.rescue(saved)
    memory.close()
    store.load_rescue(saved)
    assert [line["kept"] for line in store.agreements()] == [None]


def test_somebody_says_so_outside_of_a_session(store: Store) -> None:
    written(store, agreed(), agreed(number=2, kind="rule"), agreed(number=3, kind="decision"))
    assert store.path is not None
    with Notebook.open(store.path) as notebook:
        notebook.keep({3: True})
        assert [line["kept"] for line in store.agreements()] == [None, None, 1]
        notebook.keep({3: False})
        notebook.keep({1: True})
    assert [line["kept"] for line in store.agreements()] == [1, None, 0]
    for number, sentence in ((2, "Number 2 is a rule"), (4, r"no agreement 4; .facilitator agreements. lists them")):
        with pytest.raises(StoreError, match=sentence), Notebook.open(store.path) as notebook:
            notebook.keep({1: False, number: True})
    assert [line["kept"] for line in store.agreements()] == [1, None, 0]  # all or nothing
