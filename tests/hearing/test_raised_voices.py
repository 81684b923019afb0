"""When two are louder than in their samples: measured, and only where it can be."""

from __future__ import annotations

import numpy as np
import pytest

from facilitator.core.events import Heard, RaisedVoices
from facilitator.hearing.signal.audio import RATE, Block
from facilitator.hearing.signal.raised_voices import RaisedVoicesMeter

BLOCK = RATE // 8  # not a whole number of steps


class Table:
    """Noise as loud as it is told, into a meter."""

    def __init__(self) -> None:
        self.meter = RaisedVoicesMeter()
        self.at = 0
        self.random = np.random.default_rng(1)

    def sound(self, seconds: float, db: float, *, own: bool = False, lost: bool = False) -> None:
        for _ in range(round(seconds * RATE / BLOCK)):
            samples = self.random.normal(0, 10 ** (db / 20), BLOCK).astype(np.float32)
            self.meter.hear(Block(first_sample=self.at, samples=samples, lost=lost), own=own)
            self.at += BLOCK

    def sample(self, person: str, db: float, *, seconds: float = 6, keep: bool = True) -> None:
        self.meter.begin_sample()
        self.sound(seconds, db)
        self.meter.end_sample(person, keep=keep)

    def told(self, people: tuple[str, ...] = ("Ana", "Ben"), seconds: float = 2, **more: float) -> RaisedVoices | None:
        end_ms = self.at * 1000 // RATE
        start_ms = end_ms - round(1000 * seconds)
        return self.meter.told(Heard(at_ms=end_ms, start_ms=start_ms, end_ms=end_ms, people=people, **more))  # type: ignore[arg-type]


@pytest.fixture
def table() -> Table:
    found = Table()
    found.sample("Ana", -40)
    found.sample("Ben", -35)
    return found


def test_it_is_measured_against_the_louder_sample(table: Table) -> None:
    table.sound(2, -23)
    told = table.told()
    assert told is not None and told.over_db == pytest.approx(12, abs=0.5)
    assert told.end_ms - told.start_ms == 2_000


def test_two_at_once_as_loud_as_they_usually_are_is_nothing(table: Table) -> None:
    table.sound(2, -32)
    assert table.told() is None


@pytest.mark.parametrize(
    ("people", "more"),
    [(("Ana",), {}), (("Ana", "Carla"), {}), (("Ana", "Ben"), {"confidence": 0.5}), (("Ana", "Ben"), {"seconds": 0.3})],
)
def test_nothing_is_told_on_doubtful_evidence(table: Table, people: tuple[str, ...], more: dict[str, float]) -> None:
    table.sound(2, -15)
    assert table.told(people, **more) is None


def test_whose_sample_is_not_known_is_not_compared(table: Table) -> None:
    table.meter.forget("Ben")
    table.sound(2, -15)
    assert table.told() is None
    short = Table()
    short.sample("Ana", -40)
    short.sample("Ben", -35, seconds=1)
    short.sound(2, -15)
    assert short.told() is None


def test_the_facilitators_own_voice_and_lost_sound_are_not_looked_at(table: Table) -> None:
    table.sound(2, -10, own=True)
    assert table.told() is None
    table.sound(2, -10, lost=True)
    assert table.told() is None
    table.sound(1, -20)
    assert table.told(seconds=1) is not None
