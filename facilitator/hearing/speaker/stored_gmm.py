"""What is kept of how a voice sounds to the mixtures and to the small network (see `stored_voiceprint.py`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facilitator.hearing.signal.features import CEPSTRA, Frames
from facilitator.hearing.speaker.gmm import Mixture, train
from facilitator.hearing.values import Template

SIZE = 16
"""Gaussians that a voice is kept as."""
DRAWN = 600
"""Frames that they become again: 6 s of speech."""
ROOM_KNOWN = 200.0
"""Frames heard today that a difference in sound to last time is half believed from, to be the room's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTimbre:
    mixture: Mixture
    """Of the `vectors` of this voice."""
    description: Frames
    """What the network made of it, shape (numbers,)."""

    @classmethod
    def of(cls, values: Frames, description: Frames) -> KeptTimbre:
        return cls(mixture=train(values, SIZE), description=description)

    @classmethod
    def from_part(cls, part: Template) -> KeptTimbre:
        mixture = Mixture(
            weights=part["weights"] / part["weights"].sum(),
            means=part["means"],
            variances=np.maximum(part["variances"], 1e-4),
        )
        return cls(mixture=mixture, description=part["description"])

    def as_part(self) -> Template:
        mixture = self.mixture
        return {
            "weights": mixture.weights,
            "means": mixture.means,
            "variances": mixture.variances,
            "description": self.description,
        }

    def drawn(self) -> Frames:
        """Vectors as this voice has them, in no order; always the same ones."""
        random = np.random.default_rng(0)
        mixture = self.mixture
        weights = mixture.weights.astype(np.float64)
        which = random.choice(len(weights), DRAWN, p=weights / weights.sum())
        noise = random.standard_normal((DRAWN, mixture.means.shape[1]))
        return np.asarray(mixture.means[which] + noise * np.sqrt(mixture.variances[which]), np.float32)


def room(heard: list[Frames], drawn: list[Frames]) -> Frames:
    """How the room and the microphone of today change what is heard: the mean difference of the people's vectors from
    those that were kept, drawn towards nothing where little was heard. It is in the spectrum; speed and pitch stay."""
    count = sum(map(len, heard))
    change = sum(len(a) * (a.mean(axis=0) - b.mean(axis=0)) for a, b in zip(heard, drawn, strict=True))
    found = np.asarray(change / (count + ROOM_KNOWN), np.float32)
    found[CEPSTRA:] = 0.0
    return found
