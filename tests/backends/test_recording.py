"""Recordings as a source of sound: every format, rate and number of channels, and files that are none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from facilitator.backends.audio.recording import BLOCK, Recording, load_voice
from facilitator.errors import AudioError
from facilitator.hearing.signal.audio import RATE, Block, Samples, mono
from tests.support.hearing_sounds import voice

SOUND = voice("low", 2.0)


def blocks(path: Path) -> list[Block]:
    recording = Recording(path, real_time=False)
    found = []
    while (block := recording.read(0)) is not None:
        found.append(block)
    assert recording.ended and recording.read(0) is None
    recording.close()
    return found


def sound_of(path: Path) -> Samples:
    return np.concatenate([block.samples for block in blocks(path)])


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
def test_formats(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"talk.{suffix}"
    sf.write(path, SOUND, RATE)
    found = sound_of(path)[:, 0]
    assert abs(len(found) - len(SOUND)) <= 2400  # MP3 pads
    size = min(len(found), len(SOUND)) - 3000
    shifts = [np.corrcoef(found[k : k + size], SOUND[:size])[0, 1] for k in range(0, 1300, 1)]
    assert max(shifts) > 0.95


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 44100, 48000, 96000])
def test_any_rate_becomes_16_khz_at_the_same_time_and_level(tmp_path: Path, rate: int) -> None:
    time = np.arange(2 * rate) / rate
    path = tmp_path / "tone.wav"
    sf.write(path, 0.5 * np.sin(2 * np.pi * 1000 * time), rate, subtype="FLOAT")
    found = sound_of(path)[:, 0]
    assert abs(len(found) - 2 * RATE) <= 2
    expected = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(len(found)) / RATE)
    assert np.abs(found - expected)[800:-800].max() < 0.02


@pytest.mark.parametrize("channels", [1, 2, 4])
def test_channels_stay_apart_and_blocks_follow_each_other(tmp_path: Path, channels: int) -> None:
    path = tmp_path / "talk.wav"
    sound = np.stack([SOUND * (k + 1) / channels for k in range(channels)], axis=1)
    sf.write(path, sound, RATE, subtype="FLOAT")
    recording = Recording(path, real_time=False)
    assert recording.channels == channels and recording.live is False
    assert recording.duration_s == pytest.approx(2.0)
    found = blocks(path)
    assert [b.first_sample for b in found] == [k * BLOCK for k in range(len(found))]
    assert np.allclose(np.concatenate([b.samples for b in found]), sound, atol=1e-6)


def test_samples_that_are_no_numbers_are_silence(tmp_path: Path) -> None:
    path = tmp_path / "odd.wav"
    sound = SOUND.copy()
    sound[100:200] = np.nan
    sf.write(path, sound, RATE, subtype="FLOAT")
    assert np.isfinite(sound_of(path)).all()


def test_a_file_that_was_cut_off_is_heard_as_far_as_it_goes(tmp_path: Path) -> None:
    path, cut = tmp_path / "whole.flac", tmp_path / "cut.flac"
    sf.write(path, np.tile(SOUND, 5), RATE)
    cut.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    recording = Recording(cut, real_time=False)
    heard = 0
    while (block := recording.read(0)) is not None:
        heard = block.end_sample
    assert 2 * RATE < heard < 8 * RATE
    trouble = recording.trouble()
    assert trouble is not None and "damaged" in trouble and "cut.flac" in trouble
    assert recording.trouble() is None


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: None, "no file"),
        (lambda path: path.mkdir(), "folder"),
        (lambda path: path.write_bytes(b""), "empty"),
        (lambda path: path.write_text("this is not sound " * 99), "not a recording"),
        (lambda path: sf.write(path, np.zeros(0, np.float32), RATE, format="WAV"), "no sound"),
    ],
)
def test_what_is_no_recording_gets_a_sentence(tmp_path: Path, make: object, says: str) -> None:
    path = tmp_path / "thing.wav"
    make(path)  # type: ignore[operator]
    with pytest.raises(AudioError, match=says) as caught:
        Recording(path, real_time=False)
    assert caught.value.message.endswith(".") and "thing.wav" in caught.value.message


def test_in_real_time_nothing_comes_before_its_time(tmp_path: Path) -> None:
    path = tmp_path / "talk.wav"
    sf.write(path, SOUND, RATE)
    recording = Recording(path, real_time=True)
    assert recording.read(0.0) is None  # the first block is not over yet
    block = None
    while block is None:
        block = recording.read(0.5)
    assert block.first_sample == 0 and len(block.samples) == BLOCK
    recording.close()


def test_a_voice_sample_keeps_its_channels(tmp_path: Path) -> None:
    path = tmp_path / "sample.wav"
    sf.write(path, np.stack([SOUND, np.zeros_like(SOUND)], axis=1), RATE, subtype="FLOAT")
    sample = load_voice(path)
    assert sample.shape == (len(SOUND), 2)
    assert np.allclose(mono(sample), SOUND / 2, atol=1e-6)
