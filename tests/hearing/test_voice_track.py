"""What an encoder hears along the session, in pieces of any size."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from facilitator.hearing.signal.audio import RATE, Samples
from facilitator.hearing.signal.features import STEP
from facilitator.hearing.speaker.voice_track import FRAME, VoiceTrack, as_bytes, from_bytes

Values = NDArray[np.float32]


class Spectra:
    """Hears of every 20 ms how strong it is in 16 bands: a voice is a spectrum."""

    name = maker = "spectra"

    def __init__(self) -> None:
        self.asked = 0

    def frames(self, sound: Samples) -> Values:
        self.asked += len(sound)
        pieces = sound[: len(sound) // FRAME * FRAME].reshape(-1, FRAME)
        strength = np.abs(np.fft.rfft(pieces, axis=1))[:, 1:161]
        return np.asarray(strength.reshape(len(pieces), 16, 10).sum(axis=2), np.float32)

    def voices(self, mean: Values, deviation: Values) -> Values:
        return np.asarray(mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-6), np.float32)


def tone(hz: float, seconds: float) -> Samples:
    return np.asarray(0.1 * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE)) / RATE), np.float32)


SOUND = np.concatenate([tone(700, 6), tone(3100, 6), tone(700, 6)])


def track(size: int) -> VoiceTrack:
    made = VoiceTrack(Spectra())
    for first in range(0, len(SOUND), size):
        made.feed(SOUND[first : first + size])
    return made


@pytest.mark.parametrize("size", [333, 1600, 16_000, 100_000])
def test_every_step_has_its_voice_whatever_the_blocks(size: int) -> None:
    made = track(size)
    found, whole = made.vectors(0, made.seen_steps), track(len(SOUND)).vectors(0, made.seen_steps)
    assert len(found) == made.seen_steps == len(SOUND) // STEP
    assert np.abs(found - whole).max() < 0.05
    low, high = found[40], found[180]
    assert low @ high < 0.3
    assert (found[10:100] @ low > 0.95).all() and (found[140:220] @ high > 0.95).all()
    assert (found[-80:-20] @ low > 0.95).all()


def test_a_local_speaker_is_what_it_said_and_nothing_else() -> None:
    made = track(1600)
    weights = np.zeros((3, 200), np.float32)
    weights[0, 60:75], weights[1, 100:160] = 1.0, 1.0  # of the last ten seconds: 3100 Hz up to 4 s, then 700 Hz
    first = made.seen_steps - 200
    voices = made.local(first, weights)
    low, high = made.vectors(40, 41)[0], made.vectors(180, 181)[0]
    assert voices[0] @ high > 0.95 and voices[1] @ low > 0.95
    assert not voices[2].any()


def test_of_what_is_old_one_vector_a_step_is_kept_in_bytes() -> None:
    vectors = np.random.default_rng(1).normal(size=(50, 192)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    kept = as_bytes(vectors)
    assert kept.nbytes == 50 * 192
    assert ((from_bytes(kept) * vectors).sum(axis=1) > 0.999).all()


def test_what_there_is_no_time_for_leaves_the_steps_in_their_places() -> None:
    made = VoiceTrack(Spectra())
    made.feed(SOUND[: 6 * RATE])
    made.skip(6 * RATE)
    made.feed(SOUND[12 * RATE :])
    found = made.vectors(0, made.seen_steps)
    assert len(found) == len(SOUND) // STEP
    assert found[40] @ found[-40] > 0.95
