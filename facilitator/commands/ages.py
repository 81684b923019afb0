"""Ages and days as people type them."""

from __future__ import annotations

import datetime
import re

from facilitator.errors import UsageError

_DAYS = {"d": 1.0, "w": 7.0, "m": 30.44, "y": 365.25}


def parse_age(text: str) -> datetime.timedelta:
    """`180d`, `26w`, `6m`, `2y`: days, weeks, months, years."""
    found = re.fullmatch(r"(\d{1,4})\s*([dwmy])[a-z]*", text.strip().lower())
    if found is None or not int(found[1]):
        raise UsageError(f"“{text}” is no age: type days, weeks, months or years, such as 180d, 26w, 6m or 2y.")
    return datetime.timedelta(days=int(found[1]) * _DAYS[found[2]])


def parse_since(text: str, now: datetime.datetime) -> datetime.datetime:
    """A day, `2026-01-31`, or an age. The moment at which it begins, with a time zone."""
    try:
        day = datetime.date.fromisoformat(text.strip())
    except ValueError:
        try:
            return before(now, text)
        except UsageError:
            raise UsageError(f"“{text}” is no day and no age: type 2026-01-31, or 180d, 26w, 6m, 2y.") from None
    return datetime.datetime.combine(day, datetime.time()).astimezone()


def before(now: datetime.datetime, age: str) -> datetime.datetime:
    """The moment so long before. Raises UsageError for one before all calendars."""
    try:
        return now - parse_age(age)
    except OverflowError:
        raise UsageError(f"“{age}” is longer ago than any calendar knows.") from None
