"""Segmentation and a voice encoder, matched window by window, without a decoder: as streaming diarizers do it.

Every second the segmentation tells up to three local speakers of the last ten seconds apart. The sound in which
one is heard alone is described by the voice encoder, and the local speakers are matched with the people so that the
similarities are greatest in sum (the Hungarian method). What overlapping windows say of a moment is averaged, and
whoever is above a half speaks, several at once too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.rivals import Missing
from benchmarks.rivals.matching import assignment
from benchmarks.rivals.rows import Row, runs, without_silence
from facilitator.backends.models.onnx_segmentation import FILE, WINDOW_STEPS, by_steps
from facilitator.backends.models.segmentation_network import Segmentation3, chances
from facilitator.errors import ModelError
from facilitator.hearing.signal.audio import Samples
from facilitator.hearing.signal.features import STEP
from facilitator.hearing.speaker.local_speakers import LOCAL, speaking
from facilitator.hearing.values import LocalWindow
from facilitator.models import catalogue

APART_STEPS = 20
"""From one window to the next: a second. Half of it cost twice as much, and changed the two recordings on which it was
tried by less than a point of DER."""
ALONE_STEPS = 10
"""Half a second alone is enough to describe a voice; where there is less, it is described as it is."""
LEAST_STEPS = 5
_TOGETHER = 60  # windows

Values = NDArray[np.float32]


class Encoder(Protocol):
    title: str

    def levelled(self, sound: Samples) -> Samples:
        """The sound as loud as the encoder wants it."""

    def utterances(self, sounds: Sequence[Samples]) -> Values:
        """A vector of unit length for each, shape (sounds, numbers)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Described:
    """A window, those of its local speakers who are heard, and the voice of each, shape (speakers, numbers)."""

    window: LocalWindow
    speakers: tuple[int, ...]
    voices: Values


class WindowByWindow:
    blind = False

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._last: tuple[Samples, list[_Described]] | None = None
        self.title = f"segmentation-3.0 and {encoder.title}, matched window by window"
        folder = catalogue.find("segmentation")
        if folder is None:
            raise Missing("the segmentation is not installed (`facilitator models install segmentation`)")
        try:
            self._network = Segmentation3(folder / FILE)
        except ModelError as problem:
            raise Missing(problem.message) from problem

    def hear(self, sound: Samples, voices: Mapping[str, Samples], speakers: int) -> list[Row]:
        people = list(voices)
        samples = self._encoder.utterances(
            [without_silence(self._encoder.levelled(voices[person])) for person in people]
        )
        steps = len(sound) // STEP
        total, weight = np.zeros((steps, len(people) + 1), np.float32), np.zeros((steps, 1), np.float32)
        for described in self._described(sound):
            window, names = described.window, _named(described, samples)
            told = np.zeros((len(window.chances), len(people) + 1), np.float32)
            for speaker, name in names.items():
                told[:, name] = np.maximum(told[:, name], speaking(window.chances.astype(np.float32))[0][:, speaker])
            begin, end = max(0, window.first_step), min(steps, window.last_step)
            inside = slice(begin - window.first_step, end - window.first_step)
            near = np.hamming(len(told))[inside, None].astype(np.float32)
            total[begin:end] += near * told[inside]
            weight[begin:end] += near
        return runs(total / np.maximum(weight, 1e-6) > 0.5, [*people, None])

    def _described(self, sound: Samples) -> list[_Described]:
        """All windows of a recording. The last one is remembered: it may be asked about with other voice samples."""
        if self._last is None or not np.array_equal(self._last[0], sound):
            level, local, found = self._encoder.levelled(sound), self._windows(sound), list[_Described]()
            for k in range(0, len(local), _TOGETHER):
                found += self._voices(local[k : k + _TOGETHER], level)
            self._last = sound, found
        return self._last[1]

    def _windows(self, sound: Samples) -> list[LocalWindow]:
        """All windows; silence stands before the first sample and after the last."""
        padded = np.pad(sound, (WINDOW_STEPS * STEP, APART_STEPS * STEP))
        return [
            LocalWindow(
                first_step=end - WINDOW_STEPS,
                chances=self._chances(padded[end * STEP : (end + WINDOW_STEPS) * STEP]),
            )
            for end in range(APART_STEPS, len(sound) // STEP + APART_STEPS, APART_STEPS)
        ]

    def _chances(self, piece: Samples) -> NDArray[np.float16]:
        """What the network says by its own last layer, and nobody else's."""
        said = self._network.log_odds(self._network.hidden(self._network.filtered(piece)[None], piece[None]))
        return np.asarray(by_steps(chances(said))[0], np.float16)

    def _voices(self, windows: list[LocalWindow], sound: Samples) -> list[_Described]:
        whose, pieces = [], []
        for number, window in enumerate(windows):
            both, alone = speaking(window.chances.astype(np.float32))
            for speaker in range(LOCAL):
                steps = np.flatnonzero(alone[:, speaker] > 0.5)
                if len(steps) < ALONE_STEPS:
                    steps = np.flatnonzero(both[:, speaker] > 0.5)
                piece = _cut(sound, steps + window.first_step)
                if len(piece) >= LEAST_STEPS * STEP:
                    whose.append((number, speaker))
                    pieces.append(piece)
        vectors = self._encoder.utterances(pieces)
        found = []
        for number, window in enumerate(windows):
            mine = [k for k, (of, _) in enumerate(whose) if of == number]
            speakers = tuple(whose[k][1] for k in mine)
            found.append(_Described(window=window, speakers=speakers, voices=vectors[mine]))
        return found


def _named(described: _Described, samples: Values) -> dict[int, int]:
    """The person of each local speaker that is heard; one more than there are people is somebody else."""
    if not described.speakers:
        return {}
    found = assignment((described.voices @ samples.T).astype(np.float64))
    pairs = zip(described.speakers, found, strict=True)
    return {speaker: name if name >= 0 else len(samples) for speaker, name in pairs}


def _cut(sound: Samples, steps: NDArray[np.int64]) -> Samples:
    """The sound of these steps, one after the other."""
    whole = steps[(steps >= 0) & ((steps + 1) * STEP <= len(sound))]
    return sound[: len(sound) // STEP * STEP].reshape(-1, STEP)[whole].reshape(-1)
