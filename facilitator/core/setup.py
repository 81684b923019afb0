"""What a session begins with; stored with it, so that it can be replayed and resumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


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
    listening: bool = True
    hears_itself: bool = True
