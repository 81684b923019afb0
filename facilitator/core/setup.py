"""What a session begins with; stored with it, so that it can be replayed and resumed."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

SETUP_TUPLES = (
    "people",
    "enrolled",
    "known",
    "steps",
    "rules",
    "goals",
    "cooling_rules",
    "due",
    "said_before",
    "milestones",
)
"""The fields that are lists in JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """`format` and `language` are the parsed TOML files, the person's options already applied.

    Everything here is made of JSON values. `enrolled` are those whose voice sample was given, so
    that the opening circle need not listen to them. `listening` is false for timer and voice only.
    `hears_itself` is false where the facilitator's own voice cannot be in what is heard (a recording)."""

    people: tuple[str, ...]
    format: Mapping[str, Any]
    language: Mapping[str, Any]
    enrolled: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    """Those whose voiceprint was kept, as they wished: in the opening circle a yes is enough of them."""
    listening: bool = True
    hears_itself: bool = True
    hears_words: bool = False
    """There is a model of words: people can answer and command by voice."""
    consent_by_hand: bool = False
    """The model of words lacks words that a refusal may be made of: with it, "I do not agree" sounds like "agree". So
    only a key or a button is a yes to being heard."""
    wake: str = ""
    """What the group calls the facilitator; empty: as the language file has it."""
    host: str = ""
    """Takes no turns and is left out of the balance."""
    targets: Mapping[str, float] = field(default_factory=dict)
    """Intended parts of the talk, in any unit; who is not in it aims at 1."""
    extra_time: Mapping[str, float] = field(default_factory=dict)
    """So many times the usual time, and patience with silence, for these people."""
    first: str = ""
    """Who starts, where a format rotates that."""
    pronounced: Mapping[str, str] = field(default_factory=dict)
    """How names are spelled for the voice, where it would say them wrong."""
    budget: int = 6
    """So many things are said unasked in ten minutes, at most; the rest is shown."""
    steps: tuple[str, ...] = ()
    """What the group has agreed to do, in this order, when a talk gets too hard."""
    rules: tuple[str, ...] = ()
    """The group's own rules, which are read aloud when a talk begins."""
    goals: tuple[str, ...] = ()
    """What this support is for, which is said before anything else."""
    cooling_rules: tuple[Mapping[str, Any], ...] = ()
    """Those of them by which something counts only later: `text`, and after how many `days`."""
    due: tuple[Mapping[str, Any], ...] = ()
    """Agreements from before that are due: `agreement` (its number in the database), `text`, `owner`, and
    `cooled`: it is a decision that counts from now on, if it still stands."""
    said_before: tuple[Mapping[str, Any], ...] = ()
    """How fair things felt last time: `indicator`, `person`, `value` (1 to 5)."""
    milestones: tuple[Mapping[str, Any], ...] = ()
    """What has been reached since: `key` (of the phrase), `number`, `who`; see `core.milestones.Milestone`."""
    return_in_ms: int | None = None
    """A break was agreed last time; it is over in so long (negative: it is over). None: there was none."""
    weekday: int = 0
    """Of the day of the session, 0: Monday, so that "by Friday" is a number of days."""
    day: str = ""
    """The day of the session, as 2026-01-31, so that "on the third of May" is one, too; empty: not known."""
    utc_offset_minutes: int = 0
    """How far the clocks at the table are ahead of UTC, so that the day of the session is theirs."""

    @property
    def consents_in_words(self) -> bool:
        """Whether a yes to being heard may be said; else it is a key or a button."""
        return self.hears_words and not self.consent_by_hand

    @property
    def read_out(self) -> tuple[str, ...]:
        """What is read out at the beginning, much of it of earlier sessions: it stands in the log of this one, too."""
        return tuple(dict.fromkeys([*self.goals, *self.rules, *self.steps, *(str(one["text"]) for one in self.due)]))

    @property
    def looks_back(self) -> bool:
        """It tells figures of earlier sessions."""
        return bool(self.said_before or self.milestones)

    def aims(self, people: Sequence[str] = ()) -> dict[str, float]:
        """Everyone's intended part of the talk; 0 for a host. `people`: where more have come since."""
        return {p: 0.0 if p == self.host else float(self.targets.get(p, 1.0)) for p in people or self.people}

    def day_in(self, days: int) -> datetime.date | None:
        """The day in so many days; None: it is not known which day it is."""
        return datetime.date.fromisoformat(self.day) + datetime.timedelta(days=days) if self.day else None

    def uneven_aims(self, people: Sequence[str] = ()) -> dict[str, float] | None:
        """The same; None where all aim at the same part, as usual."""
        aims = self.aims(people)
        return aims if len(set(aims.values())) > 1 else None

    def aloud(self, text: str) -> str:
        """The text with names as the voice should say them; empty where that is no other text."""
        if not self.pronounced:
            return ""
        names = sorted(self.pronounced, key=len, reverse=True)  # of two that begin alike, the longer one is meant
        any_name = rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)"
        aloud = re.sub(any_name, lambda found: self.pronounced[found[0]], text)  # each once: a sound is no name
        return aloud if aloud != text else ""
