"""Voices found in a recording of the demonstration's people, with no model at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from facilitator.errors import AudioError, UsageError
from facilitator.hearing.signal.audio import RATE, Samples
from facilitator.hearing.speaker.timbre import Timbre
from facilitator.pipelines.discovery import Finding, find
from facilitator.pipelines.offline import analyze
from tests.support.hearing_sounds import clip, joined, room

ORDER = ("ben-0", "ana-0", "carla-0", "ana-1", "ben-1", "carla-1", "ana-3", "ben-2", "ana-2", "carla-3", "ben-3")
PEOPLE = ("ben", "ana", "carla")  # in the order in which they first speak


def noisy(sound: Samples, seed: int) -> Samples:
    return sound + room(len(sound) / RATE + 1, seed=seed)[: len(sound)]


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("talk") / "talk.wav"
    sf.write(path, noisy(joined(*(part for name in ORDER for part in (clip(name), room(0.6)))), 3), RATE)
    return path


def who(start_ms: int) -> str:
    """Who speaks in the talk at this time."""
    at = 0.0
    for name in ORDER:
        at += len(clip(name)) / RATE + 0.6
        if start_ms / 1000 < at:
            return name.partition("-")[0]
    raise AssertionError(start_ms)


@pytest.fixture(scope="module")
def finding(talk: Path) -> Finding:
    parts: list[float] = []
    found = find(talk, 3, progress=parts.append)
    assert parts == sorted(parts) and parts[-1] > 0.9
    return found


def test_each_is_found_in_the_order_in_which_they_speak(finding: Finding) -> None:
    assert list(finding.samples) == ["Voice 1", "Voice 2", "Voice 3"]
    assert [who(found.start_ms) for found in finding.found] == list(PEOPLE)
    for found in finding.found:
        assert who(found.end_ms - 1) == who(found.start_ms)
        assert 1000 <= found.end_ms - found.start_ms <= 9000
    assert all(5 * RATE <= len(sample) <= 30 * RATE for sample in finding.samples.values())


def test_who_spoke_when_is_told_of_the_voices_found(talk: Path, finding: Finding) -> None:
    heard = analyze(talk, finding.samples)
    assert heard.people == ("Voice 1", "Voice 2", "Voice 3")
    for number, person in enumerate(PEOPLE, 1):
        mine = [f for f in heard.final if f.people == (f"Voice {number}",)]
        said = sum(f.end_ms - f.start_ms for f in mine)
        right = sum(f.end_ms - f.start_ms for f in mine if who((f.start_ms + f.end_ms) // 2) == person)
        assert right > 0.85 * said > 0


def test_how_many_there_are_need_not_be_told(talk: Path) -> None:
    assert 2 <= len(find(talk).found) <= 4


def test_a_voice_sample_names_one_and_leaves_the_numbers_of_the_others(talk: Path) -> None:
    found = find(talk, 3, {"Ana": noisy(joined(clip("ana-1"), clip("ana-2")), 5)})
    assert list(found.samples) == ["Voice 1", "Ana", "Voice 3"]
    assert [place.voice for place in found.found] == ["Voice 1", "Ana", "Voice 3"]


def test_whoever_is_not_found_is_enrolled_with_the_sample(tmp_path: Path) -> None:
    sf.write(tmp_path / "one.wav", noisy(clip("ana-0"), 3), RATE)
    samples = {"Ana": noisy(clip("ana-1"), 4), "Ben": noisy(clip("ben-1"), 4)}
    found = find(tmp_path / "one.wav", 2, samples)
    assert set(samples) <= set(found.samples)


def test_names(finding: Finding) -> None:
    named = finding.renamed({"Voice 2": "Ana"})
    assert list(named.samples) == ["Voice 1", "Ana", "Voice 3"]
    assert [place.voice for place in named.found] == ["Voice 1", "Ana", "Voice 3"]
    with pytest.raises(UsageError, match=r"no Voice 4 .* Voice 1, Voice 2, Voice 3"):
        finding.renamed({"Voice 4": "Ana"})
    with pytest.raises(UsageError, match="Two voices would be called Ana"):
        finding.renamed({"Voice 1": "Ana", "Voice 2": "Ana"})


def test_where_nobody_speaks_nobody_is_found(tmp_path: Path) -> None:
    sf.write(tmp_path / "quiet.wav", np.zeros(5 * RATE, np.float32), RATE)
    with pytest.raises(AudioError, match=r"No voice is heard in quiet\.wav"):
        find(tmp_path / "quiet.wav")
    with pytest.raises(AudioError, match=r"no file .*none\.wav"):
        find(tmp_path / "none.wav")


def test_a_voice_sample_without_a_voice_is_refused(talk: Path) -> None:
    with pytest.raises(AudioError, match="voice sample of Ana is too quiet"):
        find(talk, 3, {"Ana": room(5.0)})


def test_timbre_is_the_same_however_the_sound_is_cut() -> None:
    sound = noisy(clip("ana-1"), 3)
    whole = Timbre().feed(sound)
    stream = Timbre()
    pieces = [window for first in range(0, len(sound), 1777) for window in stream.feed(sound[first : first + 1777])]
    assert [(w.first_sample, w.end_sample) for w in pieces] == [(w.first_sample, w.end_sample) for w in whole]
    assert np.allclose([w.vector for w in pieces], [w.vector for w in whole], atol=1e-5)
    assert all(np.linalg.norm(window.vector) == pytest.approx(1.0, abs=1e-5) for window in whole)
    assert Timbre().feed(np.zeros(0, np.float32)) == []
