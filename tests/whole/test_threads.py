"""An unexpected exception ends no thread: it is told once, and the work goes on."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Callable, Sequence

import numpy as np
import pytest
import uvicorn

from facilitator.backends.audio.loudspeaker import Sound
from facilitator.backends.voice.spoken_voice import SpokenVoice
from facilitator.core.events import ChimeName, Fact, PromptEnded, Trouble
from facilitator.hearing.signal.audio import Samples
from facilitator.page.broker import Broker
from facilitator.page.networks import OwnAddress
from facilitator.page.server import GONE, PageServer
from facilitator.page.sharing import FAULT, Share
from facilitator.runtime.threads import SupervisedThread
from facilitator.store.writer import Writer


def until(so: Callable[[], object], s: float = 20.0) -> None:
    end_s = time.monotonic() + s
    while not so():
        assert time.monotonic() < end_s, "it never came to that"
        time.sleep(0.01)


def test_work_begins_again_until_it_is_done() -> None:
    told: list[str] = []

    def work() -> None:
        if len(told) < 3:
            raise KeyError(len(told))

    def say(error: Exception) -> None:
        told.append(str(error))
        raise ValueError("saying so fails, too")

    thread = SupervisedThread(work, name="test", failed=say)
    thread.join(1)  # not begun: nothing to wait for
    thread = SupervisedThread(work, name="test", failed=say)
    thread.start()
    until(lambda: not thread.is_alive())
    assert told == ["0", "1", "2"]
    assert thread.failures == 3


def test_the_writer_keeps_what_it_was_given_and_writes_it() -> None:
    written: list[int] = []
    faults = [ZeroDivisionError(), UnicodeError()]

    def commit(items: Sequence[int]) -> str | None:
        if faults:
            raise faults.pop()
        written.extend(items)
        return None

    writer = Writer(commit)
    writer.put([1, 2, 3])
    until(lambda: "tried again" in (writer.trouble or ""))
    until(lambda: written)
    assert written == [1, 2, 3]
    assert writer.trouble is None
    assert writer.stop(5)


def test_sharing_goes_on() -> None:
    asked = 0

    def addresses() -> list[OwnAddress]:
        nonlocal asked
        asked += 1
        if asked == 2:
            raise RuntimeError("nobody foresaw it")
        return [OwnAddress(address="127.0.0.2", interface="lo")]

    share = Share(Broker(), "view", None, addresses=addresses)
    try:
        share._where = OwnAddress(address="127.0.0.2", interface="lo")
        share.broker.aside["stop-sharing"]()
        until(lambda: share.url is None)
        share.broker.aside["share"]()  # the second look for addresses
        until(lambda: share.trouble() == FAULT)
        share.broker.aside["share"]()
        until(lambda: share.url is not None)
        assert share.trouble() is None
    finally:
        share.close()


class Faulty:
    """A loudspeaker that fails twice in a way that nobody has foreseen, and with it a synthesiser that cannot be
    closed."""

    name = "faulty"

    def __init__(self) -> None:
        self.faults = 2
        self.closed: list[str] = []

    def play(self, samples: Samples, rate: int) -> Sound:
        if self.faults:
            self.faults -= 1
            raise ZeroDivisionError
        sound = Sound(samples)
        sound.started = sound.ended = time.monotonic()
        sound.how = "played"
        return sound

    def speak(self, text: str) -> tuple[Samples, int]:
        return np.full(1_600, 0.5, np.float32), 16_000

    def trouble(self) -> None: ...

    def close(self) -> None:
        self.closed.append("closed")
        raise BrokenPipeError


def silent_chime(_: ChimeName) -> Samples:
    return np.zeros(1, np.float32)


def test_the_voice_speaks_again_and_is_put_away_whole() -> None:
    faulty = Faulty()
    voice = SpokenVoice(faulty, [faulty], silent_chime, 16_000)
    facts: list[Fact] = []

    def ended(count: int) -> bool:
        facts.extend(voice.poll(0))
        return sum(isinstance(fact, PromptEnded) for fact in facts) >= count

    for number in (1, 2, 3):
        voice.say(number, "Hello.", 0)
    until(lambda: ended(3))
    assert [fact.how for fact in facts if isinstance(fact, PromptEnded)] == ["failed", "failed", "spoken"]
    assert len([fact for fact in facts if isinstance(fact, Trouble)]) == 1, "it is said once"
    assert voice._worker.failures == 2
    voice.close()
    assert faulty.closed == ["closed", "closed"], "the synthesiser, and the loudspeaker all the same"
    assert not voice._worker.is_alive()


def test_the_page_is_there_again(monkeypatch: pytest.MonkeyPatch) -> None:
    server = PageServer.open()
    try:
        assert server.trouble() is None
        faults = [RuntimeError("nobody foresaw it")]

        async def on_tick(self: uvicorn.Server, counter: int) -> bool:
            monkeypatch.undo()
            raise faults.pop()

        monkeypatch.setattr(uvicorn.Server, "on_tick", on_tick)
        until(lambda: server.trouble() == GONE)

        def answers() -> bool:
            with urllib.request.urlopen(server.url, timeout=5) as answer:
                return bool(answer.status == 200)

        until(lambda: server._server.started)
        assert answers(), "at the same address"
    finally:
        server.close()
    assert not server._thread.is_alive()
