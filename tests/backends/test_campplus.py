"""The voice encoder CAM++: its network is the one that was published, its stream does not mind how it is fed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from facilitator.backends.models import campplus_encoder, campplus_network, campplus_weights, kaldi_bands
from facilitator.backends.models.campplus_encoder import CampplusEncoder
from facilitator.errors import ModelError
from facilitator.hearing.signal.audio import RATE
from tests.support import torch_file
from tests.support.hearing_sounds import clip, room

GOLDEN = Path(__file__).parents[1] / "data" / "golden" / "networks.npz"
Exact = NDArray[np.float64]
State = dict[str, NDArray[np.float32]]
BLOCKS = ((12, 1, 128), (24, 2, 256), (16, 2, 512))


def random_state(seed: int = 0) -> State:
    """Weights of the published names and shapes, by chance; some factors negative, one zero."""
    rng = np.random.default_rng(seed)
    state: State = {}

    def conv(name: str, *shape: int) -> None:
        state[f"{name}.weight"] = rng.normal(0.0, 1.2 / np.sqrt(np.prod(shape[1:])), shape).astype(np.float32)

    def norm(name: str, size: int, affine: bool = True) -> None:
        state[f"{name}.running_mean"] = rng.normal(0.0, 0.2, size).astype(np.float32)
        state[f"{name}.running_var"] = rng.uniform(0.5, 2.0, size).astype(np.float32)
        if affine:
            state[f"{name}.weight"] = rng.uniform(-0.2, 1.5, size).astype(np.float32)
            state[f"{name}.weight"][3] = 0.0
            state[f"{name}.bias"] = rng.normal(0.0, 0.3, size).astype(np.float32)

    conv("head.conv1", 32, 1, 3, 3)
    norm("head.bn1", 32)
    for layer in ("layer1.0", "layer1.1", "layer2.0", "layer2.1"):
        for k in (1, 2):
            conv(f"head.{layer}.conv{k}", 32, 32, 3, 3)
            norm(f"head.{layer}.bn{k}", 32)
        if layer.endswith("0"):
            conv(f"head.{layer}.shortcut.0", 32, 32, 1, 1)
            norm(f"head.{layer}.shortcut.1", 32)
    conv("head.conv2", 32, 32, 3, 3)
    norm("head.bn2", 32)
    conv("xvector.tdnn.linear", 128, 320, 5)
    norm("xvector.tdnn.nonlinear.batchnorm", 128)
    for b, (layers, _, width) in enumerate(BLOCKS, 1):
        for k in range(layers):
            place = f"xvector.block{b}.tdnnd{k + 1}"
            norm(f"{place}.nonlinear1.batchnorm", width + 32 * k)
            conv(f"{place}.linear1", 128, width + 32 * k, 1)
            norm(f"{place}.nonlinear2.batchnorm", 128)
            conv(f"{place}.cam_layer.linear_local", 32, 128, 3)
            for name, out, into in (("linear1", 64, 128), ("linear2", 32, 64)):
                conv(f"{place}.cam_layer.{name}", out, into, 1)
                state[f"{place}.cam_layer.{name}.bias"] = rng.normal(0.0, 0.3, out).astype(np.float32)
        seen = width + 32 * layers
        norm(f"xvector.transit{b}.nonlinear.batchnorm", seen)
        conv(f"xvector.transit{b}.linear", seen // 2, seen, 1)
    norm("xvector.out_nonlinear.batchnorm", 512)
    conv("xvector.dense.linear", 192, 1024, 1)
    norm("xvector.dense.nonlinear.batchnorm", 192, affine=False)
    return state


def plain(state: Mapping[str, NDArray[np.float32]], frames: Exact) -> Exact:
    """The network as its authors describe it, in float64, a layer after the other, for one window (frames, 80)."""
    w = {name: values.astype(np.float64) for name, values in state.items()}

    def norm(x: Exact, name: str) -> Exact:
        where = (-1,) + (1,) * (x.ndim - 1)
        mean, var = w[f"{name}.running_mean"].reshape(where), w[f"{name}.running_var"].reshape(where)
        out = (x - mean) / np.sqrt(var + 1e-5)
        if f"{name}.weight" in w:
            out = out * w[f"{name}.weight"].reshape(where) + w[f"{name}.bias"].reshape(where)
        return np.asarray(out)

    def relu(x: Exact) -> Exact:
        return np.maximum(x, 0.0)

    def conv2(x: Exact, name: str, stride: int = 1) -> Exact:
        k = w[f"{name}.weight"]
        edge = k.shape[2] // 2
        x = np.pad(x, ((0, 0), (edge, edge), (edge, edge)))
        seen = np.lib.stride_tricks.sliding_window_view(x, k.shape[2:], axis=(1, 2))[:, ::stride]
        return np.asarray(np.einsum("cftab,ocab->oft", seen, k))

    def conv1(x: Exact, name: str, stride: int = 1, pad: int = 0, apart: int = 1) -> Exact:
        k = w[f"{name}.weight"]
        x = np.pad(x, ((0, 0), (pad, pad)))
        reach = (k.shape[2] - 1) * apart + 1
        seen = np.lib.stride_tricks.sliding_window_view(x, reach, axis=1)[:, ::stride, ::apart]
        out = np.einsum("cta,oca->ot", seen, k)
        return np.asarray(out + w[f"{name}.bias"][:, None] if f"{name}.bias" in w else out)

    x = relu(norm(conv2(frames.T[None], "head.conv1"), "head.bn1"))
    for layer, stride in (("layer1.0", 2), ("layer1.1", 1), ("layer2.0", 2), ("layer2.1", 1)):
        y = relu(norm(conv2(x, f"head.{layer}.conv1", stride), f"head.{layer}.bn1"))
        y = norm(conv2(y, f"head.{layer}.conv2"), f"head.{layer}.bn2")
        beside = x
        if stride > 1:
            beside = norm(conv2(x, f"head.{layer}.shortcut.0", stride), f"head.{layer}.shortcut.1")
        x = relu(y + beside)
    x = relu(norm(conv2(x, "head.conv2", 2), "head.bn2")).reshape(320, -1)
    x = relu(norm(conv1(x, "xvector.tdnn.linear", 2, 2), "xvector.tdnn.nonlinear.batchnorm"))
    for b, (layers, apart, _) in enumerate(BLOCKS, 1):
        for k in range(layers):
            place = f"xvector.block{b}.tdnnd{k + 1}"
            y = conv1(relu(norm(x, f"{place}.nonlinear1.batchnorm")), f"{place}.linear1")
            y = relu(norm(y, f"{place}.nonlinear2.batchnorm"))
            context = y.mean(axis=1, keepdims=True) * 2.0  # of the window, and of its only stretch
            gate = relu(conv1(context, f"{place}.cam_layer.linear1"))
            gate = 1.0 / (1.0 + np.exp(-conv1(gate, f"{place}.cam_layer.linear2")))
            local = conv1(y, f"{place}.cam_layer.linear_local", pad=apart, apart=apart)
            x = np.concatenate([x, local * gate])
        place = f"xvector.transit{b}"
        x = conv1(relu(norm(x, f"{place}.nonlinear.batchnorm")), f"{place}.linear")
    x = relu(norm(x, "xvector.out_nonlinear.batchnorm"))
    pooled = np.concatenate([x.mean(axis=1), x.std(axis=1, ddof=1)])[:, None]
    raw = norm(conv1(pooled, "xvector.dense.linear"), "xvector.dense.nonlinear.batchnorm")[:, 0]
    return np.asarray(raw / np.linalg.norm(raw))


@pytest.fixture(scope="module")
def state() -> State:
    return random_state()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, state: State) -> Path:
    place = tmp_path_factory.mktemp("voice-encoder")
    torch_file.write(place / campplus_encoder.PUBLISHED, state, epoch=7)
    campplus_encoder.convert(place)
    assert [path.name for path in place.iterdir()] == [campplus_encoder.FILE]
    return place


@pytest.mark.parametrize("frames", [8, 33, 80, 160, 200])
def test_the_network_is_the_published_one(folder: Path, state: State, frames: int) -> None:
    network = campplus_network.Campplus(campplus_weights.load(folder / campplus_encoder.FILE))
    given = np.random.default_rng(frames).normal(0.0, 2.0, (3, frames, 80)).astype(np.float32)
    (found,) = network.voices(given, [frames])
    for window, vector in zip(given, found, strict=True):
        assert vector == pytest.approx(plain(state, window.astype(np.float64)), abs=2e-5)
    (again,) = network.voices(given[1:2], [frames])  # by itself, and in a room that was used before
    assert again[0] == pytest.approx(found[1], abs=1e-6)


def test_the_filter_banks_are_kaldis() -> None:
    """Computed here as Kaldi does it, a sample at a time, from the definitions in its feature-fbank and
    feature-window."""
    sound = clip("ana-1")[RATE : RATE + 1360]
    found, power = kaldi_bands.bands(sound)
    assert found.shape == (7, 80)
    frame = sound[480:880].astype(np.float64) * 32768.0
    frame -= frame.mean()
    assert power[3] == pytest.approx((frame**2).mean() / 32768.0**2, rel=1e-3)
    frame = frame - 0.97 * np.concatenate([frame[:1], frame[:-1]])
    frame *= (0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(400) / 399.0)) ** 0.85
    spectrum = np.abs(np.fft.rfft(frame, 512)) ** 2
    edges = np.linspace(1127.0 * np.log(1 + 20 / 700), 1127.0 * np.log(1 + 8000 / 700), 82)
    for band in (0, 5, 40, 79):
        left, centre, right = edges[band : band + 3]
        total = 0.0
        for k in range(256):
            mel = 1127.0 * np.log(1.0 + k * 31.25 / 700.0)
            if left < mel < right:
                total += spectrum[k] * min((mel - left) / (centre - left), (right - mel) / (right - centre))
        assert found[3, band] == pytest.approx(np.log(total), abs=2e-3)


def test_the_pieces_do_not_matter(folder: Path) -> None:
    sound = np.concatenate([clip("ben-1"), room(1.0), clip("ana-1")])
    pieces, at, found = CampplusEncoder(folder), 0, []
    for size in (1, 159, 160, 161, 6400, 12_800, 50, len(sound)):
        found += pieces.feed(sound[at : at + size])
        at += size
    expected = CampplusEncoder(folder).feed(sound)
    assert {w.end_sample - w.first_sample for w in expected} == {size * 160 for size in campplus_encoder.SIZES}
    assert all(w.end_sample % 6400 == 0 for w in expected)
    assert [(w.first_sample, w.end_sample) for w in found] == [(w.first_sample, w.end_sample) for w in expected]
    for one, other in zip(found, expected, strict=True):
        assert one.vector @ other.vector > 0.9999
        assert np.linalg.norm(one.vector) == pytest.approx(1.0, abs=1e-5)
    ends = [w.end_sample for w in expected]
    assert ends == sorted(ends)


def test_a_window_is_about_its_sound(folder: Path) -> None:
    """What is said before a window, or after, makes no difference to it."""
    sound, other = clip("ana-1"), clip("ben-1")
    window = next(w for w in CampplusEncoder(folder).feed(sound) if (w.first_sample, w.end_sample) == (12_800, 38_400))
    put = np.concatenate([other[:12_000], sound[12_000:39_200], other])
    same = next(w for w in CampplusEncoder(folder).feed(put) if w.first_sample == 12_800 and w.end_sample == 38_400)
    assert same.vector == pytest.approx(window.vector, abs=1e-4)


def test_loudness_makes_no_difference(folder: Path) -> None:
    sound = clip("ana-1")
    for gain in (0.01, 3.0):
        quiet, loud = CampplusEncoder(folder).feed(sound * np.float32(gain)), CampplusEncoder(folder).feed(sound)
        assert len(quiet) == len(loud)
        assert min(a.vector @ b.vector for a, b in zip(quiet, loud, strict=True)) > 0.99


def test_silence_gives_no_windows(folder: Path) -> None:
    encoder, said = CampplusEncoder(folder), clip("ana-1")
    assert CampplusEncoder(folder).feed(np.zeros(5 * RATE, np.float32)) == []
    assert encoder.feed(said)
    late = [w for w in encoder.feed(np.zeros(20 * RATE, np.float32)) if w.end_sample > len(said) + RATE]
    assert late == []


def test_what_is_no_encoder_says_so(folder: Path, state: State, tmp_path: Path) -> None:
    whole = (folder / campplus_encoder.FILE).read_bytes()
    for damaged in (b"", whole[:100], whole[:-4000], b"no numbers at all"):
        (tmp_path / campplus_encoder.FILE).write_bytes(damaged)
        with pytest.raises(ModelError, match="cannot be used"):
            CampplusEncoder(tmp_path)
    np.save(tmp_path / campplus_encoder.FILE, np.zeros(7, np.float32))
    with pytest.raises(ModelError, match="cannot be used") as refused:
        CampplusEncoder(tmp_path)
    assert "right number of weights" in str(refused.value.__cause__)
    torch_file.write(tmp_path / campplus_encoder.PUBLISHED, {"head.conv1.weight": np.zeros((32, 1, 3, 3), np.float32)})
    with pytest.raises(ModelError, match=r"no CAM\+\+ voice encoder: 'head.bn1"):
        campplus_encoder.convert(tmp_path)
    smaller = {**state, "xvector.dense.linear.weight": np.zeros((192, 512, 1), np.float32)}
    torch_file.write(tmp_path / campplus_encoder.PUBLISHED, smaller)
    with pytest.raises(ModelError, match="of this size"):
        campplus_encoder.convert(tmp_path)


@pytest.mark.slow
def test_the_real_one_tells_voices_apart(real_models: Path) -> None:
    def voice(person: str) -> NDArray[np.float32]:
        windows = CampplusEncoder(real_models / "voice-encoder").feed(clip(f"{person}-0"))
        mean = np.mean([w.vector for w in windows], axis=0)
        return np.asarray(mean / np.linalg.norm(mean), np.float32)

    people = {person: voice(person) for person in ("ana", "ben", "carla")}
    for person in people:
        windows = CampplusEncoder(real_models / "voice-encoder").feed(clip(f"{person}-1"))
        likeness = {other: float(np.mean([w.vector @ mean for w in windows])) for other, mean in people.items()}
        ranked = sorted(likeness.values())
        assert max(likeness, key=lambda other: likeness[other]) == person and ranked[-1] - ranked[-2] > 0.2, likeness


@pytest.mark.slow
def test_the_real_one_says_what_it_said(real_models: Path) -> None:
    """Vectors that were made when the network agreed with the published one, in another engine, to 3e-6."""
    windows = CampplusEncoder(real_models / "voice-encoder").feed(clip("ana-1")[: 4 * RATE])
    with np.load(GOLDEN) as golden:
        for window, vector in zip(windows, golden["voices"].astype(np.float32), strict=True):
            assert window.vector == pytest.approx(vector, abs=1e-3)  # kept in 16 bits
