"""Conversations to learn from, for `train_fusion.py`: generated, and heard through the program's own features.

The folder of material holds `make.py` (which puts voices into simulated rooms along real turn-taking
timelines, and writes who spoke when), `voices/`, `timelines/` and `noise/`. The voices of the weights that
come with the program are of speechocean762 (free for commercial and non-commercial use), the timelines
are AMI speaker labels by BUT Speech@FIT (Apache-2.0), the noise is Apache-2.0 and BSD.
"""

from __future__ import annotations

import importlib.util
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from math import gcd
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import fftconvolve, resample_poly

from benchmarks.training.train_fusion_sources import Models
from facilitator.hearing.signal import features
from facilitator.hearing.signal.audio import RATE, Samples, mono
from facilitator.hearing.signal.features import BANDS, FRAMES_A_STEP, STEP, Frames
from facilitator.hearing.speaker.evidence_pool import Sources
from facilitator.hearing.speaker.fusion_network import Others
from facilitator.hearing.speaker.gmm_voiceprints import Voiceprints, spoken, vectors

SPEEDS = (84, 88, 92, 96, 100, 104, 108, 114, 120)
"""Per cent at which a voice is played: faster is also higher, which makes further people of one."""
GUEST_SPEEDS = (*SPEEDS, 126, 133, 140)
"""Guests are sometimes children."""
HELD_OUT = 10
"""Voices that are only ever in the recordings kept for checking."""
NAMES = ("Ana", "Ben", "Carla", "David", "Emma", "Felix", "Grace", "Omar")
_TABLES = ((2, 3, 4, 5, 6, 7, 8), (0.22, 0.20, 0.26, 0.10, 0.10, 0.05, 0.07))
_NOISES = (("pink", "kitchen", "office", "slope"), (0.2, 0.3, 0.3, 0.2))
_GUESTS = 0.4
_UNEVEN_DB, _SHORT_S, _SHORT_DB, _TRAILING = 2.5, 1.0, 6.0, 0.4
_STEREO = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """What the program would know of a conversation, and who really spoke."""

    frames: NDArray[np.float16]
    """(frames, WIDTH), in whole steps."""
    ratios: NDArray[np.float16]
    """Mean log-likelihood ratios of each step, clipped, shape (steps, people)."""
    live: tuple[NDArray[np.float16], NDArray[np.float16]]
    """What other sources say while people talk: `Others.each` and `Others.all`."""
    final: tuple[NDArray[np.float16], NDArray[np.float16]]
    """And once they have talked."""
    speaking: NDArray[np.float16]
    """The part of each step that each person speaks; last, somebody not enrolled. (steps, people + 1)."""
    samples: tuple[tuple[int, int], ...]
    """First and last frame of each person's voice sample."""
    voices: tuple[str, ...]
    first_step: int
    """Where the talk begins, after the opening circle."""
    reviewed: bool
    """True: the ratios are those of a second pass, whose mixtures know part of the talk."""

    @property
    def people(self) -> int:
        return len(self.samples)

    def centre(self) -> Frames:
        """What `Fusion` subtracts from the mel bands."""
        pieces = []
        for first, last in self.samples:
            bands = self.frames[first:last, :BANDS].astype(np.float32)
            level = 4.343 * np.log(np.exp(bands).sum(axis=1))
            pieces.append(bands[level > np.percentile(level, 95) - 25.0])
        return np.asarray(np.concatenate(pieces).mean(axis=0), np.float32)


def _slope(count: int, rng: np.random.Generator) -> Frames:
    """Noise of some spectral slope, slowly breathing."""
    size = 1 << (count - 1).bit_length()
    slope = (np.arange(size // 2 + 1) + 8.0) ** -rng.uniform(0.0, 1.3)
    sound = np.fft.irfft((rng.normal(size=len(slope)) + 1j * rng.normal(size=len(slope))) * slope, size)[:count]
    points = count // RATE + 2
    sound *= np.interp(np.arange(count), np.linspace(0, count, points), rng.uniform(0.6, 1.4, points))
    return np.asarray(sound / np.sqrt(np.square(sound).mean()), np.float32)


def _more(kind: str, count: int, rng: np.random.Generator) -> Frames:
    """Something to add to a background of level 1, or nothing."""
    sound = np.zeros(count)
    if rng.random() > 0.4:
        return sound.astype(np.float32)
    if kind == "hum":
        base, time_s = float(rng.choice([50, 60, 100, 120, rng.uniform(80, 400)])), np.arange(count) / RATE
        for k in range(1, int(rng.integers(3, 25))):
            if base * k < 7500:
                strength = rng.uniform(0.2, 1.0) / k ** rng.uniform(0.3, 1.5)
                sound += strength * np.sin(2 * np.pi * (base * k * time_s + rng.random()))
    elif kind == "clicks":
        at = rng.integers(0, count, int(count / RATE * rng.uniform(0.3, 4.0)) + 1)
        sound[at] = rng.lognormal(0.0, 0.7, len(at))
        click = rng.normal(size=800) * np.exp(-np.arange(800) / rng.uniform(20, 250))
        sound = fftconvolve(sound, click)[:count]
    else:
        points = count // 6000 + 2
        swell = np.interp(np.arange(count), np.linspace(0, count, points), rng.normal(-0.3, 1.0, points))
        sound = np.asarray(_slope(count, rng) * np.maximum(0.0, swell), np.float64)
    return np.asarray(rng.uniform(0.3, 1.5) * sound / (sound.std() + 1e-9), np.float32)


def _unevenly(sound: Frames, seconds: float, rng: np.random.Generator) -> Frames:
    """As people speak in a talk: now louder, now quieter, short words mostly quieter, and some trail off."""
    gain_db = rng.normal(0.0, _UNEVEN_DB) - (rng.uniform(0.0, _SHORT_DB) if seconds < _SHORT_S else 0.0)
    curve_db = np.full(len(sound), gain_db)
    if rng.random() < _TRAILING:
        last = len(sound) // 3
        curve_db[len(sound) - last :] -= np.linspace(0.0, rng.uniform(3.0, 12.0), last)
    return np.asarray(sound * 10 ** (curve_db / 20), np.float32)


def _load_make(material: Path, *, pauses: bool, uneven: bool) -> ModuleType:
    """`make.py` of the material, taught voices at other speeds, more noise, samples with pauses, and loudness that
    changes from one utterance to the next."""
    spec = importlib.util.spec_from_file_location("make", material / "make.py")
    assert spec is not None and spec.loader is not None
    make = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make)
    plain_voice, plain_noise = make.load_voice, make.noise

    def voice(name: str) -> list[Frames]:
        base, _, speed = name.partition("@")
        clips: list[Frames] = plain_voice(base)
        if not speed:
            return clips
        part = gcd(100, int(speed))
        return [resample_poly(clip, 100 // part, int(speed) // part).astype(np.float32) for clip in clips]

    def noise(kind: str, count: int, rng: np.random.Generator) -> Frames:
        name = kind.removesuffix("+")
        sound = _slope(count, rng) if name == "slope" else np.asarray(plain_noise(name, count, rng))
        if name != kind:
            sound = sum((_more(one, count, rng) for one in ("hum", "clicks", "swells")), sound)
        return np.asarray(sound / np.sqrt(np.square(sound).mean()), np.float32)

    class Voice(make.Voice):  # type: ignore[name-defined]
        """Somebody whose first stretch, the voice sample, may have pauses."""

        def __init__(self, clips: list[Frames], rng: np.random.Generator) -> None:
            super().__init__(clips, rng)
            self.rng, self.began = rng, False

        def take(self, seconds: float) -> Frames:
            sound: Frames = super().take(seconds)
            if self.began and uneven:
                return _unevenly(sound, seconds, self.rng)
            for _ in range(0 if self.began or not pauses else int(self.rng.integers(0, 5))):
                at, length = int(self.rng.integers(len(sound))), int(self.rng.uniform(0.3, 1.2) * RATE)
                sound = np.concatenate([sound[:at], np.zeros(length, np.float32), sound[at:]])
            self.began = True
            return sound

    for name, ours in (("Voice", Voice), ("load_voice", voice), ("noise", noise)):
        setattr(make, name, ours)
    return make


def generate(
    material: Path,
    folder: Path,
    count: int,
    seed: int,
    minutes: float,
    *,
    check: bool,
    uneven: bool = False,
    shorter_than_s: float = math.inf,
) -> None:
    """Makes `count` conversations, each in a folder of its own; those that are there already are kept.

    `check`: of the voices and meetings that are kept apart, at their own speed. `uneven`: nobody is always as loud.
    `shorter_than_s`: only of voices of which there is less."""
    make = _load_make(material, pauses=not check, uneven=uneven)
    listed = json.loads((material / "voices" / "voices.json").read_text())
    every = sorted(name for name, about in listed.items() if about["seconds"] < shorter_than_s)
    held = set(np.random.default_rng(7).choice(every, HELD_OUT, replace=False).tolist())
    pool = [name for name in every if (name in held) == check]
    meetings = sorted(file.stem for file in (material / "timelines").glob("*.rttm"))
    meetings = [name for k, name in enumerate(meetings) if (k % 6 == 0) == check]
    rng = np.random.default_rng(seed)
    for k in range(count):
        people = int(rng.choice(_TABLES[0], p=_TABLES[1]))
        guests = min(int(rng.random() < _GUESTS), len(pool) - people)
        voices = [str(name) for name in rng.choice(pool, people + guests, replace=False)]
        if not check:
            speeds = [*rng.choice(SPEEDS, people), *rng.choice(GUEST_SPEEDS, guests)]
            voices = [f"{name}@{speed}" if speed != 100 else name for name, speed in zip(voices, speeds, strict=True)]
        near = float(rng.uniform(0.4, 1.0))
        case = {
            "name": f"{'check' if check else 'learn'}-{seed}-{k:04d}-{people}",
            "people": [*NAMES[:people], *["guest"] * guests],
            "guests": guests,
            "voices": voices,
            "meeting": str(rng.choice(meetings)),
            "minutes": minutes,
            "distance": (near, near + float(rng.uniform(0.1, 1.2))),
            "noise": str(rng.choice(_NOISES[0], p=_NOISES[1])) + ("+" if rng.random() < 0.4 and not check else ""),
            "snr": float(rng.uniform(8.0, 27.0 if check else 33.0)),
            "rt60": float(rng.uniform(0.18, 0.7)),
            "level_db": float(rng.uniform(1.0, 5.0)),
            "channels": 2 if rng.random() < _STEREO else 1,
            "opening_s": 9.0 if check else float(rng.uniform(7.0, 11.0)),
            "seed": int(rng.integers(1 << 30)),
        }
        home = folder / str(case["name"])
        if not (home / "case.json").exists():
            try:
                make.build(case, str(home))
            except (
                ValueError,
                TypeError,
                ArithmeticError,
                IndexError,
            ) as wrong:
                print(f"{case['name']} left out: {wrong}")
                continue
            (home / "case.json").write_text(json.dumps(case))


def speaking_of(truth: dict[str, list[dict[str, Any]]], people: list[str], frames: int) -> Frames:
    grid = np.zeros((frames, len(people) + 1), np.float32)
    for row in truth["speech"]:
        column = people.index(str(row["person"])) if row["person"] in people else len(people)
        grid[round(row["start"] * 100) : round(row["end"] * 100), column] = 1.0
    return np.asarray(grid.reshape(-1, FRAMES_A_STEP, len(people) + 1).mean(axis=1), np.float32)


def _lessons(talk: Frames, sure: NDArray[np.int64], sample: Frames, person: int) -> Frames:
    """Vectors of a voice sample and of up to a minute of the steps that are `person`'s in `sure`."""
    mine = np.flatnonzero(sure == person)
    mine = mine[np.linspace(0, len(mine) - 1, min(len(mine), 1200)).astype(int)]
    steps = talk.reshape(-1, FRAMES_A_STEP, talk.shape[1])[mine].reshape(-1, talk.shape[1])
    return np.concatenate([vectors(sample)[spoken(sample)], steps])


def _sure(speaking: Frames, first_step: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Whom a first pass would give each step to for sure (-1: nobody): mostly right; a guest often is somebody."""
    people, who = speaking.shape[1] - 1, speaking.argmax(axis=1)
    lone = (speaking.sum(axis=1) < 1.05) & (speaking.max(axis=1) > 0.95)
    lone[:first_step] = False
    out = np.where(lone & (rng.random(len(lone)) < rng.uniform(0.5, 0.9)) & (who < people), who, -1)
    out[(rng.random(len(lone)) < 0.03) & (out >= 0)] = rng.integers(people)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (lone & (who == people)).astype(int), [0]])))
    victim, credulous = int(rng.integers(people)), rng.uniform(0.1, 0.6)
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        if rng.random() < credulous:
            out[first:last] = victim
    return out


def _others(others: Others) -> tuple[NDArray[np.float16], NDArray[np.float16]]:
    return others.each.astype(np.float16), others.all.astype(np.float16)


def _while_talking(sources: Sources, sound: Samples, ratios: Frames) -> Others:
    """What `sources` say of every step, as the program would be told it: block by block."""
    told = []
    for first in range(0, len(ratios), 2):
        piece = sound[first * STEP : (first + 2) * STEP]
        told.append(sources.hear(piece, first * STEP, ratios[first : first + 2]))
    told.append(Others.of(None, None, len(ratios) - sources.answered, ratios.shape[1]))
    return Others(each=np.concatenate([one.each for one in told]), all=np.concatenate([one.all for one in told]))


def heard(home: Path, rng: np.random.Generator, models: Models) -> Iterator[Conversation]:
    """A conversation as the program hears it; sometimes again with one person fewer enrolled, who is a guest
    then; sometimes again as in the second pass."""
    truth, case = json.loads((home / "truth.json").read_text()), json.loads((home / "case.json").read_text())
    sound = soundfile.read(home / "conversation.flac", dtype="float32", always_2d=True)[0]
    frames = features.frames(mono(sound))
    frames = frames[: len(frames) // FRAMES_A_STEP * FRAMES_A_STEP]
    values, first_step = vectors(frames), int(truth["scored_from"] * 20)
    everyone = [str(name) for name in truth["people"]]
    opening = {row["person"]: (round(row["start"] * 100), round(row["end"] * 100)) for row in truth["opening"]}
    left_out = everyone[int(rng.integers(len(everyone)))]
    tables = [everyone]
    if len(everyone) > 2 and len(case["voices"]) == len(everyone):
        tables.append([name for name in everyone if name != left_out])
    recorded = models.recorded(sound)
    for people in tables:
        voice = dict(zip(case["people"], case["voices"], strict=True))
        spans, speaking = tuple(opening[name] for name in people), speaking_of(truth, people, len(frames))
        samples = [frames[first:last] for first, last in spans]
        sources = recorded.sources(direction=rng.random() < 0.7)
        sources.enrol(
            {name: sound[a * features.HOP : b * features.HOP] for name, (a, b) in zip(people, spans, strict=True)}
        )
        live: Others | None = None
        for reviewed in (False, True) if rng.random() < 0.5 else (False,):
            sure = _sure(speaking, first_step, rng) if reviewed else np.full(len(speaking), -1)
            ratios = Voiceprints([_lessons(values, sure, s, k) for k, s in enumerate(samples)]).ratios(values)
            by_step = ratios.reshape(-1, FRAMES_A_STEP, len(people)).mean(axis=1)
            live = _while_talking(sources, sound, by_step) if live is None else live
            belief = np.zeros((len(speaking), len(people) + 1), np.float32)
            belief[sure >= 0, sure[sure >= 0]] = 1.0
            if reviewed and rng.random() < 0.5:
                belief[(sure < 0) & (speaking[:, -1] > 0.95) & (speaking.sum(axis=1) < 1.05), -1] = 1.0
            yield Conversation(
                frames=frames.astype(np.float16),
                ratios=by_step.astype(np.float16),
                live=_others(live),
                final=_others(sources.again(belief, by_step)),
                speaking=speaking.astype(np.float16),
                samples=spans,
                voices=(*(voice[name] for name in people), *(voice[n] for n in case["people"] if n not in people)),
                first_step=first_step,
                reviewed=reviewed,
            )


_STORED = ("ratios", "speaking", "samples", "voices", "first_step", "reviewed")


def kept(home: Path, seed: int, models: Models) -> list[Conversation]:
    """`heard`, once and for all: what came of it lies beside the recording."""
    path = home / "heard.npz"
    if not path.exists():
        rng = np.random.default_rng([seed, int(home.name.split("-")[2])])
        arrays: dict[str, NDArray[Any]] = {}
        for k, one in enumerate(heard(home, rng, models)):
            arrays |= {f"{k}.{name}": np.asarray(getattr(one, name)) for name in _STORED}
            arrays |= {f"{k}.live.{n}": part for n, part in enumerate(one.live)}
            arrays |= {f"{k}.final.{n}": part for n, part in enumerate(one.final)}
            arrays["0.frames"] = one.frames  # the same for all
        np.savez(path, **arrays)  # type: ignore[arg-type]
    with np.load(path) as stored:
        count = 1 + max(int(name.split(".")[0]) for name in stored.files)
        frames = stored["0.frames"]
        return [
            Conversation(
                frames=frames,
                ratios=stored[f"{k}.ratios"],
                live=(stored[f"{k}.live.0"], stored[f"{k}.live.1"]),
                final=(stored[f"{k}.final.0"], stored[f"{k}.final.1"]),
                speaking=stored[f"{k}.speaking"],
                samples=tuple((int(a), int(b)) for a, b in stored[f"{k}.samples"]),
                voices=tuple(map(str, stored[f"{k}.voices"])),
                first_step=int(stored[f"{k}.first_step"]),
                reviewed=bool(stored[f"{k}.reviewed"]),
            )
            for k in range(count)
        ]
