"""The segmentation network, for real; and the listener with whatever models are there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facilitator.backends.models import second_head
from facilitator.backends.models.onnx_segmentation import APART_STEPS, FILE, WINDOW_STEPS, OnnxSegmentation, by_steps
from facilitator.backends.models.segmentation_network import Segmentation3, chances
from facilitator.core.events import Heard
from facilitator.errors import ModelError
from facilitator.hearing.signal.audio import RATE, Block, Samples
from facilitator.hearing.signal.features import STEP
from facilitator.models import record
from facilitator.pipelines.live import open_listener
from tests.support.hearing_sounds import clip, room

GOLDEN = Path(__file__).parents[1] / "data" / "golden" / "networks.npz"


def test_a_damaged_file_says_so(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no network")
    with pytest.raises(ModelError, match="cannot be used"):
        OnnxSegmentation(tmp_path)


@pytest.mark.slow
def test_it_says_what_the_published_network_says(real_models: Path) -> None:
    """`tests/support/golden_networks.py` asked that network, in its own engine."""
    talk = np.concatenate([room(1.0), clip("ana-1")[: 4 * RATE], clip("ben-1")[: 5 * RATE]])
    network = Segmentation3(real_models / "segmentation" / FILE)
    given = (network.filtered(talk)[None], talk[None])
    found = chances(network.log_odds(network.hidden(*given)))[0]
    with np.load(GOLDEN) as golden:
        assert np.abs(found - golden["segmentation"].astype(np.float32)).max() < 1e-3  # kept in 16 bits
    twice = network.hidden(*(np.concatenate([each, each]) for each in given))  # two windows at once are each alone
    assert np.abs(chances(network.log_odds(twice)) - found).max() < 1e-4


@pytest.mark.slow
def test_what_is_told_is_the_mean_of_two_last_layers(real_models: Path) -> None:
    sound = np.concatenate([clip("ana-1"), room(12.0)])[: WINDOW_STEPS * STEP]
    told = OnnxSegmentation(real_models / "segmentation").feed(sound)[-1]
    network = Segmentation3(real_models / "segmentation" / FILE)
    hidden = by_steps(network.hidden(network.filtered(sound)[None], sound[None]))
    own, second = network.log_odds(hidden), second_head.log_odds(hidden)
    assert told.first_step == 0
    found = told.chances.astype(np.float32)
    assert np.abs(found - chances((own + second) / np.float32(2.0))[0]).max() < 1e-3
    assert np.abs(found - chances(own)[0]).max() > 0.05 < np.abs(found - chances(second)[0]).max()


@pytest.mark.slow
def test_it_hears_one_two_and_nobody(real_models: Path) -> None:
    ana, ben = clip("ana-1"), clip("ben-1")
    both = min(len(ana), len(ben))
    sound = np.concatenate([room(3.0), ana, room(1.0), ana[:both] + ben[:both], room(12.0)])
    pieces, whole = OnnxSegmentation(real_models / "segmentation"), OnnxSegmentation(real_models / "segmentation")
    found = [window for first in range(0, len(sound), 1000) for window in pieces.feed(sound[first : first + 1000])]
    assert [w.last_step for w in found] == list(range(APART_STEPS, len(sound) // STEP + 1, APART_STEPS))
    for one, other in zip(found, whole.feed(sound), strict=True):
        assert one.first_step == other.first_step and len(one.chances) == WINDOW_STEPS
        assert np.abs(one.chances.astype(np.float32) - other.chances.astype(np.float32)).max() < 1e-2

    total, count = np.zeros((len(sound) // STEP + 1, 3)), np.zeros(len(sound) // STEP + 1)
    for window in found:
        each = window.chances.astype(np.float32)
        several = np.stack([each[:, 0], each[:, 1:4].sum(axis=1), each[:, 4:].sum(axis=1)], axis=1)
        begin = max(0, window.first_step)
        total[begin : window.last_step] += several[begin - window.first_step :]
        count[begin : window.last_step] += 1
    mean = total / np.maximum(count, 1)[:, None]
    one_s, two_s = 3.0 + len(ana) / RATE / 2, 4.0 + (len(ana) + both / 2) / RATE
    assert mean[int(20 * (one_s - 1)) : int(20 * (one_s + 1)), 1].mean() > 0.7, "one voice"
    assert mean[int(20 * (two_s - 1)) : int(20 * (two_s + 1)), 2].mean() > 0.4, "two at once"
    assert mean[-100:-20, 0].mean() > 0.9, "nobody"


def enrolled_and_heard(stereo: bool = False) -> list[str]:
    """The sources of a listener that has heard three people, as it names them itself."""
    listener, troubles = open_listener()
    assert not troubles
    for person in ("ana", "ben", "carla"):
        listener.enrol(person, clip(f"{person}-0"))
    sound = np.concatenate([clip("ana-1"), room(0.5), clip("ben-1"), room(0.5), clip("carla-1")])
    for first in range(0, len(sound), 1600):
        listener.hear(Block(first_sample=first, samples=sound[first : first + 1600, None]))
    final = listener.review()
    said = {name: sum(h.end_ms - h.start_ms for h in final if h.people == (name,)) for name in listener.people}
    assert min(said.values()) > 2000, said
    return [one.source for one in listener.contributions()]


def test_without_any_model_it_listens() -> None:
    assert enrolled_and_heard() == ["voiceprints", "direction"]


@pytest.mark.slow
def test_with_the_models_it_listens_with_them(real_models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACILITATOR_MODELS", str(real_models))
    assert enrolled_and_heard() == ["voiceprints", "voice-encoder", "segmentation"]


def telephone(sound: Samples, gain_db: float) -> Samples:
    """The band of a telephone, brighter than it was, at another level."""
    spectrum, hz = np.fft.rfft(sound), np.fft.rfftfreq(len(sound), 1 / RATE)
    spectrum *= ((hz > 300) & (hz < 3400)) * (1.0 + hz / 1500.0) * 10 ** (gain_db / 20)
    return np.asarray(np.fft.irfft(spectrum, len(sound)), np.float32)


@pytest.mark.slow
@pytest.mark.parametrize("gain_db", [-30.0, 6.0])
def test_samples_from_another_microphone_name_the_same_people(
    real_models: Path, monkeypatch: pytest.MonkeyPatch, gain_db: float
) -> None:
    monkeypatch.setenv("FACILITATOR_MODELS", str(real_models))
    talk = np.concatenate([clip("ana-1"), room(0.5), clip("ben-1"), room(0.5), clip("carla-1"), room(1.0)])
    said = []
    for through in (lambda sound: sound, lambda sound: telephone(sound, gain_db)):
        listener, _ = open_listener()
        for person in ("ana", "ben", "carla"):
            listener.enrol(person, through(clip(f"{person}-0")))
        for first in range(0, len(talk), 1600):
            listener.hear(Block(first_sample=first, samples=talk[first : first + 1600, None]))
        final = [fact for fact in listener.review() if isinstance(fact, Heard)]
        assert not any(fact.guest for fact in final)
        spoken = {name: sum(f.end_ms - f.start_ms for f in final if name in f.people) for name in listener.people}
        said.append({name: ms / sum(spoken.values()) for name, ms in spoken.items()})
    for person, share in said[0].items():
        assert abs(said[1][person] - share) < 0.02, said


def test_a_model_that_does_not_work_is_named_and_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACILITATOR_MODELS", str(tmp_path))
    for model, file in (("segmentation", FILE), ("voice-encoder", "campplus.npy")):
        (tmp_path / model).mkdir()
        (tmp_path / model / file).write_bytes(b"no model")
        assert record.read(tmp_path / model) is None
    _, troubles = open_listener()
    assert len(troubles) == 2
    assert all(str(tmp_path) in sentence and "used" in sentence for sentence in troubles)
    assert all("facilitator models install" in sentence for sentence in troubles)


@pytest.mark.slow
def test_the_vosk_models_are_used_where_both_are_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = Path(__file__).parents[1] / "data" / "models"
    monkeypatch.setenv("FACILITATOR_MODELS", str(tmp_path))
    (tmp_path / "vosk-voiceprint").symlink_to(own / "vosk-model-mini-spk")
    assert enrolled_and_heard() == ["voiceprints", "direction"]
    (tmp_path / "vosk-words-en").symlink_to(own / "vosk-model-mini-en")
    assert enrolled_and_heard() == ["voiceprints", "direction", "vosk-voiceprint"]
