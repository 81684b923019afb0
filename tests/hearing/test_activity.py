"""Speech or no speech."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facilitator.backends.models.silero_activity import best_detector
from facilitator.hearing.signal.audio import RATE, Samples
from facilitator.hearing.signal.features import STEP
from facilitator.hearing.signal.vad import CHUNK, ActivityStream, Gate, SpeechDetector
from tests.support.hearing_sounds import clip, joined, room
from tests.support.loudness import LoudnessDetector

SOUND = joined(room(1.0), clip("ana-1")[: RATE * 3] + room(3.0, seed=2), room(1.0))


class Level:
    """A detector that says what the first sample says."""

    def probability(self, chunk: Samples) -> float:
        assert len(chunk) == CHUNK
        return float(chunk[0])


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 16000), max_size=10))
def test_steps_do_not_depend_on_how_the_sound_is_cut(cuts: list[int]) -> None:
    sound = np.repeat(np.linspace(0.01, 0.99, 25), 640).astype(np.float32)
    edges = [0, *sorted(cuts), len(sound)]
    stream, chunks, steps = ActivityStream(Level()), [], []
    for a, b in pairwise(edges):
        some, odds = stream.feed(sound[a:b])
        chunks += some
        steps += odds.tolist()
    whole_chunks, whole = ActivityStream(Level()).feed(sound)
    assert chunks == whole_chunks and np.allclose(steps, whole)
    assert len(chunks) == len(sound) // CHUNK and len(steps) == len(chunks) * CHUNK // STEP


def test_odds_of_a_step_are_those_of_the_mean_of_its_chunks() -> None:
    _, odds = ActivityStream(Level()).feed(np.full(STEP * 8, 0.8, np.float32))
    assert np.allclose(odds, np.log(4.0), atol=1e-4)


def test_lost_sound_is_silence_without_asking() -> None:
    chunks, odds = ActivityStream(Level()).feed(np.full(CHUNK * 10, 0.9, np.float32), silent=True)
    assert set(chunks) == {0.0} and (odds < -6).all()


def test_the_gate_needs_two_chunks_to_open_and_five_to_close() -> None:
    gate = Gate()
    assert [gate.feed(p) for p in (0.9, 0.0, 0.9)] == [None, None, None]
    assert gate.feed(0.9) == 64  # began with the third chunk
    assert gate.speaking
    assert [gate.feed(p) for p in (0.0, 0.0, 0.2, 0.0, 0.0, 0.0, 0.0)] == [None] * 7
    assert gate.feed(0.0) == 7 * 32  # the one of 0.2 starts the count anew
    assert not gate.speaking


@pytest.mark.parametrize("make", [best_detector, LoudnessDetector])
def test_detectors_tell_a_voice_from_a_quiet_room(make: type[SpeechDetector]) -> None:
    chunks, _ = ActivityStream(make()).feed(SOUND)
    share = np.array(chunks) > 0.3
    second = RATE // CHUNK
    assert share[:second].mean() < 0.15
    assert share[second + 10 : 4 * second].mean() > 0.6
    assert share[-second // 2 :].mean() < 0.15
