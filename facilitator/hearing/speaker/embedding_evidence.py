"""Whose voice it sounds like to a voice encoder: its vectors compared with those of the voice samples.

How alike two vectors of one person are, and how unlike those of two, differs between encoders, rooms and people. So
it is measured in the opening circle: every window of a sample is compared with the rest of its own sample and with
the others'. Similarity then becomes a log-likelihood ratio of two normal distributions; where the two hardly differ,
the ratio is nearly nothing, and a source that is of no use in this room falls silent by itself.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facilitator.hearing.interfaces import VoiceEncoder
from facilitator.hearing.signal.audio import Samples, mono
from facilitator.hearing.signal.features import STEP
from facilitator.hearing.speaker.contribution import contribution
from facilitator.hearing.speaker.gaps import Gaps
from facilitator.hearing.speaker.impostors import strangers
from facilitator.hearing.speaker.load_shedding import NO_ENCODERS
from facilitator.hearing.values import NONE, Contribution, Doubts, Embedding, Kept, Template, Values

AHEAD = 9
"""Steps that are looked past a step before it is judged while people talk: 0.45 s."""
SURE = 0.8
"""A window that is less surely one person's own, on average over its steps, teaches nothing."""
CLIP = 6.0
_SPREAD = 0.03  # of similarities, at least
_PRIOR = 6.0  # windows that the average over all people weighs as much as, in a person's own figures
_LESSONS = 150  # windows of the talk at most, evenly picked, that a voice is learned from beside its sample
_REMEMBERED = 4 * _LESSONS  # windows of the talk that such ones are picked from, where some are let go
_GUEST_LESSONS = 6  # windows at least that a guest's voice is learned from

_KEPT = 12
"""Windows of each length that a voiceprint for another time has."""
_ALIKE = 0.30
"""Less alike than this, a voice is not the one whose voiceprint was kept: of 76 sentences of 2.5 s, half
of them compared with a sample through another microphone, none was doubted, of 194 by others 177."""
_FRESH = 20
"""Windows after which what was learned is put to use."""
_LOOKED_BACK = 20_000  # windows in which a stranger is looked for: more than an hour
_BELIEVED = 120  # steps that a window to learn from may look back on

_Lessons = dict[int, list[Values]]  # windows by their length


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Windows of one length: what they are compared with, and what a similarity means."""

    centres: Values
    """The mean vector of each voice, of unit length, shape (voices, numbers)."""
    own: Values
    """How similar a window of a person is to their own mean, on average, shape (voices,)."""
    other: Values
    """And a window of somebody else."""
    spread: float
    weight: Values
    """What this source has earned, 0 to 1, for each: how much surer than chance it tells own from other."""

    def ratios(self, vectors: Values) -> Values:
        """Log-likelihood ratio of each person to somebody else, shape (windows, voices)."""
        alike = vectors @ self.centres.T
        slope = (self.own - self.other) / self.spread**2
        return np.asarray(np.clip(self.weight * slope * (alike - 0.5 * (self.own + self.other)), -CLIP, CLIP))


def _unit(vectors: Values) -> Values:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-6), np.float32)


def _shrunk(groups: list[Values], fallback: float) -> Values:
    """The mean of each group, drawn towards the mean of all; `fallback` where there is nothing at all."""
    everything = np.concatenate(groups) if groups else np.zeros(0, np.float32)
    middle = float(everything.mean()) if len(everything) else fallback
    return np.array([(group.sum() + _PRIOR * middle) / (len(group) + _PRIOR) for group in groups], np.float32)


def compare(voices: list[Values]) -> Comparison | None:
    """From the windows of each voice, shape (windows, numbers) each; None where one has hardly any."""
    if not voices or min(len(windows) for windows in voices) < 2:
        return None
    sums = np.stack([windows.sum(axis=0) for windows in voices])
    centres = _unit(sums)
    own = [(windows * _unit(total - windows)).sum(axis=1) for windows, total in zip(voices, sums, strict=True)]
    other = [
        np.concatenate([windows @ centre for n, windows in enumerate(voices) if n != k] or [np.zeros(0, np.float32)])
        for k, centre in enumerate(centres)
    ]
    own_mean = _shrunk(own, 1.0)
    rest = np.concatenate([a - a.mean() for a in (*own, *other) if len(a)])
    spread = max(_SPREAD, float(np.sqrt((rest**2).sum() / max(1, len(rest) - len(voices)))))
    other_mean = np.minimum(_shrunk(other, float(own_mean.mean()) - 3.0 * spread), own_mean)
    apart = (own_mean - other_mean) / spread
    return Comparison(
        centres=centres,
        own=own_mean,
        other=other_mean,
        spread=spread,
        weight=np.asarray(np.tanh(0.6 * apart), np.float32),
    )


class EncodedVoices:
    """Evidence from a voice encoder (see the port `SpeakerEvidence`). `stream` makes an encoder for one more stream;
    `finds_strangers`: it is good enough to hear that two voices go under one name. `maker`: name and version of the
    encoder, by which voiceprints for another time are told to be its own; empty: it knows nothing that would hold in
    another room."""

    def __init__(self, stream: Callable[[], VoiceEncoder], *, finds_strangers: bool = False, maker: str = "") -> None:
        self._new_stream = stream
        self._finds_strangers = finds_strangers
        self._maker = maker
        self._encoder = stream()
        self.name = self._encoder.name
        self._samples: list[dict[int, Values]] = []
        self._comparisons: dict[int, Comparison] = {}
        self._gaps, self._resting = Gaps(), False
        self._heard = 0  # samples
        self.windows: list[Embedding] = []
        """What the encoder made of the whole session so far."""
        self._answered = 0  # steps there was an opinion on
        self._lessons: list[_Lessons] = [{}]  # of each person, and a guest, so far
        self._belief: Values = np.zeros((0, 1), np.float32)
        self._considered = 0  # windows that were looked at for what they teach
        self._said = np.zeros((0, 0), np.float16)  # what `rescore` gave the last time
        self._fresh = 0  # lessons that are not put to use yet

    def enrol(self, voices: Mapping[str, Samples], kept: Mapping[str, Kept] = NONE) -> None:
        self._samples = [
            self._with_kept(self._encoded(samples), kept.get(person, {}).get(self._maker))
            for person, samples in voices.items()
        ]
        self._comparisons = self._compared(self._samples)
        self._lessons = [{} for _ in range(len(voices) + 1)]
        self._belief = np.zeros((0, len(voices) + 1), np.float32)
        self._considered, self._fresh = len(self.windows), 0

    def _with_kept(self, heard: dict[int, Values], part: Template | None) -> dict[int, Values]:
        """The windows of a voice sample, and those that were kept of the same voice."""
        if part is None or not self._maker:
            return heard
        known = {int(size): _unit(vectors) for size, vectors in part.items()}
        return {
            size: np.concatenate([some[size] for some in (heard, known) if size in some]) for size in {*heard, *known}
        }

    @property
    def makers(self) -> frozenset[str]:
        return frozenset({self._maker} - {""})

    def unlike(self, samples: Samples, kept: Kept) -> bool | None:
        """As for `SpeakerEvidence.unlike`; only an encoder that finds strangers can tell."""
        part = kept.get(self._maker)
        if part is None or not self._finds_strangers:
            return None
        heard = self._encoded(samples)
        alike = [
            float(_unit(heard[int(size)].sum(axis=0)) @ _unit(vectors.sum(axis=0)))
            for size, vectors in part.items()
            if int(size) in heard
        ]
        return bool(np.mean(alike) < _ALIKE) if alike else None

    def mixed(self, samples: Samples) -> bool | None:
        return None

    def keepable(self, person: int) -> Kept:
        """Some windows of their voice, evenly picked and in no order; none where this source has to be learned anew in
        every room."""
        if not self._maker:
            return {}
        return {
            self._maker: {
                str(size): vectors[np.random.default_rng(0).permutation(len(vectors))[:_KEPT]]
                for size, vectors in self._samples[person].items()
            }
        }

    def _fed(self, encoder: VoiceEncoder, samples: Samples) -> list[Embedding]:
        return encoder.feed(samples if encoder.by_channel else mono(samples))

    def _encoded(self, samples: Samples) -> dict[int, Values]:
        windows = self._fed(self._new_stream(), samples)
        return {
            size: np.stack([w.vector for w in windows if w.end_sample - w.first_sample == size])
            for size in {w.end_sample - w.first_sample for w in windows}
        }

    @staticmethod
    def _compared(voices: list[dict[int, Values]]) -> dict[int, Comparison]:
        sizes = set.intersection(*(set(voice) for voice in voices)) if voices else set()
        found = {size: compare([voice[size] for voice in voices]) for size in sizes}
        return {size: comparison for size, comparison in found.items() if comparison is not None}

    def opinions(self, first_step: int, end_step: int) -> None:
        """It says everything once."""

    def crowd(self, first_step: int, end_step: int) -> None:
        """It does not count."""

    def earned(self) -> tuple[float, ...]:
        weights = [comparison.weight[: len(self._samples)] for comparison in self._comparisons.values()]
        return tuple(np.mean(weights, axis=0).tolist()) if weights else (0.0,) * len(self._samples)

    def score(self, samples: Samples, first_sample: int) -> Values:
        given = self._gaps.given(samples, resting=self._resting)
        if len(given):
            self.windows += self._gaps.embeddings(self._fed(self._encoder, given))
        self._heard = first_sample + len(samples)
        ready = self._heard // STEP - AHEAD
        if ready <= self._answered:
            return np.zeros((0, len(self._samples) + 1), np.float32)
        first, self._answered = self._answered, ready
        recent = []
        for window in reversed(self.windows):  # in order of their ends
            if window.end_sample <= first * STEP:
                break
            recent.append(window)
        return self._opinions(recent, first, ready, self._comparisons, ahead=AHEAD)

    def spare(self, level: int) -> None:
        self._resting = level >= NO_ENCODERS

    def doubts(self) -> Doubts:
        """It can tell nothing of the whole."""
        return Doubts()

    def contributions(self, who: NDArray[np.int64]) -> list[Contribution]:
        return [contribution(self.name, self._said, who, self.earned())]

    def learn(self, belief: Values, first_step: int) -> None:
        if not self._samples:
            return
        self._belief = np.concatenate([self._belief, belief])[-_BELIEVED:]
        begin, end = first_step + len(belief) - len(self._belief), first_step + len(belief)
        fresh = 0
        while self._considered < len(self.windows) and self.windows[self._considered].end_sample <= end * STEP:
            fresh += self._take(self.windows[self._considered], self._belief, begin, self._lessons)
            self._considered += 1
        self._fresh += fresh
        if self._fresh >= _FRESH:
            self._fresh = 0
            self._comparisons = self._compared(self._voices(self._lessons))

    def _who(self, window: Embedding, belief: Values, first_step: int) -> int | None:
        """Who surely speaks alone in this window, as a column of `belief`."""
        rows = belief[max(0, window.first_sample // STEP - first_step) : -(-window.end_sample // STEP) - first_step]
        if not len(rows) or window.first_sample < first_step * STEP:
            return None
        alone = rows.mean(axis=0)
        who = int(alone.argmax())
        return who if alone[who] >= SURE else None

    def _take(self, window: Embedding, belief: Values, first_step: int, lessons: list[_Lessons]) -> bool:
        """Adds a window to what is known of the one who surely speaks in it; False where that is nobody."""
        who = self._who(window, belief, first_step)
        if who is None:
            return False
        lessons[who].setdefault(window.end_sample - window.first_sample, []).append(window.vector)
        return True

    def _all_lessons(self, belief: Values) -> list[_Lessons]:
        lessons: list[_Lessons] = [{} for _ in range(len(self._samples) + 1)]
        for window in self.windows:
            self._take(window, belief, 0, lessons)
        return lessons

    def _voices(self, lessons: list[_Lessons]) -> list[dict[int, Values]]:
        """The windows of each person's sample, with some of the talk; and, where enough is known, a guest's."""
        voices = [
            {size: _with(windows, lesson.get(size, [])) for size, windows in sample.items()}
            for sample, lesson in zip(self._samples, lessons, strict=False)
        ]
        guest = {size: np.stack(found) for size, found in lessons[-1].items() if len(found) >= _GUEST_LESSONS}
        if voices and guest and set(guest) >= set.intersection(*(set(voice) for voice in voices)):
            voices.append(guest)
        return voices

    def put_right(self, belief: Values) -> tuple[Values, NDArray[np.bool_]]:
        right, strange = belief.copy(), np.zeros(len(belief), bool)
        size, people = max(self._comparisons, default=0), len(self._samples)
        if not self._finds_strangers or not size:
            return right, strange
        samples = np.stack([_unit(sample[size].sum(axis=0)) for sample in self._samples])
        given: list[list[Embedding]] = [[] for _ in range(people)]
        for window in self.windows[-_LOOKED_BACK:]:
            who = self._who(window, belief, 0) if window.end_sample - window.first_sample == size else None
            if who is not None:  # a guest has to prove to be one: until then it is whom the voice is most like
                given[who if who < people else int((samples @ window.vector).argmax())].append(window)
        votes = np.zeros((len(belief), people + 1), np.int32)
        for person, windows in enumerate(given):
            vectors = np.array([window.vector for window in windows], np.float32)
            others = strangers(vectors.reshape(-1, samples.shape[1]), samples, person)
            for window, is_other in zip(windows, others, strict=True):
                steps = slice(window.first_sample // STEP, -(-window.end_sample // STEP))
                votes[steps, people if is_other else person] += 1
        told = votes.any(axis=1)
        who_then = votes.argmax(axis=1)
        strange = told & (who_then == people)
        right[told] = 0.0
        right[told, who_then[told]] = belief[told].max(axis=1)
        return right, strange

    def rescore(self, belief: Values) -> Values:
        comparisons = self._compared(self._voices(self._all_lessons(belief)))
        opinions = self._opinions(self.windows, 0, self._heard // STEP, comparisons, ahead=None)
        self._said = opinions[:, : len(self._samples)].astype(np.float16)
        return opinions

    def since(self, first_step: int) -> EncodedVoices:
        other, first = copy.copy(self), first_step * STEP
        other.windows = [
            replace(window, first_sample=window.first_sample - first, end_sample=window.end_sample - first)
            for window in self.windows
            if window.end_sample > first
        ]
        other._heard = self._heard - first
        return other

    def let_go(self, end_step: int) -> None:
        gone = sum(window.end_sample <= end_step * STEP for window in self.windows)
        self.windows = self.windows[gone:]
        self._considered = max(0, self._considered - gone)
        for lesson in self._lessons:
            for size, vectors in lesson.items():
                lesson[size] = vectors[-_REMEMBERED:]

    def _opinions(
        self,
        windows: list[Embedding],
        first: int,
        last: int,
        comparisons: dict[int, Comparison],
        *,
        ahead: int | None,
    ) -> Values:
        """What the windows around each step say of it; those whose middle is nearer to it weigh more. Each length
        of windows has a say of its own. `ahead`: only windows that end this soon after a step."""
        people = len(self._samples)
        out = np.zeros((last - first, people + 1), np.float32)
        for size, comparison in comparisons.items():
            mine = [w for w in windows if w.end_sample - w.first_sample == size]
            if not mine:
                continue
            ratios = comparison.ratios(np.stack([w.vector for w in mine]))
            total = np.zeros((last - first, ratios.shape[1]), np.float32)
            weight = np.zeros((last - first, 1), np.float32)
            for window, row in zip(mine, ratios, strict=True):
                a, b = window.first_sample / STEP, window.end_sample / STEP
                begin, end = max(first, round(a), 0 if ahead is None else int(np.ceil(b)) - ahead), min(last, round(b))
                if begin < end:
                    near = 1.05 - np.abs(np.arange(begin, end) + 0.5 - 0.5 * (a + b)) / (0.5 * (b - a))
                    total[begin - first : end - first] += near[:, None] * row
                    weight[begin - first : end - first, 0] += near
            out[:, : ratios.shape[1]] += total / np.maximum(weight, 1e-3)
        return np.asarray(out / max(1, len(comparisons)), np.float32)


def _with(sample: Values, lessons: list[Values]) -> Values:
    """The windows of a voice sample, and some of the talk."""
    if not lessons:
        return sample
    picked = np.linspace(0, len(lessons) - 1, min(len(lessons), _LESSONS)).astype(int)
    return np.concatenate([sample, np.stack([lessons[k] for k in picked])])
