"""A table of any size and length, from the voices of the tests' recorded table: for measuring speed and memory.

What is said does not matter there, only how much of it there is: further people are the same voices played faster.
Two microphones 8 cm apart hear it, so that every source has something to do.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np
import soundfile as sf
import soxr

from facilitator.hearing.diarization.listener import Listener
from facilitator.hearing.signal.audio import RATE, Samples
from facilitator.pipelines.live import open_listener

VOICES = ("ana", "ben", "carla")
SPEEDS = (1.0, 1.12, 0.9)
SAMPLE_S = 10
_MOST_DELAY = 3  # samples from one microphone to the other


def voice(number: int) -> Samples:
    """What the person of this number says, mono at 16 kHz, at least 10 s."""
    name, speed = VOICES[number % len(VOICES)], SPEEDS[number // len(VOICES) % len(SPEEDS)]
    parts = []
    for clip in sorted((Path(__file__).parents[2] / "tests" / "data" / "table").glob(f"{name}-*.flac")):
        sound, rate = sf.read(clip, dtype="float32", always_2d=True)
        parts.append(soxr.resample(sound.mean(axis=1), rate * speed, RATE))
    said = np.concatenate(parts)
    return np.tile(said, 1 + SAMPLE_S * RATE // len(said)).astype(np.float32)


def seated(number: int) -> Samples:
    """The same as both microphones hear it from this person's seat, shape (frames, 2)."""
    delay = number * 2 % (2 * _MOST_DELAY + 1) - _MOST_DELAY
    said = voice(number)
    return np.stack([said, np.roll(said, delay)], axis=1)


def talk(people: int, seconds: float, seed: int = 1) -> Iterator[Samples]:
    """Everyone in turns of 2 to 8 s, short pauses between, a little noise; in pieces of 100 ms, shape (frames, 2)."""
    random = np.random.default_rng(seed)
    voices, piece = [seated(k) for k in range(people)], RATE // 10
    left, held = int(seconds * RATE) // piece, np.zeros((0, 2), np.float32)
    while left:
        while len(held) < piece:
            said = voices[random.integers(people)]
            size = int(random.uniform(2, 8) * RATE)
            first = int(random.integers(max(1, len(said) - size)))
            pause = np.zeros((int(random.uniform(0, 0.6) * RATE), 2), np.float32)
            held = np.concatenate([held, said[first : first + size], pause])
        yield held[:piece] + random.normal(0, 0.001, (piece, 2)).astype(np.float32)
        held, left = held[piece:], left - 1


def listener_of(people: int) -> Listener:
    """A listener with whatever models are installed, that knows these people. Says what does not work."""
    listener, troubles = open_listener()
    for trouble in troubles:
        click.echo(trouble, err=True)
    for number in range(people):
        listener.enrol(f"Person {number + 1}", seated(number)[: SAMPLE_S * RATE])
    return listener


def numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def without_models(folder: str) -> None:
    """From now on no model is found."""
    os.environ["FACILITATOR_MODELS"] = folder


def peak_mb() -> float:
    """The most that the whole process ever held."""
    if sys.platform == "win32":
        return float("nan")
    import resource  # noqa: PLC0415 - not on Windows

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most / 1e3
