"""Sound at another rate, by soxr and by the one that takes its place: what both must give."""

from __future__ import annotations

import numpy as np
import pytest
import soxr

from facilitator.backends.audio import resampling
from facilitator.backends.audio.resampling import PolyphaseResampler, Resampler, resampled, resampler

PAIRS = [(48_000, 16_000), (44_100, 16_000), (22_050, 48_000), (8_000, 16_000), (11_025, 16_000)]
KINDS = [resampler, PolyphaseResampler]


def tone(hertz: float, rate: int, seconds: float = 1.0) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate)).astype(np.float32)


def in_pieces(one: Resampler, sound: np.ndarray, pieces: list[int]) -> np.ndarray:
    ends = np.cumsum(pieces)
    parts = [one.resample_chunk(part) for part in np.split(sound, ends[ends < len(sound)])]
    return np.concatenate([*parts, one.resample_chunk(sound[:0], last=True)])


@pytest.mark.parametrize(("rate", "to"), PAIRS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_tone_stays_as_high_as_loud_and_as_long(kind: type[PolyphaseResampler], rate: int, to: int) -> None:
    for hertz in (100.0, 1_000.0, 0.4 * min(rate, to)):
        new = in_pieces(kind(rate, to, 1), tone(hertz, rate), [1, 7, 480, 4_000])
        assert abs(len(new) - to) <= 1
        inside = slice(to // 10, -to // 10)
        np.testing.assert_allclose(new[inside], tone(hertz, to)[: len(new)][inside], atol=0.005)


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_lower_rate_cannot_hold_is_gone(kind: type[PolyphaseResampler]) -> None:
    new = in_pieces(kind(48_000, 16_000, 1), tone(9_500.0, 48_000), [1_000] * 40)
    assert np.abs(new[2_000:-2_000]).max() < 0.5e-3  # 60 dB below what came in


@pytest.mark.parametrize("kind", KINDS)
def test_pieces_and_channels_change_nothing(kind: type[PolyphaseResampler]) -> None:
    noise = np.random.default_rng(1).standard_normal((20_000, 2)).astype(np.float32) * 0.1
    whole = kind(44_100, 16_000, 2).resample_chunk(noise, last=True)
    pieces = in_pieces(kind(44_100, 16_000, 2), noise, [13, 1, 1_000, 441, 3, 9_000])
    assert whole.shape == pieces.shape and whole.dtype == np.float32
    np.testing.assert_allclose(whole, pieces, atol=1e-6)
    left = kind(44_100, 16_000, 1).resample_chunk(noise[:, 0], last=True)
    np.testing.assert_allclose(whole[:, 0], left, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_and_almost_nothing(kind: type[PolyphaseResampler]) -> None:
    for frames in (0, 1, 2, 50):
        new = kind(48_000, 16_000, 1).resample_chunk(np.ones(frames, np.float32), last=True)
        assert abs(len(new) - frames / 3) <= 1


def test_without_soxr_it_sounds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    talk = np.random.default_rng(2).standard_normal(44_100).astype(np.float32) * 0.1
    low = soxr.resample(soxr.resample(talk, 44_100, 12_000), 12_000, 44_100)  # what both pass unchanged
    by_soxr = resampled(low, 44_100, 16_000)
    monkeypatch.setattr(resampling, "soxr", None)
    ours = resampled(low, 44_100, 16_000)
    assert len(ours) == len(by_soxr)
    np.testing.assert_allclose(ours[500:-500], by_soxr[500:-500], atol=1e-3)
