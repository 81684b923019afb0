"""Who speaks when, where each channel is the microphone of one person.

A neighbour's voice reaches one's microphone as well: 10 to 30 dB weaker, a few milliseconds later, coloured by the
room. It sounds like speech, and is not one's own. What each channel hears of each other is learned from the recording:

1. Who leads a moment is louder against the own usual level than anybody else is; so gains need not be alike.
2. Where another channel holds the same sound then (its phases agree at some delay), its part of it is the leakage,
   band by band. Channels that never hold the same sound are rooms of their own, and nothing is taken from them.
3. Somebody speaks where the detector hears speech in the channel, and most of its power is well above what all others,
   and the room's echo of them, explain. Two at once are both well above it.

Whoever only ever leads together with somebody else has said nothing: their channel holds leakage alone. Of two channels
that are so alike the one that hears it first (or, at the same time, much louder) is the speaker's; where
neither is so, they are not one person each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from facilitator.core.events import Heard
from facilitator.hearing.signal.audio import RATE, Samples
from facilitator.hearing.signal.features import STEP, STEP_MS
from facilitator.hearing.signal.vad import ActivityStream, SpeechDetector

Power = NDArray[np.float32]
"""Of shape (steps, channels, bands)."""
Yes = NDArray[np.bool_]
Reals = NDArray[np.float64]

_WINDOW, _LENGTH = 2 * STEP, 2048
_EDGES_HZ = np.array([120, 250, 400, 550, 750, 1000, 1300, 1700, 2200, 2900, 3800, 5000, 7000])
_PHASES_HZ = (300.0, 3800.0)
_MOST_LAG = RATE // 50
"""20 ms: sound goes seven metres in it."""
_DEAD = 1e-10
"""Power of a step, of full scale: below it there is no microphone at all, whose own noise is more."""

_SAME = 0.25
"""The phases of two channels that have nothing in common agree to about 0.15 at their best delay."""
_COPY = 0.8
"""Even in pauses the phases agree so well only where one channel is a copy of the other."""
_LEAST_STEPS = 10
"""Half a second of somebody alone says what of it others hear."""
_SOME = 0.2
_AHEAD_DB = 3.0
_APART_DB = 6.0
"""So much weaker, there and back together, people are in each other's microphones; else these hear all alike."""
_LOUDER_DB = 9.0
_FIRST = 3
"""Samples (0.2 ms) that a microphone hears it before the other; less is no distance."""
_MOSTLY = 0.7
_MARGIN = 4.0
"""Times (6 dB) what leakage explains: it changes as people turn their heads."""
_ECHO_DB = 5.0
"""So much weaker the room gives a voice back after each step: a lively room, 0.6 s for 60 dB."""
_BEFORE_DB = 10.0
"""A step sees a little of the next one."""
_RANGE_DB = 24.0
"""Nobody speaks so much below their own loud moments."""
_ON, _OFF = 0.0, -1.1
_OWN, _PARTLY_OWN = 0.6, 0.35
_SURELY_OWN, _LEAST_OWN = 0.8, 6
_USUAL = 95
"""Percentile: that of the loud moments."""
_SHORTEST, _GAP = 2, 3
_SURE, _UNSURE = 0.995, 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelMoments:
    """What is kept of each step: no sound."""

    odds: NDArray[np.float32]
    """(steps, channels): log odds of speech."""
    power: Power
    alike: NDArray[np.float32]
    """(steps, pairs): how well the phases of two channels agree, 0 to 1, at their best delay."""
    lag: NDArray[np.int16]
    """(steps, pairs): that delay in samples; positive: the second one of the pair hears it later."""

    @property
    def channels(self) -> int:
        return int(self.odds.shape[1])

    @property
    def pairs(self) -> list[tuple[int, int]]:
        return list(combinations(range(self.channels), 2))

    @property
    def dead(self) -> tuple[int, ...]:
        """Channels that hold no sound at all."""
        return tuple(np.flatnonzero(self.power.sum(axis=2).max(axis=0, initial=0.0) < _DEAD).tolist())


class ChannelListener:
    """Sound in, moments out. `detectors`: one a channel, as each remembers what came before."""

    def __init__(self, detectors: Sequence[SpeechDetector]) -> None:
        self._streams = [ActivityStream(detector) for detector in detectors]
        self._pairs = list(combinations(range(len(detectors)), 2))
        self._kept: Samples = np.zeros((STEP // 2, len(detectors)), np.float32)
        self._shape = np.hanning(_WINDOW).astype(np.float32)[:, None]
        hertz = np.fft.rfftfreq(_LENGTH, 1 / RATE)
        band = np.digitize(hertz, _EDGES_HZ) - 1
        self._bands = (band[:, None] == np.arange(len(_EDGES_HZ) - 1)).astype(np.float32)
        self._bands *= 2.0 / (_LENGTH * float(np.square(self._shape).sum()))
        self._phases = ((hertz >= _PHASES_HZ[0]) & (hertz <= _PHASES_HZ[1])).astype(np.float32)
        self._whole = _LENGTH / (2.0 * float(self._phases.sum()))
        self._odds: list[list[float]] = [[] for _ in detectors]
        self._power: list[Power] = []
        self._alike: list[NDArray[np.float32]] = []
        self._lag: list[NDArray[np.int16]] = []

    def hear(self, samples: Samples) -> None:
        """(frames, channels)."""
        for channel, stream in enumerate(self._streams):
            self._odds[channel] += stream.feed(np.ascontiguousarray(samples[:, channel]))[1].tolist()
        self._kept = np.concatenate([self._kept, samples])
        count = max(0, (len(self._kept) - _WINDOW) // STEP + 1)
        for step in range(count):
            self._look(self._kept[step * STEP : step * STEP + _WINDOW])
        self._kept = self._kept[count * STEP :]

    def _look(self, window: Samples) -> None:
        spectra = np.fft.rfft(window * self._shape, _LENGTH, axis=0).astype(np.complex64).T
        size = np.abs(spectra)
        self._power.append(np.square(size) @ self._bands)
        phases = spectra / (size + 1e-9) * self._phases
        alike, lags = np.zeros(len(self._pairs), np.float32), np.zeros(len(self._pairs), np.int16)
        for pair, (one, other) in enumerate(self._pairs):
            agree = np.fft.irfft(phases[other] * phases[one].conj(), _LENGTH)
            near = np.abs(np.concatenate([agree[-_MOST_LAG:], agree[: _MOST_LAG + 1]]))  # a swapped wire is no matter
            best = int(near.argmax())
            alike[pair], lags[pair] = near[best] * self._whole, best - _MOST_LAG
        self._alike.append(alike)
        self._lag.append(lags)

    def moments(self) -> ChannelMoments:
        """When all was heard."""
        count, pairs = len(self._streams), len(self._pairs)
        steps = min(len(self._power), *(len(odds) for odds in self._odds))
        return ChannelMoments(
            odds=np.array(self._odds, np.float32).T[:steps].reshape(steps, count),
            power=np.array(self._power[:steps], np.float32).reshape(steps, count, len(_EDGES_HZ) - 1),
            alike=np.array(self._alike[:steps], np.float32).reshape(steps, pairs),
            lag=np.array(self._lag[:steps], np.int16).reshape(steps, pairs),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSpeech:
    """Who speaks into their own microphone."""

    speaks: Yes
    """(steps, channels)."""
    chance: Reals
    """(steps, channels): how probable that is."""
    leaks_db: dict[tuple[int, int], float]
    """How much of the first one the second one's microphone hears; gains and all."""
    unheard: tuple[int, ...]
    """Channels into which nobody spoke."""
    not_apart: tuple[int, int] | None = None
    """Two channels that hold the same voices about as loud; the rest says nothing then."""

    def heard(self, people: Sequence[str], end_ms: int) -> list[Heard]:
        """The whole in tiles. `people`: one a channel."""
        facts, first = [], 0
        sure = np.where(self.speaks, self.chance, 1.0 - self.chance).prod(axis=1)
        for now, run in groupby(map(tuple, self.speaks.tolist())):
            last = first + len(list(run))
            facts.append(
                Heard(
                    at_ms=end_ms,
                    start_ms=first * STEP_MS,
                    end_ms=last * STEP_MS,
                    people=tuple(person for person, speaks in zip(people, now, strict=True) if speaks),
                    confidence=round(float(sure[first:last].mean()), 3),
                    final=True,
                )
            )
            first = last
        return facts


def channel_speech(moments: ChannelMoments) -> ChannelSpeech:
    room: Reals = np.zeros(moments.power.shape[1:])
    if len(moments.power):
        room = np.percentile(moments.power, 10, axis=0).astype(np.float64)
    power = np.maximum(moments.power - 2.0 * room, 0.0).astype(np.float64)
    level = _db(power.sum(axis=2))
    voiced = np.stack([_steady(odds, _ON, _OFF) for odds in moments.odds.T], axis=1)
    for number, pair in enumerate(moments.pairs):
        if len(voiced) and voiced.any() and np.median(moments.alike[:, number]) > _COPY:
            return _nobody(moments, pair)
    usual = np.array(
        [
            np.percentile(level[here, channel], _USUAL) if here.sum() >= _LEAST_STEPS else np.inf
            for channel, here in enumerate(voiced.T)
        ]
    )
    while (joint := _joint(moments, voiced, _learned(moments, power, level, voiced, usual, room))) is not None:
        quiet = _not_speaking(moments, level, *joint)
        if quiet is None:
            return _nobody(moments, joint[0])
        usual[quiet] = np.inf
    # What was usual was so of a channel, leakage and all. Now it is seen what in it is a person's own, if anything.
    part = _own_part(power, room, _learned(moments, power, level, voiced, usual, room))
    usual = np.array([_own_usual(*each) for each in zip(usual, level.T, part.T, voiced.T, strict=True)])
    learned = _learned(moments, power, level, voiced, usual, room)
    part = _own_part(power, room, learned)
    own = np.stack([_steady(row, _OWN, _PARTLY_OWN) for row in part.T], axis=1)
    speaks = voiced & own & (level > usual - _RANGE_DB)
    speaks = np.stack([_whole(row) for row in speaks.T], axis=1)
    # How far from the border it is, in what the detector believes and in how much leakage leaves over.
    speech = 1.0 / (1.0 + np.exp(-_smooth(moments.odds)))
    chance = speech / (1.0 + np.exp(-10.0 * (part - 0.5)))
    chance = np.where(speaks, np.maximum(chance, 0.5), np.minimum(chance, 0.5))
    return ChannelSpeech(
        speaks=speaks,
        chance=np.clip(chance, _UNSURE / 4, _SURE),
        leaks_db=learned.whole_db,
        unheard=tuple(channel for channel in range(moments.channels) if not speaks[:, channel].any()),
    )


def _own_usual(usual: float, level: Reals, part: Reals, voiced: Yes) -> float:
    """Of one channel: how loud the person is, who is well above what leaks in; as it was where that is not so."""
    own, leaked = voiced & (part > _SURELY_OWN), voiced & (part < _PARTLY_OWN)
    runs = np.convolve(own, np.ones(_LEAST_OWN), "valid") if len(own) >= _LEAST_OWN else np.zeros(1)
    if runs.max() < _LEAST_OWN:
        return usual
    found = float(np.percentile(level[own], _USUAL))
    if leaked.any() and found < np.percentile(level[leaked], _USUAL) + _AHEAD_DB:
        return usual
    return found


def _nobody(moments: ChannelMoments, not_apart: tuple[int, int]) -> ChannelSpeech:
    shape = moments.odds.shape
    return ChannelSpeech(
        speaks=np.zeros(shape, np.bool_), chance=np.zeros(shape), leaks_db={}, unheard=(), not_apart=not_apart
    )


def _alone(over_usual: Reals, voiced: Yes) -> Yes:
    """Who leads each moment, by far, if anybody does."""
    heard = np.where(voiced, over_usual, -np.inf)
    found = np.zeros(voiced.shape, np.bool_)
    if not len(heard):
        return found
    rows, best = np.arange(len(heard)), heard.argmax(axis=1)
    others = over_usual.copy()
    others[rows, best] = -np.inf
    clear = heard[rows, best] > np.maximum(others.max(axis=1), -_RANGE_DB) + _AHEAD_DB
    found[rows[clear], best[clear]] = True
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Learned:
    over_usual: Reals
    """(steps, channels), in dB."""
    bands: dict[tuple[int, int], Reals]
    """The part of the power of the first one that the second one's microphone hears, a band."""
    whole_db: dict[tuple[int, int], float]


def _learned(moments: ChannelMoments, power: Reals, level: Reals, voiced: Yes, usual: Reals, room: Reals) -> _Learned:
    """What of each one each other hears, where this is everybody's usual level; infinite: they say nothing."""
    alone = _alone(level - usual, voiced)
    bands, whole = {}, {}
    for number, (one, other) in enumerate(moments.pairs):
        same = moments.alike[:, number] > _SAME
        for who, where in ((one, other), (other, one)):
            here = alone[:, who] & same
            if here.sum() < _LEAST_STEPS:
                continue
            said, reached = power[here, who], power[here, where]
            loud = said > 4.0 * room[who]
            parts = np.where(loud, reached / np.maximum(said, 1e-20), np.nan)
            enough = loud.sum(axis=0) >= 5
            total = 10.0 ** (float(np.median(level[here, where] - level[here, who])) / 10.0)
            bands[who, where] = np.array(
                [np.nanmedian(parts[:, band]) if enough[band] else total for band in range(parts.shape[1])]
            )
            whole[who, where] = 10.0 * float(np.log10(total))
    return _Learned(over_usual=level - usual, bands=bands, whole_db=whole)


def _joint(moments: ChannelMoments, voiced: Yes, learned: _Learned) -> tuple[tuple[int, int], Yes] | None:
    """Two channels that no moment, or hardly one, tells apart; and when they hold the same sound and nobody else
    leads."""
    over = learned.over_usual
    for number, pair in enumerate(moments.pairs):
        both = list(pair)
        top = voiced[:, both].any(axis=1) & (over[:, both].max(axis=1) >= over.max(axis=1) - 1.0)
        same = top & (moments.alike[:, number] > _SAME)
        if np.isinf(over[:, both]).any() or same.sum() < max(_LEAST_STEPS, _SOME * top.sum()):
            continue
        there, back = learned.whole_db.get(pair), learned.whole_db.get(pair[::-1])
        near = np.abs(over[same, pair[0]] - over[same, pair[1]]) < _AHEAD_DB
        if near.mean() > 0.5 or (there is not None and back is not None and -there - back < _APART_DB):
            return pair, same
    return None


def _not_speaking(moments: ChannelMoments, level: Reals, pair: tuple[int, int], here: Yes) -> int | None:
    """Which of two channels with the same voice is not the speaker's: that hears it later, or much weaker. None: they
    cannot be told apart so."""
    number = moments.pairs.index(pair)
    one, other = pair
    lag = moments.lag[here, number]
    if (lag >= _FIRST).mean() > _MOSTLY:
        return other
    if (lag <= -_FIRST).mean() > _MOSTLY:
        return one
    over = float(np.median(level[here, one] - level[here, other]))
    if (np.abs(lag) < _FIRST).mean() < _MOSTLY or abs(over) < _LOUDER_DB:
        return None
    return other if over > 0 else one


def _own_part(power: Reals, room: Reals, learned: _Learned) -> Reals:
    """(steps, channels): how much of the power is in bands well above what leakage, the room's echo of it, and the room
    itself put there."""
    ringing = power.copy()
    fall = 10.0 ** (-_ECHO_DB / 10.0)
    for step in range(1, len(power)):
        np.maximum(ringing[step], fall * ringing[step - 1], out=ringing[step])
    ringing[:-1] = np.maximum(ringing[:-1], 10.0 ** (-_BEFORE_DB / 10.0) * power[1:])
    explained = np.zeros(power.shape) + room
    for (who, where), parts in learned.bands.items():
        explained[:, where] += parts * ringing[:, who]
    own = np.where(power > _MARGIN * explained, power, 0.0).sum(axis=2)
    return _smooth(own / (power.sum(axis=2) + 1e-20))


def _steady(values: NDArray[np.floating], on: float, off: float) -> Yes:
    """With hysteresis: a step that is clear, and all around it that is nearly so. Shape (steps,)."""
    likely = values > off
    edges = np.flatnonzero(np.diff(np.concatenate([[False], likely, [False]]).astype(np.int8)))
    found = np.zeros(len(values), np.bool_)
    for first, last in edges.reshape(-1, 2):
        found[first:last] = values[first:last].max() > on
    return found


def _whole(speaks: Yes) -> Yes:
    """Without the gaps of consonants, then without what is shorter than a syllable."""
    found = speaks.copy()
    for value, most in ((False, _GAP), (True, _SHORTEST)):
        edges = np.flatnonzero(np.diff(np.concatenate([[not value], found, [not value]]).astype(np.int8)))
        bounds = [0, *edges.tolist(), len(found)]
        for first, last in pairwise(bounds):
            inner = value or (first > 0 and last < len(found))
            if first < last <= len(found) and found[first] == value and last - first < most and inner:
                found[first:last] = not value
    return found


def _smooth(values: NDArray[np.floating]) -> Reals:
    """The mean of three steps, shape (steps, channels)."""
    if not len(values):
        return np.asarray(values, np.float64)
    wide = np.concatenate([values[:1], values, values[-1:]]).astype(np.float64)
    return np.asarray((wide[:-2] + wide[1:-1] + wide[2:]) / 3.0)


def _db(power: Reals) -> Reals:
    return np.asarray(10.0 * np.log10(power + 1e-14))
