"""From evidence to who is speaking: nobody, one of the people, a guest, or two of them at once.

A hidden Markov model over steps of 50 ms. The evidence of any number of sources is summed; the rest
is knowledge of how conversations go: how long people speak, how often two speak at once. Those
numbers were counted in 64 published meetings (AMI corpus, speaker labels by BUT Speech@FIT,
Apache-2.0, joint silences over 2.5 s left out).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from facilitator.core.events import Heard
from facilitator.hearing.signal.features import STEP_MS

Table = NDArray[np.float32]
Chances = NDArray[np.float64]

_MOVES = {
    # (how many speak, how many speak next, how many of them go on): probability within 50 ms
    (0, 1, 0): 0.0431,
    (0, 2, 0): 0.00056,
    (1, 0, 0): 0.0071,
    (1, 1, 0): 0.002,  # counted: 0.0002; but a step and a pause too short to see blur more changes than that
    (1, 2, 1): 0.0075,
    (1, 2, 0): 0.0001,
    (2, 0, 0): 0.00044,
    (2, 1, 1): 0.0621,
    (2, 1, 0): 0.0005,
    (2, 2, 1): 0.003,
}
_RARE = 1e-7
_MANY = 4000  # steps worked on at a time
_LEAST = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """How evidence becomes the logarithm of a likelihood, per step. Neighbouring steps say nearly the
    same, so what they say soon stops adding up. Chosen on 24 generated recordings of voices and meetings that the
    network was not trained on (docs/benchmarks.md); around these values little changes."""

    opinions: float = 1.0
    """Of the sources' log odds that a person speaks."""
    person: float = 0.05
    """Added for each person of a state: the sources are careful and miss quiet speech."""
    pair: float = 0.15
    """Added where two speak at once."""
    speech: float = 0.2
    """Of the detector's log odds that anyone speaks."""
    speech_bias: float = 3.0
    """Added to those before: the detector is careful, too."""
    nothing: float = -4.0
    """Log odds of speech below which there is surely none, and the sources may not say otherwise: to a
    network every sound is like somebody. What is below this counts five times."""
    guest: float = 0.3
    """How probable it is that a guest speaks up, next to one of the people."""
    floor: float = 0.02
    """Taken from everybody but the holder of a protected floor (and not added for the holder, whose silence would
    then sound like speech): tips the scales where nothing is known, and is soon outweighed."""
    present: float = 0.5
    """A person is said to speak where that is more probable than this."""
    echo: bool = False
    """The last step of whoever stops is not theirs: a room sounds on after a voice, by 70 ms in the median of simulated
    rooms, and whoever is heard for longer than they spoke is heard to interrupt. Careful sources miss as much there as
    they hear too long."""
    two: float = 0.45
    """Where one is said to speak and a source hears two with a chance above this for TWO_STEPS, the likeliest other
    does, too."""


RELATIVE = Weights(speech=0.3, speech_bias=0.0, nothing=-math.inf, person=0.1, pair=0.1, echo=True)
"""For sources that say themselves where speech is (`SpeakerEvidence.crowd`), and are hardly careful."""
TWO_STEPS = 3


class States:
    """What can be the case in a step: state 0 is nobody; then each person, a guest, and each two of them.

    The guest stands behind the last person: `people` is its number."""

    def __init__(self, people: int, weights: Weights) -> None:
        self.people = people
        self.weights = weights
        voices = range(people + 1)
        self.who: list[frozenset[int]] = [frozenset(), *(frozenset([k]) for k in voices)]
        self.who += [frozenset(pair) for pair in combinations(voices, 2)]
        self.guest = 1 + people
        self.size = len(self.who)
        self.members = np.array([[k in who for k in voices] for who in self.who])
        """Who speaks in which state, shape (states, people + 1)."""
        self.moves = self._moves()
        self.start = np.full(self.size, 0.1 / self.size)
        self.start[0] += 0.9
        self._number = {who: state for state, who in enumerate(self.who)}
        self._bits = 1 << np.arange(people + 1)
        self._keys = self.members @ self._bits  # of each state, by who speaks
        self._by_key = np.argsort(self._keys)

    def _moves(self) -> Chances:
        """Probabilities of going from one state (row) to another (column) within a step."""
        table = np.zeros((self.size, self.size))
        for a, before in enumerate(self.who):
            kinds: dict[tuple[int, int], list[int]] = {}
            for b, after in enumerate(self.who):
                if a != b:
                    kinds.setdefault((len(after), len(before & after)), []).append(b)
            for (count, go_on), states in kinds.items():
                new_guest = [self.people in self.who[b] - before for b in states]
                share = np.where(new_guest, self.weights.guest, 1.0)
                table[a, states] = _MOVES.get((len(before), count, go_on), _RARE) * share / share.sum()
            table[a, a] = 1.0 - table[a].sum()
        return table

    def emissions(self, speech: Table, opinions: Table) -> Table:
        """Log-likelihood of each state in each step, up to a constant, shape (steps, states).

        `speech` (steps,) is the log odds that anyone speaks, `opinions` (steps, people + 1) the sum of
        what the sources say."""
        w = self.weights
        out = np.asarray((w.opinions * opinions + w.person) @ self.members.T.astype(np.float32), np.float32)
        sure = speech + 4.0 * np.minimum(0.0, speech - w.nothing) if math.isfinite(w.nothing) else speech
        out[:, 1:] += (w.speech * (sure + w.speech_bias))[:, None]
        out[:, 2 + self.people :] += w.pair
        return out

    def voices(self, belief: Table) -> Table:
        """How probably each person, and a guest, speaks, alone or not, shape (steps, people + 1)."""
        return np.asarray(belief @ self.members.astype(np.float32), np.float32)

    def labels(self, belief: Table, two: Table | None = None) -> NDArray[np.int32]:
        """The state in which those speak who probably do (the two most probable, where there are more). `two`: the
        chance that two do, where a source hears that."""
        chances = self.voices(belief)
        best = np.argsort(-chances, axis=1)[:, :2]
        speaks = np.take_along_axis(chances, best, axis=1) > self.weights.present
        table = np.array(
            [[self._number[frozenset([a, b])] for b in range(self.people + 1)] for a in range(self.people + 1)]
        )
        first = best[:, 0]
        second = best[:, -1]
        out = np.where(speaks[:, 0], table[first, first], 0)
        both = speaks.all(axis=1) if best.shape[1] == 2 else np.zeros(len(best), bool)
        out = np.where(both, table[first, second], out)
        if two is not None and self.people > 1:
            added = _lasting(two > self.weights.two) & speaks[:, 0] & ~both
            others = np.where(np.arange(self.people + 1) == first[:, None], -1.0, chances)
            others[:, self.people] = -1.0  # a guest is not made up
            out = np.where(added, table[first, others.argmax(axis=1)], out)
        return np.asarray(self._ended(out) if self.weights.echo else out, np.int32)

    def _ended(self, labels: NDArray[np.int64]) -> NDArray[np.int64]:
        """Without the last step of whoever stops, but for short words; what comes after the last step is not known."""
        speak = self.members[labels]
        goes_on = np.concatenate([speak[1:], speak[-1:]])
        fewer = speak & (goes_on | ~np.stack([_lasting(one) for one in speak.T], axis=1))
        return np.asarray(self._by_key[np.searchsorted(self._keys, fewer @ self._bits, sorter=self._by_key)])


def _lasting(marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Of what is marked, the runs of TWO_STEPS and more."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], marked.astype(np.int8), [0]])))
    out = np.zeros(len(marked), bool)
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        out[begin:end] = end - begin >= TWO_STEPS
    return out


def honest(claimed: float) -> float:
    """How often a label is exactly right of which the model claims this probability.

    The model is too sure of itself, since its steps are not independent. This line through the log odds fits
    24 generated recordings, live and final alike: of what was claimed to be right in 93, 97 and 99 %, 63, 71
    and 87 % were (a second voice missed, or an edge in the wrong place, counts as wrong)."""
    kept = min(max(claimed, 1e-6), 1.0 - 1e-6)
    return 1.0 / (1.0 + math.exp(1.25 - 0.62 * math.log(kept / (1.0 - kept))))


def _likely(emissions: Table) -> Chances:
    likely = np.exp(emissions - emissions.max(axis=1, keepdims=True), dtype=np.float64)
    return np.asarray(likely + _LEAST)


def forward(states: States, emissions: Table, before: Chances) -> tuple[Table, Chances]:
    """Probability of each state given everything up to each step, shape (steps, states), and the last of
    them, to go on from. `before` is the one before the first step (`States.start` at the beginning)."""
    out = np.empty(emissions.shape, np.float32)
    now = before
    for first in range(0, len(emissions), _MANY):
        for t, likely in enumerate(_likely(emissions[first : first + _MANY]), first):
            now = (now @ states.moves) * likely
            now /= now.sum()
            out[t] = now
    return out, now


def smooth(states: States, emissions: Table, filtered: Table) -> Table:
    """Probability of each state given everything, also what comes after (forward-backward, Rabiner 1989),
    shape (steps, states). `filtered` is what `forward` gave."""
    out = np.empty(filtered.shape, np.float32)
    back = np.ones(states.size)
    turned = np.ascontiguousarray(states.moves.T)
    for first in reversed(range(0, len(emissions), _MANY)):
        likely = _likely(emissions[first : first + _MANY])
        for t in range(len(likely) - 1, -1, -1):
            both = filtered[first + t] * back
            out[first + t] = both / both.sum()
            back = (back * likely[t]) @ turned
            back /= back.max()
    return out


def heard(
    names: tuple[str, ...],
    who: frozenset[int],
    steps: tuple[int, int],
    confidence: float,
    now_ms: int,
    *,
    final: bool = False,
) -> Heard:
    """That in the steps (from, to) those of a state speak; somebody else is unknown where nobody has a name."""
    stranger = len(names) in who
    return Heard(
        at_ms=now_ms,
        start_ms=steps[0] * STEP_MS,
        end_ms=steps[1] * STEP_MS,
        people=tuple(names[k] for k in sorted(who) if k < len(names)),
        guest=stranger and bool(names),
        unknown=stranger and not names,
        confidence=round(honest(confidence), 3),
        final=final,
    )
