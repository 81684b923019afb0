"""Piper, chosen by people: a program of its own. `FACILITATOR_TEST_PIPER=voice.onnx` tests the real one."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from facilitator.backends import check_voice_model, open_voice
from facilitator.backends.voice import voice_files
from facilitator.backends.voice.piper_voice import PiperVoice, language_of, voice_model
from facilitator.core.events import Fact, PromptEnded, Trouble
from facilitator.errors import VoiceError
from tests.support.piper_program import installed
from tests.support.virtual_audio import VirtualAudio, require

FLOOR = "Ana, you have the floor for five minutes."


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A voice, and a Piper on the path that can speak with it."""
    require()
    real = os.environ.get("FACILITATOR_TEST_PIPER")
    if real:
        return Path(real)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return installed(tmp_path)


@pytest.fixture
def voice(model: Path) -> Iterator[PiperVoice]:
    voice = PiperVoice(str(model), "en-US")
    yield voice
    voice.close()


def test_it_speaks_and_leaves_no_file(voice: PiperVoice) -> None:
    for text in (FLOOR, "Thank you.\nNow Ben.", "„Ёж“ – Zoë?"):
        samples, rate = voice.speak(text)
        assert len(samples) / rate > 0.3 and np.abs(samples).max() > 0.05
    assert not list(voice._file.path.parent.iterdir()), "what was said is not left lying about"
    folder = voice._file.path.parent
    voice.close()
    assert not folder.exists()
    with pytest.raises(VoiceError):
        voice.speak("Too late.")


def test_slower_is_slower(model: Path) -> None:
    lengths = []
    for pace in (110, 220):
        voice = PiperVoice(str(model), "en-US", pace)
        lengths.append(len(voice.speak(FLOOR)[0]))
        voice.close()
    assert lengths[0] > 1.3 * lengths[1]


def test_one_that_is_killed_is_started_again(voice: PiperVoice) -> None:
    assert voice._process is not None
    voice._process.kill()
    assert len(voice.speak(FLOOR)[0])


def test_nothing_of_it_is_imported() -> None:
    found = (
        "import sys, facilitator.backends.voice.piper_voice; print([m for m in sys.modules if m.startswith('piper')])"
    )
    assert subprocess.check_output([sys.executable, "-c", found], text=True).strip() == "[]"


def test_another_language_is_refused_and_said(model: Path) -> None:
    assert language_of(model) == "en"
    with pytest.raises(VoiceError, match=r"speaks “en”, not “de”\.$"):
        PiperVoice(str(model), "de-DE")


def test_what_is_no_voice_is_told_in_a_sentence(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_voice_model(str(model))
    bare = tmp_path / "bare.onnx"
    bare.touch()
    for named, told in (("nobodys-package-4711", "nor an installed package"), ("gone.onnx", "There is no voice model"),
                        (str(bare), "its settings are missing"), ("click", "There is no voice model")):  # fmt: skip
        with pytest.raises(VoiceError, match=told):
            voice_model(named)
    (tmp_path / "bare.onnx.json").write_text("[]")
    with pytest.raises(VoiceError, match="cannot be read"):
        PiperVoice(str(bare), "en")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(VoiceError, match="Piper is not on this computer"):
        check_voice_model(str(model))


@pytest.mark.sound
def test_behind_the_port_it_speaks_and_where_it_cannot_another_does(model: Path, sound: VirtualAudio) -> None:
    def said(language: str) -> tuple[list[str], list[str]]:
        voice = open_voice("voice", language, voice_model=str(model))
        facts: list[Fact] = []
        try:
            voice.say(1, FLOOR, 0)
            until = time.monotonic() + 30
            while not any(isinstance(fact, PromptEnded) for fact in facts):
                assert time.monotonic() < until
                facts += voice.poll(round(time.monotonic() * 1000))
                time.sleep(0.01)
        finally:
            voice.close()
        return ([fact.how for fact in facts if isinstance(fact, PromptEnded)],
                [fact.message for fact in facts if isinstance(fact, Trouble)])  # fmt: skip

    assert said("en") == (["spoken"], [])
    how, told = said("de")
    assert how == ["spoken"] and len(told) == 1 and told[0].startswith("I speak with another voice. The voice ")
    ours = f"{voice_files.PREFIX}{os.getpid()}-*"
    assert not list(Path(tempfile.gettempdir()).glob(ours))
