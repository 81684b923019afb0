"""The sound devices of this computer, and how loud a microphone is, as values."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from facilitator.backends.audio import portaudio
from facilitator.backends.audio.portaudio import StreamDirection
from facilitator.hearing.signal.audio import RATE
from facilitator.ports import AudioSource

DeviceVerdict = Literal["no sound", "digital silence", "quiet", "ok", "clipping"]

QUIET_DB = -70.0  # a room in which nobody speaks, heard by a laptop, is at -65 to -45
CLIPPED = 0.99
CLIPPED_SHARE = 1e-4  # of the samples: one slammed door does not count


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """`number` or (part of) `name` is what `--device` takes."""

    number: int
    name: str
    direction: StreamDirection
    channels: int
    rate: int
    system: str
    """The part of the operating system it is reached by, e.g. "ALSA", "Core Audio", "Windows WASAPI"."""
    default: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """`rms_db` and `peak_db` in dB of full scale (-inf when there is nothing)."""

    seconds: float
    rms_db: float
    peak_db: float
    verdict: DeviceVerdict


def list_devices() -> list[Device]:
    """All microphones, then all loudspeakers, the default one of each first. Raises AudioError without PortAudio."""
    systems = portaudio.systems()
    directions: tuple[StreamDirection, ...] = ("input", "output")
    return [
        Device(
            number=int(found["index"]),
            name=str(found["name"]),
            direction=direction,
            channels=int(found[f"max_{direction}_channels"]),
            rate=round(found["default_samplerate"]),
            system=systems[found["hostapi"]],
            default=portaudio.is_default(found, direction),
        )
        for direction in directions
        for found in portaudio.devices(direction)
    ]


def as_json(devices: Iterable[Device]) -> list[dict[str, Any]]:
    return [asdict(device) for device in devices]


def as_text(devices: Iterable[Device]) -> str:
    """For people: a line a device, `*` before the default ones."""
    found = list(devices)
    lines = []
    for direction, title in (("input", "Microphones"), ("output", "Loudspeakers")):
        lines.append(title)
        rows = [device for device in found if device.direction == direction]
        lines += [
            f"{'*' if device.default else ' '} {device.number:3}  {device.name}, {device.system}, "
            f"{device.channels} channel{'s' if device.channels > 1 else ''}, {device.rate} Hz"
            for device in rows
        ] or ["       none"]
    lines.append("* is used unless --device says otherwise: give it a number or part of a name.")
    return "\n".join(lines)


def measure_level(source: AudioSource, seconds: float) -> Level:
    """Listens that long (twice as long at most, should nothing come) and judges what came."""
    until = time.monotonic() + 2 * seconds + 1
    heard = 0.0
    energy = 0.0
    samples = clipped = 0
    peak = 0.0
    while heard < seconds and not source.ended and time.monotonic() < until:
        block = source.read(0.1)
        if block is None or block.lost:
            continue
        loud = np.abs(block.samples)
        heard += len(loud) / RATE
        samples += loud.size
        energy += float(np.square(loud, dtype=np.float64).sum())
        clipped += int((loud >= CLIPPED).sum())
        peak = max(peak, float(loud.max(initial=0.0)))
    rms_db = _db(math.sqrt(energy / samples)) if samples else -math.inf
    verdict: DeviceVerdict
    if not samples:
        verdict = "no sound"
    elif peak == 0.0:
        verdict = "digital silence"
    elif clipped > CLIPPED_SHARE * samples:
        verdict = "clipping"
    else:
        verdict = "quiet" if rms_db < QUIET_DB else "ok"
    return Level(seconds=heard, rms_db=rms_db, peak_db=_db(peak), verdict=verdict)


def _db(value: float) -> float:
    return 20 * math.log10(value) if value > 0 else -math.inf
