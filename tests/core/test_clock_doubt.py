"""Whether sessions may be removed by the computer's clock."""

from __future__ import annotations

import datetime

import pytest

from facilitator.core.clock_doubt import Dated, doubt, out_of_order

NOW = datetime.datetime(2026, 11, 29, 20, tzinfo=datetime.UTC)


def held(*days_ago: float) -> list[Dated]:
    """Sessions of a moment, stored in this order, so many days before now."""
    moments = [NOW - datetime.timedelta(days=days) for days in days_ago]
    return [Dated(number=number, began=moment, ended=moment) for number, moment in enumerate(moments, 1)]


@pytest.mark.parametrize("days_ago", [(), (0.1,), (190, 100, 7, 0.1), (90, 0.1), (400, 20, 10, 0.1), (400, 8)])
def test_a_clock_that_goes_on_is_believed(days_ago: tuple[float, ...]) -> None:
    assert doubt(held(*days_ago), NOW) is None


def test_after_a_long_gap_it_is_doubted_for_a_week() -> None:
    assert doubt(held(400, 300, 0.1), NOW) == "ahead"
    assert doubt(held(400, 300, 6, 0.1), NOW) == "ahead"
    assert doubt(held(400, 300, 8, 0.1), NOW) is None


def test_a_clock_put_forward_while_people_talk_is_doubted() -> None:
    assert doubt([Dated(number=1, began=NOW - datetime.timedelta(days=365), ended=NOW)], NOW) == "ahead"


def test_what_lies_in_the_future_speaks_against_it() -> None:
    assert doubt(held(30, -0.01), NOW) is None  # put right by a quarter of an hour
    assert doubt([*held(400, 30), *held(-2)], NOW) == "behind"


def test_those_that_were_stored_later_are_known() -> None:
    assert out_of_order(held(30, 20, 10)) == frozenset()
    assert out_of_order(held(30, 9_000, 20, 25, 10)) == {2, 4}
    assert out_of_order(held(30, 20)[::-1]) == frozenset()
