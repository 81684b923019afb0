"""Gaussian mixtures with diagonal covariance: train one on everybody, bend it towards one person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from facilitator.hearing.values import Values

_ROUNDS_OF_MEANS, _ROUNDS = 6, 12
_LEAST_VARIANCE = 0.05  # of the variance of all data
_FEW = 1e-3
_MANY = 2000  # rows worked on at a time: what is made of them on the way is many times as large as what comes of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixture:
    """`weights` (k,), `means` (k, dimensions), `variances` (k, dimensions)."""

    weights: Values
    means: Values
    variances: Values

    def _parts(self, values: Values) -> Values:
        """Log of weight times density, shape (frames, k)."""
        precision = 1.0 / self.variances
        constant = np.log(self.weights) - 0.5 * (self.means**2 * precision + np.log(2.0 * np.pi * self.variances)).sum(
            axis=1
        )
        parts = (values * values) @ (-0.5 * precision).T
        parts += values @ (self.means * precision).T
        parts += constant
        return np.asarray(parts, np.float32)

    def log_likelihood(self, values: Values) -> Values:
        """Natural logarithm of the density at each row of `values`, shape (frames,)."""
        parts = self._parts(values)
        top = parts.max(axis=1)
        return np.asarray(top + np.log(np.exp(parts - top[:, None]).sum(axis=1)), np.float32)

    def shares(self, values: Values) -> Values:
        """How much of each row each Gaussian explains, shape (frames, k), rows summing to 1."""
        parts = self._parts(values)
        parts = np.exp(parts - parts.max(axis=1, keepdims=True))
        return np.asarray(parts / parts.sum(axis=1, keepdims=True), np.float32)

    def sums(self, values: Values) -> tuple[Values, Values, Values]:
        """The sums of `shares` (k,), of `shares` times values, and times their squares, both (k, dimensions)."""
        count = np.zeros(len(self.weights), np.float32)
        total, squares = np.zeros_like(self.means), np.zeros_like(self.means)
        for some in _pieces(values):
            shares = self.shares(some)
            count += shares.sum(axis=0)
            total += shares.T @ some
            squares += shares.T @ (some * some)
        return count, total, squares

    def adapted(self, count: Values, total: Values, relevance: float) -> Mixture:
        """The same mixture with its means moved towards data, of which these are the `sums` (maximum a posteriori
        adaptation, Reynolds 2000)."""
        mean = total / np.maximum(count, _FEW)[:, None]
        trust = (count / (count + relevance))[:, None]
        moved = trust * mean + (1.0 - trust) * self.means
        return Mixture(weights=self.weights, means=np.asarray(moved, np.float32), variances=self.variances)


def train(values: Values, size: int, seed: int = 0) -> Mixture:
    """A mixture of `size` Gaussians by expectation maximisation. The same data give the same mixture."""
    spread = values.var(axis=0) + 1e-4
    random = np.random.default_rng(seed)
    means = values[random.choice(len(values), size, replace=len(values) < size)].copy()
    for _ in range(_ROUNDS_OF_MEANS):
        away = (means * means / spread).sum(axis=1)
        nearest = np.concatenate([(away - 2.0 * (some / spread) @ means.T).argmin(axis=1) for some in _pieces(values)])
        for k in range(size):
            mine = values[nearest == k]
            if len(mine):
                means[k] = mine.mean(axis=0)
    mixture = Mixture(weights=np.full(size, 1.0 / size, np.float32), means=means, variances=np.tile(spread, (size, 1)))
    for _ in range(_ROUNDS):
        count, total, squares = mixture.sums(values)
        count = count + _FEW
        means = total / count[:, None]
        variances = squares / count[:, None] - means**2
        mixture = Mixture(
            weights=np.asarray(count / count.sum(), np.float32),
            means=means,
            variances=np.maximum(variances, _LEAST_VARIANCE * spread),
        )
    return mixture


def _pieces(values: Values) -> Iterator[Values]:
    return (values[first : first + _MANY] for first in range(0, len(values), _MANY))
