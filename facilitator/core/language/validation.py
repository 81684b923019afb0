"""Checking a mapping that a person wrote by hand: every problem is kept, none stops the check."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any


class Checker:
    """Collects problems; each method returns a usable value even where there is one."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def problem(self, text: str) -> None:
        self.problems.append(text)

    def known_keys(self, table: Mapping[str, Any], allowed: Iterable[str], label: str) -> None:
        """Names every key that means nothing here, with the nearest one that does."""
        known = list(allowed)
        for key in table:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                hint = f"; did you mean {near[0]}?" if near else f"; it can hold {', '.join(known)}"
                self.problem(f"{_at(label)}nothing is called {key!r} here{hint}")

    def text(self, table: Mapping[str, Any], key: str, label: str) -> str:
        value = table.get(key)
        if not isinstance(value, str) or not value.strip():
            self.problem(f"{_at(label)}{key} needs a text in quotes")
            return ""
        return value

    def texts(self, table: Mapping[str, Any], key: str, label: str) -> tuple[str, ...]:
        value = table.get(key)
        if not isinstance(value, list) or not value or not all(isinstance(v, str) and v.strip() for v in value):
            self.problem(f"{_at(label)}{key} needs a list of texts in quotes")
            return ()
        return tuple(value)

    def choice(self, table: Mapping[str, Any], key: str, label: str, allowed: tuple[str, ...]) -> str:
        value = table.get(key)
        if value not in allowed:
            self.problem(f"{_at(label)}{key} is {value!r}; it can be {', '.join(allowed)}")
            return allowed[0]
        return str(value)

    def choices(self, table: Mapping[str, Any], key: str, label: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
        """A list, which may be empty, of some of these."""
        value = table.get(key)
        if not isinstance(value, list) or not all(one in allowed for one in value):
            self.problem(f"{_at(label)}{key} is {value!r}; it can be a list of {', '.join(allowed)}")
            return ()
        return tuple(value)

    def truth(self, table: Mapping[str, Any], key: str, label: str) -> bool:
        value = table.get(key)
        if not isinstance(value, bool):
            self.problem(f"{_at(label)}{key} is {value!r}; write true or false")
            return False
        return value

    def number(
        self, table: Mapping[str, Any], key: str, label: str, low: float, high: float, *, whole: bool = False
    ) -> float:
        value = table.get(key)
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
            self.problem(f"{_at(label)}{key} is {value!r}; write a {'whole ' if whole else ''}number")
            return low
        if not low <= value <= high:
            self.problem(f"{_at(label)}{key} is {value}; it can be {low:g} to {high:g}")
        return value


def _at(label: str) -> str:
    return f"{label}: " if label else ""
