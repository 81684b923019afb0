"""Whether the computer's clock can be believed, before sessions are removed by it without anybody being asked.

A computer whose battery is flat begins in another year, and a date is soon typed wrongly. A clock that is far ahead
makes every session an old one. That shows: no time has passed from the last session to now, or nearly all of the time
that was ever recorded. Whoever really meets so seldom loses nothing by the doubt: it is over a week later.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

GAP = datetime.timedelta(days=100)
"""Longer than a quarter. So long without a session, or in the middle of one, the clock may have been put forward."""
SETTLED = datetime.timedelta(days=7)
"""When so much has passed since, as the sessions of that time show, it is believed."""
SLACK = datetime.timedelta(hours=1)
"""By so much a clock is put right every now and then."""

Doubt = Literal["ahead", "behind"]
"""`ahead`: it seems to have been put far forward; `behind`: sessions are stored that lie in the future."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A session by the clock of its time."""

    number: int
    """Sessions were stored in the order of these."""
    began: datetime.datetime
    ended: datetime.datetime


def doubt(sessions: Sequence[Dated], now: datetime.datetime) -> Doubt | None:
    """Why the clock is not to be believed; None: nothing speaks against it."""
    moments = sorted({moment for one in sessions for moment in (one.began, one.ended)})
    if moments and moments[-1] > now + SLACK:
        return "behind"
    for before, after in reversed(list(pairwise([*moments, now]))):
        if after - before > GAP:
            return "ahead" if now - after < SETTLED else None
    return None


def out_of_order(sessions: Sequence[Dated]) -> frozenset[int]:
    """The numbers of those that are dated before one that was stored earlier: the clock was behind at one of them, or
    they were taken in later. By their date alone they are not to be removed."""
    found, latest = set(), None
    for one in sorted(sessions, key=lambda session: session.number):
        if latest is not None and one.began < latest - SLACK:
            found.add(one.number)
        latest = one.began if latest is None else max(latest, one.began)
    return frozenset(found)
