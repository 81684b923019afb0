"""Mixtures, and the voiceprints made of them."""

from __future__ import annotations

import numpy as np
import pytest

from facilitator.hearing.signal import features
from facilitator.hearing.speaker.gmm import train
from facilitator.hearing.speaker.gmm_voiceprints import CLIP, Voiceprints, spoken, vectors
from tests.support.hearing_sounds import clip, joined, room, voice


def speech(name: str) -> np.ndarray:
    frames = features.frames(clip(name))
    return vectors(frames)[spoken(frames)]


def test_a_mixture_finds_what_the_data_were_made_of() -> None:
    random = np.random.default_rng(0)
    data = np.concatenate([random.normal(-4, 1.0, (700, 2)), random.normal(3, 1.5, (300, 2))]).astype(np.float32)
    mixture = train(data, 2)
    order = mixture.means[:, 0].argsort()
    assert np.allclose(mixture.means[order], [[-4, -4], [3, 3]], atol=0.2)
    assert np.allclose(mixture.weights[order], [0.7, 0.3], atol=0.02)
    assert np.allclose(np.sqrt(mixture.variances[order]), [[1.0, 1.0], [1.5, 1.5]], atol=0.15)
    assert np.allclose(mixture.shares(data).sum(axis=1), 1, atol=1e-4)


def test_the_density_is_that_of_a_gaussian() -> None:
    data = np.random.default_rng(1).normal(1.0, 2.0, (4000, 1)).astype(np.float32)
    mixture = train(data, 1)
    mean, deviation = data.mean(), data.std()
    at = np.array([[0.0], [3.0]], np.float32)
    expected = -0.5 * ((at[:, 0] - mean) / deviation) ** 2 - np.log(deviation * np.sqrt(2 * np.pi))
    assert np.allclose(mixture.log_likelihood(at), expected, atol=1e-3)


def test_adaptation_moves_a_mean_as_far_as_there_are_data() -> None:
    mixture = train(np.random.default_rng(2).normal(0, 1, (500, 1)).astype(np.float32), 1)
    start = float(mixture.means[0, 0])
    moved = mixture.adapted(np.array([6.0], np.float32), np.array([[60.0]], np.float32), relevance=6.0)
    assert moved.means[0, 0] == pytest.approx(0.5 * 10.0 + 0.5 * start, abs=1e-4)
    same = mixture.adapted(np.zeros(1, np.float32), np.zeros((1, 1), np.float32), relevance=6.0)
    assert same.means[0, 0] == pytest.approx(start, abs=1e-6)


def test_training_is_the_same_every_time() -> None:
    data = speech("ana-0")
    assert np.array_equal(train(data, 4).means, train(data, 4).means)


def test_each_voice_is_told_by_its_own_print() -> None:
    names = ("ana", "ben", "carla")
    prints = Voiceprints([speech(f"{name}-0") for name in names])
    for k, name in enumerate(names):
        ratios = prints.ratios(speech(f"{name}-1"))
        assert ratios.shape[1] == 3 and np.abs(ratios).max() <= CLIP
        seconds = ratios[: len(ratios) // 100 * 100].reshape(-1, 100, 3).mean(axis=1)
        assert (seconds.argmax(axis=1) == k).mean() > 0.7


def test_pauses_of_a_sample_are_not_speech() -> None:
    frames = features.frames(joined(room(1.0), voice("low", 2.0), room(1.0)))
    found = spoken(frames)
    assert found[105:295].mean() > 0.8
    assert found[:95].mean() < 0.05
