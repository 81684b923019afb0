"""A recording as a source of sound: WAV, FLAC, OGG, MP3, any rate, one or more channels."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import soundfile
import soxr

from facilitator.errors import AudioError
from facilitator.hearing.signal.audio import RATE, Block, Samples

BLOCK = 1600
"""Samples in a block at 16 kHz: 100 ms."""
_READ_S = 0.1
_FORMATS = "WAV, FLAC, OGG or MP3"


class Recording:
    """An `AudioSource` over a file, which is never loaded whole.

    `real_time`: sound comes at the pace at which it was recorded, else as fast as it is read."""

    live = False

    def __init__(self, path: str | Path, *, real_time: bool) -> None:
        self.path = Path(path)
        self._file = _open(self.path)
        self.channels: int = self._file.channels
        self.duration_s: float = self._file.frames / self._file.samplerate
        """Length as the file itself says, for progress bars."""
        rate = self._file.samplerate
        self._step = max(1, round(rate * _READ_S))
        self._resampler = (
            None if rate == RATE else soxr.ResampleStream(rate, RATE, self.channels, dtype="float32", quality="HQ")
        )
        self._kept: Samples = np.zeros((0, self.channels), np.float32)
        self._first_sample = 0
        self._read_all = False
        self._trouble: str | None = None
        self._real_time = real_time
        self._began: float | None = None

    @property
    def ended(self) -> bool:
        return self._read_all and len(self._kept) == 0

    @property
    def behind_s(self) -> float:
        if self._began is None:
            return 0.0
        return max(0.0, time.monotonic() - self._began - self._first_sample / RATE)

    def read(self, timeout_s: float) -> Block | None:
        while len(self._kept) < BLOCK and not self._read_all:
            self._fill()
        if len(self._kept) == 0:
            return None
        if self._real_time and not self._wait(timeout_s):
            return None
        block = Block(first_sample=self._first_sample, samples=self._kept[:BLOCK])
        self._kept = self._kept[BLOCK:]
        self._first_sample = block.end_sample
        return block

    def _fill(self) -> None:
        try:
            sound = self._file.read(self._step, dtype="float32", always_2d=True)
        except (soundfile.LibsndfileError, RuntimeError):
            sound = np.zeros((0, self.channels), np.float32)
            after_s = self._first_sample // RATE
            self._trouble = f"{self.path.name} is damaged after {after_s} s; only what comes before was heard."
        self._read_all = len(sound) < self._step
        if len(sound) and not np.isfinite(sound).all():
            sound = np.nan_to_num(sound, posinf=0.0, neginf=0.0)
        if self._resampler is not None:
            sound = self._resampler.resample_chunk(sound, last=self._read_all)
        self._kept = np.concatenate([self._kept, sound])

    def _wait(self, timeout_s: float) -> bool:
        """Until the block would have been heard whole; False when that is more than `timeout_s` away."""
        now = time.monotonic()
        if self._began is None:
            self._began = now
        due = self._began + (self._first_sample + min(BLOCK, len(self._kept))) / RATE
        time.sleep(max(0.0, min(timeout_s, due - now)))
        return due - now <= timeout_s

    def trouble(self) -> str | None:
        told, self._trouble = self._trouble, None
        return told

    def close(self) -> None:
        self._file.close()


def _open(path: Path) -> soundfile.SoundFile:
    if not path.exists():
        raise AudioError(f"There is no file {path}; check the name and the folder.")
    if path.is_dir():
        raise AudioError(f"{path} is a folder; name a recording in it ({_FORMATS}).")
    if path.stat().st_size == 0:
        raise AudioError(f"{path} is empty; record again, or choose another file.")
    try:
        file = soundfile.SoundFile(str(path))
    except (soundfile.LibsndfileError, OSError, TypeError) as why:
        raise AudioError(f"{path} is not a recording that can be read; save it as {_FORMATS}.") from why
    if file.frames == 0 or file.samplerate <= 0:
        file.close()
        raise AudioError(f"{path} holds no sound; record again, or choose another file.")
    return file


def load_voice(path: str | Path) -> Samples:
    """A whole short recording at 16 kHz, shape (frames, channels): a voice sample, or the first two minutes of it."""
    recording = Recording(path, real_time=False)
    blocks, most = [], 120 * RATE
    try:
        while (block := recording.read(0)) is not None and block.first_sample < most:
            blocks.append(block.samples)
    finally:
        recording.close()
    if not blocks:
        raise AudioError(f"{path} could not be read; save it as {_FORMATS}.")
    return np.concatenate(blocks)
