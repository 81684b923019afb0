"""Which voices there are where nobody has introduced themselves: passages of one voice each, put together by voice.

How much a voice varies differs between encoders and rooms, so it is measured in the recording itself: windows of one
passage are surely one voice. Seen in that measure, passages are joined one pair after the other, the likeliest first,
while it is likelier that both are one voice than that they are two (two normal distributions, of passages around their
voice and of voices around their middle; Brümmer and de Villiers 2010). What several sources say is added up.

Everything here works on what was heard so far as well as on a whole recording.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facilitator.hearing.diarization.segments import Passage
from facilitator.hearing.signal.audio import RATE
from facilitator.hearing.values import Embedding

MOST_VOICES = 8
"""So many are told apart at most, where nobody says how many there are."""
LEAST = 5 * RATE
"""Samples of speech below which a voice is a stray one."""
ENOUGH, AMPLE = 10 * RATE, 30 * RATE
"""Samples of speech that a voice sample has at least, where there are as many, and at most."""
LISTEN = 9 * RATE
"""Samples that a person has to listen to at most to know who it is."""

_INSIDE = 0.8  # of a window, for it to be of a passage
_EVEN = 0.6  # how far the spread of windows within passages is drawn towards one that is even in all directions
_DIRECTIONS = 20  # in which voices differ most, looked at
_APART = 2.0  # spread of voices in any of these, at least
_SEVERAL = 7.0  # log odds of several voices that it takes to believe in them: one alone varies most in what is compared
_WEIGHT = 0.1  # of a passage, next to a window on its own: what makes it sound as it does is the same all through it
_MOST_PASSAGES = 1200  # the longest are put together; the rest is added to what is found
_ROUNDS = 5  # of moving passages to where they fit better

Doubles = NDArray[np.float64]
Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundVoice:
    """`passages`: all of it; `purest`: those to learn it from; `listen`: where a person best hears who it is;
    `person`: the number of the voice sample that is most like it, if any."""

    passages: tuple[Passage, ...]
    purest: tuple[Passage, ...]
    listen: Passage
    person: int | None = None


class _Source:
    """What one source makes of the passages: `weight` (passages,), 0 where it has no opinion, and `sums`, the
    weighted place of each among the voices, (passages, directions)."""

    def __init__(self, windows: Sequence[Embedding], passages: Sequence[Passage]) -> None:
        of, vectors = _inside(windows, passages)
        count = np.bincount(of, minlength=len(passages)).astype(float)
        heard = count > 0
        self.weight, self.sums = np.zeros(len(passages)), np.zeros((len(passages), 1))
        self._middle: Doubles | None = None
        self._spread = np.ones(1)
        if heard.sum() < 2:
            return
        means = np.zeros((len(passages), vectors.shape[1]))
        np.add.at(means, of, vectors)
        means[heard] /= count[heard, None]
        middle, measure = vectors.mean(axis=0), _measure(vectors - means[of], int(heard.sum()))
        seconds = np.array([passage.size for passage in passages])[heard] / RATE
        spread, directions = np.linalg.eigh(np.cov(((means[heard] - middle) @ measure).T, aweights=seconds))
        self._spread = np.maximum(spread[::-1][:_DIRECTIONS], _APART)
        self._middle, self._turn = middle, measure @ directions[:, ::-1][:, :_DIRECTIONS]
        self.weight = _weight(count)
        self.sums = self.weight[:, None] * np.where(heard[:, None], (means - middle) @ self._turn, 0.0)

    def place(self, windows: Sequence[Embedding]) -> tuple[float, Doubles]:
        """Weight and sum of a passage that is not of the recording."""
        if not windows or self._middle is None:
            return 0.0, np.zeros(self.sums.shape[1])
        weight = float(_weight(np.array(len(windows))))
        mean = np.mean([window.vector for window in windows], axis=0, dtype=float)
        return weight, np.asarray(weight * ((mean - self._middle) @ self._turn))

    def evidence(self, weight: Doubles, sums: Doubles) -> Doubles:
        """How likely passages of this weight and these sums are one voice, as a logarithm up to what is the same
        however they are put together, shape of `weight`."""
        known = 1.0 + weight[..., None] * self._spread
        return np.asarray(0.5 * (self._spread * sums**2 / known - np.log(known)).sum(axis=-1))


def _inside(windows: Sequence[Embedding], passages: Sequence[Passage]) -> tuple[Labels, Doubles]:
    """The windows that lie in passages: the passage of each, and the vectors."""
    first = np.array([passage.first_sample for passage in passages])
    of, vectors = [], []
    for window in windows:
        middle = (window.first_sample + window.end_sample) // 2
        k = int(np.searchsorted(first, middle, side="right")) - 1
        if k < 0:
            continue
        common = min(window.end_sample, passages[k].end_sample) - max(window.first_sample, passages[k].first_sample)
        if common >= _INSIDE * (window.end_sample - window.first_sample):
            of.append(k)
            vectors.append(window.vector)
    return np.array(of, np.int64), np.array(vectors, float)


def _weight(windows: Doubles) -> Doubles:
    return np.asarray(_WEIGHT * windows / (windows + 1.0))


def _measure(rest: Doubles, passages: int) -> Doubles:
    """What makes the spread of windows around their passage 1 in every direction, (numbers, numbers)."""
    spread = rest.T @ rest / max(1, len(rest) - passages)
    even = max(float(np.trace(spread)) / len(spread), 1e-6)
    power, directions = np.linalg.eigh((1.0 - _EVEN) * spread + _EVEN * even * np.eye(len(spread)))
    return np.asarray(directions / np.sqrt(power))


class _Groups:
    """Passages put together, each its own group at first."""

    def __init__(self, sources: Sequence[_Source], which: Labels, sizes: NDArray[np.int64]) -> None:
        self._sources = sources
        self.members = [[int(k)] for k in which]
        self.sizes = sizes[which].astype(float)
        self._weight = [source.weight[which] for source in sources]
        self._sums = [source.sums[which] for source in sources]
        self._alone = self._evidence(slice(None))
        self._gain = np.stack([self._gains(k) for k in range(len(which))])  # of joining two of them
        np.fill_diagonal(self._gain, -np.inf)

    def _evidence(self, rows: slice | int) -> Doubles:
        pairs = zip(self._sources, self._weight, self._sums, strict=True)
        said = [source.evidence(weight[rows], sums[rows]) for source, weight, sums in pairs]
        return np.asarray(np.sum(said, axis=0))

    def _gains(self, k: int) -> Doubles:
        """How much likelier it is that group `k` and each other are one voice than that they are two."""
        both = [
            source.evidence(weight + weight[k], sums + sums[k])
            for source, weight, sums in zip(self._sources, self._weight, self._sums, strict=True)
        ]
        return np.asarray(np.sum(both, axis=0) - self._alone - self._alone[k])

    def best(self) -> tuple[float, int, int]:
        """The gain of the two that should be joined first, and which they are."""
        at = int(self._gain.argmax())
        a, b = sorted(divmod(at, len(self._gain)))
        return float(self._gain[a, b]), a, b

    def together(self) -> float:
        """The gain of joining them all."""
        pairs = zip(self._sources, self._weight, self._sums, strict=True)
        one = sum(float(source.evidence(weight.sum(), sums.sum(axis=0))) for source, weight, sums in pairs)
        return one - float(self._alone.sum())

    def join_all(self) -> None:
        while len(self.members) > 1:
            self.join(0, 1)

    def join(self, a: int, b: int) -> None:
        self.members[a] += self.members.pop(b)
        self.sizes[a] += self.sizes[b]
        self.sizes = np.delete(self.sizes, b)
        for values in (*self._weight, *self._sums):
            values[a] += values[b]
        self._weight = [np.delete(weight, b) for weight in self._weight]
        self._sums = [np.delete(sums, b, axis=0) for sums in self._sums]
        self._gain = np.delete(np.delete(self._gain, b, axis=0), b, axis=1)
        self._alone = np.delete(self._alone, b)
        self._alone[a] = self._evidence(a)
        gains = self._gains(a)
        gains[a] = -np.inf
        self._gain[a], self._gain[:, a] = gains, gains


def find_voices(
    heard: Sequence[Sequence[Embedding]],
    alone: Sequence[Passage],
    number: int | None = None,
    samples: Sequence[Sequence[Sequence[Embedding]]] = (),
) -> tuple[FoundVoice, ...]:
    """The voices, in the order in which they first speak.

    `heard`: what each source made of the sound; `alone`: where one voice is heard alone, in order of time, without
    overlap; `number`: how many voices there are, None where nobody knows. `samples`: for each person whose voice
    sample there is, what each source made of it. Gives fewer voices where there are fewer passages to tell apart;
    stray voices are left out where the number is not known."""
    sources = [_Source(windows, alone) for windows in heard]
    known = np.flatnonzero(np.any([source.weight > 0 for source in sources], axis=0)) if sources else np.zeros(0, int)
    if not len(known):  # too little to compare
        return (_voice(alone, np.zeros(len(alone)), None),) if alone else ()
    labels = _settled(sources, known, _joined(sources, known, alone, number))
    fit = _fit(sources, labels)
    people = _people(sources, labels, samples)
    found = []
    for voice in range(fit.shape[1]):
        others = np.delete(fit, voice, axis=1)
        sure = fit[:, voice] - (others.max(axis=1) if others.size else 0.0)
        mine = np.flatnonzero(labels == voice).tolist()
        found.append(_voice([alone[k] for k in mine], sure[mine], people.get(voice)))
    return tuple(sorted(found, key=lambda voice: voice.passages[0]))


def _joined(sources: Sequence[_Source], known: Labels, alone: Sequence[Passage], number: int | None) -> Labels:
    """The voice of each passage; -1: none."""
    sizes = np.array([passage.size for passage in alone])
    longest = np.sort(known[np.argsort(-sizes[known], kind="stable")[:_MOST_PASSAGES]])
    groups = _Groups(sources, longest, sizes)
    while len(groups.members) > (number or 1):
        gain, a, b = groups.best()
        if number is None and gain < 0.0 and (groups.sizes >= LEAST).sum() <= MOST_VOICES:
            break
        groups.join(a, b)
    if number is None and groups.together() > -_SEVERAL:
        groups.join_all()
    least = LEAST if number is None else 0
    kept = [m for m, size in zip(groups.members, groups.sizes, strict=True) if size >= min(least, groups.sizes.max())]
    labels = np.full(len(alone), -1, np.int64)
    for voice, members in enumerate(kept):
        labels[members] = voice
    return labels


def _settled(sources: Sequence[_Source], known: Labels, labels: Labels) -> Labels:
    """The same once every passage is where it fits best."""
    for _ in range(_ROUNDS):
        fit = _fit(sources, labels)
        moved = labels.copy()
        moved[known] = fit[known].argmax(axis=1)
        if (moved == labels).all() or len(np.unique(moved[known])) < fit.shape[1]:
            break
        labels = moved
    return labels


def _fit(sources: Sequence[_Source], labels: Labels) -> Doubles:
    """How well each passage goes with the others of each voice: the gain of joining them, (passages, voices)."""
    total = np.zeros((len(labels), int(labels.max()) + 1))
    for source in sources:
        own = source.evidence(source.weight, source.sums)
        for voice in range(total.shape[1]):
            mine = labels == voice
            weight = source.weight[mine].sum() - np.where(mine, source.weight, 0.0)
            sums = source.sums[mine].sum(axis=0) - np.where(mine[:, None], source.sums, 0.0)
            both = source.evidence(weight + source.weight, sums + source.sums)
            total[:, voice] += both - source.evidence(weight, sums) - own
    return total


def _people(
    sources: Sequence[_Source], labels: Labels, samples: Sequence[Sequence[Sequence[Embedding]]]
) -> dict[int, int]:
    """Whose voice is whose, by their samples: each voice's person, the surest first, nobody twice."""
    gains = np.zeros((int(labels.max()) + 1, len(samples)))
    for person, sample in enumerate(samples):
        for source, windows in zip(sources, sample, strict=True):
            weight, sums = source.place(windows)
            for voice in range(len(gains)):
                mine = labels == voice
                theirs, rest = source.weight[mine].sum(), source.sums[mine].sum(axis=0)
                alone = source.evidence(theirs, rest) + source.evidence(np.array(weight), sums)
                gains[voice, person] += float(source.evidence(theirs + weight, rest + sums) - alone)
    people: dict[int, int] = {}
    while gains.size and np.isfinite(gains).any():
        voice, person = divmod(int(gains.argmax()), gains.shape[1])
        people[voice] = person
        gains[voice], gains[:, person] = -np.inf, -np.inf
    return people


def _voice(passages: Sequence[Passage], sure: Doubles, person: int | None) -> FoundVoice:
    """`sure`: how surely each passage is this voice rather than another."""
    picked: list[Passage] = []
    size = 0
    for k in np.argsort(-sure, kind="stable").tolist():
        if size >= ENOUGH and (sure[k] <= 0.0 or size + passages[k].size > AMPLE):
            break
        picked.append(passages[k])
        size += passages[k].size
    whole: list[Passage] = []
    for passage in sorted(picked):
        if whole and whole[-1].end_sample == passage.first_sample:
            passage = Passage(first_sample=whole.pop().first_sample, end_sample=passage.end_sample)  # noqa: PLW2901
        whole.append(passage)
    longest = max(whole, key=lambda passage: passage.size)
    end = min(longest.end_sample, longest.first_sample + LISTEN)
    return FoundVoice(
        passages=tuple(passages),
        purest=tuple(sorted(picked)),
        listen=Passage(first_sample=longest.first_sample, end_sample=end),
        person=person,
    )
