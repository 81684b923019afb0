"""What a session left beside its measures: what was agreed, said, guessed and felt."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field

from facilitator.core.agreements import Agreement


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was said of an agreement from before: whether it was kept, or (`cooled`) still stood."""

    text: str
    kept: bool
    cooled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NotedPrompt:
    """Something that the facilitator said, or would have said."""

    kind: str
    """Key of the phrase in the language file."""
    person: str | None
    """Whom it was about, if anyone."""
    text: str
    """Empty for one that was dropped."""
    asked_ms: int
    start_ms: int | None
    how: str
    """spoken, shown, hushed, failed, or why it was dropped: late, quiet, superseded, budget."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionNotes:
    """Of one session, in its order. Days and times are those at the table."""

    day: datetime.date
    """On which it began."""
    agreements: tuple[Agreement, ...] = ()
    checked: tuple[Checked, ...] = ()
    arriving: Mapping[str, int] = field(default_factory=dict)
    """Person -> 1, heavy, to 5, light."""
    leaving: Mapping[str, int] = field(default_factory=dict)
    guesses: Mapping[str, int] = field(default_factory=dict)
    """Person -> what they thought their own share was, in percent."""
    fair: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """What is shared -> person -> how fair it feels to them, 1, not at all, to 5, entirely."""
    breaks: tuple[datetime.datetime, ...] = ()
    """Until when."""
    next_on: datetime.date | None = None
    prompts: tuple[NotedPrompt, ...] = ()
    doubts: tuple[str, ...] = ()
    """Why names, and so shares, were less sure than usual, a sentence each."""
    corrections: int = 0
    """How many times something in it was put right, not counting what was taken back."""
    thinned_on: datetime.date | None = None
    """Since when only its figures are there; None: all is."""
