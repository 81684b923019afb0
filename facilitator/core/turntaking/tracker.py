"""Turns, cut-ins and back-channels while they happen; the rules are told in `overlap.py`.

Everything here waits until more speech can no longer change the answer: half a second after the last word of
an utterance, a second after the other one's for a cut-in.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from typing import NamedTuple

from facilitator.core.events import BackChannel, CutIn, Event, Spoke, TurnEnded, TurnStarted
from facilitator.core.turntaking.overlap import (
    AFTER_MS,
    BOTH_MS,
    HOLD_MS,
    OUTLAST_MS,
    SHORT_MS,
    Turn,
    overlaps,
    turns,
    verdict,
)
from facilitator.core.turntaking.spans import UTTERANCE_PAUSE_MS, Span, merged, silences, speech, utterances

__all__ = ["Span", "Turn", "TurnTracker", "overlaps", "silences", "speech", "turns", "utterances"]

KEEP_MS = 60_000
"""What was believed about the last minute can still be revised; what is older stays as it was."""


class _Utterance:
    """One person's utterance as far as it is known."""

    __slots__ = ("end", "listening", "open", "said", "start")

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end
        self.open = 0
        """How many people it may have begun in the middle of, as far as rule R has not decided."""
        self.listening = False
        """A back-channel, says rule R."""
        self.said: set[str] = set()
        """Whom it was already said to begin in the middle of."""

    def floor(self) -> bool | None:
        """True: no back-channel. None: too early to tell."""
        if self.listening:
            return False
        return True if self.end - self.start >= SHORT_MS or not self.open else None

    def in_pause(self, start: int, end: int) -> int:
        return min(self.end, end) - max(self.start, start)


class _Pair(NamedTuple):
    """`by` began an utterance while `over` was perhaps in the middle of one."""

    over: str
    theirs: _Utterance
    by: str
    own: _Utterance

    def certain(self, now: int) -> bool:
        """Nothing that is heard after `now` can change what rule R says."""
        over_done = now >= self.theirs.end + UTTERANCE_PAUSE_MS
        if self.theirs.end < self.own.start + BOTH_MS:
            return over_done
        own_done = now >= self.own.end + UTTERANCE_PAUSE_MS
        return own_done or (over_done and self.own.end >= self.theirs.end + OUTLAST_MS)

    def verdict(self, at_ms: int) -> CutIn | BackChannel | None:
        """What rule R says, if it says anything and it was not said before."""
        own = self.own
        own.open -= 1
        if self.theirs.end < own.start + BOTH_MS:
            return None
        event = verdict(at_ms, self.by, self.over, Span(own.start, own.end), self.theirs.end)
        own.listening |= isinstance(event, BackChannel)
        if self.over in own.said:
            return None
        own.said.add(self.over)
        return event


class _Person:
    __slots__ = ("ended", "last", "spans", "todo", "turn", "utterances")

    def __init__(self) -> None:
        self.spans: list[list[int]] = []
        """Speech of the last minute, [start, end], and one utterance from before."""
        self.utterances: list[_Utterance] = []
        """The utterances that follow from `spans`."""
        self.todo: list[_Utterance] = []
        """Those of them that are neither part of a turn yet nor set aside."""
        self.turn: int | None = None
        """When the turn began that is not over yet, and its last utterance so far."""
        self.last = _Utterance(0, 0)
        self.ended = 0
        """Where the last turn ended."""


class TurnTracker:
    """Turns, cut-ins and back-channels as they become certain.

    Without revisions it finds exactly what `overlaps` and `turns` find (the turns that are not over, at
    `finish`). A revision of the last minute changes what follows from it, but nothing is taken back and
    nothing said twice; older revisions are left to the summary, which looks at the whole again."""

    def __init__(self) -> None:
        self._people: dict[str, _Person] = {}
        self._pairs: list[_Pair] = []
        """Those that rule R has not decided."""
        self._breaks: list[int] = []
        self._now = 0
        """How far anything is known."""
        self._speaking: tuple[str, ...] = ()
        self._settled = True
        """While the same people go on there is nothing to do but count."""
        self._trim_at = KEEP_MS

    def receive(self, spoke: Spoke) -> list[Event]:
        """What became certain through this stretch. Stretches need not follow each other without gaps."""
        start, end, now = spoke.start_ms, spoke.end_ms, self._now
        people = spoke.people if spoke.counted else ()
        if end <= start:
            return []
        if start == now and self._settled and people == self._speaking:
            for name in people:
                person = self._people[name]
                person.spans[-1][1] = person.utterances[-1].end = end
            self._now = end
        else:
            if start < now:
                self._revise(max(start, now - KEEP_MS), min(end, now), people)
            if end > now:
                self._append(max(start, now), end, people)
            return self._settle(spoke.at_ms, self._now)
        if end >= self._trim_at:
            self._trim()
        return []

    def put_right(self, spokes: Sequence[Spoke]) -> list[Event]:
        """What became certain through all of these together: they are one answer about the past."""
        for spoke in spokes:
            start, end = max(spoke.start_ms, self._now - KEEP_MS), min(spoke.end_ms, self._now)
            if start < end:
                self._revise(start, end, spoke.people if spoke.counted else ())
        return self._settle(spokes[-1].at_ms, self._now) if spokes else []

    def new_floor(self, at_ms: int) -> None:
        """No turn goes on over a pause at this moment: the floor was given to somebody, a stage began, or nothing could
        be heard then."""
        insort(self._breaks, at_ms)
        self._settled = False

    def finish(self, at_ms: int) -> list[Event]:
        """Nothing more will come: what was waiting is decided, and every turn is over."""
        found = self._settle(at_ms, self._now + KEEP_MS)
        for name, person in self._people.items():
            if person.turn is not None:
                found.append(self._end(at_ms, name, person))
        self._settled = False
        return found

    # What is believed

    def _append(self, start: int, end: int, people: tuple[str, ...]) -> None:
        new = []
        for name in people:
            person = self._people.setdefault(name, _Person())
            if person.spans and person.spans[-1][1] == start:
                person.spans[-1][1] = end
            else:
                person.spans.append([start, end])
            if person.utterances and start - person.utterances[-1].end < UTTERANCE_PAUSE_MS:
                person.utterances[-1].end = end
            else:
                utterance = _Utterance(start, end)
                person.utterances.append(utterance)
                person.todo.append(utterance)
                new.append((name, utterance))
        self._now = end
        self._speaking = people
        for name, utterance in new:
            self._pair(name, utterance)
        if end >= self._trim_at:
            self._trim()

    def _pair(self, name: str, utterance: _Utterance) -> None:
        """Whom may it have begun in the middle of?"""
        utterance.open, utterance.listening = 0, False
        for over, person in self._people.items():
            if over == name:
                continue
            for theirs in reversed(person.utterances):
                if theirs.start <= utterance.start - HOLD_MS:
                    if theirs.end + UTTERANCE_PAUSE_MS > utterance.start:
                        self._pairs.append(_Pair(over, theirs, name, utterance))
                        utterance.open += 1
                    break

    def _revise(self, start: int, end: int, people: tuple[str, ...]) -> None:
        """Believe from now on that in [start, end) these people spoke and nobody else."""
        changed = False
        for name in people:
            self._people.setdefault(name, _Person())
        for name, person in self._people.items():
            spans = painted(person.spans, start, end, name in people)
            if spans is not None:
                person.spans = spans
                self._rebuild(person, start)
                changed = True
        if end == self._now:
            self._speaking = people
        if changed:
            self._pairs.clear()
            for name, person in self._people.items():
                for utterance in reversed(person.utterances):
                    if utterance.end < start - 2 * OUTLAST_MS:
                        break
                    self._pair(name, utterance)

    def _rebuild(self, person: _Person, since: int) -> None:
        """Utterances anew from the spans, from about `since` on; one that begins about where one began is that one."""
        utterances = person.utterances
        first = len(utterances)
        while first and utterances[first - 1].end + UTTERANCE_PAUSE_MS > since:
            first -= 1
        old = utterances[first:]
        del utterances[first:]
        after = utterances[-1].end if utterances else -1
        spans = person.spans
        left = len(spans)
        while left and spans[left - 1][0] > after:
            left -= 1
        for start, end in merged((Span(a, b) for a, b in spans[left:]), UTTERANCE_PAUSE_MS):
            near = min(old, key=lambda was: abs(was.start - start), default=None)
            if near is not None and abs(near.start - start) < UTTERANCE_PAUSE_MS:
                old.remove(near)
                near.start, near.end = start, end
            else:
                near = _Utterance(start, end)
            utterances.append(near)
        if person.turn is not None and person.last not in person.utterances:
            kept = [u for u in person.utterances if person.turn - UTTERANCE_PAUSE_MS < u.start <= person.last.end]
            person.last = kept[-1] if kept else _Utterance(person.last.start, person.last.end)
        until = person.ended if person.turn is None else person.last.start + 1
        person.todo = [utterance for utterance in person.utterances if utterance.start >= until]

    def _trim(self) -> None:
        """Forget what can neither be revised nor decide anything."""
        until = self._now - KEEP_MS
        self._trim_at = self._now + KEEP_MS // 4
        self._breaks = [at for at in self._breaks if at >= until]
        for person in self._people.values():
            done = bisect_left(person.spans, until, key=lambda span: span[1])
            if done > 1:
                before = merged((Span(a, b) for a, b in person.spans[:done]), UTTERANCE_PAUSE_MS)[-1]
                person.spans[:done] = [list(before)]
                person.utterances = [u for u in person.utterances if u.end >= before.end_ms]
                person.todo = [u for u in person.todo if u.end >= before.end_ms]

    # What follows

    def _settle(self, at_ms: int, now: int) -> list[Event]:
        found: list[Event] = []
        waiting = []
        for pair in self._pairs:
            if not pair.certain(now):
                waiting.append(pair)
            elif (event := pair.verdict(at_ms)) is not None:
                found.append(event)
        self._pairs = waiting
        settled = not waiting
        for name, person in self._people.items():
            settled &= self._take_turns(at_ms, found, now, name, person)
        self._settled = settled
        return found

    def _take_turns(self, at_ms: int, found: list[Event], now: int, name: str, person: _Person) -> bool:
        """Move this person's utterances into turns as far as that is certain; True if nothing waits."""
        while person.todo:
            utterance = person.todo[0]
            floor = utterance.floor()
            if floor is None:
                break
            if floor:
                if person.turn is not None:
                    broken = self._broken(name, person.last.end, utterance.start, now)
                    if broken is None:
                        break
                    if broken:
                        found.append(self._end(at_ms, name, person))
                if person.turn is None:
                    person.turn = utterance.start
                    found.append(TurnStarted(at_ms=at_ms, person=name, start_ms=utterance.start))
                person.last = utterance
            person.todo.pop(0)
        if person.turn is None:
            return not person.todo
        if now >= person.last.end + UTTERANCE_PAUSE_MS:
            until = person.todo[0].start if person.todo else now
            if self._broken(name, person.last.end, until, now):
                found.append(self._end(at_ms, name, person))
                return not person.todo
        waiting = name not in self._speaking and (self._speaking or now < person.last.end + UTTERANCE_PAUSE_MS)
        return not (person.todo or waiting or (self._breaks and self._breaks[-1] >= person.last.end))

    def _broken(self, name: str, start: int, end: int, now: int) -> bool | None:
        """Is a pause of this person the end of a turn? None: too early to tell."""
        if any(start <= at <= end for at in self._breaks):
            return True
        broken: bool | None = False
        for other, person in self._people.items():
            if other == name:
                continue
            for utterance in reversed(person.utterances):
                if utterance.end + UTTERANCE_PAUSE_MS <= start:
                    break
                if utterance.start >= end or utterance.listening:
                    continue
                if utterance.in_pause(start, end) > AFTER_MS:
                    if utterance.floor():
                        return True
                    broken = None
                elif now < utterance.end + UTTERANCE_PAUSE_MS and end - max(utterance.start, start) > AFTER_MS:
                    broken = None
        return broken

    def _end(self, at_ms: int, name: str, person: _Person) -> TurnEnded:
        start = person.turn or 0
        end = max(start, person.last.end)
        person.turn, person.ended = None, end
        return TurnEnded(at_ms=at_ms, person=name, start_ms=start, end_ms=end)


def painted(spans: list[list[int]], start: int, end: int, speaking: bool) -> list[list[int]] | None:
    """The spans once [start, end) is painted with speech or silence; None if that changes nothing."""
    last = len(spans)
    while last and spans[last - 1][0] > end:
        last -= 1
    first = last
    while first and spans[first - 1][1] >= start:
        first -= 1
    touched = spans[first:last]
    if speaking:
        if len(touched) == 1 and touched[0][0] <= start and end <= touched[0][1]:
            return None
        middle = [[min([start, *(a for a, _ in touched)]), max([end, *(b for _, b in touched)])]]
    else:
        if not any(a < end and start < b for a, b in touched):
            return None
        middle = [[a, min(b, start)] for a, b in touched if a < start]
        middle += [[max(a, end), b] for a, b in touched if b > end]
    return [*spans[:first], *middle, *spans[last:]]
