"""What the page shows of one moment, as JSON values. Pure: same moment, same values.

Times are whole seconds, as they are read: so a page is told something only when there is something new to see.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from facilitator.core.airtime_display import AirtimeRule, Ring
from facilitator.core.language.choices import Choice
from facilitator.core.language.texts import Texts
from facilitator.core.snapshot import PersonView, Snapshot
from facilitator.page.buttons import buttons_for

MANY = 12
"""More answers than this, evenly apart, are a slider."""
LISTENED = ("opening", "business", "")
"""Kinds of stages in which nobody wonders yet why somebody is not listened to."""


SeatState = Literal["known", "declined", "asked", "waiting", "away"]
"""`away`: has left; `declined`: not listened to; `asked`: their voice is being learned; `waiting`: it will be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Somebody began while another spoke."""

    at_ms: int
    by: str
    over: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One person's share once it has been gone over, 0 to 1, and its likely range."""

    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What is known beside the snapshot."""

    airtime: AirtimeRule
    marks: Sequence[Mark] = ()
    language: str = "en"
    away: bool = False
    """The microphone is gone."""
    listening: bool = True
    ties: Sequence[Mapping[str, Any]] | None = None
    """Who came after whom; None: there is no map of the table now."""
    trouble: str | None = None
    """Longer than the snapshot tells it."""


WRITTEN = (
    "report.",
    "story.",
    "sections.",
    "pictures.",
    "timeline.",
    "notes.",
    "agreed.",
    "corrections.",
    "trends.",
    "reasons.",
)
NOT_HERE = (*WRITTEN, "terminal.", "tour.", "sentences.", "formats.")
"""What begins so is put into words before it comes to the page."""


def labels(texts: Texts) -> dict[str, Any]:
    """What the page says by itself, in this language."""
    return {
        "language": texts.code,
        "messages": {key: told for key, told in texts.messages.items() if not key.startswith(NOT_HERE)},
        "and_sound": None if texts.and_sound is None else dataclasses.asdict(texts.and_sound),
    }


def moment(snapshot: Snapshot, around: Around) -> dict[str, Any]:
    filled = around.airtime.rings(snapshot)
    opening = snapshot.stage_kind == "opening"
    # In the opening circle a voice is being learned: whoever is asked is who speaks, and nobody is a guest.
    asked = (snapshot.floor,) if snapshot.floor is not None and snapshot.someone_speaking else ()
    speaking = asked if opening else snapshot.speaking
    return {
        "at_s": max(0, snapshot.at_ms) // 1000,
        "stage": snapshot.stage,
        "stage_kind": snapshot.stage_kind,
        "round": snapshot.round,
        "rounds": snapshot.rounds,
        "floor": snapshot.floor,
        "used_s": (max(0, snapshot.floor_used_ms) + 500) // 1000,
        "left_s": None if snapshot.floor_left_ms is None else -(-snapshot.floor_left_ms // 1000),
        "next": snapshot.next_person,
        "speaking": list(speaking),
        "guest": snapshot.guest_speaking and not opening,
        "someone": snapshot.someone_speaking,
        "own_voice": snapshot.own_voice,
        "people": [_person(p, snapshot, around, filled.get(p.name), p.name in speaking) for p in snapshot.people],
        "said": snapshot.last_said,
        "language": around.language,
        "paused": snapshot.paused,
        "not_counted": snapshot.not_counted,
        "quiet": snapshot.quiet,
        "listening": around.listening,
        "buttons": buttons_for(snapshot.commands),
        "hands": "hand" in snapshot.commands,
        "choices": [{"value": c.value, "key": c.key, "label": c.label} for c in snapshot.choices if c.shown],
        "last": snapshot.last_spoke,
        "slider": slider(snapshot.choices),
        "queue": list(snapshot.queue),
        "marks": [{"id": mark.at_ms, "by": mark.by, "over": mark.over} for mark in around.marks],
        "ties": None if around.ties is None or not filled or around.airtime.now != "shown" else list(around.ties),
        "airtime": around.airtime.now,
        "away": around.away,
        "trouble": around.trouble or snapshot.trouble,
        "ended": snapshot.ended,
    }


def mine(snapshot: Snapshot, around: Around, measured: Mapping[str, Measured]) -> dict[str, dict[str, Any]]:
    """What each person's own telephone shows: their own part by the rule that holds at the table, and the queue.
    `measured`: what everybody at the table sees of all of them once it has been gone over."""
    rings = around.airtime.rings(snapshot)
    return {p.name: _mine(p, snapshot, rings.get(p.name), measured.get(p.name)) for p in snapshot.people}


def _mine(person: PersonView, snapshot: Snapshot, ring: Ring | None, measured: Measured | None) -> dict[str, Any]:
    if measured is not None:  # it is over, and hidden from nobody any more
        ring = Ring(filled=measured.share, words="share")
    floor = person.name == snapshot.floor
    can, raised = snapshot.commands, person.name in snapshot.queue
    ways = {
        "hand": "hand" in can and not floor,
        "pass": floor and "pass" in can,
        "let-me-finish": "more-time" in can if floor else "hand" in can and not raised,
    }
    return {
        "name": person.name,
        "ring": None if ring is None else {"filled": round(ring.filled, 2), "words": ring.words},
        "likely": None if measured is None else (measured.low, measured.high),
        "floor": floor,
        "holder": snapshot.floor,
        "left_s": None if snapshot.floor_left_ms is None else -(-snapshot.floor_left_ms // 1000),
        "next": person.name == snapshot.next_person,
        "hand": raised,
        "queue": list(snapshot.queue),
        "ways": [way for way, now in ways.items() if now],
        "paused": snapshot.paused,
        "ended": snapshot.ended,
    }


def _person(
    person: PersonView, snapshot: Snapshot, around: Around, ring: Ring | None, speaking: bool
) -> dict[str, Any]:
    return {
        "name": person.name,
        "state": _state(person, snapshot),
        "enrolled": round(person.enrolled_share, 2),
        "ring": None if ring is None else {"filled": round(ring.filled, 2), "words": ring.words},
        "speaking": speaking,
        "floor": person.name == snapshot.floor,
        "hand": person.name in snapshot.queue,
    }


def _state(person: PersonView, snapshot: Snapshot) -> SeatState:
    if not person.here:
        return "away"
    if person.heard:
        return "known"
    if person.declined or snapshot.stage_kind not in LISTENED:
        return "declined"
    return "asked" if person.name == snapshot.floor else "waiting"


def slider(choices: Sequence[Choice]) -> dict[str, int] | None:
    """Least, most and step, where the answers are many numbers evenly apart."""
    values = [choice.value for choice in choices]
    steps = {b - a for a, b in pairwise(values)}
    if len(values) <= MANY or len(steps) != 1 or not all(str(c.value) in c.label for c in choices):
        return None
    return {"least": values[0], "most": values[-1], "step": steps.pop()}
