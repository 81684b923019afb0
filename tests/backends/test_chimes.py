"""The chimes: gentle, without clicks, and never to be mistaken for each other."""

from itertools import combinations
from typing import get_args

import numpy as np
import pytest

from facilitator.backends.voice.chimes import CHIME_RATE, MELODIES, chime
from facilitator.core.events import ChimeName

NAMES = get_args(ChimeName)


def spectrogram(name: ChimeName) -> np.ndarray:
    """Square-rooted magnitudes below 4 kHz, of 43 ms windows, padded to 1.2 s; flat, of length 1."""
    sound = np.zeros(round(1.2 * CHIME_RATE))
    sound[: len(chime(name))] = chime(name)
    frames = sound[: len(sound) // 2048 * 2048].reshape(-1, 2048) * np.hanning(2048)
    shape = np.sqrt(np.abs(np.fft.rfft(frames))[:, :170]).ravel()
    return np.asarray(shape / np.linalg.norm(shape))


def test_there_is_one_for_every_name() -> None:
    assert set(MELODIES) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_short_and_of_moderate_loudness(name: ChimeName) -> None:
    sound = chime(name)
    assert sound.dtype == np.float32
    assert sound.ndim == 1
    assert 0.5 < len(sound) / CHIME_RATE < 1.2
    assert 0.1 < np.abs(sound).max() <= 0.35 + 1e-6


@pytest.mark.parametrize("name", NAMES)
def test_it_begins_softly_and_dies_away_without_a_click(name: ChimeName) -> None:
    sound = chime(name)
    peak = np.abs(sound).max()
    assert sound[0] == 0 == sound[-1]
    assert np.abs(sound[: CHIME_RATE // 500]).max() < 0.15 * peak  # the first 2 ms
    assert np.abs(sound[-CHIME_RATE // 100 :]).max() < 0.01 * peak  # the last 10 ms
    power = np.abs(np.fft.rfft(sound)) ** 2
    high = np.fft.rfftfreq(len(sound), 1 / CHIME_RATE) > 6000
    assert power[high].sum() < 1e-6 * power.sum()  # a click is a burst of everything


@pytest.mark.parametrize(("one", "other"), list(combinations(NAMES, 2)))
def test_two_are_easy_to_tell_apart(one: ChimeName, other: ChimeName) -> None:
    assert spectrogram(one) @ spectrogram(other) < 0.75


def test_the_one_for_cutting_in_is_the_softest() -> None:
    def energy(name: ChimeName) -> float:
        return float(np.square(chime(name), dtype=np.float64).sum())

    assert min(NAMES, key=energy) == "cut-in"
    assert min(NAMES, key=lambda name: np.abs(chime(name)).max()) == "cut-in"


def test_it_cannot_be_changed_by_who_plays_it() -> None:
    with pytest.raises(ValueError, match="read-only"):
        chime("hello")[0] = 1
