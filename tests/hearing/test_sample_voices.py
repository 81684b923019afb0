"""Whether somebody else speaks in a voice sample, and how much speech there is in one."""

from __future__ import annotations

import numpy as np
import pytest

from facilitator.hearing.diarization.enrolment import MIXED_EVERY_MS, MIXED_FROM_MS, SampleInTheMaking, speech_s
from facilitator.hearing.diarization.trust import doubts
from facilitator.hearing.signal.audio import RATE, Samples
from facilitator.hearing.speaker.sample_voices import one_person, sample_voice
from facilitator.hearing.speaker.voice_naming import Centres
from tests.hearing.test_voice_track import Spectra, tone

ANA, BEN = 700.0, 3100.0
ZEROS = np.zeros((2, 16), np.float32)
NOTHING = Centres(voices=ZEROS, talk=ZEROS, usual=np.zeros(2, np.float32))


def joined(*parts: Samples) -> Samples:
    return np.concatenate(parts)


@pytest.mark.parametrize(
    ("sample", "two"),
    [
        (tone(ANA, 9), False),
        (joined(tone(ANA, 6), tone(BEN, 3)), True),
        (joined(tone(BEN, 3), tone(ANA, 6)), True),
        (joined(tone(ANA, 3), tone(BEN, 2.5), tone(ANA, 3)), True),
        (joined(tone(ANA, 4), 0.001 * tone(BEN, 3), tone(ANA, 4)), False),  # far off, and no speech beside hers
        (joined(tone(ANA, 8.7), tone(BEN, 0.3)), False),  # a chair
        (joined(tone(ANA, 1), tone(BEN, 0.8)), False),  # too short to say
    ],
)
def test_two_voices_in_a_sample_are_told_from_one(sample: Samples, two: bool) -> None:
    assert sample_voice(Spectra(), sample).mixed == two


def test_the_voice_of_a_sample_is_that_of_its_speech() -> None:
    quiet = joined(tone(ANA, 2), 0.001 * tone(BEN, 6))
    assert sample_voice(Spectra(), quiet).voice @ sample_voice(Spectra(), tone(ANA, 4)).voice > 0.99


def wavering(seed: int, seconds: float, mine: float = 3.0) -> Samples:
    """A voice that is never quite as it was; `mine` says how much is its own."""
    rng = np.random.default_rng(seed)
    hz = rng.uniform(200, 7000, round(10 * seconds))
    parts = [tone(ANA, 0.1) * rng.uniform(0, mine) + tone(float(one), 0.1) for one in hz]
    return (joined(*parts) / 4).astype(np.float32)


def test_two_samples_of_one_person_are_as_alike_as_each_is_with_itself() -> None:
    ana, again = (sample_voice(Spectra(), wavering(seed, 5)) for seed in (1, 2))
    ben, short = sample_voice(Spectra(), wavering(3, 5) + tone(BEN, 5)), sample_voice(Spectra(), wavering(4, 2))
    assert one_person(ana, again) and not one_person(ana, ben) and not one_person(ana, short)
    also = sample_voice(Spectra(), joined(wavering(5, 3), tone(BEN, 4)))
    assert also.mixed and not one_person(ana, also)
    assert doubts(np.stack([ana.voice, again.voice]), NOTHING, ZEROS, [], [(0, 1)]).alike == (0, 1)


@pytest.mark.parametrize("said_s", [0.8, 2.0, 5.0])
def test_the_seconds_of_speech_leave_the_silence_out(said_s: float) -> None:
    hiss = (0.0005 * np.random.default_rng(1).normal(size=4 * RATE)).astype(np.float32)
    assert speech_s(joined(hiss, tone(ANA, said_s), hiss)) == pytest.approx(said_s, abs=0.1)
    assert speech_s(hiss[:100]) == 0.0


def test_a_sample_in_the_making_is_asked_about_now_and_then_and_what_was_found_stands() -> None:
    asked: list[int] = []

    def mixed(sound: Samples) -> bool:
        asked.append(len(sound))
        return len(asked) == 2

    made = SampleInTheMaking("ana", mixed)
    told = []
    for _ in range(36):
        made.add(joined(tone(ANA, 0.2), 0.01 * tone(ANA, 0.05)), 250)
        told.append(made.news())
    every, first = MIXED_EVERY_MS * RATE // 1000, MIXED_FROM_MS * RATE // 1000
    assert asked == [first, first + every, first + 2 * every]
    assert [wrong for _, wrong in filter(None, told)].count("two-voices") == 8, "until it was asked again"
