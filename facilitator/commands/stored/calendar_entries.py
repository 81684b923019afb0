"""What belongs into a calendar: days by which, decisions that cool off, returns after a break, the next talk."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from facilitator.core.agreements import Agreement, is_open
from facilitator.core.language.texts import Texts
from facilitator.core.session_notes import SessionNotes
from facilitator.report.agreements import bare, made
from facilitator.report.output.calendar import Entry
from facilitator.store.notebook.recurring import Recurrence, series_of
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
    numbered, again = agreement_numbers(reader), series_of(reader)
    found = []
    for one in agreements:
        if (series := again.get(one.agreement)) is not None and (is_open(one) or everything):
            found += repeated(one, uid_of(numbered[one.agreement]), series, texts)
        elif is_open(one) or everything:
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


def repeated(one: Agreement, uid: str, series: Recurrence, texts: Texts) -> list[Entry]:
    """What comes again, as one entry that does; where it goes round, one for each person. A time that somebody else
    takes is an entry of its own."""
    title, more = bare(one.text), made(one, texts)
    people = series.turns or (series.owner,)
    first = series.days(series.starts_on, series.starts_on + datetime.timedelta(days=366))[: len(people)]
    found = []
    for place, (person, day) in enumerate(zip(people, first, strict=False), 1):
        mine = spread(series.rule, len(people))
        left_out = [on for on, time in sorted(series.times.items()) if time.skipped or time.person]
        entry = Entry(
            uid=f"again-{place}-{uid}",
            title=f"{title} ({person})" if person else title,
            more=more,
            when=day,
            rule=mine,
            without=tuple(on for on in left_out if replace(series, rule=mine, starts_on=day).is_one(on)),
        )
        found.append(entry)
    swapped = [(on, time.person) for on, time in sorted(series.times.items()) if time.person and not time.skipped]
    return [
        *found,
        *(
            Entry(uid=f"swap-{on.isoformat()}-{uid}", title=f"{title} ({who})", more=more, when=on)
            for on, who in swapped
        ),
    ]


def spread(rule: str, people: int) -> str:
    """The rule for one of so many who take turns."""
    parts = dict(part.split("=", 1) for part in rule.split(";"))
    interval = int(parts.get("INTERVAL", "1")) * people
    return ";".join(f"{key}={value}" for key, value in {**parts, "INTERVAL": str(interval)}.items())


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
