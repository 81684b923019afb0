"""Makes `facilitator/hearing/speaker/fusion.npz`, the weights of the network in `fusion_network.py` beside it.

    pip install torch scipy soundfile pyroomacoustics
    facilitator models install
    python benchmarks/training/train_fusion.py MATERIAL --models DIR --work DIR [--recordings 300] [--minutes 60]

MATERIAL is described in `train_fusion_data.py`. Recordings are generated once into DIR (about 4 s and 3 MB each);
training then goes on for `--minutes` on one core. `--continue-from` starts from earlier weights. At the end it prints
the loss on recordings of voices and meetings that were not trained on, and how far torch and numpy are apart at most.

The weights that come with the program were made in five runs, each from the one before, about 2,600 steps of two or
more recordings altogether. Features and material were still being chosen meanwhile: the first run knew mixtures without
pitch, backgrounds are added from the third on, second passes from the fourth on, and only the fifth had "+" noises and
samples with pauses. The fifth fitted its own voices better but others no better, so the weights are the mean of the
fourth run's and the fifth's, which was the best of the three on the recordings for checking. Two more runs, from
there, of 700 and 950 steps on 60 and 88 new recordings, taught it to listen to other sources; the weights are the
mean of these two, which was again better on the recordings for checking than either, and a third run was worse.
A single run of this script follows the last recipe throughout; it will not give the same numbers.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.training.train_fusion_data import SPEEDS, Conversation, generate, kept
from benchmarks.training.train_fusion_sources import Models
from facilitator.hearing import trained
from facilitator.hearing.signal.features import BANDS, FRAMES_A_STEP, WIDTH
from facilitator.hearing.speaker import fusion_network

CHUNK = 400
"""Steps of a conversation looked at together: 20 s."""
SMOOTH = (1, 3, 9, 15)
DILATIONS = (1, 2, 4, 8, 16, 32)
LEFT, HOW_OFTEN = ("ol", "o", "l", ""), (0.6, 0.1, 0.1, 0.2)
"""Which other sources there are: log odds of voices, local speakers; and how often."""
AHEAD = {"final": DILATIONS, "live": (1, 2, 0, 0, 0, 0)}


class Encoder(nn.Module):
    def __init__(self, first: int = 64, width: int = 96, out: int = 64) -> None:
        super().__init__()
        self.c1 = nn.Conv1d(WIDTH, first, 5, padding=2)
        self.c2 = nn.Conv1d(first, width, 9, stride=FRAMES_A_STEP, padding=2)
        self.res = nn.ModuleList([nn.Conv1d(width, width, 3, padding=d, dilation=d) for d in (1, 2, 4)])
        self.o = nn.Conv1d(width, out, 1)
        self.drop = nn.Dropout(0.1)

    def forward(self, frames: Tensor) -> Tensor:
        """(batch, frames, WIDTH) -> (batch, steps, out)."""
        rows = torch.relu(self.c2(torch.relu(self.c1(frames.transpose(1, 2)))))
        for convolution in self.res:
            rows = rows + torch.relu(convolution(self.drop(rows)))
        return self.o(rows).transpose(1, 2)


class Head(nn.Module):
    def __init__(self, features: int, ahead: tuple[int, ...], width: int = 48) -> None:
        super().__init__()
        self.ahead = ahead
        self.inp = nn.Linear(features, width)
        self.conv = nn.ModuleList([nn.Conv1d(width, width, 3, dilation=d) for d in DILATIONS])
        self.pool = nn.ModuleList([nn.Linear(2 * width, width) for _ in DILATIONS])
        self.out = nn.Linear(width, 1)
        self.guest = nn.Sequential(nn.Linear(2 * width, 24), nn.ReLU(), nn.Linear(24, 1))
        self.drop = nn.Dropout(0.1)

    def forward(self, seen: Tensor) -> Tensor:
        """(batch, people, steps, features) -> logits (batch, steps, people + 1)."""
        batch, people, steps, _ = seen.shape
        rows = torch.relu(self.inp(seen))
        for dilation, ahead, convolution, pool in zip(DILATIONS, self.ahead, self.conv, self.pool, strict=True):
            shared = pool(torch.cat([rows.mean(1), rows.amax(1)], -1))[:, None]
            flat = self.drop(rows).reshape(batch * people, steps, -1).transpose(1, 2)
            change = convolution(functional.pad(flat, (2 * dilation - ahead, ahead))).transpose(1, 2)
            rows = rows + torch.relu(change.reshape(batch, people, steps, -1) + shared)
        guest = self.guest(torch.cat([rows.mean(1), rows.amax(1)], -1))
        return torch.cat([self.out(rows)[..., 0].transpose(1, 2), guest], -1)


class Net(nn.Module):
    def __init__(self, voices: int, key: int = 32, common: int = 24) -> None:
        super().__init__()
        self.enc = Encoder()
        self.q, self.k, self.att, self.com = (nn.Linear(64, n) for n in (key, key, 1, common))
        features = 2 * key + common + 5 + 2 * (len(SMOOTH) + 2)
        self.final, self.live = Head(features, AHEAD["final"]), Head(features, AHEAD["live"])
        self.cls = nn.Linear(64, voices)  # only to learn with: whose voice of the material this is

    def voice(self, samples: Tensor) -> Tensor:
        """(batch, people, frames, WIDTH) -> (batch, people, key)."""
        rows = self.enc(samples.flatten(0, 1))
        share = torch.softmax(self.att(rows), 1)
        return self.k((share * rows).sum(1)).reshape(*samples.shape[:2], -1)

    def seen(self, rows: Tensor, voices: Tensor, ratios: Tensor, each: Tensor, everyone: Tensor) -> Tensor:
        """(batch, steps, 64), (batch, people, key), (batch, steps, people), and `Others`, (batch, steps, people, 2)
        and (batch, steps, 5) -> (batch, people, steps, features)."""
        query, line = self.q(rows)[:, None], ratios.transpose(1, 2)
        rated = torch.stack([functional.avg_pool1d(line, w, 1, w // 2) for w in SMOOTH], -1)
        told = torch.cat([rated, each.transpose(1, 2)], -1)
        over = told
        if ratios.shape[2] > 1:
            top = told.topk(2, 1).values
            over = told - torch.where(told >= top[:, :1], top[:, 1:], top[:, :1])
        common = torch.cat([self.com(rows), everyone], -1)[:, None].expand(-1, voices.shape[1], -1, -1)
        other = voices - voices.mean(1, keepdim=True)
        return torch.cat([query * voices[:, :, None], query * other[:, :, None], common, told, over], -1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    frames: Tensor
    samples: Tensor
    ratios: Tensor
    others: dict[str, tuple[Tensor, Tensor]]
    """`Others` as each head is told it."""
    speaking: Tensor
    voices: Tensor
    reviewed: bool
    """For the second pass only."""


class Material:
    """Conversations, and batches of pieces of them."""

    def __init__(self, conversations: list[Conversation], seed: int) -> None:
        self.all, self.rng = conversations, np.random.default_rng(seed)
        self.centres = [one.centre() for one in conversations]
        self.groups: dict[tuple[int, bool], list[int]] = {}
        for k, one in enumerate(conversations):
            self.groups.setdefault((one.people, one.reviewed), []).append(k)
        names = sorted({voice for one in conversations for voice in one.voices})
        self.voices = {name: k for k, name in enumerate(names)}

    def _change(
        self,
        frames: NDArray[np.float32],
        silent: NDArray[np.float32],
        noise: NDArray[np.float32] | None,
        quieter: float,
    ) -> None:
        frames[..., :BANDS] -= quieter * silent[..., None]
        if noise is not None:
            rough = np.log(self.rng.gamma(6.0, 1.0 / 6.0, (*frames.shape[:-1], BANDS)) + 1e-3)
            frames[..., :BANDS] = np.logaddexp(frames[..., :BANDS], noise + rough)

    def _noise(self, centre: NDArray[np.float32]) -> NDArray[np.float32] | None:
        """A further background, as mel bands, or none."""
        if self.rng.random() < 0.5:
            return None
        order = np.arange(1, 5)[:, None]
        waves = np.cos(np.pi * order * np.arange(BANDS) / BANDS) / np.sqrt(order) * self.rng.normal(size=(4, 1))
        level = 0.5 * (centre.mean() + centre) + self.rng.uniform(-6.5, -2.5)
        return np.asarray(1.3 * waves.sum(axis=0) + level, np.float32)

    def _others(
        self, told: tuple[NDArray[np.float16], NDArray[np.float16]], order: NDArray[np.int64], steps: slice, left: str
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """`Others` of some steps, for people in this order, as if only the sources in `left` were there."""
        each, everyone = (part[steps].astype(np.float32) for part in told)
        each = each[:, order]
        if "o" not in left:
            each[..., 0] = everyone[..., 3] = 0.0
        if "l" not in left:
            each[..., 1] = 0.0
            everyone[..., [0, 1, 2, 4]] = 0.0
        return each, everyone

    def batch(self, pieces: int = 2) -> Batch:
        rng, first = self.rng, self.all[int(self.rng.integers(len(self.all)))]
        group, people = self.groups[first.people, first.reviewed], first.people
        chosen = [int(k) for k in rng.choice(group, max(2, round(16 / people)))]
        least = min(last - begin for k in chosen for begin, last in self.all[k].samples)
        size = int(least * rng.uniform(0.75, 1.0)) // FRAMES_A_STEP * FRAMES_A_STEP
        frames, samples, ratios, speaking, voices = [], [], [], [], []
        others: dict[str, tuple[list[NDArray[np.float32]], list[NDArray[np.float32]]]] = {
            "final": ([], []),
            "live": ([], []),
        }
        for k in chosen:
            one, centre, order = self.all[k], self.centres[k], rng.permutation(people)
            noise, quieter = self._noise(centre), rng.uniform(0.3, 3.0) if rng.random() < 0.35 else 0.0
            bias = rng.normal(0.0, 0.8, people) if rng.random() < 0.5 else np.zeros(people)
            cut = [int(rng.integers(0, last - begin - size + 1)) + begin for begin, last in one.samples]
            sample = np.stack([one.frames[cut[p] : cut[p] + size] for p in order]).astype(np.float32)
            self._change(sample, np.zeros(sample.shape[:-1], np.float32), noise, 0.0)
            samples.append(sample - np.pad(centre, (0, WIDTH - BANDS)))
            for _ in range(pieces):
                begin = int(rng.integers(max(0, one.first_step - 60), len(one.speaking) - CHUNK + 1))
                truth = one.speaking[begin : begin + CHUNK].astype(np.float32)
                silent = (truth.sum(axis=1) < 0.02).astype(np.float32)
                piece = one.frames[begin * FRAMES_A_STEP : (begin + CHUNK) * FRAMES_A_STEP].astype(np.float32)
                self._change(piece, np.repeat(silent, FRAMES_A_STEP), noise, quieter)
                frames.append(piece - np.pad(centre, (0, WIDTH - BANDS)))
                rated = one.ratios[begin : begin + CHUNK][:, order].astype(np.float32) / 3.0
                ratios.append(np.clip(rated + silent[:, None] * bias, -2.0, 2.0))
                left = str(rng.choice(LEFT, p=HOW_OFTEN))
                for kind, (each, everyone) in others.items():
                    part = self._others(getattr(one, kind), order, slice(begin, begin + CHUNK), left)
                    each.append(part[0])
                    everyone.append(part[1])
                speaking.append(truth[:, [*order, people]])
                known = [self.voices[name] for name in one.voices]
                voices.append(np.array([*(known[p] for p in order), known[people] if len(known) > people else 0]))
        scale = torch.cat([torch.full((BANDS,), 1.0 / 3.0), torch.full((WIDTH - BANDS,), 3.0)])

        def tensor(arrays: list[NDArray[np.float32]]) -> Tensor:
            return torch.from_numpy(np.stack(arrays).astype(np.float32))

        return Batch(
            frames=tensor(frames) * scale,
            samples=tensor(samples) * scale,
            ratios=tensor(ratios),
            others={kind: (tensor(each), tensor(everyone)) for kind, (each, everyone) in others.items()},
            speaking=tensor(speaking),
            voices=torch.from_numpy(np.stack(voices)),
            reviewed=first.reviewed,
        )


def loss(net: Net, material: Material, pieces: int = 2) -> Tensor:
    batch = material.batch(pieces)
    rows, speaking, voices = net.enc(batch.frames), batch.speaking, batch.voices
    people = net.voice(batch.samples).repeat_interleave(pieces, 0)
    total = torch.zeros(())
    for kind, head in (("final", net.final), ("live", net.live)):
        if kind == "final" or not batch.reviewed:
            said = head(net.seen(rows, people, batch.ratios, *batch.others[kind]))
            wrong = functional.binary_cross_entropy_with_logits(said, speaking, reduction="none")
            total = total + wrong.sum(-1).mean()
    # whose voice it is, where one speaks alone for a second: makes the encoder tell voices apart
    lone = ((speaking > 0.9) & (speaking.sum(-1, keepdim=True) < 1.05)).float()
    lone = functional.avg_pool1d(lone.transpose(1, 2), 20, 10)
    means = functional.avg_pool1d(rows.transpose(1, 2), 20, 10).transpose(1, 2)
    sure = lone.amax(1) > 0.95
    if net.training and bool(sure.any()):
        who = voices[:, None].expand(-1, lone.shape[-1], -1)[sure].gather(1, lone.argmax(1)[sure][:, None])[:, 0]
        total = total + 0.1 * functional.cross_entropy(net.cls(means[sure]), who)
    return total


def to_numpy(state: dict[str, Tensor]) -> dict[str, NDArray[np.float16]]:
    """Linear weights as (inputs, outputs), convolutions as (taps, inputs, outputs), in half precision."""
    out = {}
    for name, value in state.items():
        if not name.startswith("cls."):
            array = value.numpy().T if value.ndim < 3 else value.numpy().transpose(2, 1, 0)
            out[name] = (array[0] if name == "enc.o.weight" else array).astype(np.float16)
    return out


def from_numpy(net: Net, path: Path) -> None:
    state = net.state_dict()
    for name, array in trained.weights(path).items():
        value = torch.from_numpy(array.T.copy() if array.ndim < 3 else array.transpose(2, 1, 0).copy())
        state[name] = value.reshape(state[name].shape)
    net.load_state_dict(state)


def learn(net: Net, material: Material, minutes: float, rate: float) -> Net:
    """Trains for a time, and gives the running mean of the weights."""
    optimiser = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=1e-3)
    mean = {name: value.clone() for name, value in net.state_dict().items()}
    began, told, steps, losses = time.monotonic(), time.monotonic(), 0, []
    while (gone := (time.monotonic() - began) / (60.0 * minutes)) < 1.0:
        for group in optimiser.param_groups:
            group["lr"] = rate * min(1.0, (steps + 1) / 50.0) * min(1.0, max(0.03, 1.9 * (1.0 - gone)))
        optimiser.zero_grad()
        here = loss(net, material)
        here.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        optimiser.step()
        steps += 1
        losses.append(float(here.detach()))
        keep = min(0.99, steps / (steps + 10.0))
        for name, value in net.state_dict().items():
            mean[name].mul_(keep).add_(value, alpha=1.0 - keep)
        if time.monotonic() - told > 60.0:
            told = time.monotonic()
            print(f"{gone:4.0%}  step {steps}  loss {np.mean(losses):.3f}", flush=True)
            losses = []
    net.load_state_dict(mean)
    return net


def difference(net: Net, path: Path, one: Conversation) -> float:
    """Greatest difference of a probability between torch and the program's numpy."""
    weights, frames = trained.weights(path), one.frames.astype(np.float32)
    from_numpy(net, path)
    ratios = np.repeat(one.ratios.astype(np.float32), FRAMES_A_STEP, axis=0)
    samples = [frames[first:last] for first, last in one.samples]
    others = fusion_network.Others(each=one.final[0].astype(np.float32), all=one.final[1].astype(np.float32))
    ours = fusion_network.Fusion(weights, "final", samples).feed(frames, ratios, others, last=True)
    x = torch.from_numpy(np.concatenate([(frames[:, :BANDS] - one.centre()) / 3.0, frames[:, BANDS:] * 3.0], axis=1))
    with torch.no_grad():
        keys = torch.cat([net.voice(x[None, None, a : a + (b - a) // 5 * 5]) for a, b in one.samples], 1)
        rated = torch.from_numpy(one.ratios.astype(np.float32))[None] / 3.0
        told = (torch.from_numpy(part)[None] for part in (others.each, others.all))
        theirs = torch.sigmoid(net.final(net.seen(net.enc(x[None]), keys, rated, *told)))[0].numpy()
    return float(np.abs(ours - theirs).max())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("material", type=Path)
    parser.add_argument("--models", type=Path, required=True, help="the folder of `facilitator models install`")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("fusion.npz"))
    parser.add_argument("--recordings", type=int, default=300)
    parser.add_argument("--check", type=int, default=24, help="recordings kept for checking")
    parser.add_argument("--length", type=float, default=2.5, help="minutes of talk in a recording")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--continue-from", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    a = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(a.seed)
    sets, models = {}, Models(a.models)
    for name, count, seed in (("learn", a.recordings, a.seed), ("check", a.check, a.seed + 100)):
        generate(a.material, a.work / name, count, seed, a.length, check=name == "check")
        homes = sorted(file.parent for file in (a.work / name).glob("*/case.json"))
        sets[name] = Material([one for home in homes for one in kept(home, seed, models)], seed)
    net = Net(max(len(SPEEDS), len(sets["learn"].voices)))
    if a.continue_from:
        from_numpy(net, a.continue_from)
    net = learn(net, sets["learn"], a.minutes, a.rate).eval()
    np.savez_compressed(a.out, **to_numpy(net.state_dict()))  # type: ignore[arg-type]
    with torch.no_grad():
        print(f"loss on others {np.mean([float(loss(net, sets['check'])) for _ in range(20)]):.3f}")
    print(f"torch and numpy differ by {difference(net, a.out, sets['check'].all[0]):.1e}")


if __name__ == "__main__":
    main()
