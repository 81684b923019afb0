"""After a session: what is old goes (`start --keep`), or becomes its figures (`start --thin`). What stands in the way
is told, and tried again next time. Nobody is asked, so nothing goes by a clock that can be doubted."""

from __future__ import annotations

import datetime
from pathlib import Path

from facilitator.commands.options import before
from facilitator.commands.stored.asking import sessions
from facilitator.core.clock_doubt import Doubt, doubt, out_of_order
from facilitator.errors import StoreError, UsageError
from facilitator.resources.texts import english_day
from facilitator.store.people import People
from facilitator.store.upkeep.thinning import Thinning
from facilitator.terminal.tell import tell
from facilitator.terminal.to_type import to_type


def check_ages(keep: str | None, thin: str | None) -> None:
    """Raises UsageError for an age that is none, or for thinning only what is removed."""
    now = datetime.datetime.now(datetime.UTC)
    moments = [None if age is None else before(now, age) for age in (keep, thin)]
    if moments[0] is not None and moments[1] is not None and moments[1] <= moments[0]:
        raise UsageError(
            f"--thin {thin} thins nothing, as --keep {keep} removes sessions before that; give --thin the shorter time."
        )


def keep_only(age: str, db: Path) -> None:
    """What is older than this goes."""
    now = datetime.datetime.now(datetime.UTC)
    try:
        with People.open(db) as store:
            gone = _surely(store, store.older_than(before(now, age)), age, now, REMOVED)
            if gone:
                store.remove(gone)
                tell(f"{sessions(len(gone))} older than {age} removed, as you wished.")
    except StoreError as error:
        tell(error.message, err=True)


def thin_only(age: str, db: Path) -> None:
    """Of what is older than this, only the figures stay."""
    now = datetime.datetime.now(datetime.UTC)
    try:
        with Thinning.open(db) as store:
            old = _surely(store, store.old(before(now, age)), age, now, THINNED)
            left = store.thin(old, now.astimezone().date()) if old else []
            if len(old) > len(left):
                tell(f"{sessions(len(old) - len(left))} older than {age} thinned to figures, as you wished.")
    except StoreError as error:
        tell(error.message, err=True)


def _surely(
    store: People, old: list[int], age: str, now: datetime.datetime, told: dict[Doubt | None, str]
) -> list[int]:
    """Those of which it is certain that they are old; of the others it is told why they stay."""
    dated = store.dated()
    why = doubt(dated, now)
    stay = old if why is not None else sorted(out_of_order(dated) & {*old})
    if stay:
        sentence = told[why].format(sessions=sessions(len(stay)), age=age, day=english_day(now.date()))
        tell(to_type(sentence), err=True)
    return [session for session in old if session not in stay]


REMOVED: dict[Doubt | None, str] = {
    "ahead": "{sessions} would be older than {age}, but this computer's clock may have been put far forward: it says"
    " {day}, long after the session before. Nothing is removed before it has gone on for a week. If the day is right:"
    " facilitator forget --older-than {age}",
    "behind": "{sessions} would be older than {age}, but a session is stored that lies in the future, so nothing is"
    " removed: put this computer's clock right (it says {day}). If the day is right: facilitator forget --older-than"
    " {age}",
    None: "Not removed, though older than {age} by date: {sessions}, as later ones were stored before; the clock may"
    " have been wrong, or a recording was taken in. If the date is right: facilitator forget --older-than {age}",
}
"""Why sessions are not removed by their age alone. None: the clock is right now."""
THINNED: dict[Doubt | None, str] = {
    why: sentence.replace("removed", "thinned").replace("facilitator forget", "facilitator thin")
    for why, sentence in REMOVED.items()
}
"""The same of thinning."""
