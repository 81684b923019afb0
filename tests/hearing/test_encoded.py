"""Evidence from a voice encoder: it earns its weight, keeps its place in time, and learns only what is sure."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from facilitator.hearing.interfaces import VoiceEncoder
from facilitator.hearing.signal.audio import RATE, Samples
from facilitator.hearing.signal.features import STEP
from facilitator.hearing.speaker.direction import Direction
from facilitator.hearing.speaker.embedding_evidence import AHEAD, EncodedVoices, compare
from facilitator.hearing.values import Embedding

PITCHES = {"low": 400.0, "middle": 1400.0, "high": 3000.0, "stranger": 6000.0}


class Bands:
    """A small real encoder: how the energy of a second is spread over sixteen bands."""

    name, by_channel = "bands", False

    def __init__(self) -> None:
        self._sound, self._at = np.zeros(0, np.float32), 0

    def feed(self, samples: Samples) -> list[Embedding]:
        self._sound, found = np.concatenate([self._sound, samples]), []
        while len(self._sound) >= RATE:
            power = np.abs(np.fft.rfft(self._sound[:RATE])) ** 2
            bands = np.sqrt([part.sum() for part in np.array_split(power, 16)])
            vector = (bands / np.linalg.norm(bands)).astype(np.float32)
            found.append(Embedding(first_sample=self._at, end_sample=self._at + RATE, vector=vector))
            self._sound, self._at = self._sound[RATE // 4 :], self._at + RATE // 4
        return found


class Deaf(Bands):
    """Says the same of everybody."""

    name = "deaf"

    def feed(self, samples: Samples) -> list[Embedding]:
        same = np.full(8, 8**-0.5, np.float32)
        return [
            Embedding(first_sample=w.first_sample, end_sample=w.end_sample, vector=same) for w in super().feed(samples)
        ]


def said(who: str, seconds: float, seed: int = 0) -> Samples:
    """Noise around a pitch of one's own."""
    rng, count = np.random.default_rng(seed), int(seconds * RATE)
    hz = np.fft.rfftfreq(count, 1 / RATE)
    shape = np.exp(-(((hz - PITCHES[who]) / (0.3 * PITCHES[who])) ** 2))
    sound = np.fft.irfft(np.fft.rfft(rng.normal(size=count)) * shape, count)
    noise = rng.normal(0, 0.02, count)
    return np.asarray(0.1 * sound / np.abs(sound).max() + 0.1 * noise, np.float32)


def voices(*names: str) -> Mapping[str, Samples]:
    return {name: said(name, 8.0, seed=k + 10) for k, name in enumerate(names)}


def evidence(*names: str, stream: type[VoiceEncoder] = Bands) -> EncodedVoices:
    made = EncodedVoices(stream)
    made.enrol(voices(*names))
    return made


def hear(made: EncodedVoices, sound: Samples, size: int = 1600, first: int = 0) -> NDArray[np.float32]:
    rows = [made.score(sound[k : k + size], first + k) for k in range(0, len(sound), size)]
    return np.concatenate(rows)


TALK = np.concatenate([said("low", 5.0), said("high", 5.0), said("middle", 5.0)])


def test_it_tells_who_speaks_now_and_later() -> None:
    made = evidence("low", "middle", "high")
    live = hear(made, TALK)
    assert len(live) == len(TALK) // STEP - AHEAD
    final = made.rescore(np.zeros((len(TALK) // STEP, 4), np.float32))
    for opinions in (live, final):
        for person, begin in ((0, 1.5), (2, 6.5), (1, 11.5)):
            mine = opinions[int(begin * 20) : int((begin + 2) * 20)]
            assert (mine[:, :3].argmax(axis=1) == person).all()
            assert mine[:, person].min() > max(0.0, np.delete(mine[:, :3], person, axis=1).max() + 1.0)
    assert min(made.earned()) > 0.9


def test_one_that_is_useless_here_falls_silent() -> None:
    made = evidence("low", "high", stream=Deaf)
    assert max(made.earned()) < 0.1
    assert np.abs(hear(made, TALK)).max() < 0.1


def test_a_stranger_is_nobody() -> None:
    made = evidence("low", "high")
    assert hear(made, said("stranger", 5.0))[20:, :2].max() < -1.0


def test_a_person_alone_is_not_everybody() -> None:
    made = evidence("low")
    opinions = hear(made, np.concatenate([said("low", 4.0), said("high", 4.0)]))
    assert opinions[30:60, 0].min() > 0 > opinions[-30:, 0].max()


@settings(deadline=None, max_examples=10)
@given(st.lists(st.integers(1, 30_000), min_size=1, max_size=8))
def test_the_pieces_do_not_matter(sizes: list[int]) -> None:
    one, other = evidence("low", "high"), evidence("low", "high")
    found, at = [], 0
    for size in [*sizes, len(TALK)]:
        found.append(one.score(TALK[at : at + size], at))
        at = min(len(TALK), at + size)
    whole = hear(other, TALK)
    pieces = np.concatenate(found)
    assert pieces.shape == whole.shape
    assert np.allclose(pieces, whole, atol=1e-5)


def test_who_joins_late_is_heard_from_then_on() -> None:
    made = evidence("low")
    first = hear(made, TALK[: 5 * RATE])
    made.enrol(voices("low", "high"))
    rest = hear(made, TALK[5 * RATE :], first=5 * RATE)
    assert first.shape[1] == 2 and rest.shape[1] == 3
    assert len(first) + len(rest) == len(TALK) // STEP - AHEAD
    assert (rest[30:80, 1] > 0).all()


def changed_voice(person: str, factor: float, seconds: float) -> Samples:
    PITCHES["changed"] = PITCHES[person] * factor
    return said("changed", seconds, seed=5)


@pytest.mark.parametrize("sure", [1.0, 0.5])
def test_it_learns_what_is_sure_and_nothing_else(sure: float) -> None:
    """Somebody's voice changes; told for sure that it is still theirs, it follows."""
    changed = changed_voice("middle", 2.3, 20.0)
    made = evidence("low", "middle", "stranger")
    before = hear(made, changed)[-100:, 1].mean()
    belief = np.zeros((len(changed) // STEP, 4), np.float32)
    belief[:, 1] = sure
    for first in range(0, len(belief) - 40, 10):
        made.learn(belief[first : first + 10], first)
    after = hear(made, changed, first=len(changed))[-100:, 1].mean()
    again = made.rescore(np.concatenate([belief, belief]))[60:300, 1].mean()
    if sure == 1.0:
        assert after > before + 1.0 and again > before + 1.0
    else:
        assert after == pytest.approx(before, abs=0.3)


def test_a_guest_is_learned_in_the_review() -> None:
    sound = np.concatenate([said("low", 6.0), said("stranger", 6.0), said("high", 6.0)])
    made = evidence("low", "high")
    hear(made, sound)
    belief = np.zeros((len(sound) // STEP, 3), np.float32)
    assert made.rescore(belief)[:, 2].max() == 0.0
    belief[130:230, 2] = 1.0
    opinions = made.rescore(belief)
    assert opinions[150:210, 2].min() > 1.0 > -1.0 > opinions[20:100, 2].max()


def finding(*names: str) -> EncodedVoices:
    made = EncodedVoices(Bands, finds_strangers=True)
    made.enrol(voices(*names))
    return made


def test_belief_is_put_right() -> None:
    """A stranger goes by Low's name, and High is taken for a stranger."""
    sound = np.concatenate([said("low", 8.0), said("stranger", 8.0, seed=3), said("high", 8.0)])
    made, steps = finding("low", "middle", "high"), len(sound) // STEP
    hear(made, sound)
    belief = np.zeros((steps, 4), np.float32)
    belief[:320, 0], belief[320:, 3] = 1.0, 1.0
    right, strange = made.put_right(belief)
    assert strange[180:300].all() and not strange[:140].any() and not strange[340:].any()
    assert (right[20:140].argmax(axis=1) == 0).all()
    assert (right[180:300].argmax(axis=1) == 3).all()
    assert (right[350:450].argmax(axis=1) == 2).all()
    unsure = np.full((steps, 4), 0.25, np.float32)
    same, none = made.put_right(unsure)
    assert (same == unsure).all() and not none.any()


def test_one_that_cannot_tell_leaves_belief_alone() -> None:
    made = evidence("low", "high")
    hear(made, TALK)
    belief = np.random.default_rng(0).dirichlet(np.ones(3), len(TALK) // STEP).astype(np.float32)
    right, strange = made.put_right(belief)
    assert (right == belief).all() and not strange.any()


def test_too_little_to_compare() -> None:
    assert compare([]) is None
    assert compare([np.ones((1, 4), np.float32), np.ones((9, 4), np.float32)]) is None


def arriving(sound: Samples, delay: int) -> Samples:
    """Both channels, the second one `delay` samples later."""
    return np.stack([sound, np.roll(sound, delay)], axis=1)


def test_direction_tells_seats_apart() -> None:
    rng = np.random.default_rng(1)
    seats = {"left": -3, "middle": 0, "right": 3}
    noise = {name: rng.normal(0, 0.1, 8 * RATE).astype(np.float32) for name in seats}
    made = EncodedVoices(Direction)
    made.enrol({name: arriving(noise[name], delay) for name, delay in seats.items()})
    assert min(made.earned()) > 0.9
    talk = np.concatenate([arriving(rng.normal(0, 0.1, 3 * RATE).astype(np.float32), d) for d in (3, -3, 0)])
    opinions = hear(made, talk)
    for person, begin in ((2, 0.5), (0, 3.5), (1, 6.5)):
        assert (opinions[int(begin * 20) : int((begin + 2) * 20), :3].argmax(axis=1) == person).all()


def test_one_channel_has_no_direction() -> None:
    made = EncodedVoices(Direction)
    made.enrol(voices("low", "high"))
    assert made.earned() == (0.0, 0.0)
    assert not hear(made, TALK[:, None]).any()
    twice = EncodedVoices(Direction)
    twice.enrol({name: np.stack([sound, sound], axis=1) for name, sound in voices("low", "high").items()})
    assert max(twice.earned()) < 0.2, "one microphone in both channels says nothing of seats"
