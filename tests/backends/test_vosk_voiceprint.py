"""`VoskVoiceprint` keeps the promises of the port `VoiceEncoder`, with the real Vosk and small real models."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from facilitator.backends.models.vosk_voiceprint import WINDOW_S, VoskVoiceprint
from facilitator.errors import ModelError
from facilitator.hearing.signal.audio import RATE
from facilitator.hearing.values import Embedding

HERE = Path(__file__).parents[1]
VOICES = HERE / "data" / "models" / "vosk-model-mini-spk"
SPEECH = HERE / "data" / "models" / "vosk-model-mini-en"
STATIC = HERE / "data" / "models" / "vosk-model-mini-en-static"
PEOPLE = ("m5", "f3", "andy", "belinda")
WINDOW = round(WINDOW_S * RATE)


def talk(person: str) -> np.ndarray:
    """About 10 s of one voice."""
    parts = []
    for name in ("chores", "tomatoes", "monday"):
        parts += [soundfile.read(HERE / "data" / "sounds" / "words" / f"{person}-{name}.flac", dtype="float32")[0]]
        parts += [np.zeros(RATE // 5, np.float32)]
    return np.concatenate(parts)


def fed(encoder: VoskVoiceprint, samples: np.ndarray, piece: int = 1600) -> list[Embedding]:
    return [e for first in range(0, len(samples), piece) for e in encoder.feed(samples[first : first + piece])]


@pytest.fixture(params=[SPEECH, STATIC], ids=["restricted", "static"])
def encoder(request: pytest.FixtureRequest, capfd: pytest.CaptureFixture[str]) -> Iterator[VoskVoiceprint]:
    yield VoskVoiceprint(VOICES, request.param)
    assert capfd.readouterr().err == ""


def test_windows_overlap_by_half_and_come_in_order(encoder: VoskVoiceprint) -> None:
    found = fed(encoder, talk("m5"))
    assert [e.end_sample for e in found] == list(range(WINDOW // 2, len(talk("m5")) + 1, WINDOW // 2))
    assert all(e.first_sample == max(0, e.end_sample - WINDOW) for e in found)
    assert all(e.vector.dtype == np.float32 and e.vector.shape == (128,) for e in found)
    assert all(np.linalg.norm(e.vector) == pytest.approx(1, abs=1e-5) for e in found)


def test_pieces_of_any_length_give_the_same(encoder: VoskVoiceprint) -> None:
    sound = talk("f3")
    once = VoskVoiceprint(VOICES, SPEECH).feed(sound)
    again = fed(VoskVoiceprint(VOICES, SPEECH), sound, piece=777)
    assert [e.end_sample for e in once] == [e.end_sample for e in again]
    assert all(float(a.vector @ b.vector) > 0.98 for a, b in zip(once, again, strict=True))
    assert encoder.feed(np.zeros(0, np.float32)) == []


def test_where_hardly_anybody_speaks_there_is_no_window(encoder: VoskVoiceprint) -> None:
    noise = np.random.default_rng(3).normal(0, 3e-4, 6 * RATE).astype(np.float32)
    assert fed(encoder, noise) == fed(encoder, np.zeros(6 * RATE, np.float32)) == []
    sound = talk("andy")
    found = fed(encoder, sound)
    assert found
    assert all(e.first_sample >= 12 * RATE - WINDOW for e in found)


def test_one_voice_is_alike_and_others_are_not(encoder: VoskVoiceprint) -> None:
    heard = {}
    for person in PEOPLE:
        fed(encoder, np.zeros(2 * WINDOW, np.float32))
        start = encoder._end
        found = fed(encoder, talk(person))
        heard[person] = np.array([e.vector for e in found if e.first_sample >= start])
        assert len(heard[person]) >= 5
    prints = {person: heard[person][::2].mean(axis=0) for person in PEOPLE}
    for person in PEOPLE:
        alike = {other: heard[person][1::2] @ prints[other] / np.linalg.norm(prints[other]) for other in PEOPLE}
        assert min(alike[person]) > 0.5
        assert all(max(alike[other]) < min(alike[person]) for other in PEOPLE if other != person)


def test_a_missing_model_is_said_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"There is no folder .*facilitator models install vosk-voiceprint"):
        VoskVoiceprint(tmp_path / "nowhere", SPEECH)
    with pytest.raises(ModelError, match=r"not a Vosk model of voices, as final\.ext\.raw is not in it"):
        VoskVoiceprint(SPEECH, SPEECH)
    with pytest.raises(ModelError, match=r"not a Vosk model of words"):
        VoskVoiceprint(VOICES, VOICES)


def test_a_damaged_model_is_said_without_noise(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for file in VOICES.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes()[:1000])
    with pytest.raises(ModelError, match="cannot read the model"):
        VoskVoiceprint(tmp_path, SPEECH)
    assert capfd.readouterr().err == ""
