"""The weights of the voice encoder CAM++: from the file that was published to the one that is used.

What a batch normalisation does is worked into the weights beside it, once, when the model is installed: the file that
results is one row of numbers in the order of `shapes`, which is mapped and not read.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facilitator.errors import ModelError
from facilitator.hearing.values import Values

BANDS, NUMBERS = 80, 192
CHANNELS, GROWN, INNER, _GATE = 32, 32, 128, 64
BLOCKS = ((12, 1, 128), (24, 2, 256), (16, 2, 512))
"""Layers, distance of the taps in frames of 20 ms, and channels that come in."""
RESIDUAL = (("layer1.0", 2), ("layer1.1", 1), ("layer2.0", 2), ("layer2.1", 1))
"""Residual blocks of the front part, and by how much each thins the bands out."""

Exact = NDArray[np.float64]
CampplusWeights = Mapping[str, Values]


# --- the file ------------------------------------------------------------------------------------------------------


@cache
def shapes() -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Every array of weights, in the order of the file."""
    return tuple(_shapes())


def _shapes() -> Iterator[tuple[str, tuple[int, ...]]]:
    yield from (("first", (9, CHANNELS)), ("first.bias", (CHANNELS,)))
    for name, thins in RESIDUAL:
        for conv in ("a", "b"):
            yield f"{name}.{conv}", (9 * CHANNELS, CHANNELS)
            yield f"{name}.{conv}.bias", (CHANNELS,)
        if thins > 1:
            yield f"{name}.short", (CHANNELS, CHANNELS)
    yield from (("last", (9 * CHANNELS, CHANNELS)), ("last.bias", (CHANNELS,)))
    yield from (("along", (5 * BANDS // 8 * CHANNELS, INNER)), ("along.bias", (INNER,)))
    for number, (layers, _, width) in enumerate(BLOCKS):
        for layer in range(layers):
            name, seen = f"{number}.{layer}", width + layer * GROWN
            yield from ((f"{name}.low", (seen,)), (f"{name}.high", (seen,)))
            yield from ((f"{name}.in", (seen, INNER)), (f"{name}.in.bias", (INNER,)))
            yield f"{name}.local", (3 * INNER, GROWN)
            yield from ((f"{name}.gate", (INNER, _GATE)), (f"{name}.gate.bias", (_GATE,)))
            yield from ((f"{name}.open", (_GATE, GROWN)), (f"{name}.open.bias", (GROWN,)))
        seen = width + layers * GROWN
        yield from ((f"{number}.low", (seen,)), (f"{number}.high", (seen,)))
        yield from ((f"{number}.out", (seen, seen // 2)), (f"{number}.out.bias", (seen // 2,)))
    yield from (("voice", (2 * BLOCKS[-1][2], NUMBERS)), ("voice.bias", (NUMBERS,)))


def flat(weights: CampplusWeights) -> Values:
    """All weights in one row, for the file."""
    return np.concatenate([weights[name].reshape(-1) for name, _ in shapes()])


def unflat(row: Values) -> dict[str, Values]:
    """The weights in a row, as views of it. Raises ValueError where it has not the right length."""
    found, at = {}, 0
    if row.shape != (sum(math.prod(shape) for _, shape in shapes()),) or row.dtype != np.float32:
        raise ValueError("it does not hold the right number of weights")
    for name, shape in shapes():
        size = math.prod(shape)
        found[name] = row[at : at + size].reshape(shape)
        at += size
    return found


def load(path: Path) -> dict[str, Values]:
    """The weights in the file that `write` made; mapped, so that what is not used costs nothing. Raises ModelError."""
    try:
        return unflat(np.load(path, mmap_mode="r", allow_pickle=False))
    except (OSError, ValueError, EOFError, RecursionError, MemoryError, OverflowError) as error:
        # what numpy says here is advice for programmers, and bad advice for everybody else
        raise ModelError(
            f"The model file {path} cannot be used, as it is damaged; type: facilitator models install voice-encoder"
        ) from error


# --- from the publisher's weights ----------------------------------------------------------------------------------


def folded(state: Mapping[str, NDArray[np.float32]]) -> dict[str, Values]:
    """The weights as they are used, from those that were published. Raises ModelError where one is missing or of
    another shape."""
    try:
        made = dict(_folded({name: values.astype(np.float64) for name, values in state.items()}))
        return {name: np.asarray(made[name].reshape(shape), np.float32) for name, shape in shapes()}
    except KeyError as missing:
        raise ModelError(f"The model is no CAM++ voice encoder: {missing} is missing in it.") from missing
    except ValueError as wrong:
        raise ModelError(f"The model is no CAM++ voice encoder of this size: {wrong}.") from wrong


def _norm(state: Mapping[str, Exact], name: str) -> tuple[Exact, Exact]:
    """Factor and summand of a batch normalisation."""
    mean, variance = state[f"{name}.running_mean"], state[f"{name}.running_var"]
    factor = state.get(f"{name}.weight", np.ones_like(mean)) / np.sqrt(variance + 1e-5)
    return factor, state.get(f"{name}.bias", np.zeros_like(mean)) - mean * factor


def _picture(state: Mapping[str, Exact], conv: str, norm: str) -> tuple[Exact, Exact]:
    """A convolution of the front part with what follows it, as (bands x frames x channels, channels)."""
    factor, summand = _norm(state, norm)
    return (state[f"{conv}.weight"].transpose(2, 3, 1, 0) * factor).reshape(-1, CHANNELS), summand


def _clipped(state: Mapping[str, Exact], norm: str, linear: str) -> Iterator[tuple[str, Exact]]:
    """max(0, a x + b) W is max(x, -b / a) a W + b W where a is positive, and where it is negative min in place of max:
    two limits, a product and a summand, in place of a normalisation."""
    factor, summand = _norm(state, norm)
    weight = state[f"{linear}.weight"][:, :, 0].T
    edge = -summand / np.where(factor == 0.0, 1.0, factor)
    yield "low", np.where(factor > 0.0, edge, -np.inf)
    yield "high", np.where(factor < 0.0, edge, np.inf)
    yield "weight", weight * factor[:, None]
    yield "summand", np.where(factor == 0.0, np.maximum(summand, 0.0), summand) @ weight


def _folded(state: Mapping[str, Exact]) -> Iterator[tuple[str, Exact]]:
    def both(name: str, found: tuple[Exact, Exact]) -> Iterator[tuple[str, Exact]]:
        yield from ((name, found[0]), (f"{name}.bias", found[1]))

    yield from both("first", _picture(state, "head.conv1", "head.bn1"))
    for name, thins in RESIDUAL:
        place = f"head.{name}"
        yield from both(f"{name}.a", _picture(state, f"{place}.conv1", f"{place}.bn1"))
        weight, bias = _picture(state, f"{place}.conv2", f"{place}.bn2")
        if thins > 1:
            factor, summand = _norm(state, f"{place}.shortcut.1")
            yield f"{name}.short", state[f"{place}.shortcut.0.weight"][:, :, 0, 0].T * factor
            bias = bias + summand
        yield from both(f"{name}.b", (weight, bias))
    yield from both("last", _picture(state, "head.conv2", "head.bn2"))
    factor, summand = _norm(state, "xvector.tdnn.nonlinear.batchnorm")
    along = state["xvector.tdnn.linear.weight"].reshape(INNER, CHANNELS, BANDS // 8, 5).transpose(3, 2, 1, 0)
    yield from both("along", (along.reshape(-1, INNER) * factor, summand))
    for number, (layers, _, _) in enumerate(BLOCKS):
        for layer in range(layers):
            name, place = f"{number}.{layer}", f"xvector.block{number + 1}.tdnnd{layer + 1}"
            yield from _folded_layer(state, name, place)
        place = f"xvector.transit{number + 1}"
        parts = dict(_clipped(state, f"{place}.nonlinear.batchnorm", f"{place}.linear"))
        weight, bias = parts["weight"], parts["summand"]
        if number == len(BLOCKS) - 1:
            factor, summand = _norm(state, "xvector.out_nonlinear.batchnorm")
            weight, bias = weight * factor, bias * factor + summand
        yield from ((f"{number}.low", parts["low"]), (f"{number}.high", parts["high"]))
        yield from both(f"{number}.out", (weight, bias))
    factor, summand = _norm(state, "xvector.dense.nonlinear.batchnorm")
    yield from both("voice", (state["xvector.dense.linear.weight"][:, :, 0].T * factor, summand))


def _folded_layer(state: Mapping[str, Exact], name: str, place: str) -> Iterator[tuple[str, Exact]]:
    parts = dict(_clipped(state, f"{place}.nonlinear1.batchnorm", f"{place}.linear1"))
    factor, summand = _norm(state, f"{place}.nonlinear2.batchnorm")
    yield from ((f"{name}.low", parts["low"]), (f"{name}.high", parts["high"]))
    yield from ((f"{name}.in", parts["weight"] * factor), (f"{name}.in.bias", parts["summand"] * factor + summand))
    gates = f"{place}.cam_layer"
    yield f"{name}.local", state[f"{gates}.linear_local.weight"].transpose(2, 1, 0)
    # The context is the mean of the window plus that of the stretch of 2 s; in windows up to 2 s they are the same.
    yield f"{name}.gate", 2.0 * state[f"{gates}.linear1.weight"][:, :, 0].T
    yield f"{name}.gate.bias", state[f"{gates}.linear1.bias"]
    yield from (
        (f"{name}.open", state[f"{gates}.linear2.weight"][:, :, 0].T),
        (f"{name}.open.bias", state[f"{gates}.linear2.bias"]),
    )
