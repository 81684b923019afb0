"""What a rival says, and the way there from a label for every step of 50 ms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from facilitator.backends.models.silero_activity import best_detector
from facilitator.hearing.diarization.hmm import Weights
from facilitator.hearing.signal.audio import Samples
from facilitator.hearing.signal.features import STEP, STEP_MS
from facilitator.hearing.signal.vad import ActivityStream


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`person` (None: somebody else) spoke from `start_s` to `end_s`."""

    person: str | None
    start_s: float
    end_s: float


def runs(speaks: NDArray[np.bool_], people: Sequence[str | None], step_s: float = STEP_MS / 1000) -> list[Row]:
    """Rows from who speaks in each step, shape (steps, people)."""
    found = []
    for person, column in zip(people, speaks.T, strict=True):
        at = 0
        for on, run in groupby(column.tolist()):
            end = at + sum(1 for _ in run)
            if on:
                found.append(Row(person=person, start_s=at * step_s, end_s=end * step_s))
            at = end
    return sorted(found, key=lambda row: (row.start_s, row.end_s))


def spoken(sound: Samples) -> NDArray[np.bool_]:
    """In which steps anybody speaks, by this program's detector, corrected as this program corrects it."""
    _, odds = ActivityStream(best_detector()).feed(sound)
    heard = np.zeros(len(sound) // STEP, bool)
    heard[: len(odds)] = odds[: len(heard)] > -Weights().speech_bias
    return heard


def without_silence(sound: Samples, longest_steps: int = 4) -> Samples:
    """The sound less its silences, of which the first and last 0.2 s stay."""
    heard = spoken(sound)
    near = np.convolve(heard, np.ones(2 * longest_steps + 1), mode="same") > 0.5
    kept = sound[: len(near) * STEP].reshape(len(near), STEP)[near].reshape(-1)
    return kept if len(kept) else sound


def as_json(rows: Iterable[Row]) -> list[dict[str, object]]:
    """As `score.py` takes them: whoever is not known is a guest."""
    return [{"person": row.person or "guest", "start": row.start_s, "end": row.end_s} for row in rows]
