"""The detector of speech: what it says is what its publisher's network says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facilitator.backends.models.silero_activity import SileroDetector
from facilitator.hearing.signal.vad import CHUNK
from tests.support.hearing_sounds import clip, room

GOLDEN = Path(__file__).parents[1] / "data" / "golden" / "networks.npz"


def test_it_says_what_the_publishers_network_says() -> None:
    """`tests/support/golden_networks.py` asked that network, in its own engine."""
    sound = np.concatenate([room(1.0), clip("ana-1")[: 4 * 16_000], room(1.0)])
    detector = SileroDetector()
    found = [detector.probability(sound[at : at + CHUNK]) for at in range(0, len(sound) - CHUNK + 1, CHUNK)]
    with np.load(GOLDEN) as golden:
        assert found == pytest.approx(golden["silero"], abs=3e-3)  # its weights are rounded to 16 bits


def test_two_streams_do_not_disturb_each_other() -> None:
    sound, other = clip("ana-1"), clip("ben-1")
    alone, one, two = SileroDetector(), SileroDetector(), SileroDetector()
    for at in range(0, 100 * CHUNK, CHUNK):
        expected = alone.probability(sound[at : at + CHUNK])
        assert one.probability(sound[at : at + CHUNK]) == expected
        two.probability(other[at : at + CHUNK])
