"""What keeps shares from being believed, whoever was named: told in a sentence each, and below a floor no names at all.

Voices that are too alike to be told apart, a sample that nobody in the talk sounds like, another microphone halfway
through: that is known by the voices (`Doubts`, by `SpeakerEvidence.doubts`). Sound that is clipped, and a talk far
quieter than the samples, is known by the levels, which are collected here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from facilitator.hearing.signal.audio import RATE, Samples, levels_db, mono
from facilitator.hearing.signal.features import STEP
from facilitator.hearing.speaker.voice_naming import Centres, unit
from facilitator.hearing.values import Doubts, Values

ALIKE, ALSO, SAME = 0.75, 0.6, 0.85
"""Two voices as they are in the talk, more alike than the first, whose samples are more alike than the second, are one
voice or as good as one; so are two samples more alike than the third. Another microphone makes samples alike, up to .8,
and early in a talk one may be taken for the other, up to .8; both at once was seen of halves of one sample only."""
CHANGED, ENOUGH = 0.6, 5
"""Everybody's voice is less like itself than this before and after some moment, by so many stretches on either side of
it: another microphone, or it was moved."""
QUIETER_DB = 20.0
"""The talk is so much quieter than the samples."""
CLIPPED_AT, CLIPPED_SHARE = 0.985, 0.002
"""So much of the talk, or of a sample, is at the end of the scale."""
LESS = 0.75
"""Of its confidence is left to every name where any of this was found."""
LEAST_STEPS = 400
"""Steps, 20 s, before anything is said of the level."""
_LEVELS_DB = np.arange(-100.0, 1.0)
_LOUD = 0.9  # of the steps are quieter

AloneStretch = tuple[int, int, Values]


def doubts(
    samples: Values,
    centres: Centres,
    voices: Values,
    stretches: Sequence[AloneStretch],
    one_person: Sequence[tuple[int, int]] = (),
) -> Doubts:
    """From the voices of the samples (people, numbers), of the people and perhaps of a guest in the talk, and of
    stretches in which one speaks; and from which samples are of `one_person` (`sample_voices.py`)."""
    of_samples = samples @ samples.T
    alike = (centres.talk @ centres.talk.T > ALIKE) & (of_samples > ALSO) | (of_samples > SAME)
    for a, b in one_person:
        alike[a, b] = alike[b, a] = True
    np.fill_diagonal(alike, False)
    heard, guest = centres.talk.any(axis=1), len(voices) > len(samples)
    return Doubts(
        alike=tuple(np.flatnonzero(alike.any(axis=1)).tolist()),
        unlike=tuple(np.flatnonzero(~heard).tolist()) if guest and heard.any() else (),
        changed=_changed(voices, len(samples), stretches),
    )


def _changed(voices: Values, people: int, stretches: Sequence[AloneStretch]) -> bool:
    """Whether all who are heard often enough, two at least where there are two, sound like somebody else before and
    after one moment."""
    if not stretches or not people:
        return False
    heard = np.stack([voice for _, _, voice in stretches])
    who = (heard @ voices.T).argmax(axis=1)
    often = [mine for k in range(people) if len(mine := np.flatnonzero(who == k)) >= 2 * ENOUGH]
    ends = np.array([end for _, end, _ in stretches])
    for moment in np.unique(ends[:: max(1, len(ends) // 12)]):
        pairs = [(mine[ends[mine] <= moment], mine[ends[mine] > moment]) for mine in often]
        told = [(a, b) for a, b in pairs if len(a) >= ENOUGH and len(b) >= ENOUGH]
        alike = [float(unit(heard[a].sum(axis=0)) @ unit(heard[b].sum(axis=0))) for a, b in told]
        if len(told) >= min(2, people) and max(alike) < CHANGED:
            return True
    return False


class SpeechLevels:
    """How loud the samples and the talk are, and how much of the talk is clipped. It keeps counts, and no sound."""

    def __init__(self) -> None:
        self._samples_db: float | None = None
        self._counts = np.zeros(len(_LEVELS_DB), np.int64)  # of steps, by their level
        self._clipped = 0  # samples

    def know(self, voices: Mapping[str, Samples]) -> None:
        """These are the samples."""
        each = [loud for sample in voices.values() if (loud := _loud_db(mono(sample))) is not None]
        self._samples_db = float(np.median(each)) if each else None

    def hear(self, sound: Samples) -> None:
        """Sound of the talk; what is left over behind the last whole step is let go. Speech is in its louder part,
        whatever a detector makes of it: of what is far too quiet that is nothing."""
        whole = len(sound) // STEP
        steps = sound[: whole * STEP].reshape(whole, STEP)
        if not whole:
            return
        np.add.at(self._counts, np.clip(np.rint(levels_db(steps)) + 100, 0, 100).astype(int), 1)
        self._clipped += int((np.abs(steps) >= CLIPPED_AT).sum())

    @property
    def clipped(self) -> bool:
        total = int(self._counts.sum())
        return total >= LEAST_STEPS and self._clipped > CLIPPED_SHARE * total * STEP

    @property
    def quieter_db(self) -> float:
        """How much quieter the talk is than the samples; 0 where that is not known yet."""
        total = int(self._counts.sum())
        if self._samples_db is None or total < LEAST_STEPS:
            return 0.0
        loud = int(np.searchsorted(np.cumsum(self._counts), _LOUD * total))
        return self._samples_db - float(_LEVELS_DB[loud])


def _loud_db(sound: Samples) -> float | None:
    if len(sound) < RATE:
        return None
    steps = sound[: len(sound) // STEP * STEP].reshape(-1, STEP)
    return float(np.percentile(levels_db(steps), 100 * _LOUD))


def sentences(found: Doubts, people: Sequence[str], levels: SpeechLevels) -> list[str]:
    """What to tell people, and what they can do; the worst first."""
    told = []
    if found.alike:
        who = _listed([people[k] for k in found.alike])
        told.append(f"I could not tell {who} apart well enough, so I tell no shares: record their samples once more.")
    if found.unlike:
        who = _listed([people[k] for k in found.unlike])
        told.append(
            f"Somebody speaks who is like no voice sample, and {who} by the sample not: if it is the same person, "
            "record that sample once more."
        )
    if found.changed:
        told.append("From some moment on everybody sounds different, as if by another microphone: leave it as it is.")
    if levels.quieter_db > QUIETER_DB:
        told.append(
            "The talk is far quieter than the voice samples, so names are less sure: move the microphone nearer."
        )
    if levels.clipped:
        told.append("The sound is too loud and distorted, so names are less sure: turn the microphone down.")
    return told


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
