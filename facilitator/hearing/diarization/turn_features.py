"""What the judge of turns (`turn_judge.py`) is told of some steps: by names given to local speakers, by likeness, and
by the learned voices where these have spoken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facilitator.hearing.diarization.heard_windows import HeardWindow, around
from facilitator.hearing.speaker.local_speakers import LOCAL, speaking
from facilitator.hearing.speaker.voice_naming import over_others
from facilitator.hearing.values import Values

EACH, ALL = 7, 7
"""How many numbers there are of each voice in a step, and of the step as a whole."""
ODDS, NEAR = 3.0, 4.0
"""Log odds are divided by the one, likeness is multiplied by the other, so that all numbers are about as large."""
LOCALS, AROUND = 0.35, 8.0
"""How much the local speakers' log odds, and the likeness of the sound around a step, over the next person's, say."""
_TWICE = 2.0
_LEAST = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnFeatures:
    """`each` (steps, voices, EACH): log odds that the voice speaks, in the mean of the windows and in the one that
    says so most; how probably with another, and alone; how much nearer the sound around is to it than to the next,
    and than to the next when the nearest is left out; what the learned voices say. `all` (steps, ALL): log odds that
    anyone speaks, the chances that two do, in the mean and at most; 1 where there is a window, where there is
    likeness, and where the learned voices have spoken; and how many voices there are."""

    each: Values
    all: Values

    @property
    def looked(self) -> NDArray[np.bool_]:
        """At which steps a window looks."""
        return np.asarray(self.all[:, 3] > 0)


def _log_odds(chances: Values) -> Values:
    kept = np.clip(chances, _LEAST, 1.0 - _LEAST)
    return np.asarray(np.log(kept / (1.0 - kept)) / ODDS, np.float32)


def _by_windows(
    windows: Sequence[HeardWindow], first: int, end: int, names: Callable[[HeardWindow], Values], voices: int
) -> tuple[Values, Values, Values, Values]:
    """The mean of what the windows say of each voice, (steps, voices, 3): that it speaks, with another, alone; the most
    that one says, (steps, voices); the same of the step, (steps, 2): anyone, two; and (steps, 2): most two, weight."""
    steps = end - first
    each, most = np.zeros((steps, voices, 3), np.float32), np.zeros((steps, voices), np.float32)
    crowd, rest = np.zeros((steps, 2), np.float32), np.zeros((steps, 2), np.float32)
    for window in around(windows, first, end):
        begin, last = max(window.first_step, first), min(window.last_step, end)
        inside = slice(begin - window.first_step, last - window.first_step)
        here = slice(begin - first, last - first)
        near = np.hamming(len(window.chances)).astype(np.float32)[inside]
        chances, named = window.decoded[inside], names(window)[:, :voices]
        active, alone = speaking(chances)
        told = np.stack([np.minimum(1.0, active @ named), np.minimum(1.0, (active - alone) @ named), alone @ named], 2)
        each[here] += near[:, None, None] * told
        most[here] = np.maximum(most[here], told[..., 0])
        two = chances[:, 1 + LOCAL :].sum(axis=1)
        crowd[here] += near[:, None] * np.stack([1.0 - chances[:, 0], two], axis=1)
        rest[here, 0] = np.maximum(rest[here, 0], two)
        rest[here, 1] += near
    weight = np.maximum(rest[:, 1], np.float32(1e-6))
    mean = np.asarray(each / weight[:, None, None], np.float32)
    return mean, most, np.asarray(crowd / weight[:, None], np.float32), rest


def told(
    windows: Sequence[HeardWindow],
    steps: tuple[int, int],
    names: Callable[[HeardWindow], Values],
    alike: Values,
    learned: Values | None = None,
) -> TurnFeatures:
    """Of the steps (from, to). `names` gives the chances of each local speaker of a window to be each person, or a
    guest, shape (LOCAL, people + 1); `alike` (at most steps, voices) is the likeness of the sound around to each voice,
    as far as it was heard; `learned` (steps, voices), log odds."""
    first, end = steps
    voices = alike.shape[1]
    each, most, crowd, rest = _by_windows(windows, first, end, names, voices)
    out = np.zeros((end - first, voices, EACH), np.float32)
    everyone = np.zeros((end - first, ALL), np.float32)
    looked, heard = rest[:, 1] > 0, len(alike)
    out[looked, :, 0], out[looked, :, 1] = _log_odds(each[looked, :, 0]), _log_odds(most[looked])
    out[:, :, 2:4] = _TWICE * each[:, :, 1:]
    out[:heard, :, 4] = NEAR * over_others(alike)
    out[:heard, :, 5] = NEAR * _over_the_rest(alike)
    everyone[looked, 0] = _log_odds(crowd[looked, 0])
    everyone[:, 1], everyone[:, 2] = _TWICE * crowd[:, 1], _TWICE * rest[:, 0]
    everyone[:, 3], everyone[:heard, 4] = looked, 1.0
    if learned is not None:
        out[:, :, 6] = np.clip(learned, -9.0, 9.0) / ODDS
        everyone[:, 5] = 1.0
    everyone[:, 6] = 1.0 / max(1, voices)
    return TurnFeatures(each=out, all=everyone)


def _over_the_rest(alike: Values) -> Values:
    """Each voice's likeness less the greatest of the others' but the nearest one; of two, nothing."""
    if alike.shape[1] < 3:
        return np.zeros_like(alike)
    top = np.sort(alike, axis=1)
    return np.asarray(alike - np.where(alike >= top[:, -2:-1], top[:, -3:-2], top[:, -2:-1]), np.float32)


def added_up(known: TurnFeatures) -> Values:
    """What the local speakers and the likeness say of each voice, weighed by hand: log odds, shape (steps, voices)."""
    spoken = np.where(known.looked, known.all[:, 0], 0.0)
    anyone = np.where(known.looked, 1.0 / (1.0 + np.exp(-ODDS * spoken)), 1.0)[:, None]
    locals_say = LOCALS * ODDS * known.each[..., 0]
    return np.asarray(locals_say + AROUND / NEAR * known.each[..., 4] * anyone, np.float32)
