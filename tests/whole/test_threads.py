"""An unexpected exception ends no thread: it is told once, and the work goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from facilitator.page.broker import Broker
from facilitator.page.networks import OwnAddress
from facilitator.page.sharing import FAULT, Share
from facilitator.store.writer import Writer
from facilitator.threads import SupervisedThread


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
