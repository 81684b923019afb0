"""What belongs into a calendar: days by which, decisions that cool off, returns after a break, the next talk."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from facilitator.core.agreements import Agreement, is_open
from facilitator.core.language.texts import Texts
from facilitator.core.session_notes import SessionNotes
from facilitator.report.agreements import bare, made
from facilitator.report.output.calendar import Entry
from facilitator.store.reader import Reader
from facilitator.store.session_notes import agreement_numbers, returns_of

HINT = "facilitator agreements --ics dates.ics"


def hint(notes: SessionNotes) -> str:
    """The command by which one has in a calendar what was agreed in a session; empty where nothing of it has a date."""
    dated = any(one.due or one.holds_from for one in notes.agreements)
    return HINT if dated or notes.breaks or notes.next_on else ""


def dates_of(
    reader: Reader,
    agreements: Iterable[Agreement],
    now: datetime.datetime,
    texts: Texts,
    *,
    everything: bool = False,
) -> list[Entry]:
    """What is open of these agreements, in their order, and of what was agreed on beside them; `everything`: also what
    is done and over."""
    numbered = agreement_numbers(reader)
    found = []
    for one in agreements:
        if is_open(one) or everything:
            found += agreement_entries(one, uid_of(numbered[one.agreement]), texts)
    return found + _returns(reader, now, texts, everything=everything)


def uid_of(row: Mapping[str, Any]) -> str:
    """`row` has the session's random `uid`, the same in every copy of it, and the `number` of the agreement in it."""
    return f"{row['number']}@{row['uid']}.facilitator"


def agreement_entries(one: Agreement, uid: str, texts: Texts, more: str | None = None) -> list[Entry]:
    """The day by which it is to be done, and when a decision has cooled off. `more`: what is told beside the title;
    None: in full, with everyone's names."""
    if more is None:
        agreed_on, names = texts.day(one.agreed_on), texts.listed(one.people)
        more = f"{made(one, texts)} {texts('agreed.calendar.agreed_on', day=agreed_on, names=names)}"
    found = []
    if one.due is not None:
        title = f"{bare(one.text)} ({one.owner})" if one.owner else bare(one.text)
        found.append(Entry(uid=f"due-{uid}", title=title, more=more, when=one.due, task=True, done=bool(one.kept)))
    if one.holds_from is not None:
        title = texts("agreed.calendar.stands", text=bare(one.text))
        found.append(
            Entry(uid=f"stands-{uid}", title=title, more=more, when=one.holds_from, done=one.stands is not None)
        )
    return found


def _returns(reader: Reader, now: datetime.datetime, texts: Texts, *, everything: bool) -> list[Entry]:
    """What was said last counts, in each session."""
    latest = {(row["uid"], row["kind"]): row for row in returns_of(reader)}
    found = [return_entry(row, texts.listed((row["people"] or "").split("\n")), texts) for row in latest.values()]
    return [entry for entry in found if everything or not over(entry, now)]


def return_entry(row: Mapping[str, Any], people: str, texts: Texts) -> Entry:
    """`row` of the table `returns`, with the session's `uid`. Of the next talk, only the day was agreed on."""
    uid = f"{row['kind']}@{row['uid']}.facilitator"
    title = (
        texts(f"agreed.calendar.{row['kind']}_of", names=people) if people else texts(f"agreed.calendar.{row['kind']}")
    )
    if row["kind"] == "next":
        return Entry(uid=uid, title=title, when=datetime.date.fromisoformat(row["return_on"]))
    moment = datetime.datetime.fromisoformat(row["return_at"])
    return Entry(uid=uid, title=title, when=moment, minutes=60)


def over(entry: Entry, now: datetime.datetime) -> bool:
    """Nobody needs to be reminded of it any more."""
    if isinstance(entry.when, datetime.datetime):
        return entry.when < now
    return entry.when < now.astimezone().date()
