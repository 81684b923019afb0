"""Weights that are learned by Adam (Kingma and Ba 2015): of the judge of turns, and of the second last layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

DECAY, KEPT = 1e-3, 0.99

Params = dict[str, Any]
"""Arrays by their names."""


def learned(
    params: Params,
    loss: Callable[..., Any],
    batch: Callable[[], tuple[Any, ...]],
    *,
    steps: int,
    rate: float,
    warm: int,
    calm: float,
    seed: int,
) -> Params:
    """The running mean of the weights, beginning with `params`. `loss` is given weights, what `batch` gives, and a key
    of chance. The rate rises for `warm` steps and falls from a third of the way on; a gradient longer than `calm` is
    shortened."""
    slow, square = ({name: jnp.zeros_like(value) for name, value in params.items()} for _ in range(2))
    mean, gradient, key = dict(params), jax.jit(jax.value_and_grad(loss)), jax.random.PRNGKey(seed)

    @jax.jit
    def moved(params: Params, slow: Params, square: Params, found: Params, rate: Any, step: Any) -> Any:
        length = jnp.sqrt(sum((value**2).sum() for value in found.values()))
        found = {name: value * jnp.minimum(1.0, calm / length) for name, value in found.items()}
        slow = {name: 0.9 * slow[name] + 0.1 * found[name] for name in params}
        square = {name: 0.999 * square[name] + 0.001 * found[name] ** 2 for name in params}
        out = {}
        for name, value in params.items():
            pace = (slow[name] / (1 - 0.9**step)) / (jnp.sqrt(square[name] / (1 - 0.999**step)) + 1e-8)
            out[name] = value - rate * (pace + DECAY * value)
        return out, slow, square

    losses: list[float] = []
    for step in range(1, steps + 1):
        key, now = jax.random.split(key)
        wrong, found = gradient(params, *batch(), now)
        pace = rate * min(1.0, step / warm) * min(1.0, max(0.02, 1.5 * (1 - step / steps)))
        params, slow, square = moved(params, slow, square, found, pace, step)
        keep = KEPT if step > 100 else 0.0
        mean = {name: keep * mean[name] + (1 - keep) * params[name] for name in params}
        losses.append(float(wrong))
        if step % 100 == 0:
            print(f"step {step}  loss {np.mean(losses[-300:]):.4f}", flush=True)
    return mean
