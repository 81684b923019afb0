"""Answers to a question, as values."""

from __future__ import annotations

from dataclasses import dataclass

YES, NO = 1, 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of the answers: `key` is what is pressed for it, `phrases` what is said."""

    value: int
    key: str
    label: str
    phrases: tuple[str, ...] = ()
    shown: bool = True
    """False: it can only be said, as there are too many of its kind to show."""
