"""The voice encoder: its file is read without trust, and its windows are those of a plain LSTM."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from facilitator.backends.models import ge2e_encoder, torch_weights
from facilitator.backends.models.ge2e_encoder import Ge2eEncoder
from facilitator.errors import ModelError
from facilitator.hearing.signal.audio import RATE
from tests.support import torch_file
from tests.support.hearing_sounds import clip

UNITS, BANDS, LAYERS = 256, 40, 3
State = dict[str, NDArray[np.float32]]


def random_state(seed: int = 0) -> State:
    rng = np.random.default_rng(seed)
    state: State = {}
    for layer in range(LAYERS):
        shapes = {
            "weight_ih": (4 * UNITS, UNITS if layer else BANDS),
            "weight_hh": (4 * UNITS, UNITS),
            "bias_ih": (4 * UNITS,),
            "bias_hh": (4 * UNITS,),
        }
        for name, shape in shapes.items():
            state[f"lstm.{name}_l{layer}"] = rng.normal(0.0, 0.08, shape).astype(np.float32)
    state["linear.weight"] = rng.normal(0.0, 0.1, (UNITS, UNITS)).astype(np.float32)
    state["linear.bias"] = rng.normal(0.0, 0.1, UNITS).astype(np.float32)
    return state


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("voice-encoder")
    torch_file.write(place / ge2e_encoder.FILE, "model_state", random_state(), step=7)
    return place


def sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1.0 / (1.0 + np.exp(-x)))


def plain(state: State, frames: NDArray[np.float64]) -> NDArray[np.float64]:
    """The encoder as its authors describe it: frames through one layer after the other, then a unit vector."""
    rows = frames
    for layer in range(LAYERS):
        wi, wh, bi, bh = (
            state[f"lstm.{name}_l{layer}"].astype(np.float64)
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        hidden, cell, out = np.zeros(UNITS), np.zeros(UNITS), []
        for row in rows:
            i, f, g, o = np.split(wi @ row + bi + wh @ hidden + bh, 4)
            cell = sigmoid(f) * cell + sigmoid(i) * np.tanh(g)
            hidden = sigmoid(o) * np.tanh(cell)
            out.append(hidden)
        rows = np.array(out)
    raw = np.maximum(0.0, state["linear.weight"] @ rows[-1] + state["linear.bias"])
    return np.asarray(raw / np.linalg.norm(raw))


def test_windows_are_those_of_a_plain_lstm(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ge2eEncoder, "_level", level_kept_still)
    sound = clip("ana-1")[: 3 * RATE]
    found = Ge2eEncoder(folder).feed(sound)
    bands = ge2e_encoder._mel(np.concatenate([np.zeros(200, np.float32), sound])).astype(np.float64)
    assert {w.end_sample - w.first_sample for w in found} == {size * 160 for size in ge2e_encoder.ENDS}
    for window in (found[0], found[-1]):
        first, last = window.first_sample // 160, window.end_sample // 160
        assert window.vector == pytest.approx(plain(random_state(), bands[first:last] * 5.0), abs=2e-4)


def level_kept_still(encoder: Ge2eEncoder, bands: NDArray[np.float32]) -> float:
    """The level kept still, so that a window can be computed by itself."""
    encoder._levels[:] = 1.0
    encoder._loud = 1.0
    return ge2e_encoder._LOUD / 5.0


def test_the_pieces_do_not_matter(folder: Path) -> None:
    sound, pieces = clip("ben-1"), Ge2eEncoder(folder)
    whole = Ge2eEncoder(folder)
    at, found, expected = 0, [], []
    for size in (1, 159, 160, 161, 6400, 12_800, len(sound)):
        found += pieces.feed(sound[at : at + size])
        at += size
    for first in range(0, len(sound), 6400):
        expected += whole.feed(sound[first : first + 6400])
    assert [(w.first_sample, w.end_sample) for w in found] == [(w.first_sample, w.end_sample) for w in expected]
    likeness = [a.vector @ b.vector for a, b in zip(found, expected, strict=True)]
    assert min(likeness) > 0.99  # the level follows the sound in other steps


def test_silence_gives_no_windows(folder: Path) -> None:
    encoder, said = Ge2eEncoder(folder), clip("ana-1")
    assert encoder.feed(said)
    late = [w for w in encoder.feed(np.zeros(20 * RATE, np.float32)) if w.end_sample > len(said) + RATE]
    assert late == []


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("it-ran",)


def test_a_file_cannot_run_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / ge2e_encoder.FILE
    path.write_bytes(pickle.dumps(torch_file.MAGIC) + pickle.dumps(1001) + pickle.dumps({}) + pickle.dumps(Evil()))
    with pytest.raises(ModelError, match="cannot be read: it asks for"):
        Ge2eEncoder(tmp_path)
    assert not (tmp_path / "it-ran").exists()


def test_damaged_files_say_so(folder: Path, tmp_path: Path) -> None:
    path, whole = tmp_path / ge2e_encoder.FILE, (folder / ge2e_encoder.FILE).read_bytes()
    for damaged in (b"", whole[:100], whole[: len(whole) // 2], b"no pickle at all", whole[:200] + whole[260:]):
        path.write_bytes(damaged)
        with pytest.raises(ModelError, match="cannot be read"):
            torch_weights.load(path, "model_state")
    with pytest.raises(ModelError, match="cannot be read"):
        torch_weights.load(folder / ge2e_encoder.FILE, "other_state")
    torch_file.write(path, "model_state", {"linear.bias": np.zeros(3, np.float32)})
    with pytest.raises(ModelError, match="holds no voice encoder"):
        Ge2eEncoder(tmp_path)


@pytest.mark.slow
def test_the_real_one_tells_voices_apart(real_models: Path) -> None:
    def voice(person: str) -> NDArray[np.float32]:
        windows = Ge2eEncoder(real_models / "voice-encoder").feed(clip(f"{person}-0"))
        mean = np.mean([w.vector for w in windows], axis=0)
        return np.asarray(mean / np.linalg.norm(mean), np.float32)

    people = {person: voice(person) for person in ("ana", "ben", "carla")}
    for person in people:
        windows = Ge2eEncoder(real_models / "voice-encoder").feed(clip(f"{person}-1"))
        likeness = {other: float(np.mean([w.vector @ mean for w in windows])) for other, mean in people.items()}
        assert max(likeness, key=lambda other: likeness[other]) == person, likeness
