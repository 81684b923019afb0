"""What a voice encoder hears in a voice sample: whose voice it is, and whether somebody else speaks in it too."""

from __future__ import annotations

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
OTHER = 0.45
"""Two groups of pieces less alike than this are two people. Of 20 samples of developers' recordings, real ones among
them, the least alike groups of one person's pieces were alike by .52 to .81; with somebody else in the last third or
half of the sample by .04 to .41, in the last fifth by .14 to .59, of which 17 of 20 are below this."""
_ROUNDS = 6


def _loud(sound: Samples, count: int) -> NDArray[np.bool_]:
    """Which of the `count` frames of a sample hold speech."""
    whole = sound[: count * FRAME]
    power = np.square(np.pad(whole, (0, count * FRAME - len(whole))).reshape(-1, FRAME)).mean(axis=1)
    level = np.log(power + 1e-12)
    return np.asarray(level > np.percentile(level, 95) - LOUD)


def one_voice(encoder: FrameEncoder, sound: Samples) -> Values:
    """The voice of a sample (mono), by its louder part."""
    frames = encoder.frames(sound)
    found: Values = pooled(encoder, frames, _loud(sound, len(frames))[None].astype(np.float32))[0]
    return found


def two_voices(encoder: FrameEncoder, sound: Samples) -> bool:
    """Whether two people speak in a sample (mono), one after the other. False where it is too short to say."""
    frames = encoder.frames(sound)
    frames = frames[_loud(sound, len(frames))]
    firsts = range(0, len(frames) - PIECE + 1, HOP)
    if len(firsts) < 2 * LEAST_PIECES:
        return False
    inside = np.zeros((len(firsts), len(frames)), np.float32)
    for row, first in zip(inside, firsts, strict=True):
        row[first : first + PIECE] = 1.0
    pieces = pooled(encoder, frames, inside)
    alike = pieces @ pieces.T
    centres = pieces[list(np.unravel_index(int(alike.argmin()), alike.shape))]
    for _ in range(_ROUNDS):
        which = (pieces @ centres.T).argmax(axis=1)
        fewest = int(np.bincount(which, minlength=2).min())
        if fewest < max(LEAST_PIECES, LEAST_PART * len(pieces)):
            return False
        centres = unit(np.stack([pieces[which == group].sum(axis=0) for group in (0, 1)]))
    return bool(centres[0] @ centres[1] < OTHER)
