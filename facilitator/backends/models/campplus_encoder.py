"""The voice encoder CAM++ (Wang et al. 2023; weights by 3D-Speaker, Apache-2.0) as a stream.

Every 0.4 s it looks at the last 1.6 s, and says of them what voice they hold: of all, and of the second half, whose
statistics are pooled apart. What is pooled apart tells voices apart as well as a window of its own of that length
(better, where another mouth speaks at its edge), and costs nothing. On developers' recordings d02 and d06, and d06
through another microphone, 99.0, 96.9 and 90.6 in 100 halves are nearest to the right voice; as windows of their own
97.0, 95.7 and 85.8; the wholes 99.6, 98.9 and 97.2.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from facilitator.backends.models import campplus_weights, kaldi_bands, torch_weights
from facilitator.backends.models.campplus_network import Campplus
from facilitator.backends.models.kaldi_bands import BANDS, HOP, WINDOW
from facilitator.hearing.signal.audio import Samples
from facilitator.hearing.values import Embedding, Values

FILE = "campplus.npy"
PUBLISHED = "campplus_cn_en_common.pt"
SIZES = (80, 160)
"""Frames that a vector is about."""
_APART = 40
"""Frames from the end of one window to that of the next."""
_LEVELS = 600
"""Frames that the level is taken from: 6 s."""
_LEAST_LOUD = 1e-9
"""What is quieter, -90 dB of full scale, is nobody's speech."""
_SPEECH = 0.01
"""Of a loud frame's power: what is below that is no speech."""
_LEAST_SPEECH = 0.3
"""A window with a smaller part of speech is left out."""
_MOST = 8
"""Times _APART, the frames that are looked at in one go."""


def convert(folder: Path) -> None:
    """Makes the file that is used, FILE, of the one that is published. Raises ModelError, or OSError."""
    weights = campplus_weights.folded(torch_weights.load(folder / PUBLISHED))
    np.save(folder / FILE, campplus_weights.flat(weights), allow_pickle=False)
    (folder / PUBLISHED).unlink()


@cache
def _network(path: Path) -> Campplus:
    return Campplus(campplus_weights.load(path))


class CampplusEncoder:
    """One stream of sound (see the port `VoiceEncoder`). `folder` holds the model's file. Raises ModelError."""

    name = "voice-encoder"
    by_channel = False

    def __init__(self, folder: Path) -> None:
        self._network = _network(folder / FILE)
        self._sound: Samples = np.zeros((WINDOW - HOP) // 2, np.float32)  # so that a frame is about its middle
        self._frames = 0  # so far
        self._bands: Values = np.zeros((0, BANDS), np.float32)  # of the last of them
        self._levels = np.zeros(_LEVELS, np.float32)

    def feed(self, samples: Samples) -> list[Embedding]:
        self._sound = np.concatenate([self._sound, samples])
        found: list[Embedding] = []
        whole = _APART * _MOST * HOP
        while len(self._sound) >= WINDOW:
            piece = self._sound[: whole + WINDOW - HOP]
            count = (len(piece) - WINDOW) // HOP + 1
            found += self._heard(*kaldi_bands.bands(piece))
            self._sound = self._sound[count * HOP :]
        return found

    def _heard(self, bands: Values, power: Values) -> list[Embedding]:
        """The next frames, _APART x _MOST at most; the windows that end in them."""
        self._bands = np.concatenate([self._bands, bands])
        wanted = []  # (end, sizes)
        while len(power):
            count = min(len(power), _APART - self._frames % _APART)
            self._levels[(self._frames + np.arange(count)) % _LEVELS] = power[:count]
            self._frames += count
            power = power[count:]
            if self._frames % _APART == 0:
                sizes = [size for size in SIZES if size <= self._frames and self._spoken(size)]
                wanted += [(self._frames, sizes)] if sizes else []
        found = [one for end, sizes in wanted for one in self._described(end, sizes)]
        self._bands = self._bands[-SIZES[-1] :]
        return found

    def _described(self, end: int, sizes: list[int]) -> list[Embedding]:
        """Windows of these sizes by the frame they end with. One after the other: several at once are no faster, and
        want more room."""
        first = self._frames - len(self._bands)
        frames = self._bands[max(0, end - SIZES[-1]) - first : end - first]
        vectors = self._network.voices((frames - frames.mean(axis=0))[None], sizes)
        return [
            Embedding(first_sample=(end - size) * HOP, end_sample=end * HOP, vector=vector[0])
            for size, vector in zip(sizes, vectors, strict=True)
        ]

    def _spoken(self, size: int) -> bool:
        """Whether enough of the last `size` frames is as loud as speech."""
        known = self._levels[: min(_LEVELS, self._frames)]
        loud = max(float(np.percentile(known, 85)), _LEAST_LOUD)
        last = self._levels[(self._frames - size + np.arange(size)) % _LEVELS]
        return float((last > _SPEECH * loud).mean()) >= _LEAST_SPEECH


_CENTRED = 150
"""Frames on either side whose mean is taken from a frame's bands: what a microphone and a room add to them."""
_PIECE, _SIDE = 300, 60
"""Frames that are computed at once, and those beside them that they are seen with."""


def _centred(bands: Values) -> Values:
    """Less the mean of the 3 s around each."""
    count = len(bands)
    sums = np.concatenate([np.zeros((1, BANDS)), np.cumsum(bands, axis=0, dtype=np.float64)])
    begin, end = np.maximum(0, np.arange(count) - _CENTRED), np.minimum(count, np.arange(count) + _CENTRED + 1)
    return np.asarray(bands - (sums[end] - sums[begin]) / (end - begin)[:, None], np.float32)


class CampplusFrames:
    """The same network before it pools over time (see `FrameEncoder`). `folder` holds the model's file. Raises
    ModelError.

    One pass serves windows of every length. On developers' recordings r04 and r08, 100 and 98 in 100 stretches of half
    a second, 100 and 100 of 0.8 s, are nearest to the right voice; as windows of their own 100 and 97, 100 and 99."""

    name = "voice-encoder"

    def __init__(self, folder: Path, maker: str = "") -> None:
        self._network = _network(folder / FILE)
        self.maker = maker

    def frames(self, sound: Samples) -> Values:
        edge = (WINDOW - HOP) // 2
        if len(sound) < 8 * HOP:
            sound = np.pad(sound, (0, 8 * HOP - len(sound)))
        bands = _centred(kaldi_bands.bands(np.pad(sound, (edge, edge)))[0])
        found = []
        for first in range(0, len(bands), _PIECE):
            begin, end = max(0, first - _SIDE), min(len(bands), first + _PIECE + _SIDE)
            along = self._network.along(bands[begin:end])
            found.append(along[(first - begin) // 2 : (min(len(bands), first + _PIECE) - begin + 1) // 2])
        return np.concatenate(found)

    def voices(self, mean: Values, deviation: Values) -> Values:
        return self._network.pooled(mean, deviation)
