"""Makes `facilitator/backends/models/second_head.npz`, the weights of the second last layer of the segmentation.

    pip install jax scipy soundfile pyroomacoustics
    facilitator models install
    python -m benchmarks.training.train_second_head MATERIAL --models DIR --work DIR [--recordings 150] [--steps 5000]

MATERIAL is described in `train_fusion_data.py`. Recordings are generated into DIR: twice as many as are asked for with
people who are not always as loud, and once as many with people who are. The weights that come with the program are of
366 recordings, which take two hours on one core, and the training five minutes. Each is heard in windows of ten
seconds, five apart. A window does not know its speakers' names, so they may stand in any order in what it says
(permutation-invariant training, Yu and others 2017). At the end it prints, of recordings of voices and meetings that
were not trained on, the speech that is missed and that is none, and how much of the time of two at once is missed, as
the network itself says it, as this layer does, and as both together.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import soundfile
from numpy.typing import NDArray

from benchmarks.training.adam import Params, learned
from benchmarks.training.train_judge_data import asked, recordings
from facilitator.backends.models.onnx_segmentation import FILE, WINDOW_STEPS, by_steps
from facilitator.backends.models.second_head import DILATIONS, log_odds
from facilitator.backends.models.segmentation_network import CLASSES, HIDDEN, Segmentation3, chances
from facilitator.hearing.diarization.hmm import RELATIVE
from facilitator.hearing.signal.audio import mono
from facilitator.hearing.signal.features import FRAMES_A_STEP, STEP
from facilitator.hearing.speaker.local_speakers import LOCAL, PAIRS
from facilitator.hearing.values import Values

APART = 100
"""Steps from one window to the next."""
WIDTH, MANY = 48, 16
DROPPED, CALM = 0.1, 1.0
ORDERS = np.array(
    [
        [
            0,
            *(1 + k for k in order),
            *(4 + PAIRS.index((min(order[a], order[b]), max(order[a], order[b]))) for a, b in PAIRS),
        ]
        for order in permutations(range(LOCAL))
    ]
)
"""Where each class stands when the local speakers stand in another order."""


def hidden(home: Path, models: Path) -> tuple[NDArray[np.float16], NDArray[np.int64]]:
    """What the last layer is given in all windows, and their first steps; once and for all, kept beside the
    recording."""
    path = home / "hidden.npz"
    if not path.exists():
        sound = mono(soundfile.read(home / "conversation.flac", dtype="float32", always_2d=True)[0])
        size = WINDOW_STEPS * STEP
        firsts = np.arange(-WINDOW_STEPS // 2, len(sound) // STEP, APART)
        around = np.pad(sound, size)
        pieces = (around[size + first * STEP : 2 * size + first * STEP] for first in firsts.tolist())
        network = Segmentation3(models / "segmentation" / FILE)
        frames = (network.hidden(network.filtered(piece)[None], piece[None]) for piece in pieces)
        np.savez(path, hidden=np.concatenate([by_steps(one).astype(np.float16) for one in frames]), firsts=firsts)
    with np.load(path) as stored:
        return stored["hidden"], stored["firsts"]


def lessons(home: Path, models: Path) -> tuple[NDArray[np.float16], NDArray[np.float16]]:
    """Windows of the talk, (windows, steps, HIDDEN), and how much of each step each class is, (windows, steps, 7).

    Of more than three in a window those who speak most are taken, and two of those who speak at once."""
    seen, firsts = hidden(home, models)
    truth = json.loads((home / "truth.json").read_text())
    rows = [*truth["opening"], *truth["speech"]]
    names = sorted({str(row["person"]) for row in rows})
    wide = WINDOW_STEPS * FRAMES_A_STEP
    frames = np.zeros(((int(firsts[-1]) + 2 * WINDOW_STEPS) * FRAMES_A_STEP + 2 * wide, len(names)), bool)
    for row in rows:
        begin, end = wide + round(row["start"] * 100), wide + round(row["end"] * 100)
        frames[begin:end, names.index(str(row["person"]))] = True
    first, last = int(truth["scored_from"] * 20), int(max(row["end"] for row in truth["speech"]) * 20) + 20
    inside = [k for k, at in enumerate(firsts.tolist()) if first <= at <= last - WINDOW_STEPS]
    found = np.zeros((len(inside), WINDOW_STEPS, CLASSES), np.float16)
    for into, at in zip(found, firsts[inside].tolist(), strict=True):
        spoken = frames[wide + at * FRAMES_A_STEP :][:wide]
        most = spoken[:, np.argsort(-spoken.sum(axis=0), kind="stable")[:LOCAL]]
        most = np.pad(most, ((0, 0), (0, LOCAL - most.shape[1])))
        most &= most.cumsum(axis=1) <= 2
        steps = most.reshape(WINDOW_STEPS, FRAMES_A_STEP, LOCAL)
        count = steps.sum(axis=-1)
        into[:, 0] = (count == 0).mean(axis=-1)
        for k in range(LOCAL):
            into[:, 1 + k] = ((count == 1) & steps[..., k]).mean(axis=-1)
        for k, (a, b) in enumerate(PAIRS):
            into[:, 1 + LOCAL + k] = (steps[..., a] & steps[..., b]).mean(axis=-1)
    return seen[inside], found


def gathered(homes: Sequence[Path], models: Path) -> tuple[NDArray[np.float16], NDArray[np.float16]]:
    parts = [lessons(home, models) for home in homes]
    return np.concatenate([seen for seen, _ in parts]), np.concatenate([truth for _, truth in parts])


def _new(key: Any, last: tuple[Values, Values]) -> Params:
    """It begins as the network's own `last` layer."""
    keys = iter(jax.random.split(key, len(DILATIONS) + 1))

    def linear(name: str, inputs: int, outputs: int, scale: float) -> Params:
        values = jax.random.normal(next(keys), (inputs, outputs)) * scale / np.sqrt(inputs)
        return {f"{name}.weight": values, f"{name}.bias": jnp.zeros(outputs)}

    found = linear("inp", HIDDEN, WIDTH, 1.0)
    for layer in range(len(DILATIONS)):
        found |= linear(f"conv.{layer}", 3 * WIDTH, WIDTH, 0.7)
    found |= {"out.weight": jnp.zeros((WIDTH, CLASSES)), "out.bias": jnp.zeros(CLASSES)}
    return found | {"skip.weight": jnp.asarray(last[0]), "skip.bias": jnp.asarray(last[1])}


def _said(params: Params, seen: Any, key: Any) -> Any:
    """As `second_head.log_odds`, but for what is left out by chance."""

    def left(rows: Any, now: Any) -> Any:
        some = jax.random.bernoulli(now, 1.0 - DROPPED, (len(rows), 1, rows.shape[2]))
        return rows * some / (1.0 - DROPPED)

    keys = jax.random.split(key, 1 + len(DILATIONS))
    rows = jax.nn.relu(left(seen, keys[0]) @ params["inp.weight"] + params["inp.bias"])
    for layer, dilation in enumerate(DILATIONS):
        around = jnp.pad(left(rows, keys[1 + layer]), ((0, 0), (dilation, dilation), (0, 0)))
        taps = jnp.concatenate([around[:, tap * dilation :][:, : seen.shape[1]] for tap in range(3)], axis=-1)
        rows = rows + jax.nn.relu(taps @ params[f"conv.{layer}.weight"] + params[f"conv.{layer}.bias"])
    return rows @ params["out.weight"] + params["out.bias"] + seen @ params["skip.weight"] + params["skip.bias"]


def _loss(params: Params, seen: Any, truth: Any, key: Any) -> Any:
    logs = jax.nn.log_softmax(_said(params, seen, key))
    wrong = jnp.stack([-(truth[..., order] * logs).sum(axis=-1).mean(axis=-1) for order in ORDERS])
    return wrong.min(axis=0).mean()


def learn(
    seen: NDArray[np.float16],
    truth: NDArray[np.float16],
    last: tuple[Values, Values],
    steps: int,
    rate: float,
    seed: int,
) -> Params:
    rng = np.random.default_rng(seed)

    def batch() -> tuple[Values, Values]:
        chosen = rng.integers(0, len(seen), MANY)
        return seen[chosen].astype(np.float32), truth[chosen].astype(np.float32)

    params = _new(jax.random.PRNGKey(seed), last)
    return learned(params, _loss, batch, steps=steps, rate=rate, warm=100, calm=CALM, seed=seed + 1)


def errors(said: Values, truth: NDArray[np.float16]) -> str:
    """Missed and false speech, per cent of all, where the likelier number of speakers is believed."""
    told = chances(said)
    one, two = (1 - told[..., 0] > 0.5), told[..., 1 + LOCAL :].sum(axis=-1) > RELATIVE.two
    count = one.astype(int) + (one & two)
    true = np.rint(1 - truth[..., 0].astype(np.float32)) + np.rint(
        truth[..., 1 + LOCAL :].astype(np.float32).sum(axis=-1)
    )
    missed, false = np.maximum(true - count, 0).sum(), np.maximum(count - true, 0).sum()
    of_two = 100 * float(((count < 2) & (true == 2)).sum()) / max(1.0, float((true == 2).sum()))
    missed, false = 100 * missed / true.sum(), 100 * false / true.sum()
    return f"missed {missed:.1f} false {false:.1f}, of two at once missed {of_two:.0f}"


def main() -> None:
    a = asked(__doc__, Path("second_head.npz"), recordings=150, steps=5000, rate=2e-3, seed=5)
    parts = {
        name: gathered(recordings(a.material, a.work / name, count, a.length), a.models)
        for name, count in (("learn", a.recordings), ("check", a.check))
    }
    network = Segmentation3(a.models / "segmentation" / FILE)
    found = learn(*parts["learn"], network.last, a.steps, a.rate, a.seed)
    weights: dict[str, Any] = {name: np.asarray(value, np.float16) for name, value in found.items()}
    np.savez_compressed(a.out, **weights)
    seen, truth = parts["check"]
    own = network.log_odds(seen.astype(np.float32))
    second = log_odds(seen.astype(np.float32), {name: value.astype(np.float32) for name, value in weights.items()})
    for name, said in (
        ("the network itself", own),
        ("the second layer", second),
        ("both", (own + second) / np.float32(2.0)),
    ):
        print(f"{name:20s}{errors(said, truth)}")


if __name__ == "__main__":
    main()
