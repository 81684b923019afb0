"""What all sources say together, now, of some steps of the session (`SpeakerEvidence`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from facilitator.hearing.diarization.hmm import Table
from facilitator.hearing.interfaces import SpeakerEvidence


def opinions(evidence: Sequence[SpeakerEvidence], first: int, end: int) -> Table | None:
    """The sum of what they say now of these steps, shape (steps, people + 1); None where one says everything once."""
    said = [source.opinions(first, end) for source in evidence]
    known = [np.nan_to_num(one) for one in said if one is not None]
    return np.asarray(np.sum(known, axis=0), np.float32) if known and len(known) == len(said) else None


def added(waiting: Table, said: Table, first: int) -> Table:
    """`waiting` with what is `said` of the steps from its `first` on; what came too late for it is let go."""
    fresh, at = said[max(0, -first) :], max(0, first)
    short = at + len(fresh) - len(waiting)
    if short > 0:
        waiting = np.concatenate([waiting, np.zeros((short, waiting.shape[1]), np.float32)])
    if fresh.shape[1] == waiting.shape[1]:
        waiting[at : at + len(fresh)] += np.nan_to_num(fresh)
    return waiting


def rescored(evidence: Sequence[SpeakerEvidence], lone: Table, count: int) -> Table:
    """The sum of what all sources say of all `count` steps, knowing `lone`: how surely each spoke alone."""
    total = np.zeros((count, lone.shape[1]), np.float32)
    for source in evidence:
        said = source.rescore(lone)[:count]
        total[: len(said)] += np.nan_to_num(said)
    return total


def speech(evidence: Sequence[SpeakerEvidence], detected: Table, first: int) -> Table:
    """Log odds that anyone speaks in the steps from `first` on: of the sources that can tell, else as `detected`."""
    for crowd in _crowds(evidence, first, first + len(detected)):
        detected = np.where(np.isfinite(crowd[:, 0]), crowd[:, 0], detected)
    return detected


def two(evidence: Sequence[SpeakerEvidence], first: int, end: int) -> Table | None:
    """The chance that two speak in these steps, where a source hears that."""
    crowds = _crowds(evidence, first, end)
    return np.asarray(np.nan_to_num(crowds[0][:, 1]), np.float32) if crowds else None


def _crowds(evidence: Sequence[SpeakerEvidence], first: int, end: int) -> list[Table]:
    found = [source.crowd(first, end) for source in evidence]
    return [crowd for crowd in found if crowd is not None]
