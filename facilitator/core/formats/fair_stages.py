"""Settings of the stages of a look back: how fair things feel, that beside last time, and what has been reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

INDICATORS = ("chores", "money", "decisions", "care")
"""What couples and families are asked about, where a format names nothing else."""
MOST_INDICATORS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicators:
    """Everyone is asked how fair it feels how some things are shared, from one to five."""

    kind: ClassVar[str] = "indicators"
    counted: ClassVar[bool] = False
    of: tuple[str, ...] = ()
    """Which things; none: the usual ones, `INDICATORS`."""
    think_s: float = 6.0
    """For everyone to find their own number, before the first one is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare:
    """The numbers of this time are told, beside those of last time."""

    kind: ClassVar[str] = "compare"
    counted: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestones:
    """What has been reached since last time is told, where there is anything."""

    kind: ClassVar[str] = "milestones"
    counted: ClassVar[bool] = False
