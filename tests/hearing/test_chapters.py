"""A session of hours is gone over in chapters as people talk, and what came of them is told at its end."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from facilitator.core.events import Heard
from facilitator.hearing.diarization import listener, relative_evidence
from facilitator.hearing.diarization.final_pass import Gone
from facilitator.hearing.diarization.listener import Listener
from facilitator.hearing.diarization.relative_evidence import RelativeVoices
from facilitator.hearing.signal.audio import RATE, Block, Samples, to_ms
from facilitator.hearing.signal.features import FRAMES_A_STEP, STEP, STEP_MS, WIDTH
from facilitator.hearing.speaker.fusion_evidence import LearnedVoices
from facilitator.hearing.speaker.kept_frames import KeptFrames
from facilitator.hearing.speaker.voice_naming import Stranger
from facilitator.hearing.speaker.voice_track import VoiceTrack
from facilitator.hearing.values import LocalWindow, Values
from facilitator.runtime.threads import beside
from tests.hearing.test_voice_track import Spectra, tone
from tests.support.evidence import KnowsNothing
from tests.support.loudness import LoudnessDetector

TURN = 40
"""Steps after which the other one speaks."""


def whose(step: int) -> int:
    return step // TURN % 2


class Taught(KnowsNothing):
    """Knows who speaks, by the number of the step in the session; and what it was told to let go of."""

    def __init__(self) -> None:
        self._at = self._heard = 0
        self.gone: list[int] = []

    def _said(self, first: int, end: int) -> Values:
        out = np.full((end - first, self.people + 1), -6.0, np.float32)
        for row, step in enumerate(range(first, end)):
            out[row, whose(step + self._at)] = 6.0
        return out

    def score(self, samples: Samples, first_sample: int) -> Values:
        before, self._heard = self._heard, (first_sample + len(samples)) // STEP
        return self._said(before, self._heard)

    def rescore(self, belief: Values) -> Values:
        return self._said(0, len(belief))

    def since(self, first_step: int) -> Taught:
        other = Taught()
        other.people, other._at = self.people, first_step
        return other

    def let_go(self, end_step: int) -> None:
        self.gone.append(end_step)


class Always:
    def probability(self, chunk: Samples) -> float:
        return 0.99


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, steps in (("CHAPTER", 200), ("KEPT", 200), ("BESIDE", 40)):
        monkeypatch.setattr(listener, name, steps)


def at_once(work: Callable[[], Gone]) -> Callable[[], Gone]:
    done = work()
    return lambda: done


def talked(made: Listener, steps: int) -> Listener:
    made.know({"Ana": np.zeros(RATE, np.float32), "Ben": np.zeros(RATE, np.float32)})
    for first in range(0, steps * STEP, 8 * STEP):
        made.hear(Block(first_sample=first, samples=np.zeros(8 * STEP, np.float32)))
    return made


def tiled(facts: list[Heard], steps: int) -> None:
    assert facts[0].start_ms == 0 and facts[-1].end_ms == steps * STEP_MS
    assert all(a.end_ms == b.start_ms for a, b in pairwise(facts))
    assert all(fact.final and fact.at_ms == to_ms(steps * STEP) for fact in facts)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("aside", [at_once, beside])
def test_chapters_say_what_the_whole_says(aside: listener.Aside) -> None:
    steps, source = 832, Taught()
    in_chapters = talked(Listener(Always(), [source], aside=aside), steps).review()
    whole = talked(Listener(Always(), [Taught()]), steps).review()
    assert source.gone == [160, 360, 560]  # each leaves some, in whose light the next begins
    tiled(in_chapters, steps)
    tiled(whole, steps)

    def names(facts: list[Heard]) -> list[tuple[str, ...]]:
        return [fact.people for fact in facts for _ in range((fact.end_ms - fact.start_ms) // STEP_MS)]

    assert names(in_chapters) == names(whole)
    assert {("Ana",), ("Ben",)} <= set(names(whole))


@pytest.mark.usefixtures("short")
def test_who_is_forgotten_later_is_a_guest_in_chapters_too() -> None:
    made = talked(Listener(Always(), [Taught()], aside=at_once), 800)
    made.forget("Ben")
    facts = made.review()
    tiled(facts, 800)
    assert all("Ben" not in fact.people for fact in facts)
    early = [fact for fact in facts if fact.end_ms < 200 * STEP_MS]
    assert any(fact.guest for fact in early) and any(fact.people == ("Ana",) for fact in early)


@pytest.mark.usefixtures("short")
def test_a_chapter_that_fails_does_not_end_the_discussion() -> None:
    def fails(work: Callable[[], Gone]) -> Callable[[], Gone]:
        def wait() -> Gone:
            raise MemoryError

        return wait

    facts = talked(Listener(Always(), [Taught()], aside=fails), 800).review()
    assert facts[0].start_ms == 600 * STEP_MS  # what was said live of the rest stands


@pytest.mark.usefixtures("short")
def test_frames_of_chapters_gone_over_are_let_go() -> None:
    sound = (0.1 * np.random.default_rng(1).standard_normal(40 * RATE)).astype(np.float32)
    source = LearnedVoices()
    made = Listener(LoudnessDetector(), [source], aside=at_once)
    made.know({"Ana": sound[: 3 * RATE], "Ben": sound[::2][: 3 * RATE]})
    for first in range(0, len(sound), 8000):
        made.hear(Block(first_sample=first, samples=sound[first : first + 8000]))
    assert source._kept.end_step - source._kept.first_step <= 200 + 200 + 40 + 2 * 100  # pieces go as a whole
    tiled(made.review(), len(sound) // STEP)


def test_kept_frames_are_the_same_from_any_step() -> None:
    chance, kept = np.random.default_rng(2), KeptFrames()
    frames = chance.standard_normal((900 * FRAMES_A_STEP, WIDTH)).astype(np.float16).astype(np.float32)
    for first in range(0, 900, 3):
        kept.add(frames[first * FRAMES_A_STEP : (first + 3) * FRAMES_A_STEP])
    kept.let_go(400)
    assert 200 < kept.first_step <= 400 and kept.end_step == 900
    later = kept.since(420)
    kept.let_go(900)
    assert (later.first_step, later.end_step) == (0, 480)
    assert (later.part(10, 20) == frames[430 * FRAMES_A_STEP : 440 * FRAMES_A_STEP]).all()
    assert len(later.part(0, 10_000)) == 480 * FRAMES_A_STEP


def test_a_track_is_the_same_from_any_step() -> None:
    made = VoiceTrack(Spectra())
    sound = np.concatenate([tone(700, 9), tone(3100, 9), tone(1500, 9)])
    for first in range(0, len(sound), 8000):
        made.feed(sound[first : first + 8000])
    whole = made.vectors(0, made.seen_steps)
    made.let_go(200)
    later = made.since(240)
    made.let_go(400)
    assert later.seen_steps == made.seen_steps - 240
    assert np.allclose(later.vectors(0, later.seen_steps), whole[240:], atol=1e-6)
    assert np.allclose(made.vectors(420, made.seen_steps), whole[420:], atol=1e-6)


class Windows:
    """One speaks in the whole window."""

    name = "windows"

    def __init__(self) -> None:
        self._end, self._next = 0, 10

    def feed(self, samples: Samples) -> list[LocalWindow]:
        self._end += len(samples)
        found = []
        while self._next * STEP <= self._end:
            chances = np.zeros((200, 7), np.float16)
            chances[:, 1] = 1.0
            found.append(LocalWindow(first_step=self._next - 200, chances=chances))
            self._next += 10
        return found


def test_who_spoke_early_is_still_known_when_the_windows_are_gone() -> None:
    source = RelativeVoices(Spectra(), Windows())
    early, late = tone(700, 30), tone(3100, 40)
    samples = {"Ana": tone(700, 3) + 0.6 * tone(5000, 3), "Ben": tone(3100, 3) + 0.6 * tone(6500, 3)}
    source.enrol(samples)  # through another microphone
    sound = np.concatenate([early, late])
    for first in range(0, len(sound), 8000):
        source.score(sound[first : first + 8000], first)
    gone = len(source._windows)
    source.let_go(800)
    assert 0 < len(source._windows) < gone
    later = source.since(800)
    later.rescore(np.zeros((600, 3), np.float32))
    assert later._centres.talk[0].any()  # Ana said nothing since
    assert all(one.last_step > 0 for one in later._windows)
    assert later.local_windows()[-1].first_step == source._windows[-1].first_step - 800


def test_whose_voice_a_stranger_may_be_is_told_as_long_as_they_are_listened_to(monkeypatch: pytest.MonkeyPatch) -> None:
    source = RelativeVoices(Spectra(), Windows())
    voice = source._track.vectors(0, 0)
    monkeypatch.setattr(relative_evidence, "guest", lambda *_: Stranger(voice=voice, perhaps=1))
    source.enrol({"Ana": tone(700, 3), "Ben": tone(3100, 3)})
    source.score(tone(700, 30), 0)
    assert source.doubts().unlike == (1,) and not source.knows_a_guest
    monkeypatch.setattr(relative_evidence, "guest", lambda *_: Stranger(voice=voice, perhaps=0))
    source.enrol({"Ana": tone(700, 3)})
    source.enrol({})
    assert not source.doubts().unlike, "nobody is listened to any more"
