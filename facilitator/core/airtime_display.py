"""How much of the airtime every display shows while people talk: nothing, a hint, or the shares.

Watching a meter all the time makes talk less spontaneous, so a format that guards turns hides it, and open talk
gets a hint. A hint tells nobody that they had much: a ring fills up to an even share, in quarters, and stays full.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from facilitator.core.formats.parse import parse_format
from facilitator.core.formats.stages import Format, Turns
from facilitator.core.setup import Setup
from facilitator.core.snapshot import Snapshot
from facilitator.core.turntaking.airtime import can_be_compared

AirtimeDisplay = Literal["hidden", "hints", "shown"]
AIRTIMES: tuple[AirtimeDisplay, ...] = get_args(AirtimeDisplay)

HINTS_FROM_MS = 60_000
"""Of everyone's airtime; before that, a sentence more or less would change every ring."""
QUARTERS = 4
LITTLE = 0.5
"""Below this part of an even share it is said in words, too: colour and length are never the only sign."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """`filled`: 0 to 1. `words`: what says the same to those who do not see it, among the labels of a person."""

    filled: float
    words: Literal["share", "little", ""]


def usual_airtime(form: Format) -> AirtimeDisplay:
    guarded = any(isinstance(stage, Turns) and stage.protected for stage in form.stages)
    return "hidden" if guarded else "hints"


@dataclass(slots=True, kw_only=True)
class AirtimeRule:
    """One for all displays of a session: whoever changes it at one of them changes it everywhere."""

    now: AirtimeDisplay
    aims: Mapping[str, float]

    def turn(self) -> None:
        """On to the next of the three."""
        self.now = AIRTIMES[(AIRTIMES.index(self.now) + 1) % len(AIRTIMES)]

    def tells_shares(self, snapshot: Snapshot) -> bool:
        """Figures may be seen now, and mean something."""
        return self.now == "shown" and _can_be_seen(snapshot, self.aims)

    def rings(self, snapshot: Snapshot) -> dict[str, Ring]:
        return rings(snapshot, self.now, self.aims)


def rule_of(setup: Setup, wanted: AirtimeDisplay | None = None) -> AirtimeRule:
    """As somebody wants it, else as is usual for the form."""
    return AirtimeRule(now=wanted or usual_airtime(parse_format(setup.format)), aims=setup.aims())


def _can_be_seen(snapshot: Snapshot, aims: Mapping[str, float]) -> bool:
    if snapshot.stage_kind == "rate":  # whoever guesses should not read it off
        return False
    return can_be_compared([person for person in snapshot.people if person.heard and aims.get(person.name, 1.0) > 0])


def rings(snapshot: Snapshot, airtime: AirtimeDisplay, aims: Mapping[str, float]) -> dict[str, Ring]:
    """By name; nobody whose airtime is not to be seen, or not known, is in it."""
    whole_ms = sum(person.airtime_ms for person in snapshot.people)
    if airtime == "hidden" or not _can_be_seen(snapshot, aims):
        return {}
    heard = [person for person in snapshot.people if person.heard and person.here]
    if airtime == "shown":
        return {p.name: Ring(filled=p.share, words="share") for p in heard}
    whole = sum(aims.get(person.name, 1.0) for person in heard)
    if whole_ms < HINTS_FROM_MS or not whole:
        return {}
    found: dict[str, Ring] = {}
    for person in heard:
        aim = aims.get(person.name, 1.0) / whole
        if aim:
            part = person.share / aim
            filled = min(QUARTERS, int(part * QUARTERS)) / QUARTERS
            found[person.name] = Ring(filled=filled, words="little" if part < LITTLE else "")
    return found
