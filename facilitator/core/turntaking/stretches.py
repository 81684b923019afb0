"""When something lasted that one kind of event begins and another ends: stages, pauses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from facilitator.core.events import Continued, Event, Paused, SessionEnded
from facilitator.core.turntaking.spans import Span

Begins = TypeVar("Begins", bound=Event)


def stretches(
    events: Iterable[Event], begins: type[Begins], ends: type[Event] | tuple[type[Event], ...], end_ms: int
) -> Iterator[tuple[Begins, Span]]:
    """What began it, and from when to when; up to `end_ms` where it did not end. What begins while it lasts already
    begins nothing new."""
    began: Begins | None = None
    for event in events:
        if began is not None and isinstance(event, ends):
            yield began, Span(began.at_ms, event.at_ms)
            began = None
        elif began is None and isinstance(event, begins):
            began = event
    if began is not None:
        yield began, Span(began.at_ms, max(end_ms, began.at_ms))


def pauses(events: Iterable[Event], end_ms: int) -> Iterator[Span]:
    """When the session was paused: until it went on, or to the end of it. A stage that ends in a pause ends none."""
    for _, span in stretches(events, Paused, (Continued, SessionEnded), end_ms):
        yield span
