"""The voice people hear: a synthesiser makes samples on a thread of its own, a loudspeaker plays them."""

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from facilitator.backends.voice.legible import legible
from facilitator.backends.voice.loudness import levelled
from facilitator.core.events import ChimeName, ChimePlayed, Fact, HowEnded, PromptEnded, PromptStarted, Trouble
from facilitator.errors import FacilitatorError, VoiceError
from facilitator.hearing.signal.audio import Samples
from facilitator.runtime.threads import SupervisedThread, close_all

REMEMBERED = 48  # prompts whose samples are kept
USUAL_ROOM_DB = -45.0
LOMBARD = 0.4
"""People speak 0.3 to 0.6 dB louder for each dB of noise (the Lombard effect, Lane and Tranel 1971)."""
SOFTEST_DB, LOUDEST_DB = -9.0, 4.0
AFTER_CHIME_S = 0.45  # a prompt waits for so much of the chime before it, then speaks over its end
NOT_SPOKEN = "I cannot speak just now: what I say is on the screen."
BETWEEN_SENTENCES_S = 0.35
POLLED_S = 0.02
"""A loudspeaker tells nobody that a sound has ended: it is looked at."""
SENTENCE_ENDS = re.compile(r"(?<=[^\W\d_]{3}[.!?…])\s+")
"""Not after "Dr." or "3.", which end none."""


class Synthesiser(Protocol):
    name: str

    def speak(self, text: str) -> tuple[Samples, int]:
        """Mono samples and their rate. Raises VoiceError."""

    def close(self) -> None: ...


class PlayingSound(Protocol):
    """A sound on its way: see `loudspeaker.Sound`."""

    @property
    def started(self) -> float | None: ...
    @property
    def ended(self) -> float | None: ...
    @property
    def how(self) -> Literal["played", "cut", "lost"] | None: ...
    def cut(self) -> None: ...


class Player(Protocol):
    """A loudspeaker: see `loudspeaker.Loudspeaker`."""

    def play(self, samples: Samples, rate: int) -> PlayingSound: ...
    def trouble(self) -> str | None: ...
    def close(self) -> None: ...


@dataclass(slots=True)
class _Prompt:
    number: int
    text: str
    sound: PlayingSound | None = None
    hushed: bool = False
    failed: bool = False
    started_ms: int | None = None
    more: bool = False
    """There are sentences after the one that is being spoken."""


class SpokenVoice:
    """A Voice. Synthesisers are tried in order; `chimes` gives a chime's samples at `chime_rate`.

    Prompts are spoken in the order asked, never two at once; a chime may sound with one. A prompt that
    cannot be spoken ends as `failed`, and `Trouble` says so once until speaking works again. A prompt
    hushed before its first sample has no `PromptStarted`; every prompt has one `PromptEnded`. `by_sentence`: each
    sentence is made while the one before is spoken, where making them takes long."""

    def __init__(
        self,
        player: Player,
        synthesisers: Sequence[Synthesiser],
        chimes: Callable[[ChimeName], Samples],
        chime_rate: int,
        *,
        language: str = "",
        by_sentence: bool = False,
    ) -> None:
        self._language = language
        self._by_sentence = by_sentence
        self._player = player
        self._synthesisers = list(synthesisers)
        self._chimes = chimes
        self._chime_rate = chime_rate
        self._prompts: deque[_Prompt] = deque()  # the first is being made or spoken
        self._sounding: list[tuple[ChimeName, PlayingSound]] = []
        self._chimed_at = -np.inf
        self._gain = 1.0
        self._wanted: deque[str] = deque(maxlen=REMEMBERED)  # to prepare, when there is nothing to say
        self._made: OrderedDict[str, tuple[Samples, int]] = OrderedDict()
        self._troubles: deque[str] = deque()
        self._complained = False
        self._closed = False
        self._changed = threading.Condition()  # guards everything above
        self._worker = SupervisedThread(self._work, name="voice", failed=self._went_wrong)
        self._worker.start()

    def tell(self, trouble: str) -> None:
        """A sentence for people, with the next `poll`."""
        self._troubles.append(trouble)

    # --- the port, called by the session's thread -------------------------------------------------

    def prepare(self, text: str) -> None:
        with self._changed:
            if text not in self._made and text not in self._wanted:
                self._wanted.append(text)
                self._changed.notify_all()

    def say(self, prompt: int, text: str, now_ms: int) -> None:
        with self._changed:
            self._prompts.append(_Prompt(prompt, text))
            self._changed.notify_all()

    def chime(self, name: ChimeName, now_ms: int) -> None:
        with self._changed:
            chime = self._chimes(name) * np.float32(self._gain)
            self._sounding.append((name, self._player.play(chime, self._chime_rate)))
            self._chimed_at = time.monotonic()

    def room(self, level_db: float) -> None:
        self._gain = gain(level_db)

    def hush(self) -> None:
        with self._changed:
            for prompt in self._prompts:
                prompt.hushed = True
                if prompt.sound is not None:
                    prompt.sound.cut()
            self._changed.notify_all()

    def poll(self, now_ms: int) -> list[Fact]:
        now = time.monotonic()

        def session_ms(at: float) -> int:
            return min(now_ms, now_ms + round((at - now) * 1000))

        facts: list[Fact] = []
        with self._changed:
            while self._prompts:
                told, over = self._tell(self._prompts[0], now, now_ms, session_ms)
                facts += told
                if not over:
                    break
                self._prompts.popleft()
                self._changed.notify_all()
            for name, sound in list(self._sounding):
                if sound.how is not None and sound.started is not None and (sound.ended or now) <= now:
                    self._sounding.remove((name, sound))
                    if sound.how != "lost":
                        begin_ms, end_ms = session_ms(sound.started), session_ms(sound.ended or now)
                        facts.append(ChimePlayed(at_ms=now_ms, chime=name, start_ms=begin_ms, end_ms=end_ms))
            while (sentence := self._player.trouble()) is not None:
                self._troubles.append(sentence)
            facts += [Trouble(at_ms=now_ms, kind="voice", message=sentence) for sentence in self._troubles]
            self._troubles.clear()
        return facts

    def close(self) -> None:
        with self._changed:
            self._closed = True
            for prompt in self._prompts:
                if prompt.sound is not None:
                    prompt.sound.cut()
            self._changed.notify_all()
        close_all(*self._synthesisers)
        self._worker.join(5)
        close_all(self._player)

    def _tell(
        self, prompt: _Prompt, now: float, now_ms: int, session_ms: Callable[[float], int]
    ) -> tuple[list[Fact], bool]:
        """What there is to say about the first prompt, and whether it is over."""
        facts: list[Fact] = []
        sound = prompt.sound
        stopped = prompt.failed or prompt.hushed
        if sound is not None and prompt.started_ms is None and sound.started is not None and sound.started <= now:
            prompt.started_ms = session_ms(sound.started)
            facts.append(PromptStarted(at_ms=now_ms, prompt=prompt.number, start_ms=prompt.started_ms))
        how: HowEnded
        if sound is None and stopped:
            end_ms, how = now_ms, "hushed" if prompt.hushed else "failed"
        elif prompt.more and sound is not None and sound.how == "played":  # between two sentences
            if not stopped or (sound.ended or now) > now:
                return facts, False
            end_ms, how = session_ms(sound.ended or now), "hushed" if prompt.hushed else "failed"
        elif sound is not None and sound.how is not None and sound.ended is not None and sound.ended <= now:
            end_ms = session_ms(sound.ended)
            how = "failed" if sound.how == "lost" else "hushed" if sound.how == "cut" else "spoken"
        else:
            return facts, False
        start_ms = end_ms if prompt.started_ms is None else prompt.started_ms
        facts.append(
            PromptEnded(at_ms=now_ms, prompt=prompt.number, start_ms=start_ms, end_ms=max(start_ms, end_ms), how=how)
        )
        return facts, True

    # --- the worker's thread ----------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._next_prompt() or self._wanted)
                if self._closed:
                    return
                prompt = self._next_prompt()
                text = prompt.text if prompt else self._wanted.popleft()
                made = self._made.get(text)
            try:
                sentences = SENTENCE_ENDS.split(text) if self._by_sentence and prompt and made is None else []
                if prompt and len(sentences) > 1:
                    self._one_by_one(prompt, sentences)
                    continue
                made = made or self._make(text)
            except FacilitatorError as problem:
                if prompt:
                    self._fail(prompt, problem)
                continue
            with self._changed:
                self._remember(text, made)
                if prompt:
                    self._begin(prompt, *made)

    def _one_by_one(self, prompt: _Prompt, sentences: Sequence[str]) -> None:
        """Each is made while the one before is spoken. Raises VoiceError."""
        made: list[tuple[Samples, int]] = []
        for sentence in sentences:
            made.append(self._make(sentence))
            with self._changed:
                if not self._over(prompt):
                    return
                self._begin(prompt, *made[-1])
                prompt.more = len(made) < len(sentences) or prompt.hushed or self._closed
        rate = made[0][1]
        if all(other == rate for _, other in made):
            gap = np.zeros(round(BETWEEN_SENTENCES_S * rate), np.float32)
            whole = [part for samples, _ in made for part in (gap, samples)][1:]
            with self._changed:
                self._remember(prompt.text, (np.concatenate(whole), rate))

    def _over(self, prompt: _Prompt) -> bool:
        """Waits until the sentence before has been spoken, if there is one, with the lock held, which it lets go of;
        false: nothing comes after it."""
        while not (self._closed or prompt.hushed):
            sound = prompt.sound
            if sound is None:
                return not prompt.more  # it had begun, and was not played
            if sound.how not in (None, "played"):
                return False
            over_s = POLLED_S if sound.ended is None else sound.ended + BETWEEN_SENTENCES_S - time.monotonic()
            if over_s <= 0:
                return True
            self._changed.wait(min(over_s, POLLED_S))
        return False

    def _remember(self, text: str, made: tuple[Samples, int]) -> None:
        self._made[text] = made
        self._made.move_to_end(text)
        while len(self._made) > REMEMBERED:
            self._made.popitem(last=False)

    def _went_wrong(self, error: Exception) -> None:
        """What was to be said is not, and the next prompt has its own chance."""
        with self._changed:
            first = self._prompts[0] if self._prompts else None
            prompt = first if first and first.more else self._next_prompt()
        if prompt is not None:
            self._fail(prompt, VoiceError(f"The voice failed ({type(error).__name__})."))

    def _next_prompt(self) -> _Prompt | None:
        """The first prompt, when nothing was done about it yet."""
        prompt = self._prompts[0] if self._prompts else None
        return prompt if prompt and not (prompt.sound or prompt.failed or prompt.hushed) else None

    def _begin(self, prompt: _Prompt, samples: Samples, rate: int) -> None:
        """Play it; called with the lock held, which `wait_for` lets go of."""
        wait_s = self._chimed_at + AFTER_CHIME_S - time.monotonic()
        if wait_s > 0:
            self._changed.wait_for(lambda: self._closed or prompt.hushed, timeout=wait_s)
        if not (self._closed or prompt.hushed):
            prompt.sound = self._player.play(samples * np.float32(self._gain), rate)
            if prompt.sound.how != "lost":
                self._complained = False

    def _make(self, text: str) -> tuple[Samples, int]:
        problem = VoiceError("There is nothing here that can speak.")
        for synthesiser in self._synthesisers:
            try:
                return tidied(*synthesiser.speak(legible(text, self._language)))
            except VoiceError as refused:
                problem = refused
            except Exception as fault:  # whatever an engine does: the next one speaks, and this thread goes on
                problem = VoiceError(f"The voice failed ({type(fault).__name__}: {fault}).")
        raise problem

    def _fail(self, prompt: _Prompt, problem: FacilitatorError) -> None:
        with self._changed:
            prompt.failed = True
            if not self._complained:
                self._complained = True
                self._troubles.append(f"{NOT_SPOKEN} {problem.message}")


def gain(level_db: float) -> float:
    """How much louder or softer than in a usual room to speak in one of this level (RMS, dB of full scale)."""
    change_db = LOMBARD * (level_db - USUAL_ROOM_DB)
    return float(10.0 ** (min(LOUDEST_DB, max(SOFTEST_DB, change_db)) / 20.0))


def tidied(samples: Samples, rate: int) -> tuple[Samples, int]:
    """Without the silence that engines leave at both ends, and as loud as every other prompt."""
    loud = np.flatnonzero(np.abs(samples) > 0.005)
    if not len(loud):
        return samples[:0], rate
    margin = rate // 25
    return levelled(samples[max(0, loud[0] - margin) : loud[-1] + margin], rate), rate
