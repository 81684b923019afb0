"""The facilitator's own voice, kept out of what is heard as words."""

from __future__ import annotations

from facilitator.hearing.diarization.listener import TAIL_MS
from facilitator.hearing.signal.audio import RATE, Block, Samples
from facilitator.hearing.values import Word


class OwnWords:
    """When the facilitator itself spoke."""

    def __init__(self) -> None:
        self._spans: tuple[tuple[int, int | None], ...] = ()  # replaced whole, as two threads look at it

    def add(self, start_ms: int, end_ms: int | None) -> None:
        spans = self._spans[-20:]
        if spans and spans[-1][1] is None:
            start_ms, spans = min(start_ms, spans[-1][0]), spans[:-1]
        self._spans = (*spans, (start_ms, None if end_ms is None else end_ms + TAIL_MS))

    def silenced(self, block: Block) -> Samples:
        """The samples of this block without the facilitator's voice."""
        samples = block.mono()
        for start_ms, end_ms in self._spans:
            first = max(0, start_ms * RATE // 1000 - block.first_sample)
            last = len(samples) if end_ms is None else max(0, end_ms * RATE // 1000 - block.first_sample)
            if first < min(last, len(samples)):
                samples = samples.copy()
                samples[first:last] = 0.0
        return samples

    def covers(self, word: Word) -> bool:
        """That it spoke is learned only when its first word has been heard. Ends of words are not sharp."""
        middle_ms = (word.start_ms + word.end_ms) // 2
        return any(start_ms <= middle_ms and (end_ms is None or middle_ms < end_ms) for start_ms, end_ms in self._spans)
