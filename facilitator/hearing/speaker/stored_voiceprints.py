"""The voiceprints from another time that a listener goes by, and those that it could hand out."""

from __future__ import annotations

from collections.abc import Sequence

from facilitator.hearing.interfaces import SpeakerEvidence
from facilitator.hearing.signal.audio import Samples
from facilitator.hearing.values import Kept


class KeptVoices(dict[str, Kept]):
    """By name, of those people who wanted theirs kept, as far as they are of use to these sources."""

    def __init__(self, evidence: Sequence[SpeakerEvidence]) -> None:
        super().__init__()
        self.evidence = evidence
        """Whoever made the last pass over what was heard knows most."""

    def usable(self, kept: Kept) -> Kept:
        """What of a voiceprint is for the sources that are here."""
        makers = frozenset[str]().union(*(source.makers for source in self.evidence))
        return {maker: part for maker, part in kept.items() if maker in makers}

    def unlike(self, person: str, samples: Samples) -> bool:
        """Whether this surely is not the voice that was kept of them."""
        kept = self.get(person)
        return kept is not None and any(source.unlike(samples, kept) for source in self.evidence)

    def made(self, number: int) -> Kept:
        """The voiceprint of the person of this number, for another time."""
        return {maker: part for source in self.evidence for maker, part in source.keepable(number).items()}
