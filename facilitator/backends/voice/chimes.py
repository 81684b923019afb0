"""The chimes: small bells made of decaying sines, gentle and easy to tell apart.

Rising notes open something, falling ones close it, repeated ones speak of time, and one soft low
note alone says that somebody was cut in on.
"""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from facilitator.core.events import ChimeName
from facilitator.hearing.signal.audio import Samples

CHIME_RATE = 48_000
PEAK = 0.35

# A warm bell: (frequency against the note's, level, seconds until it is down to 1/e). The high ones
# are weak and die first; the slightly stretched third one makes it a bell and not an organ.
PARTIALS = ((0.5, 0.25, 0.30), (1.0, 1.0, 0.26), (2.0, 0.35, 0.16), (3.01, 0.12, 0.09), (4.17, 0.05, 0.05))


class Note(NamedTuple):
    at_s: float
    pitch_hz: float
    level: float = 1.0
    attack_s: float = 0.012


class Melody(NamedTuple):
    length_s: float
    notes: tuple[Note, ...]
    peak: float = PEAK


G4, C5, D5, E5, G5, A5, A4 = 392.00, 523.25, 587.33, 659.26, 783.99, 880.00, 440.00

MELODIES: MappingProxyType[ChimeName, Melody] = MappingProxyType(
    {
        "hello": Melody(1.15, (Note(0.0, C5, 0.8), Note(0.17, E5, 0.9), Note(0.34, G5))),
        "start": Melody(1.0, (Note(0.0, G4, 0.8), Note(0.18, C5))),
        "minute": Melody(0.9, (Note(0.0, A5),), 0.25),
        "last": Melody(1.0, (Note(0.0, D5), Note(0.22, D5, 0.9)), 0.3),
        "end": Melody(1.15, (Note(0.0, G5), Note(0.2, E5, 0.9), Note(0.4, C5, 0.9))),
        "cut-in": Melody(0.8, (Note(0.0, A4, 1.0, 0.045),), 0.18),
        "pause": Melody(1.1, (Note(0.0, C5, 0.9, 0.03), Note(0.3, G4, 1.0, 0.03)), 0.28),
    }
)


@cache
def chime(name: ChimeName) -> Samples:
    """The samples of a chime, mono at CHIME_RATE, shape (frames,); begins and ends at exactly zero."""
    melody = MELODIES[name]
    sound = np.zeros(round(melody.length_s * CHIME_RATE))
    for note in melody.notes:
        begin = round(note.at_s * CHIME_RATE)
        sound[begin:] += _bell(note, len(sound) - begin)
    sound *= melody.peak / np.abs(sound).max()
    samples: Samples = sound.astype(np.float32)
    samples.setflags(write=False)
    return samples


def _bell(note: Note, frames: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    seconds = np.arange(frames) / CHIME_RATE
    tone = np.zeros(frames)
    for ratio, level, decay_s in PARTIALS:
        tone += level * np.exp(-seconds / decay_s) * np.sin(2 * np.pi * note.pitch_hz * ratio * seconds)
    attack = np.sin(np.pi / 2 * np.clip(seconds / note.attack_s, 0.0, 1.0)) ** 2
    left = np.clip((seconds[-1] - seconds) / 0.15, 0.0, 1.0)  # fade what still rings at the end
    release = np.sin(np.pi / 2 * left) ** 2
    shaped: np.ndarray[tuple[int], np.dtype[np.float64]] = note.level * tone * attack * release
    return shaped
