"""The microphone: every sample has its place, whatever happens to the device."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest

from facilitator.backends.audio import microphone, portaudio
from facilitator.backends.audio.loudspeaker import Loudspeaker
from facilitator.backends.audio.microphone import BACK, GONE, Microphone
from facilitator.errors import AudioError
from facilitator.hearing.signal.audio import RATE, Block
from tests.support.virtual_audio import VirtualAudio

pytestmark = pytest.mark.sound
HOLES = "what is played is recorded in real time: a busy computer leaves holes in it"


def tone(pitch_hz: float, seconds: float, level: float = 0.3) -> np.ndarray:
    return (level * np.sin(2 * np.pi * pitch_hz * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def pitch(samples: np.ndarray) -> float:
    """Of the strongest partial, in Hz."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(spectrum.argmax() * RATE / len(samples))


class Listener:
    """Reads all blocks and checks that they follow each other."""

    def __init__(self, source: Microphone) -> None:
        self.source = source
        self.blocks: list[Block] = []
        self.troubles: list[str] = []

    def until(self, done: Callable[[], object], seconds: float = 40.0) -> None:
        limit = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < limit, f"it never came; troubles were {self.troubles}"
            self.step()

    def step(self) -> None:
        block = self.source.read(0.05)
        if block is not None:
            expected = self.blocks[-1].end_sample if self.blocks else 0
            assert block.first_sample == expected
            assert block.samples.shape == (block.end_sample - block.first_sample, self.source.channels)
            assert block.samples.dtype == np.float32
            assert not (block.lost and block.samples.any())
            self.blocks.append(block)
        if (trouble := self.source.trouble()) is not None:
            self.troubles.append(trouble)

    def listen(self, seconds: float) -> None:
        end = self.heard_s + seconds
        self.until(lambda: self.heard_s >= end)

    @property
    def heard_s(self) -> float:
        return self.blocks[-1].end_sample / RATE if self.blocks else 0.0

    @property
    def lost_s(self) -> float:
        return sum(len(block.samples) for block in self.blocks if block.lost) / RATE

    def mono(self) -> np.ndarray:
        return np.concatenate([block.mono() for block in self.blocks])


def begun(listener: Listener) -> float:
    """When the first sample was heard, on `time.monotonic()`."""
    assert listener.source.begun_at is not None
    return listener.source.begun_at


@pytest.fixture
def listener(sound: VirtualAudio) -> Iterator[Listener]:
    source = Microphone()
    yield Listener(source)
    source.close()


@pytest.mark.may_rerun(HOLES)
def test_a_tone_is_heard_at_its_pitch_and_length(sound: VirtualAudio, listener: Listener) -> None:
    listener.listen(0.3)
    player = sound.play(tone(440, 2.0), RATE)
    listener.until(lambda: player.poll() is not None)
    listener.listen(0.5)
    heard = listener.mono()
    loud = np.flatnonzero(np.abs(heard) > 0.02)
    middle = heard[loud[0] + RATE // 2 : loud[0] + RATE * 3 // 2]
    assert pitch(middle) == pytest.approx(440, abs=1)
    assert np.abs(middle).max() == pytest.approx(0.3, abs=0.03)
    # Counted, as the player may stutter on a busy machine; a sine is above the limit for most of its time.
    assert len(loud) == pytest.approx(np.sum(np.abs(tone(440, 2.0)) > 0.02), rel=0.03)
    assert listener.source.channels == 2
    assert listener.source.live and not listener.source.ended


@pytest.mark.may_rerun(HOLES)
def test_time_is_the_computers_within_the_buffers(listener: Listener) -> None:
    listener.listen(4.0)
    listener.until(lambda: listener.source.read(0.0) is None)
    passed = time.monotonic() - begun(listener)
    assert listener.blocks[-1].end_sample / RATE == pytest.approx(passed, abs=0.4)


@pytest.mark.may_rerun(HOLES)
def test_a_device_of_another_rate_is_resampled(sound: VirtualAudio, monkeypatch: pytest.MonkeyPatch) -> None:
    really_open = portaudio.open_stream

    def picky(
        direction: portaudio.StreamDirection,
        device: Mapping[str, Any],
        *,
        rate: int,
        channels: int,
        callback: Callable[..., None],
    ) -> Any:
        if rate == RATE:
            raise AudioError("not at this rate")
        return really_open(direction, device, rate=rate, channels=channels, callback=callback)

    monkeypatch.setattr(portaudio, "open_stream", picky)
    listener = Listener(Microphone())
    began = time.monotonic()
    player = sound.play(tone(1000, 1.5), RATE)
    listener.until(lambda: player.poll() is not None)
    listener.listen(0.3)
    passed = time.monotonic() - began
    listener.source.close()
    heard = listener.mono()
    loud = np.flatnonzero(np.abs(heard) > 0.02)
    assert pitch(heard[loud[0] + 4000 : loud[0] + 20_000]) == pytest.approx(1000, abs=2)
    assert listener.heard_s == pytest.approx(passed, abs=0.4)


def test_a_reader_that_is_too_slow_loses_samples_but_not_time(
    sound: VirtualAudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(microphone, "QUEUE_S", 0.5)
    source = Microphone()
    listener = Listener(source)
    listener.listen(0.2)
    time.sleep(1.5)
    assert 0.2 < source.behind_s < 0.8
    listener.listen(2.0)
    assert source.behind_s < 0.2
    source.close()
    assert 0.5 < listener.lost_s < 2.0
    assert listener.troubles == []


def test_perfect_silence_is_told_once_and_again_after_sound(sound: VirtualAudio, listener: Listener) -> None:
    listener.until(lambda: listener.troubles)
    assert "perfect silence" in listener.troubles[0]
    listener.listen(4.0)
    assert len(listener.troubles) == 1
    sound.play(tone(440, 0.2), RATE).wait()
    listener.until(lambda: len(listener.troubles) == 2)


def test_the_device_goes_and_comes_back(own_sound: VirtualAudio) -> None:
    listener = Listener(Microphone())
    noise = np.random.default_rng(1).normal(0, 0.01, 3 * RATE).astype(np.float32)
    own_sound.play(noise, RATE)
    listener.until(lambda: listener.mono().any() if listener.blocks else False)
    own_sound.kill()
    listener.until(lambda: GONE in listener.troubles)
    listener.until(lambda: listener.lost_s > 2)  # time goes on without it
    own_sound.start()
    listener.until(lambda: BACK in listener.troubles)
    own_sound.play(tone(800, 2.0), RATE)
    listener.until(lambda: np.abs(listener.mono()[-RATE:]).min(initial=1) == 0 and listener.blocks[-1].samples.any())
    listener.listen(1.0)
    assert pitch(listener.mono()[-RATE * 3 // 4 :]) == pytest.approx(800, abs=3)
    assert [t for t in listener.troubles if t in (GONE, BACK)] == [GONE, BACK]
    now = time.monotonic() - begun(listener)
    assert listener.heard_s == pytest.approx(now, abs=0.5)
    listener.source.close()


def test_a_source_that_stalls_is_opened_again(own_sound: VirtualAudio) -> None:
    listener = Listener(Microphone())
    listener.listen(0.3)
    own_sound.pactl("suspend-sink", "room", "1")
    listener.until(lambda: GONE in listener.troubles)
    own_sound.pactl("suspend-sink", "room", "0")
    listener.until(lambda: BACK in listener.troubles)
    listener.listen(1.0)
    assert not listener.blocks[-1].lost
    listener.source.close()


class Stuck:
    """A stream that does not end, as ALSA's way to a sound server that has died now and then does not."""

    def __init__(self) -> None:
        self.over = threading.Event()

    def stop(self, ignore_errors: bool) -> None:
        self.over.wait()

    def close(self, ignore_errors: bool) -> None:
        pass


def test_a_stream_that_never_ends_holds_nobody_up(sound: VirtualAudio, monkeypatch: pytest.MonkeyPatch) -> None:
    stuck = Stuck()
    left_before = set(portaudio._leaving)
    portaudio._streams.add(stuck)
    try:
        with monkeypatch.context() as soon:
            soon.setattr(portaudio, "STUCK_S", 0.2)
            portaudio.rescan()
        assert not portaudio.is_open(stuck)
        source = Microphone()
        Listener(source).listen(0.5)
        portaudio.rescan()
        source.close()
    finally:
        stuck.over.set()
    mine = [leaving for leaving in portaudio._leaving if leaving not in left_before]
    assert mine  # and whatever else took longer than that moment
    for leaving in mine:
        leaving.join(5)
    # One of an earlier test, whose sound server died, may wait for ever: nothing may forget that it is there.
    portaudio.rescan()  # it has ended after all: as before
    assert portaudio.devices("input")


def test_a_look_for_new_devices_costs_a_moment_and_is_no_trouble(listener: Listener) -> None:
    listener.listen(0.3)
    portaudio.rescan()
    listener.until(lambda: listener.lost_s > 0)
    listener.listen(1.0)
    assert not listener.blocks[-1].lost
    assert GONE not in listener.troubles


def test_microphone_and_loudspeaker_work_together(sound: VirtualAudio, listener: Listener) -> None:
    loudspeaker = Loudspeaker()
    played = loudspeaker.play(tone(440, 0.5), RATE)
    listener.until(lambda: played.how is not None)
    listener.listen(0.3)
    loudspeaker.close()
    listener.listen(0.3)
    assert not listener.mono().any()  # the virtual room has no echo
    assert listener.lost_s == 0


def test_after_close_it_is_over(sound: VirtualAudio) -> None:
    source = Microphone()
    source.close()
    assert source.ended
    while source.read(0.01) is not None:
        pass
    source.close()


def test_a_device_that_is_not_there_is_named(sound: VirtualAudio) -> None:
    with pytest.raises(AudioError, match=r"no microphone called Kazoo.*default"):
        Microphone("Kazoo")


def test_channels_of_opposite_sign_do_not_cancel_out(sound: VirtualAudio, listener: Listener) -> None:
    listener.listen(0.3)
    wave = tone(440, 2.0)
    player = sound.play(np.stack([wave, -wave], axis=1), RATE)
    listener.until(lambda: player.poll() is not None)
    listener.listen(0.5)
    loud = np.flatnonzero(np.abs(listener.mono()) > 0.02)
    assert len(loud) > RATE and np.abs(listener.mono()[loud]).max() == pytest.approx(0.3, abs=0.03)
    assert [trouble for trouble in listener.troubles if "opposite in sign" in trouble]
