"""A correction of a session, as a value: to keep, to send, and to read."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from facilitator.core.text import moment


@dataclass(frozen=True, slots=True)
class Renamed:
    """The seat of `person` was that of `to`, who has no other in this session; or the name was misspelled."""

    person: str
    to: str


@dataclass(frozen=True, slots=True)
class Merged:
    """`person` and `into` were one person, who is called `into`."""

    person: str
    into: str


@dataclass(frozen=True, slots=True)
class Reassigned:
    """On [start_ms, end_ms) it was `to` who spoke and not `person`; None: nobody else, whoever was heard there."""

    start_ms: int
    end_ms: int
    person: str | None
    to: str


@dataclass(frozen=True, slots=True)
class Seated:
    """The same, where `to` had no seat so far: they have one from now on."""

    start_ms: int
    end_ms: int
    person: str | None
    to: str


@dataclass(frozen=True, slots=True)
class MadeGuest:
    """On [start_ms, end_ms) it was nobody who has a seat, instead of `person`; None: of whoever was heard there."""

    start_ms: int
    end_ms: int
    person: str | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """[start_ms, end_ms) does not count, as in a pause."""

    start_ms: int
    end_ms: int


Correction = Renamed | Merged | Reassigned | Seated | MadeGuest | LeftOut
CorrectionKind = Literal["renamed", "merged", "reassigned", "seated", "made-guest", "left-out"]
KINDS: Mapping[CorrectionKind, type[Correction]] = {
    "renamed": Renamed,
    "merged": Merged,
    "reassigned": Reassigned,
    "seated": Seated,
    "made-guest": MadeGuest,
    "left-out": LeftOut,
}


def to_json(correction: Correction) -> dict[str, Any]:
    """A flat object: `kind` and the fields."""
    kind = next(kind for kind, cls in KINDS.items() if isinstance(correction, cls))
    return {"kind": kind, **dataclasses.asdict(correction)}


def from_json(value: object) -> Correction:
    """What `to_json` was given. Raises ValueError for anything else."""
    cls = next((cls for kind, cls in KINDS.items() if isinstance(value, Mapping) and value.get("kind") == kind), None)
    if cls is None or not isinstance(value, Mapping):
        raise ValueError("a correction has a kind: " + ", ".join(KINDS))
    fields = {key: part for key, part in value.items() if key != "kind"}
    for field in dataclasses.fields(cls):
        part = fields.get(field.name)
        if field.type == "int":
            right = isinstance(part, int) and not isinstance(part, bool)
        else:
            right = isinstance(part, str) or (part is None and field.type == "str | None")
        if not right:
            raise ValueError(f"{field.name} of a correction is {field.type}, and not {part!r}")
    try:
        return cls(**fields)
    except TypeError as error:
        raise ValueError(f"not the fields of a correction: {', '.join(fields)}") from error


def says_nothing(correction: Correction) -> bool:
    """Two names in it have become one since: somebody was renamed in the whole database."""
    match correction:
        case Renamed(person, to) | Merged(person, to) | Reassigned(_, _, person, to) | Seated(_, _, person, to):
            return person == to
    return False


def names_in(corrections: Iterable[Correction]) -> set[str]:
    """Everyone who is named in them."""
    parts = (dataclasses.asdict(correction) for correction in corrections)
    return {name for fields in parts for name in fields.values() if isinstance(name, str)}


def between(start_ms: int, end_ms: int) -> str:
    return f"between {moment(start_ms)} and {moment(end_ms)}"
