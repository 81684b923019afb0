"""The loop: facts in, actions out. It has no rules; it alone reads the computer's clock.

Session time is counted in samples while sound comes in, by the computer's clock in between and where
there is no sound. Everything runs on the caller's thread.
"""

from __future__ import annotations

import logging
import threading
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Literal, Protocol

from facilitator.core.discussion import Discussion
from facilitator.core.events import (
    Attend,
    Chime,
    Command,
    Dictate,
    Enrolled,
    Fact,
    Finish,
    FloorGranted,
    FloorReleased,
    Forget,
    Heard,
    Hush,
    Learn,
    Listen,
    Missed,
    Outcome,
    Prepare,
    Record,
    Review,
    Reviewed,
    Say,
    SourceEnded,
    Tick,
    Trouble,
)
from facilitator.core.snapshot import Snapshot
from facilitator.core.turntaking.own_speech import FOREVER_MS
from facilitator.hearing.interfaces import Ear
from facilitator.hearing.signal.levels import RoomLevel
from facilitator.hearing.signal.raised_voices import RaisedVoicesMeter
from facilitator.hearing.words.word_listener import WordsHeard
from facilitator.ports import AudioSource, Keys, Sink, Voice
from facilitator.runtime.asleep import LEAST_S, SleepWatch

WAIT_S = 0.05  # for the next block; keys and the voice are looked at in between
_log = logging.getLogger(__name__)
LOG_EVERY_S = 30.0
SHOW_EVERY_S = 0.1
TICK_MS = 1000
"""The discussion is told the time where nothing else was told for so long. Where nobody is listened to, the clocks on
the screen go by that alone, and what breaks off goes on from there."""
TROUBLE_EVERY_S = 1.0


class Screen(Sink, Protocol):
    """A sink that is also shown each moment."""

    def show(self, snapshot: Snapshot) -> None: ...


class Clock:
    """Session time in milliseconds; never goes back."""

    def __init__(self, start_ms: int, *, follows_sound_only: bool) -> None:
        self._sound_only = follows_sound_only
        self._at_ms = start_ms
        self._seen_s = time.monotonic()
        self._last_ms = start_ms

    def heard_until(self, end_ms: int) -> None:
        """Sound up to `end_ms` has come in just now."""
        self._at_ms, self._seen_s = end_ms, time.monotonic()

    def slept(self, ms: int) -> None:
        """The computer was asleep for so long; what counted the time until now did not count that."""
        if not self._sound_only:
            self._at_ms += ms

    def now_ms(self) -> int:
        since_ms = 0 if self._sound_only else int((time.monotonic() - self._seen_s) * 1000)
        self._last_ms = max(self._last_ms, self._at_ms + since_ms)
        return self._last_ms


class SoundTime:
    """Where in the session what is heard lies: the listeners count samples from the first one on, and none come while
    the computer sleeps."""

    def __init__(self, start_ms: int) -> None:
        self._seams_ms, self._later_ms = [0], [start_ms]  # from this moment of the sound on it is so much later

    @property
    def later_ms(self) -> int:
        """What comes in now, in the session, less its place in the sound."""
        return self._later_ms[-1]

    def slept(self, heard_ms: int, ms: int) -> None:
        """The computer slept for so long, after so much sound."""
        self._seams_ms.append(heard_ms)
        self._later_ms.append(self.later_ms + ms)

    def heard_ms(self, at_ms: int) -> int:
        """The place in the sound of this moment of the session; of one in a sleep, where it began."""
        for seam_ms, later_ms in zip(reversed(self._seams_ms), reversed(self._later_ms), strict=True):
            if at_ms >= seam_ms + later_ms:
                break
        following = bisect_right(self._later_ms, later_ms)
        heard_ms = at_ms - later_ms
        return min(heard_ms, self._seams_ms[following]) if following < len(self._seams_ms) else heard_ms

    def told(self, fact: Fact) -> list[Fact]:
        """What a listener says, in the session's time. What was heard over a sleep is two things."""
        if not isinstance(fact, Heard):
            return [self._moved(fact)]
        inside = [seam_ms for seam_ms in self._seams_ms if fact.start_ms < seam_ms < fact.end_ms]
        edges_ms = [fact.start_ms, *inside, fact.end_ms]
        return [self._moved(replace(fact, start_ms=a, end_ms=b)) for a, b in pairwise(edges_ms)]

    def _moved(self, fact: Fact) -> Fact:
        """What begins at a seam lies after the sleep, what ends there before it."""
        moved = {
            name: getattr(fact, name) + self._later_ms[max(0, find(self._seams_ms, getattr(fact, name)) - 1)]
            for name, find in (("at_ms", bisect_right), ("start_ms", bisect_right), ("end_ms", bisect_left))
            if hasattr(fact, name)
        }
        return replace(fact, **moved)


class Session:
    """Runs one discussion. `run` returns when it is over; `finish` may come from a signal."""

    def __init__(
        self,
        *,
        discussion: Discussion,
        voice: Voice,
        source: AudioSource | None,
        ear: Ear | None,
        words: WordsHeard | None = None,
        keys: Sequence[Keys],
        screen: Screen,
        sinks: Sequence[Sink],
        troubles: Sequence[Callable[[], str | None]] = (),
        start_ms: int = 0,
        fast: bool = False,
    ) -> None:
        self._discussion, self._voice, self._source, self._ear = discussion, voice, source, ear
        self._words = words
        self._keys, self._screen, self._sinks = keys, screen, [*sinks, screen]
        self._troubles = [*troubles, *(part.trouble for part in (source, words) if part is not None)]
        self._start_ms = start_ms
        self._sound_time = SoundTime(start_ms)
        self._heard_ms = 0  # so much sound has come in
        self._missing_ms: int | None = None  # since when no sound comes in, in the session
        self._sleep = SleepWatch()
        self._clock = Clock(start_ms, follows_sound_only=fast)
        self._fast = fast
        self.running = False
        self._over = self._source_over = False
        self._finish_asked: Literal["key", "program"] | None = None
        self._stop_asked = False
        self._room = RoomLevel()
        self._raised = RaisedVoicesMeter()
        self._speaks = False  # the facilitator itself
        self._own_voice_told: dict[int, int] = {}  # to the listeners: from when to when it speaks
        self._last_ms = start_ms
        self._shown_s = self._looked_s = self._logged_s = 0.0
        self._told: dict[int, str | None] = {}  # what each of the troubles said last

    def finish(self, *, answered: bool = True) -> None:
        """Asks for the closing; safe to call from a signal handler. Not `answered`: nobody is there to be asked
        anything in it."""
        self._finish_asked = "key" if answered else "program"

    def stop(self) -> None:
        """`run` returns within a moment, without any closing; safe to call from a signal handler."""
        self._stop_asked = True

    def run(self, *, resumed: Fact | None = None) -> None:
        self.running = True
        try:
            self._run(resumed if resumed is not None else Tick(at_ms=self._start_ms))
        finally:
            self.running = False

    def _run(self, first: Fact) -> None:
        self.take(first)
        while not (self._over or self._stop_asked):
            self._mind_sleep()
            self._sound()
            self._take_all(self._voice.poll(self._clock.now_ms()))
            for keys in self._keys:
                self._take_all(keys.poll(self._clock.now_ms()))
            if (source := self._finish_asked) is not None:
                self._finish_asked = None
                self.take(Command(at_ms=self._clock.now_ms(), name="finish", source=source))
            deadline_ms = self._discussion.deadline_ms
            now_ms = self._clock.now_ms()
            if (deadline_ms is not None and now_ms >= deadline_ms) or now_ms - self._last_ms >= TICK_MS:
                self.take(Tick(at_ms=now_ms))
            self._look_around()

    # -- in ----------------------------------------------------------------------------------------

    def _mind_sleep(self) -> None:
        """Time goes on while the lid is closed; nothing of it is heard."""
        slept_ms = round(self._sleep.slept_s() * 1000)
        if not slept_ms or self._fast:
            return
        _log.warning("the computer was asleep for %.0f s", slept_ms / 1000)
        since_ms = self._clock.now_ms()
        self._clock.slept(slept_ms)
        self._sound_time.slept(self._heard_ms, slept_ms)
        now_ms = self._clock.now_ms()
        self.take(Missed(at_ms=now_ms, start_ms=since_ms, end_ms=now_ms, why="asleep"))

    def _mind_lost(self, lost: bool, at_ms: int) -> None:
        """Silence that stands for sound that did not come in is not taken for silence."""
        if lost and self._missing_ms is None:
            self._missing_ms = at_ms
        elif not lost and self._missing_ms is not None:
            since_ms, self._missing_ms = self._missing_ms, None
            if at_ms - since_ms >= LEAST_S * 1000:
                self.take(Missed(at_ms=self._clock.now_ms(), start_ms=since_ms, end_ms=at_ms, why="no-sound"))

    def _sound(self) -> None:
        """Takes in what there is of sound, or waits a moment."""
        source = self._source
        if source is None:
            time.sleep(WAIT_S)
            return
        if source.ended:
            # The closing still has things to say, on the computer's clock.
            if self._fast:
                self._clock.heard_until(self._clock.now_ms() + 100)
            else:
                time.sleep(WAIT_S)
            if not self._source_over:
                self._source_over = True
                self.take(SourceEnded(at_ms=self._clock.now_ms()))
            return
        block = source.read(WAIT_S)
        if block is None:
            return
        later_ms = self._sound_time.later_ms
        began_ms, self._heard_ms = self._heard_ms, block.end_ms
        self._clock.heard_until(later_ms + block.end_ms)
        self._mind_lost(block.lost, later_ms + began_ms)
        if not self._speaks:
            self._room.hear(block)
        if self._words is not None:
            self._words.hear(block)
        if self._ear is not None:
            self._ear.hurry(source.behind_s)
            facts = self._ear.hear(block)
            self._raised.hear(block, own=self._speaks)
            raised = [self._raised.told(fact) for fact in facts if isinstance(fact, Heard)]
            self._take_all(self._on_session_clock([*facts, *(fact for fact in raised if fact is not None)]))
        if self._words is not None:
            self._take_all(self._on_session_clock(self._words.poll(self._heard_ms)))

    def _on_session_clock(self, facts: Sequence[Fact]) -> list[Fact]:
        """What the ear tells counts from the first sample it heard: after an interruption that is later."""
        return [one for fact in facts for one in self._sound_time.told(fact)]

    def _look_around(self) -> None:
        now_s = time.monotonic()
        if now_s - self._looked_s >= TROUBLE_EVERY_S:
            self._looked_s = now_s
            if (level_db := self._room.level_db) is not None:
                self._voice.room(level_db)
            for number, trouble in enumerate(self._troubles):
                message = trouble()
                told, self._told[number] = self._told.get(number), message
                if message is not None and message != told:
                    self.take(Trouble(at_ms=self._clock.now_ms(), kind="outside", message=message))
        if now_s - self._logged_s >= LOG_EVERY_S:
            self._logged_s = now_s
            self._log_how_it_goes()
        if now_s - self._shown_s >= SHOW_EVERY_S:
            self._shown_s = now_s
            self._screen.show(self._discussion.snapshot())

    def _log_how_it_goes(self) -> None:
        behind_s = self._source.behind_s if self._source is not None else 0.0
        threads = ", ".join(sorted(thread.name for thread in threading.enumerate()))
        at_s = self._clock.now_ms() / 1000
        _log.info("%.1f s: %.2f s of sound wait; threads: %s", at_s, behind_s, threads)

    def _take_all(self, facts: Sequence[Fact]) -> None:
        for fact in facts:
            self.take(fact)

    def take(self, fact: Fact) -> None:
        """Tells the discussion, writes down what came of it, and does it."""
        if fact.at_ms < self._last_ms:
            fact = replace(fact, at_ms=self._last_ms)
        self._last_ms = fact.at_ms
        if self._words is not None:
            self._words.notice(fact)
        outcomes = self._discussion.receive(fact)
        self._follow_own_voice()
        if self._words is not None:
            self._words.listen_for(self._discussion.phrases)
        records: list[Record] = [fact, *outcomes]
        for sink in self._sinks:
            sink.write(records)
        for outcome in outcomes:
            self._do(outcome)

    def _follow_own_voice(self) -> None:
        """Tells the listeners what has changed of when the facilitator speaks; the discussion knows."""
        for start_ms, end_ms in self._discussion.own_voice[-2:]:
            if end_ms <= self._start_ms or self._own_voice_told.get(start_ms) == end_ms:
                continue
            self._own_voice_told[start_ms] = end_ms
            self._speaks = end_ms == FOREVER_MS
            for listener in (self._ear, self._words):
                if listener is not None:
                    until_ms = None if self._speaks else self._sound_time.heard_ms(end_ms)
                    listener.own_voice(self._sound_time.heard_ms(start_ms), until_ms)

    # -- out ---------------------------------------------------------------------------------------

    def _do(self, outcome: Outcome) -> None:
        now_ms = self._clock.now_ms()
        match outcome:
            case Say():
                self._voice.say(outcome.prompt, outcome.aloud or outcome.text, now_ms)
            case Prepare():
                self._voice.prepare(outcome.text)
            case Hush():
                self._voice.hush()
            case Chime():
                self._voice.chime(outcome.chime, now_ms)
            case Listen() if self._ear is not None:
                self._ear.begin_sample(outcome.person)
                self._raised.begin_sample()
            case Learn() if self._ear is not None:
                self._raised.end_sample(outcome.person, keep=outcome.keep)
                if self._ear.end_sample(outcome.keep) and outcome.keep:
                    self.take(Enrolled(at_ms=self._clock.now_ms(), person=outcome.person))
            case FloorGranted(protected=True) if self._ear is not None:
                self._ear.expect(outcome.person)
            case FloorReleased() if self._ear is not None:
                self._ear.expect(None)
            case Forget() if self._ear is not None:
                self._ear.forget(outcome.person)
                self._raised.forget(outcome.person)
            case Attend() if self._words is not None:
                self._words.attend(self._discussion.language.spoken.consent.signs if outcome.on else None)
            case Dictate() if self._words is not None:
                since_ms = None if outcome.since_ms is None else self._sound_time.heard_ms(outcome.since_ms)
                self._words.dictate(outcome.on, since_ms)
            case Review():
                self._look_back()
            case Finish():
                self._over = True
                self._screen.show(self._discussion.snapshot())

    def _look_back(self) -> None:
        """Hears the whole session once more; takes some seconds."""
        self._screen.show(self._discussion.snapshot())
        self._mind_lost(False, self._clock.now_ms())
        if self._ear is not None:
            self._take_all(self._on_session_clock(self._ear.review()))
        self.take(Reviewed(at_ms=self._clock.now_ms()))
