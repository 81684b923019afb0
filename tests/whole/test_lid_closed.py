"""The lid is closed while a session runs: on Linux and macOS neither `time.monotonic` nor the sound goes on then."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from facilitator.backends.audio import portaudio
from facilitator.backends.audio.device_stream import DeviceStream, Hooks
from facilitator.backends.voice.silent_voice import SilentVoice
from facilitator.core.discussion import Discussion
from facilitator.core.events import Command, Fact, Heard, Missed, NotMeasured, Say, Spoke, Tick
from facilitator.hearing.signal.audio import RATE, Block
from facilitator.runtime import asleep
from facilitator.session import Session, SoundTime
from tests.support.simulation import NAMES, setup
from tests.whole.test_session_own_voice import Ear, Screen

HOUR_MS = 3_600_000
Moment = Callable[[int], list[Command]]
CloseLid = Callable[[float], list[Command]]


@pytest.fixture
def close_lid(monkeypatch: pytest.MonkeyPatch) -> CloseLid:
    """So many seconds pass in a moment, and only the clock that goes on shows it."""
    slept = [0.0]
    real = asleep.going_on_s
    monkeypatch.setattr(asleep, "going_on_s", lambda: real() + slept[0])

    def close(seconds: float) -> list[Command]:
        slept[0] += seconds
        return []

    return close


class Pressed:
    """Keys that do what each moment's function says, and end the session when it has come so far."""

    def __init__(self, moments: Sequence[Moment], until: Callable[[], object]) -> None:
        self._moments, self._until = list(moments), until
        self.session: Session | None = None

    def poll(self, now_ms: int) -> list[Command]:
        if self.session is not None and self._until():
            self.session.stop()
        return self._moments.pop(0)(now_ms) if self._moments else []

    def close(self) -> None: ...


class Sound:
    """Blocks of 0.1 s, as fast as they are taken."""

    live, ended, behind_s, channels = True, False, 0.0, 1

    def __init__(self, *lost: int) -> None:
        self._given, self._lost = 0, lost

    def read(self, timeout_s: float) -> Block:
        size = RATE // 10
        first, self._given = self._given * size, self._given + 1
        return Block(first_sample=first, samples=np.zeros((size, 1), np.float32), lost=self._given - 1 in self._lost)

    def trouble(self) -> None: ...
    def close(self) -> None: ...


class EchoEar(Ear):
    """Says of every second that Ana spoke in it, a second later."""

    def __init__(self) -> None:
        super().__init__()
        self.told_ms = 0

    def hear(self, block: Block) -> list[Fact]:
        if block.end_ms < self.told_ms + 2_000:
            return []
        self.told_ms += 1_000
        return [Heard(at_ms=block.end_ms, start_ms=self.told_ms - 1_000, end_ms=self.told_ms, people=("Ana",))]


def run(
    screen: Screen,
    *moments: Moment,
    until: Callable[[], object],
    minutes: int = 200,
    ear: Ear | None = None,
    source: Sound | None = None,
) -> None:
    """A session of open talk, until then."""
    keys = Pressed(moments, until)
    keys.session = Session(
        discussion=Discussion(setup(NAMES[:2], "open", enrolled=NAMES[:2], minutes=minutes)),
        voice=SilentVoice(at_once=True),
        source=source,
        ear=ear,
        keys=[keys],
        screen=screen,
        sinks=(),
    )
    keys.session.run()


def of(screen: Screen, kind: type[Any]) -> list[Any]:
    return [record for record in screen.records if isinstance(record, kind)]


def test_a_break_is_called_over_on_waking(close_lid: CloseLid) -> None:
    screen = Screen()
    began = time.monotonic()
    run(
        screen,
        lambda now_ms: [Command(at_ms=now_ms, name="break")],
        lambda now_ms: [Command(at_ms=now_ms, name="answer", value=2)],
        lambda _: [],
        lambda _: close_lid(3_600),
        until=lambda: any(say.prompt_kind == "break.over" for say in of(screen, Say)),
    )
    assert time.monotonic() - began < 60, "not ten minutes of waking time"
    (missed,) = of(screen, Missed)
    assert missed.why == "asleep"
    assert missed.end_ms - missed.start_ms == pytest.approx(HOUR_MS, abs=100)


def test_sound_lies_on_both_sides_of_a_sleep_and_nothing_in_it(
    close_lid: CloseLid,
) -> None:
    screen, ear = Screen(), EchoEar()
    awake: list[Moment] = [lambda _: []] * 47
    run(screen, *awake, lambda _: close_lid(3_600), until=lambda: ear.told_ms >= 10_000, ear=ear, source=Sound())
    (gap,) = of(screen, NotMeasured)
    heard = sorted((fact.start_ms, fact.end_ms) for fact in of(screen, Heard))
    assert sum(end - start for start, end in heard) == ear.told_ms, "nothing is told twice, nothing is lost"
    assert not [span for span in heard if span[0] < gap.end_ms and span[1] > gap.start_ms]
    assert [span for span in heard if span[1] == gap.start_ms], "up to the sleep"
    assert [span for span in heard if span[0] == gap.end_ms], "and from it on"
    counted = [spoke for spoke in of(screen, Spoke) if spoke.people and spoke.counted]
    assert not [spoke for spoke in counted if spoke.start_ms < gap.end_ms and spoke.end_ms > gap.start_ms]


def test_silence_that_stands_for_lost_sound_is_not_measured() -> None:
    screen, ear = Screen(), EchoEar()
    run(screen, until=lambda: ear.told_ms >= 10_000, ear=ear, source=Sound(5, *range(20, 60)))
    (gap,) = of(screen, NotMeasured)
    assert (gap.start_ms, gap.end_ms, gap.why) == (2_000, 6_000, "no-sound"), "a tenth of a second is no gap"


def test_a_place_in_the_sound_and_its_moment_are_told_apart() -> None:
    time = SoundTime(500)
    time.slept(10_000, HOUR_MS)
    time.slept(20_000, 5_000)
    moments = {0: 500, 9_999: 10_499, 10_000: HOUR_MS + 10_500, 20_000: HOUR_MS + 25_500}
    for heard_ms, at_ms in moments.items():
        (fact,) = time.told(Tick(at_ms=heard_ms))
        assert fact.at_ms == at_ms
        assert time.heard_ms(at_ms) == heard_ms
    assert time.heard_ms(11_000) == time.heard_ms(HOUR_MS) == 10_000, "where the sleep began"
    over = time.told(Heard(at_ms=30_000, start_ms=8_000, end_ms=25_000, people=("Ana",)))
    assert [(fact.start_ms, fact.end_ms) for fact in over if isinstance(fact, Heard)] == [
        (8_500, 10_500),
        (HOUR_MS + 10_500, HOUR_MS + 20_500),
        (HOUR_MS + 25_500, HOUR_MS + 30_500),
    ]


def test_a_device_is_opened_anew_on_waking(monkeypatch: pytest.MonkeyPatch, close_lid: CloseLid) -> None:
    opened: list[str] = []
    stream: DeviceStream
    monkeypatch.setattr(portaudio, "is_open", lambda stream: True)
    monkeypatch.setattr(portaudio, "close_stream", lambda stream: None)
    told: list[object] = []
    hooks = Hooks(
        reopen=lambda: opened.append("opened"),
        interrupted=lambda: told.append("interrupted"),
        gone=lambda: told.append("gone"),
        back=told.append,
    )
    stream = DeviceStream("test", hooks, retries_s=(0.1,))
    stream.open()
    try:
        close_lid(3_600)
        end_s = time.monotonic() + 20
        while told != ["interrupted", False]:
            assert time.monotonic() < end_s, told
            stream.called()
            time.sleep(0.01)
        assert opened == ["opened", "opened"], "and nobody need hear of it"
    finally:
        stream.close()
