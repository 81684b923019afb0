"""Who it sounds like: Gaussian mixtures on cepstra and pitch, made in the session from voice samples.

A mixture is trained on everybody's voice samples together; each person's is that mixture bent
towards their own sample. What a person's mixture explains better than everybody's speaks for them.
After the session the mixtures are bent again, towards all that was surely said by each.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from facilitator.hearing.signal import features
from facilitator.hearing.signal.features import Frames
from facilitator.hearing.signal.levels import loud_enough
from facilitator.hearing.speaker.gmm import Mixture, train

SIZE = 16
"""Gaussians in a mixture. With 8 s of speech a person, 32 or 64 were worse."""
RELEVANCE = 3.0
"""Frames of a sample that weigh as much as the common mixture."""
CLIP = 6.0
"""No frame speaks louder than this for or against a person."""
REACH = 2
"""Frames that `vectors` looks ahead and back."""
_PITCH_SCALE = 3.0
_SPEECH_RANGE = 25.0 / 4.343  # a sample's frames this far below its loud ones are pauses (25 dB)
_MOST = 20_000  # frames that the common mixture is trained on


def vectors(frames: Frames) -> Frames:
    """What the mixtures are made of: cepstra, their deltas, and the pitchgram, shape (frames, 72)."""
    cepstra = features.cepstra(features.mel(frames))
    pitch = frames[:, features.BANDS :]
    return np.concatenate([cepstra, 2.0 * features.deltas(cepstra, REACH), _PITCH_SCALE * pitch], axis=1)


def spoken(frames: Frames) -> NDArray[np.bool_]:
    """Which frames of a voice sample hold speech, by their level."""
    return loud_enough(features.mel(frames).max(axis=1), _SPEECH_RANGE)


class Voiceprints:
    """The mixtures of some people, made from `speech`: each person's `vectors` of speech."""

    def __init__(self, speech: Sequence[Frames]) -> None:
        everything = np.concatenate(speech)
        self._centre = everything.mean(axis=0)
        everything = everything[:: max(1, len(everything) // _MOST)]
        if everything.base is not None:
            everything = everything.copy()  # the rest is let go
        everything -= self._centre
        self._everybody = train(everything, SIZE)
        del everything
        self._people = [self._bent(values - self._centre) for values in speech]

    def _bent(self, sample: Frames) -> Mixture:
        count, total, _ = self._everybody.sums(sample)
        return self._everybody.adapted(count, total, RELEVANCE)

    def ratios(self, values: Frames) -> Frames:
        """Log-likelihood of each person's mixture minus that of everybody's, for each of these `vectors`,
        shape (frames, people)."""
        centred = values - self._centre
        common = self._everybody.log_likelihood(centred)
        each = np.stack([person.log_likelihood(centred) for person in self._people], axis=1)
        return np.asarray(np.clip(each - common[:, None], -CLIP, CLIP), np.float32)
