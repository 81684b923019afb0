"""What people agreed on, as everyone reads it: the dialogue, the store, the reports."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from facilitator.core.events import AgreementKind, Every

ASKED: tuple[AgreementKind, ...] = ("agreement", "decision")
"""Kinds that are kept or open; a rule or a step is for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Something that people agreed on. Days and times are those at the table."""

    agreement: int
    """Its number in the database."""
    kind: AgreementKind
    text: str
    agreed_on: datetime.date
    people: tuple[str, ...]
    """Who was there."""
    owner: str = ""
    """Empty: everyone."""
    due: datetime.date | None = None
    holds_from: datetime.datetime | None = None
    """A decision that cools off first; None: at once."""
    stands: bool | None = None
    """Whether it still stood when it had cooled off; None: nobody has said so far."""
    kept: bool | None = None
    """As was said last; None: nobody has said so far."""
    every: Every = ""
    """How often it comes again; empty: it does not, or otherwise than these words say."""
    turns: tuple[str, ...] = ()
    """Who takes turns with it."""
    next_on: datetime.date | None = None
    """The next time."""
    next_owner: str = ""
    otherwise: tuple[tuple[datetime.date, str], ...] = ()
    """Days to come on which it is not as it goes round: who takes it instead; empty: it is left out."""
    cooling_days: int = 0
    """Of a rule: what it is about counts only after so many days; 0: at once."""
    idea: str | None = None
    """Whose idea it was, as was said; empty: everyone's; None: that was not asked, or nobody said."""
    decided: str | None = None
    """Who decided, in the same way."""


def is_open(one: Agreement) -> bool:
    """It is waited for: not kept so far, and not one that no longer counts."""
    return one.kind in ASKED and not one.kept and one.stands is not False
