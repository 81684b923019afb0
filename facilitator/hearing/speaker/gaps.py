"""Sound that a source is not given while there is no time for it, and where in the session the rest of it belongs.

A source counts only the samples that it is given. What it says of them is moved to their place in the session, and what
reaches back over a gap is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from facilitator.hearing.signal.audio import Samples
from facilitator.hearing.signal.features import STEP
from facilitator.hearing.values import Embedding, LocalWindow


class Gaps:
    """One source's stream."""

    def __init__(self) -> None:
        self._given = self._missed = 0  # samples
        self._since = 0  # its count after the latest gap

    def given(self, samples: Samples, *, resting: bool) -> Samples:
        """What the source is given of the session's next samples. What it misses is whole steps."""
        skip = len(samples) if resting else min(len(samples), -self._missed % STEP)
        if skip:
            self._since = self._given
        self._missed += skip
        self._given += len(samples) - skip
        return samples[skip:]

    def embeddings(self, found: Sequence[Embedding]) -> list[Embedding]:
        if not self._missed:
            return [*found]
        whole, by = [window for window in found if window.first_sample >= self._since], self._missed
        return [replace(w, first_sample=w.first_sample + by, end_sample=w.end_sample + by) for w in whole]

    def windows(self, found: Sequence[LocalWindow]) -> list[LocalWindow]:
        if not self._missed:
            return [*found]
        first, later = -(-self._since // STEP), self._missed // STEP
        cut = [(window, max(0, first - window.first_step)) for window in found]
        return [
            LocalWindow(first_step=window.first_step + before + later, chances=window.chances[before:])
            for window, before in cut
            if before < len(window.chances)
        ]
