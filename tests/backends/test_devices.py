"""The list of devices, and how loud a microphone is said to be."""

import json
import math

import numpy as np
import pytest
from numpy.typing import NDArray

from facilitator.backends.audio.microphone import Microphone
from facilitator.hearing.signal.audio import RATE, Block
from facilitator.system import devices
from facilitator.system.devices import Device, as_json, as_text, list_devices, measure_level
from tests.support.virtual_audio import VirtualAudio


class Given:
    """A source that gives these samples in blocks of a tenth of a second, then ends."""

    live = False
    channels = 1
    behind_s = 0.0

    def __init__(self, samples: NDArray[np.floating], lost: bool = False) -> None:
        self._samples = np.asarray(samples, dtype=np.float32).reshape(-1, 1)
        self._at = 0
        self._lost = lost

    @property
    def ended(self) -> bool:
        return self._at >= len(self._samples)

    def read(self, timeout_s: float) -> Block | None:
        if self.ended:
            return None
        block = Block(first_sample=self._at, samples=self._samples[self._at : self._at + RATE // 10], lost=self._lost)
        self._at = block.end_sample
        return block

    def trouble(self) -> str | None:
        return None

    def close(self) -> None:
        pass


def noise(level: float, seconds: float = 1.0) -> NDArray[np.float64]:
    return np.random.default_rng(0).normal(0, level, round(seconds * RATE))


@pytest.mark.parametrize(
    ("samples", "verdict"),
    [
        (np.zeros(RATE), "digital silence"),
        (noise(1e-5), "quiet"),
        (noise(3e-3), "ok"),
        (np.clip(noise(0.7), -1, 1), "clipping"),
        (np.zeros(0), "no sound"),
    ],
)
def test_the_level_of_a_microphone(samples: NDArray[np.floating], verdict: str) -> None:
    assert measure_level(Given(samples), 1.0).verdict == verdict


def test_levels_are_in_decibels_of_full_scale() -> None:
    seconds = np.arange(2 * RATE) / RATE
    level = measure_level(Given(0.5 * np.sin(2 * np.pi * 200 * seconds)), 1.0)
    assert level.seconds == pytest.approx(1.0, abs=0.1)
    assert level.peak_db == pytest.approx(-6.02, abs=0.01)
    assert level.rms_db == pytest.approx(-9.03, abs=0.02)
    assert measure_level(Given(np.zeros(RATE)), 1.0).rms_db == -math.inf


def test_what_was_lost_is_not_measured() -> None:
    assert measure_level(Given(np.zeros(RATE), lost=True), 1.0).verdict == "no sound"


DEVICES = [
    Device(number=3, name="Mikrofon (Gerät)", direction="input", channels=1, rate=48_000, system="ALSA", default=True),
    Device(number=1, name="HDMI", direction="output", channels=8, rate=44_100, system="ALSA", default=False),
]


def test_devices_as_text_and_json() -> None:
    text = as_text(DEVICES)
    assert "*   3  Mikrofon (Gerät), ALSA, 1 channel, 48000 Hz" in text.splitlines()
    assert "    1  HDMI, ALSA, 8 channels, 44100 Hz" in text.splitlines()
    assert json.loads(json.dumps(as_json(DEVICES)))[1] == {
        "number": 1,
        "name": "HDMI",
        "direction": "output",
        "channels": 8,
        "rate": 44_100,
        "system": "ALSA",
        "default": False,
    }
    assert as_text([]).count("none") == 2


@pytest.mark.sound
def test_the_devices_of_this_computer(sound: VirtualAudio) -> None:
    found = list_devices()
    for direction in ("input", "output"):
        names = [device.name for device in found if device.direction == direction]
        assert {"default", "pulse"} <= set(names)
        assert [device.default for device in found if device.direction == direction].count(True) == 1
    assert found[0].default
    assert devices.as_text(found)


@pytest.mark.sound
def test_the_level_of_the_virtual_room(sound: VirtualAudio) -> None:
    microphone = Microphone()
    player = sound.play(noise(0.02, 3.0).astype(np.float32), RATE)
    while not (block := microphone.read(0.1)) or not block.samples.any():
        pass
    level = measure_level(microphone, 1.0)
    player.kill()
    player.wait()
    microphone.close()
    assert level.verdict == "ok"
    assert level.rms_db == pytest.approx(-34, abs=2)
