"""Every prompt as loud as every other, in whatever language and by whatever voice, as people hear it (BS.1770)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from facilitator.hearing.signal.audio import Samples

TARGET_LUFS = -23.0
PEAK = 0.6
"""No sample is higher: a voice in a loud room is made louder still."""
BLOCK_S, STEP_S = 0.4, 0.1
SILENT_LUFS, QUIET_LU = -70.0, -10.0
"""What is quieter than the first does not count; nor, then, what is so much quieter than what does."""
CALIBRATION_DB = -0.691
"""So that a sine of 997 Hz at full scale has a loudness of -3.01."""
GRAIN_S, EASE_GRAINS = 0.001, 5
"""How finely peaks are looked at, and for how many grains before and after one the level eases."""


def levelled(samples: Samples, rate: int) -> Samples:
    """The samples at TARGET_LUFS, their few highest peaks eased down to PEAK."""
    found = loudness(samples, rate)
    if found is None:
        return samples
    louder: Samples = samples * np.float32(10.0 ** ((TARGET_LUFS - found) / 20.0))
    return _eased(louder, rate)


def loudness(samples: Samples, rate: int) -> float | None:
    """Integrated loudness in LUFS, of one channel; None for silence."""
    size, step = round(BLOCK_S * rate), round(STEP_S * rate)
    if len(samples) < size:
        samples = np.concatenate([samples, np.zeros(size - len(samples), np.float32)])
    blocks = np.lib.stride_tricks.sliding_window_view(samples, size)[::step]
    # The weighting of a block's spectrum in place of a filter: the same but for what a filter rings on into the next.
    weight = _weighting(np.fft.rfftfreq(size, 1.0 / rate))
    weight[1 : -1 if size % 2 == 0 else None] *= 2.0  # both halves of the spectrum
    power = np.abs(np.fft.rfft(blocks, axis=1)) ** 2 @ weight / size**2
    levels = CALIBRATION_DB + 10.0 * np.log10(power + 1e-12)
    counted = levels > SILENT_LUFS
    if not counted.any():
        return None
    counted &= levels > CALIBRATION_DB + 10.0 * np.log10(power[counted].mean()) + QUIET_LU
    return float(CALIBRATION_DB + 10.0 * np.log10(power[counted].mean()))


def _weighting(hz: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """How strongly power at these frequencies counts: the two filters of BS.1770 (a head, and low tones less), as they
    are at 48 kHz."""
    z = np.exp(-2j * np.pi * np.minimum(hz, 24_000.0) / 48_000.0)

    def response(b: tuple[float, float, float], a: tuple[float, float, float]) -> Any:
        return (b[0] + b[1] * z + b[2] * z**2) / (a[0] + a[1] * z + a[2] * z**2)

    head = response((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
    low = response((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))
    weight: NDArray[np.float64] = np.abs(head * low) ** 2
    return weight


def _eased(samples: Samples, rate: int) -> Samples:
    """Softer for some milliseconds around each peak that is too high: no click, and no change of what lies between."""
    grain = max(1, round(GRAIN_S * rate))
    count = -(-len(samples) // grain)
    padded = np.zeros(count * grain, dtype=np.float32)
    padded[: len(samples)] = np.abs(samples)
    needed = np.minimum(1.0, PEAK / np.maximum(padded.reshape(count, grain).max(axis=1), PEAK))
    if not (needed < 1.0).any():
        return samples
    reach = 2 * EASE_GRAINS + 1
    around = np.lib.stride_tricks.sliding_window_view(np.pad(needed, 2 * EASE_GRAINS, constant_values=1.0), reach)
    ease = np.hanning(reach + 2)[1:-1]
    gains = np.convolve(around.min(axis=1), ease / ease.sum(), "valid")
    at = np.arange(len(samples)) / grain - 0.5
    eased: Samples = samples * np.interp(at, np.arange(count), gains).astype(np.float32)
    return np.clip(eased, -PEAK, PEAK)
