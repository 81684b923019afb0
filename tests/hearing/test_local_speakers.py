"""Names for the local speakers of a segmentation, and everything known of each step, in order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from facilitator.hearing.signal.audio import RATE, Samples
from facilitator.hearing.signal.features import STEP
from facilitator.hearing.speaker.contribution import contribution
from facilitator.hearing.speaker.embedding_evidence import AHEAD
from facilitator.hearing.speaker.evidence_pool import Sources
from facilitator.hearing.speaker.local_speakers import averaged, named
from facilitator.hearing.values import Contribution, LocalWindow
from tests.support.evidence import KnowsNothing

NOBODY, FIRST, SECOND, THIRD, BOTH = 0, 1, 2, 3, 4
Values = NDArray[np.float32]


def window(first_step: int, *parts: tuple[int, int]) -> LocalWindow:
    """Parts of so many steps in which this class is nearly sure."""
    rows = [np.full((steps, 7), 0.01, np.float32) for _, steps in parts]
    for row, (kind, _) in zip(rows, parts, strict=True):
        row[:, kind] = 0.94
    return LocalWindow(first_step=first_step, chances=np.concatenate(rows).astype(np.float16))


def sounds_like(*parts: tuple[int | None, int], people: int = 3) -> Values:
    rows = [np.zeros((steps, people), np.float32) for _, steps in parts]
    for row, (person, _) in zip(rows, parts, strict=True):
        if person is not None:
            row[:] = -1.0
            row[:, person] = 1.0
    return np.concatenate(rows)


def test_a_name_holds_where_two_speak_at_once() -> None:
    heard = window(0, (FIRST, 40), (BOTH, 20), (SECOND, 40), (NOBODY, 20))
    told = named(heard, sounds_like((2, 40), (None, 20), (0, 40), (None, 20)), 0)
    assert told.shape == (120, 6)
    assert (told[:40, 2] > 0.9).all() and (told[:40, :2] < 0.1).all()
    assert (told[40:60, [0, 2]] > 0.9).all() and (told[40:60, 1] < 0.1).all() and (told[40:60, 5] > 0.9).all()
    assert (told[60:100, 0] > 0.9).all()
    assert (told[100:, 4] < 0.1).all()


def test_two_voices_are_never_the_same_person() -> None:
    """Both sound like the first person, one of them more so: the other has to be somebody else."""
    identity = sounds_like((0, 40), (0, 40))
    identity[40:, 0], identity[40:, 1] = 0.4, 0.3
    told = named(window(0, (FIRST, 40), (SECOND, 40)), identity, 0)
    assert told[:40, 0].min() > 0.9 and told[40:, 1].min() > 0.7 and told[40:, 0].max() < 0.3


def test_a_voice_that_is_like_nobody_is_a_guest() -> None:
    told = named(window(0, (FIRST, 60)), np.full((60, 3), -1.0, np.float32), 0)
    assert told[:, 3].min() > 0.9 and told[:, :3].max() < 0.05


def test_windows_reach_before_the_beginning_and_are_averaged() -> None:
    windows = [window(k - 100, (NOBODY, 50), (FIRST, 50)) for k in (50, 60, 70)]
    told = averaged(windows, sounds_like((1, 80)), 0, 80)
    assert (told[20:70, 1] > 0.5).all() and not told[70:].any(), "what no window reaches is not known"


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 8), st.integers(0, 2**31))
def test_chances_stay_chances(people: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    chances = rng.dirichlet(np.full(7, 0.3), 60).astype(np.float16)
    identity = rng.normal(0, 3, (60, people)).astype(np.float32)
    told = named(LocalWindow(first_step=-20, chances=chances), identity, -5)
    assert told.shape == (60, people + 3)
    assert (told >= 0).all() and (told <= 1.001).all()
    speaking = chances.astype(np.float32)[:, 1:].sum(axis=1) + chances.astype(np.float32)[:, 4:].sum(axis=1)
    assert (told[:, : people + 1].sum(axis=1) <= speaking + 0.02).all()


# --- everything together --------------------------------------------------------------------------


class Says(KnowsNothing):
    """A source that says its own step's number, so many steps late."""

    def __init__(self, name: str, late: int) -> None:
        self.name, self._late, self._done = name, late, 0
        self.learned: list[tuple[int, int]] = []

    def score(self, samples: Samples, first_sample: int) -> Values:
        ready = max(self._done, (first_sample + len(samples)) // STEP - self._late)
        rows = np.repeat(np.arange(self._done, ready)[:, None] / 100, self.people + 1, axis=1).astype(np.float32)
        self._done = ready
        return rows

    def earned(self) -> tuple[float, ...]:
        return (1.0,) * self.people

    def learn(self, belief: Values, first_step: int) -> None:
        self.learned.append((first_step, len(belief)))

    def rescore(self, belief: Values) -> Values:
        return np.ones((len(belief), self.people + 1), np.float32)

    def contributions(self, who: NDArray[np.int64]) -> list[Contribution]:
        return [contribution(self.name, np.eye(self.people, dtype=np.float32)[[0] * len(who)], who, self.earned())]


class Windows:
    name = "windows"

    def __init__(self) -> None:
        self._end = 0

    def feed(self, samples: Samples) -> list[LocalWindow]:
        before, self._end = self._end, self._end + len(samples)
        ends = [k for k in range(10, 4000, 10) if before < k * STEP <= self._end]
        return [window(end - 200, (NOBODY, 150), (FIRST, 50)) for end in ends]


def run(sources: Sources, steps: int = 100, size: int = 1600) -> tuple[Values, Values]:
    sources.enrol({"Ana": np.zeros(RATE, np.float32), "Ben": np.zeros(RATE, np.float32)})
    told = []
    for first in range(0, steps * STEP, size):
        count = min(size, steps * STEP - first)
        told.append(sources.hear(np.zeros(count, np.float32), first, sounds_like((0, count // STEP), people=2)))
    return np.concatenate([one.each for one in told]), np.concatenate([one.all for one in told])


@pytest.mark.parametrize("size", [800, 1600, 4800])
def test_each_step_is_told_once_and_in_order(size: int) -> None:
    each, everyone = run(Sources([Says("one", 4), Says("two", AHEAD)], Windows()), size=size)
    assert len(each) == 100 - AHEAD
    steps = np.arange(len(each), dtype=np.float32)
    assert each[:, 0, 0] * 3.0 == pytest.approx(2 * steps / 100, abs=1e-5), "the sum of both, of the same step"
    assert everyone[20:, 3:].min() == 1.0
    assert each[20:, 0, 1].min() > 0.5 > each[20:, 1, 1].max(), "the local speaker has Ana's name"


def test_a_late_source_is_not_waited_for() -> None:
    each, _ = run(Sources([Says("one", 0), Says("late", 30)]))
    steps = np.arange(len(each), dtype=np.float32)
    assert len(each) == 100 - AHEAD
    assert each[-1, 0, 0] * 3.0 == pytest.approx(steps[-1] / 100, abs=1e-5), (
        "the late one is silent, the other is heard"
    )


def test_with_no_sources_nothing_waits() -> None:
    each, everyone = run(Sources())
    assert len(each) == 100 and not each.any() and not everyone.any()


def test_contributions() -> None:
    sources = Sources([Says("one", 0)], Windows())
    run(sources)
    sources.again(np.zeros((100, 3), np.float32), sounds_like((0, 100), people=2))
    who = np.array([0] * 50 + [1] * 25 + [-1] * 25)
    one, segmentation = sources.contributions(who)
    assert (one.source, one.earned, one.says) == ("one", (1.0, 1.0), 1.0)
    assert one.agrees == pytest.approx(50 / 75)
    assert segmentation.source == "windows" and segmentation.earned == ()
    assert contribution("none", np.zeros((9, 1), np.float32), np.full(9, -1)).says == 0.0
