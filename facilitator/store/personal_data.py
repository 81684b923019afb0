"""What the database holds of one person, and no more: every row that is theirs, without the names of the others.

Which rows are theirs is read from the schema: those that point to them. So a new table is in it by itself, or has to
be named here; the tests see to that. Numbers that two people share (one cut in on the other) are in it, with the
other as OTHER.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from facilitator.core.language.names import NAME_FIELDS, NAMED, NAMES_FIELDS, TEXT_FIELDS, Replacing, folded
from facilitator.core.text import cleaned
from facilitator.core.trends.history import Participation
from facilitator.core.turntaking.airtime import can_be_compared
from facilitator.store import names as store_names
from facilitator.store.corrections import called_in, corrected_sessions
from facilitator.store.items import local, marks, moment
from facilitator.store.measures import Measures
from facilitator.store.people import forgotten
from facilitator.store.schema import migrations

OTHER = "another participant"
OF_SESSION = {"sessions": "id", "stages": "session", "returns": "session"}
"""Tables that tell of a session as a whole, and the column with its number: of the sessions they took part in."""
LOGGED = ("events", "corrections")
"""Rows whose `body` says whom they are about."""
SHARED = {"agreements": "owner", "ideas": "person", "deciders": "person"}
"""Tables in which an empty column means everyone who was there."""
OF_AGREEMENT = ("recurrences", "cooling_rules")
"""Rows that say more of an agreement: theirs where it is."""
OF_GROUP = ("groups",)
"""Rows that say of which group they are."""
LEFT_OUT = (migrations.MIGRATIONS.migrations_table, "removed_sessions")
"""Nobody's."""
SETUP = (
    "listening", "hears_itself", "hears_words", "consent_by_hand",
    "budget", "weekday", "day", "utc_offset_minutes",
)  # fmt: skip
"""What a session began with that is about everyone alike."""

_TAKING_PART = (
    "SELECT t.session, count(*) AS n FROM seats t JOIN people p ON p.id = t.person JOIN sessions s ON s.id = t.session"
    " WHERE t.heard = 1 AND p.name IS NOT json_extract(s.setup, '$.host') GROUP BY t.session"
)
"""Of those who are listened to, all but a host."""
_SEATS = "SELECT session, count(*) AS n FROM seats GROUP BY session"
_FIGURES = ("airtime_s", "turns", "longest_turn_s", "cut_ins_made", "cut_ins_received")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sat:
    """One session of theirs in figures. Shares are 0 to 1; `low` to `high` is the likely range, None where the session
    has not ended."""

    session: int
    uid: str
    started_at: datetime.datetime
    """As the clocks at the table showed it."""
    format: str
    minutes: float
    others: int
    """How many took part beside them."""
    heard: bool
    airtime_s: float
    share: float | None
    """None: it cannot be told, as nobody was listened to with whom theirs could be compared."""
    low: float | None
    high: float | None
    turns: int
    longest_turn_s: float
    cut_ins_made: int
    cut_ins_received: int
    ratings: Mapping[str, int]
    fair: Mapping[str, int]
    """How fair it felt to them how something was shared, 1 to 5."""
    said: tuple[tuple[int, str], ...]
    """What the facilitator said to them or about them: when, in ms, and the words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalData:
    names: tuple[str, ...]
    """As they are written, the latest first."""
    sat: tuple[Sat, ...]
    tables: Mapping[str, list[Row]]
    """Every table with the rows that are theirs, as in docs/schema.md."""
    uids: Mapping[int, str]
    """What each session is called in every copy of it."""


class OnePerson(Measures):
    """The database, to find what is one person's."""

    def mine(self, names: Sequence[str], since: datetime.datetime | None = None) -> PersonalData:
        """`names`: every way in which their name is written. `since`: only sessions that began then or later."""
        everyone = self._db.execute("SELECT id, name FROM people WHERE group_id IS ?", [self.group_id])
        mine = {number: name for number, name in everyone if name in names}
        held = self.held()  # first, as it brings the table `measures` up to date
        written = {cleaned(name) for name in names}
        ranges = {one.session: part for one in held for name in written if (part := one.by_name.get(name))}
        sessions = [row["session"] for row in self._sessions(mine, since)]
        rows = _Rows(self._replacing(names), mine, self._called_before(names, sessions))
        tables = {
            table: list(self._rows_of(table, mine, sessions, everything=since is None, rows=rows))
            for table in self.table_names()
            if table not in LEFT_OUT
        }
        return PersonalData(
            names=tuple(names),
            sat=tuple(self._sat(sessions, tables, mine, ranges)),
            tables=tables,
            uids={row["id"]: row["uid"] for row in self.query("SELECT id, uid FROM sessions")},
        )

    def _called_before(self, names: Sequence[str], sessions: Sequence[int]) -> dict[int, set[str]]:
        """What they were called in a session, folded, where a correction has put that right since."""
        put_right = {*corrected_sessions(self)} & {*sessions}
        return {session: {folded(heard) for heard in called_in(self, session, names)} for session in put_right}

    def table_names(self) -> list[str]:
        found = self.query("SELECT name FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL ORDER BY rowid")
        return [row["name"] for row in found]

    def _sessions(self, mine: Mapping[int, str], since: datetime.datetime | None) -> Iterator[Row]:
        for row in self.query(
            "SELECT DISTINCT t.session, s.started_at FROM seats t JOIN sessions s ON s.id = t.session"
            f" WHERE t.person IN ({marks(mine)}) ORDER BY t.session",
            list(mine),
        ):
            if since is None or moment(row["started_at"]) >= since:
                yield row

    def _replacing(self, names: Sequence[str]) -> Replacing:
        """Makes everybody else another participant."""
        nameless = forgotten(self)
        others = [name for name in store_names.others(self._db, names) if name not in nameless]
        return Replacing(store_names.forms(self._db, others, OTHER), names)

    def _rows_of(
        self, table: str, mine: Mapping[int, str], sessions: Sequence[int], *, everything: bool, rows: _Rows
    ) -> Iterator[Row]:
        """`everything`: also what belongs to none of the sessions, such as how a name is spelled for the voice."""
        own, there = marks(mine), marks(sessions)
        if table in LOGGED:
            found = self.query(f"SELECT * FROM {table} WHERE session IN ({there}) ORDER BY rowid", sessions)
            yield from (row for one in found if (row := rows.logged(one)) is not None)
            return
        if table in OF_SESSION:
            found = self.query(f"SELECT * FROM {table} WHERE {OF_SESSION[table]} IN ({there}) ORDER BY 1", sessions)
            yield from (rows.plain(table, one, {}) for one in found)
            return
        if table in OF_AGREEMENT:
            found = self.query(
                f"SELECT * FROM {table} WHERE agreement IN (SELECT id FROM agreements WHERE owner IN ({own})"
                f" OR (owner IS NULL AND session IN ({there}))) ORDER BY 1",
                [*mine, *sessions],
            )
            yield from (rows.plain(table, one, {}) for one in found)
            return
        if table in OF_GROUP:
            found = self.query(f"SELECT * FROM {table} WHERE id IS ?", [self.group_id])
            yield from (rows.plain(table, one, {}) for one in found)
            return
        columns = {column for name, column, _ in store_names.references(self._db) if name == table}
        if table == "people":
            columns = {"id"}
        known = {row["name"] for row in self.query(f"SELECT name FROM pragma_table_info('{table}')")}
        which, values = " OR ".join(f"{column} IN ({own})" for column in sorted(columns)), list(mine) * len(columns)
        if table in SHARED:
            which, values = f"{which} OR ({SHARED[table]} IS NULL AND session IN ({there}))", [*values, *sessions]
        if not everything and "session" in known:
            which, values = f"({which}) AND session IN ({there})", [*values, *sessions]
        people = dict.fromkeys(columns - {"id"}, "")
        for one in self.query(f"SELECT * FROM {table} WHERE {which or '0'} ORDER BY rowid", values):
            yield rows.plain(table, one, people)

    def _sat(
        self,
        sessions: Sequence[int],
        tables: Mapping[str, list[Row]],
        mine: Mapping[int, str],
        ranges: Mapping[int, Participation],
    ) -> Iterator[Sat]:
        figures = self.query(f"SELECT * FROM v_airtime WHERE person IN ({marks(mine)})", list(mine.values()))
        lines = {row["session"]: row for row in figures}
        lasted = {row["session"]: row["minutes"] for row in self.query("SELECT session, minutes FROM v_sessions")}
        seats = {row["session"]: row["n"] for row in self.query(_SEATS)}
        taking_part = {row["session"]: row["n"] for row in self.query(_TAKING_PART)}
        told = {number: can_be_compared(range(taking_part.get(number, 0))) for number in seats}
        for row in tables["sessions"]:
            number, line, part = row["id"], lines[row["id"]], ranges.get(row["id"])
            yield Sat(
                session=number,
                uid=row["uid"],
                started_at=local(row["started_at"], row["setup"].get("utc_offset_minutes", 0)),
                format=row["format"],
                minutes=lasted[number],
                others=seats[number] - 1,
                heard=bool(line["heard"]),
                share=line["share"] if told[number] else None,
                low=part.low if part is not None and told[number] else None,
                high=part.high if part is not None and told[number] else None,
                ratings={one["what"]: one["value"] for one in tables["ratings"] if one["session"] == number},
                fair={one["indicator"]: one["value"] for one in tables["self_ratings"] if one["session"] == number},
                said=tuple(
                    (one["start_ms"], one["text"])
                    for one in tables["prompts"]
                    if one["session"] == number and one["text"] and one["start_ms"] is not None
                ),
                **{name: line[name] for name in _FIGURES},
            )


class _Rows:
    """Rows as they are handed out: nobody else's name in them."""

    def __init__(self, replacing: Replacing, mine: Mapping[int, str], called_before: Mapping[int, set[str]]) -> None:
        self._replacing, self._mine, self._called_before = replacing, mine, called_before
        self._everywhere = {folded(name) for name in mine.values()}
        self._name_now = next(iter(mine.values()), "")
        self._own = self._everywhere

    def plain(self, table: str, row: Row, people: Mapping[str, str]) -> Row:
        """`people`: the columns that point to somebody."""
        known = store_names.PLAIN.get(table, ())
        self._in_session(row["id"] if table == "sessions" else row.get("session"))
        found: Row = {}
        for column, value in row.items():
            if column in people:
                found[column] = None if value is None else self._mine.get(value, OTHER)
            elif (table, column) == ("sessions", "setup"):
                found[column] = self._setup(json.loads(value))
            elif isinstance(value, str) and column not in known:
                found[column] = self._replacing.text(value)
            else:
                found[column] = value
        return found

    def logged(self, row: Row) -> Row | None:
        """None: it is not about them."""
        body: Row = json.loads(row["body"])
        self._in_session(row["session"])
        named = [body[key] for key in NAME_FIELDS & body.keys()]
        named += [name for key in NAMES_FIELDS & body.keys() for name in body[key]]
        if not any(isinstance(name, str) and folded(name) in self._own for name in named):
            return None
        change: dict[str, Callable[[Any], Any]] = {
            **dict.fromkeys(NAME_FIELDS, self._name),
            **dict.fromkeys(NAMES_FIELDS, lambda names: [self._name(name) for name in names]),
            **dict.fromkeys(TEXT_FIELDS, self._replacing.text),
        }
        body = {
            key: change[key](value) if key in change and value else self._replacing.inside(value)
            for key, value in body.items()
        }
        return row | {"body": body}

    def _in_session(self, session: int | None) -> None:
        self._own = self._everywhere | self._called_before.get(session or 0, set())

    def _name(self, name: str) -> str:
        if folded(name) in self._everywhere:
            return name
        return self._name_now if folded(name) in self._own else OTHER

    def _setup(self, setup: Row) -> Row:
        """What is theirs of what the session began with, or about everyone alike. Formats and phrases are nobody's."""
        found: Row = {key: setup[key] for key in SETUP if key in setup}
        found |= {
            key: {
                self._name(name): value for name, value in (setup.get(key) or {}).items() if folded(name) in self._own
            }
            for key in NAMED
        }
        found |= {key: self._name(name) for key in ("host", "first") if (name := setup.get(key))}
        found["people"] = [self._name(name) for name in setup["people"]]
        found["wake"] = self._replacing.text(setup.get("wake") or "")
        found["steps"] = [self._replacing.text(step) for step in setup.get("steps") or ()]
        found["rules"] = [self._replacing.text(rule) for rule in setup.get("rules") or ()]
        found["goals"] = [self._replacing.text(goal) for goal in setup.get("goals") or ()]
        found["cooling_rules"] = [
            rule | {"text": self._replacing.text(rule["text"])} for rule in setup.get("cooling_rules") or ()
        ]
        found["due"] = [
            one
            | {"text": self._replacing.text(one["text"])}
            | {key: self._name(one[key]) for key in ("next_owner",) if one.get(key)}
            for one in setup.get("due") or ()
            if not one["owner"] or folded(one["owner"]) in self._own
        ]
        return found
