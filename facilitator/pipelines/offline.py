"""A recording in, who spoke when out: what `facilitator analyze` does, as functions."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facilitator.backends.audio.recording import Recording, load_voice, troubles_of
from facilitator.core.events import Heard
from facilitator.errors import AudioError, Cancelled
from facilitator.hearing.diarization.enrolment import SHORT_S, speech_s
from facilitator.hearing.signal.audio import RATE, Block, Samples, mono, to_ms
from facilitator.hearing.signal.features import STEP_MS
from facilitator.hearing.values import Contribution
from facilitator.pipelines.discovery import Found
from facilitator.pipelines.live import AT_ONCE_S, open_listener


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardRecording:
    """`live`: every `Heard` as it came, in order; `final`: the pass over the whole, which tiles it."""

    people: tuple[str, ...]
    live: tuple[Heard, ...]
    final: tuple[Heard, ...]
    duration_ms: int
    compute_s: float
    """Processor time that it took, of all threads."""
    contributions: tuple[Contribution, ...] = ()
    """What each source had to do with `final`."""
    troubles: tuple[str, ...] = ()
    """Sentences for people: a damaged file, a voice sample that is not good."""
    found: tuple[Found, ...] = ()
    """The voices that nobody had introduced, where there are any."""


_WRONG = {
    "quiet": "is too quiet to hear a voice in it",
    "clipped": "is too loud and distorted; record it again further from the microphone",
    "two-voices": "sounds like two people; record one alone",
    "noisy": "is noisy; a quieter place makes names surer",
}


def analyze(
    recording: str | Path,
    voices: Mapping[str, str | Path | Samples],
    progress: Callable[[float], None] | None = None,
    *,
    alone: bool = False,
    final_only: bool = False,
    cancelled: Callable[[], bool] | None = None,
) -> HeardRecording:
    """Who speaks when in `recording`, given one voice sample (a file, or its sound) a person. `alone`: it is known that
    only one person talks, so there is nobody to tell apart. `final_only`: what would have been said while people talked
    is not wanted, which is less work.

    `progress` is called with the part done, 0 to 1; `cancelled` is asked between, and a yes raises Cancelled. Raises
    AudioError for files that cannot be used."""
    began = time.process_time()
    source = Recording(recording, real_time=False)
    listener, found = open_listener(at_once=final_only)
    troubles = [*found]
    for person, path in voices.items():
        if not isinstance(path, (str, Path)):
            listener.enrol(person, path)
            continue
        sample = load_voice(path, troubles)
        wrong = listener.enrol(person, sample)
        if wrong == "quiet":
            raise AudioError(f"The voice sample of {person} ({path}) {_WRONG[wrong]}; record about 8 s of speech.")
        if wrong is not None:
            troubles.append(f"The voice sample of {person} {_WRONG[wrong]}.")
        elif (said_s := speech_s(mono(sample))) < SHORT_S:
            troubles.append(f"The voice sample of {person} holds only {said_s:.1f} s of speech; 8 s make names surer.")
    live: list[Heard] = []
    end_sample = 0
    try:
        for block in blocks(source, AT_ONCE_S if final_only else 0.0):
            if cancelled is not None and cancelled():
                raise Cancelled("It was stopped before the recording had been heard to its end.")
            facts = listener.hear(block)
            live += [] if final_only else [fact for fact in facts if isinstance(fact, Heard)]
            end_sample = block.end_sample
            if progress is not None and source.duration_s:
                progress(min(0.97, 0.97 * to_ms(end_sample) / 1000 / source.duration_s))
    finally:
        source.close()
    troubles += troubles_of(source)
    final = listener.review()
    troubles += listener.troubles
    if alone and len(listener.people) == 1:
        final = _all_of(listener.people[0], listener.speech, to_ms(end_sample))
    if progress is not None:
        progress(1.0)
    return HeardRecording(
        people=listener.people,
        live=tuple(live),
        final=tuple(final),
        duration_ms=to_ms(end_sample),
        compute_s=time.process_time() - began,
        contributions=tuple(listener.contributions()),
        troubles=tuple(troubles),
    )


def blocks(source: Recording, at_once_s: float) -> Iterator[Block]:
    """The recording's blocks, so many seconds of them joined."""
    held: list[Block] = []
    while (block := source.read(1.0)) is not None:
        held.append(block)
        if block.end_sample - held[0].first_sample >= at_once_s * RATE:
            yield _joined(held)
            held = []
    if held:
        yield _joined(held)


def _joined(parts: Sequence[Block]) -> Block:
    samples = parts[0].samples if len(parts) == 1 else np.concatenate([part.samples for part in parts])
    return replace(parts[0], samples=samples)


def _all_of(person: str, speech: NDArray[np.float32], end_ms: int) -> list[Heard]:
    """All speech is this person's. `speech`: the log odds of each step."""
    facts, first = [], 0
    for spoken, run in groupby((speech > 0).tolist()):
        last = first + len(list(run))
        odds = float(np.abs(speech[first:last]).mean())
        facts.append(
            Heard(
                at_ms=end_ms,
                start_ms=first * STEP_MS,
                end_ms=last * STEP_MS,
                people=(person,) if spoken else (),
                guest=False,
                unknown=False,
                confidence=round(1.0 / (1.0 + math.exp(-odds)), 3),
                final=True,
            )
        )
        first = last
    return facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """`person` (None: a guest, or unknown) spoke from `start_ms` to `end_ms`, known at `known_ms`."""

    person: str | None
    start_ms: int
    end_ms: int
    known_ms: int


def stretches(heard: tuple[Heard, ...]) -> list[Stretch]:
    """What is believed after all of `heard`, later facts replacing earlier ones, per person and in order of time."""
    tiles: list[Heard] = []  # in order, without overlap
    for fact in heard:
        at = len(tiles)
        while at and tiles[at - 1].end_ms > fact.start_ms:
            at -= 1
        kept: list[Heard] = []
        end = at
        while end < len(tiles) and tiles[end].start_ms < fact.end_ms:
            end += 1
        for old in tiles[at:end]:
            kept += _outside(old, fact)
        before = [tile for tile in kept if tile.start_ms < fact.start_ms]
        after = [tile for tile in kept if tile.start_ms >= fact.start_ms]
        tiles[at:end] = [*before, fact, *after]
    out: list[Stretch] = []
    latest: dict[str | None, int] = {}
    for tile in tiles:
        who: list[str | None] = [*tile.people, *([None] if tile.guest or tile.unknown else [])]
        for person in who:
            at_index = latest.get(person)
            if at_index is not None and out[at_index].end_ms == tile.start_ms and out[at_index].known_ms == tile.at_ms:
                last = out[at_index]
                out[at_index] = Stretch(
                    person=person, start_ms=last.start_ms, end_ms=tile.end_ms, known_ms=last.known_ms
                )
            else:
                latest[person] = len(out)
                out.append(Stretch(person=person, start_ms=tile.start_ms, end_ms=tile.end_ms, known_ms=tile.at_ms))
    return out


def _outside(old: Heard, new: Heard) -> list[Heard]:
    """What `new` leaves of `old`."""
    fields = {name: getattr(old, name) for name in ("at_ms", "people", "guest", "unknown", "confidence", "final")}
    left = []
    if old.start_ms < new.start_ms:
        left.append(Heard(start_ms=old.start_ms, end_ms=min(old.end_ms, new.start_ms), **fields))
    if old.end_ms > new.end_ms:
        left.append(Heard(start_ms=max(old.start_ms, new.end_ms), end_ms=old.end_ms, **fields))
    return left
