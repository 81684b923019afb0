"""What a group has agreed on, for the page: to read, and to change as `facilitator agreements` does."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from facilitator.core.agreements import ASKED
from facilitator.core.events import AgreementKind, Every
from facilitator.errors import UsageError
from facilitator.page.review_api import NOT_UNDERSTOOD
from facilitator.report import agreements as agreed
from facilitator.store.notebook.notebook import Notebook
from facilitator.store.notebook.recurring import RULES
from facilitator.store.reader import Reader
from facilitator.store.session_notes import agreements_of

MOST_DAYS = 60
"""For which a rule may let things cool off."""


def listed(db: Path) -> dict[str, Any]:
    """All of them, the latest first."""
    with Reader.open(db) as reader:
        found = agreements_of(reader)
    return {"agreements": [{**agreed.to_json(one), "asked": one.kind in ASKED} for one in reversed(found)]}


def change(db: Path, wish: Mapping[str, Any]) -> None:
    """One thing, which `do` names. Raises a FacilitatorError that says what to do."""
    do = wish.get("do")
    if do is None:  # only read
        return
    done = _CHANGES.get(str(do))
    if done is None:
        raise UsageError(NOT_UNDERSTOOD)
    done(db, wish)


def _number(wish: Mapping[str, Any], key: str = "number") -> int:
    value = wish.get(key)
    if isinstance(value, bool) or not isinstance(value, int):
        raise UsageError("That is no number.")
    return value


def _text(wish: Mapping[str, Any], key: str = "text") -> str:
    value = wish.get(key)
    return value if isinstance(value, str) else ""


def _add(db: Path, wish: Mapping[str, Any]) -> None:
    kind: AgreementKind = "step" if wish.get("kind") == "step" else "rule"
    with Notebook.open(db) as notebook:
        notebook.add(kind, _text(wish))


def _word(db: Path, wish: Mapping[str, Any]) -> None:
    with Notebook.open(db) as notebook:
        notebook.word(_number(wish), _text(wish))


def _cool(db: Path, wish: Mapping[str, Any]) -> None:
    days = _number(wish, "days")
    if not 0 <= days <= MOST_DAYS:
        raise UsageError(f"It can be 0 to {MOST_DAYS} days.")
    with Notebook.open(db) as notebook:
        notebook.cool(_number(wish), days)


def _remove(db: Path, wish: Mapping[str, Any]) -> None:
    with Notebook.open(db) as notebook:
        notebook.remove(_number(wish))


def _keep(db: Path, wish: Mapping[str, Any]) -> None:
    with Notebook.open(db) as notebook:
        notebook.keep({_number(wish): wish.get("kept") is True})


def _owner(db: Path, wish: Mapping[str, Any]) -> None:
    with Notebook.open(db) as notebook:
        notebook.fill_in(_number(wish), owner=_text(wish, "name"))


def _due(db: Path, wish: Mapping[str, Any]) -> None:
    try:
        day = datetime.date.fromisoformat(_text(wish, "day"))
    except ValueError:
        raise UsageError("Write the day as 2026-05-03.") from None
    with Notebook.open(db) as notebook:
        notebook.fill_in(_number(wish), due=day)


def _every(db: Path, wish: Mapping[str, Any]) -> None:
    how: Every = next((one for one in RULES if one == wish.get("how")), "")
    with Notebook.open(db) as notebook:
        notebook.repeat(_number(wish), how, by_turns=wish.get("by_turns") is True)


_CHANGES: Mapping[str, Callable[[Path, Mapping[str, Any]], None]] = {
    "add": _add,
    "word": _word,
    "cool": _cool,
    "remove": _remove,
    "keep": _keep,
    "owner": _owner,
    "due": _due,
    "every": _every,
}
