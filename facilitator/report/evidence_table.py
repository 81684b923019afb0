"""What each source of evidence contributed, as a table for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

_RULE = (
    "Earned: how much surer than chance the source tells this person from the others, 0 to 1.\n"
    "Says: the part of the time with one speaker in which it preferred somebody. Agrees: how often that was the\n"
    "person of the result, which all sources made together."
)


class EvidenceRow(Protocol):
    """As in `hearing.contribution`."""

    @property
    def source(self) -> str: ...
    @property
    def earned(self) -> tuple[float, ...]: ...
    @property
    def says(self) -> float: ...
    @property
    def agrees(self) -> float: ...


def explained(people: Sequence[str], contributions: Sequence[EvidenceRow]) -> str:
    """A line for each source: what it earned for each person, how often it spoke up and was followed."""
    head = ("Source", "Says", "Agrees", *(f"Earned: {person}" for person in people))
    rows = [head]
    for one in contributions:
        earned = [f"{weight:.2f}" for weight in one.earned] or ["trained"] * len(people)
        rows.append((one.source, f"{one.says:.0%}", f"{one.agrees:.0%}" if one.says else "-", *earned))
    widths = [max(len(row[k]) for row in rows) for k in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(["What each source contributed", "", *lines, "", _RULE, ""])
