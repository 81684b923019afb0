"""The listener as a whole, over the voices of the bundled demonstration."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facilitator.core.events import Activity, EnrolmentHeard, Fact, Heard
from facilitator.hearing.diarization.hmm import RELATIVE
from facilitator.hearing.diarization.listener import Listener
from facilitator.hearing.signal.audio import RATE, Block, Samples, to_ms
from facilitator.hearing.signal.features import STEP
from facilitator.hearing.speaker.fusion_evidence import LearnedVoices
from facilitator.pipelines.offline import stretches
from tests.support.evidence import KnowsNothing, Values
from tests.support.hearing_sounds import clip, joined, room, voice
from tests.support.loudness import LoudnessDetector

PEOPLE = ("ana", "ben", "carla")
SAMPLE_S = 8


def sample(name: str) -> Samples:
    """About eight seconds, in the room in which the talk is."""
    said = clip(f"{name}-0")[: SAMPLE_S * RATE]
    return said + room(SAMPLE_S, 0.0007, seed=4)[: len(said)]


def listener(people: Iterable[str] = PEOPLE) -> Listener:
    made = Listener(LoudnessDetector(), [LearnedVoices()])
    for name in people:
        assert made.enrol(name, sample(name)) is None
    return made


def hear(made: Listener, sound: Samples, size: int = 1600, first_sample: int = 0) -> list[Fact]:
    found: list[Fact] = []
    for k in range(0, len(sound), size):
        piece = sound[k : k + size, None]
        found += made.hear(Block(first_sample=first_sample + k, samples=piece))
    return found


@cache
def talk() -> Samples:
    """Silence to 1 s, Ana to about 6 s, Ben to about 11 s, silence."""
    said = joined(room(1.0), clip("ana-1"), room(0.4), clip("ben-1"), room(1.5))
    return said + room(len(said) / RATE, seed=3)[: len(said)]


ANA = (1.0, 1.0 + len(clip("ana-1")) / RATE)
BEN = (ANA[1] + 0.4, ANA[1] + 0.4 + len(clip("ben-1")) / RATE)


def seconds(heard: Iterable[Heard], within: tuple[float, float]) -> Mapping[str | None, float]:
    """For how long each is said to speak in this part."""
    found: dict[str | None, float] = {}
    for part in stretches(tuple(heard)):
        both = min(part.end_ms / 1000, within[1]) - max(part.start_ms / 1000, within[0])
        if both > 0:
            found[part.person] = found.get(part.person, 0.0) + both
    return found


def live(facts: Iterable[Fact]) -> list[Heard]:
    return [fact for fact in facts if isinstance(fact, Heard)]


def check_tiles(facts: list[Fact], end_ms: int, *, behind_ms: int = 2500) -> None:
    """Labels cover the time line without a gap, never of the future, and are told in order of time."""
    assert [f.at_ms for f in facts] == sorted(f.at_ms for f in facts)
    reached = 0
    for fact in live(facts):
        assert 0 <= fact.start_ms < fact.end_ms <= fact.at_ms
        assert fact.start_ms <= reached  # no gap
        assert 0.0 <= fact.confidence <= 1.0
        assert not (fact.people and fact.unknown)
        reached = max(reached, fact.end_ms)
    assert end_ms - behind_ms <= reached <= end_ms


def test_each_is_heard_live_and_known_within_about_a_second() -> None:
    made = listener()
    facts = hear(made, talk())
    check_tiles(facts, to_ms(len(talk())))
    for name, (start, end) in (("ana", ANA), ("ben", BEN)):
        said = seconds(live(facts), (start, end))
        assert said.get(name, 0) > 0.7 * (end - start)
        assert said[name] == max(said.values())
        first = min(f.at_ms for f in live(facts) if f.people == (name,) and f.end_ms > start * 1000)
        assert first < start * 1000 + 1500
    assert not seconds(live(facts), (0.0, 0.9))


def test_the_review_covers_everything_and_is_at_least_as_good() -> None:
    made = listener()
    hear(made, talk())
    heard = made.review()
    end_ms = to_ms(len(talk()))
    assert heard[0].start_ms == 0 and end_ms - 100 <= heard[-1].end_ms <= end_ms
    assert all(a.end_ms == b.start_ms for a, b in pairwise(heard))
    assert all(h.final and h.at_ms == end_ms for h in heard)
    assert seconds(heard, ANA).get("ana", 0) > 0.8 * (ANA[1] - ANA[0])
    assert seconds(heard, BEN).get("ben", 0) > 0.8 * (BEN[1] - BEN[0])
    assert made.review() == heard


def test_activity_is_told_at_once_and_only_when_it_changes() -> None:
    made = Listener(LoudnessDetector(), [])
    facts = [f for f in hear(made, joined(room(1.0), voice("low", 2.0), room(1.0)), 320) if isinstance(f, Activity)]
    assert [f.speaking for f in facts] == [True, False]
    assert abs(facts[0].start_ms - 1000) <= 80 and abs(facts[1].start_ms - 3000) <= 80
    assert all(f.at_ms - f.start_ms <= 200 for f in facts)


def test_with_nobody_enrolled_speech_is_unknown() -> None:
    made = Listener(LoudnessDetector(), [LearnedVoices()])
    facts = hear(made, talk())
    check_tiles(facts, to_ms(len(talk())))
    spoken = [f for f in live(facts) if f.people or f.guest or f.unknown]
    assert spoken and all(f.unknown and not f.people and not f.guest for f in spoken)
    assert made.people == () and all(not h.people for h in made.review())


def test_own_voice_counts_for_nobody() -> None:
    made = listener()
    made.own_voice(900, int(ANA[1] * 1000))
    facts = hear(made, talk())
    check_tiles(facts, to_ms(len(talk())))
    masked = (0.0, ANA[1] + 0.3)
    assert not seconds(live(facts), masked)
    assert not seconds(made.review(), masked)
    assert seconds(live(facts), BEN).get("ben", 0) > 1.0
    first = next(f for f in facts if isinstance(f, Activity))
    assert first.start_ms >= ANA[1] * 1000


def test_own_voice_that_goes_on_masks_until_it_ends() -> None:
    made, half = listener(), int((ANA[1] + 0.1) * RATE) // 1600 * 1600
    made.own_voice(0, None)
    facts = hear(made, talk()[:half])
    assert not [f for f in facts if isinstance(f, Activity)]
    made.own_voice(0, to_ms(half))
    facts += hear(made, talk()[half:], first_sample=half)
    check_tiles(facts, to_ms(len(talk())))
    assert seconds(live(facts), BEN).get("ben", 0) > 1.0
    assert not seconds(made.review(), (0.0, half / RATE))


def test_lost_blocks_keep_their_place() -> None:
    made, lost = listener(), int(0.5 * RATE) // 1600 * 1600
    facts = made.hear(Block(first_sample=0, samples=np.ones((lost, 1), np.float32), lost=True))
    facts += hear(made, talk(), first_sample=lost)
    check_tiles(facts, to_ms(len(talk()) + lost))
    shifted = (ANA[0] + lost / RATE, ANA[1] + lost / RATE)
    assert seconds(live(facts), shifted).get("ana", 0) > 0.7 * (ANA[1] - ANA[0])
    assert not seconds(live(facts), (0.0, shifted[0] - 0.1))


def test_the_opening_circle() -> None:
    made, at = Listener(LoudnessDetector(), [LearnedVoices()]), 0
    facts: list[Fact] = []
    for name in PEOPLE:
        made.begin_sample(name)
        sound = joined(room(0.5), sample(name), room(0.5))
        heard = hear(made, sound + room(9.0, seed=5), first_sample=at)
        progress = [f for f in heard if isinstance(f, EnrolmentHeard)]
        assert {f.person for f in progress} == {name}
        said = [f.speech_ms for f in progress]
        assert said == sorted(said) and said[-1] > 4000
        assert max(b - a for a, b in pairwise(said)) <= 500
        facts += heard
        at += len(sound)
        assert made.end_sample(keep=name != "carla") is (name != "carla")
    assert made.people == ("ana", "ben")
    facts += hear(made, talk(), first_sample=at)
    check_tiles(facts, to_ms(at + len(talk())))
    later = (ANA[0] + at / RATE, ANA[1] + at / RATE)
    assert seconds(live(facts), later).get("ana", 0) > 0.6 * (ANA[1] - ANA[0])
    assert made.end_sample(keep=True) is False  # none was begun


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda x: x * 0.001, "quiet"),
        (lambda x: np.clip(x * 40, -1, 1), "clipped"),
        (lambda x: x + room(len(x) / RATE, 0.15)[: len(x)], "noisy"),
    ],
)
def test_a_bad_sample_is_told(spoil: Callable[[Samples], Samples], problem: str) -> None:
    made = Listener(LoudnessDetector(), [LearnedVoices()])
    assert made.enrol("ana", spoil(voice("low", 5.0)).astype(np.float32)) == problem
    assert made.people == (() if problem == "quiet" else ("ana",))


def test_a_sample_of_two_people_is_told() -> None:
    both = joined(sample("carla")[: 5 * RATE], sample("ben")[: 5 * RATE])
    made = Listener(LoudnessDetector(), [LearnedVoices()])
    assert made.enrol("ana", both) == "two-voices"
    assert [made.enrol(name, sample(name)) for name in PEOPLE] == [None, None, None]


def test_a_source_that_is_late_or_silent_does_not_stop_the_rest() -> None:
    class Late(KnowsNothing):
        name = "late"

        def score(self, samples: Samples, first_sample: int) -> Values:
            return self.silence(0)

        def learn(self, belief: Values, first_step: int) -> None:
            assert belief.shape[1] == self.people + 1

        def rescore(self, belief: Values) -> Values:
            return self.silence(len(belief) // 2)

    made = Listener(LoudnessDetector(), [LearnedVoices(), Late()])
    for name in PEOPLE:
        made.enrol(name, sample(name))
    facts = hear(made, talk())
    check_tiles(facts, to_ms(len(talk())), behind_ms=4000)
    assert seconds(live(facts), ANA).get("ana", 0) > 0.7 * (ANA[1] - ANA[0])
    assert seconds(made.review(), ANA).get("ana", 0) > 0.7 * (ANA[1] - ANA[0])


@settings(deadline=None, max_examples=6)
@given(st.lists(st.integers(400, 9000), min_size=1, max_size=20), st.integers(0, 3))
def test_tiles_whatever_the_blocks_and_whoever_joins_when(sizes: list[int], joins: int) -> None:
    made, at, k = Listener(LoudnessDetector(), [LearnedVoices()]), 0, 0
    facts: list[Fact] = []
    sound = talk()[: 4 * RATE]
    while at < len(sound):
        size = sizes[k % len(sizes)]
        facts += hear(made, sound[at : at + size], size, at)
        at, k = min(len(sound), at + size), k + 1
        if k % 3 == 0 and len(made.people) < joins:
            name = PEOPLE[len(made.people)]
            made.enrol(name, sample(name)[: 3 * RATE])
    check_tiles(facts, to_ms(len(sound)))
    heard = made.review()
    assert heard[0].start_ms == 0 and all(a.end_ms == b.start_ms for a, b in pairwise(heard))


def test_nothing_heard_nothing_to_review() -> None:
    assert Listener(LoudnessDetector(), [LearnedVoices()]).review() == []


def test_what_is_known_later_puts_the_last_minute_right() -> None:
    """A voice that was taken for Ana's turns out to be Ben's: the last minute is told again, what is older is not."""

    class LearnsLater(KnowsNothing):
        known_from = 80 * 20

        def score(self, samples: Samples, first_sample: int) -> Values:
            end = (first_sample + len(samples)) // STEP
            self.late = end >= self.known_from
            return self.opinions(first_sample // STEP, end)

        def opinions(self, first_step: int, end_step: int) -> Values:
            says = np.full((end_step - first_step, self.people + 1), -4.0, np.float32)
            says[:, 1 if getattr(self, "late", False) else 0] = 4.0
            return says

    made = Listener(LoudnessDetector(), [LearnsLater()], RELATIVE)
    for name in ("ana", "ben"):
        made.enrol(name, sample(name))
    sound = np.full(90 * RATE, 0.1, np.float32) * np.sin(np.arange(90 * RATE)).astype(np.float32)
    heard = live(hear(made, sound, 8000))
    assert seconds(heard, (0.0, 15.0)).get("ana", 0) > 14.0
    assert seconds(heard, (25.0, 88.0)).get("ben", 0) > 62.0
