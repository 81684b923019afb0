"""A format gone through with a simulated table: what would be said and shown when, and who has the floor."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from facilitator.core.discussion import Discussion
from facilitator.core.events import (
    Agreed,
    BreakAgreed,
    Chime,
    Command,
    Dictated,
    FloorExtended,
    FloorGranted,
    FloorReleased,
    HandRaised,
    Intrusion,
    NextAgreed,
    PromptDropped,
    Rated,
    Record,
    Say,
    SelfRated,
    Show,
    StageStarted,
)
from facilitator.core.formats.parse import parse_format
from facilitator.core.formats.stages import INDICATORS, Indicators
from facilitator.core.setup import Setup
from facilitator.core.text import clock, length
from facilitator.simulation.answers import Behaviour
from facilitator.simulation.table import SimulatedTable

TALK_MS = 600_000
"""A talk without a length is finished by somebody after so long."""
LONGEST_MS = 6 * 3_600_000
EARLY = 0.4
"""So many of the turns end with a "done" before their time."""
ENDS = {
    "done": "is done",
    "passed": "passes",
    "time": "has had the time",
    "silence": "says no more",
    "finish": "stops, somebody finishes",
    "undone": "had it by mistake",
    "left": "has left",
}
MORE = {"asked": "asked for", "repaid": "given back", "saved": "left from an earlier turn"}
DROPPED = {"late": "it found no pause", "quiet": "quiet was asked for", "budget": "enough was said unasked"}
CHIMES = {
    "hello": "hello",
    "start": "start",
    "minute": "one minute left",
    "last": "the last seconds",
    "end": "time is up",
}
CHIMES |= {"cut-in": "somebody cuts in", "pause": "pause"}
KINDS = {"business": "Before we begin"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    lines: tuple[str, ...]
    stopped: bool
    """It was not over after `LONGEST_MS`, and was ended."""


def tried(
    form: Mapping[str, Any], language: Mapping[str, Any], people: tuple[str, ...], host: str, behaviour: Behaviour
) -> Tried:
    """The whole discussion as lines to read, then the airtime."""
    setup = Setup(people=people, format=form, language=language, host=host, **_before(form, people))
    table = SimulatedTable(Discussion(setup), behaviour, until_ms=LONGEST_MS, done_early=EARLY, talk_ms=TALK_MS)
    table.run()
    found = [line for record in table.log for line in told(record)]
    return Tried(lines=(*found, "", *_airtime(table)), stopped=table.stopped)


def _before(form: Mapping[str, Any], people: tuple[str, ...]) -> dict[str, Any]:
    """What a look back would find, as invented as the people are."""
    stages = parse_format(form).stages
    things = [thing for stage in stages if isinstance(stage, Indicators) for thing in stage.of or INDICATORS]
    chance = random.Random(1)
    return {
        "said_before": [
            {"indicator": thing, "person": person, "value": chance.randint(2, 4)}
            for thing in things
            for person in people
        ],
        "milestones": [{"key": "agreements", "number": 3}, {"key": "check_ins", "number": 5}] if things else [],
    }


def told(record: Record) -> Iterator[str]:
    """What there is to read about it: what is said aloud stands in quotes."""
    match record:
        case StageStarted():
            yield ""
            yield record.stage
        case Say():
            yield _line(record.at_ms, f'"{record.text}"')
        case Show():
            yield _line(record.at_ms, f"[shown] {record.text}")
        case Chime():
            yield _line(record.at_ms, f"(chime: {CHIMES[record.chime]})")
        case PromptDropped(why="late" | "quiet" | "budget"):
            yield _line(record.at_ms, f"(not said, {DROPPED[record.why]}: {record.prompt_kind})")
        case _:
            text = _done(record)
            if text:
                yield _line(record.at_ms, text, "- ")


def _done(record: Record) -> str:
    """What people do, and what comes of it."""
    match record:
        case FloorGranted():
            limit = "" if record.limit_ms is None else f" for {length(record.limit_ms)}"
            return f"{record.person} has the floor{limit}"
        case FloorReleased():
            return f"{record.person} {ENDS[record.reason]} after {length(record.used_ms)}"
        case FloorExtended(added_ms=added_ms) if abs(added_ms) >= 500:
            return f"{record.person} has {length(record.added_ms)} more, {MORE[record.reason]}"
        case Intrusion():
            return f"{record.by} comes in on {record.over}'s turn, for {length(record.lost_ms)}"
        case HandRaised():
            return f"{record.person} raises a hand"
        case Rated() | SelfRated():
            return f"{record.person} answers: {record.value}"
        case Command(name="yes" | "no"):
            return f"{record.person or 'somebody'} answers: {record.name}"
        case Command(name="pass", person=str()):
            return f"{record.person} passes"
        case Command(name="finish"):
            return "somebody finishes"
        case Command(name="note"):
            return f"somebody types: {record.text}"
        case Dictated():
            return f"somebody says: {record.text}"
        case Agreed():
            when = "" if record.due_days is None else f", in {_days(record.due_days)}"
            return f"kept as {record.kind}: {record.text} ({record.owner or 'everyone'}{when})"
        case NextAgreed():
            return f"kept: talk again in {_days(record.in_days)}"
        case BreakAgreed():
            return f"kept: a break of {length(record.return_in_ms)}"
    return ""


def _days(number: int) -> str:
    return "one day" if number == 1 else f"{number} days"


def _line(at_ms: int, text: str, mark: str = "") -> str:
    return f"  {clock(at_ms)}  {mark}{text}"


def _airtime(table: SimulatedTable) -> Iterator[str]:
    summary = table.discussion.summary()
    if not summary.airtime_ms:
        yield f"It took {length(table.now_ms)}, and nobody spoke in any talk or turn."
        return
    yield f"It took {length(table.now_ms)}. The airtime of these invented people:"
    width = max(len(person.name) for person in summary.people)
    for person in summary.people:
        yield f"  {person.name:<{width}}  {length(person.airtime_ms):>7}  {round(100 * person.share):>3} %"
