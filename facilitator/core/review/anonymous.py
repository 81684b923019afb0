"""An account in which people are A, B, C, in the order of their seats: for a summary that leaves the table.

Whoever was there may still know who is who; whoever was not sees no name. What people said or wrote themselves is not
in it at all.
"""

from __future__ import annotations

import dataclasses
import string
from collections.abc import Mapping
from typing import Any

from facilitator.core.events import Agreed, AgreementChecked, Event, PromptDropped, SelfRated
from facilitator.core.language.names import WHO
from facilitator.core.review.account import Account
from facilitator.core.turntaking.timeline import Timeline

WORDED = (Agreed, AgreementChecked, PromptDropped, SelfRated)
"""They hold what people said or wrote, and no figure is made of them."""


def anonymous(account: Account) -> Account:
    others = [name for event in account.events for name in _named(event)]
    names = dict.fromkeys([*account.people, *account.declined, *others])
    letters = {name: letter(number) for number, name in enumerate(names)}
    return Account(
        people=tuple(letters[name] for name in account.people),
        declined=tuple(letters[name] for name in account.declined),
        timeline=Timeline.of(
            tile._replace(people=tuple(letters.get(name, "?") for name in tile.people)) for tile in account.timeline
        ),
        events=tuple(_without_names(event, letters) for event in account.events if not isinstance(event, WORDED)),
        targets=None
        if account.targets is None
        else {letters[name]: part for name, part in account.targets.items() if name in letters},
        newcomers=tuple(letters[name] for name in account.newcomers),
        listened=account.listened,
    )


def letter(number: int) -> str:
    """A to Z, then A2 to Z2, and so on."""
    again, place = divmod(number, len(string.ascii_uppercase))
    return string.ascii_uppercase[place] + (str(again + 1) if again else "")


def _named(event: Event) -> list[str]:
    single = [getattr(event, field, None) for field in WHO]
    return [name for name in (*single, *getattr(event, "people", ())) if name]


def _without_names(event: Event, letters: Mapping[str, str]) -> Event:
    changed: dict[str, Any] = {
        field: letters[name] for field in WHO if (name := getattr(event, field, None)) and name in letters
    }
    if people := getattr(event, "people", ()):
        changed["people"] = tuple(letters[name] for name in people)
    stage = getattr(event, "stage", "")
    if any(name.casefold() in stage.casefold() for name in letters):
        changed["stage"] = ""  # a stage that is called after somebody
    return dataclasses.replace(event, **changed) if changed else event
