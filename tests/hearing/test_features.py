"""Mel spectra and pitchgrams: the same however the sound is cut, and true to the sound."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from facilitator.hearing.signal import features
from facilitator.hearing.signal.audio import RATE
from tests.support.hearing_sounds import PITCH_HZ, voice

SOUND = voice("low", 1.0)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(0, RATE), max_size=12))
def test_frames_do_not_depend_on_how_the_sound_is_cut(cuts: list[int]) -> None:
    stream = features.FrameStream()
    edges = [0, *sorted(cuts), RATE]
    pieces = [stream.feed(SOUND[a:b]) for a, b in pairwise(edges)]
    found = np.concatenate(pieces)
    whole = features.frames(SOUND)
    assert len(whole) == 100
    assert len(whole) - len(found) == 2  # the windows of the last two reach beyond the sound
    assert np.allclose(found, whole[: len(found)], atol=1e-4)


def test_a_tone_is_in_its_band() -> None:
    time = np.arange(RATE) / RATE
    loudest = []
    for hz in (200, 1000, 4000):
        bands = features.mel(features.frames(np.sin(2 * np.pi * hz * time).astype(np.float32)))
        loudest.append(int(bands[50].argmax()))
    assert loudest == sorted(set(loudest))
    assert abs(loudest[1] - 14) <= 1  # 1000 Hz is 1000 mel, of 113 to 2778 in 41 parts


def test_the_pitchgram_peaks_at_the_pitch() -> None:
    lags = np.geomspace(70, 420, features.LAGS)
    for kind in ("low", "high"):
        pitch = features.frames(voice(kind, 2.0))[20:180, features.BANDS :].mean(axis=0)
        assert abs(np.log(lags[pitch.argmax()] / PITCH_HZ[kind])) < 0.15


def test_cepstra_ignore_the_level_and_deltas_a_constant() -> None:
    frames = features.frames(SOUND)
    louder = features.cepstra(features.mel(frames) + np.log(4.0))
    assert np.allclose(features.cepstra(features.mel(frames)), louder, atol=1e-3)
    assert np.allclose(features.deltas(np.full((9, 3), 7.0, np.float32)), 0)
    ramp = np.arange(20, dtype=np.float32)[:, None]
    assert np.allclose(features.deltas(ramp)[2:-2], 1.0)
    assert features.deltas(ramp[:0]).shape == (0, 1)


def test_no_sound_no_frames() -> None:
    assert features.frames(SOUND[:100]).shape == (0, features.WIDTH)
    assert features.FrameStream().feed(SOUND[:100]).shape == (0, features.WIDTH)
