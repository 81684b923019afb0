"""Entropy and Gini at their edges and against their definitions; running sums against the whole."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facilitator.core.events import Spoke
from facilitator.core.turntaking.airtime import Airtime, compared, entropy, gini, windows
from facilitator.core.turntaking.spans import Span, speech, total_ms

PEOPLE = ("Ana", "Ben", "Carla")
amounts = st.lists(st.integers(0, 10_000), min_size=2, max_size=8).filter(any)


@pytest.mark.parametrize("parts", [[], [5], [0], [0, 0], [0, 0, 0]])
def test_nothing_to_compare(parts: list[float]) -> None:
    assert entropy(parts) is None
    assert gini(parts) is None


@pytest.mark.parametrize(
    ("parts", "balance", "inequality"),
    [([7, 7], 1, 0), ([7, 0], 0, 1), ([0, 0, 9, 0], 0, 1), ([1, 1, 1, 1], 1, 0), ([3, 1], 0.8113, 0.5)],
)
def test_known_values(parts: list[float], balance: float, inequality: float) -> None:
    assert entropy(parts) == pytest.approx(balance, abs=1e-4)
    assert gini(parts) == pytest.approx(inequality)


@given(amounts)
def test_against_the_definitions(parts: list[int]) -> None:
    n, mean = len(parts), sum(parts) / len(parts)
    differences = sum(abs(a - b) for a, b in itertools.product(parts, parts))
    assert gini(parts) == pytest.approx(differences / (2 * n * n * mean) * n / (n - 1))
    shares = [part / sum(parts) for part in parts if part]
    assert entropy(parts) == pytest.approx(-sum(p * math.log(p) for p in shares) / math.log(n))


@given(amounts, st.integers(1, 50))
def test_only_proportions_matter_and_not_the_order(parts: list[int], times: int) -> None:
    again = [part * times for part in reversed(parts)]
    assert entropy(again) == pytest.approx(entropy(parts))
    assert gini(again) == pytest.approx(gini(parts))


def test_targets_other_than_equal() -> None:
    airtime = {"Ana": 300, "Ben": 700, "Host": 5_000}
    targets = {"Ana": 30.0, "Ben": 70.0, "Host": 0.0}
    assert entropy(compared(airtime, targets)) == pytest.approx(1)
    assert gini(compared(airtime, targets)) == pytest.approx(0)
    assert compared(airtime) == [300, 700, 5_000]


who = st.lists(st.sampled_from([*PEOPLE, "Nobody we know"]), unique=True, max_size=3).map(tuple)
stretches = st.lists(
    st.builds(
        lambda start, length, names, counted: Spoke(
            at_ms=0, start_ms=50 * start, end_ms=50 * (start + length), people=names, counted=counted
        ),
        st.integers(0, 100),
        st.integers(0, 30),
        who,
        st.sampled_from([True, True, True, False]),
    ),
    max_size=40,
)


@given(stretches)
@settings(deadline=None)
def test_running_sums_are_those_of_the_whole(painted: list[Spoke]) -> None:
    airtime = Airtime(PEOPLE)
    for spoke in painted:
        airtime.receive(spoke)
        voices = airtime.timeline.spans()
        said = speech({person: voices.get(person, []) for person in PEOPLE})
        assert airtime.ms == {person: total_ms(said[person]) for person in PEOPLE}
        for person in PEOPLE:
            assert airtime.spoke_until_ms(person) == max((end for _, end in said[person]), default=None)
    total = sum(airtime.ms.values())
    assert sum(airtime.shares().values()) == pytest.approx(1 if total else 0)


def test_overlap_counts_for_both_and_short_pauses_belong_to_speech() -> None:
    airtime = Airtime(PEOPLE)
    for start, end, names in ((0, 1_000, ("Ana",)), (1_190, 2_000, ("Ana", "Ben")), (2_200, 3_000, ("Ben",))):
        airtime.receive(Spoke(at_ms=end, start_ms=start, end_ms=end, people=names))
    assert airtime.ms == {"Ana": 2_000, "Ben": 1_610, "Carla": 0}
    assert airtime.spoke_until_ms("Ana") == 2_000
    assert airtime.spoke_until_ms("Carla") is None


def test_a_revision_takes_airtime_back() -> None:
    airtime = Airtime(PEOPLE)
    airtime.receive(Spoke(at_ms=1, start_ms=0, end_ms=10_000, people=("Ana",)))
    airtime.receive(Spoke(at_ms=2, start_ms=4_000, end_ms=10_000, people=("Ben",)))
    assert airtime.ms == {"Ana": 4_000, "Ben": 6_000, "Carla": 0}
    assert airtime.spoke_until_ms("Ana") == 4_000


def test_windows_tell_back_and_forth_from_one_sided() -> None:
    turns = {"Ana": [Span(0, 150_000)], "Ben": [Span(150_000, 300_000)]}
    found = windows(turns, ["Ana", "Ben"], start_ms=0, end_ms=300_000)
    assert [window.start_ms for window in found] == list(range(0, 150_001, 30_000))
    assert found[0].largest_share == found[-1].largest_share == 1
    assert found[0].balance == 0
    assert [w.airtime_ms["Ana"] for w in found] == [150_000, 120_000, 90_000, 60_000, 30_000, 0]


def test_windows_of_little_or_nothing() -> None:
    assert windows({}, ["Ana"], start_ms=0, end_ms=0) == []
    (only,) = windows({}, ["Ana", "Ben"], start_ms=1_000, end_ms=5_000)
    assert (only.end_ms, only.largest_share, only.balance, only.gini) == (5_000, None, None, None)
