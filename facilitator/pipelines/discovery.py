"""Finds the voices in a recording of people who have not introduced themselves, and cuts out a sample of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from facilitator import backends
from facilitator.backends.audio.recording import Recording, troubles_of
from facilitator.backends.models.silero_activity import best_detector
from facilitator.errors import AudioError, Cancelled, ModelError, UsageError
from facilitator.hearing.diarization.clustering import FoundVoice, find_voices
from facilitator.hearing.diarization.enrolment import problem
from facilitator.hearing.diarization.segments import SHORT_WORDS, Passage, by_pauses, by_segmentation
from facilitator.hearing.interfaces import VoiceEncoder
from facilitator.hearing.signal.audio import Samples, mono, to_ms
from facilitator.hearing.signal.features import STEP
from facilitator.hearing.signal.vad import ActivityStream
from facilitator.hearing.speaker.timbre import Timbre
from facilitator.hearing.values import Embedding, LocalWindow
from facilitator.models import catalogue
from facilitator.pipelines.live import open_segmentation


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A voice, and where a person can best hear whose it is."""

    voice: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`samples`: the sound of each voice, in the order in which they first speak; then of those of whom there was a
    sample and who were not found."""

    samples: Mapping[str, Samples]
    found: tuple[Found, ...]
    troubles: tuple[str, ...] = ()

    def renamed(self, names: Mapping[str, str]) -> Finding:
        """The same with other names for some of the voices. Raises UsageError for a voice that is not there, and for
        a name that is somebody's already."""
        there = [found.voice for found in self.found]
        for voice in names:
            if voice not in there:
                raise UsageError(f"There is no {voice} in this recording; what is there: {', '.join(there)}.")
        called = [names.get(voice, voice) for voice in self.samples]
        twice = next((name for name in called if called.count(name) > 1), None)
        if twice is not None:
            raise UsageError(f"Two voices would be called {twice}; give each a name of its own.")
        return Finding(
            samples=dict(zip(called, self.samples.values(), strict=True)),
            found=tuple(replace(found, voice=names.get(found.voice, found.voice)) for found in self.found),
            troubles=self.troubles,
        )


def voice_name(number: int) -> str:
    """What the voice that is the `number`th to speak is called, from 1."""
    return f"Voice {number}"


def find(
    recording: str | Path,
    number: int | None = None,
    samples: Mapping[str, Samples] | None = None,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Finding:
    """The voices in `recording`; `number` of them, where that is known. Those that sound like one of `samples` have
    its name. `progress` is called with the part done, 0 to 1; `cancelled` is asked between, and a yes raises
    Cancelled. Raises AudioError for sound that cannot be used, and where no voice is heard."""
    samples = samples or {}
    check_samples(samples)
    return FirstPass(recording, progress, cancelled).voices(number, samples)


def check_samples(samples: Mapping[str, Samples]) -> None:
    """Raises AudioError for one in which no voice can be heard."""
    for person, sample in samples.items():
        if problem(mono(sample)) == "quiet":
            raise AudioError(
                f"The voice sample of {person} is too quiet to hear a voice in it; record about 8 s of speech."
            )


class FirstPass:
    """A recording heard for the first time: what every source makes of it, and where one voice is alone."""

    def __init__(
        self,
        recording: str | Path,
        progress: Callable[[float], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> None:
        threadpool_limits(limits=1, user_api="blas")  # as for the listener
        self._recording = Path(recording)
        self._troubles: list[str] = []
        self._encoders = _encoders(self._troubles)
        self._segmentation = open_segmentation(self._troubles)
        self._activity = ActivityStream(best_detector()) if self._segmentation is None else None
        self._heard: list[list[Embedding]] = [[] for _ in self._encoders]
        self._windows: list[LocalWindow] = []
        self._speech: list[float] = []
        self._end_sample = 0
        with closing(Recording(recording, real_time=False)) as source:
            while (block := source.read(1.0)) is not None:
                if cancelled is not None and cancelled():
                    raise Cancelled("It was stopped before the voices had been found.")
                self._hear(block.samples)
                if progress is not None and source.duration_s:
                    progress(min(0.99, block.end_ms / 1000 / source.duration_s))
            self._troubles += troubles_of(source)

    def _hear(self, samples: Samples) -> None:
        for encoder, heard in zip(self._encoders, self._heard, strict=True):
            heard.extend(encoder.feed(samples if encoder.by_channel else mono(samples)))
        if self._segmentation is not None:
            self._windows += self._segmentation.feed(mono(samples))
        if self._activity is not None:
            self._speech += self._activity.feed(mono(samples))[1].tolist()
        self._end_sample += len(samples)

    def _alone(self, number: int | None) -> list[Passage]:
        speech, steps = np.array(self._speech, np.float32), self._end_sample // STEP
        usual = by_pauses(speech) if self._activity is not None else by_segmentation(self._windows, steps)
        if usual:
            return usual
        short = (
            by_pauses(speech, SHORT_WORDS)
            if self._activity is not None
            else by_segmentation(self._windows, steps, SHORT_WORDS)
        )
        if short and number != 1:
            self._troubles.append(
                f"Only short words are heard in {self._recording.name}: too short to tell voices apart surely. "
                "Where it matters who says which, give a voice sample of each."
            )
        return short

    def voices(self, number: int | None, samples: Mapping[str, Samples]) -> Finding:
        """As for `find`."""
        least = None if number is None else max(number, len(samples))
        voices = find_voices(
            self._heard, self._alone(number), least, [[*encoded(sample).values()] for sample in samples.values()]
        )
        if not voices:
            raise AudioError(f"No voice is heard in {self._recording.name}; check that it is the right recording.")
        people = list(samples)
        names = [voice_name(k) if v.person is None else people[v.person] for k, v in enumerate(voices, 1)]
        cut = dict(zip(names, _cut(self._recording, voices), strict=True))
        return Finding(
            samples=cut | {person: sample for person, sample in samples.items() if person not in cut},
            found=tuple(
                Found(voice=name, start_ms=to_ms(v.listen.first_sample), end_ms=to_ms(v.listen.end_sample))
                for name, v in zip(names, voices, strict=True)
            ),
            troubles=tuple(self._troubles),
        )


def _encoders(troubles: list[str]) -> list[VoiceEncoder]:
    """Whatever there is here to know a voice by."""
    encoders: list[VoiceEncoder] = [Timbre(), backends.open_direction()]
    if (folder := catalogue.find("voice-encoder")) is not None:
        try:
            catalogue.refuse_changed(folder)
            encoders.append(backends.open_voice_encoder(folder))
        except ModelError as trouble:
            troubles.append(trouble.message)
    return encoders


def encoded(sample: Samples) -> dict[str, list[Embedding]]:
    """What each encoder makes of a voice sample. People may have sat elsewhere when it was made, so its direction says
    nothing."""
    return {e.name: [] if e.by_channel else e.feed(mono(sample)) for e in _encoders([])}


def _cut(recording: str | Path, voices: Sequence[FoundVoice]) -> list[Samples]:
    """The purest sound of each voice, one passage after the other, shape (frames, channels)."""
    pieces: list[list[Samples]] = [[] for _ in voices]
    with closing(Recording(recording, real_time=False)) as source:
        while (block := source.read(1.0)) is not None:
            for voice, mine in zip(voices, pieces, strict=True):
                for passage in voice.purest:
                    begin = max(passage.first_sample, block.first_sample)
                    end = min(passage.end_sample, block.end_sample)
                    if begin < end:
                        mine.append(block.samples[begin - block.first_sample : end - block.first_sample])
    return [np.concatenate(mine) for mine in pieces]
