"""A voice that makes no sound: prompts are shown, and last as long as it takes to read them.

It has no clock but the one it is told, so that a recording played fast and a test get the same
answers every time.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

from facilitator.core.events import ChimeName, ChimePlayed, Fact, HowEnded, PromptEnded, PromptStarted, Trouble
from facilitator.ports import Voice

WORD_MS = 320
PAUSE_MS = 300


def shown_ms(text: str) -> int:
    """How long a prompt is shown: about as long as it would be spoken."""
    return WORD_MS * len(text.split()) + PAUSE_MS


@dataclass(frozen=True, slots=True)
class _Prompt:
    number: int
    start_ms: int
    length_ms: int


class SilentVoice:
    """A Voice. Prompts end as `shown`, chimes take no time; one prompt at a time, in the order asked.

    `trouble` is why it had to be this one: the first `poll` tells. `at_once`: prompts take no time, for
    recordings, in which nobody waits for what is said."""

    def __init__(self, trouble: str | None = None, *, at_once: bool = False) -> None:
        self._at_once = at_once
        self._showing: _Prompt | None = None
        self._waiting: deque[tuple[int, int]] = deque()  # (prompt, length_ms)
        self._facts: list[Fact] = [Trouble(at_ms=0, kind="voice", message=trouble)] if trouble else []
        self._now_ms = 0

    @property
    def next_deadline_ms(self) -> int | None:
        """When the prompt that is shown now will end; None while nothing is shown."""
        return self._showing.start_ms + self._showing.length_ms if self._showing else None

    def prepare(self, text: str) -> None:
        """Nothing to prepare."""

    def say(self, prompt: int, text: str, now_ms: int) -> None:
        self._waiting.append((prompt, 0 if self._at_once else shown_ms(text)))
        self._now_ms = max(self._now_ms, now_ms)
        if self._showing is None:
            self._show_next(self._now_ms)

    def chime(self, name: ChimeName, now_ms: int) -> None:
        self._now_ms = max(self._now_ms, now_ms)
        now_ms = self._now_ms
        self._facts.append(ChimePlayed(at_ms=now_ms, chime=name, start_ms=now_ms, end_ms=now_ms))

    def room(self, level_db: float) -> None:
        """A screen is as bright in a loud room."""

    def hush(self) -> None:
        while self._showing:
            self._end(max(self._now_ms, self._showing.start_ms), "hushed")
            self._show_next(self._now_ms)

    def poll(self, now_ms: int) -> list[Fact]:
        self._now_ms = now_ms
        while (end_ms := self.next_deadline_ms) is not None and end_ms <= now_ms:
            self._end(end_ms, "shown")
            self._show_next(end_ms)
        facts = [replace(fact, at_ms=now_ms) for fact in self._facts]
        self._facts.clear()
        return facts

    def close(self) -> None:
        self._showing = None
        self._waiting.clear()
        self._facts.clear()

    def _show_next(self, now_ms: int) -> None:
        if self._waiting:
            number, length_ms = self._waiting.popleft()
            self._showing = _Prompt(number, now_ms, length_ms)
            self._facts.append(PromptStarted(at_ms=now_ms, prompt=number, start_ms=now_ms))

    def _end(self, end_ms: int, how: HowEnded) -> None:
        if self._showing is not None:
            prompt, self._showing = self._showing, None
            self._facts.append(
                PromptEnded(at_ms=end_ms, prompt=prompt.number, start_ms=prompt.start_ms, end_ms=end_ms, how=how)
            )


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
