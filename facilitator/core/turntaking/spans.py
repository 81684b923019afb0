"""Stretches of time, and what follows from one person's or everybody's: speech, utterances, silences.

Times are integer milliseconds on the session clock. `Voices` maps each person to the spans in which that
person speaks, in any order. *Speech*: pauses under 0.2 s belong to it. *Utterance*: one person's speech with
pauses under 0.5 s merged. *Silence*: nobody speaks, for 0.7 s or more.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

SPEECH_PAUSE_MS = 200
UTTERANCE_PAUSE_MS = 500
SILENCE_MS = 700


class Span(NamedTuple):
    """[start_ms, end_ms)"""

    start_ms: int
    end_ms: int


Voices = Mapping[str, Sequence[Span]]


def merged(spans: Iterable[Span], pause_ms: int) -> list[Span]:
    """The spans in order, those with less than `pause_ms` between them made one (touching ones always)."""
    found: list[Span] = []
    start = end = None
    for next_start, next_end in sorted(spans):
        if next_end <= next_start:
            continue
        if start is None or end is None:
            start, end = next_start, next_end
        elif next_start <= end or next_start - end < pause_ms:
            end = max(end, next_end)
        else:
            found.append(Span(start, end))
            start, end = next_start, next_end
    if start is not None and end is not None:
        found.append(Span(start, end))
    return found


def speech(voices: Voices) -> dict[str, list[Span]]:
    """Everyone's speech: its total length is their airtime."""
    return {person: merged(spans, SPEECH_PAUSE_MS) for person, spans in voices.items()}


def utterances(voices: Voices) -> dict[str, list[Span]]:
    return {person: merged(spans, UTTERANCE_PAUSE_MS) for person, spans in voices.items()}


def silences(voices: Iterable[Span], within: Iterable[Span], least_ms: int = SILENCE_MS) -> list[Span]:
    """The stretches of `within` in which nobody speaks, those of at least `least_ms`."""
    spoken = merged(voices, 0)
    found: list[Span] = []
    for start, end in merged(within, 0):
        at = start
        first = bisect_right(spoken, start, key=lambda span: span.end_ms)
        for span in spoken[first:]:
            if span.start_ms >= end:
                break
            if span.start_ms - at >= least_ms:
                found.append(Span(at, span.start_ms))
            at = max(at, span.end_ms)
        if end - at >= least_ms:
            found.append(Span(at, end))
    return found


def total_ms(spans: Iterable[Span]) -> int:
    """Length of spans that do not overlap."""
    return sum(end - start for start, end in spans)


def without(spans: Iterable[Span], holes: Sequence[Span]) -> list[Span]:
    """The spans less the holes, which are in order and apart."""
    found = []
    for start, end in spans:
        at = start
        for hole in holes:
            if hole.end_ms > at and hole.start_ms < end:
                if hole.start_ms > at:
                    found.append(Span(at, hole.start_ms))
                at = hole.end_ms
        if at < end:
            found.append(Span(at, end))
    return found
