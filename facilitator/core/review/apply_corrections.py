"""What people put right afterwards: who somebody was, who spoke when, and what does not count.

What was heard stays as it is. `corrected` makes of an account, and of corrections in their order, the account that
everything is told from; each of them speaks of people by the names they have by then. What was said or agreed keeps
its words: only whose it is changes.
"""

from __future__ import annotations

import dataclasses
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar
from unicodedata import normalize

from facilitator.core.events import BackChannel, Continued, CutIn, Event, Intrusion, Paused, Record
from facilitator.core.language.names import WHO, folded
from facilitator.core.review.account import Account
from facilitator.core.review.correction import (
    Correction,
    LeftOut,
    MadeGuest,
    Merged,
    Reassigned,
    Renamed,
    Seated,
    between,
    from_json,
    says_nothing,
    to_json,
)
from facilitator.core.setup import Setup
from facilitator.core.text import listed, moment
from facilitator.core.turntaking.timeline import Tile, Timeline
from facilitator.errors import CorrectionError

__all__ = [
    "Correction",
    "LeftOut",
    "MadeGuest",
    "Merged",
    "Reassigned",
    "Renamed",
    "Seated",
    "check",
    "corrected",
    "corrected_setup",
    "from_json",
    "to_json",
]

ROUNDED_MS = 1_000
"""Times are told in whole seconds, so an end may be named so much too late."""

R = TypeVar("R", bound=Record)
V = TypeVar("V")


def corrected(account: Account, corrections: Sequence[Correction]) -> Account:
    """The account as it is after these, in this order. One that does not fit (see `check`) changes nothing."""
    if not corrections:
        return account
    people, tiles = account.people, list(account.timeline)
    for correction in corrections:
        tiles = list(_after(tiles, correction))
        people = _people_after(people, correction)
    now = names_now(account.people, corrections)
    targets = account.targets and {**dict.fromkeys(people, 1.0), **follow(account.targets, corrections)}
    return Account(
        people=people,
        declined=tuple(now.get(person, person) for person in account.declined),
        timeline=Timeline.of(tiles),
        events=tuple(_events(account.events, now, corrections)),
        targets=targets if targets and len(set(targets.values())) > 1 else None,
        listened=account.listened,
    )


def corrected_setup(setup: Setup, corrections: Sequence[Correction]) -> Setup:
    """What the session began with, as it would have been with the right names."""
    now = names_now(setup.people, corrections)
    people = setup.people
    for correction in corrections:
        people = _people_after(people, correction)
    return dataclasses.replace(
        setup,
        people=people,
        enrolled=_each(setup.enrolled, now),
        host="".join(follow({setup.host: None}, corrections)),
        first=now.get(setup.first, setup.first),
        targets=follow(setup.targets, corrections),
        extra_time=follow(setup.extra_time, corrections),
        pronounced=follow(setup.pronounced, corrections),
    )


def names_now(people: Iterable[str], corrections: Iterable[Correction]) -> dict[str, str]:
    """What each of these is called after the corrections, of those who are called otherwise than before."""
    now = {person: person for person in people}
    for correction in corrections:
        match correction:
            case Renamed(person, to) | Merged(person, to):
                now = {heard: to if name == person else name for heard, name in now.items()}
    return {heard: name for heard, name in now.items() if heard != name}


def follow(values: Mapping[str, V], corrections: Iterable[Correction]) -> dict[str, V]:
    """A value each for some people, under the names they have now. Of two who are one, that of `into` stays."""
    found = dict(values)
    for correction in corrections:
        match correction:
            case Renamed(person, to) if person in found:
                found = {to if name == person else name: value for name, value in found.items()}
            case Merged(person, into) if person != into:
                found.pop(person, None)
    return found


def renamed(record: R, now: Mapping[str, str]) -> R:
    """The record with the names of `now` in it, wherever it says who."""
    changes: dict[str, Any] = {
        field: now[name] for field in WHO if (name := getattr(record, field, None)) in now and name is not None
    }
    people = getattr(record, "people", ())
    if any(person in now for person in people):
        changes["people"] = _each(people, now)
    return dataclasses.replace(record, **changes) if changes else record


def _each(people: Iterable[str], now: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(now.get(person, person) for person in people))


def _people_after(people: tuple[str, ...], correction: Correction) -> tuple[str, ...]:
    match correction:
        case Renamed(person, to):
            return tuple(to if name == person else name for name in people)
        case Merged(person, into) if person != into:
            return tuple(name for name in people if name != person)
        case Seated(_, _, _, to):
            return tuple(dict.fromkeys((*people, to)))
    return people


def _events(events: Iterable[Event], now: Mapping[str, str], corrections: Iterable[Correction]) -> list[Event]:
    """With names as they are now; nobody cuts in on themselves; and what is left out ends turns, as a pause does."""
    found = [renamed(event, now) for event in events] if now else list(events)
    if now:
        found = [e for e in found if not (isinstance(e, CutIn | BackChannel | Intrusion) and e.by == e.over)]
    for correction in corrections:
        if isinstance(correction, LeftOut):
            for event in (Paused(at_ms=correction.start_ms), Continued(at_ms=correction.end_ms)):
                found.insert(bisect_right(found, event.at_ms, key=lambda e: e.at_ms), event)
    return found


def _after(tiles: Iterable[Tile], correction: Correction) -> Iterator[Tile]:
    match correction:
        case Renamed(person, to) | Merged(person, to):
            return (
                tile._replace(people=_each(tile.people, {person: to})) if person in tile.people else tile
                for tile in tiles
            )
        case Reassigned(start_ms, end_ms, person, to) | Seated(start_ms, end_ms, person, to):
            return _within(tiles, start_ms, end_ms, lambda tile: _given(tile, person, to))
        case MadeGuest(start_ms, end_ms, person):
            return _within(tiles, start_ms, end_ms, lambda tile: _to_a_guest(tile, person))
        case LeftOut(start_ms, end_ms):
            whole = _whole(tiles, start_ms, end_ms)
            return _within(whole, start_ms, end_ms, lambda tile: tile._replace(counted=False))


def _within(tiles: Iterable[Tile], start_ms: int, end_ms: int, change: Callable[[Tile], Tile]) -> Iterator[Tile]:
    """The tiles, those parts of them that lie within [start_ms, end_ms) changed."""
    for tile in tiles:
        if tile.end_ms <= start_ms or end_ms <= tile.start_ms:
            yield tile
            continue
        if tile.start_ms < start_ms:
            yield tile.cut(tile.start_ms, start_ms)
        yield change(tile.cut(start_ms, end_ms))
        if end_ms < tile.end_ms:
            yield tile.cut(end_ms, tile.end_ms)


def _whole(tiles: Iterable[Tile], start_ms: int, end_ms: int) -> Iterator[Tile]:
    """The tiles, with silence on the part of [start_ms, end_ms) about which nothing was ever heard: it would count
    as silence that counts."""
    until_ms: int | None = None
    for tile in tiles:
        if until_ms is not None and (gap := (max(until_ms, start_ms), min(tile.start_ms, end_ms)))[0] < gap[1]:
            yield Tile(*gap)
        yield tile
        until_ms = tile.end_ms


def _given(tile: Tile, person: str | None, to: str) -> Tile:
    if person is None:
        return tile._replace(people=(to,), guest=False, unknown=False, confidence=1.0) if tile.voiced else tile
    if person not in tile.people:
        return tile
    return tile._replace(people=_each(tile.people, {person: to}), confidence=1.0)


def _to_a_guest(tile: Tile, person: str | None) -> Tile:
    if person is None:
        return tile._replace(people=(), guest=True, unknown=False, confidence=1.0) if tile.voiced else tile
    if person not in tile.people:
        return tile
    return tile._replace(people=tuple(p for p in tile.people if p != person), guest=True, confidence=1.0)


# --- whether it fits --------------------------------------------------------------------------------


def check(account: Account, correction: Correction) -> Correction:
    """The correction with its names as they are written in this account. Raises CorrectionError, with one sentence,
    where it does not fit."""
    match correction:
        case Renamed(person, to):
            found: Correction = _rename(account, _seat(account, person), " ".join(normalize("NFC", to).split()))
        case Merged(person, into):
            found = Merged(_seat(account, person), _seat(account, into))
            _merge(account, found.person, found.into)
        case Reassigned(start_ms, end_ms, person, to):
            to = _seat(account, to, or_new=True)
            if to in account.declined:
                raise CorrectionError(f"{to} was not listened to, so nothing can be given to them.")
            found = Reassigned(start_ms, end_ms, _speaker(account, start_ms, end_ms, person), to)
        case Seated(start_ms, end_ms, person, to):
            found = Seated(start_ms, end_ms, _speaker(account, start_ms, end_ms, person), _new_seat(account, to))
        case MadeGuest(start_ms, end_ms, person):
            found = MadeGuest(start_ms, end_ms, _speaker(account, start_ms, end_ms, person))
        case LeftOut(start_ms, end_ms):
            found = correction
            if not any(tile.counted for tile in _stretch(account, start_ms, end_ms)):
                raise CorrectionError(f"Nothing {between(start_ms, end_ms)} counts, as it is.")
    if isinstance(found, Reassigned | Seated | MadeGuest):
        after = corrected(account, [found]).timeline
        before = account.timeline.tiles(found.start_ms, found.end_ms)
        if says_nothing(found) or after.tiles(found.start_ms, found.end_ms) == before:
            raise CorrectionError(f"It is like that already {between(found.start_ms, found.end_ms)}.")
    return found


def _rename(account: Account, person: str, to: str) -> Renamed:
    if not to:
        raise CorrectionError(f"Say what {person} is called.")
    if person == to:
        raise CorrectionError(f"{person} is called that already.")
    there = next((p for p in account.people if folded(p) == folded(to) and p != person), None)
    if there is not None:
        raise CorrectionError(f"There is a {there} in this session already; if they are the same person, merge them.")
    return Renamed(person, to)


def _merge(account: Account, person: str, into: str) -> None:
    if person == into:
        raise CorrectionError(f"{person} is one person already; name two.")
    for name in (person, into):
        if name in account.declined:
            raise CorrectionError(f"{name} was not listened to, so their seat stays apart.")


def _new_seat(account: Account, name: str) -> str:
    to = " ".join(normalize("NFC", name).split())
    if not to:
        raise CorrectionError("Say what they are called who get a seat.")
    there = next((person for person in account.people if folded(person) == folded(to)), None)
    if there is not None:
        raise CorrectionError(f"{there} has a seat in this session already; leave out --new.")
    return to


def _seat(account: Account, name: str, *, or_new: bool = False) -> str:
    for person in account.people:
        if folded(person) == folded(name):
            return person
    new = f", or add --new to give {name} one" if or_new else ""
    known = listed(account.people, "or")
    raise CorrectionError(f"Nobody called {name} has a seat in this session; name {known}{new}.")


def _speaker(account: Account, start_ms: int, end_ms: int, name: str | None) -> str | None:
    """The one who is named, if they were heard there; None: somebody was."""
    person = None if name is None else _seat(account, name)
    voiced = [tile for tile in _stretch(account, start_ms, end_ms) if tile.voiced]
    if not voiced:
        raise CorrectionError(f"Nobody was heard {between(start_ms, end_ms)}.")
    heard = {p for tile in voiced for p in tile.people}
    if person is not None and person not in heard:
        others = listed([p for p in account.people if p in heard], "and")
        instead = f"; {others} {'were' if len(heard) > 1 else 'was'}" if others else ""
        raise CorrectionError(f"{person} was not heard {between(start_ms, end_ms)}{instead}.")
    return person


def _stretch(account: Account, start_ms: int, end_ms: int) -> list[Tile]:
    if end_ms <= start_ms:
        raise CorrectionError(f"A stretch ends after it begins; {moment(start_ms)} to {moment(end_ms)} is none.")
    last_ms = account.timeline.end_ms
    if start_ms < 0 or start_ms >= last_ms or end_ms >= last_ms + ROUNDED_MS:
        until = moment(last_ms // 1000 * 1000)
        raise CorrectionError(f"The session was heard from 0:00 to {until}; name a stretch of that.")
    return account.timeline.tiles(start_ms, end_ms)
