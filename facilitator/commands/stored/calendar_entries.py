"""What belongs into a calendar: days by which, decisions that cool off, returns after a break, the next talk."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from facilitator.core.agreements import Agreement, is_open
from facilitator.core.session_notes import SessionNotes
from facilitator.core.text import listed
from facilitator.report.agreements import bare, day_in_words, made
from facilitator.report.output.calendar import Entry
from facilitator.store.reader import Reader
from facilitator.store.session_notes import agreement_numbers, returns_of

HINT = "To have the dates in your calendar: facilitator agreements --ics dates.ics"


def hint(notes: SessionNotes) -> str:
    """How to have in a calendar what was agreed in a session; empty where nothing of it has a date."""
    dated = any(one.due or one.holds_from for one in notes.agreements)
    return HINT if dated or notes.breaks or notes.next_on else ""


def dates_of(
    reader: Reader, agreements: Iterable[Agreement], now: datetime.datetime, *, everything: bool = False
) -> list[Entry]:
    """What is open of these agreements, in their order, and of what was agreed on beside them; `everything`: also what
    is done and over."""
    numbered = agreement_numbers(reader)
    found = []
    for one in agreements:
        if is_open(one) or everything:
            found += agreement_entries(one, uid_of(numbered[one.agreement]))
    return found + _returns(reader, now, everything)


def uid_of(row: Mapping[str, Any]) -> str:
    """`row` has the session's random `uid`, the same in every copy of it, and the `number` of the agreement in it."""
    return f"{row['number']}@{row['uid']}.facilitator"


def agreement_entries(one: Agreement, uid: str, more: str | None = None) -> list[Entry]:
    """The day by which it is to be done, and when a decision has cooled off. `more`: what is told beside the title;
    None: in full, with everyone's names."""
    if more is None:
        more = f"{made(one)} Agreed on {day_in_words(one.agreed_on)} by {listed(one.people)}."
    found = []
    if one.due is not None:
        title = f"{bare(one.text)} ({one.owner})" if one.owner else bare(one.text)
        found.append(Entry(uid=f"due-{uid}", title=title, more=more, when=one.due, task=True, done=bool(one.kept)))
    if one.holds_from is not None:
        title = f"Does it still stand? {bare(one.text)}"
        found.append(
            Entry(uid=f"stands-{uid}", title=title, more=more, when=one.holds_from, done=one.stands is not None)
        )
    return found


def _returns(reader: Reader, now: datetime.datetime, everything: bool) -> list[Entry]:
    """What was said last counts, in each session."""
    latest = {(row["uid"], row["kind"]): row for row in returns_of(reader)}
    found = [return_entry(row, listed((row["people"] or "").split("\n"))) for row in latest.values()]
    return [entry for entry in found if everything or not over(entry, now)]


def return_entry(row: Mapping[str, Any], people: str) -> Entry:
    """`row` of the table `returns`, with the session's `uid`. Of the next talk, only the day was agreed on."""
    uid = f"{row['kind']}@{row['uid']}.facilitator"
    who = f": {people}" if people else ""
    if row["kind"] == "next":
        return Entry(uid=uid, title=f"The next talk{who}", when=datetime.date.fromisoformat(row["return_on"]))
    moment = datetime.datetime.fromisoformat(row["return_at"])
    return Entry(uid=uid, title=f"Going on after the break{who}", when=moment, minutes=60)


def over(entry: Entry, now: datetime.datetime) -> bool:
    """Nobody needs to be reminded of it any more."""
    if isinstance(entry.when, datetime.datetime):
        return entry.when < now
    return entry.when < now.astimezone().date()
