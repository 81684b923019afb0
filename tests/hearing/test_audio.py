"""Samples, blocks and times."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from facilitator.hearing.signal.audio import RATE, Block, to_ms


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=30))
def test_times_of_blocks_never_drift(sizes: list[int]) -> None:
    at = 0
    for size in sizes:
        block = Block(first_sample=at, samples=np.zeros((size, 1), np.float32))
        at = block.end_sample
        assert block.end_ms == to_ms(at)
    assert to_ms(at) == sum(sizes) * 1000 // RATE


def test_mono_is_the_mean_of_the_channels() -> None:
    block = Block(first_sample=0, samples=np.array([[1.0, 0.0], [0.5, -0.5]], np.float32))
    assert block.mono().tolist() == [0.5, 0.0]
    assert block.mono().dtype == np.float32
