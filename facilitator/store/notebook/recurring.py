"""Agreements that come again: on which days, whose turn it is, and what is said of each time.

The days follow from a rule as calendars have it (RFC 5545, RRULE), which python-dateutil reads. Whose turn it is goes
by the number of the time, whether or not it took place: so a day that is left out, or swapped, moves nobody else's.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dateutil.rrule import rrule, rrulestr

from facilitator.core.events import Every
from facilitator.errors import StoreError
from facilitator.store.notebook.changes import Changes
from facilitator.store.reader import Reader, reads_rows

RULES: Mapping[Every, str] = {
    "week": "FREQ=WEEKLY",
    "fortnight": "FREQ=WEEKLY;INTERVAL=2",
    "month": "FREQ=MONTHLY",
}
LAST_IN_ALL = 28
"""Every month has this day."""


def rule_of(every: Every, starts_on: datetime.date) -> str:
    """Monthly from the 31st on is the last day of each month, and no month is left out."""
    if every != "month" or starts_on.day <= LAST_IN_ALL:
        return RULES[every]
    days = ",".join(map(str, range(LAST_IN_ALL, starts_on.day + 1)))
    return f"{RULES[every]};BYMONTHDAY={days};BYSETPOS=-1"


def every_of(rule: str) -> Every:
    """How often that is, in the words that there are for it; empty: there are none."""
    plain = ";".join(part for part in rule.split(";") if not part.startswith("BY"))
    return next((every for every, one in RULES.items() if one == plain), "")


LOOK_AHEAD = datetime.timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """One of the times, where something is said of it."""

    skipped: bool = False
    person: str = ""
    """Whose turn it is instead; empty: as it goes round."""
    kept: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """All the times of one agreement."""

    rule: str
    starts_on: datetime.date
    turns: tuple[str, ...] = ()
    """Who takes turns, the first one first; none: it is not by turns."""
    owner: str = ""
    times: Mapping[datetime.date, Time] = field(default_factory=dict)

    def days(self, first: datetime.date, last: datetime.date) -> list[datetime.date]:
        """Those within these days, the ends included; also those that are left out."""
        found = self._rule().between(_midnight(first), _midnight(last), inc=True)
        return [moment.date() for moment in found]

    def person(self, day: datetime.date) -> str:
        """Whose turn it is then; empty: everyone's."""
        instead = self.times.get(day, Time()).person
        if instead or not self.turns:
            return instead or self.owner
        number = len(self.days(self.starts_on, day)) - 1
        return self.turns[number % len(self.turns)]

    def next_after(self, day: datetime.date) -> datetime.date | None:
        later = self.days(day + datetime.timedelta(days=1), day + LOOK_AHEAD)
        return next((one for one in later if not self.times.get(one, Time()).skipped), None)

    def due(self, today: datetime.date) -> datetime.date | None:
        """The latest time that has come and of which nobody has said anything; None: there is none. Older ones are
        not brought up again: nobody is confronted with a list."""
        past = [day for day in self.days(self.starts_on, today) if not self.times.get(day, Time()).skipped]
        return past[-1] if past and self.times.get(past[-1], Time()).kept is None else None

    def is_one(self, day: datetime.date) -> bool:
        return day in self.days(day, day)

    def _rule(self) -> rrule:
        found = rrulestr(self.rule, dtstart=_midnight(self.starts_on))
        assert isinstance(found, rrule)
        return found


def _midnight(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time())


@reads_rows
def series_of(reader: Reader, agreements: list[int] | None = None) -> dict[int, Recurrence]:
    """By the number of the agreement, of those that come again."""
    rows = reader.query(
        "SELECT r.agreement, r.rule, r.starts_on, coalesce(p.name, '') AS owner FROM recurrences r"
        " JOIN agreements a ON a.id = r.agreement LEFT JOIN people p ON p.id = a.owner"
    )
    turns: dict[int, list[str]] = {}
    for row in reader.query(
        "SELECT agreement, name FROM rotations JOIN people ON people.id = person ORDER BY agreement, place"
    ):
        turns.setdefault(row["agreement"], []).append(row["name"])
    times: dict[int, dict[datetime.date, Time]] = {}
    for row in reader.query(
        "SELECT agreement, day, skipped, kept, coalesce(name, '') AS name FROM occurrences"
        " LEFT JOIN people ON people.id = person"
    ):
        kept = None if row["kept"] is None else bool(row["kept"])
        one = Time(skipped=bool(row["skipped"]), person=row["name"], kept=kept)
        times.setdefault(row["agreement"], {})[datetime.date.fromisoformat(row["day"])] = one
    return {
        row["agreement"]: Recurrence(
            rule=row["rule"],
            starts_on=datetime.date.fromisoformat(row["starts_on"]),
            turns=tuple(dict.fromkeys(turns.get(row["agreement"], ()))),
            owner=row["owner"],
            times=times.get(row["agreement"], {}),
        )
        for row in rows
        if agreements is None or row["agreement"] in agreements
    }


@reads_rows
def due_times(reader: Reader, agreements: Mapping[int, str], today: datetime.date) -> Iterator[dict[str, Any]]:
    """What a session begins with, of these agreements (number -> words): in the terms of `core.setup.Setup.due`."""
    for number, series in sorted(series_of(reader, list(agreements)).items()):
        day = series.due(today)
        if day is None:
            continue
        found = {"agreement": number, "text": agreements[number], "owner": series.person(day), "day": day.isoformat()}
        following = series.next_after(max(day, today - datetime.timedelta(days=1)))
        if following is not None and series.turns:
            found |= {"next_owner": series.person(following), "next_day": following.isoformat()}
        yield found


class Times(Changes):
    """To say how often an agreement comes again and what of one of its times."""

    def repeat(self, agreement: int, every: Every, *, by_turns: bool) -> None:
        """From its day on (or, without one, from the day on which it was made). Raises StoreError."""
        with self._change():
            row = self._agreement(agreement)
            self._db.execute("DELETE FROM recurrences WHERE agreement = ?", [agreement])
            self._db.execute("DELETE FROM rotations WHERE agreement = ?", [agreement])
            if not every:
                return
            starts_on = row["due"] or row["agreed_on"]
            rule = rule_of(every, datetime.date.fromisoformat(starts_on))
            self._db.execute("INSERT INTO recurrences VALUES (?, ?, ?)", [agreement, rule, starts_on])
            people = self.query(
                "SELECT t.person FROM seats t JOIN people p ON p.id = t.person"
                " WHERE t.session = ?1 AND (t.person IS ?2 OR p.name <> ?3) ORDER BY t.person IS NOT ?2, t.position",
                [row["session"], row["owner"], self.setup_now(row["session"]).host],
            )
            for place, one in enumerate(people if by_turns else (), 1):
                values = [row["session"], agreement, place, one["person"]]
                self._db.execute("INSERT INTO rotations VALUES (?, ?, ?, ?)", values)

    def say(self, agreement: int, day: datetime.date, what: Time) -> None:
        """Something of one of its times; what was said of it before stays where nothing new is. Raises StoreError."""
        with self._change():
            self._agreement(agreement)
            series = series_of(self, [agreement]).get(agreement)
            if series is None:
                raise StoreError(f"Number {agreement} does not come again; say so with --every {agreement} week.")
            if not series.is_one(day):
                following = series.next_after(day)
                instead = f"; the next one is {following.isoformat()}" if following is not None else ""
                raise StoreError(f"{day.isoformat()} is none of its days{instead}.")
            person = None
            if what.person:
                found = self.query(
                    "SELECT p.id FROM people p JOIN agreements a ON a.id = ? JOIN sessions s ON s.id = a.session"
                    " WHERE p.name = ? AND p.group_id IS s.group_id",
                    [agreement, what.person],
                )
                if not found:
                    raise StoreError(f"Nobody called {what.person} is known here.")
                person = found[0]["id"]
            old = series.times.get(day, Time())
            kept = old.kept if what.kept is None else what.kept
            self._db.execute(
                "INSERT OR REPLACE INTO occurrences (agreement, day, skipped, person, kept) VALUES (?, ?, ?, ?, ?)",
                [agreement, day.isoformat(), int(what.skipped), person, kept],
            )

    def _agreement(self, number: int) -> dict[str, Any]:
        found = self.query("SELECT * FROM agreements WHERE id = ?", [number])
        if not found:
            raise StoreError(f"There is no agreement {number}; `facilitator agreements` lists them.")
        if found[0]["kind"] != "agreement":
            raise StoreError(f"Number {number} is a {found[0]['kind']}, which does not come again.")
        return found[0]
