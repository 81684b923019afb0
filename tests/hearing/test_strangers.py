"""Two voices under one name: told apart where they are two, left alone where they are one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from facilitator.hearing.speaker.impostors import LEAST, strangers

SIZE = 64


def unit(rows: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), np.float32)


def voice(
    rng: np.random.Generator, middle: NDArray[np.float32], count: int, spread: float = 0.07
) -> NDArray[np.float32]:
    return unit(middle + spread * rng.normal(size=(count, SIZE)))


def two_middles(rng: np.random.Generator, likeness: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    one = unit(rng.normal(size=SIZE))
    any_way = rng.normal(size=SIZE)
    across = unit(any_way - (any_way @ one) * one)
    return one, unit(likeness * one + np.sqrt(1 - likeness**2) * across)


@pytest.mark.parametrize("count", [LEAST + 2, 40, 200])
def test_another_voice_is_found(count: int) -> None:
    rng = np.random.default_rng(count)
    own, other = two_middles(rng, 0.6)
    windows = np.concatenate([voice(rng, own, 60), voice(rng, other, count)])
    found = strangers(windows, own[None], 0)
    assert found[:60].mean() < 0.02 and found[60:].mean() > 0.98


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**31), st.integers(0, 400), st.floats(0.02, 0.12))
def test_one_voice_is_left_alone(seed: int, count: int, spread: float) -> None:
    rng = np.random.default_rng(seed)
    own = unit(rng.normal(size=SIZE))
    assert not strangers(voice(rng, own, count, spread), own[None], 0).any()


def test_a_few_odd_windows_are_nobody() -> None:
    rng = np.random.default_rng(3)
    own, other = two_middles(rng, 0.5)
    assert not strangers(np.concatenate([voice(rng, own, 60), voice(rng, other, LEAST - 3)]), own[None], 0).any()


def test_the_half_like_the_sample_stays_however_small() -> None:
    """Most of what was given to them is the stranger's: it is still the sample that says who is who."""
    rng = np.random.default_rng(4)
    own, other = two_middles(rng, 0.6)
    found = strangers(np.concatenate([voice(rng, own, 15), voice(rng, other, 150)]), own[None], 0)
    assert not found[:15].any() and found[15:].all()


def test_somebody_else_who_is_here_is_no_stranger() -> None:
    rng = np.random.default_rng(5)
    own, other = two_middles(rng, 0.6)
    windows = np.concatenate([voice(rng, own, 60), voice(rng, other, 60)])
    assert strangers(windows, own[None], 0)[60:].all()
    assert not strangers(windows, np.stack([own, other]), 0).any()
