"""Where a voice comes from, where the microphone has two channels: the time between its arrivals at both.

The cross-correlation of the channels with all frequencies weighing the same (GCC-PHAT, Knapp and Carter 1976) has its
peak at that time. People stay in their seats, so the correlation itself serves as a vector: alike for one
seat, unlike for two. Two seats that mirror each other across the line of the microphones look the same.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facilitator.hearing.signal.audio import Samples
from facilitator.hearing.signal.levels import loud_enough
from facilitator.hearing.values import Embedding

_HOP, _FFT = 320, 640  # 20 ms, 40 ms
_FRAMES, _APART = 20, 5  # in a window: 0.4 s, every 0.1 s
_FINER = 4  # correlation values for each sample of delay
_MOST = 14  # samples of delay: 30 cm between the microphones
_BAND = slice(8, 200)  # 200 Hz to 5 kHz
_LEVELS = 300  # frames that the level is taken from: 6 s
_SPEECH_DB = 15.0  # a frame this far below the loud ones is no speech
_LEAST_SPEECH = 0.3


class Direction:
    """One stream of sound (see the port `VoiceEncoder`). Silent for sound of one channel."""

    name = "direction"
    by_channel = True

    def __init__(self) -> None:
        self._sound: Samples = np.zeros((0, 2), np.float32)
        self._spectra: list[NDArray[np.complex64]] = []  # of the last _FRAMES frames, whitened
        self._levels: list[float] = []
        self._frames = 0

    def feed(self, samples: Samples) -> list[Embedding]:
        if samples.ndim != 2 or samples.shape[1] < 2:
            return []
        self._sound = np.concatenate([self._sound, samples[:, :2]])
        found = []
        while len(self._sound) >= _FFT:
            self._frame(self._sound[:_FFT])
            self._sound = self._sound[_HOP:]
            if self._frames >= _FRAMES and self._frames % _APART == 0:
                found += self._window()
        return found

    def _frame(self, piece: Samples) -> None:
        left, right = np.fft.rfft(piece * np.hanning(_FFT)[:, None], axis=0).T
        cross = (left * right.conj())[_BAND]
        self._spectra = [*self._spectra[1 - _FRAMES :], (cross / (np.abs(cross) + 1e-9)).astype(np.complex64)]
        level_db = 10 * float(np.log10(np.abs(cross).mean() + 1e-20))
        self._levels = [*self._levels[1 - _LEVELS :], level_db]
        self._frames += 1

    def _window(self) -> list[Embedding]:
        levels = np.array(self._levels)
        loud = loud_enough(levels[-_FRAMES:], _SPEECH_DB, among=levels, percentile=85)
        if loud.mean() < _LEAST_SPEECH:
            return []
        spectrum = np.zeros(_FINER * _FFT // 2 + 1, np.complex64)
        spectrum[_BAND] = np.mean([s for s, counts in zip(self._spectra, loud, strict=True) if counts], axis=0)
        turned = np.fft.irfft(spectrum)
        reach = _MOST * _FINER
        vector = np.maximum(np.concatenate([turned[-reach:], turned[: reach + 1]]), 0.0)
        size = float(np.linalg.norm(vector))
        if size < 1e-9:
            return []
        end = (self._frames - 1) * _HOP + _FFT
        return [
            Embedding(
                first_sample=end - (_FRAMES - 1) * _HOP - _FFT,
                end_sample=end,
                vector=np.asarray(vector / size, np.float32),
            )
        ]
