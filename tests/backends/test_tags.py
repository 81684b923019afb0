"""When a recording was made, from what recorders and phones write into it, in files as they write them."""

from __future__ import annotations

import datetime
import json
import struct
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from facilitator.backends.audio.recording import load_voice
from facilitator.backends.audio.tags import recorded_at
from facilitator.commands.stored.take_in import held_at
from facilitator.library.archive import plan

NOW = datetime.datetime(2026, 6, 1, 12, tzinfo=datetime.UTC)
SOUND = (0.1 * np.sin(np.arange(16_000) / 20)).astype(np.float32)


def wav(path: Path, day: str = "2026-01-31", time: str = "19:30:05") -> Path:
    """As a field recorder writes it: a broadcast chunk before the sound."""
    soundfile.write(path, SOUND, 16_000, subtype="PCM_16")
    whole = path.read_bytes()
    bext = bytes(320) + f"{day:10}{time:8}".encode("ascii") + bytes(264)
    chunk = b"junk" + struct.pack("<I", 3) + b"abc\0" + b"bext" + struct.pack("<I", len(bext)) + bext
    path.write_bytes(whole[:4] + struct.pack("<I", len(whole) - 8 + len(chunk)) + whole[8:12] + chunk + whole[12:])
    return path


def phone(path: Path, tags: dict[str, str]) -> Path:
    with av.open(str(path), "w") as container:
        container.metadata.update(tags)
        stream = container.add_stream("aac", rate=16_000)
        frame = av.AudioFrame.from_ndarray(SOUND[None, :], format="fltp", layout="mono")
        frame.rate = 16_000
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return path


def tagged(path: Path, date: str) -> Path:
    with soundfile.SoundFile(path, "w", samplerate=16_000, channels=1) as file:
        file.date = date
        file.write(SOUND)
    return path


def local(*when: int) -> datetime.datetime:
    return datetime.datetime(*when).astimezone()  # type: ignore[arg-type]


def test_a_field_recorder(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav")
    assert recorded_at(path, NOW) == local(2026, 1, 31, 19, 30, 5)
    assert len(load_voice(path)) == len(SOUND), "and the sound is the same"


def test_a_phone(tmp_path: Path) -> None:
    path = phone(tmp_path / "a.m4a", {"creation_time": "2026-01-31T18:30:00.000000Z"})
    assert recorded_at(path, NOW) == datetime.datetime(2026, 1, 31, 18, 30, tzinfo=datetime.UTC)


@pytest.mark.parametrize("ending", ["flac", "ogg", "wav"])
def test_a_day_is_noon(tmp_path: Path, ending: str) -> None:
    assert recorded_at(tagged(tmp_path / f"a.{ending}", "2026-01-31"), NOW) == local(2026, 1, 31, 12)


@pytest.mark.parametrize("date", ["1970-01-01", "2031-01-01", "2026-13-45", "2026", "no day"])
def test_what_cannot_be_is_not_believed(tmp_path: Path, date: str) -> None:
    assert recorded_at(tagged(tmp_path / "a.flac", date), NOW) is None
    assert recorded_at(wav(tmp_path / "a.wav", date[:10]), NOW) is None


def test_files_without_tags_and_no_files(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "plain.wav", SOUND, 16_000)
    (tmp_path / "half.wav").write_bytes(b"RIFF\0\0\0\0WAVEbext")
    (tmp_path / "half.m4a").write_bytes(b"\0\0\0\x18ftypM4A ")
    (tmp_path / "notes.rttm").write_text("SPEAKER x 1 0 1\n")
    for name in ("plain.wav", "half.wav", "half.m4a", "notes.rttm", "missing.wav"):
        assert recorded_at(tmp_path / name, NOW) is None, name


def test_what_is_kept_is_dated_by_its_tags(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav")
    assert held_at(None, path) == local(2026, 1, 31, 19, 30, 5)
    assert held_at("2026-02-02", path).day == 2, "what was said goes before"
    (job,) = plan.jobs([path], {}, {}, tmp_path)
    assert job.held_at.startswith("2026-01-31T19:30:05")
    assert json.dumps(job.held_at)
