"""Finds the voices while people talk, for a session without an opening circle.

Until enough was said nobody knows who speaks. Then the voices are found in what was heard so far, each is enrolled
under the name of a seat, and from then on it is told who speaks. As more is said they are found again, a voice that
is there already keeping its name; and at the end once more, on the whole, before everything is gone over.

What is kept for that, in memory only: what the sources made of the sound, and at most ten minutes of the sound itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from facilitator.core.events import Activity, Enrolled, Fact
from facilitator.hearing.diarization.clustering import AMPLE, ENOUGH, LEAST, FoundVoice, find_voices
from facilitator.hearing.diarization.enrolment import problem
from facilitator.hearing.diarization.listener import Listener
from facilitator.hearing.diarization.segments import Passage, by_pauses, by_segmentation
from facilitator.hearing.signal.audio import RATE, Block, Samples, mono
from facilitator.hearing.signal.features import STEP
from facilitator.hearing.speaker.embedding_evidence import EncodedVoices
from facilitator.hearing.speaker.evidence_pool import Sources
from facilitator.hearing.speaker.timbre import Timbre
from facilitator.hearing.values import Embedding
from facilitator.pipelines.discovery import check_samples, encoded
from facilitator.pipelines.live import listener_with, open_sources

FIRST_LOOK_MS = 45_000
"""Speech after which the voices are looked for the first time."""
AGAIN = 1.5
"""And again when there is so many times as much of it."""
LEAST_VOICES = 2
"""Fewer than this, and what was heard is not told apart yet."""
KNOWN_BY = ("direction", "voice-encoder")
"""The sources that voices are found by, beside the timbre."""
_PIECE = 2 * RATE
_MOST_PIECES = 300  # ten minutes


class KeptSound:
    """What was said, as far as it is kept: pieces of 2 s in which anyone spoke. When there are too many, every second
    one is let go, of all the session alike."""

    def __init__(self) -> None:
        self._pieces: dict[int, NDArray[np.float16]] = {}
        self._new: list[NDArray[np.float16]] = []
        self._size = 0  # samples in `_new`
        self._number = 0  # of the piece that comes next
        self._every = 1
        self._spoken = False

    def add(self, samples: Samples, spoken: bool) -> None:
        """The next samples, shape (frames, channels); `spoken`: someone speaks in them."""
        self._new.append(samples.astype(np.float16))
        self._size += len(samples)
        self._spoken |= spoken
        if self._size < _PIECE:
            return
        sound = np.concatenate(self._new)
        whole = len(sound) // _PIECE
        for piece in np.split(sound[: whole * _PIECE], whole):
            if self._spoken and self._number % self._every == 0:
                self._pieces[self._number] = piece.copy()
            self._number += 1
        self._new, self._size, self._spoken = [sound[whole * _PIECE :]], len(sound) - whole * _PIECE, spoken
        if len(self._pieces) > _MOST_PIECES:
            self._every *= 2
            self._pieces = {k: piece for k, piece in self._pieces.items() if k % self._every == 0}

    def of(self, passage: Passage) -> list[Samples]:
        """What there is of it, in order."""
        found = []
        for number in range(passage.first_sample // _PIECE, -(-passage.end_sample // _PIECE)):
            if (piece := self._pieces.get(number)) is not None:
                first = number * _PIECE
                part = piece[max(0, passage.first_sample - first) : passage.end_sample - first]
                found.append(part.astype(np.float32))
        return found


class VoiceFinder:
    """An `Ear` around a listener. `seats`: the names of all who are here; `samples`: the voices of those who have
    a name of their own."""

    def __init__(
        self, listener: Listener, sources: Sources, seats: Sequence[str], samples: Mapping[str, Samples] | None = None
    ) -> None:
        self._listener, self._sources = listener, sources
        self._seats, self._samples = tuple(seats), dict(samples or {})
        self._timbre, self._timbres = Timbre(), list[Embedding]()
        self._known_by = [s for s in sources.evidence if isinstance(s, EncodedVoices) and s.name in KNOWN_BY]
        made = [encoded(sample) for sample in self._samples.values()]
        self._encoded = [
            [one.get(name, []) for name in (Timbre.name, *(s.name for s in self._known_by))] for one in made
        ]
        self._sound = KeptSound()
        self._found: dict[str, FoundVoice] = {}
        self._told: set[str] = set()
        self._said_ms = 0  # speech that has ended
        self._speaking_from_ms: int | None = None
        self._look_at_ms = FIRST_LOOK_MS
        self._now_ms = 0

    @property
    def people(self) -> tuple[str, ...]:
        return self._listener.people

    def begin_sample(self, person: str) -> None:
        self._listener.begin_sample(person)

    def end_sample(self, keep: bool) -> bool:
        return self._listener.end_sample(keep)

    def forget(self, person: str) -> None:
        """A voice that was found would only be found again, under another name: it is still known, so that the
        discussion can leave out what is this person's."""

    def own_voice(self, start_ms: int, end_ms: int | None) -> None:
        self._listener.own_voice(start_ms, end_ms)

    def expect(self, person: str | None) -> None:
        self._listener.expect(person)

    def hurry(self, behind_s: float) -> None:
        self._listener.hurry(behind_s)

    def hear(self, block: Block) -> list[Fact]:
        facts, self._now_ms = self._listener.hear(block), block.end_ms
        silent = np.zeros_like(block.samples) if block.lost else block.samples
        self._timbres += self._timbre.feed(mono(silent))
        for fact in facts:
            if isinstance(fact, Activity):
                self._changed(fact)
        spoken = self._speaking_from_ms is not None or any(isinstance(fact, Activity) for fact in facts)
        self._sound.add(silent, spoken)
        now_ms = 0 if self._speaking_from_ms is None else block.end_ms - self._speaking_from_ms
        if self._said_ms + now_ms >= self._look_at_ms:
            self._look_at_ms = round(AGAIN * (self._said_ms + now_ms))
            facts += self._find(ENOUGH, LEAST, min(LEAST_VOICES, len(self._seats)))
        return facts

    def _changed(self, fact: Activity) -> None:
        if self._speaking_from_ms is not None:
            self._said_ms += fact.start_ms - self._speaking_from_ms
        self._speaking_from_ms = fact.start_ms if fact.speaking else None

    def review(self) -> list[Fact]:
        """Finds the voices on the whole, and goes over everything with them."""
        return [*self._find(AMPLE, 0, 1), *self._listener.review()]

    def _find(self, ample: int, least: int, voices: int) -> list[Fact]:
        """Looks for the voices in all that was heard, and enrols them by up to `ample` samples of each, when there are
        so many `voices`. A voice of less than `least` samples may be a part of another one."""
        found = find_voices(self._heard(), self._alone(), len(self._seats), self._encoded)
        found = tuple(voice for voice in found if sum(passage.size for passage in voice.passages) >= least)
        if len(found) < voices:
            return []
        named = self._named(found)
        sounds = {name: self._sound_of(voice, ample) for name, voice in named.items()}
        known = self._samples | {name: sound for name, sound in sounds.items() if problem(mono(sound)) != "quiet"}
        self._found = named
        self._listener.know({seat: known[seat] for seat in self._seats if seat in known})
        new = [seat for seat in self._listener.people if seat not in self._told]
        self._told.update(new)
        return [Enrolled(at_ms=self._now_ms, person=person) for person in new]

    def _heard(self) -> list[list[Embedding]]:
        """What every source made of the sound, in the order of `_encoded`."""
        return [self._timbres, *(source.windows for source in self._known_by)]

    def _alone(self) -> list[Passage]:
        """Where one voice is heard alone, and it is not the facilitator's."""
        speech = self._listener.speech
        if self._sources.segmentation is None:
            return by_pauses(speech)
        passages = by_segmentation(self._sources.windows, len(speech))
        return [p for p in passages if speech[p.first_sample // STEP : p.end_sample // STEP].mean() > 0.0]

    def _named(self, found: Sequence[FoundVoice]) -> dict[str, FoundVoice]:
        """The voices by their seats: that of whose sample it is like; else the one it had before, if it is mostly the
        same speech; else the next free one."""
        people, steps = list(self._samples), len(self._listener.speech)
        names = {k: people[voice.person] for k, voice in enumerate(found) if voice.person is not None}
        now = [_steps(voice, steps) for voice in found]
        common = [
            (int((_steps(before, steps) & now[k]).sum()), k, name)
            for name, before in self._found.items()
            for k in range(len(found))
        ]
        for size, k, name in sorted(common, reverse=True):
            if size and k not in names and name not in names.values():
                names[k] = name
        free = [seat for seat in self._seats if seat not in names.values() and seat not in self._samples]
        for k in range(len(found)):
            if k not in names and free:
                names[k] = free.pop(0)
        return {name: found[k] for k, name in names.items()}

    def _sound_of(self, voice: FoundVoice, ample: int) -> Samples:
        """Its purest sound; where little of that is kept, also what else there is of it. The longest passages first."""
        pieces: list[Samples] = []
        size = 0
        rest = [passage for passage in voice.passages if passage not in voice.purest]
        for passages, enough in ((voice.purest, ample), (rest, ENOUGH)):
            for passage in sorted(passages, key=lambda passage: -passage.size):
                if size >= enough:
                    break
                new = self._sound.of(passage)
                pieces += new
                size += sum(len(piece) for piece in new)
        return np.concatenate(pieces) if pieces else np.zeros(0, np.float32)


def _steps(voice: FoundVoice, count: int) -> NDArray[np.bool_]:
    """Which of the first `count` steps are this voice's."""
    out = np.zeros(count, bool)
    for passage in voice.passages:
        out[passage.first_sample // STEP : passage.end_sample // STEP] = True
    return out


def open_finder(
    seats: Sequence[str], samples: Mapping[str, Samples], language: str = "en"
) -> tuple[VoiceFinder, tuple[str, ...]]:
    """A finder with every source that works here, and a sentence for people about each that should and does not.
    Raises AudioError for a voice sample in which no voice can be heard."""
    check_samples(samples)
    sources, troubles = open_sources(language)
    return VoiceFinder(listener_with(sources, in_chapters=False), sources, seats, samples), troubles
