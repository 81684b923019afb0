"""Days and times for a calendar, as iCalendar (RFC 5545) has them.

What is written here is days, moments in UTC, texts, which takes an escape and a fold, and for what comes again on whole
days a rule with exceptions; what makes the format difficult, time zones, is left out. The tests read it back with a
library.
"""

from __future__ import annotations

import datetime
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MOST = 75
"""Octets in a line, its end not counted (RFC 5545, 3.1)."""
_MADE_BY = "-//facilitator//agreements//EN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something to be reminded of. `uid` stays the same for ever: who takes the entry in twice has it once."""

    uid: str
    title: str
    more: str = ""
    when: datetime.date | datetime.datetime
    """A day, or (with a time zone) a moment."""
    minutes: int = 15
    """How long a moment is shown to last."""
    rule: str = ""
    """An RRULE: the day comes again."""
    without: tuple[datetime.date, ...] = ()
    """Days of it that are left out."""
    task: bool = False
    """There is something to be done by that day, so that it can be a task."""
    done: bool = False


def calendar(entries: Iterable[Entry], now: datetime.datetime, *, tasks: bool = False) -> str:
    """The entries as a file with CRLF at the end of every line. `now`, with a time zone, is when it was made.

    Every entry is an event, which all calendars show; most (Google's, Outlook, Apple's) leave out tasks without a
    word. `tasks`: what is to be done is a task with a day all the same, for programs that have tasks."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{_MADE_BY}", "CALSCALE:GREGORIAN"]
    for entry in entries:
        lines += _task(entry, now) if tasks and entry.task else _event(entry, now)
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in folded(line))


def _event(entry: Entry, now: datetime.datetime) -> Iterator[str]:
    title = f"Done: {entry.title}" if entry.done else entry.title
    yield from ("BEGIN:VEVENT", f"UID:{text(entry.uid)}", f"DTSTAMP:{_utc(now)}")
    if isinstance(entry.when, datetime.datetime):
        end = entry.when + datetime.timedelta(minutes=entry.minutes)
        yield from (f"DTSTART:{_utc(entry.when)}", f"DTEND:{_utc(end)}")
    else:
        after = entry.when + datetime.timedelta(days=1)
        yield from (f"DTSTART;VALUE=DATE:{_day(entry.when)}", f"DTEND;VALUE=DATE:{_day(after)}")
        if entry.rule:
            yield f"RRULE:{entry.rule}"
        yield from (f"EXDATE;VALUE=DATE:{_day(day)}" for day in entry.without)
        yield "TRANSP:TRANSPARENT"  # a day on which something is due is no day that is taken
    yield from (f"SUMMARY:{text(title)}", *_more(entry), "END:VEVENT")


def _task(entry: Entry, now: datetime.datetime) -> Iterator[str]:
    """Its number is another one than that of the event, as a calendar may hold both."""
    yield from ("BEGIN:VTODO", f"UID:{text(f'task-{entry.uid}')}", f"DTSTAMP:{_utc(now)}")
    yield from (f"DUE;VALUE=DATE:{_day(entry.when)}", f"SUMMARY:{text(entry.title)}", *_more(entry))
    yield from (f"STATUS:{'COMPLETED' if entry.done else 'NEEDS-ACTION'}", "END:VTODO")


def _more(entry: Entry) -> list[str]:
    return [f"DESCRIPTION:{text(entry.more)}"] if entry.more else []


def text(value: str) -> str:
    """A text as a property has it: what would mean something else is escaped, and letters that are none (but for line
    breaks and tabs) are left out (RFC 5545, 3.3.11)."""
    value = "\n".join(value.splitlines())
    kept = "".join(letter for letter in value if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cs"))
    return kept.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def folded(line: str) -> Iterator[str]:
    """The line in pieces of at most MOST octets, each after the first with the space in front that says so; no letter
    is taken apart."""
    piece, size = "", 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > MOST:
            yield piece
            piece, size = " ", 1
        piece, size = piece + letter, size + octets
    yield piece


def _day(day: datetime.date) -> str:
    return f"{day.year:04}{day.month:02}{day.day:02}"


def _utc(moment: datetime.datetime) -> str:
    return f"{moment.astimezone(datetime.UTC):%Y%m%dT%H%M%SZ}"
