"""A discussion as it is believed to have gone: what everything that is told about it afterwards is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from facilitator.core.events import BackChannel, Consented, CutIn, Event, Joined, Record, SessionEnded, Spoke, TurnEnded
from facilitator.core.review.summary import Summary, summarize, turn_breaks
from facilitator.core.setup import Setup
from facilitator.core.turntaking.overlap import overlaps, turns
from facilitator.core.turntaking.presence import Presence, presence_of
from facilitator.core.turntaking.timeline import Timeline


def seats_of(people: tuple[str, ...], events: Iterable[Record]) -> tuple[str, ...]:
    """Everyone who had a seat at any time, those who came later in the order in which they came."""
    joined = (event.person for event in events if isinstance(event, Joined))
    return tuple(dict.fromkeys((*people, *joined)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Taken from a `Discussion` at any moment. Corrections make another account of it."""

    people: tuple[str, ...]
    """In the order of the seats."""
    declined: tuple[str, ...]
    """Those of them who were not listened to: by their wish, or for want of a yes or of a sample."""
    timeline: Timeline
    events: tuple[Event, ...]
    """All that was concluded, in order, but for who spoke when: that is on the timeline, as it is believed now. What
    else they say of speech is how it was believed at the time."""
    targets: Mapping[str, float] | None
    """Intended parts of the talk; None: equal ones."""
    newcomers: tuple[str, ...] = ()
    """Those of the people who had no seat at the beginning."""
    listened: bool = True
    """False: nobody was listened to, as where only the time is kept."""

    @classmethod
    def concluded(cls, setup: Setup, records: Iterable[Record]) -> Account:
        """As it was concluded while it happened, whatever today's rules would say. Of `records`, only events count."""
        timeline, found = Timeline(), []
        for record in records:
            if isinstance(record, Spoke):
                timeline.paint(record)
            elif isinstance(record, Event):
                found.append(record)
        events = tuple(found)
        people = seats_of(setup.people, events)
        heard = {event.person: event.heard for event in events if isinstance(event, Consented)}
        return cls(
            people=people,
            declined=tuple(person for person in people if not heard.get(person, True)),
            timeline=timeline,
            events=events,
            targets=setup.uneven_aims(people),
            newcomers=people[len(setup.people) :],
            listened=setup.listening,
        )

    @property
    def presence(self) -> Presence:
        """Of those who came later or left."""
        return presence_of(self.events, self.newcomers)

    def summary(self) -> Summary:
        return summarize(
            self.people,
            timeline=self.timeline,
            declined=self.declined,
            records=self.events,
            targets=self.targets,
            presence=self.presence,
            listened=self.listened,
        )

    def settled(self, at_ms: int) -> tuple[list[TurnEnded], list[CutIn | BackChannel]]:
        """Turns, and cut-ins with back-channels, of the whole; as records made at `at_ms`."""
        voices = self.timeline.spans()
        overlapping = overlaps(voices, at_ms=at_ms)
        found = turns(voices, breaks=turn_breaks(self.events), overlapping=overlapping)
        ended = [TurnEnded(at_ms=at_ms, person=t.person, start_ms=t.start_ms, end_ms=t.end_ms) for t in found]
        return ended, overlapping

    @property
    def end_reason(self) -> str:
        """Why it ended, or that it has not."""
        return next((e.reason for e in reversed(self.events) if isinstance(e, SessionEnded)), "unfinished")
