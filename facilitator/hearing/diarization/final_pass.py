"""The pass over what was heard: everything is looked at again, each time knowing what the time before made sure of.

A session of hours is gone over in chapters, as people talk, since what the pass needs would be too much to keep. It is
the same pass for a chapter and for the end; of a chapter it sees more than it tells of, before and after.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from facilitator.core.events import Heard
from facilitator.hearing.diarization import evidence_now
from facilitator.hearing.diarization.hmm import States, Table, forward, heard, smooth
from facilitator.hearing.interfaces import SpeakerEvidence

SILENT = -30.0
"""Log odds of speech where there is none for sure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """What came of it: facts that cover the steps without gap or overlap, and who spoke alone in each step, -1
    nobody."""

    facts: list[Heard]
    alone: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalPass:
    """Everything that it takes, none of which anybody changes meanwhile. Steps are counted from `first_step` on, which
    the sources call their first (`SpeakerEvidence.since`)."""

    people: tuple[str, ...]
    states: States
    passes: int
    evidence: Sequence[SpeakerEvidence]
    first_step: int
    detected: Table
    """Log odds that anyone speaks, as the detector says, shape (steps,)."""
    floor: Table
    """What is taken for a protected floor, shape (steps, people + 1)."""
    own: NDArray[np.bool_]
    """Where the facilitator speaks, and surely nobody else does."""

    def over(self, begin: int, end: int, now_ms: int) -> Gone:
        """All of it, and what came of the steps from `begin` to `end` of the session."""
        count, people = len(self.detected), len(self.people)
        speech = evidence_now.speech(self.evidence, self.detected, 0)
        speech[self.own] = SILENT
        lone = np.zeros((count, people + 1), np.float32)
        for _ in range(self.passes if people else 1):
            belief = self._smoothed(speech, evidence_now.rescored(self.evidence, lone, count) + self.floor)
            lone = np.where((speech > 0)[:, None], belief[:, 1 : 2 + people], np.float32(0.0))
        belief[self.own] = np.eye(1, self.states.size, dtype=np.float32)
        labels = self.states.labels(belief, evidence_now.two(self.evidence, 0, count))
        labels[self.own] = 0
        alone = np.where((labels > 0) & (labels <= people), labels - 1, -1)
        facts, at = [], begin - self.first_step
        for label, run in groupby(labels[at : end - self.first_step].tolist()):
            after = at + sum(1 for _ in run)
            confidence = float(belief[at:after, label].mean())
            steps = (self.first_step + at, self.first_step + after)
            facts.append(heard(self.people, self.states.who[label], steps, confidence, now_ms, final=True))
            at = after
        return Gone(facts=facts, alone=alone)

    def _smoothed(self, speech: Table, opinions: Table) -> Table:
        emissions = self.states.emissions(speech, opinions)
        filtered, _ = forward(self.states, emissions, self.states.start)
        return smooth(self.states, emissions, filtered)
