"""A table of any size and length, from the voices of the bundled demonstration: for measuring speed and memory.

What is said does not matter there, only how much of it there is: further people are the same voices played faster.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import as_file, files

import numpy as np
import soundfile as sf
import soxr

from facilitator.hearing.audio import RATE, Samples

VOICES = ("ana", "ben", "carla")
SPEEDS = (1.0, 1.12, 0.9)


def voice(number: int) -> Samples:
    """What the person of this number says, mono at 16 kHz, at least 10 s."""
    name, speed = VOICES[number % len(VOICES)], SPEEDS[number // len(VOICES) % len(SPEEDS)]
    parts = []
    for clip in sorted(files("facilitator.demo").iterdir(), key=lambda item: item.name):
        if clip.name.startswith(f"{name}-") and clip.name.endswith(".flac"):
            with as_file(clip) as path:
                sound, rate = sf.read(path, dtype="float32", always_2d=True)
            parts.append(soxr.resample(sound.mean(axis=1), rate * speed, RATE))
    said = np.concatenate(parts)
    return np.tile(said, 1 + 10 * RATE // len(said)).astype(np.float32)


def talk(people: int, seconds: float, seed: int = 1) -> Iterator[Samples]:
    """Everyone in turns of 2 to 8 s, short pauses between, a little noise; in pieces of 100 ms."""
    random = np.random.default_rng(seed)
    voices, piece = [voice(k) for k in range(people)], RATE // 10
    left, held = int(seconds * RATE) // piece, np.zeros(0, np.float32)
    while left:
        while len(held) < piece:
            said = voices[random.integers(people)]
            size = int(random.uniform(2, 8) * RATE)
            first = int(random.integers(max(1, len(said) - size)))
            pause = np.zeros(int(random.uniform(0, 0.6) * RATE), np.float32)
            held = np.concatenate([held, said[first : first + size], pause])
        yield held[:piece] + random.normal(0, 0.001, piece).astype(np.float32)
        held, left = held[piece:], left - 1
