"""How loud the room is, and how loud the voice is in it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from facilitator.backends.voice.loudness import PEAK
from facilitator.backends.voice.spoken_voice import USUAL_ROOM_DB, gain
from facilitator.hearing.signal.audio import RATE, Block
from facilitator.hearing.signal.levels import REMEMBERED_S, RoomLevel


def block(level_db: float, seconds: float = 0.1, *, lost: bool = False) -> Block:
    rng = np.random.default_rng(1)
    samples = rng.standard_normal((round(seconds * RATE), 1)).astype(np.float32) * 10 ** (level_db / 20)
    return Block(first_sample=0, samples=samples.astype(np.float32), lost=lost)


def test_speech_does_not_make_a_quiet_room_loud() -> None:
    room = RoomLevel()
    assert room.level_db is None
    for second in range(60):
        for _ in range(10):
            room.hear(block(-20.0 if second % 3 else -60.0))
    assert room.level_db == pytest.approx(-60.0, abs=1.0)


def test_a_room_that_becomes_loud_is_noticed_within_half_a_minute() -> None:
    room = RoomLevel()
    for level_db, seconds in ((-60.0, 60.0), (-35.0, REMEMBERED_S)):
        for _ in range(round(seconds * 10)):
            room.hear(block(level_db))
    assert room.level_db == pytest.approx(-35.0, abs=1.0)


def test_lost_sound_says_nothing() -> None:
    room = RoomLevel()
    room.hear(block(-200.0, lost=True))
    assert room.level_db is None


def test_the_voice_follows_the_room_and_never_distorts() -> None:
    levels = [gain(level_db) for level_db in range(-100, 1, 5)]
    assert all(a <= b for a, b in pairwise(levels))
    assert gain(USUAL_ROOM_DB) == pytest.approx(1.0)
    assert gain(-100.0) < 0.4
    assert PEAK * gain(0.0) <= 1.0
