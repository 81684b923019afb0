"""Both ways of hearing: names by comparison, and then the trained network, which hears overlap and short words better.

The network knows one microphone, one level and one room a session. So it is not given the voice samples, which may have
come through others, but what the comparison has found of each person in the talk itself; and it judges the session once
that is over. While people talk, the comparison alone says who speaks.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from facilitator.hearing.diarization.relative_evidence import RelativeVoices
from facilitator.hearing.interfaces import FrameEncoder, Segmentation
from facilitator.hearing.signal.audio import Samples
from facilitator.hearing.speaker.evidence_pool import Sources
from facilitator.hearing.speaker.fusion_evidence import LearnedVoices
from facilitator.hearing.values import NONE, Contribution, Kept, Values

RELATIVE, CLIP = 0.6, 6.0
"""How much the comparison's log odds, cut off there, count beside the network's."""
_NO_GUEST = -3.0  # log odds


class CombinedVoices:
    """Evidence (see `SpeakerEvidence`) for a listener with two passes: the first finds what the second learns from."""

    name = "voices"

    def __init__(self, encoder: FrameEncoder, segmentation: Segmentation) -> None:
        self._relative = RelativeVoices(encoder, segmentation)
        self._sources = Sources([self._relative], segmentation)
        self._learned = LearnedVoices(self._sources, by_talk=True)
        self._people = 0

    def enrol(self, voices: Mapping[str, Samples], kept: Mapping[str, Kept] = NONE) -> None:
        self._people = len(voices)
        self._relative.enrol(voices, kept)
        self._learned.enrol(voices)

    @property
    def makers(self) -> frozenset[str]:
        return self._relative.makers

    def unlike(self, samples: Samples, kept: Kept) -> bool | None:
        return self._relative.unlike(samples, kept)

    def keepable(self, person: int) -> Kept:
        return self._relative.keepable(person)

    def score(self, samples: Samples, first_sample: int) -> Values:
        self._learned.keep(samples)
        return self._relative.score(samples, first_sample)

    def opinions(self, first_step: int, end_step: int) -> Values:
        return self._relative.opinions(first_step, end_step)

    def crowd(self, first_step: int, end_step: int) -> Values | None:
        return self._relative.crowd(first_step, end_step)

    def earned(self) -> tuple[float, ...]:
        return ()

    def learn(self, belief: Values, first_step: int) -> None:
        self._relative.learn(belief, first_step)

    def spare(self, level: int) -> None:
        self._relative.spare(level)

    def put_right(self, belief: Values) -> tuple[Values, NDArray[np.bool_]]:
        return self._relative.put_right(belief)

    def rescore(self, belief: Values) -> Values:
        """Before anything is known of who spoke, by comparison; then by both."""
        compared = self._relative.rescore(belief)
        if not self._people or not belief.any():
            return compared
        self._sources.windows = self._relative.local_windows()
        learned = self._learned.rescore(belief)
        self._sources.windows = []
        steps = min(len(compared), len(learned))
        out = learned[:steps] + RELATIVE * np.clip(compared[:steps], -CLIP, CLIP)
        if not self._relative.knows_a_guest:
            out[:, self._people] = _NO_GUEST
        return np.asarray(np.concatenate([out, compared[steps:]]), np.float32)

    def since(self, first_step: int) -> CombinedVoices:
        other = copy.copy(self)
        other._learned = self._learned.since(first_step)
        other._sources = other._learned.sources
        (other._relative,) = (source for source in other._sources.evidence if isinstance(source, RelativeVoices))
        return other

    def let_go(self, end_step: int) -> None:
        self._learned.let_go(end_step)

    def contributions(self, who: NDArray[np.int64]) -> list[Contribution]:
        return self._learned.contributions(who)
