"""The speech table against an oracle that looks at every millisecond."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from facilitator.core.events import Spoke
from facilitator.core.turntaking.airtime import measured
from facilitator.core.turntaking.timeline import Timeline
from facilitator.store import database
from facilitator.store.items import Logged
from facilitator.store.rows import SessionRows

PEOPLE = ("Ana", "Ben", "Çetin")
LAST_MS = 40
Row = tuple[str, str | None, int, int, float, int]


@st.composite
def spokes(draw: st.DrawFn) -> Spoke:
    start, end = draw(st.integers(0, LAST_MS)), draw(st.integers(0, LAST_MS))
    return Spoke(
        at_ms=LAST_MS,
        start_ms=start,
        end_ms=end,
        people=tuple(draw(st.lists(st.sampled_from(PEOPLE), unique=True, max_size=2))),
        guest=draw(st.booleans()),
        unknown=draw(st.booleans()),
        confidence=draw(st.sampled_from([0.5, 1.0])),
        counted=draw(st.booleans()),
    )


def oracle(spoken: list[Spoke]) -> list[Row]:
    """Longest runs of milliseconds in which a voice speaks with the same confidence, counted or not."""
    believed: list[Spoke | None] = [None] * (LAST_MS + 1)
    for spoke in spoken:
        for ms in range(spoke.start_ms, spoke.end_ms):
            believed[ms] = spoke
    rows: list[Row] = []
    voices = [("person", name) for name in PEOPLE] + [("guest", None), ("unknown", None)]
    for voice, name in voices:
        for confidence in (0.5, 1.0):
            for counted in (0, 1):
                run: int | None = None
                for ms, one in enumerate(believed):
                    speaks = (
                        one is not None
                        and (name in one.people if voice == "person" else getattr(one, voice))
                        and (one.confidence, int(one.counted)) == (confidence, counted)
                    )
                    if speaks and run is None:
                        run = ms
                    elif not speaks and run is not None:
                        rows.append((voice, name, run, ms, confidence, counted))
                        run = None
    return sorted(rows, key=repr)


@pytest.fixture(scope="module")
def db() -> Iterator[Database]:
    db = database.open_memory()
    yield db
    db.close()


def painted(db: Database, batches: list[list[Spoke]]) -> int:
    """A new session in which this was said, a transaction a batch."""
    session = {"uid": uuid4().hex, "started_at": "", "format": "", "language": "", "setup": "{}"}
    number = db.table("sessions").insert(session).last_rowid
    assert number is not None
    for batch in batches:
        with db.atomic():
            SessionRows(db, number).write([Logged(seq=seq, record=spoke) for seq, spoke in enumerate(batch, 1)])
        db.execute("DELETE FROM events")  # their places are of no interest here
    return number


@settings(deadline=None, max_examples=80)
@given(batches=st.lists(st.lists(spokes(), max_size=4), max_size=6))
def test_table_is_what_was_said_last_of_every_millisecond(db: Database, batches: list[list[Spoke]]) -> None:
    number = painted(db, batches)
    rows = db.execute(
        "SELECT voice, name, start_ms, end_ms, confidence, counted FROM v_speech WHERE session = ?", [number]
    )
    assert sorted(rows, key=repr) == oracle([spoke for batch in batches for spoke in batch])


@settings(deadline=None, max_examples=40)
@given(batches=st.lists(st.lists(spokes(), max_size=4), max_size=6))
def test_lengths_add_up_to_airtime_with_its_short_pauses(db: Database, batches: list[list[Spoke]]) -> None:
    """On a grid of 70 ms, so that pauses are shorter and longer than 0.2 s."""
    coarse = [
        [dataclasses.replace(spoke, start_ms=70 * spoke.start_ms, end_ms=70 * spoke.end_ms) for spoke in batch]
        for batch in batches
    ]
    number = painted(db, coarse)
    found = db.execute(
        "SELECT name, sum(ms) FROM v_speech WHERE session = ? AND counted = 1 AND voice = 'person' GROUP BY person",
        [number],
    )
    assert dict(found) == measured(Timeline(spoke for batch in coarse for spoke in batch))
