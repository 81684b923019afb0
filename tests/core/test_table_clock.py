"""How far a table is, as another computer is told it."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from facilitator.core.discussion import Discussion
from facilitator.core.events import Tick
from facilitator.core.table_clock import MOST_NAMES, MOST_TEXT, TableClock, TableSeen, clock_of, read_clock
from facilitator.terminal.room_view import room_lines, table_line
from tests.support.simulation import setup
from tests.support.texts import ENGLISH

NOW = TableClock(
    stage="Open talk", round=1, rounds=2, at_s=65, left_s=30, paused=False, ended=False, people=(), floor=None
)


def test_what_is_told_is_understood_and_has_no_name_unless_that_is_wanted() -> None:
    discussion = Discussion(setup(("Ana", "Ben"), "round-robin"))
    discussion.receive(Tick(at_ms=1_000))
    snapshot = discussion.snapshot()
    told = clock_of(snapshot, names=False)
    assert "Ana" not in str(told) and set(told) <= {field.name for field in dataclasses.fields(TableClock)} | {
        "version"
    }
    assert read_clock(told).stage == snapshot.stage and read_clock(told).people == ()
    assert read_clock(clock_of(snapshot, names=True)).people == ("Ana", "Ben")


anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=99),
    st.lists(st.text(max_size=99) | st.none(), max_size=25),
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.fixed_dictionaries({field.name: anything for field in dataclasses.fields(TableClock)}))
def test_nothing_that_another_computer_says_is_too_much(told: dict[str, Any]) -> None:
    found = read_clock(told)
    assert len(found.stage) <= MOST_TEXT and len(found.people) <= MOST_NAMES
    assert room_lines({"A": TableSeen(reached="here", clock=found)}, ENGLISH, 60)


@pytest.mark.parametrize(
    ("seen", "line"),
    [
        (TableSeen(), "  A  is being looked for"),
        (TableSeen(reached="here"), "  A  is getting ready"),
        (TableSeen(reached="here", clock=NOW), "  A  Open talk · round 1 of 2 · 0:30 time left · 01:05"),
        (TableSeen(reached="here", clock=dataclasses.replace(NOW, left_s=-3), help=True),
         "! A  ASKS FOR HELP · Open talk · round 1 of 2 · +0:03 time is up · 01:05"),
        (TableSeen(reached="here", clock=dataclasses.replace(NOW, people=("Ana", "Ben"), rounds=None, left_s=None)),
         "  A  Open talk · round 1 · Ana and Ben · 01:05"),
        (TableSeen(reached="here", clock=dataclasses.replace(NOW, ended=True), handed=1),
         "  A  The end · has handed its session over"),
        (TableSeen(reached="lost", clock=NOW), "  A  cannot be reached just now; I go on looking"),
        (TableSeen(reached="refused"), "  A  does not open with this address: ask there for the new one"),
    ],
)  # fmt: skip
def test_a_line_for_each_table(seen: TableSeen, line: str) -> None:
    assert room_lines({"A": seen}, ENGLISH, 100) == [line]


def test_names_line_up_and_narrow_terminals_fold() -> None:
    tables = {"window": TableSeen(reached="here", clock=NOW), "가": TableSeen()}
    lines = room_lines(tables, ENGLISH, 100)
    assert lines[1] == "  가      is being looked for"
    assert all(len(line) <= 40 for line in room_lines(tables, ENGLISH, 40))


def test_where_lines_are_added_what_only_goes_on_is_no_news() -> None:
    later = dataclasses.replace(NOW, at_s=66, left_s=29)
    lines = [table_line("A", TableSeen(reached="here", clock=one), ENGLISH) for one in (NOW, later)]
    assert lines == ["01:05  A: Open talk · round 1 of 2", "01:06  A: Open talk · round 1 of 2"]
