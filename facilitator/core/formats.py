"""A discussion's form: its stages and their settings, parsed from a mapping (a file in `prompts/formats`).

`parse_format` checks everything and lists all problems at once. What each key means to the person who
writes one is in `prompts/README.md`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from facilitator.core.checking import Checker
from facilitator.errors import PromptsError

MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Everyone says a few words: consent, voiceprint and microphone check in one."""

    kind: ClassVar[str] = "opening"
    counted: ClassVar[bool] = False
    sample_s: float = 8.0
    """Speech wanted of each person."""
    wait_s: float = 15.0
    """Silence after a call before it is repeated; after twice as much again it goes on without listening."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """Everyone in turn, `rounds` times."""

    kind: ClassVar[str] = "turns"
    counted: ClassVar[bool] = True
    minutes: float = 5.0
    rounds: int = 2
    protected: bool = True
    """Cut-ins are noticed and the lost seconds given back."""
    silence_s: float = 8.0
    """Silence before the soft spoken check; twice as much after it, and the floor passes on."""
    more_minutes: float = 1.0
    """What "more time" adds."""
    minute_signal: bool = True
    last_seconds: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """Free talk in which whoever is hardly heard is invited, by name, in a pause, seldom."""

    kind: ClassVar[str] = "talk"
    counted: ClassVar[bool] = True
    minutes: float | None = None
    """Length of the talk; none: until someone finishes it."""
    invite_below: float = 0.5
    """Below this part of an equal share someone is far below their share."""
    invite_after_minutes: float = 5.0
    """For this long, before an invitation."""
    invite_every_minutes: float = 10.0
    """At most one invitation in this time."""
    invite_wait_s: float = 45.0
    """An invitation that finds no pause for this long is dropped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """The spoken summary, one observation, one question."""

    kind: ClassVar[str] = "closing"
    counted: ClassVar[bool] = False


Stage = Opening | Turns | Talk | Closing
STAGE_KINDS: dict[str, type[Stage]] = {cls.kind: cls for cls in (Opening, Turns, Talk, Closing)}

# What a number may be: key -> (least, most).
_LIMITS: dict[str, tuple[float, float]] = {
    "sample_s": (3, 60),
    "wait_s": (3, 300),
    "minutes": (0.05, 24 * 60),
    "rounds": (1, 100),
    "silence_s": (2, 600),
    "more_minutes": (0.05, 120),
    "last_seconds": (0, 60),
    "invite_below": (0, 1),
    "invite_after_minutes": (0.1, 600),
    "invite_every_minutes": (0.1, 600),
    "invite_wait_s": (1, 600),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    name: str
    summary: str
    stages: tuple[Stage, ...]


def parse_format(raw: Mapping[str, Any], where: str = "the format") -> Format:
    """The format that `raw` describes. Raises PromptsError with every problem found."""
    check = Checker()
    check.known_keys(raw, ("name", "summary", "stage"), "")
    name = check.text(raw, "name", "")
    summary = check.text(raw, "summary", "")
    stages: list[Stage] = []
    rows = raw.get("stage")
    if not isinstance(rows, list) or not rows:
        check.problem("it needs at least one [[stage]]")
        rows = []
    for number, row in enumerate(rows, 1):
        stage = _parse_stage(check, row, f"stage {number}")
        if stage is not None:
            stages.append(stage)
    _check_order(check, stages)
    if check.problems:
        raise PromptsError(where, tuple(check.problems))
    return Format(name=name, summary=summary, stages=tuple(stages))


def _parse_stage(check: Checker, row: Any, label: str) -> Stage | None:
    if not isinstance(row, Mapping):
        check.problem(f"{label} is not a table; begin it with [[stage]]")
        return None
    kind = row.get("kind")
    if kind not in STAGE_KINDS:
        check.problem(f"{label}: kind is {kind!r}; it can be {', '.join(STAGE_KINDS)}")
        return None
    cls = STAGE_KINDS[kind]
    label = f"{label} ({kind})"
    names = [field.name for field in dataclasses.fields(cls)]
    check.known_keys(row, ("kind", *names), label)
    values: dict[str, Any] = {}
    for field in dataclasses.fields(cls):
        if field.name not in row:
            continue
        if field.type == "bool":
            values[field.name] = check.truth(row, field.name, label)
        else:
            low, high = _LIMITS[field.name]
            values[field.name] = check.number(row, field.name, label, low, high, whole=field.type == "int")
    return cls(**values)


def _check_order(check: Checker, stages: list[Stage]) -> None:
    kinds = [stage.kind for stage in stages]
    if "opening" in kinds[1:]:
        check.problem("an opening can only be the first stage")
    if "closing" in kinds[:-1]:
        check.problem("a closing can only be the last stage")
    if stages and not any(stage.counted for stage in stages):
        check.problem("there is no stage in which people talk; add one of kind turns or talk")


def with_options(raw: Mapping[str, Any], *, minutes: float | None = None, rounds: int | None = None) -> dict[str, Any]:
    """A copy of a format's mapping with the person's own `minutes` and `rounds` in every stage that has them.

    In stages of kind turns, `minutes` is the length of each turn; in a talk it is the length of the talk."""
    changed = dict(raw)
    rows = []
    for row in raw.get("stage", []):
        kind = row.get("kind") if isinstance(row, Mapping) else None
        new = dict(row) if isinstance(row, Mapping) else row
        if minutes is not None and kind in ("turns", "talk"):
            new["minutes"] = minutes
        if rounds is not None and kind == "turns":
            new["rounds"] = rounds
        rows.append(new)
    changed["stage"] = rows
    return changed
