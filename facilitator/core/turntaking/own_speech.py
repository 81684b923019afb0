"""When the facilitator itself speaks: the one place that knows. Everything else that must not take its voice for
anybody's (who is counted, what was meant, the listener, the words) follows what is kept here.

    idle --ask--> asked --PromptStarted--> sounding --PromptEnded--> idle
                    |                         |
                    +---- time-out, restart --+-----------------------> idle

A prompt that never reports its end is over when the longest it can last is over; after an interruption of the program
nothing sounds any more, whatever was being said. An end that is reported after all still counts.
Times are integer milliseconds on the session clock.
"""

from __future__ import annotations

from facilitator.core.events import Fact, PromptEnded, PromptStarted
from facilitator.core.turntaking.spans import Span

FOREVER_MS = 1 << 60
"""When it ends of which the end is not known yet."""
LONGEST_MS = 60_000
"""Of what nobody asked for, as far as known."""


class OwnSpeech:
    """`spans`: when it sounded, in order of start; at most one, the last to begin, ends at `FOREVER_MS`."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.silent_since_ms = 0
        self._asked: int | None = None  # the prompt that was asked for and is not over
        self._due_ms: int | None = None  # when what is asked for or sounds is over at the latest
        self._longest_ms = LONGEST_MS

    @property
    def busy(self) -> bool:
        """Something was asked for and is not over, whether or not it sounds already."""
        return self._asked is not None

    @property
    def sounding(self) -> bool:
        return any(span.end_ms == FOREVER_MS for span in self.spans[-1:])

    @property
    def due_ms(self) -> int | None:
        """When `expire` has something to do; None: nothing is being said."""
        return self._due_ms

    def ask(self, prompt: int, now_ms: int, longest_ms: int) -> None:
        """The voice is asked for this prompt, which lasts no longer than that."""
        self._asked, self._longest_ms = prompt, longest_ms
        self._due_ms = now_ms + longest_ms

    def receive(self, fact: Fact) -> bool:
        """Whether what was asked for is over by this fact."""
        match fact:
            case PromptStarted():
                self._close(fact.start_ms)
                self.spans.append(Span(fact.start_ms, FOREVER_MS))
                self.spans.sort()
                if self._asked != fact.prompt:  # too late: it is no longer waited for, and yet it sounds
                    self._due_ms = max(self._due_ms or 0, fact.at_ms + self._longest_ms)
            case PromptEnded():
                self.spans = [span for span in self.spans if span.start_ms != fact.start_ms]
                self.spans.append(Span(fact.start_ms, fact.end_ms))
                self.spans.sort()
                if self._asked in (fact.prompt, None) and not self.sounding:
                    was_asked = self._asked is not None
                    self._over(fact.end_ms)
                    return was_asked
        return False

    def expire(self, now_ms: int) -> bool:
        """Looks at the time. Whether what was asked for is over, although nobody said so."""
        if self._due_ms is None or now_ms < self._due_ms:
            return False
        was_asked = self._asked is not None
        self.restart(now_ms)
        return was_asked

    def restart(self, now_ms: int) -> None:
        """Whatever was being said: it no longer is."""
        self._close(now_ms)
        self._over(now_ms)

    def _close(self, end_ms: int) -> None:
        self.spans = [
            span if span.end_ms != FOREVER_MS else Span(span.start_ms, max(span.start_ms, end_ms))
            for span in self.spans
        ]

    def _over(self, end_ms: int) -> None:
        self._asked = self._due_ms = None
        self.silent_since_ms = end_ms
