"""The loudspeaker: what is played is heard, mixed, cut in time, and the device may come and go."""

import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from facilitator.backends.audio import portaudio
from facilitator.backends.audio.loudspeaker import BACK, GONE, Loudspeaker, Sound
from facilitator.errors import AudioError
from tests.support.virtual_audio import VirtualAudio

pytestmark = pytest.mark.sound
HOLES = "what is played is recorded in real time: a busy computer leaves holes in it"
RATE = 16_000


def tone(pitch_hz: float, seconds: float, level: float = 0.3) -> np.ndarray:
    return (level * np.sin(2 * np.pi * pitch_hz * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def wait(done: Callable[[], object], seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.01)


def is_over(sound: Sound) -> bool:
    return sound.how is not None and sound.ended is not None and sound.ended <= time.monotonic()


def level(heard: np.ndarray, pitch_hz: float) -> float:
    """The loudest this pitch gets in any fifth of a second, relative to a sine of level 1."""
    size = RATE // 5
    frames = heard[: len(heard) // size * size].reshape(-1, size)
    carrier = np.exp(-2j * np.pi * pitch_hz * np.arange(size) / RATE)
    return float(2 * np.abs(frames @ carrier).max() / size)


@pytest.fixture
def loudspeaker(sound: VirtualAudio) -> Iterator[Loudspeaker]:
    loudspeaker = Loudspeaker()
    yield loudspeaker
    loudspeaker.close()


@pytest.mark.may_rerun(HOLES)
def test_a_sound_is_heard_and_timed(sound: VirtualAudio, loudspeaker: Loudspeaker) -> None:
    with sound.capture() as capture:
        asked = time.monotonic()
        played = loudspeaker.play(tone(440, 1.0), RATE)
        wait(lambda: is_over(played))
        heard = capture.samples()
    assert played.how == "played"
    assert played.started is not None and played.ended is not None
    assert asked <= played.started
    assert played.ended - played.started > 0.9  # longer when the machine stutters, never shorter
    loud = np.flatnonzero(np.abs(heard) > 0.02)
    assert (loud[-1] - loud[0]) / RATE == pytest.approx(played.ended - played.started, abs=0.15)
    assert level(heard, 440) == pytest.approx(0.3, abs=0.03)
    assert level(heard, 880) < 0.03


@pytest.mark.may_rerun(HOLES)
def test_two_sounds_are_mixed(sound: VirtualAudio, loudspeaker: Loudspeaker) -> None:
    with sound.capture() as capture:
        sounds = [loudspeaker.play(tone(440, 0.6, 0.2), RATE), loudspeaker.play(tone(1000, 0.6, 0.4), RATE)]
        wait(lambda: all(map(is_over, sounds)))
        heard = capture.samples()
    assert level(heard, 440) == pytest.approx(0.2, abs=0.03)
    assert level(heard, 1000) == pytest.approx(0.4, abs=0.04)


@pytest.mark.may_rerun(HOLES)
def test_a_sound_is_cut_without_a_click(sound: VirtualAudio, loudspeaker: Loudspeaker) -> None:
    with sound.capture(rate=48_000) as capture:
        played = loudspeaker.play(tone(300, 20.0), RATE)
        wait(lambda: played.started is not None and time.monotonic() > played.started + 0.5)
        cut_at = time.monotonic()
        played.cut()
        played.cut()
        wait(lambda: is_over(played))
        heard = capture.samples()
    assert played.how == "cut"
    assert played.ended is not None and played.ended < cut_at + 0.3
    loud = np.flatnonzero(np.abs(heard) > 0.001)
    end = heard[loud[-1] - 480 : loud[-1] + 480]
    assert np.abs(np.diff(end)).max() < 0.015  # a 300 Hz sine of level 0.3 moves by 0.012 a sample


def test_sounds_of_no_length_end_at_once(loudspeaker: Loudspeaker) -> None:
    played = loudspeaker.play(np.zeros(0, dtype=np.float32), 22_050)
    wait(lambda: is_over(played))
    assert played.how == "played"


@pytest.mark.may_rerun(HOLES)
def test_too_loud_together_is_clipped_not_wrapped(sound: VirtualAudio, loudspeaker: Loudspeaker) -> None:
    with sound.capture() as capture:
        sounds = [loudspeaker.play(np.full(RATE // 2, 0.8, dtype=np.float32), RATE) for _ in range(3)]
        wait(lambda: all(map(is_over, sounds)))
        assert capture.samples().min() > -0.2
        assert capture.samples().max() > 0.9


def test_a_look_for_new_devices_interrupts_but_does_not_end_a_sound(
    sound: VirtualAudio, loudspeaker: Loudspeaker
) -> None:
    played = loudspeaker.play(tone(440, 1.5), RATE)
    wait(lambda: played.started is not None and time.monotonic() > played.started + 0.3)
    portaudio.rescan()
    wait(lambda: is_over(played))
    assert played.how == "played"
    assert loudspeaker.trouble() is None


def test_the_device_goes_and_comes_back(own_sound: VirtualAudio) -> None:
    loudspeaker = Loudspeaker()
    played = loudspeaker.play(tone(440, 60.0), RATE)
    wait(lambda: played.started is not None)
    own_sound.kill()
    wait(lambda: is_over(played))
    assert played.how == "lost"
    assert loudspeaker.trouble() == GONE
    assert loudspeaker.trouble() is None
    meanwhile = loudspeaker.play(tone(440, 0.2), RATE)
    assert meanwhile.how == "lost"
    assert meanwhile.started is not None and meanwhile.ended is not None
    assert meanwhile.started <= meanwhile.ended

    own_sound.start()
    sentences: list[str | None] = []

    def is_back() -> bool:
        sentences.append(loudspeaker.trouble())
        return BACK in sentences

    wait(is_back)
    with own_sound.capture() as capture:
        again = loudspeaker.play(tone(700, 0.5), RATE)
        wait(lambda: is_over(again))
        assert level(capture.samples(), 700) > 0.2
    assert again.how == "played"
    loudspeaker.close()


def test_close_ends_what_is_playing(sound: VirtualAudio) -> None:
    loudspeaker = Loudspeaker()
    played = loudspeaker.play(tone(440, 60.0), RATE)
    loudspeaker.close()
    assert played.how is not None
    assert loudspeaker.play(tone(440, 0.1), RATE).how == "lost"


def test_a_device_that_is_not_there_is_named(sound: VirtualAudio) -> None:
    with pytest.raises(AudioError, match=r"no loudspeaker called Grand Piano.*default"):
        Loudspeaker("Grand Piano")


@pytest.mark.parametrize("device", ["default", "DEFAULT", "puls", 0, "0"])
def test_a_device_is_found_by_number_and_by_part_of_its_name(sound: VirtualAudio, device: str | int) -> None:
    loudspeaker = Loudspeaker(device)
    played = loudspeaker.play(tone(440, 0.05), RATE)
    wait(lambda: is_over(played))
    loudspeaker.close()
    assert played.how == "played"
