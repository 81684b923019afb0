"""Hearing that falls behind leaves out what is dearest, and keeps its place in time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from numpy.typing import NDArray

from facilitator.backends.audio.recording import Recording
from facilitator.backends.voice.silent_voice import SilentVoice
from facilitator.core.discussion import Discussion
from facilitator.core.events import Activity, Heard, Record, Trouble
from facilitator.core.setup import Setup
from facilitator.core.snapshot import Snapshot
from facilitator.hearing.diarization.listener import BEHIND, Listener
from facilitator.hearing.interfaces import Segmentation
from facilitator.hearing.signal.audio import RATE, Block, Samples
from facilitator.hearing.signal.features import STEP
from facilitator.hearing.speaker.embedding_evidence import AHEAD, EncodedVoices
from facilitator.hearing.speaker.evidence_pool import Sources
from facilitator.hearing.speaker.fusion_evidence import LearnedVoices
from facilitator.hearing.speaker.load_shedding import EVERYTHING, NO_ENCODERS, NO_SEGMENTATION, Pace
from facilitator.hearing.values import Embedding, LocalWindow
from facilitator.resources.prompts import default_prompts
from facilitator.session import Session
from tests.support.hearing_sounds import clip, joined, room
from tests.support.loudness import LoudnessDetector

# --- when -----------------------------------------------------------------------------------------


def levels(*parts: tuple[float, float]) -> list[int]:
    """What is left out at the end of each part: so many seconds of sound, so far behind."""
    pace, at_ms, found = Pace(), 0, []
    for seconds, behind_s in parts:
        for _ in range(round(seconds * 10)):
            pace.look(behind_s, at_ms)
            at_ms += 100
        found.append(pace.level)
    return found


def test_the_dearest_goes_first_and_comes_back_when_there_is_time() -> None:
    assert levels((60, 0.1)) == [EVERYTHING]
    assert levels((4, 2.0), (4, 3.5), (10, 1.0), (19, 0.1), (2, 0.1)) == [
        NO_SEGMENTATION,
        NO_ENCODERS,
        NO_ENCODERS,
        NO_ENCODERS,
        EVERYTHING,
    ]


def test_a_moment_is_nothing() -> None:
    """To learn a voice takes seconds, and then it catches up."""
    assert levels((5, 0.1), (2.5, 4.0), (1, 1.0), (2.5, 4.0), (30, 0.1)) == [EVERYTHING] * 5
    assert levels((4, 2.0), (19, 0.1), (0.1, 0.5), (19, 0.1)) == [NO_SEGMENTATION] * 4


# --- where in time ----------------------------------------------------------------------------------


class Loudness:
    """A segmentation that says the first voice speaks where it is loud: windows of 2 s, every half second."""

    name = "loudness"

    def __init__(self) -> None:
        self._sound, self._next = np.zeros(40 * STEP, np.float32), 10

    def feed(self, samples: Samples) -> list[LocalWindow]:
        self._sound = np.concatenate([self._sound, samples])
        found = []
        while (self._next + 40) * STEP <= len(self._sound):
            piece = self._sound[self._next * STEP : (self._next + 40) * STEP]
            found.append(LocalWindow(first_step=self._next - 40, chances=said(piece)))
            self._next += 10
        return found


def said(sound: Samples) -> NDArray[np.float16]:
    loud = np.abs(sound.reshape(-1, STEP)).mean(axis=1) > 0.1
    return np.asarray(np.eye(7)[loud.astype(int)], np.float16)


class Mean:
    """An encoder whose vector is the mean of the sound: windows of 0.8 s, every 0.4 s."""

    name, by_channel = "mean", False

    def __init__(self) -> None:
        self._sound, self._at = np.zeros(0, np.float32), 0

    def feed(self, samples: Samples) -> list[Embedding]:
        self._sound = np.concatenate([self._sound, samples])
        found = []
        while self._at + 12_800 <= len(self._sound):
            mean = self._sound[self._at : self._at + 12_800].mean(dtype=float)
            vector = np.array([np.cos(mean), np.sin(mean)], np.float32)
            found.append(Embedding(first_sample=self._at, end_sample=self._at + 12_800, vector=vector))
            self._at += 6400
        return found


def test_what_was_left_out_says_nothing_and_the_rest_keeps_its_place() -> None:
    rng, seconds, size = np.random.default_rng(2), 40, 1700  # no whole number of steps
    sound = np.repeat(rng.random(seconds * 4) > 0.5, RATE // 4).astype(np.float32)
    encoder = EncodedVoices(Mean)
    sources = Sources([encoder], Loudness())
    sources.enrol({"Ana": sound[: 4 * RATE], "Ben": sound[4 * RATE : 8 * RATE]})
    told = []
    steps = 0
    for first in range(0, len(sound), size):
        piece, now_s = sound[first : first + size], first / RATE
        gone = NO_ENCODERS if 10 <= now_s < 17 else NO_SEGMENTATION if 24 <= now_s < 26 else EVERYTHING
        sources.spare(gone)
        new = (first + len(piece)) // STEP - steps
        told.append(sources.hear(piece, first, np.zeros((new, 2), np.float32)))
        steps += new
    known = np.concatenate([one.all for one in told])
    assert len(known) == steps - AHEAD, "each step once"
    for window in sources.windows:
        first = max(0, window.first_step)
        truth = said(sound[first * STEP : window.last_step * STEP])
        assert (window.chances[first - window.first_step :] == truth).all()
    for one in encoder.windows:
        mean = sound[one.first_sample : one.end_sample].mean(dtype=float)
        assert one.vector == pytest.approx([np.cos(mean), np.sin(mean)], abs=1e-5)
    for column, missing in ((3, [(10, 17)]), (4, [(10, 17), (24, 26)])):
        for begin, end in missing:
            assert not known[(begin + 1) * 20 : end * 20 - AHEAD - 2, column].any()
        whole = [(1, 9)] + [(end + 1, after) for (_, end), after in zip(missing, (23, 38), strict=False)]
        for begin, end in whole:
            assert known[begin * 20 : end * 20, column].all()
    again = sources.again(np.zeros((steps, 3), np.float32), np.zeros((steps, 2), np.float32)).all
    assert not again[11 * 20 : 16 * 20, 4].any() and again[18 * 20 : 23 * 20, 4].all()
    assert not [w for w in encoder.windows if w.first_sample < 17 * RATE and w.end_sample > 10.2 * RATE]


# --- everything together ------------------------------------------------------------------------------


def test_it_is_told_once() -> None:
    listener, at, facts = Listener(LoudnessDetector(), []), 0, []
    for seconds, behind_s in ((10, 5.0), (30, 0.0), (10, 5.0)):
        for _ in range(seconds):
            listener.hurry(behind_s)
            facts += listener.hear(Block(first_sample=at, samples=room(1.0)[:, None]))
            at += RATE
    assert [fact.message for fact in facts if isinstance(fact, Trouble)] == [BEHIND]


class Slow:
    """A segmentation on a computer that is too slow for it."""

    name = "slow"

    def __init__(self, inner: Segmentation) -> None:
        self._inner, self.heard = inner, 0

    def feed(self, samples: Samples) -> list[LocalWindow]:
        self.heard += len(samples)
        time.sleep(1.8 * len(samples) / RATE)
        return self._inner.feed(samples)


class Written:
    """Everything that the session writes down."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def write(self, records: Sequence[Record]) -> None:
        self.records += records

    def show(self, snapshot: Snapshot) -> None:
        pass

    def close(self) -> None:
        pass


def test_a_computer_that_is_too_slow(tmp_path: Path) -> None:
    parts = [clip("ana-1"), room(0.7), clip("ben-1"), room(0.7), clip("ana-2"), room(1.5)]
    sound = joined(*parts)
    sound += room(len(sound) / RATE + 1, seed=3)[: len(sound)]
    sf.write(tmp_path / "talk.wav", sound, RATE)
    slow = Slow(Loudness())
    listener = Listener(LoudnessDetector(), [LearnedVoices(Sources([], slow))])
    for person in ("ana", "ben"):
        listener.enrol(person, clip(f"{person}-0"))
    prompts, written = default_prompts(), Written()
    form = {"name": "Talk", "summary": "Talk.", "stage": [{"kind": "talk"}, {"kind": "closing"}]}
    setup = Setup(
        people=("ana", "ben"), format=form, language=prompts.language("en"), enrolled=("ana", "ben"), hears_itself=False
    )
    source = Recording(tmp_path / "talk.wav", real_time=True)
    session = Session(
        discussion=Discussion(setup),
        voice=SilentVoice(at_once=True),
        source=source,
        ear=listener,
        keys=[],
        screen=written,
        sinks=[],
    )
    began = time.monotonic()
    session.run()
    assert time.monotonic() - began < len(sound) / RATE + 6, "it has caught up"
    assert slow.heard < 0.8 * len(sound)
    troubles = [record for record in written.records if isinstance(record, Trouble)]
    assert [trouble.message for trouble in troubles] == [BEHIND]
    heard = [record for record in written.records if isinstance(record, Heard)]
    changes = [record.speaking for record in written.records if isinstance(record, Activity)]
    assert len(changes) >= 6 and changes[::2] == [True] * len(changes[::2])
    live = [fact for fact in heard if not fact.final]
    assert all(a.at_ms <= b.at_ms for a, b in pairwise(live))
    last_ms = (len(sound) - len(parts[4]) - len(parts[5])) / RATE * 1000
    mine = [fact for fact in live if fact.start_ms >= last_ms and fact.people == ("ana",)]
    assert sum(fact.end_ms - fact.start_ms for fact in mine) > 0.6 * len(parts[4]) / RATE * 1000, "still told live"
    final = [fact for fact in heard if fact.final]
    assert final[0].start_ms == 0 and final[-1].end_ms >= len(sound) / RATE * 1000 - 200
