"""A discussion's form: its stages and their settings, parsed from a mapping (a file in `prompts/formats`).

`parse_format` checks everything and lists all problems at once. What each key means to the person who
writes one is in `prompts/README.md`.

Where a stage says something of its own (`ask`, `say`, `rules`), the text is the key of a phrase in the table
`[asks]` or `[rules]` of the language file, or simply the sentence itself.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, get_args

from facilitator.core.events import AgreementKind
from facilitator.core.formats.stages import (
    MOST_INDICATORS,
    STAGE_KINDS,
    Closing,
    Format,
    GuardStep,
    Indicators,
    LoudStep,
    Opening,
    Quiet,
    Rate,
    Recorded,
    StageSettings,
    Step,
    Tell,
    TurnOrder,
    Turns,
    Who,
)
from facilitator.core.language.validation import Checker
from facilitator.errors import PromptsError

LEAST_MINUTES = 0.5

# What a number may be: key -> (least, most).
_LIMITS: dict[str, tuple[float, float]] = {
    "sample_s": (3, 60),
    "wait_s": (3, 300),
    "minutes": (0.05, 24 * 60),
    "rounds": (1, 100),
    "times": (1, 10),
    "most": (1, 20),
    "cooling_hours": (0, 24 * 60),
    "next_months": (0, 24),
    "think_s": (0, 120),
    "silence_s": (2, 600),
    "guard_every_s": (5, 600),
    "question_after_s": (0, 600),
    "loud_db": (6, 40),
    "loud_s": (1, 15),
    "more_minutes": (0.05, 120),
    "last_seconds": (0, 60),
    "invite_below": (0, 1),
    "invite_after_minutes": (0.1, 600),
    "invite_every_minutes": (0.1, 600),
    "invite_wait_s": (1, 600),
}
_CHOICES: dict[str, tuple[str, ...]] = {
    "order": get_args(TurnOrder),
    "who": get_args(Who),
    "what": ("arriving", "leaving", "share"),
    "keep": get_args(AgreementKind),
    "guard": get_args(GuardStep),
    "loud": get_args(LoudStep),
}
FLAGS = ("host", "alone", "whose_idea", "who_decided")
"""What a format is as a whole, or is not."""


def parse_format(raw: Mapping[str, Any], where: str = "the format") -> Format:
    """The format that `raw` describes. Raises PromptsError with every problem found."""
    check = Checker()
    check.known_keys(raw, ("name", "summary", *FLAGS, "stage"), "")
    name = check.text(raw, "name", "")
    summary = check.text(raw, "summary", "")
    flags = {key: check.truth(raw, key, "") for key in FLAGS if key in raw}
    stages: list[StageSettings] = []
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
    return Format(name=name, summary=summary, stages=tuple(stages), **flags)


def _parse_stage(check: Checker, row: Any, label: str) -> StageSettings | None:
    if not isinstance(row, Mapping):
        check.problem(f"{label} is not a table; begin it with [[stage]]")
        return None
    kind = row.get("kind")
    if not isinstance(kind, str) or kind not in STAGE_KINDS:
        check.problem(f"{label}: kind is {kind!r}; it can be {', '.join(STAGE_KINDS)}")
        return None
    cls = STAGE_KINDS[kind]
    label = f"{label} ({kind})"
    check.known_keys(row, ("kind", *(field.name for field in dataclasses.fields(cls))), label)
    stage = cls(**_values(check, cls, row, label))
    if isinstance(stage, Tell) and not stage.say:
        check.problem(f"{label}: say needs a list of texts")
    if isinstance(stage, Indicators) and len(stage.of) > MOST_INDICATORS:
        check.problem(f"{label}: of names {len(stage.of)} things; nobody wants to be asked more than {MOST_INDICATORS}")
    if isinstance(stage, Indicators) and len(set(stage.of)) < len(stage.of):
        check.problem(f"{label}: of names the same thing twice")
    if isinstance(stage, Turns) and stage.step and (stage.step[0].confirm or stage.step[0].who != "speaker"):
        check.problem(f"{label}: the first step is the speaker's, and nothing is there yet to confirm")
    return stage


def _values(check: Checker, cls: type[Any], row: Mapping[str, Any], label: str) -> dict[str, Any]:
    """The fields of `cls` that the row gives, checked."""
    values: dict[str, Any] = {}
    for field in dataclasses.fields(cls):
        key = field.name
        if key not in row:
            continue
        if key == "step":
            values[key] = _steps(check, row[key], label)
        elif key in _CHOICES and field.type.startswith("tuple"):
            values[key] = check.choices(row, key, label, _CHOICES[key])
        elif key in _CHOICES:
            values[key] = check.choice(row, key, label, _CHOICES[key])
        elif key in _LIMITS:
            low, high = _LIMITS[key]
            values[key] = check.number(row, key, label, low, high, whole=field.type == "int")
        elif field.type == "bool":
            values[key] = check.truth(row, key, label)
        elif field.type == "str":
            values[key] = check.text(row, key, label)
        else:
            values[key] = check.texts(row, key, label)
    return values


def _steps(check: Checker, rows: Any, label: str) -> tuple[Step, ...]:
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        check.problem(f"{label}: its steps begin with [[stage.step]]")
        return ()
    steps = []
    for number, row in enumerate(rows, 1):
        place = f"{label}, step {number}"
        check.known_keys(row, [field.name for field in dataclasses.fields(Step)], place)
        steps.append(Step(**_values(check, Step, row, place)))
    return tuple(steps)


def _check_order(check: Checker, stages: list[StageSettings]) -> None:
    kinds = [stage.kind for stage in stages]
    if "opening" in kinds[1:]:
        check.problem("an opening can only be the first stage")
    if "closing" in kinds[:-1]:
        check.problem("a closing can only be the last stage")
    if stages and not any(stage.counted for stage in stages):
        check.problem("there is no stage in which people talk; add one of kind turns or talk")


def staged(form: Format) -> tuple[tuple[StageSettings, ...], int]:
    """The stages as they are run, with the questions that an opening and a closing ask, and always a closing (but of a
    recording, where nobody is there any more); and the number of the first one that belongs to the closing."""
    stages: list[StageSettings] = []
    if any(isinstance(stage, Recorded) for stage in form.stages):
        return form.stages, len(form.stages)
    for stage in form.stages:
        if isinstance(stage, Closing):
            break
        stages.append(stage)
        if isinstance(stage, Opening) and stage.rules:
            stages.append(Tell(say=stage.rules))
        if isinstance(stage, Opening) and stage.mood:
            stages.append(Rate(what="arriving"))
    last = form.stages[-1]
    closing = last if isinstance(last, Closing) else Closing()
    number = len(stages)
    if closing.guess:
        stages.append(Rate(what="share"))
    stages.append(closing)
    return tuple(stages), number


def shortened(raw: Mapping[str, Any], part: float) -> dict[str, Any]:
    """A copy of a format's mapping in which every time to speak or be quiet is this part of what it was, in half
    minutes; one of half a minute or less stays."""

    def less(row: Any, kind: str) -> Any:
        if not isinstance(row, Mapping):
            return row
        usual = {"turns": Turns().minutes, "quiet": Quiet().minutes}.get(kind)
        minutes = row.get("minutes", usual)
        changed = {**row, "step": [less(step, "step") for step in row["step"]]} if row.get("step") else {**row}
        timed = kind in ("turns", "talk", "quiet", "step")
        if timed and isinstance(minutes, int | float) and not isinstance(minutes, bool) and minutes > LEAST_MINUTES:
            changed["minutes"] = max(LEAST_MINUTES, round(2 * minutes * part) / 2)
        return changed

    rows = raw.get("stage", [])
    return {**raw, "stage": [less(row, str(row.get("kind")) if isinstance(row, Mapping) else "") for row in rows]}


def with_options(raw: Mapping[str, Any], *, minutes: float | None = None, rounds: int | None = None) -> dict[str, Any]:
    """A copy of a format's mapping with the person's own `minutes` and `rounds`.

    `minutes` is the length of each turn; in a format without turns, of the talk."""
    rows = [dict(row) if isinstance(row, Mapping) else row for row in raw.get("stage", [])]
    tables = [row for row in rows if isinstance(row, dict)]
    timed = "turns" if any(row.get("kind") == "turns" for row in tables) else "talk"
    for row in tables:
        if minutes is not None and row.get("kind") == timed:
            row["minutes"] = minutes
        if rounds is not None and row.get("kind") == "turns":
            row["rounds"] = rounds
    return {**raw, "stage": rows}
