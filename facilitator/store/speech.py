"""Who spoke when, as rows: what is said later of a stretch replaces what was said of it before.

The timeline is a step function: at every moment a set of voices speaks. Painting sets it on an interval;
rows are the longest runs in which one voice speaks with the same confidence.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from facilitator.core.events import Spoke
from facilitator.core.turntaking.spans import SPEECH_PAUSE_MS
from facilitator.store.sqlite import Database

VoiceKind = Literal["person", "guest", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What one row says besides its times. `person` is a number in `people`, for the kind `person` only."""

    voice: VoiceKind
    person: int | None = None
    confidence: float
    counted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechSegment:
    """A row of `speech`: `label` holds on [start_ms, end_ms), which is not empty."""

    label: Label
    start_ms: int
    end_ms: int


class SpeechTimeline:
    """The step function. `_values[i]` holds from `_cuts[i]` up to the next cut; the last one holds for ever."""

    def __init__(self, stretches: Iterable[SpeechSegment] = ()) -> None:
        changes: dict[int, tuple[set[Label], set[Label]]] = {}
        for stretch in stretches:
            changes.setdefault(stretch.start_ms, (set(), set()))[0].add(stretch.label)
            changes.setdefault(stretch.end_ms, (set(), set()))[1].add(stretch.label)
        self._cuts: list[float] = [float("-inf")]
        self._values: list[frozenset[Label]] = [frozenset()]
        for at_ms in sorted(changes):
            begins, ends = changes[at_ms]
            self._cuts.append(at_ms)
            self._values.append((self._values[-1] - ends) | begins)

    def paint(self, start_ms: int, end_ms: int, labels: frozenset[Label]) -> None:
        """From now on exactly these voices speak on [start_ms, end_ms). An empty interval changes nothing."""
        if start_ms >= end_ms:
            return
        first, last = self._cut(start_ms), self._cut(end_ms)
        self._cuts[first:last] = [start_ms]
        self._values[first:last] = [labels]

    def _cut(self, at_ms: int) -> int:
        index = bisect_left(self._cuts, at_ms)
        if index == len(self._cuts) or self._cuts[index] != at_ms:
            self._cuts.insert(index, at_ms)
            self._values.insert(index, self._values[index - 1])
        return index

    def stretches(self) -> Iterator[SpeechSegment]:
        """Rows, each as long as can be, in the order of their ends."""
        since: dict[Label, int] = {}
        for cut, value in zip(self._cuts[1:], self._values[1:], strict=True):
            at_ms = int(cut)
            for label in [label for label in since if label not in value]:
                yield SpeechSegment(label=label, start_ms=since.pop(label), end_ms=at_ms)
            for label in value:
                since.setdefault(label, at_ms)


def repaint(db: Database, session: int, spokes: Sequence[Spoke], person: Callable[[str], int]) -> None:
    """Replace what the table says of these stretches, in this order. `person` gives a name's number."""
    spokes = [spoke for spoke in spokes if spoke.start_ms < spoke.end_ms]
    if not spokes:
        return
    start_ms = min(spoke.start_ms for spoke in spokes)
    end_ms = max(spoke.end_ms for spoke in spokes)
    touching = db.query(
        "SELECT * FROM speech WHERE session = ? AND end_ms >= ? AND start_ms <= ?", [session, start_ms, end_ms]
    )
    old = {_stretch(row): row["id"] for row in touching}
    timeline = SpeechTimeline(old)
    for spoke in spokes:
        timeline.paint(spoke.start_ms, spoke.end_ms, frozenset(_labels(spoke, person)))
    new = list(timeline.stretches())
    kept = old.keys() & set(new)
    gone = [(number,) for stretch, number in old.items() if stretch not in kept]
    db.conn.executemany("DELETE FROM speech WHERE id = ?", gone)
    db.table("speech").insert_all(_row(session, stretch) for stretch in new if stretch not in kept)
    # A pause belongs to the stretch after it, which may be one that was not painted itself.
    db.execute(
        "UPDATE speech SET pause_ms = coalesce((SELECT speech.start_ms - max(before.end_ms) FROM speech before"
        " WHERE before.session = :session AND before.person = speech.person AND before.counted = 1"
        " AND before.end_ms > speech.start_ms - :pause AND before.end_ms <= speech.start_ms), 0)"
        " WHERE session = :session AND person IS NOT NULL AND counted = 1"
        " AND end_ms >= :start AND start_ms < :end + :pause",
        {"session": session, "start": start_ms, "end": end_ms, "pause": SPEECH_PAUSE_MS},
    )


def _labels(spoke: Spoke, person: Callable[[str], int]) -> Iterator[Label]:
    confidence, counted = float(spoke.confidence), spoke.counted
    for name in spoke.people:
        yield Label(voice="person", person=person(name), confidence=confidence, counted=counted)
    if spoke.guest:
        yield Label(voice="guest", confidence=confidence, counted=counted)
    if spoke.unknown:
        yield Label(voice="unknown", confidence=confidence, counted=counted)


def _stretch(row: dict[str, Any]) -> SpeechSegment:
    label = Label(voice=row["voice"], person=row["person"], confidence=row["confidence"], counted=bool(row["counted"]))
    return SpeechSegment(label=label, start_ms=row["start_ms"], end_ms=row["end_ms"])


def _row(session: int, stretch: SpeechSegment) -> dict[str, Any]:
    label = stretch.label
    return {
        "session": session,
        "voice": label.voice,
        "person": label.person,
        "start_ms": stretch.start_ms,
        "end_ms": stretch.end_ms,
        "confidence": label.confidence,
        "counted": int(label.counted),
    }
