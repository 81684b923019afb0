"""Voiceprints made in the session, and whatever other sources there are, judged by a small trained network.

The network (`fusion_network.py`) was trained on generated conversations of other people. It weighs what the
voiceprints and the other sources say, hears two voices at once, and tells a voice that belongs to nobody here. It
comes with the program (`fusion.npz`, made by `benchmarks/training/train_fusion.py`); without other sources it needs
no download.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facilitator.hearing import trained
from facilitator.hearing.signal import features
from facilitator.hearing.signal.audio import Samples, mono
from facilitator.hearing.signal.features import FRAMES_A_STEP, Frames
from facilitator.hearing.speaker import fusion_network
from facilitator.hearing.speaker.contribution import contribution
from facilitator.hearing.speaker.evidence_pool import Sources
from facilitator.hearing.speaker.fusion_network import Fusion
from facilitator.hearing.speaker.gmm_voiceprints import REACH, Voiceprints, spoken, vectors
from facilitator.hearing.speaker.kept_frames import KeptFrames
from facilitator.hearing.speaker.stored_gmm import KeptTimbre, room
from facilitator.hearing.speaker.stored_voiceprint import sum_of
from facilitator.hearing.values import NONE, Contribution, Doubts, Kept

WARM_UP = 160
"""Steps from before that a new network is shown first: all that it can remember, 8 s."""
SURE = 0.9
"""What is less surely one person's own teaches nothing."""
LESSON = 6000
"""Frames at most that a person's voiceprint is made anew from, beside the sample: a minute."""
FIRST_LESSON, LESSONS_APART = 400, 1.6
FIRST_LESSON_KEPT = 120  # where a voice is only known from another room
"""Steps that are surely somebody's, before voiceprints are made anew for the first time, and the factor to the next."""
ALIKE = 0.5
"""Descriptions less alike than this (their cosine) are of two voices, where no encoder can tell: of 38 who said a
sentence in another room 2 were doubted, of 92 others less than half."""
_GUEST_STEPS, _SAMPLE_STEPS = 60, 200  # 3 s; 10 s
_PIECE = 150  # frames
_UNLIKE = 0.5  # cosine
_MANY = 250  # steps worked on at a time: 12.5 s, for which the network needs 8 MB
_LEAST_CHANCE = 1e-4  # probabilities are kept this far from 0 and 1


@cache
def _network() -> fusion_network.NetworkWeights:
    return trained.weights(Path(__file__).with_name("fusion.npz"))


@cache
def maker() -> str:
    """Name and version of this way of hearing: voiceprints that another network made are not for this one."""
    return f"learned-{sum_of(Path(__file__).with_name('fusion.npz'))}"


def _odds(chances: NDArray[np.float32]) -> Frames:
    """Natural logarithm of the odds."""
    kept = np.clip(chances, _LEAST_CHANCE, 1.0 - _LEAST_CHANCE)
    return np.asarray(np.log(kept / (1.0 - kept)), np.float32)


def two_voices(frames: Frames) -> bool:
    """Does a voice sample begin with one voice and end with another? False where it is too short to say.

    Its pieces of 1.5 s are described by the network; split anywhere, the two parts must be as alike as the
    pieces within them. Of 24 generated tables' samples 1 in 100 was doubted, of samples glued together from two
    of their people 6 in 10."""
    heard = np.flatnonzero(spoken(frames)) if len(frames) else np.zeros(0, int)
    if not len(heard):
        return False
    said = frames[heard[0] : heard[-1] + 1]
    count = len(said) // _PIECE
    if count < 4:
        return False
    network = Fusion(_network(), "live", [said])
    found = np.stack([network.description(said[k * _PIECE : (k + 1) * _PIECE]) for k in range(count)])
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    alike = found @ found.T
    for k in range(2, count - 1):
        within = [alike[a:b, a:b][np.triu_indices(b - a, 1)].mean() for a, b in ((0, k), (k, count))]
        if sum(within) / 2 - alike[:k, k:].mean() > _UNLIKE:
            return True
    return False


def _with_guest(odds: Frames, people: int) -> Frames:
    """The guest who is known, where there is one, and anybody else who is not enrolled, in one column."""
    return np.concatenate([odds[:, :people], odds[:, people:].max(axis=1, keepdims=True)], axis=1)


def _by_step(ratios: Frames) -> Frames:
    """The mean of each step's frames, shape (steps, people)."""
    return np.asarray(
        ratios.reshape(len(ratios) // FRAMES_A_STEP, FRAMES_A_STEP, ratios.shape[1]).mean(axis=1), np.float32
    )


class LearnedVoices:
    """Evidence from sound, voiceprints, other sources and the network (see the port `SpeakerEvidence`)."""

    name = "learned"

    def __init__(self, sources: Sources | None = None, *, by_talk: bool = False) -> None:
        """`by_talk`: in `rescore`, a voice is known by what `belief` gives to it, and by its sample only where that is
        little: the sample may have come through another microphone."""
        self._by_talk = by_talk
        self._sources = sources or Sources()
        self._samples: list[Frames] = []
        self._speech: list[Frames] = []  # the `vectors` that each person is known by from the beginning
        self._kept_voices: list[KeptTimbre | None] = []
        self._voiceprints: Voiceprints | None = None
        self._fusion: Fusion | None = None
        self._stream = features.FrameStream()
        self._kept = KeptFrames()
        self._recent: Frames = np.zeros((0, features.WIDTH), np.float32)
        self._ready = 0  # frames of `_recent` that were used
        self._rated = np.zeros((0, 0), np.float16)  # the mixtures' ratios of each step, the last time
        self._answered = 0  # steps there was an opinion on
        self._skip = 0  # opinions to come on steps that there was one on already
        self._backlog: Frames = self._recent  # frames that a new network is to see before the next ones
        self._unknown = 0  # steps of those of which the other sources say nothing
        self._mine: list[list[int]] = []  # the steps that surely each person alone spoke in, while people talk
        self._learn_at = 0

    def enrol(self, voices: Mapping[str, Samples], kept: Mapping[str, Kept] = NONE) -> None:
        self._samples = [features.frames(mono(samples)) for samples in voices.values()]
        parts = [kept.get(person, {}).get(maker()) for person in voices]
        self._kept_voices = [None if part is None else KeptTimbre.from_part(part) for part in parts]
        self._sources.enrol(voices, kept)
        self._voiceprints, self._fusion = None, None
        if self._samples:
            self._speech = self._with_kept([vectors(sample)[spoken(sample)] for sample in self._samples])
            self._voiceprints = Voiceprints(self._speech)
            self._begin(self._samples, self._descriptions())
        self._mine = [[] for _ in self._samples]
        self._learn_at = FIRST_LESSON if all(part is None for part in parts) else FIRST_LESSON_KEPT

    def _begin(self, samples: Sequence[Frames], kept: Sequence[Frames | None]) -> None:
        """With these voices from now on; the network is shown what came before."""
        self._fusion = Fusion(_network(), "live", samples, kept)
        first = max(0, self._answered - WARM_UP)
        self._backlog, self._skip = self._past(first), self._answered - first
        self._unknown = self._sources.answered - first

    def _with_kept(self, heard: list[Frames]) -> list[Frames]:
        """What was heard of each person, and what is known of those whose voice was kept, as it would sound today."""
        drawn = [None if voice is None else voice.drawn() for voice in self._kept_voices]
        pairs = [(a, b) for a, b in zip(heard, drawn, strict=True) if b is not None]
        if not pairs:
            return heard
        change = room(*map(list, zip(*pairs, strict=True)))
        return [a if b is None else np.concatenate([a, b + change]) for a, b in zip(heard, drawn, strict=True)]

    def _descriptions(self) -> list[Frames | None]:
        return [None if voice is None else voice.description for voice in self._kept_voices]

    @property
    def makers(self) -> frozenset[str]:
        return self._sources.makers | {maker()}

    def unlike(self, samples: Samples, kept: Kept) -> bool | None:
        """As for `SpeakerEvidence.unlike`: by what the other sources say, or by the network where none can tell."""
        told = self._sources.unlike(samples, kept)
        part = kept.get(maker())
        if told is not None or part is None:
            return told
        sample = features.frames(mono(samples))
        now, then = Fusion(_network(), "final", [sample]).description(sample), part["description"]
        return bool(now @ then < ALIKE * np.linalg.norm(now) * np.linalg.norm(then))

    def mixed(self, samples: Samples) -> bool | None:
        return two_voices(features.frames(mono(samples)))

    def keepable(self, person: int) -> Kept:
        """The voiceprint of the person of this number, for another time; after `rescore`."""
        own = Fusion(_network(), "final", [self._samples[person]])
        timbre = KeptTimbre.of(self._speech[person], own.description(self._samples[person]))
        return {maker(): timbre.as_part(), **self._sources.keepable(person)}

    @property
    def sources(self) -> Sources:
        """What it weighs beside its own voiceprints."""
        return self._sources

    @property
    def _steps(self) -> int:
        """Steps so far."""
        return self._kept.end_step

    def keep(self, samples: Samples) -> None:
        """As `score`, where nobody asks what it says while people talk."""
        frames, _ = self._complete(samples)
        self._kept.add(frames)

    def score(self, samples: Samples, first_sample: int) -> Frames:
        frames, values = self._complete(samples)
        steps, people = len(frames) // FRAMES_A_STEP, len(self._samples)
        self._kept.add(frames)
        ratios = np.zeros((len(frames), people), np.float32)
        if self._voiceprints is not None and steps:
            ratios = self._voiceprints.ratios(values)
        others = self._sources.hear(samples, first_sample, _by_step(ratios))
        if self._fusion is None or self._voiceprints is None:
            opinions = np.full((steps, people + 1), np.nan, np.float32)
        else:
            if len(self._backlog):
                ratios = np.concatenate([self._voiceprints.ratios(vectors(self._backlog)), ratios])
                frames = np.concatenate([self._backlog, frames])
                others = others.after(self._unknown)
                self._backlog, self._unknown = self._backlog[:0], 0
            opinions = _odds(self._fusion.feed(frames, ratios, others))
            known = min(self._skip, len(opinions))
            opinions, self._skip = opinions[known:], self._skip - known
        self._answered += len(opinions)
        return opinions

    def _complete(self, samples: Samples) -> tuple[Frames, Frames]:
        """The frames of the steps that these samples complete, and their `vectors`."""
        self._recent = np.concatenate([self._recent, self._stream.feed(mono(samples))])
        steps = max(0, (len(self._recent) - REACH - self._ready) // FRAMES_A_STEP)
        end = self._ready + steps * FRAMES_A_STEP
        frames, values = self._recent[self._ready : end], vectors(self._recent[: end + REACH])[self._ready : end]
        begin = max(0, end - REACH)
        self._recent, self._ready = self._recent[begin:], end - begin
        return frames, values

    def opinions(self, first_step: int, end_step: int) -> None:
        """It says everything once."""

    def crowd(self, first_step: int, end_step: int) -> None:
        """It does not count."""

    def earned(self) -> tuple[float, ...]:
        return ()

    def learn(self, belief: Frames, first_step: int) -> None:
        """Makes the voiceprints anew from time to time, more and more seldom, as they know more and more."""
        self._sources.learn(belief, first_step)
        for k, mine in enumerate(self._mine):
            mine.extend((first_step + np.flatnonzero(belief[:, k] >= SURE)).tolist())
        known = sum(map(len, self._mine))
        if known >= self._learn_at:
            self._learn_at = round(known * LESSONS_APART)
            sure = [np.array(mine, np.int64) for mine in self._mine]
            self._voiceprints = Voiceprints(self._lessons(sure))
            if any(voice is not None for voice in self._kept_voices):
                self._begin(*self._heard_today(sure))

    def spare(self, level: int) -> None:
        self._sources.spare(level)

    def put_right(self, belief: Frames) -> tuple[Frames, NDArray[np.bool_]]:
        return self._sources.put_right(belief)

    def rescore(self, belief: Frames) -> Frames:
        """Makes the voiceprints anew from the samples and what `belief` gives to each person for sure."""
        people = len(self._samples)
        if not people or not self._steps:
            return np.full((self._steps, people + 1), np.nan, np.float32)
        belief, strange = self.put_right(belief)
        guest = self._of_a_guest(strange[: self._steps])
        sure = [np.flatnonzero(belief[: self._steps, k] >= SURE) for k in range(people)]
        if not belief.any() and any(voice is not None for voice in self._kept_voices):
            # voices from another room: what was learned of them while people talked is the better beginning
            sure = [np.array(mine, np.int64) for mine in self._mine]
        lessons = [*self._lessons(sure), *([vectors(guest)] if guest is not None else [])]
        own, kept = self._heard_today(sure)
        samples = [*own, *([guest] if guest is not None else [])]
        voiceprints = Voiceprints(lessons)
        ratios = np.concatenate([voiceprints.ratios(vectors(piece)) for piece in self._pieces()])
        others = self._sources.again(belief, _by_step(ratios))
        self._rated = _by_step(ratios)[:, :people].astype(np.float16)
        network, found, at = Fusion(_network(), "final", samples, kept), [], 0
        for piece in self._pieces():
            steps, end = slice(at, at + len(piece) // FRAMES_A_STEP), at + len(piece) // FRAMES_A_STEP
            rated = ratios[at * FRAMES_A_STEP : end * FRAMES_A_STEP]
            found.append(_odds(network.feed(piece, rated, others.part(steps), last=end == self._steps)))
            at = end
        return _with_guest(np.concatenate(found), people)

    def _heard_today(self, sure: Sequence[NDArray[np.int64]]) -> tuple[list[Frames], list[Frames | None]]:
        """Everyone's voice sample, and what was kept of it where that is still needed: as soon as enough was surely
        said today, it takes the place of both, as it was said in this room."""
        samples, kept = list(self._samples), self._descriptions()
        for k, steps in enumerate(sure):
            known = self._by_talk or kept[k] is not None
            if known and (said := self._picked(steps)) is not None:
                samples[k] = said if self._by_talk else np.concatenate([samples[k], said])
                kept[k] = None
        return samples, kept

    def _of_a_guest(self, strange: NDArray[np.bool_]) -> Frames | None:
        """The frames of a stranger, about as many as a voice sample has; None where there are few.

        From then on a guest has a voice like everyone else, and is told apart by it."""
        return self._picked(np.flatnonzero(strange))

    def _picked(self, steps: NDArray[np.int64]) -> Frames | None:
        """The frames of some of these steps, about as many as a voice sample has; None where there are few."""
        if len(steps) < _GUEST_STEPS:
            return None
        picked = steps[np.linspace(0, len(steps) - 1, min(len(steps), _SAMPLE_STEPS)).astype(int)]
        return np.concatenate([self._past(int(step), 1) for step in picked])

    def doubts(self) -> Doubts:
        """It can tell nothing of the whole."""
        return Doubts()

    def contributions(self, who: NDArray[np.int64]) -> list[Contribution]:
        """What the voiceprints and each other source said in `rescore`."""
        return [contribution("voiceprints", self._rated, who), *self._sources.contributions(who)]

    def _pieces(self) -> Iterator[Frames]:
        """All frames of the session, so many at a time."""
        for first in range(0, self._steps, _MANY):
            yield self._past(first, min(_MANY, self._steps - first))

    def _lessons(self, mine: Sequence[NDArray[np.int64]]) -> list[Frames]:
        """Each person's speech, as vectors: the sample, and up to a minute of the session, evenly picked out of the
        steps that are surely theirs."""
        lessons = [
            []
            if self._by_talk and len(steps) >= _SAMPLE_STEPS
            else [speech if voice is None or len(steps) < _GUEST_STEPS else vectors(sample)[spoken(sample)]]
            for speech, voice, sample, steps in zip(self._speech, self._kept_voices, self._samples, mine, strict=True)
        ]
        picked = [
            sure[np.linspace(0, len(sure) - 1, min(len(sure), LESSON // FRAMES_A_STEP)).astype(int)] for sure in mine
        ]
        for first in range(self._kept.first_step, self._steps, _MANY):
            here = [steps[(steps >= first) & (steps < first + _MANY)] - first for steps in picked]
            if not any(map(len, here)):
                continue
            values = vectors(self._past(first, min(_MANY, self._steps - first)))
            by_step = values.reshape(-1, FRAMES_A_STEP, values.shape[1])
            for lesson, steps in zip(lessons, here, strict=True):
                lesson.append(by_step[steps].reshape(-1, values.shape[1]))
        return [np.concatenate(lesson) for lesson in lessons]

    def _past(self, first: int, steps: int | None = None) -> Frames:
        """The frames kept of `steps` steps (None: all) from `first` on."""
        return self._kept.part(first, self._kept.end_step if steps is None else first + steps)

    def since(self, first_step: int) -> LearnedVoices:
        other = copy.copy(self)
        other._kept, other._sources = self._kept.since(first_step), self._sources.since(first_step)
        other._mine = [[step - first_step for step in mine if step >= first_step] for mine in self._mine]
        other._answered = self._answered - first_step
        return other

    def let_go(self, end_step: int) -> None:
        self._kept.let_go(end_step)
        self._sources.let_go(end_step)
        self._mine = [[step for step in mine if step >= end_step] for mine in self._mine]
