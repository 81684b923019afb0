"""Voices made of numbers: pulse trains through formants, with the rhythm of syllables. No two alike, all exact."""

from __future__ import annotations

import numpy as np

from facilitator.backends.audio.recording import load_voice
from facilitator.hearing.signal.audio import RATE, Samples, mono
from tests.support.recorded_table import TABLE

FORMANTS = {"low": (480.0, 1150.0, 2300.0), "high": (760.0, 1850.0, 3100.0), "middle": (600.0, 1450.0, 2700.0)}
PITCH_HZ = {"low": 100.0, "high": 235.0, "middle": 155.0}


def voice(kind: str, seconds: float, seed: int = 1) -> Samples:
    """About four syllables a second, each with a vowel of its own, by the person called `kind`."""
    random = np.random.default_rng(seed)
    count = int(seconds * RATE)
    time = np.arange(count) / RATE
    knots = np.arange(0, seconds + 1, 0.25)
    pitch = PITCH_HZ[kind] * np.interp(time, knots, random.uniform(0.88, 1.12, len(knots)))
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    vowels = [np.interp(time, knots, f * random.uniform(0.8, 1.2, len(knots))) for f in FORMANTS[kind]]
    out = np.zeros(count)
    for harmonic in range(1, int(3800 / PITCH_HZ[kind])):
        gain = sum(1 / (1 + ((harmonic * pitch - vowel) / (60 + vowel * 0.06)) ** 2) for vowel in vowels)
        out += gain * np.sin(harmonic * phase) / harmonic**0.5
    syllables = 0.25 + 0.75 * np.sin(np.pi * 4 * time) ** 2
    breath = random.normal(0, 0.003, count)
    return np.asarray(0.15 * out * syllables / np.abs(out).max() + breath * 0.3, np.float32)


def clip(name: str) -> Samples:
    """A clip of the recorded table, e.g. `ana-0`: speech, mono, 16 kHz."""
    return mono(load_voice(TABLE / f"{name}.flac"))


def room(seconds: float, level: float = 0.0005, seed: int = 9) -> Samples:
    """A quiet room."""
    return np.random.default_rng(seed).normal(0, level, int(seconds * RATE)).astype(np.float32)


def joined(*parts: Samples) -> Samples:
    return np.concatenate(parts)
