"""Words, by Vosk, on a thread of its own: an open vocabulary for dictation, a closed one for commands.

Vosk counts time in the samples that it was given. They are given whole, with silence in the place of lost
ones and of the facilitator's own voice; where some could not be given, the difference is remembered.
"""

from __future__ import annotations

import json
import queue
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from facilitator.backends.models.vosk_listening import Listening
from facilitator.backends.models.vosk_model import SpeechModel, sound, speech_model
from facilitator.hearing.signal.audio import RATE, Block, Samples, to_ms
from facilitator.hearing.values import Phrase, Word, Words
from facilitator.hearing.words.echo_mask import OwnWords
from facilitator.hearing.words.transcript import begun, commands, dictation, find, spelled, whole
from facilitator.runtime.threads import SupervisedThread

QUEUE_S = 5.0
"""How far it may fall behind; a command that is heard later than that surprises."""
SETTLED_S = 0.4
"""When other words have followed a command for so long, it is told, however long they go on."""
QUIET_S = 1.0
"""When nothing has followed it for so long, too."""
RECENT_S = 6.0
"""So far back dictation can begin, and a phrase that was only begun when it became quiet."""
LEAD_MS = 1_500
"""Words are heard better in their sentence: so much of what was said before is heard with what is dictated."""
CUT_MS = 60
"""A word that ends so close to the end of the sound may not be over."""
MARGIN_MS = 150
"""So much around a phrase is heard once more with it."""
LEAD = -7.0
"""By so much a phrase must be likelier than its rivals (`SpeechModel.lead`)."""
MOST_KEPT = 200
"""Utterances that nobody asks for."""
_STEP = RATE // 5

BEHIND = (
    "I cannot keep up with the words on this computer, and missed some: close other programs, or use the keys. "
    "Everything else goes on."
)
FAILED = "I missed some words, as Vosk has failed ({}): where I do not hear you, use the keys. Everything else goes on."


class VoskWords:
    """A WordSource over the model in a folder. Raises ModelError when there is none."""

    def __init__(self, folder: Path, listening: Listening | None = None) -> None:
        """`listening`: how, in place of what is kept of the model."""
        model = speech_model(folder)
        self._hearing = _Hearing(model, listening or model.listening)
        self._changed = threading.Condition()
        self._waiting: deque[Block | Callable[[], list[Words]]] = deque()
        self._behind = 0  # samples in `_waiting`
        self._working = False
        self._over = False
        self._missed = False
        self._heard: deque[Words] = deque(maxlen=MOST_KEPT)
        self._sentences: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._thread = SupervisedThread(self._work, name="words", failed=self._fail)
        self._thread.start()

    # --- what the session uses --------------------------------------------------------------------

    def listen_for(self, phrases: Sequence[str]) -> tuple[str, ...]:
        known: dict[Phrase, Phrase] = {}
        unknown = []
        for phrase in phrases:
            words = spelled(phrase)
            pieces = [self._hearing.model.pieces(word) for word in words]
            if words and None not in pieces:
                known[tuple(piece for word in pieces for piece in word or ())] = words
            else:
                unknown.append(phrase)
        self._put(lambda: self._hearing.listen_for(known))
        return tuple(unknown)

    def dictate(self, on: bool, since_ms: int | None = None) -> None:
        self._put(lambda: self._hearing.dictate(on, since_ms))

    def finish_utterance(self) -> None:
        self._put(self._hearing.finish_utterance)

    def own_voice(self, start_ms: int, end_ms: int | None) -> None:
        self._hearing.own.add(start_ms, end_ms)

    def hear(self, block: Block) -> None:
        with self._changed:
            if self._over:
                return
            self._waiting.append(block)
            self._behind += len(block.samples)
            while self._behind > QUEUE_S * RATE:
                place, oldest = next((n, item) for n, item in enumerate(self._waiting) if isinstance(item, Block))
                del self._waiting[place]
                self._behind -= len(oldest.samples)
                if not self._missed:
                    self._missed = True
                    self._sentences.put(BEHIND)
            self._changed.notify_all()

    def catch_up(self, timeout_s: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: not (self._waiting or self._working), timeout_s)

    def poll(self) -> list[Words]:
        with self._changed:
            heard = list(self._heard)
            self._heard.clear()
        return heard

    def trouble(self) -> str | None:
        try:
            return self._sentences.get_nowait()
        except queue.Empty:
            return None

    def close(self) -> None:
        self._end()
        self._thread.join(5)

    # --- the thread -------------------------------------------------------------------------------

    def _put(self, request: Callable[[], list[Words]]) -> None:
        """Requests keep their place between the blocks."""
        with self._changed:
            if not self._over:
                self._waiting.append(request)
                self._changed.notify_all()

    def _work(self) -> None:
        if self._thread.failures:
            self._hearing.begin_again()
        while (item := self._take()) is not None:
            if not isinstance(item, Block):
                self._tell(item())
                continue
            for at in range(0, len(item.samples), _STEP):
                if self._over:
                    break
                self._tell(self._hearing.hear(_part(item, at)))
        self._hearing.close()

    def _fail(self, problem: Exception) -> None:
        """Whatever it is, the discussion goes on; what was said meanwhile is not heard later on."""
        if self._thread.failures == 1:
            self._sentences.put(FAILED.format(problem))
        with self._changed:
            self._waiting = deque(item for item in self._waiting if not isinstance(item, Block))
            self._behind = 0

    def _take(self) -> Block | Callable[[], list[Words]] | None:
        with self._changed:
            self._working = False
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._waiting or self._over)
            if self._over:
                return None
            self._working = True
            item = self._waiting.popleft()
            self._behind -= len(item.samples) if isinstance(item, Block) else 0
            return item

    def _tell(self, words: list[Words]) -> None:
        with self._changed:
            self._heard.extend(words)

    def _end(self) -> None:
        with self._changed:
            self._over, self._working = True, False
            self._waiting.clear()
            self._changed.notify_all()


def _part(block: Block, at: int) -> Block:
    """0.2 s of it: so often it is looked at what has been heard so far."""
    return Block(first_sample=block.first_sample + at, samples=block.samples[at : at + _STEP], lost=block.lost)


def _from(block: Block, skipped: int) -> Block:
    """The rest of it."""
    return Block(first_sample=block.first_sample + skipped, samples=block.samples[skipped:], lost=block.lost)


class _Hearing:
    """What is listened for, and the recognisers for it. On one thread, but for `own` and `model`.

    Commands come from a recogniser restricted to them. Models that cannot be restricted hear everything, and
    the commands are then looked for in that. Where a model has no word for everything else, a phrase that was heard is
    heard once more beside its rivals."""

    def __init__(self, model: SpeechModel, listening: Listening) -> None:
        self.model = model
        self.own = OwnWords()
        self._listening = listening
        self._phrases: Mapping[Phrase, Phrase] = {}  # as the model spells them: as they were asked for
        self._wanted: Mapping[Phrase, Phrase] | None = None  # instead, from the next pause on
        self._dictating = False
        self._since_ms = 0  # what was said before is not dictated, and not told again
        self._open: _Recogniser | None = None
        self._closed: _Recogniser | None = None
        self._seen: int | None = None  # words heard so far in this utterance, up to the end of a command
        self._seen_sample = 0
        self._recent: deque[Block] = deque()  # the last seconds
        self._led_in = False  # other words stand before a phrase that was only begun when it became quiet

    def listen_for(self, phrases: Mapping[Phrase, Phrase]) -> list[Words]:
        self._wanted = phrases
        return self._change_over()

    def dictate(self, on: bool, since_ms: int | None) -> list[Words]:
        told = self._finish(self._open)  # what came before belongs to what was asked for then
        self._dictating = on
        self._set_up()
        self._since_ms = since_ms or 0
        if on and since_ms is not None and self._open is not None:
            told += self._hear_again(self._open, since_ms - LEAD_MS)
        return told

    def finish_utterance(self) -> list[Words]:
        told = [] if self._open is self._commander else self._finish(self._open)
        if (commander := self._commander) is not None:
            words = commander.finish()
            at = None if self._dictating else begun(words, self._phrases.keys(), cut_ms=commander.until_ms - CUT_MS)
            told += self._told(commander, words[:at])
            if at is not None:
                self._led_in = self._led_in or at > 0
                told += self._hear_again(commander, words[at].start_ms)
        return told + self._change_over()

    def _hear_again(self, recogniser: _Recogniser, since_ms: int) -> list[Words]:
        """What was said after that moment, as far as it is kept."""
        told: list[Words] = []
        for block in self._recent:
            skipped = min(len(block.samples), max(0, since_ms * RATE // 1000 - block.first_sample))
            if skipped < len(block.samples):
                told += self._give(recogniser, _from(block, skipped))
        return told

    def hear(self, block: Block) -> list[Words]:
        self._recent.append(block)
        while self._recent[0].end_sample < block.end_sample - RECENT_S * RATE:
            self._recent.popleft()
        told = [words for one in (self._open, self._closed) if one is not None for words in self._give(one, block)]
        return told + self._settled(block.end_sample) + self._change_over()

    def _give(self, recogniser: _Recogniser, block: Block) -> list[Words]:
        told: list[Words] = []
        if not recogniser.follows(block.first_sample):
            told = self._finish(recogniser)
            recogniser.jump(block.first_sample)
        return told + self._told(recogniser, recogniser.hear(self.own.silenced(block)))

    def close(self) -> None:
        self._open = self._closed = None

    def begin_again(self) -> None:
        """With new recognisers: one of these has failed, and may be in any state."""
        self.close()
        self._seen, self._led_in = None, False
        self._set_up()

    @property
    def _commander(self) -> _Recogniser | None:
        """Hears the commands."""
        if self._listening.restricted:
            return self._closed
        return self._open if self._phrases else None

    def _finish(self, recogniser: _Recogniser | None) -> list[Words]:
        return [] if recogniser is None else self._told(recogniser, recogniser.finish())

    def _told(self, recogniser: _Recogniser, words: list[Word]) -> list[Words]:
        """What is to be told of an utterance that is over."""
        if words and recogniser is self._commander:
            self._seen = None
        words = [word for word in words if not self.own.covers(word)]
        if recogniser is self._open:
            words = [word for word in words if word.start_ms + word.end_ms >= 2 * self._since_ms]
        told = dictation(words) if self._dictating and recogniser is self._open else []
        if words and recogniser is self._commander:
            led_in, self._led_in = self._led_in, False
            for one in commands(words, self._phrases.keys()):
                phrase = tuple(word.text for word in one.words)
                if self._holds(phrase, one):
                    asked = whole(one.words, self._phrases[phrase])
                    told.append(replace(one, words=asked, alone=one.alone and not led_in))
        return told

    def _holds(self, phrase: Phrase, heard: Words) -> bool:
        """Whether a phrase that was heard where nothing else could be is likelier than anything else."""
        if self._listening.way != "rivals":
            return True
        samples = self._between(heard.start_ms - MARGIN_MS, heard.end_ms + MARGIN_MS)
        return self.model.lead(phrase, self._listening, samples) >= LEAD

    def _between(self, start_ms: int, end_ms: int) -> Samples:
        """What was heard then, as far as it is kept."""
        parts = [np.zeros(0, np.float32)]
        for block in self._recent:
            first = max(0, start_ms * RATE // 1000 - block.first_sample)
            last = max(0, end_ms * RATE // 1000 - block.first_sample)
            parts.append(self.own.silenced(block)[first:last])
        return np.concatenate(parts)

    def _settled(self, end_sample: int) -> list[Words]:
        """Ends the utterance in which a command was followed by other words for a while."""
        if (commander := self._commander) is None or (self._dictating and commander is self._open):
            return []  # what is dictated is not cut in two
        # A phrase stands there as soon as nothing else can come of it, before its last word was said; when
        # something follows it, it is over. When nothing does, Vosk ends the utterance itself.
        # But a model without a word for everything else may take the quiet for speech, and wait for ever.
        texts = commander.so_far()
        ends = [last for _, last in find(texts, self._phrases.keys())]
        seen, settled_s = next((last for last in ends if last < len(texts)), None), SETTLED_S
        if seen is None and ends and self._listening.way == "rivals":
            seen, settled_s = ends[-1], QUIET_S
        if seen is None or seen != self._seen:
            self._seen, self._seen_sample = seen, end_sample
            return []
        if end_sample - self._seen_sample < settled_s * RATE:
            return []
        return self._told(commander, commander.end())

    def _change_over(self) -> list[Words]:
        """Takes up the phrases that are wanted now, unless somebody is in the middle of saying something."""
        if self._wanted is None or (self._commander is not None and self._commander.so_far()):
            return []
        told = self._finish(self._closed)
        self._phrases, self._wanted, self._seen = self._wanted, None, None
        self._closed = None
        self._set_up()
        return told

    def _set_up(self) -> None:
        """The recognisers that are needed now, and no others."""
        grammar = self._listening.restricted
        if self._phrases and grammar and self._closed is None:
            self._closed = _Recogniser(self.model.recogniser(self._phrases.keys(), self._listening))
        if not self._dictating and (grammar or not self._phrases):
            self._open = None
        elif self._open is None:
            self._open = _Recogniser(self.model.recogniser())


class _Recogniser:
    """One of Vosk's, on the session clock."""

    def __init__(self, vosk: Any) -> None:
        self._vosk = vosk
        vosk.SetWords(True)
        self._given = 0  # samples: the clock of Vosk
        self._ahead: int | None = None  # samples that the session's clock is ahead of it

    def follows(self, first_sample: int) -> bool:
        return self._ahead is not None and self._given + self._ahead == first_sample

    def jump(self, first_sample: int) -> None:
        """The next samples begin there. Only after `finish`."""
        self._ahead = first_sample - self._given

    @property
    def until_ms(self) -> int:
        """So far it has heard."""
        return to_ms(self._given + (self._ahead or 0))

    def hear(self, samples: Samples) -> list[Word]:
        """The words of the utterance that has ended by itself."""
        self._given += len(samples)
        return self.end() if self._vosk.AcceptWaveform(sound(samples)) else []

    def so_far(self) -> list[str]:
        """What has been said in this utterance."""
        return str(json.loads(self._vosk.PartialResult()).get("partial", "")).split()

    def end(self) -> list[Word]:
        """Ends the utterance; what has been given and not yet heard belongs to the next one."""
        return self._read(self._vosk.Result())

    def finish(self) -> list[Word]:
        """Ends the utterance with all that has been given."""
        return self._read(self._vosk.FinalResult())

    def _read(self, result: str) -> list[Word]:
        ahead = self._ahead or 0
        return [
            Word(
                text=row["word"],
                start_ms=to_ms(ahead + round(row["start"] * RATE)),
                end_ms=to_ms(ahead + round(row["end"] * RATE)),
                confidence=min(1.0, float(row["conf"])),
            )
            for row in json.loads(result).get("result", [])
        ]
