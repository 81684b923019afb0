"""Agreements in words, and as JSON values."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from facilitator.core.agreements import ASKED, Agreement, is_open
from facilitator.core.events import AgreementKind
from facilitator.core.text import listed

_MADE: Mapping[AgreementKind, str] = {
    "agreement": "Agreed",
    "decision": "Decided",
    "rule": "A rule from now on",
    "step": "A step for hard moments",
}


def made(one: Agreement) -> str:
    """In sentences: what, who, by when, and whether it was kept."""
    parts = [f"{_MADE[one.kind]}: {bare(one.text)}."]
    by = "" if one.due is None else f"by {day_in_words(one.due)}"
    if one.owner:
        parts.append(f"{one.owner} takes care of it{', ' if by else ''}{by}.")
    elif by:
        parts.append(f"To be done {by}.")
    if one.stands is not None:
        parts.append(state(one.stands, cooled=True))
    elif one.holds_from is not None:
        parts.append(f"It counts from {moment_in_words(one.holds_from, one.agreed_on)} on.")
    if one.kept is not None:
        parts.append(state(one.kept))
    return " ".join(parts)


def state(kept: bool, *, cooled: bool = False) -> str:
    """`cooled`: it was asked whether a decision that had cooled off still stood."""
    if cooled:
        return "It still stood later." if kept else "Later it no longer stood."
    return "It was kept." if kept else "It stays on the list."


def page(agreements: Sequence[Agreement]) -> str:
    """All of them, ending in a newline: what is open first, by its day; then the rest."""
    asked = [one for one in agreements if one.kind in ASKED]
    still = sorted(
        filter(is_open, agreements),
        key=lambda one: (one.due is None, one.due or one.agreed_on),
    )
    groups = (
        ("Open", still),
        ("Kept", [one for one in asked if one.kept]),
        ("No longer counts", [one for one in asked if one.stands is False and not one.kept]),
        ("Rules", [one for one in agreements if one.kind == "rule"]),
        ("Steps for hard moments", [one for one in agreements if one.kind == "step"]),
    )
    width = len(str(max((one.agreement for one in agreements), default=0)))
    return "\n".join(f"{title}\n{''.join(_entry(one, width) for one in group)}" for title, group in groups if group)


def _entry(one: Agreement, width: int) -> str:
    more = [one.owner or "everyone"] if one.kind in ASKED else []
    if one.due is not None:
        more.append(f"by {day_in_words(one.due)}")
    if one.holds_from is not None and one.stands is None and not one.kept:
        more.append(f"counts from {moment_in_words(one.holds_from, one.agreed_on)} on")
    more.append(f"agreed on {day_in_words(one.agreed_on)} by {listed(one.people)}")
    return f"  {one.agreement:>{width}}  {bare(one.text)}\n{' ' * (width + 4)}{'; '.join(more)}\n"


def to_json(one: Agreement) -> dict[str, Any]:
    """Days and times are ISO 8601."""
    return {
        "agreement": one.agreement,
        "kind": one.kind,
        "text": one.text,
        "owner": one.owner or None,
        "due": None if one.due is None else one.due.isoformat(),
        "holds_from": None if one.holds_from is None else one.holds_from.isoformat(),
        "stands": one.stands,
        "kept": one.kept,
        "agreed_on": one.agreed_on.isoformat(),
        "people": list(one.people),
    }


def day_in_words(day: datetime.date) -> str:
    """Friday, 13 March 2026"""
    return f"{day:%A}, {day.day} {day:%B %Y}"


def moment_in_words(moment: datetime.datetime, today: datetime.date | None = None) -> str:
    """20:40, with the day where that is not `today`: Friday, 13 March 2026, 20:40."""
    clock = f"{moment:%H:%M}"
    return clock if moment.date() == today else f"{day_in_words(moment.date())}, {clock}"


def bare(text: str) -> str:
    """Without the full stop that some type."""
    return text.rstrip(" .")
