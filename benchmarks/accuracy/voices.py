"""What is said for `commands.py`: voices of espeak-ng in a room that is quiet, or not."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile
import soxr

from facilitator.core import events as e
from facilitator.core.snapshot import Snapshot
from facilitator.hearing.signal.audio import RATE, Block, Samples

VOICES = {
    "m5": "en+m5",
    "f3": "en-us+f3",
    "Andy": "en-gb+Andy",
    "belinda": "en+belinda",
    "steph": "en-us+steph",
    "travis": "en-gb+travis",
}
"""None of these was used to train the miniature model. In other languages the same ones, of that language."""
SPEEDS = (140, 175)
"""Words a minute."""
BEFORE_S, AFTER_S = 1.0, 2.5


def spoken(voice: str, speed: int, text: str, folder: Path, language: str = "en") -> Samples:
    """The words in this voice, mono at 16 kHz, without the silence around them."""
    out = folder / "out.wav"
    name = VOICES[voice] if language == "en" else f"{language}+{VOICES[voice].partition('+')[2]}"
    subprocess.run(["espeak-ng", "-v", name, "-s", str(speed), "-w", str(out), text], check=True)
    sound, rate = soundfile.read(out, dtype="float32")
    sound = soxr.resample(sound, rate, RATE)
    loud = np.flatnonzero(np.abs(sound) > 0.01 * np.abs(sound).max())
    sound = sound[loud[0] : loud[-1] + 1]
    return np.asarray(0.3 * sound / np.abs(sound).max(), np.float32)


def in_a_room(words: Samples, snr_db: float | None, seed: int) -> Samples:
    """With quiet around it, and a little noise, or more."""
    before, after = (np.zeros(round(s * RATE), np.float32) for s in (BEFORE_S, AFTER_S))
    sound = np.concatenate([before, words, after])
    random = np.random.default_rng(seed)
    level = 3e-4
    noise = random.normal(0, 1, len(sound))
    if snr_db is not None:  # pink: as much in every octave
        spectrum = np.fft.rfft(noise)
        spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
        noise = np.fft.irfft(spectrum, len(sound))
        noise /= np.sqrt(np.mean(noise**2))
        level = float(np.sqrt(np.mean(words**2))) * 10 ** (-snr_db / 20)
    return np.asarray(sound + level * noise, np.float32)


class Sound:
    """A source of sound, a screen and a sink at once: plays this, and keeps what the session says."""

    channels, live = 1, False

    def __init__(self, samples: Samples, *, paced: bool, block: int = 1600) -> None:
        self._samples, self._paced, self._block, self._at = samples, paced, block, 0
        self._began_s: float | None = None
        self.told: list[e.Record] = []

    @property
    def behind_s(self) -> float:
        return 0.0

    @property
    def ended(self) -> bool:
        return self._at >= len(self._samples)

    def read(self, timeout_s: float) -> Block | None:
        if self._paced:
            self._began_s = self._began_s or time.monotonic()
            due_s = self._began_s + (self._at + self._block) / RATE - time.monotonic()
            time.sleep(max(0.0, min(due_s, timeout_s)))
            if due_s > timeout_s:
                return None
        first, self._at = self._at, self._at + self._block
        return Block(first_sample=first, samples=self._samples[first : self._at, None])

    def write(self, records: Sequence[e.Record]) -> None:
        if not self.ended:
            self.told += records

    def show(self, snapshot: Snapshot) -> None: ...

    def trouble(self) -> str | None:
        return None

    def close(self) -> None: ...
