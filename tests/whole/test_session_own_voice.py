"""The listeners follow what the discussion knows of when the facilitator speaks, whatever the voice does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from facilitator.backends.voice.silent_voice import SilentVoice
from facilitator.core.dialogue.scheduler import longest_ms
from facilitator.core.discussion import Discussion
from facilitator.core.events import Fact, PromptEnded, Record, Say, Tick
from facilitator.core.snapshot import Snapshot
from facilitator.hearing.diarization.priors import OwnVoice
from facilitator.hearing.signal.audio import Block
from facilitator.session import Session
from tests.support.simulation import NAMES, setup

TAIL_MS = 300
STEP_MS = 100


class BrokenVoice(SilentVoice):
    """Begins, and never reports that it has ended."""

    def poll(self, now_ms: int) -> list[Fact]:
        return [fact for fact in super().poll(now_ms) if not isinstance(fact, PromptEnded)]


class Ear:
    """An `Ear` that hears nothing but when the facilitator speaks."""

    people: tuple[str, ...] = NAMES[:2]

    def __init__(self) -> None:
        self.own = OwnVoice(TAIL_MS)

    def own_voice(self, start_ms: int, end_ms: int | None) -> None:
        self.own.add(start_ms, end_ms)

    def begin_sample(self, person: str) -> None: ...
    def forget(self, person: str) -> None: ...

    def end_sample(self, keep: bool) -> bool:
        return keep

    def hurry(self, behind_s: float) -> None: ...
    def hear(self, block: Block) -> list[Fact]:
        return []

    def expect(self, person: str | None) -> None: ...
    def review(self) -> Sequence[Fact]:
        return []


class Screen:
    def __init__(self) -> None:
        self.records: list[Record] = []

    def show(self, snapshot: Snapshot) -> None: ...
    def write(self, records: Sequence[Record]) -> None:
        self.records += records

    def close(self) -> None: ...


def session(discussion: Discussion, voice: SilentVoice, **options: Any) -> tuple[Session, Ear, Screen]:
    ear, screen = Ear(), Screen()
    made = Session(
        discussion=discussion, voice=voice, source=None, ear=ear, keys=(), screen=screen, sinks=(), **options
    )
    return made, ear, screen


def a_discussion() -> Discussion:
    return Discussion(setup(NAMES[:2], "open", enrolled=NAMES[:2], minutes=5))


def played(made: Session, voice: SilentVoice, until_ms: int, from_ms: int = 0) -> None:
    for now_ms in range(from_ms, until_ms, STEP_MS):
        for fact in voice.poll(now_ms):
            made.take(fact)
        made.take(Tick(at_ms=now_ms))


def test_a_prompt_that_never_ends_is_over_for_the_listener_too() -> None:
    voice = BrokenVoice()
    made, ear, screen = session(a_discussion(), voice)
    played(made, voice, 400)
    assert ear.own.sounds(300, 400)
    first_over_ms = next(ms for ms in range(400, 300_000, STEP_MS) if _silent_at(made, voice, ear, ms))
    said = [record for record in screen.records if isinstance(record, Say)]
    assert len(said) < 4, "one after the other, until nothing is left to be said"
    assert first_over_ms <= sum(longest_ms(say.text) for say in said) + TAIL_MS + len(said) * STEP_MS


def _silent_at(made: Session, voice: SilentVoice, ear: Ear, ms: int) -> bool:
    """Whether the listener may listen at this moment."""
    played(made, voice, ms + STEP_MS, ms)
    return not ear.own.sounds(ms, ms + 50)
