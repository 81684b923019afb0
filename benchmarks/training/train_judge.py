"""Makes `facilitator/hearing/diarization/turn_judge.npz`, the weights of the judge of turns beside it.

    pip install jax scipy soundfile pyroomacoustics
    facilitator models install
    python -m benchmarks.training.train_judge MATERIAL --models DIR --work DIR [--recordings 50] [--steps 3000]

MATERIAL is described in `train_fusion_data.py`. Of its voices only those are taken of which there are less than 45 s:
the learned voices, to which the judge listens, were trained on the others, and are surer of these than of anybody else.
Recordings are generated once into DIR, as for `train_second_head.py`, and heard once by the program's pipeline (about
20 s each on one core); training takes some minutes. At the end it prints how the judge alone, without the decoder,
does on recordings of voices and meetings that were not trained on.

The weights that come with the program are of 3,000 steps on 127 recordings, the first that were heard. Of the 26 that
were all there was before, they are learned by heart after 1,400 steps; of 127, after 6,000 it is worse again where the
learned voices have spoken, though better while people talk.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import minimize

from benchmarks.training.adam import Params, learned
from benchmarks.training.train_judge_data import Piece, asked, kept, recordings
from facilitator.hearing.diarization.turn_features import ALL, EACH, TurnFeatures
from facilitator.hearing.diarization.turn_judge import DILATIONS, judged, over_others
from facilitator.hearing.values import Values

CHUNK, MANY = 300, 8
"""Steps of a talk that are looked at together, and such pieces at once."""
WIDTH = 32
UNHEARD, NO_LIKENESS, END = 0.5, 0.04, 0.6
"""How often the learned voices, or the likeness, are left out, and a piece ends where what is known ends."""
DROPPED, CALM = 0.1, 2.0


def _new(key: Any, beginning: Values) -> Params:
    keys = iter(jax.random.split(key, 4 * len(DILATIONS)))

    def linear(name: str, inputs: int, outputs: int) -> Params:
        scale = 0.7 * np.sqrt(2.0 / inputs)
        values = jax.random.normal(next(keys), (inputs, outputs)) * scale
        return {f"{name}.weight": values, f"{name}.bias": jnp.zeros(outputs)}

    found = linear("inp", 2 * EACH + ALL, WIDTH) | linear("out", WIDTH, 1)
    found["skip.weight"], found["out.bias"] = jnp.asarray(beginning[:-1, None]), jnp.asarray(beginning[-1:])
    found["out.weight"] = jnp.zeros_like(found["out.weight"])
    for layer in range(len(DILATIONS)):
        found |= linear(f"conv.{layer}", 3 * WIDTH, WIDTH) | linear(f"pool.{layer}", 2 * WIDTH, WIDTH)
    return found


def _beginning(seen: Values, speaking: Values) -> Values:
    """The best weights for what is told of one step by itself (logistic regression), the last of them added to all:
    what is learned of other steps begins from there. `seen` (rows, numbers), `speaking` (rows,)."""
    rows = np.concatenate([seen, np.ones((len(seen), 1), np.float32)], axis=1)

    def wrong(weights: Values) -> tuple[float, Values]:
        said = rows @ weights.astype(np.float32)
        cost = np.maximum(said, 0) - said * speaking + np.log1p(np.exp(-np.abs(said)))
        slope = rows.T @ (1 / (1 + np.exp(-said)) - speaking) / len(rows)
        return float(cost.mean()), slope.astype(np.float64)

    found = minimize(wrong, np.zeros(rows.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 150})
    return np.asarray(found.x, np.float32)


def _said(params: Params, seen: Any, key: Any) -> Any:
    """Log odds of each voice in each step; `seen` (steps, voices, numbers). As `turn_judge.judged`, but for what is
    left out by chance."""
    rows = jax.nn.relu(seen @ params["inp.weight"] + params["inp.bias"])
    for layer, dilation in enumerate(DILATIONS):
        key, now = jax.random.split(key)
        left = rows * jax.random.bernoulli(now, 1.0 - DROPPED, (1, *rows.shape[1:])) / (1.0 - DROPPED)
        around = jnp.pad(left, ((dilation, dilation), (0, 0), (0, 0)))
        taps = jnp.concatenate([around[tap * dilation : tap * dilation + len(rows)] for tap in range(3)], axis=-1)
        change = taps @ params[f"conv.{layer}.weight"] + params[f"conv.{layer}.bias"]
        together = jnp.concatenate([rows.mean(axis=1), rows.max(axis=1)], axis=-1)
        shared = together @ params[f"pool.{layer}.weight"] + params[f"pool.{layer}.bias"]
        rows = rows + jax.nn.relu(change + shared[:, None])
    return (rows @ params["out.weight"] + params["out.bias"] + seen @ params["skip.weight"])[..., 0]


def _loss(params: Params, seen: Any, speaking: Any, key: Any) -> Any:
    said = jax.vmap(_said, (None, 0, 0))(params, seen, jax.random.split(key, MANY))
    wrong = jnp.maximum(said, 0) - said * speaking + jnp.log1p(jnp.exp(-jnp.abs(said)))
    return wrong.sum(axis=-1).mean()


class Material:
    """Pieces of talks, and batches of as many voices each."""

    def __init__(self, pieces: Sequence[Piece], seed: int) -> None:
        self._all = [piece for piece in pieces if len(piece.speaking) >= CHUNK // 2]
        self._rng = np.random.default_rng(seed)
        self._groups: dict[int, list[int]] = {}
        for number, piece in enumerate(self._all):
            self._groups.setdefault(piece.speaking.shape[1], []).append(number)

    def steps(self) -> tuple[Values, Values]:
        """Steps by themselves, with and without the learned voices: what is seen of a voice, and whether it speaks."""
        parts = [self._part(number) for number in range(len(self._all))]
        width = parts[0][0].shape[-1]
        seen = np.concatenate([seen.reshape(-1, width) for seen, _ in parts])
        return seen, np.concatenate([speaking.ravel() for _, speaking in parts])

    def batch(self) -> tuple[Values, Values]:
        first = self._all[int(self._rng.integers(len(self._all)))]
        chosen = self._rng.choice(self._groups[first.speaking.shape[1]], MANY)
        parts = [self._part(int(number)) for number in chosen]
        seen, speaking = (np.stack(part) for part in zip(*parts, strict=True))
        return seen, speaking

    def _part(self, number: int) -> tuple[Values, Values]:
        rng, piece = self._rng, self._all[number]
        last = len(piece.speaking) - CHUNK
        begin = max(0, last) if not piece.over and rng.random() < END else int(rng.integers(0, max(1, last + 1)))
        each, everyone = (part[begin : begin + CHUNK].astype(np.float32) for part in (piece.each, piece.all))
        if rng.random() < UNHEARD:
            each[..., 6], everyone[:, 5] = 0.0, 0.0
        if rng.random() < NO_LIKENESS:
            each[..., 4:6], everyone[:, 4] = 0.0, 0.0
        order, short = rng.permutation(each.shape[1]), max(0, CHUNK - len(each))
        told = np.broadcast_to(everyone[:, None], (*each.shape[:2], ALL))
        seen = np.concatenate([each, over_others(each), told], axis=-1)[:, order]
        speaking = piece.speaking[begin : begin + CHUNK, order].astype(np.float32)
        return np.pad(seen, ((short, 0), (0, 0), (0, 0))), np.pad(speaking, ((short, 0), (0, 0)))


def learn(material: Material, steps: int, rate: float, seed: int) -> Params:
    params = _new(jax.random.PRNGKey(seed), _beginning(*material.steps()))
    return learned(params, _loss, material.batch, steps=steps, rate=rate, warm=50, calm=CALM, seed=seed)


def to_numpy(params: Params) -> dict[str, Any]:
    """In half precision; convolutions as (taps, inputs, outputs)."""
    out = {name: np.asarray(value, np.float16) for name, value in params.items()}
    for name in [name for name in out if name.startswith("conv.") and name.endswith("weight")]:
        out[name] = out[name].reshape(3, WIDTH, WIDTH)
    return out


def errors(pieces: Sequence[Piece], weights: dict[str, Values], *, over: bool, learned: bool) -> str:
    """Missed, false and confused speech, per cent of all, where the likelier is believed."""
    wrong, spoken = np.zeros(3), 0.0
    for piece in pieces:
        if piece.over != over:
            continue
        each, everyone = piece.each.astype(np.float32), piece.all.astype(np.float32)
        if not learned:
            each[..., 6], everyone[:, 5] = 0.0, 0.0
        said, truth = judged(TurnFeatures(each=each, all=everyone), weights) > 0, piece.speaking > 0.5
        told, true, both = said.sum(axis=1), truth.sum(axis=1), (said & truth).sum(axis=1)
        rest = np.minimum(told, true) - both
        wrong += [np.maximum(true - told, 0).sum(), np.maximum(told - true, 0).sum(), rest.sum()]
        spoken += true.sum()
    return "missed {:.1f} false {:.1f} confused {:.1f}".format(*(100 * wrong / max(1.0, spoken)))


def main() -> None:
    a = asked(__doc__, Path("turn_judge.npz"), recordings=50, steps=3000, rate=3e-3, seed=401)
    pieces: dict[str, list[Piece]] = {}
    for name, count in (("learn", a.recordings), ("check", a.check)):
        homes = recordings(a.material, a.work / name, count, a.length)
        pieces[name] = [piece for one in homes for piece in kept(one, a.models, a.seed)]
    np.savez_compressed(a.out, **to_numpy(learn(Material(pieces["learn"], a.seed), a.steps, a.rate, a.seed)))
    with np.load(a.out) as stored:
        weights = {name: stored[name].astype(np.float32) for name in stored.files}
    print("while people talk      ", errors(pieces["check"], weights, over=False, learned=False))
    print("over, without learned  ", errors(pieces["check"], weights, over=True, learned=False))
    print("over                   ", errors(pieces["check"], weights, over=True, learned=True))


if __name__ == "__main__":
    main()
