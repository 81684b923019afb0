"""Conversations for `train_judge.py`: generated as for `train_fusion.py`, but with people who are not always as loud,
and heard by the program's own pipeline, at moments of the talk and once it is over."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from benchmarks.accuracy.channel import louder, microphone
from benchmarks.training.train_fusion_data import generate, speaking_of
from facilitator import backends
from facilitator.hearing.diarization.combined_evidence import CombinedVoices
from facilitator.hearing.diarization.final_pass import FinalPass
from facilitator.hearing.diarization.hmm import RELATIVE, States
from facilitator.hearing.diarization.turn_features import TurnFeatures
from facilitator.hearing.interfaces import FrameEncoder
from facilitator.hearing.signal.audio import RATE, Samples, mono
from facilitator.hearing.signal.features import STEP
from facilitator.hearing.speaker.voice_track import FRAME
from facilitator.hearing.values import LocalWindow, Values

MOMENTS, BACK = 10, 500
"""Moments of a talk at which it is asked what is known by then, and of how many steps before."""
ONE_LESS, ANOTHER_MICROPHONE, TELEPHONE, DENSE = 0.15, 0.4, 0.25, 0.35
"""How often one of the people is a guest; the samples came through another microphone, and this is a telephone; and
the segmentation looks twice as often, as it does while people talk."""

SHORTER_THAN_S = 45.0
SEEDS = {"learn": ((401, True), (402, True), (403, False)), "check": ((501, True),)}
"""Of the recordings to learn from and those to check with; whether people are not always as loud there."""

Half = NDArray[np.float16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """`each` and `all` as in `TurnFeatures`; `speaking` (steps, voices), the part of each step that each voice speaks;
    `over`: the talk was over, and the learned voices had spoken."""

    each: Half
    all: Half
    speaking: Half
    over: bool


class Replayed:
    """A frame encoder that has looked at the whole recording already; of any other sound it is asked anew."""

    def __init__(self, encoder: FrameEncoder, sound: Samples) -> None:
        self.name, self.maker = encoder.name, ""
        self._encoder, self._bytes, self._known = encoder, sound.tobytes(), encoder.frames(sound)

    def frames(self, sound: Samples) -> Values:
        middle = len(sound) // 2
        at = self._bytes.find(sound[middle : middle + 100].tobytes())
        if at < 0:
            return self._encoder.frames(sound)
        first = round((at // sound.itemsize - middle) / FRAME)
        return np.asarray(self._known[first : first + (len(sound) // (FRAME // 2) + 1) // 2])

    def voices(self, mean: Values, deviation: Values) -> Values:
        return self._encoder.voices(mean, deviation)


class ReplayedWindows:
    name = "segmentation"

    def __init__(self, known: list[LocalWindow]) -> None:
        self._left, self._at = known, 0

    def feed(self, samples: Samples) -> list[LocalWindow]:
        self._at += len(samples)
        count = sum(window.last_step * STEP <= self._at for window in self._left[:60])
        told, self._left = self._left[:count], self._left[count:]
        return told


def asked(about: str | None, out: Path, *, recordings: int, steps: int, rate: float, seed: int) -> argparse.Namespace:
    """What a script that trains on these recordings is asked for, with what it is else."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("material", type=Path)
    parser.add_argument("--models", type=Path, required=True, help="the folder of `facilitator models install`")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=out)
    parser.add_argument("--recordings", type=int, default=recordings, help="that are tried for each of three seeds")
    parser.add_argument("--check", type=int, default=10, help="recordings kept for checking")
    parser.add_argument("--length", type=float, default=2.5, help="minutes of talk in a recording")
    parser.add_argument("--steps", type=int, default=steps)
    parser.add_argument("--rate", type=float, default=rate)
    parser.add_argument("--seed", type=int, default=seed)
    return parser.parse_args()


def recordings(material: Path, folder: Path, count: int, minutes: float) -> list[Path]:
    """Those of SEEDS, by the name of the folder, `count` of each seed less those that cannot be made."""
    for seed, uneven in SEEDS[folder.name]:
        generate(
            material,
            folder,
            count,
            seed,
            minutes,
            check=folder.name == "check",
            uneven=uneven,
            shorter_than_s=SHORTER_THAN_S,
        )
    return sorted(file.parent for file in folder.glob("*/case.json"))


def _piece(told: TurnFeatures, speaking: Values, people: int, *, over: bool) -> Piece:
    voices = told.each.shape[1]
    truth = np.concatenate([speaking[:, :people], speaking[:, -1:]], axis=1)[:, :voices]
    return Piece(
        each=told.each.astype(np.float16), all=told.all.astype(np.float16), speaking=truth.astype(np.float16), over=over
    )


def heard(home: Path, models: Path, seed: int) -> Iterator[Piece]:
    """What the program knows of a conversation at some moments, and once it is over."""
    truth = json.loads((home / "truth.json").read_text())
    rng = np.random.default_rng([seed, int(home.name.split("-")[2])])
    sound = mono(soundfile.read(home / "conversation.flac", dtype="float32", always_2d=True)[0])
    people = [str(name) for name in truth["people"]]
    if len(people) > 2 and rng.random() < ONE_LESS:
        people.pop(int(rng.integers(len(people))))
    change = louder(0.0)
    if rng.random() < ANOTHER_MICROPHONE:
        change = microphone(np.random.default_rng(int(rng.integers(1 << 30))), telephone=rng.random() < TELEPHONE)
    apart = 10 if rng.random() < DENSE else 20
    windows = backends.open_segmentation(models / "segmentation", apart).feed(sound)
    encoder = Replayed(backends.open_frame_encoder(models / "voice-encoder"), sound)
    voices = CombinedVoices(encoder, ReplayedWindows(windows))
    opening = {o["person"]: sound[int(o["start"] * RATE) : int(o["end"] * RATE)] for o in truth["opening"]}
    voices.enrol({name: change(opening[name]) for name in people})
    speaking, begin = speaking_of(truth, people, len(sound) // STEP * 5), int(truth["scored_from"] * 20)
    moments = sorted(int(t) for t in rng.integers(begin + 200, len(speaking), MOMENTS))
    hop, known = apart * STEP // 2, 0
    for at in range(0, len(sound) - hop, hop):
        known += len(voices.score(sound[at : at + hop], at))
        if moments and known >= moments[0]:
            moments = [moment for moment in moments if moment > known]
            first = max(begin, known - BACK)
            yield _piece(voices.told(first, known), speaking[first:known], len(people), over=False)
    known = min(known, len(speaking))
    first_pass = FinalPass(
        people=tuple(people),
        states=States(len(people), RELATIVE),
        passes=1,
        evidence=[voices],
        first_step=0,
        detected=np.zeros(known, np.float32),
        floor=np.zeros((known, len(people) + 1), np.float32),
        own=np.zeros(known, bool),
    ).over(0, known, 0)
    belief = np.eye(len(people) + 2, dtype=np.float32)[first_pass.alone][:, : len(people) + 1]
    learned = voices.learned(belief)[begin:known]
    end = begin + len(learned)
    yield _piece(voices.told(begin, end, learned), speaking[begin:end], len(people), over=True)


def kept(home: Path, models: Path, seed: int) -> list[Piece]:
    """`heard`, once and for all: what came of it lies beside the recording."""
    path = home / "told.npz"
    if not path.exists():
        pieces = list(heard(home, models, seed))
        arrays = {f"{k}.{name}": getattr(one, name) for k, one in enumerate(pieces) for name in ("each", "all")}
        arrays |= {f"{k}.speaking": one.speaking for k, one in enumerate(pieces)}
        np.savez(path, over=np.array([one.over for one in pieces]), **arrays)
    with np.load(path) as stored:
        return [
            Piece(each=stored[f"{k}.each"], all=stored[f"{k}.all"], speaking=stored[f"{k}.speaking"], over=bool(over))
            for k, over in enumerate(stored["over"])
        ]
