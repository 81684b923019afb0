"""Two voices as one: prompts by the one, chimes by the other."""

from __future__ import annotations

from facilitator.core.events import ChimeName, Fact
from facilitator.ports import Voice


class PairedVoice:
    """A Voice; chimes only, for instance, is a silent voice paired with one that sounds."""

    def __init__(self, prompts: Voice, chimes: Voice) -> None:
        self._prompts = prompts
        self._chimes = chimes

    def prepare(self, text: str) -> None:
        self._prompts.prepare(text)

    def say(self, prompt: int, text: str, now_ms: int) -> None:
        self._prompts.say(prompt, text, now_ms)

    def chime(self, name: ChimeName, now_ms: int) -> None:
        self._chimes.chime(name, now_ms)

    def room(self, level_db: float) -> None:
        self._prompts.room(level_db)
        self._chimes.room(level_db)

    def hush(self) -> None:
        self._prompts.hush()

    def poll(self, now_ms: int) -> list[Fact]:
        return self._prompts.poll(now_ms) + self._chimes.poll(now_ms)

    def close(self) -> None:
        self._prompts.close()
        self._chimes.close()
