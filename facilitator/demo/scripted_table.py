"""A scripted table: recorded people who answer what the program does, in place of a microphone.

The bundled demonstration is one, and so are end-to-end tests. A script is a folder with sound clips
and a `script.toml`; how to write one is told in `facilitator/demo/script.py`. The table is a sound source, a keyboard
and a sink at once: every record the program makes is handed to `write`, cues that wait for it come
due, and what they play appears in the sound from then on, at exactly known samples. There is always
a little room noise, never digital silence. The same records give the same sound.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from facilitator.core import events as e
from facilitator.hearing.signal.audio import RATE, Block, Samples

BLOCK = 1600
"""Frames in a block: a tenth of a second."""

_NOISE_S = 7
"""The room noise repeats after this long."""

CueOn = Literal["listen", "floor", "prompt", "stage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """A clip of `person`, either `after_ms` after the clip before or `at_ms` after the cue began."""

    clip: str
    person: str
    after_ms: int
    at_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    on: CueOn
    person: str | None
    what: str | None
    play: tuple[Play, ...]
    then: e.CommandName | None
    then_person: str | None
    value: int | None
    text: str
    then_after_ms: int
    wait_ms: int
    or_after_ms: int | None
    """So long after the cue before it in the file has been played it begins without what it waits for."""
    again: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """`clips` by file name: mono samples at 16 kHz; `words`: what is said in them. `minutes` and `rounds` None: as the
    format has it."""

    title: str
    language: str
    format: str
    minutes: float | None
    rounds: int | None
    people: tuple[str, ...]
    noise_db: float
    seed: int
    ends_after_s: float
    cues: tuple[Cue, ...]
    clips: Mapping[str, Samples]
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A clip lies, or will lie, at these samples of the sound: the truth that a test compares with."""

    person: str
    clip: str
    first_sample: int
    end_sample: int


@dataclass(slots=True, kw_only=True)
class _Placed:
    played: Played
    samples: Samples
    cue: Cue


class ScriptedTable:
    """An AudioSource, Keys and Sink in one. `paced`: sound comes in real time; else as fast as it is read.

    `listen_along` is given each clip, mono at 16 kHz, when it begins: for a loudspeaker, and for those who read."""

    channels = 1

    def __init__(
        self,
        script: Script,
        *,
        paced: bool = True,
        listen_along: Callable[[Played, Samples], object] | None = None,
        block: int = BLOCK,
    ) -> None:
        self.live = paced
        self.played: list[Played] = []
        """Every clip so far, in the order in which it was placed."""
        self._script = script
        self._listen_along = listen_along
        self._block = block
        self._noise = room_noise(script.noise_db, script.seed)
        self._next_sample = 0
        self._began_s: float | None = None
        self._placed: list[_Placed] = []
        self._unused = list(script.cues)
        self._waiting: list[tuple[int, Cue]] = []  # (due since this sample, cue)
        self._overdue: tuple[int, Cue] | None = None  # (begins by itself at this sample, cue)
        self._commands: list[tuple[int, e.CommandName, Cue]] = []
        self._speaking: set[int] = set()
        self._free_since = 0
        self._says: dict[int, e.Say] = {}
        self._ended = False

    # --- AudioSource

    @property
    def ended(self) -> bool:
        return self._ended

    @property
    def behind_s(self) -> float:
        if not self.live or self._began_s is None:
            return 0.0
        return max(0.0, time.monotonic() - self._began_s - self._next_sample / RATE)

    def read(self, timeout_s: float) -> Block | None:
        if self._ended:
            return None
        if self.live and not self._due(timeout_s):
            return None
        self._begin_cues()
        first, end = self._next_sample, self._next_sample + self._block
        samples = np.take(self._noise, np.arange(first, end), mode="wrap")
        for placed in self._placed:
            low, high = max(first, placed.played.first_sample), min(end, placed.played.end_sample)
            if low < high:
                start = placed.played.first_sample
                samples[low - first : high - first] += placed.samples[low - start : high - start]
            if self._listen_along is not None and first <= placed.played.first_sample < end:
                self._listen_along(placed.played, placed.samples)
        self._placed = [p for p in self._placed if p.played.end_sample > end]
        self._next_sample = end
        np.clip(samples, -1.0, 1.0, out=samples)
        if end >= self._script.ends_after_s * RATE:
            self._ended = True
        return Block(first_sample=first, samples=samples[:, None])

    def trouble(self) -> str | None:
        return None

    def close(self) -> None:
        self._ended = True

    def _due(self, timeout_s: float) -> bool:
        """Waits, up to `timeout_s`, until the next block would have come from a microphone."""
        now = time.monotonic()
        if self._began_s is None:
            self._began_s = now
        wait_s = self._began_s + (self._next_sample + self._block) / RATE - now
        if wait_s > 0:
            time.sleep(min(wait_s, timeout_s))
        return wait_s <= timeout_s

    # --- Keys

    def poll(self, now_ms: int) -> list[e.Command]:
        """The commands that people at the table have given by now."""
        due = [c for c in self._commands if c[0] <= self._next_sample]
        self._commands = [c for c in self._commands if c[0] > self._next_sample]
        return [
            e.Command(at_ms=now_ms, name=name, source="key", person=cue.then_person, value=cue.value, text=cue.text)
            for _, name, cue in due
        ]

    # --- Sink

    def write(self, records: Sequence[e.Record]) -> None:
        for record in records:
            self._follow(record)

    def _follow(self, record: e.Record) -> None:
        match record:
            case e.Say(prompt=prompt):
                self._says[prompt] = record
                self._speaking.add(prompt)
            case e.PromptStarted(prompt=prompt):
                self._speaking.add(prompt)
            case e.PromptEnded(prompt=prompt):
                self._speaking.discard(prompt)
                self._free_since = self._next_sample
                if (said := self._says.get(prompt)) is not None:
                    self._cue("prompt", said.prompt_kind, said.person)
            case e.Listen(person=person):
                self._cue("listen", None, person)
            case e.FloorGranted(person=person):
                self._cue("floor", None, person)
            case e.FloorReleased(person=person):
                self._stop_turn(person)
            case e.StageStarted(stage=stage, kind=kind):
                self._leave_unsaid(lambda _: True)
                self._overdue = None
                if not self._cue("stage", kind, None):
                    self._cue("stage", stage, None)
            case e.Finish():
                self._ended = True
            case _:
                pass

    def _cue(self, on: str, what: str | None, person: str | None) -> bool:
        """The first cue that waits for this comes due; it begins once the program has been silent long enough."""
        for cue in self._unused:
            if cue.on == on and cue.what in (None, what) and (cue.person in (None, person)):
                if not cue.again:
                    self._unused.remove(cue)
                self._waiting.append((self._next_sample, cue))
                return True
        return False

    def _begin_cues(self) -> None:
        """Nobody at this table talks over the facilitator: a cue waits until it has been quiet for `wait_ms`."""
        if self._overdue is not None and self._next_sample >= self._overdue[0]:
            _, cue = self._overdue
            self._overdue = None
            if cue in self._unused:
                self._unused.remove(cue)
                self._waiting.append((self._next_sample, cue))
        if self._speaking:
            return
        for waiting in list(self._waiting):
            due, cue = waiting
            if self._next_sample >= max(due, self._free_since) + cue.wait_ms * RATE // 1000:
                self._waiting.remove(waiting)
                self._place(cue)

    def _place(self, cue: Cue) -> None:
        began = last_end = self._next_sample
        for item in cue.play:
            samples = self._script.clips[item.clip]
            if item.at_ms is not None:
                first = began + item.at_ms * RATE // 1000
            else:
                first = last_end + item.after_ms * RATE // 1000
                last_end = first + len(samples)
            played = Played(person=item.person, clip=item.clip, first_sample=first, end_sample=first + len(samples))
            self.played.append(played)
            self._placed.append(_Placed(played=played, samples=samples, cue=cue))
        if cue.then is not None:
            self._commands.append((last_end + cue.then_after_ms * RATE // 1000, cue.then, cue))
        place = self._script.cues.index(cue) + 1
        following = self._script.cues[place] if place < len(self._script.cues) else None
        if following is not None and following.or_after_ms is not None:
            self._overdue = (last_end + following.or_after_ms * RATE // 1000, following)

    def _stop_turn(self, person: str) -> None:
        """The turn is over: what that person had not begun to say stays unsaid."""
        self._leave_unsaid(lambda cue: (cue.on, cue.person) == ("floor", person))

    def _leave_unsaid(self, over: Callable[[Cue], bool]) -> None:
        """Of the cues that this is so of: what nobody has begun to say, and the commands that were to come after it."""

        def unsaid(one: _Placed) -> bool:
            return over(one.cue) and one.played.first_sample >= self._next_sample

        dropped = [one.played for one in self._placed if unsaid(one)]
        self._placed = [one for one in self._placed if not unsaid(one)]
        self.played = [one for one in self.played if one not in dropped]
        self._commands = [one for one in self._commands if not over(one[2])]
        self._waiting = [one for one in self._waiting if not over(one[1])]


def room_noise(level_db: float, seed: int) -> Samples:
    """A soft rumble and hiss at `level_db` (RMS, dB of full scale) that can be repeated without a seam."""
    count = _NOISE_S * RATE
    random = np.random.default_rng(seed)
    spectrum = np.fft.rfft(random.standard_normal(count))
    frequency_hz = np.fft.rfftfreq(count, 1 / RATE)
    spectrum *= 1 / (1 + frequency_hz / 300)  # as much of it low as in a quiet room
    noise = np.fft.irfft(spectrum, count)
    noise *= 10 ** (level_db / 20) / np.sqrt(np.mean(noise**2))
    return noise.astype(np.float32)
