"""What is told against the names, and that below a floor there are none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from facilitator.core.events import Heard, Trouble
from facilitator.core.turntaking.spans import Span
from facilitator.core.turntaking.timeline import Timeline, attribute
from facilitator.core.turntaking.uncertainty import intervals
from facilitator.hearing.diarization.hmm import RELATIVE
from facilitator.hearing.diarization.listener import Listener
from facilitator.hearing.diarization.trust import SpeechLevels, doubts, sentences
from facilitator.hearing.signal.audio import RATE, Block, Samples
from facilitator.hearing.signal.features import STEP
from facilitator.hearing.speaker.voice_naming import Centres, adapted, unit
from facilitator.hearing.values import NONE, Doubts, Kept
from tests.hearing.test_voice_naming import said, voices
from tests.support.evidence import KnowsNothing, Values
from tests.support.loudness import LoudnessDetector

PEOPLE = ("Ana", "Ben")


def told(samples: Values, talk: Values, guest: Values | None = None) -> Doubts:
    centres = adapted(samples, talk, np.full(len(talk), 2.0, np.float32))
    stretches = [(30 * k, 30 * k + 30, voice) for k, voice in enumerate(talk)]
    known = centres.voices if guest is None else np.concatenate([centres.voices, guest[None]])
    return doubts(samples, centres, known, stretches)


def of_each(people: Values, times: int, colour: Values | None = None) -> Values:
    both = [said(person, times, seed=k, colour=colour) for k, person in enumerate(people)]
    return np.stack(both, axis=1).reshape(-1, people.shape[1])


def test_of_clear_voices_nothing_is_told() -> None:
    people = voices(2)
    assert told(people, of_each(people, 20)) == Doubts()
    other = 1.5 * voices(1, seed=9)[0]
    assert told(unit(people + other), of_each(people, 20)) == Doubts(), "samples of another microphone"


def test_one_voice_under_two_names_is_told() -> None:
    ana, carla = voices(2)
    samples = np.concatenate([said(ana, 1, seed=1, noise=0.02), said(ana, 1, seed=2, noise=0.02), carla[None]])
    found = told(samples, of_each(np.stack([ana, carla]), 20))
    assert found.alike == (0, 1)
    assert "Ana and Ben" in sentences(found, ("Ana", "Ben", "Carla"), SpeechLevels())[0]


def test_whoever_is_taken_for_another_at_first_is_not_said_to_be_one_with_them() -> None:
    """Their samples differ: what is alike in the talk is one of the two alone."""
    people = voices(2)
    centres = Centres(voices=people, talk=said(people[0], 2, seed=1, noise=0.02), usual=np.ones(2, np.float32))
    assert centres.talk[0] @ centres.talk[1] > 0.9 and not doubts(people, centres, people, []).alike


def test_a_sample_like_nobody_is_told_only_where_somebody_is_like_no_sample() -> None:
    people = voices(3)
    talk = said(people[1], 20, seed=1)
    assert not told(people[:2], talk).unlike, "Ana listened"
    assert told(people[:2], talk, people[2]).unlike == (0,)


def test_another_microphone_from_some_moment_on_is_told() -> None:
    people, colour = voices(2), 2.5 * voices(1, seed=9)[0]
    before = of_each(people, 12)
    assert told(people, np.concatenate([before, of_each(people, 12, colour)])).changed
    assert not told(people, np.concatenate([before, before])).changed
    only_ana = np.concatenate([said(people[0], 12, seed=3), said(people[0], 12, seed=4, colour=colour)])
    assert not told(people, only_ana).changed, "one of them may have moved away"


@pytest.mark.parametrize(("gain", "words"), [(1.0, ""), (0.05, "quieter"), (30.0, "distorted")])
def test_levels_are_told(gain: float, words: str) -> None:
    sound = (0.1 * np.random.default_rng(1).normal(size=30 * RATE)).astype(np.float32)
    levels = SpeechLevels()
    levels.know({"Ana": sound[: 8 * RATE]})
    for first in range(0, len(sound), 1000):
        piece = np.clip(gain * sound[first : first + 1000], -1.0, 1.0).astype(np.float32)
        levels.hear(piece)
    found = sentences(Doubts(), PEOPLE, levels)
    assert [words in one for one in found] == [True] * bool(words)


class OneVoice(KnowsNothing):
    """Is sure that the first person speaks, and says of the whole what it is told to."""

    def __init__(self, says: Doubts) -> None:
        self.says = says

    def enrol(self, voices: Mapping[str, Samples], kept: Mapping[str, Kept] = NONE) -> None:
        self.people = len(voices)

    def score(self, samples: Samples, first_sample: int) -> Values:
        return self.opinions(first_sample // STEP, (first_sample + len(samples)) // STEP)

    def opinions(self, first_step: int, end_step: int) -> Values:
        odds = np.full((end_step - first_step, self.people + 1), -4.0, np.float32)
        odds[:, 0] = 4.0
        return odds

    def rescore(self, belief: Values) -> Values:
        return self.opinions(0, len(belief))

    def doubts(self) -> Doubts:
        return self.says


@pytest.mark.parametrize(
    ("says", "named", "sure"),
    [(Doubts(), True, True), (Doubts(changed=True), True, False), (Doubts(alike=(0, 1)), False, False)],
)
def test_who_cannot_be_told_apart_has_no_share_and_what_is_doubted_is_less_sure(
    says: Doubts, named: bool, sure: bool
) -> None:
    made = Listener(LoudnessDetector(), [OneVoice(says)], RELATIVE)
    tone = (0.1 * np.sin(np.arange(12 * RATE) / 8)).astype(np.float32)
    made.know(dict.fromkeys(PEOPLE, tone[:RATE]))
    facts = [
        f for k in range(0, len(tone), 1600) for f in made.hear(Block(first_sample=k, samples=tone[k : k + 1600, None]))
    ]
    troubles = [fact.message for fact in facts if isinstance(fact, Trouble)]
    assert troubles == made.troubles and bool(troubles) == (says != Doubts())
    loud = max(made.review(), key=lambda fact: fact.end_ms - fact.start_ms)
    assert (loud.people == ("Ana",)) == named and loud.unknown != named
    assert (loud.confidence > 0.75) == sure
    last = [fact for fact in facts if isinstance(fact, Heard)][-1]
    assert (last.people == ("Ana",)) == named, "while people talk, too"


class AStranger(OneVoice):
    """Is sure that somebody speaks who is like no sample."""

    def opinions(self, first_step: int, end_step: int) -> Values:
        odds = np.full((end_step - first_step, self.people + 1), -4.0, np.float32)
        odds[:, -1] = 4.0
        return odds


@pytest.mark.parametrize("unlike", [(), (0,)])
def test_a_voice_like_no_sample_may_be_theirs_whose_sample_is_like_no_voice(unlike: tuple[int, ...]) -> None:
    made = Listener(LoudnessDetector(), [AStranger(Doubts(unlike=unlike))], RELATIVE)
    tone = (0.1 * np.sin(np.arange(12 * RATE) / 8)).astype(np.float32)
    made.know(dict.fromkeys(PEOPLE, tone[:RATE]))
    for k in range(0, len(tone), 1600):
        made.hear(Block(first_sample=k, samples=tone[k : k + 1600, None]))
    final = made.review()
    loud = max(final, key=lambda fact: fact.end_ms - fact.start_ms)
    assert loud.guest != bool(unlike) and loud.unknown == bool(unlike)
    of_ben = [replace(loud, start_ms=60_000, end_ms=72_000, people=("Ben",), guest=False, unknown=False)]
    tiles = [spoke for fact in (loud, *of_ben) for spoke in attribute(fact, counted=[Span(0, 1 << 60)])]
    ranges = intervals({"Ana": 0, "Ben": 12_000}, Timeline(tiles))
    assert (ranges["Ana"].high > 0.45) == bool(unlike), "that she spoke half of the time is not ruled out"
