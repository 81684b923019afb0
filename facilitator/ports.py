"""What the program needs from the outside, on one page. Backends fill these in; tests and the
session know nothing else about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from facilitator.core.events import ChimeName, Command, Fact, Record
from facilitator.hearing.signal.audio import Block


class AudioSource(Protocol):
    """A microphone or a recording."""

    channels: int
    live: bool
    """True: sound comes at its own pace, whether or not anyone reads."""

    def read(self, timeout_s: float) -> Block | None:
        """The next block, waiting up to `timeout_s`; None when there is none yet or `ended`."""

    @property
    def behind_s(self) -> float:
        """How much sound waits to be read, where it comes at its own pace; else 0."""

    @property
    def ended(self) -> bool: ...

    def trouble(self) -> str | None:
        """A sentence for people about what is wrong now (device gone, digital silence), each once."""

    def close(self) -> None: ...


class Voice(Protocol):
    """Says prompts and plays chimes. Never blocks the caller for more than a few milliseconds."""

    def prepare(self, text: str) -> None:
        """Make the samples of this text ahead of time, in the background."""

    def say(self, prompt: int, text: str, now_ms: int) -> None:
        """Begin to say it; `poll` reports `PromptStarted` and `PromptEnded`. Always ends, even in failure."""

    def chime(self, name: ChimeName, now_ms: int) -> None: ...

    def room(self, level_db: float) -> None:
        """How loud the room is while nobody speaks (RMS, dB of full scale): what follows is as loud as that needs."""

    def hush(self) -> None:
        """Silence within 0.3 s; what was being said ends as `hushed`."""

    def poll(self, now_ms: int) -> list[Fact]:
        """`PromptStarted`, `PromptEnded`, `ChimePlayed` and `Trouble` since the last call, `at_ms=now_ms`."""

    def close(self) -> None: ...


class Keys(Protocol):
    """A keyboard, read without waiting."""

    def poll(self, now_ms: int) -> list[Command]: ...

    def close(self) -> None: ...


class Sink(Protocol):
    """Somewhere every record goes, in order: the database, the screen, a test."""

    def write(self, records: Sequence[Record]) -> None: ...

    def close(self) -> None: ...
