"""Everything a screen needs to show one moment of a session."""

from __future__ import annotations

from dataclasses import dataclass

from facilitator.core.events import CommandName
from facilitator.core.language.choices import Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonView:
    name: str
    heard: bool
    """False: not listened to, or not enrolled yet."""
    enrolled_share: float
    """How much of the voice sample is in, 0 to 1."""
    airtime_ms: int
    share: float
    """Of what all have said while this person was there, 0 to 1; 0 while nobody has spoken."""
    cut_ins_made: int
    cut_ins_received: int
    here: bool = True
    """False: has left."""
    declined: bool = False
    """Not listened to, or nobody is: no voice is being learned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    at_ms: int
    stage: str
    """The stage's name in the session's language, e.g. "Opening circle"."""
    stage_kind: str
    round: int | None
    rounds: int | None
    floor: str | None
    floor_used_ms: int
    floor_left_ms: int | None
    """None: no limit, or nobody has the floor. Negative once it is over."""
    next_person: str | None
    speaking: tuple[str, ...]
    guest_speaking: bool
    someone_speaking: bool
    """There is speech now, whether or not it is known whose."""
    own_voice: bool
    """The facilitator is speaking."""
    people: tuple[PersonView, ...]
    last_said: str
    """Of this stage; what was said in one before it is over."""
    paused: bool
    not_counted: bool = False
    """There was talk that counts, and what is said now, over a note or an agreement or in a pause, does not."""
    quiet: bool
    commands: tuple[CommandName, ...]
    """What can be asked for now, in the order to show."""
    choices: tuple[Choice, ...] = ()
    """What the question that waits can be answered with."""
    last_spoke: str | None = None
    """To whom what was said last is counted, where that can be put right."""
    queue: tuple[str, ...] = ()
    """Those who raised a hand, in the order in which they did."""
    trouble: str | None
    ended: bool
