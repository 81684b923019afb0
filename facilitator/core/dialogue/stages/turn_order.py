"""Who is called when in a round of turns: the order of the people, and the steps that a turn consists of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from facilitator.core.formats.stages import Step, TurnOrder, Turns
from facilitator.core.text import MINUTE_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`person` is called; it is `speaker`'s turn. `other` is the one they talk with, where there is one."""

    round: int
    speaker: str
    person: str
    other: str
    step: int
    ask: str
    limit_ms: int
    silence_ms: int = 30_000
    """So much silence before it is said that there is time."""
    item: int = 1
    items: int = 1
    first: bool = False
    """The first one of its round."""
    again: bool = False
    """What was left of a turn in which nothing more was said is offered once more."""
    confirm: bool = False
    """Nobody is given the floor: the speaker says whether they were understood."""


def ordered(people: Sequence[str], order: TurnOrder, airtime_ms: Mapping[str, int], first: str) -> tuple[str, ...]:
    """The people in the order of a round. Quiet-first: who has had least of the time so far begins; rotate: `first`
    does."""
    if order == "quiet-first":
        return tuple(sorted(people, key=lambda person: airtime_ms.get(person, 0)))
    begin = people.index(first) if order == "rotate" and first in people else 0
    return (*people[begin:], *people[:begin])


def listener_of(speaker: str, people: Sequence[str], *, pairs: bool) -> str:
    """The next in the circle; in pairs, the other one of the pair. Of an odd number the last three are a circle of
    their own, so that everybody listens once."""
    place, circle = people.index(speaker), len(people) - 3
    if pairs and (len(people) % 2 == 0 or place < circle):
        return people[place + 1 if place % 2 == 0 else place - 1]
    if pairs and place == len(people) - 1:
        return people[max(0, circle)]
    return people[(place + 1) % len(people)]


def calls_of(
    round_number: int, order: Sequence[str], seats: Sequence[str], settings: Turns, extra_time: Mapping[str, float]
) -> list[Call]:
    """All the calls of one round."""
    steps = settings.step or (Step(ask=settings.ask),)
    calls: list[Call] = []
    for speaker in order:
        listener = listener_of(speaker, seats, pairs=settings.pairs)
        for number, step in enumerate(steps):
            if step.who == "listener" and listener == speaker:  # nobody else is there
                continue
            who = {"speaker": (speaker,), "listener": (listener,), "others": tuple(p for p in order if p != speaker)}
            for person in (speaker,) if step.confirm else who[step.who]:
                minutes = settings.minutes if step.minutes is None else step.minutes
                silence_s = settings.silence_s if step.silence_s is None else step.silence_s
                for item in range(1, step.times + 1):
                    calls.append(
                        Call(
                            round=round_number,
                            speaker=speaker,
                            person=person,
                            other=listener if person == speaker else speaker,
                            step=number,
                            ask=step.ask,
                            limit_ms=round(minutes * MINUTE_MS * extra_time.get(person, 1.0)),
                            silence_ms=round(silence_s * 1000 * extra_time.get(person, 1.0)),
                            item=item,
                            items=step.times,
                            first=not calls,
                            confirm=step.confirm,
                        )
                    )
    return calls


def without(
    calls: Sequence[Call], person: str, people: Sequence[str], *, pairs: bool, listens: Callable[[Call], bool]
) -> list[Call]:
    """The calls that are left when this person has gone; `people` are those who are still there. Whoever was to listen
    to somebody is replaced (`listens`: the call is one of the listener's)."""
    found: list[Call] = []
    for call in calls:
        if call.speaker == person or (call.person == person and not listens(call)):
            continue
        if person not in (call.person, call.other):
            found.append(call)
            continue
        listener = listener_of(call.speaker, people, pairs=pairs) if call.speaker in people else call.speaker
        if listener != call.speaker and call.person == person:
            found.append(replace(call, person=listener))
        elif listener != call.speaker:
            found.append(replace(call, other=listener))
        elif not listens(call):
            found.append(call)  # nobody is there to listen, and still it may be said
    return found
