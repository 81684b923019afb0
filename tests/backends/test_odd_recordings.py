"""Sound that is there is heard, or said to be lost: headers that are wrong, files that were joined, swapped wires."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from facilitator.backends.audio import phone_file
from facilitator.backends.audio.recording import Recording, load_voice, troubles_of
from facilitator.errors import AudioError
from facilitator.hearing.signal.audio import RATE, Samples, mono
from facilitator.hearing.signal.polarity import Polarity
from tests.support.hearing_sounds import voice

ODD = Path(__file__).parents[1] / "data" / "sounds" / "odd"
WAV = (ODD / "wrapped.wav").read_bytes()
SOUND = voice("low", 3.0)
WHOLE_S = 13.5


def hear(path: Path) -> tuple[Samples, list[str]]:
    recording = Recording(path, real_time=False)
    blocks = []
    while (block := recording.read(0)) is not None:
        blocks.append(block.samples)
    recording.close()
    return np.concatenate(blocks), troubles_of(recording)


def seconds(sound: Samples) -> float:
    return len(sound) / RATE


def with_lengths(riff: int, data: int) -> bytes:
    return WAV[:4] + struct.pack("<I", riff) + WAV[8:40] + struct.pack("<I", data) + WAV[44:]


# --- WAV ---


@pytest.mark.parametrize(
    ("riff", "data", "says"),
    [
        (36, 0, "never finished"),
        (0, 0, "never finished"),
        (72_036, 72_000, r"tells of 4\.5 s, but 13\.5 s are there; all of it was heard"),
        (0xFFFFFFFF, 0xFFFFFFFF, None),
        (len(WAV) - 8, len(WAV) - 44, None),
        (0, len(WAV) - 44, None),
    ],
)
def test_a_header_that_says_less_hides_nothing(tmp_path: Path, riff: int, data: int, says: str | None) -> None:
    path = tmp_path / "talk.wav"
    path.write_bytes(with_lengths(riff, data))
    sound, troubles = hear(path)
    assert seconds(sound) == pytest.approx(WHOLE_S, abs=0.05)
    assert len(troubles) == (says is not None)
    if says is not None:
        assert re.search(says, troubles[0])


def test_a_header_that_says_more_is_told(tmp_path: Path) -> None:
    path = tmp_path / "talk.wav"
    path.write_bytes(with_lengths(len(WAV) - 8, len(WAV) - 44)[: len(WAV) // 2])
    sound, troubles = hear(path)
    assert seconds(sound) == pytest.approx(WHOLE_S / 2, abs=0.05)
    assert troubles == ["talk.wav breaks off: its header tells of 13.5 s, and 6.7 s are there."]


def test_what_orderly_follows_the_sound_is_no_sound(tmp_path: Path) -> None:
    path = tmp_path / "talk.wav"
    right = with_lengths(len(WAV) - 8, len(WAV) - 44)
    path.write_bytes(right + b"LIST" + struct.pack("<I", 30_000) + b"\1\2\3" * 10_000)
    sound, troubles = hear(path)
    assert seconds(sound) == pytest.approx(WHOLE_S, abs=0.05) and not troubles


def test_long_lengths_that_were_never_written(tmp_path: Path) -> None:
    path = tmp_path / "talk.wav"
    sf.write(path, SOUND, RATE, format="RF64", subtype="PCM_16")
    data = bytearray(path.read_bytes())
    assert data[12:16] == b"ds64"
    data[20:36] = bytes(16)  # the length of the file, and of the sound
    path.write_bytes(data)
    sound, troubles = hear(path)
    assert len(sound) == len(SOUND) and "never finished" in troubles[0]


# --- joined files ---


@pytest.mark.parametrize("kind", ["wav", "mp3", "ogg", "flac"])
def test_files_put_one_behind_the_other_are_heard_to_the_end(tmp_path: Path, kind: str) -> None:
    one, two, joined = tmp_path / f"one.{kind}", tmp_path / f"two.{kind}", tmp_path / f"joined.{kind}"
    sf.write(one, SOUND, RATE)
    sf.write(two, np.stack([SOUND, SOUND], axis=1) if kind == "wav" else SOUND, 24_000)
    tag = b"ID3\x03\0\0" + bytes([0, 0, 32, 0]) + b"\xff\xfb" * 2048 if kind == "mp3" else b""
    joined.write_bytes(one.read_bytes() + tag + two.read_bytes())
    sound, troubles = hear(joined)
    assert seconds(sound) == pytest.approx(3.0 + 2.0, abs=0.1) and not troubles
    recording = Recording(joined, real_time=False)
    assert recording.duration_s == pytest.approx(5.0, abs=0.1)
    recording.close()


def test_the_count_of_an_mp3_that_was_cut_together_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "talk.mp3"
    sf.write(path, SOUND, RATE)
    data = bytearray(path.read_bytes())
    at = max(data.find(b"Xing"), data.find(b"Info"))
    data[at + 8 : at + 12] = struct.pack(">I", 20)
    path.write_bytes(data)
    sound, troubles = hear(path)
    assert seconds(sound) > 2.9 and not troubles


def test_the_count_of_a_flac_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "talk.flac"
    sf.write(path, SOUND, RATE)
    data = bytearray(path.read_bytes())
    data[22:26] = struct.pack(">I", RATE)
    path.write_bytes(data)
    sound, _ = hear(path)
    assert len(sound) == len(SOUND)


# --- MP3 ---


def test_the_decoder_of_mp3_says_nothing_on_the_screen() -> None:
    line = "import sys; from tests.backends.test_odd_recordings import hear; from pathlib import Path; "
    line += "print(len(hear(Path(sys.argv[1]))[0]))"
    done = subprocess.run(
        [sys.executable, "-c", line, str(ODD / "phone.mp3")],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) == pytest.approx(WHOLE_S * RATE, abs=1200)
    assert done.stderr == ""


def test_a_hole_in_an_mp3_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    data = bytearray((ODD / "phone.mp3").read_bytes())
    data[40_000:60_000] = bytes(20_000)
    path = tmp_path / "talk.mp3"
    path.write_bytes(data)
    sound, troubles = hear(path)
    assert seconds(sound) > 10 and any("damaged" in sentence for sentence in troubles)
    assert capfd.readouterr().err == ""


# --- numbers that are no sound, rates that no voice fits in ---


def test_numbers_beyond_all_sound_are_left_out_and_told(tmp_path: Path) -> None:
    path = tmp_path / "talk.wav"
    sound = SOUND.copy()
    sound[::1000] = 3e38
    sf.write(path, sound, RATE, subtype="FLOAT")
    heard, troubles = hear(path)
    assert np.abs(heard).max() <= 1.0 and "no sound" in troubles[0]


@pytest.mark.parametrize("rate", [1, 50, 3999])
def test_rates_that_no_voice_fits_in_are_refused(tmp_path: Path, rate: int) -> None:
    path = tmp_path / "talk.wav"
    path.write_bytes(WAV[:24] + struct.pack("<I", rate) + WAV[28:])
    with pytest.raises(AudioError, match="no voice fits"):
        Recording(path, real_time=False)


@pytest.mark.parametrize("name", ["a" * 256 + ".wav", "lone\ud800.wav", "null\0.wav", "/dev/null", "/dev/zero"])
def test_names_that_are_none_of_a_recording(tmp_path: Path, name: str) -> None:
    with pytest.raises(AudioError) as caught:
        Recording(tmp_path / name, real_time=False)
    assert caught.value.message.endswith(".")


# --- channels ---


def test_channels_of_opposite_sign_do_not_cancel() -> None:
    path = ODD / "antiphase.flac"
    sound, troubles = hear(path)
    one = np.abs(sound[:, 0]).mean()
    assert np.abs(mono(sound)).mean() == pytest.approx(one, rel=0.01)
    assert len(troubles) == 1 and "opposite in sign" in troubles[0]
    of_sample: list[str] = []
    assert np.abs(mono(load_voice(path, of_sample))).mean() == pytest.approx(one, rel=0.01) and of_sample == troubles


def noise(seed: int, size: int = RATE) -> Samples:
    return np.asarray(0.05 * np.random.default_rng(seed).standard_normal(size), np.float32)


@pytest.mark.parametrize(
    ("channels", "signs"),
    [
        (lambda: [SOUND, SOUND], [1, 1]),
        (lambda: [SOUND, -SOUND], [1, -1]),
        (lambda: [SOUND, -0.3 * SOUND], [1, -1]),
        (lambda: [SOUND, SOUND, -SOUND, -SOUND], [1, 1, -1, -1]),
        (lambda: [SOUND, SOUND, -SOUND, SOUND], [1, 1, 1, 1]),  # half of it is left, and turning gains just 6 dB
        (lambda: [noise(1), noise(2)], [1, 1]),
        (lambda: [SOUND, noise(2, len(SOUND))], [1, 1]),
        (lambda: [SOUND, 0 * SOUND], [1, 1]),
        (lambda: [SOUND, np.roll(SOUND, 3)], [1, 1]),
        (lambda: [SOUND], [1]),
    ],
)
def test_the_signs_that_are_best(channels: Callable[[], list[Samples]], signs: list[int]) -> None:
    """A quieter channel of opposite sign takes away less than half: the mean is loud enough as it is, or turned."""
    sound = np.stack(channels(), axis=1).astype(np.float32)
    polarity = Polarity(sound.shape[1])
    out = np.concatenate([polarity.apply(sound[k : k + 1600]) for k in range(0, len(sound), 1600)])
    before, after = np.square(mono(sound)).mean(), np.square(mono(out)).mean()
    assert after >= 0.9 * before
    if before > 0.1 * np.square(sound).mean() or before < 1e-9:
        assert polarity.signs.tolist() == (signs if before < 1e-9 else [1] * len(signs))


# --- phones ---


@pytest.mark.skipif(not phone_file.is_here(), reason="needs PyAV")
@pytest.mark.parametrize("name", ["memo.m4a", "browser.webm"])
def test_what_phones_and_browsers_record(name: str) -> None:
    sound, troubles = hear(ODD / name)
    assert seconds(sound) == pytest.approx(WHOLE_S, abs=0.2) and not troubles
    assert 0.03 < float(np.sqrt(np.square(sound).mean())) < 0.1


@pytest.mark.skipif(not phone_file.is_here(), reason="needs PyAV")
def test_half_a_recording_of_a_browser_is_told(tmp_path: Path) -> None:
    path = tmp_path / "half.webm"
    data = (ODD / "browser.webm").read_bytes()
    path.write_bytes(data[: len(data) // 2])
    sound, troubles = hear(path)
    assert 5 < seconds(sound) < 8
    assert troubles and "of 13.5 s only" in troubles[0]


def test_without_a_decoder_there_is_a_line_to_type(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(phone_file, "is_here", lambda: False)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(AudioError, match=r"type: .*python.* -m pip install av$"):
        Recording(ODD / "memo.m4a", real_time=False)
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(AudioError, match=r"afconvert -f WAVE -d LEI16@16000 .*memo.m4a memo.wav$"):
        Recording(ODD / "memo.m4a", real_time=False)


@pytest.mark.parametrize("name", ["talk.m3u8", "talk.m4a", "talk.wav"])
def test_a_play_list_opens_nothing_else(tmp_path: Path, name: str) -> None:
    """FFmpeg would follow the addresses in it, whatever it is called."""
    (tmp_path / "other.m4a").write_bytes((ODD / "memo.m4a").read_bytes())
    path = tmp_path / name
    path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:14\n#EXTINF:14,\nother.m4a\nhttp://127.0.0.1:9/a\n")
    with pytest.raises(AudioError, match="not a recording"):
        Recording(path, real_time=False)


def test_an_mp3_without_a_count_is_heard_whole(tmp_path: Path) -> None:
    """Quiet first, so that its first frames are small, and a guess from them is wrong."""
    path, bare = tmp_path / "talk.mp3", tmp_path / "bare.mp3"
    sf.write(path, np.concatenate([0 * SOUND, SOUND, 0 * SOUND, SOUND]), RATE, bitrate_mode="VARIABLE")
    data = path.read_bytes()
    assert b"Xing" in data[:200]
    bare.write_bytes(data[data.find(b"\xff", 4) :])
    sound, troubles = hear(bare)
    assert seconds(sound) == pytest.approx(12.0, abs=0.15) and not troubles
