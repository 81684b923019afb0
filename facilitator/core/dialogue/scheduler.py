"""When a prompt may be said: one at a time, in a pause, or not at all.

A prompt waits for a pause of 0.7 s. When its time to wait is over it is said all the same, or only
shown, or dropped, as it was asked for. While people want quiet everything is shown instead of said.
Prompts leave in the order they came, except that urgent ones go first. What nobody asked for is said so many
times in ten minutes at most, and beyond that it is shown; what protects somebody's turn has a budget of its own for
each person, so that who speaks last is protected like who spoke first.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from facilitator.core.events import Activity, Fact, Hush, Missed, Outcome, PromptDropped, Say, Show
from facilitator.core.turntaking.own_speech import OwnSpeech

PAUSE_MS = 700
BUDGET_MS = 600_000
Otherwise = Literal["say", "show", "drop"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """Something to say. `then` is called once it has been said, shown or dropped (True unless dropped)."""

    prompt_kind: str
    text: str
    person: str | None = None
    aloud: str = ""
    wait_ms: int | None = None
    """How long to wait for a pause; None: do not wait, people expect it now."""
    otherwise: Otherwise = "say"
    urgent: bool = False
    unasked: bool = False
    """Nobody waits for it: it is dropped, not shown, when people want quiet."""
    budget_of: str = ""
    """Whose budget of unasked prompts it is drawn from: who has the floor has their own; empty: that of all."""
    then: Callable[[bool], None] | None = None


def longest_ms(text: str) -> int:
    """Beyond this a prompt counts as over even if the voice never said so."""
    return 10_000 + 900 * len(text.split())


class PromptScheduler:
    """Holds prompts until they may be said; `due` says what happens now."""

    def __init__(self, emit: Callable[[Outcome], None], budget: int) -> None:
        self._budget = budget
        self._unasked: dict[str, deque[int]] = defaultdict(deque)  # when something was said of each budget, lately
        self.quiet = False
        self.held = False
        """During a pause: only urgent prompts are said."""
        self._emit = emit
        self.last_said = ""
        self.in_view = ""
        """The same, until something else begins."""
        self._waiting: deque[tuple[int, Prompt]] = deque()  # (asked at, prompt)
        self._saying: tuple[Say, Prompt] | None = None
        self._said = 0
        self._speaking = False
        self._still_since_ms = 0
        self.own_voice = OwnSpeech()

    # -- what is known -----------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Something is being said or waits to be said."""
        return self._saying is not None or bool(self._waiting)

    @property
    def speaking_itself(self) -> bool:
        return self._saying is not None

    @property
    def someone_speaking(self) -> bool:
        return self._speaking

    def still_ms(self, now_ms: int) -> int:
        """How long it has been still: nobody spoke, nor the facilitator."""
        if self._speaking or self._saying is not None:
            return 0
        return max(0, now_ms - max(self._still_since_ms, self.own_voice.silent_since_ms))

    @property
    def deadline_ms(self) -> int | None:
        due_ms = self.own_voice.due_ms
        first = self._first()
        if self._saying is not None or first is None:
            return due_ms
        asked_ms, prompt = first
        if prompt.wait_ms is None:
            return asked_ms
        over_ms = asked_ms + prompt.wait_ms
        say_ms = over_ms if self._speaking else min(over_ms, self._still_since_ms + PAUSE_MS)
        return say_ms if due_ms is None else min(say_ms, due_ms)

    # -- what happens ------------------------------------------------------------------------------

    def ask(self, prompt: Prompt, now_ms: int) -> None:
        """Puts the prompt in line; an urgent one behind those that are urgent, too."""
        place = sum(waiting.urgent for _, waiting in self._waiting) if prompt.urgent else len(self._waiting)
        self._waiting.insert(place, (now_ms, prompt))

    def clear(self, now_ms: int) -> None:
        """Lets go of everything waiting and stops what is being said. No `then` is called."""
        for _, prompt in self._waiting:
            self._drop(prompt, "superseded", now_ms)
        self._waiting.clear()
        if self._saying is not None:
            self._emit(Hush(at_ms=now_ms))
            say, prompt = self._saying
            self._saying = (say, dataclasses.replace(prompt, then=None))

    def cancel(self, prompt_kind: str, now_ms: int) -> None:
        """A question was answered before it was over: it need not be said (any further). No `then` is called."""
        for entry in [entry for entry in self._waiting if entry[1].prompt_kind == prompt_kind]:
            self._waiting.remove(entry)
            self._drop(entry[1], "superseded", now_ms)
        if self._saying is not None and self._saying[1].prompt_kind == prompt_kind:
            say, prompt = self._saying
            self._saying = (say, dataclasses.replace(prompt, then=None))
            self._emit(Hush(at_ms=now_ms))

    def hush(self, now_ms: int) -> None:
        """Stops what is being said; it counts as said."""
        if self._saying is not None:
            self._emit(Hush(at_ms=now_ms))

    def receive(self, fact: Fact) -> None:
        if isinstance(fact, Activity):
            self._speaking = fact.speaking
            if not fact.speaking:
                self._still_since_ms = max(self._still_since_ms, fact.start_ms)
        elif isinstance(fact, Missed):  # how still it was meanwhile is not known
            self._still_since_ms = max(self._still_since_ms, fact.end_ms)
        elif self.own_voice.receive(fact):
            self._end()

    def forget(self, now_ms: int) -> None:
        """The program was restarted: nothing is being said, nothing waits, nobody speaks."""
        self.own_voice.restart(now_ms)
        self._waiting.clear()
        self._saying = None
        self._speaking = self.held = False

    def due(self, now_ms: int) -> None:
        """Emits what happens now: at most one `Say`, after what is shown or dropped before it."""
        if self.own_voice.expire(now_ms):
            self._emit(Hush(at_ms=now_ms))
            self._end()
        while self._saying is None and (first := self._first()) is not None:
            asked_ms, prompt = first
            pause = not self._speaking and now_ms >= self._still_since_ms + PAUSE_MS
            late = prompt.wait_ms is not None and not pause and now_ms >= asked_ms + prompt.wait_ms
            if prompt.wait_ms is not None and not pause and not late:
                break
            self._waiting.remove(first)
            if self.quiet and prompt.unasked:
                self._drop(prompt, "quiet", now_ms)
                _then(prompt, False)
            elif late and prompt.otherwise == "drop":
                self._drop(prompt, "late", now_ms)
                _then(prompt, False)
            elif prompt.unasked and self._spent(prompt.budget_of, now_ms):
                self._drop(prompt, "budget", now_ms)
                self._emit(Show(at_ms=now_ms, text=prompt.text))
                _then(prompt, True)
            elif self.quiet or (late and prompt.otherwise == "show"):
                self.last_said = self.in_view = prompt.text
                self._emit(Show(at_ms=now_ms, text=prompt.text))
                _then(prompt, True)
            else:
                self._say(prompt, now_ms)

    def _first(self) -> tuple[int, Prompt] | None:
        """The prompt whose turn it is."""
        for asked_ms, prompt in self._waiting:
            if prompt.urgent or not self.held:
                return asked_ms, prompt
        return None

    def _spent(self, budget_of: str, now_ms: int) -> bool:
        """Whether enough has been said unasked."""
        said_ms = self._unasked[budget_of]
        while said_ms and said_ms[0] <= now_ms - BUDGET_MS:
            said_ms.popleft()
        return len(said_ms) >= self._budget

    def _say(self, prompt: Prompt, now_ms: int) -> None:
        self._said += 1
        self.last_said = self.in_view = prompt.text
        if prompt.unasked:
            self._unasked[prompt.budget_of].append(now_ms)
        say = Say(
            at_ms=now_ms,
            prompt=self._said,
            prompt_kind=prompt.prompt_kind,
            text=prompt.text,
            person=prompt.person,
            aloud=prompt.aloud,
        )
        self._saying = (say, prompt)
        self.own_voice.ask(say.prompt, now_ms, longest_ms(say.text))
        self._emit(say)

    def _end(self) -> None:
        if self._saying is not None:
            _, prompt = self._saying
            self._saying = None
            _then(prompt, True)

    def _drop(self, prompt: Prompt, why: Literal["late", "quiet", "superseded", "budget"], now_ms: int) -> None:
        self._emit(PromptDropped(at_ms=now_ms, prompt_kind=prompt.prompt_kind, person=prompt.person, why=why))


def _then(prompt: Prompt, said: bool) -> None:
    if prompt.then is not None:
        prompt.then(said)
