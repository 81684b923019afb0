"""What a table tells the room that it is in: how far it is, and whether it asks for help. No names, unless those at the
table want them in, and nothing that was said or measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from facilitator.core.snapshot import Snapshot

VERSION = 1
"""Of what is told. It goes up when a key changes its meaning or goes away; new keys may come at any time."""
MOST_TEXT, MOST_NAMES = 60, 20

Reached = Literal["not-yet", "here", "lost", "refused", "over"]
"""`refused`: somebody is there who does not know this address, or shares with tablets; `over`: it has ended, and is
gone."""


def clock_of(snapshot: Snapshot, *, names: bool) -> dict[str, Any]:
    """As JSON values. Whole seconds, so that there is something new only where there is something new to see."""
    about = {"people": [person.name for person in snapshot.people if person.here], "floor": snapshot.floor}
    return {
        "version": VERSION,
        "stage": snapshot.stage,
        "round": snapshot.round,
        "rounds": snapshot.rounds,
        "at_s": max(0, snapshot.at_ms) // 1000,
        "left_s": None if snapshot.floor_left_ms is None else -(-snapshot.floor_left_ms // 1000),
        "paused": snapshot.paused,
        "ended": snapshot.ended,
        **(about if names else {}),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class TableClock:
    """The same, as another computer understood it."""

    stage: str
    round: int | None
    rounds: int | None
    at_s: int
    left_s: int | None
    """None: no time runs out now. Negative once it is over."""
    paused: bool
    ended: bool
    people: tuple[str, ...]
    """Empty: the table tells no names."""
    floor: str | None


def read_clock(told: Mapping[str, Any]) -> TableClock:
    """Of another computer, so nothing in it need be what it should be."""
    people = told.get("people")
    return TableClock(
        stage=_text(told.get("stage")) or "",
        round=_whole(told.get("round")),
        rounds=_whole(told.get("rounds")),
        at_s=_whole(told.get("at_s")) or 0,
        left_s=_whole(told.get("left_s")),
        paused=told.get("paused") is True,
        ended=told.get("ended") is True,
        people=tuple(name for one in people[:MOST_NAMES] if (name := _text(one))) if isinstance(people, list) else (),
        floor=_text(told.get("floor")),
    )


def _text(value: object) -> str | None:
    return value[:MOST_TEXT] if isinstance(value, str) else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1_000_000 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSeen:
    """What a room knows of a table now."""

    reached: Reached = "not-yet"
    clock: TableClock | None = None
    """None: its session has not begun."""
    help: bool = False
    handed: int = 0
    """So many sessions it has handed over."""
