"""A small trained network that says who speaks, from sound features and voice-sample likelihoods.

It is shared by all people: for each of them it sees how well the last moments fit the person's
mixture (log-likelihood ratios), how well a learned description of the sound fits a learned
description of the person's voice sample, and what other sources say where there are any (`Others`); what the others
get reaches it only as a mean and a maximum. So it works for any number of people, in any order, with any of
the sources missing, and for voices it never heard.

`benchmarks/training/train_fusion.py` made the weights. Everything here is convolution over time, in numpy,
with a bounded look-ahead: the network `live` knows a moment 0.6 s after it, `final` 3.6 s after it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from facilitator.hearing.signal.features import BANDS, FRAMES_A_STEP, Frames
from facilitator.hearing.signal.levels import loud_enough

NetworkWeights = Mapping[str, Frames]
Kind = Literal["final", "live"]

_CLIP = 6.0
_SMOOTH = (1, 3, 9, 15)  # steps averaged over; odd
_ENCODER_DILATIONS = (1, 2, 4)
_DILATIONS = (1, 2, 4, 8, 16, 32)
_AHEAD: dict[Kind, tuple[int, ...]] = {"final": _DILATIONS, "live": (1, 2, 0, 0, 0, 0)}
_LOUD_DB = 25.0
_MOST_ODDS = 9.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Others:
    """What other sources say of some steps: `each` (steps, people, 2), the sum of their log odds that the person
    speaks, and the chance that a segmentation gives; `all` (steps, 5), its chances that a guest speaks, anyone, and
    two at once, then 1 where there were log odds and 1 where there was a segmentation, else 0."""

    each: Frames
    all: Frames

    @classmethod
    def of(cls, odds: Frames | None, local: Frames | None, steps: int, people: int) -> Others:
        """From the sum of the sources' log odds, shape (steps, people) or wider, and what `local_speakers` gives,
        (steps, people + 3); None where there is none."""
        each, everyone = np.zeros((steps, people, 2), np.float32), np.zeros((steps, 5), np.float32)
        if odds is not None:
            each[:, :, 0] = np.clip(odds[:, :people], -_MOST_ODDS, _MOST_ODDS) / 3.0
            everyone[:, 3] = 1.0
        if local is not None:
            each[:, :, 1] = local[:, :people]
            everyone[:, :3] = local[:, people:]
            everyone[:, 4] = 1.0
        return cls(each=each, all=everyone)

    def after(self, steps: int) -> Others:
        """The same behind so many steps of which nothing is known."""
        return Others(each=_behind(self.each, steps), all=_behind(self.all, steps))

    def part(self, steps: slice) -> Others:
        return Others(each=self.each[steps], all=self.all[steps])


def _behind(rows: Frames, count: int) -> Frames:
    return np.concatenate([np.zeros((count, *rows.shape[1:]), np.float32), rows])


def _relu(values: Frames) -> Frames:
    return np.maximum(values, np.float32(0.0))


def _sigmoid(values: Frames) -> Frames:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(values, -30.0, 30.0))), np.float32)


class _Window:
    """Rows come in pieces of any length; out come runs of rows with their whole surroundings.

    `size` rows make one result, the first result begins `before` rows before the first row (zeros
    stand there and after the last row), and each result begins `stride` rows after the one before."""

    def __init__(self, size: int, before: int, stride: int = 1) -> None:
        self.size, self.before, self.stride = size, before, stride
        self._kept: Frames | None = None

    def feed(self, rows: Frames, last: bool) -> tuple[Frames, int]:
        """Rows, and the number of results that can be made from them."""
        after = self.size - self.before - self.stride if last else 0
        kept = np.zeros((self.before, *rows.shape[1:]), np.float32) if self._kept is None else self._kept
        held = np.concatenate([kept, rows, np.zeros((after, *rows.shape[1:]), np.float32)])
        count = max(0, (len(held) - self.size) // self.stride + 1)
        self._kept = held[count * self.stride :]
        return held, count


class _Convolution:
    """A convolution over the first axis; the kernel's shape is (taps, inputs, outputs)."""

    def __init__(self, weights: NetworkWeights, name: str, *, dilation: int = 1, ahead: int, stride: int = 1) -> None:
        self._kernel, self._bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
        self._dilation = dilation
        span = (len(self._kernel) - 1) * dilation
        self._window = _Window(span + 1, span - ahead, stride)

    def feed(self, rows: Frames, last: bool) -> tuple[Frames, Frames]:
        """(results, the rows they stand for): as many of each as the future that has come allows."""
        held, count = self._window.feed(rows, last)
        stride, before = self._window.stride, self._window.before
        taps = [
            held[tap * self._dilation : tap * self._dilation + (count - 1) * stride + 1 : stride]
            for tap in range(len(self._kernel) if count else 0)
        ]
        if not taps:
            return np.zeros((0, *rows.shape[1:-1], len(self._bias)), np.float32), held[:0]
        together = self._kernel.reshape(-1, len(self._bias))
        out = np.asarray(np.concatenate(taps, axis=-1) @ together + self._bias, np.float32)
        return out, held[before : before + count]


class _Encoder:
    """Frames of 10 ms -> a description of every 50 ms, from the 0.45 s on both sides of it."""

    def __init__(self, weights: NetworkWeights) -> None:
        self._first = _Convolution(weights, "enc.c1", ahead=2)
        self._second = _Convolution(weights, "enc.c2", ahead=6, stride=FRAMES_A_STEP)
        self._rest = [
            _Convolution(weights, f"enc.res.{k}", dilation=d, ahead=d) for k, d in enumerate(_ENCODER_DILATIONS)
        ]
        self._weights = weights

    def feed(self, frames: Frames, last: bool) -> Frames:
        rows, _ = self._first.feed(frames, last)
        rows, _ = self._second.feed(_relu(rows), last)
        rows = _relu(rows)
        for convolution in self._rest:
            change, same = convolution.feed(rows, last)
            rows = same + _relu(change)
        return _linear(self._weights, "enc.o", rows)


def _linear(weights: NetworkWeights, name: str, rows: Frames) -> Frames:
    return np.asarray(rows @ weights[f"{name}.weight"] + weights[f"{name}.bias"], np.float32)


def _over_others(scores: Frames) -> Frames:
    """Each person's score minus the best of the others', shape (steps, people, ...)."""
    if scores.shape[1] < 2:
        return scores
    top = np.sort(scores, axis=1)
    best = np.where(scores >= top[:, -1:], top[:, -2:-1], top[:, -1:])
    return np.asarray(scores - best, np.float32)


def _mean_and_max(rows: Frames) -> Frames:
    return np.concatenate([rows.mean(axis=1), rows.max(axis=1)], axis=-1)


class Fusion:
    """Who speaks in every step of 50 ms: a probability for each person, and one for somebody else.

    `frames` are those of `features.frames`; `ratios` are log-likelihood ratios of each person's
    mixture to the background, shape (frames, people), in the order of `samples`."""

    def __init__(
        self, weights: NetworkWeights, kind: Kind, samples: Sequence[Frames], kept: Sequence[Frames | None] = ()
    ) -> None:
        """`samples`: the frames of each person's voice sample, at least 1 s each. `kept`: where a person's description
        is known from before, that; it then counts as much as the sample."""
        self._weights, self._kind = weights, kind
        loud = []
        for sample in samples:
            level = 4.343 * np.log(np.exp(sample[:, :BANDS]).sum(axis=1))
            loud.append(sample[loud_enough(level, _LOUD_DB), :BANDS])
        self._centre = np.concatenate(loud).mean(axis=0)
        found = [self.description(sample) for sample in samples]
        for k, known in enumerate(kept):
            if known is not None:
                found[k] = (found[k] + known) / np.float32(2.0)
        self._voices = np.stack(found)
        self._others = self._voices - self._voices.mean(axis=0)
        self._encoder = _Encoder(weights)
        self._ratio_window = _Window(FRAMES_A_STEP, 0, FRAMES_A_STEP)
        self._smoothing = _Window(_SMOOTH[-1], _SMOOTH[-1] // 2)
        self._waiting: tuple[Frames, ...] = ()  # rows of each input for which the others have not come yet
        self._layers = [
            _Convolution(weights, f"{kind}.conv.{k}", dilation=d, ahead=a)
            for k, (d, a) in enumerate(zip(_DILATIONS, _AHEAD[kind], strict=True))
        ]

    def _prepared(self, frames: Frames) -> Frames:
        return np.concatenate([(frames[:, :BANDS] - self._centre) / 3.0, frames[:, BANDS:] * 3.0], axis=1)

    def description(self, sample: Frames) -> Frames:
        """What the network makes of a voice: pieces of one voice point the same way, shape (numbers,)."""
        whole = len(sample) // FRAMES_A_STEP * FRAMES_A_STEP
        rows = _Encoder(self._weights).feed(self._prepared(sample[:whole]), last=True)
        attention = _linear(self._weights, "att", rows)[:, 0]
        share = np.exp(attention - attention.max())
        return _linear(self._weights, "k", (share / share.sum()) @ rows)

    def feed(self, frames: Frames, ratios: Frames, others: Others, last: bool = False) -> NDArray[np.float32]:
        """The steps that these frames complete, in order and without gaps, shape (steps, people + 1).

        `others` are the next steps' too, but need not be as many: a step is judged once all has come that it
        takes. The last column is somebody who is not enrolled. `last` also gives the steps that were still
        waiting for what comes after them; nothing may follow it."""
        described = self._encoder.feed(self._prepared(frames), last)
        held, count = self._ratio_window.feed(np.clip(ratios, -_CLIP, _CLIP), last=False)
        steps = held[: count * FRAMES_A_STEP].reshape(count, FRAMES_A_STEP, ratios.shape[1]).mean(axis=1) / 3.0
        return self._decide(self._together(described, self._smoothed(steps, last), others.each, others.all), last)

    def _smoothed(self, steps: Frames, last: bool) -> Frames:
        """Means over the windows of `_SMOOTH` around each step, shape (steps, people, windows)."""
        held, count = self._smoothing.feed(steps, last)
        middle, out = _SMOOTH[-1] // 2, np.empty((count, steps.shape[1], len(_SMOOTH)), np.float32)
        total = np.concatenate([np.zeros((1, steps.shape[1])), np.cumsum(held, axis=0, dtype=np.float64)])
        for k, size in enumerate(_SMOOTH):
            first = middle - size // 2
            out[:, :, k] = (total[first + size : first + size + count] - total[first : first + count]) / size
        return out

    def _together(self, *new: Frames) -> tuple[Frames, ...]:
        """The steps for which every input has come; the rest waits."""
        held = self._waiting or tuple(rows[:0] for rows in new)
        inputs = [np.concatenate(pair) for pair in zip(held, new, strict=True)]
        count = min(len(rows) for rows in inputs)
        self._waiting = tuple(rows[count:] for rows in inputs)
        return tuple(rows[:count] for rows in inputs)

    def _decide(self, inputs: tuple[Frames, ...], last: bool) -> Frames:
        described, rated, each, everyone = inputs
        query = _linear(self._weights, "q", described)[:, None]
        common = np.concatenate([_linear(self._weights, "com", described), everyone], axis=-1)[:, None]
        common = np.broadcast_to(common, (len(described), len(self._voices), common.shape[-1]))
        told = np.concatenate([rated, each], axis=-1)
        seen = np.concatenate([query * self._voices, query * self._others, common, told, _over_others(told)], axis=-1)
        rows = _relu(_linear(self._weights, f"{self._kind}.inp", seen))
        for k, layer in enumerate(self._layers):
            change, same = layer.feed(rows, last)
            shared = _linear(self._weights, f"{self._kind}.pool.{k}", _mean_and_max(same))
            rows = same + _relu(change + shared[:, None])
        each = _linear(self._weights, f"{self._kind}.out", rows)[..., 0]
        hidden = _relu(_linear(self._weights, f"{self._kind}.guest.0", _mean_and_max(rows)))
        other = _linear(self._weights, f"{self._kind}.guest.2", hidden)
        return _sigmoid(np.concatenate([each, other], axis=1))
