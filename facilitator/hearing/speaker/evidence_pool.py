"""What is known from elsewhere of each step: the sources' log odds summed, and the segmentation with names.

A source that comes late is not waited for: what it says of a step that has been judged is let go, and counts in the
pass over the whole.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from facilitator.hearing.interfaces import Segmentation, SpeakerEvidence
from facilitator.hearing.signal.audio import Samples, mono
from facilitator.hearing.signal.features import FRAMES_A_STEP, STEP
from facilitator.hearing.speaker.contribution import contribution
from facilitator.hearing.speaker.embedding_evidence import AHEAD
from facilitator.hearing.speaker.fusion_network import Others
from facilitator.hearing.speaker.gaps import Gaps
from facilitator.hearing.speaker.load_shedding import EVERYTHING, NO_ENCODERS, NO_SEGMENTATION
from facilitator.hearing.speaker.local_speakers import averaged, named, since
from facilitator.hearing.values import NONE, Contribution, Kept, LocalWindow, Values

RATIOS, ODDS = 0.14 * FRAMES_A_STEP, 0.15
"""How much the mixtures' log-likelihood ratios, and the sources' log odds, of a step say about a local speaker."""
_SHARP = 6.0  # chances to something like log odds
_KEPT = 400  # steps that a window may look back on


class Sources:
    """Any number of sources and at most one segmentation, each optional."""

    def __init__(self, evidence: Sequence[SpeakerEvidence] = (), segmentation: Segmentation | None = None) -> None:
        self.evidence = tuple(evidence)
        self.segmentation = segmentation
        self.windows: list[LocalWindow] = []
        """What the segmentation said, of the whole session."""
        self._level = EVERYTHING
        self._gaps = Gaps()  # of the segmentation
        self.answered = 0
        """Steps that `hear` has told of."""
        self._delivered = [0] * len(self.evidence)  # steps that each source has told of
        self._heard = 0  # steps
        self._local_said = np.zeros((0, 0), np.float16)  # of each step, the last time that `again` was asked
        self._enrolled(0)

    def enrol(self, voices: Mapping[str, Samples], kept: Mapping[str, Kept] = NONE) -> None:
        for source in self.evidence:
            source.enrol(voices, kept)
        self._enrolled(len(voices))

    def _enrolled(self, people: int) -> None:
        self._people = people
        self._told: Values | None = None  # the newest window, with names
        self._told_end = -1
        # Of the steps from `_first` on: the mixtures' ratios, and the sum of the log odds that came in time.
        self._first = self.answered
        self._ratios, self._odds = np.zeros((0, people), np.float32), np.zeros((0, people), np.float32)
        # What each source says of steps that are not due yet.
        self._waiting = [np.zeros((0, people), np.float32) for _ in self.evidence]

    def hear(self, samples: Samples, first_sample: int, ratios: Values) -> Others:
        """The next sound, shape (frames, channels) or mono, and the mixtures' log-likelihood ratios of the next steps,
        shape (steps, people). Gives what is known of the steps that are now due, each once and in order."""
        self._ratios = np.concatenate([self._ratios, ratios])
        self._heard = (first_sample + len(samples)) // STEP
        said = [source.score(samples, first_sample) for source in self.evidence]
        if self.segmentation is not None:
            given = self._gaps.given(mono(samples), resting=self._level >= NO_SEGMENTATION)
            if len(given):
                self.windows += self._gaps.windows(self.segmentation.feed(given))
        have = self._first + len(self._ratios)
        ready = have if not self.evidence and self.segmentation is None else min(have, self._heard - AHEAD)
        steps = max(0, ready - self.answered)
        odds = self._summed(said, steps) if self.evidence else None
        self._odds = np.concatenate([self._odds, np.zeros((steps, self._people), np.float32) if odds is None else odds])
        local, looked = self._local(steps)
        self.answered += steps
        drop = max(0, self.answered - self._first - _KEPT)
        self._ratios, self._odds, self._first = self._ratios[drop:], self._odds[drop:], self._first + drop
        others = Others.of(odds, local, steps, self._people)
        others.all[:, 3] *= self._level < NO_ENCODERS
        others.all[~looked, 4] = 0.0
        return others

    def spare(self, level: int) -> None:
        """As for `SpeakerEvidence.spare`; what is left out says nothing."""
        self._level = level
        for source in self.evidence:
            source.spare(level)

    def _summed(self, said: list[Values], steps: int) -> Values:
        """The sum of what the sources say of the next `steps`; what they say of later ones is kept."""
        total, due = np.zeros((steps, self._people), np.float32), self.answered
        for number, new in enumerate(said):
            kept = self._waiting[number]
            self._delivered[number] += len(new)
            rows = np.concatenate([kept, np.nan_to_num(new[:, : self._people])])
            first = self._delivered[number] - len(rows)
            part = rows[max(0, due - first) : max(0, due + steps - first)]
            at = max(0, first - due)
            total[at : at + len(part)] += part
            self._waiting[number] = rows[max(0, due + steps - first) :]
        return total

    def _local(self, steps: int) -> tuple[Values | None, NDArray[np.bool_]]:
        """What the newest window that may be used says of each of the next steps; and whether there is one."""
        looked = np.zeros(steps, bool)
        if self.segmentation is None:
            return None, looked
        out = np.zeros((steps, self._people + 3), np.float32)
        by_end = {window.last_step: window for window in self.windows[-8:]}
        for row, step in enumerate(range(self.answered, self.answered + steps)):
            end = max((e for e in by_end if e <= step + AHEAD), default=-1)
            if end > self._told_end:
                known = self._identity()
                self._told, self._told_end = named(by_end[end], known, self._first), end
            inside = step - self._told_end  # the next window may be a step away
            if self._told is not None and -len(self._told) <= inside <= 0:
                out[row], looked[row] = self._told[min(inside, -1)], True
        return out, looked

    def _identity(self) -> Values:
        """How well each of the last steps fits each person, as far as it is known, shape (steps, people)."""
        size = min(len(self._ratios), len(self._odds))
        return np.asarray(RATIOS * self._ratios[:size] + ODDS * self._odds[:size], np.float32)

    def learn(self, belief: Values, first_step: int) -> None:
        """As for `SpeakerEvidence.learn`."""
        for source in self.evidence:
            source.learn(belief, first_step)

    def put_right(self, belief: Values) -> tuple[Values, NDArray[np.bool_]]:
        """As for `SpeakerEvidence.put_right`, by all sources in turn."""
        strange = np.zeros(len(belief), bool)
        for source in self.evidence:
            belief, found = source.put_right(belief)
            strange |= found
        return belief, strange

    @property
    def makers(self) -> frozenset[str]:
        return frozenset().union(*(source.makers for source in self.evidence))

    def unlike(self, samples: Samples, kept: Kept) -> bool | None:
        """As for `SpeakerEvidence.unlike`, by the first source that can tell."""
        told = (source.unlike(samples, kept) for source in self.evidence)
        return next((one for one in told if one is not None), None)

    def keepable(self, person: int) -> Kept:
        """As for `SpeakerEvidence.keepable`, of all sources."""
        return {maker: part for source in self.evidence for maker, part in source.keepable(person).items()}

    def again(self, belief: Values, ratios: Values) -> Others:
        """What is known of all steps once the session is over; `belief` as for `SpeakerEvidence.rescore`, `ratios`
        as for `hear`, or with one more column for the guest, who is then told of as a person."""
        steps, people = ratios.shape
        odds: Values | None = None
        for source in self.evidence:
            said = np.nan_to_num(source.rescore(belief)[:steps, :people])
            odds = np.zeros((steps, people), np.float32) if odds is None else odds
            odds[: len(said)] += said
        local = None
        if self.segmentation is not None:
            identity = RATIOS * ratios + (0.0 if odds is None else ODDS * odds)
            local = averaged(self.windows, np.asarray(identity, np.float32), 0, steps)
            self._local_said = (_SHARP * local[:, : self._people]).astype(np.float16)
        others = Others.of(odds, local, steps, people)
        others.all[~self._looked_at(steps), 4] = 0.0
        return others

    def since(self, first_step: int) -> Sources:
        """As for `SpeakerEvidence.since`."""
        other = copy.copy(self)
        other.evidence = tuple(source.since(first_step) for source in self.evidence)
        other.windows = since(self.windows, first_step)
        return other

    def let_go(self, end_step: int) -> None:
        """As for `SpeakerEvidence.let_go`."""
        self.windows = [window for window in self.windows if window.last_step > end_step]
        for source in self.evidence:
            source.let_go(end_step)

    def _looked_at(self, steps: int) -> NDArray[np.bool_]:
        """Which of the first `steps` any window looks at."""
        looked = np.zeros(steps, bool)
        for window in self.windows:
            looked[max(0, window.first_step) : max(0, window.last_step)] = True
        return looked

    def contributions(self, who: NDArray[np.int64]) -> list[Contribution]:
        """What each said in `again`; `who` speaks alone in each step, -1 elsewhere."""
        found = [one for source in self.evidence for one in source.contributions(who)]
        if self.segmentation is not None:
            found.append(contribution(self.segmentation.name, self._local_said, who))
        return found
