"""What a voice encoder hears in a voice sample: its voice, whether somebody else speaks in it too, and whether another
sample is of the same person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facilitator.hearing.interfaces import FrameEncoder
from facilitator.hearing.signal.audio import Samples
from facilitator.hearing.speaker.voice_naming import unit
from facilitator.hearing.speaker.voice_track import FRAME, pooled
from facilitator.hearing.values import Values

LOUD = 6.0
"""Natural logarithm of power, below the loud part of a sample, that is no speech in it."""
PIECE, HOP = 50, 10
"""Frames of a piece of a sample, and from one to the next: a second, every fifth of one."""
LEAST_PIECES, LEAST_PART = 3, 0.12
"""So many of the pieces, and such a part of them, are more than a cough or a chair."""
OTHER = 0.43
"""Two groups of pieces less alike than this are two people. Of 20 samples of developers' recordings, real ones among
them, the least alike groups of one person's pieces were alike by .52 to .81; with somebody else in the last third or
half of the sample by .04 to .41, in the last fifth by .14 to .59, of which 16 of 20 are below this. Of 72 samples in
all, the least alike groups were alike by .43, in a kitchen."""
AS_ALIKE, LEAST_TO_COMPARE = 0.86, 10
"""Pieces of two samples that are more alike than this part of what pieces of each are, of so many each, are of one
person. Of 36 halves of samples, 33 are, by any microphone; of 124 pairs of people none: they are alike by .64 at most
where they were recorded; of 12 pairs through a telephone, by .83, far away in noise."""
_ROUNDS = 6


def _loud(sound: Samples, count: int) -> NDArray[np.bool_]:
    """Which of the `count` frames of a sample hold speech."""
    whole = sound[: count * FRAME]
    power = np.square(np.pad(whole, (0, count * FRAME - len(whole))).reshape(-1, FRAME)).mean(axis=1)
    level = np.log(power + 1e-12)
    return np.asarray(level > np.percentile(level, 95) - LOUD)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleVoice:
    """What is heard in the louder part of a sample: its one `voice`, and that of each of its `pieces` (n, numbers)."""

    voice: Values
    pieces: Values

    @property
    def mixed(self) -> bool:
        """Whether two people speak in it, one after the other. False where it is too short to say."""
        pieces = self.pieces
        if len(pieces) < 2 * LEAST_PIECES:
            return False
        alike = pieces @ pieces.T
        centres = pieces[list(np.unravel_index(int(alike.argmin()), alike.shape))]
        for _ in range(_ROUNDS):
            which = (pieces @ centres.T).argmax(axis=1)
            fewest = int(np.bincount(which, minlength=2).min())
            if fewest < max(LEAST_PIECES, LEAST_PART * len(pieces)):
                return False
            centres = unit(np.stack([pieces[which == group].sum(axis=0) for group in (0, 1)]))
        return bool(centres[0] @ centres[1] < OTHER)


def sample_voice(encoder: FrameEncoder, sound: Samples) -> SampleVoice:
    """Of a sample, mono."""
    frames = encoder.frames(sound)
    loud = _loud(sound, len(frames))
    voice: Values = pooled(encoder, frames, loud[None].astype(np.float32))[0]
    frames = frames[loud]
    firsts = range(0, len(frames) - PIECE + 1, HOP)
    inside = np.zeros((len(firsts), len(frames)), np.float32)
    for row, first in zip(inside, firsts, strict=True):
        row[first : first + PIECE] = 1.0
    return SampleVoice(voice=voice, pieces=pooled(encoder, frames, inside) if firsts else frames[:0])


def one_person(one: SampleVoice, other: SampleVoice) -> bool:
    """Whether two samples are of one person: their pieces are as alike as those within each. False where they are too
    short to say, and where somebody else speaks in one: the other voice, in which they differ, tells them apart."""
    if min(len(one.pieces), len(other.pieces)) < LEAST_TO_COMPARE or one.mixed or other.mixed:
        return False
    within = (_alike_within(one.pieces) + _alike_within(other.pieces)) / 2.0
    return bool((one.pieces @ other.pieces.T).mean() > AS_ALIKE * within)


def _alike_within(pieces: Values) -> float:
    """How alike those are that have no sound in common."""
    at = np.arange(len(pieces))
    return float((pieces @ pieces.T)[np.abs(at[:, None] - at) >= PIECE // HOP].mean())
