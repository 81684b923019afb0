"""A discussion of hours keeps little of each minute."""

from __future__ import annotations

import gc
import tracemalloc

from facilitator.core.discussion import Discussion
from facilitator.core.events import Heard, Spoke
from tests.support.simulation import setup

MINUTES = 60
MOST_BYTES_A_MINUTE = 12_000
"""Labels come twice a second; kept as an object of their own, and as a tile, they took 41,000."""


def test_memory_hardly_grows() -> None:
    discussion = Discussion(setup(("Ana", "Ben"), "open", minutes=120))

    def talk(first_minute: int, minutes: int) -> None:
        for step in range(120 * first_minute, 120 * (first_minute + minutes)):
            who = ("Ana", "Ben")[step // 14 % 2]
            confidence = 0.5 + step * 37 % 499 / 1000  # as a listener's, hardly ever the same twice
            start_ms = 500 * step
            heard = Heard(
                at_ms=start_ms + 900,
                start_ms=start_ms,
                end_ms=start_ms + 500,
                people=(f"{who}",),
                confidence=round(confidence, 3),
            )
            discussion.receive(heard)

    talk(0, 5)
    tracemalloc.start()
    try:
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        talk(5, MINUTES)
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < MOST_BYTES_A_MINUTE * MINUTES, grown / MINUTES
    account = discussion.account()
    assert len(account.timeline) > 100 * MINUTES
    assert not any(isinstance(event, Spoke) for event in account.events)
