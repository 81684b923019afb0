"""Recordings in which each channel is one person's microphone, with what leaks into it, and exactly who spoke when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from facilitator.core.turntaking.spans import Span
from facilitator.hearing.signal.audio import RATE, Samples
from tests.support.hearing_sounds import clip

_GRID = RATE // 100
"""Truth, and the score against it, are exact to 10 ms."""


@dataclass(frozen=True)
class Mixed:
    sound: Samples
    truth: dict[str, list[Span]]


def mixed(
    script: Sequence[tuple[str, float]],
    people: Sequence[str],
    *,
    leak_db: float | None = -12.0,
    gains_db: Sequence[float] | None = None,
    delay_ms: float = 3.0,
    noise_db: float = -66.0,
    echo: float = 0.0,
    seed: int = 1,
) -> Mixed:
    """`script`: clips with the second at which each begins (`ana-1`, 1.0); `people`: who is at which channel. Voices
    are alike loud in the own microphone; one channel away `leak_db` weaker and `delay_ms` later, and for each further
    one 3 dB weaker and as much later again. `echo`: how strong the room is beside what leaks."""
    random = np.random.default_rng(seed)
    count = int(max(at_s * RATE + len(clip(name)) for name, at_s in script)) + RATE
    own = {person: np.zeros(count) for person in people}
    for name, at_s in script:
        sound = clip(name)
        sound = 0.08 * sound / np.sqrt(np.mean(np.square(sound)))
        begin = int(at_s * RATE)
        own[name.split("-")[0].capitalize()][begin : begin + len(sound)] += sound
    long = 1 << (count + 8000).bit_length()
    out = random.normal(0, 10 ** (noise_db / 20), (count, len(people)))
    for where in range(len(people)):
        for who, person in enumerate(people):
            away = abs(where - who)
            if not away:
                out[:, where] += own[person]
            elif leak_db is not None:
                late = round(delay_ms * away * RATE / 1000)
                path = np.zeros(late + 4000)
                path[late] = 1.0
                tail = random.normal(0, 1, 4000) * 10 ** (-3 * np.arange(4000) / 4000 / 0.4 * 0.25)
                path[late:] += echo * tail / np.sqrt(np.square(tail).sum())
                reached = np.fft.irfft(np.fft.rfft(own[person], long) * np.fft.rfft(path, long), long)[:count]
                out[:, where] += 10 ** ((leak_db - 3.0 * (away - 1)) / 20) * reached
    for where, gain_db in enumerate(gains_db or ()):
        out[:, where] *= 10 ** (gain_db / 20)
    return Mixed(out.astype(np.float32), {person: _spoken(own[person]) for person in people})


def _spoken(sound: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[Span]:
    """Where the clean voice is above silence; pauses under 0.3 s belong to it."""
    steps = len(sound) // _GRID
    loud = np.sqrt(np.square(sound[: steps * _GRID]).reshape(steps, _GRID).mean(axis=1)) > 0.002
    spans: list[Span] = []
    at = 0
    for voiced, run in groupby(loud.tolist()):
        long = len(list(run))
        if voiced and spans and at * 10 - spans[-1].end_ms < 300:
            spans[-1] = Span(spans[-1].start_ms, (at + long) * 10)
        elif voiced:
            spans.append(Span(at * 10, (at + long) * 10))
        at += long
    return spans


def error_rate(truth: dict[str, list[Span]], found: dict[str, list[Span]], long_ms: int, collar_ms: int = 0) -> float:
    """The diarization error rate, overlap scored: time missed, wrongly heard and confused, of what was spoken."""

    def laid_out(spans: dict[str, list[Span]], person: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        line = np.zeros(long_ms // 10 + 1, np.bool_)
        for start, end in spans.get(person, ()):
            line[round(start / 10) : round(end / 10)] = True
        return line

    people = sorted({*truth, *found})
    real = np.stack([laid_out(truth, person) for person in people])
    said = np.stack([laid_out(found, person) for person in people])
    scored = np.ones(real.shape[1], np.bool_)
    for spans in truth.values() if collar_ms else ():
        for span in spans:
            for edge in span:
                scored[max(0, (edge - collar_ms) // 10) : (edge + collar_ms) // 10] = False
    real, said = real[:, scored], said[:, scored]
    right = (real & said).sum(axis=0)
    wrong = np.maximum(real.sum(axis=0), said.sum(axis=0)) - right
    return 100.0 * float(wrong.sum()) / float(real.sum())
