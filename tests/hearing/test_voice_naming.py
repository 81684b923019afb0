"""Whose voice it is, by comparison alone: whatever a microphone does to all voices alike changes nothing."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from facilitator.hearing.speaker.voice_naming import adapted, guest, over_others, unit

Values = NDArray[np.float32]
NUMBERS = 64


def voices(count: int, seed: int = 1) -> Values:
    return unit(np.random.default_rng(seed).normal(size=(count, NUMBERS)).astype(np.float32))


def said(voice: Values, times: int, seed: int, colour: Values | None = None, noise: float = 0.06) -> Values:
    rng = np.random.default_rng(seed)
    heard = voice + noise * rng.normal(size=(times, NUMBERS)).astype(np.float32)
    return unit(heard if colour is None else heard + colour)


@pytest.mark.parametrize("colour", [0.0, 1.0, 2.0])
def test_samples_through_another_microphone_name_the_talk_all_the_same(colour: float) -> None:
    people = voices(3)
    other = (colour * voices(1, seed=9)[0]).astype(np.float32)
    samples = unit(people + other)
    talk = np.concatenate([said(people[k], 20, seed=k) for k in range(3)])
    centres = adapted(samples, talk, np.full(60, 2.0, np.float32))
    assert (talk @ centres.voices.T).argmax(axis=1).tolist() == [0] * 20 + [1] * 20 + [2] * 20
    assert ((centres.voices * people).sum(axis=1) > 0.85).all(), "the talk is compared with itself"


def test_who_says_nothing_keeps_their_sample() -> None:
    people = voices(3)
    talk = np.concatenate([said(people[k], 20, seed=k) for k in range(2)])
    centres = adapted(people, talk, np.full(40, 2.0, np.float32))
    assert not centres.talk[2].any()
    assert np.allclose(centres.voices[2], people[2], atol=1e-6)


def test_one_alone_is_never_split() -> None:
    person = voices(1)
    pieces = np.concatenate([said(person[0], 30, seed=1), said(person[0], 30, seed=2, noise=0.15)])
    centres = adapted(person, pieces, np.full(60, 2.0, np.float32))
    assert guest(person, centres, pieces, np.full(60, 1.5, np.float32)) is None
    assert not over_others(pieces @ centres.voices.T).any()


@pytest.mark.parametrize(("times", "found"), [(12, True), (3, False)])
def test_a_guest_is_somebody_heard_again_and_again(times: int, found: bool) -> None:
    """Who says a word or two had the benefit of the doubt."""
    everyone = voices(3)
    people, stranger = everyone[:2], everyone[2]
    mine = np.concatenate([said(people[k], 30, seed=k) for k in range(2)])
    centres = adapted(people, mine, np.full(60, 2.0, np.float32))
    stretches = np.concatenate([mine, said(stranger, times, seed=7)])
    told = guest(people, centres, stretches, np.full(len(stretches), 1.5, np.float32))
    assert (told is not None) == found
    if told is not None:
        assert told.voice @ stranger > 0.9 and told.perhaps is None


@pytest.mark.parametrize(("colour", "times", "found"), [(0.0, 5, True), (1.5, 5, False), (1.5, 10, False)])
def test_who_is_a_little_like_somebody_is_a_guest_only_on_one_microphone(
    colour: float, times: int, found: bool
) -> None:
    """Through another microphone it may be a child, whose sample is hardly like the talk, and who now speaks louder."""
    ana, ben, else_ = voices(3)
    samples = unit(np.stack([ana, ben]) + colour * voices(1, seed=9)[0])
    mine = np.concatenate([said(voice, 30, seed=k, noise=0.07) for k, voice in enumerate((ana, ben))])
    centres = adapted(samples, mine, np.full(60, 2.0, np.float32))
    near = 0.5 if times == 5 else 0.7
    half = said(unit(near * ana + else_), times, seed=7, noise=0.07)
    stretches = np.concatenate([mine, half])
    told = guest(samples, centres, stretches, np.full(len(stretches), 1.5, np.float32))
    assert (told is not None) == found


def test_nobody_s_whole_speech_becomes_a_guest_s() -> None:
    """Also where the sample is of another microphone, and hardly like the talk."""
    people = voices(2)
    samples = unit(people + 2.0 * voices(1, seed=9)[0])
    talk = np.concatenate([said(people[k], 30, seed=k) for k in range(2)])
    centres = adapted(samples, talk, np.full(60, 2.0, np.float32))
    assert guest(samples, centres, talk, np.full(60, 1.5, np.float32)) is None


def test_a_guest_takes_nobody_s_place() -> None:
    """Somebody is always nearest to a guest. While that person listens, the guest is not learned as them."""
    ana, ben, other = voices(3)
    samples = np.stack([ana, ben])
    stranger = unit(0.3 * ana + other)
    of_ben, of_guest = said(ben, 20, seed=1), said(stranger, 20, seed=2)
    talk = np.concatenate([of_ben, of_guest])
    centres = adapted(samples, talk, np.full(40, 2.0, np.float32))
    assert not centres.talk[0].any() and centres.voices[0] @ ana > 0.99
    told = guest(samples, centres, talk, np.full(40, 1.5, np.float32))
    assert told is not None and told.voice @ stranger > 0.9 and told.perhaps is None


@pytest.mark.parametrize(("times", "perhaps"), [(2, 2), (20, None)])
def test_through_another_microphone_who_is_hardly_heard_beside_a_stranger_may_be_them(
    times: int, perhaps: int | None
) -> None:
    """A child by telephone, heard as its sample for a moment and for a minute as nobody's: that is told, and is no
    guest; where the child is heard as itself as well, it is one."""
    *people, other = voices(4)
    samples = unit(np.stack(people) + 1.5 * voices(1, seed=9)[0])
    mine = np.concatenate([said(people[k], n, seed=k) for k, n in enumerate((30, 30, times))])
    centres = adapted(samples, mine, np.full(len(mine), 2.0, np.float32))
    stretches = np.concatenate([mine, said(unit(0.35 * people[2] + other), 40, seed=7)])
    told = guest(samples, centres, stretches, np.full(len(stretches), 1.5, np.float32))
    assert told is not None and told.perhaps == perhaps


def test_whoever_spoke_only_in_the_opening_circle_is_still_no_guest_through_another_microphone() -> None:
    """The circle in the recording is the sample itself, and says nothing of how alike voices are in the talk."""
    people, colour = voices(2), voices(1, seed=9)[0]
    samples = unit(people + colour)
    circle = np.concatenate([said(samples[k], 6, seed=k, noise=0.01) for k in range(2)])
    talk = np.concatenate([circle, said(people[0], 20, seed=3), said(people[1], 8, seed=4)])
    centres = adapted(samples, talk, np.full(len(talk), 2.0, np.float32))
    assert guest(samples, centres, talk, np.full(len(talk), 1.5, np.float32)) is None
    assert ((centres.talk * people).sum(axis=1) > 0.85).all()
