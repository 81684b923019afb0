"""Who speaks, from a segmentation and the frames of a voice encoder: by what holds across microphones and levels.

The segmentation tells up to three local speakers of ten seconds apart; the encoder says, of what each of them said
alone, and of the sound around every step, whose voice it is nearest to. Windows overlap, and what they say of a step
is averaged; as people talk, a step is looked at again when a later window knows more of what followed. Nothing here
depends on how loud the sound is, and nothing remembered of the samples says what is speech (`voice_naming.py`).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from facilitator.hearing.diarization import heard_windows
from facilitator.hearing.diarization.heard_windows import HeardWindow
from facilitator.hearing.diarization.trust import doubts
from facilitator.hearing.diarization.turn_features import TurnFeatures, added_up, told
from facilitator.hearing.diarization.turn_judge import REACH, judged
from facilitator.hearing.interfaces import FrameEncoder, Segmentation
from facilitator.hearing.signal.audio import Samples, mono
from facilitator.hearing.signal.features import STEP, STEP_MS
from facilitator.hearing.speaker.contribution import contribution
from facilitator.hearing.speaker.gaps import Gaps
from facilitator.hearing.speaker.load_shedding import EVERYTHING, NO_ENCODERS, NO_SEGMENTATION
from facilitator.hearing.speaker.local_speakers import LOCAL, speaking
from facilitator.hearing.speaker.sample_voices import SampleVoice, one_person, sample_voice
from facilitator.hearing.speaker.voice_naming import Centres, adapted, guest, unit
from facilitator.hearing.speaker.voice_track import VoiceTrack
from facilitator.hearing.values import NONE, Contribution, Doubts, Kept, LocalWindow, Values

EDGE = 2
"""Steps at the end of a window that wait for the next: 0.1 s."""
SHARP = 30.0
"""How much the likeness of a local speaker says about its name."""
TWICE = 8.0
"""What speaks against two local speakers being one person: the segmentation heard two."""
SURE = 0.9
"""A step that is less surely a guest's is not said to be."""
FRESH = 20
"""Windows after which the centres are made anew while people talk: 10 s."""
_LEAST_S, _ALONE_S, _MOST_S = 0.1, 0.5, 3.0
_LEAST = 0.01  # chances are kept this far from 0 and 1
_NOBODY = -3.0  # log odds of a guest where none is known
_MANY = 2000  # steps worked on at a time
_LOOKED_BACK = 1200  # windows that the centres are made from while people talk: 10 minutes
_APART, _EARLIER = 6, 1200
"""Of the windows that are let go, one in so many is remembered, and at most so many: whoever spoke early and hardly
since is still known by it."""
_STRETCHES = 2400  # of one voice that a guest is looked for in: an hour
_UNLIKE = 0.3
"""Less alike than this, a voice is not the one that was kept: across rooms and microphones one's own is above .38, and
somebody else's below .32."""
_INSIDE = 4  # steps at the ends of a stretch that hear what is beside it


def _log_odds(chances: Values) -> Values:
    kept = np.clip(chances, _LEAST, 1.0 - _LEAST)
    return np.asarray(np.log(kept / (1.0 - kept)), np.float32)


@cache
def _ways(voices: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every way to name the local speakers, shape (ways, LOCAL), and how many of them have a name too many."""
    ways = np.array(list(product(range(voices), repeat=LOCAL)))
    return ways, np.array([LOCAL - len(set(way)) for way in ways.tolist()])


class RelativeVoices:
    """Evidence (see `SpeakerEvidence`) that needs both models."""

    name = "voice-encoder"

    def __init__(self, encoder: FrameEncoder, segmentation: Segmentation) -> None:
        self._encoder, self._segmentation = encoder, segmentation
        self._track = VoiceTrack(encoder)
        self._gaps = Gaps()
        self._windows: list[HeardWindow] = []
        self._earlier: list[tuple[NDArray[np.float16], Values]] = []  # voices, and how long alone, of windows let go
        self._known: dict[str, tuple[Samples, SampleVoice]] = {}
        self._one_person: tuple[tuple[int, int], ...] = ()  # people whose samples are of one voice
        self._samples: Values = np.zeros((0, 0), np.float32)  # (people, numbers)
        self._centres = Centres(voices=self._samples, talk=self._samples, usual=np.zeros(0, np.float32))
        self._voices: Values = self._samples  # the people's, and a guest's where one is known
        self._perhaps: int | None = None  # whose voice it may be that is like no sample
        self._named: dict[int, Values] = {}  # of a window, by its first step, as long as these are the voices
        self._made_at = self._learned_from = 0  # windows
        self._stretches: list[tuple[int, int, Values]] = []  # in which one speaks: steps, from and to, and the voice
        self._answered = 0  # steps
        self._level = EVERYTHING
        self._said: Values = np.zeros((0, 0), np.float32)

    # --- people ---

    def enrol(self, voices: Mapping[str, Samples], kept: Mapping[str, Kept] = NONE) -> None:
        before, self._known = self._known, {}
        for person, samples in voices.items():
            old = before.get(person)
            known = old[1] if old and old[0] is samples else sample_voice(self._encoder, mono(samples))
            self._known[person] = (samples, known)
        found = [
            unit(sample.voice + unit(part["voice"].sum(axis=0)))
            if (part := kept.get(person, {}).get(self._encoder.maker)) is not None
            else sample.voice
            for person, (_, sample) in self._known.items()
        ]
        each = [sample for _, sample in self._known.values()]
        pairs = combinations(range(len(each)), 2)
        self._one_person = tuple((a, b) for a, b in pairs if one_person(each[a], each[b]))
        self._samples = np.stack(found) if found else np.zeros((0, 0), np.float32)
        self._make_centres()

    def mixed(self, samples: Samples) -> bool | None:
        return sample_voice(self._encoder, mono(samples)).mixed

    @property
    def makers(self) -> frozenset[str]:
        return frozenset({self._encoder.maker} - {""})

    def unlike(self, samples: Samples, kept: Kept) -> bool | None:
        part = kept.get(self._encoder.maker)
        if part is None or not self._encoder.maker:
            return None
        return bool(sample_voice(self._encoder, mono(samples)).voice @ unit(part["voice"].sum(axis=0)) < _UNLIKE)

    def keepable(self, person: int) -> Kept:
        """One's voice by the sample and, where it was heard, by the talk."""
        if not self._encoder.maker:
            return {}
        known = [self._samples[person]]
        if self._centres.talk[person].any():
            known.append(self._centres.talk[person])
        return {self._encoder.maker: {"voice": np.stack(known)}}

    # --- while people talk ---

    def score(self, samples: Samples, first_sample: int) -> Values:
        sound = mono(samples)
        if self._level >= NO_ENCODERS:
            self._track.skip(len(sound))
        else:
            self._track.feed(sound)
        given = self._gaps.given(sound, resting=self._level >= NO_SEGMENTATION)
        if len(given):
            self._windows += [self._heard(w) for w in self._gaps.windows(self._segmentation.feed(given))]
        if len(self._windows) >= self._made_at + FRESH:
            self._make_centres()
        end = (first_sample + len(sound)) // STEP
        ready = self._windows[-1].last_step - EDGE if self._windows else 0
        if self._level >= NO_SEGMENTATION:
            ready = end
        first, self._answered = self._answered, max(self._answered, min(end, ready))
        return self.opinions(first, self._answered)

    def _heard(self, window: LocalWindow) -> HeardWindow:
        active, alone = speaking(window.chances.astype(np.float32))
        sure, heard = np.where(alone > 0.5, alone, 0.0), np.where(active > 0.5, active, 0.0)
        step_s = STEP_MS / 1000
        alone_s = sure.sum(axis=0) * step_s
        weights = np.where(alone_s[:, None] >= _ALONE_S, sure.T, heard.T).astype(np.float32)
        voice = self._track.local(window.first_step, weights)
        return HeardWindow(
            first_step=window.first_step,
            chances=heard_windows.as_bytes(window.chances),
            voice=voice.astype(np.float16),
            alone=alone_s.astype(np.float32),
            spoken=((active > 0.5).sum(axis=0) * step_s).astype(np.float32),
        )

    def _make_centres(self) -> None:
        """From what was heard of late."""
        self._made_at = len(self._windows)
        self._learn(self._windows[-_LOOKED_BACK:])

    def _learn(self, windows: Sequence[HeardWindow]) -> None:
        self._learned_from, self._perhaps = 0, None
        self._named.clear()
        people = len(self._samples)
        heard = [window for window in windows if window.voice.shape[1]]
        if not people or not heard:
            self._centres = Centres(
                voices=self._samples, talk=np.zeros_like(self._samples), usual=np.zeros(people, np.float32)
            )
            self._voices = self._samples
            return
        known = [*(self._earlier), *((window.voice, window.alone) for window in heard)]
        vectors = np.concatenate([voice for voice, _ in known]).astype(np.float32)
        self._centres = adapted(self._samples, vectors, np.concatenate([alone for _, alone in known]))
        self._voices = self._centres.voices
        if stretches := [*self._stretches, *self._newest_stretches()]:
            seconds = np.array([end - begin for begin, end, _ in stretches], np.float32) * np.float32(STEP_MS / 1000)
            found = guest(self._samples, self._centres, np.stack([voice for _, _, voice in stretches]), seconds)
            if found is not None and found.perhaps is None:
                self._voices = np.concatenate([self._voices, found.voice[None]])
            elif found is not None:
                self._perhaps = found.perhaps

    def _newest_stretches(self) -> list[tuple[int, int, Values]]:
        """Those that are not kept yet. What no later window will look at is kept from now on."""
        since = self._stretches[-1][1] if self._stretches else 0
        windows = heard_windows.around(self._windows, since, self._windows[-1].last_step)[::-1]
        found = []
        for begin, end in heard_windows.stretches(windows, since, self._track.seen_steps):
            inside = self._track.vectors(begin + _INSIDE, end - _INSIDE)
            if inside.shape[1] and len(inside):
                found.append((begin, end, unit(inside.sum(axis=0))))
        settled = [one for one in found if one[1] <= self._windows[-1].first_step]
        self._stretches += settled
        return found[len(settled) :]

    def learn(self, belief: Values, first_step: int) -> None:
        """It learns from what it hears itself."""

    def spare(self, level: int) -> None:
        self._level = level

    def earned(self) -> tuple[float, ...]:
        return ()

    def put_right(self, belief: Values) -> tuple[Values, NDArray[np.bool_]]:
        strange = belief[:, -1] >= SURE if self.knows_a_guest else np.zeros(len(belief), bool)
        return belief, strange

    @property
    def knows_a_guest(self) -> bool:
        return len(self._voices) > len(self._samples)

    def local_windows(self) -> list[LocalWindow]:
        """What the segmentation said, of the whole session."""
        return [
            LocalWindow(first_step=window.first_step, chances=window.decoded.astype(np.float16))
            for window in self._windows
        ]

    # --- what is known of some steps ---

    def opinions(self, first_step: int, end_step: int) -> Values:
        """As for `score`, of any steps, by all that was heard up to now: what the local speakers and the likeness say,
        weighed by hand and by the judge of turns, which are wrong in different places. Of one person alone there is
        nobody to tell apart, and it is weighed by hand."""
        return self._by_pieces(first_step, end_step, self._weighed)

    def summed(self, first_step: int, end_step: int) -> Values:
        """What the local speakers and the likeness say of these steps, added up, shape (steps, people + 1)."""
        return self._by_pieces(first_step, end_step, self._summed)

    def judged(self, first_step: int, end_step: int, learned: Values | None = None) -> Values:
        """What the judge of turns says; `learned` is what the learned voices say of each step of the session, where
        they do. Where the segmentation rests, the sum."""
        return self._by_pieces(first_step, end_step, lambda first, end: self._judged(first, end, learned))

    def _by_pieces(self, first_step: int, end_step: int, said: Callable[[int, int], Values]) -> Values:
        people = len(self._samples)
        if not people:
            return np.full((max(0, end_step - first_step), 1), np.nan, np.float32)
        firsts = range(first_step, end_step, _MANY)
        pieces = [said(first, min(end_step, first + _MANY)) for first in firsts]
        return np.concatenate([np.zeros((0, people + 1), np.float32), *pieces])

    def _summed(self, first: int, end: int) -> Values:
        return self._with_guest(added_up(self.told(first, end)))

    def _weighed(self, first: int, end: int) -> Values:
        if len(self._samples) < 2:
            return self._summed(first, end)
        known, inside = self._around(first, end, None)
        summed = added_up(known)
        both = np.where(known.looked[:, None], (summed + judged(known)) / 2.0, summed)
        return self._with_guest(both[inside])

    def _judged(self, first: int, end: int, learned: Values | None) -> Values:
        known, inside = self._around(first, end, learned)
        said = np.where(known.looked[:, None], judged(known), added_up(known))
        return self._with_guest(said[inside])

    def _around(self, first: int, end: int, learned: Values | None) -> tuple[TurnFeatures, slice]:
        """What is told of these steps and of those around that the judge looks at too, as far as anything is known of
        them; and which are these."""
        begin, last = max(0, first - REACH), min(max(end, self._answered), end + REACH)
        known = self.told(begin, last, None if learned is None else learned[begin:last])
        return known, slice(first - begin, end - begin)

    def _with_guest(self, said: Values) -> Values:
        """Of the people, and of a guest who may not be known."""
        out = np.full((len(said), len(self._samples) + 1), _NOBODY, np.float32)
        out[:, : said.shape[1]] = said
        return out

    def told(self, first: int, end: int, learned: Values | None = None) -> TurnFeatures:
        """What the judge of turns is told of these steps; `learned` as for `turn_features.told`, guests last."""
        voices, seen = len(self._voices), min(end, self._track.seen_steps)
        vectors = self._track.vectors(first, seen) if seen > first else np.zeros((0, 0), np.float32)
        alike = vectors @ self._voices.T if vectors.shape[1] else np.zeros((0, voices), np.float32)
        return told(self._windows, (first, end), self._names, alike, None if learned is None else learned[:, :voices])

    def _names(self, window: HeardWindow) -> Values:
        """How probably each local speaker is each person, or a guest, shape (LOCAL, people + 1)."""
        found = self._named.get(window.first_step)
        if found is None:
            found = self._named[window.first_step] = self._names_of(window)
        return found

    def _names_of(self, window: HeardWindow) -> Values:
        people, known = len(self._samples), len(self._voices)
        support = np.zeros((LOCAL, known), np.float32)
        if window.voice.shape[1]:
            alike = window.voice.astype(np.float32) @ self._voices.T
            long = np.minimum(window.spoken, _MOST_S)[:, None]
            support = np.where(long > _LEAST_S, SHARP * alike * np.sqrt(long), np.float32(0.0))
        ways, twice = _ways(known)
        score = support[np.arange(LOCAL), ways].sum(axis=1) - TWICE * twice
        chance = np.exp(score - score.max())
        chance /= chance.sum()
        names = np.zeros((LOCAL, people + 1), np.float32)
        for local in range(LOCAL):
            names[local, :known] = np.bincount(ways[:, local], weights=chance, minlength=known)
        return names

    def crowd(self, first_step: int, end_step: int) -> Values | None:
        """Log odds that anyone speaks, and the chance that two do, shape (steps, 2); NaN where nothing is known."""
        if self._level >= NO_SEGMENTATION and not heard_windows.around(self._windows, first_step, end_step):
            return None
        chances, weight = heard_windows.counted(self._windows, first_step, end_step)
        out = np.stack([_log_odds(chances[:, 0]), chances[:, 1]], axis=1)
        out[weight <= 0] = np.nan
        return out

    # --- once it is over ---

    def rescore(self, belief: Values) -> Values:
        """Everything once more, with centres and a guest from the whole session."""
        if self._learned_from != len(self._windows):
            self._learn(self._windows)
            self._learned_from = len(self._windows)
        end = max(self._answered, self._track.seen_steps)
        said = self.opinions(0, end)
        self._said = said[:, : len(self._samples)]
        return said

    def doubts(self) -> Doubts:
        found = doubts(self._samples, self._centres, self._voices, self._stretches, self._one_person)
        return found if self._perhaps is None else replace(found, unlike=(self._perhaps,))

    def since(self, first_step: int) -> RelativeVoices:
        other = copy.copy(self)
        other._track, other._named = self._track.since(first_step), {}
        other._windows = [
            replace(window, first_step=window.first_step - first_step)
            for window in self._windows
            if window.last_step > first_step
        ]
        other._stretches = [(begin - first_step, end - first_step, voice) for begin, end, voice in self._stretches]
        other._answered, other._learned_from = self._answered - first_step, 0
        return other

    def let_go(self, end_step: int) -> None:
        self._track.let_go(end_step)
        gone = [window for window in self._windows if window.last_step <= end_step]
        self._windows, self._made_at = self._windows[len(gone) :], max(0, self._made_at - len(gone))
        voices = [window for window in gone[::_APART] if window.voice.shape[1]]
        self._earlier = [*self._earlier, *((window.voice, window.alone) for window in voices)]
        if len(self._earlier) > _EARLIER:
            self._earlier = self._earlier[::2]
        self._stretches = self._stretches[-_STRETCHES:]

    def contributions(self, who: NDArray[np.int64]) -> list[Contribution]:
        return [contribution(self.name, self._said, who)]
