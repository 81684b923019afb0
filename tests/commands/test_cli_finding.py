"""`facilitator analyze` without an opening circle, as a person starts it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from facilitator.hearing.signal.audio import RATE
from tests.commands.test_cli import facilitator, home
from tests.support.hearing_sounds import clip, joined, room

__all__ = ["home"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("finding")
    said = joined(*(part for name in ("ana-0", "ben-0", "ana-1", "ben-1") for part in (clip(name), room(0.6))))
    for name, sound in {"talk": said, "ben": clip("ben-2"), "ana": clip("ana-3")}.items():
        sf.write(path / f"{name}.wav", sound + room(len(sound) / RATE + 1, seed=3)[: len(sound)], RATE)
    return path


def test_voices_are_found_named_and_told(home: Path, folder: Path) -> None:
    told = home / "talk.json"
    result = facilitator(
        "analyze", str(folder / "talk.wav"), "--people", "2", "--name", "voice 1=Ana", "--json", str(told)
    )
    assert result.returncode == 0, result.stderr
    assert "Ana: listen at 0:00 to 0:09" in result.stdout and "Voice 2: listen at 0:" in result.stdout
    assert '--name "Voice 2=Ana"' in result.stdout
    heard = json.loads(told.read_text())
    assert heard["people"] == ["Ana", "Voice 2"]
    assert [row["voice"] for row in heard["found"]] == ["Ana", "Voice 2"]
    assert all(0 <= row["start"] < row["end"] <= heard["seconds"]["audio"] for row in heard["found"])
    assert {"people", "final", "live", "cut_ins", "seconds", "found"} <= set(heard)
    assert {row["person"] for row in heard["final"]["speech"]} >= {"Ana", "Voice 2"}


def test_a_voice_sample_names_a_voice(home: Path, folder: Path) -> None:
    sample = f"Ben={folder / 'ben.wav'}"
    result = facilitator("analyze", str(folder / "talk.wav"), "--people", "2", "--voice", sample)
    assert result.returncode == 0, result.stderr
    assert "Voice 1: listen" in result.stdout and "Ben: listen" in result.stdout


def test_with_a_sample_of_everyone_nobody_needs_to_be_found(home: Path, folder: Path) -> None:
    voices = [part for name in ("ana", "ben") for part in ("--voice", f"{name}={folder / f'{name}.wav'}")]
    told = home / "talk.json"
    result = facilitator("analyze", str(folder / "talk.wav"), "--people", "2", *voices, "--json", str(told))
    assert result.returncode == 0, result.stderr
    assert "listen at" not in result.stdout and json.loads(told.read_text())["found"] == []


@pytest.mark.parametrize(
    ("args", "code", "sentence"),
    [
        (["none.wav"], 1, "There is no file none.wav"),
        (["none.wav", "--people", "0"], 2, "1 to 12"),
        (["none.wav", "--people", "Ana, Ben"], 2, "how many people talk"),
        (["none.wav", "--name", "Ana"], 2, 'for example --name "Voice 1=Ana"'),
        (["none.wav", "--name", "Ben=Ana"], 2, 'for example --name "Voice 1=Ana"'),
        (["none.wav", "--name", "Voice 1=Ana", "--name", "Voice 01=Ben"], 2, "two names for Voice 1"),
        (["none.wav", "--name", "Voice 1="], 2, "type a name"),
        (["{ana}", "--people", "1", "--voice", "Ana={ana}", "--voice", "Ben={ben}"], 2, "say --people 2, or more"),
        (["{ana}", "--voice", "Ana={ana}", "--name", "Voice 1=Ben"], 2, "say with --people how many talk"),
        (["{ana}", "--people", "1", "--name", "Voice 7=Ben"], 2, "There is no Voice 7"),
    ],
)
def test_one_clear_sentence_and_the_right_exit_code(
    home: Path, folder: Path, args: list[str], code: int, sentence: str
) -> None:
    files = {name: str(folder / f"{name}.wav") for name in ("ana", "ben")}
    result = facilitator("analyze", *(arg.format(**files) for arg in args))
    assert result.returncode == code, result.stderr
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr


def test_single_loud_words_are_one_voice(home: Path, tmp_path: Path) -> None:
    """Eleven, half a second each, with half a second between: too short for any passage of one voice."""
    said = clip("ana-0")
    size, parts = RATE // 2, []
    power = np.convolve(np.square(said), np.ones(size), "valid")
    for _ in range(11):
        at = int(power.argmax())
        word = said[at : at + size]
        power[max(0, at - size) : at + size] = 0.0
        parts += [word * (10 ** (-10 / 20) / np.abs(word).max()), np.zeros(size, np.float32)]
    path, table = tmp_path / "counting.wav", tmp_path / "talk.csv"
    sound = np.concatenate(parts)
    sf.write(path, sound + room(len(sound) / RATE + 1)[: len(sound)], RATE)
    result = facilitator(
        "analyze", str(path), "--people", "1", "--json", str(tmp_path / "talk.json"), "--csv", str(table)
    )
    assert result.returncode == 0, result.stderr
    speech = json.loads((tmp_path / "talk.json").read_text())["final"]["speech"]
    assert {row["person"] for row in speech} == {"Voice 1"}
    assert 4.5 < sum(row["end"] - row["start"] for row in speech) < 7.5
    assert table.read_bytes().startswith(b"\xef\xbb\xbfperson,")
    unsure = facilitator("analyze", str(path))
    assert unsure.returncode == 0 and "Only short words are heard" in unsure.stderr
