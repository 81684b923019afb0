"""What `trends` needs of every session, fast: what has to be counted from the speech is counted once and kept."""

from __future__ import annotations

import datetime
import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Self

from facilitator.core.review.apply_corrections import corrected, follow
from facilitator.core.trends.history import Held, Participation
from facilitator.core.turntaking.timeline import Tile
from facilitator.core.turntaking.uncertainty import Interval, intervals
from facilitator.store import database
from facilitator.store.corrections import heard_account
from facilitator.store.items import moment
from facilitator.store.reader import Reader

_ENDED = """
  SELECT s.id, s.started_at, s.format, s.group_id, coalesce(g.name, '') AS group_name,
    (SELECT max(seq) FROM events WHERE session = s.id) AS upto
  FROM sessions s LEFT JOIN groups g ON g.id = s.group_id WHERE s.ended_at IS NOT NULL ORDER BY s.started_at, s.id
"""
_SPEECH = """
  SELECT session, person, sum(end_ms - start_ms) AS long, sum((1 - confidence) * (end_ms - start_ms)) AS doubt,
    sum(end_ms - start_ms + pause_ms) AS airtime,
    total(CASE voice WHEN 'guest' THEN end_ms - start_ms END) AS guest,
    total(CASE voice WHEN 'guest' THEN (1 - confidence) * (end_ms - start_ms) END) AS guest_doubt
  FROM speech WHERE session IN ({}) AND counted = 1 GROUP BY session, person
"""
"""In the order of an index: of a file with hundreds of sessions it is counted in a tenth of a second."""
_SETUPS = """
  SELECT id AS session, json_extract(setup, '$.host') AS host, json_extract(setup, '$.targets') AS targets
  FROM sessions WHERE id IN ({}) AND json_valid(setup)
"""


class Measures(Reader):
    """Sessions that have ended, as they are compared with each other."""

    @classmethod
    def beside(cls, reader: Reader) -> Self:
        """Of a database that is open already."""
        measures = cls(reader._db, reader.path)
        measures._lock = reader._lock
        return measures

    def held(self, since: datetime.datetime | None = None, only: Collection[int] | None = None) -> list[Held]:
        """The first one first; where a group was said, of its. `since` (with a time zone): those that began then
        or later; `only`: of these sessions."""
        ended = {row["id"]: row for row in self.query(_ENDED) if only is None or row["id"] in only}
        if self.group is not None:
            group = self.group_id
            ended = {number: row for number, row in ended.items() if row["group_id"] == group}
        self._measure(ended)
        chosen = {number: row for number, row in ended.items() if since is None or moment(row["started_at"]) >= since}
        return self._held(chosen)

    def _held(self, sessions: Mapping[int, dict[str, Any]]) -> list[Held]:
        moods: dict[tuple[int, int], dict[str, int]] = defaultdict(dict)
        for row in self.query("SELECT session, person, what, value FROM ratings ORDER BY id"):
            moods[row["session"], row["person"]][row["what"]] = row["value"]
        fair: dict[tuple[int, int], dict[str, int]] = defaultdict(dict)
        for row in self.query("SELECT session, person, indicator, value FROM self_ratings ORDER BY id"):
            fair[row["session"], row["person"]][row["indicator"]] = row["value"]
        parts: dict[int, list[Participation]] = defaultdict(list)
        for row in self.query(
            "SELECT t.session, t.person, p.name, t.heard, n.person IS NOT NULL AS nameless, m.aim, m.airtime_ms, m.low,"
            " m.high FROM seats t JOIN people p ON p.id = t.person LEFT JOIN nameless n ON n.person = t.person"
            f" LEFT JOIN {self._table} m ON m.session = t.session AND m.person = t.person"
            " ORDER BY t.session, t.position"
        ):
            if row["session"] in sessions:
                mood = moods[row["session"], row["person"]]
                parts[row["session"]].append(
                    Participation(
                        name=row["name"],
                        heard=bool(row["heard"]),
                        nameless=bool(row["nameless"]),
                        aim=row["aim"],
                        airtime_ms=row["airtime_ms"],
                        low=row["low"],
                        high=row["high"],
                        guess=mood.get("share"),
                        arriving=mood.get("arriving"),
                        leaving=mood.get("leaving"),
                        fair=fair.get((row["session"], row["person"]), {}),
                    )
                )
        names = {row["id"]: row["name"] for row in self.query("SELECT id, name FROM people")}
        cut_ins: dict[int, dict[tuple[str, str], int]] = defaultdict(dict)
        lost: dict[int, int] = defaultdict(int)
        for row in self.query(
            "SELECT session, by_person, over_person, sum(kind = 'cut-in') AS n, sum(coalesce(lost_ms, 0)) AS lost"
            " FROM cut_ins GROUP BY session, by_person, over_person"
        ):
            lost[row["session"]] += row["lost"]
            if row["n"]:
                cut_ins[row["session"]][names[row["by_person"]], names[row["over_person"]]] = row["n"]
        floor = self._sums(
            "SELECT session, sum(coalesce(used_ms, end_ms - start_ms)) AS n FROM floor WHERE protected = 1"
            " GROUP BY session"
        )
        said = "FROM agreements GROUP BY 1"  # where it was said outside of any session, that of the agreement counts
        asked = self._sums(f"SELECT coalesce(kept_session, session) AS session, count(kept) AS n {said}")
        kept = self._sums(f"SELECT coalesce(kept_session, session) AS session, sum(kept) AS n {said}")
        said_of: dict[str, dict[int, dict[str, int]]] = {
            "ideas": defaultdict(dict),
            "deciders": defaultdict(dict),
        }
        for table, counted in said_of.items():
            for row in self.query(f"SELECT session, person, count(*) AS n FROM {table} GROUP BY session, person"):
                counted[row["session"]][names[row["person"]] if row["person"] else ""] = row["n"]
        return [
            Held(
                session=number,
                day=moment(row["started_at"]).timestamp() / 86_400,
                format=row["format"],
                parts=tuple(parts[number]),
                group=row["group_name"],
                cut_ins=cut_ins.get(number, {}),
                protected_ms=floor.get(number, 0),
                lost_ms=lost.get(number, 0),
                asked=asked.get(number, 0),
                kept=kept.get(number, 0),
                ideas=said_of["ideas"].get(number, {}),
                decided=said_of["deciders"].get(number, {}),
            )
            for number, row in sessions.items()
            if parts[number]
        ]

    def _sums(self, query: str) -> dict[int, int]:
        return {row["session"]: row["n"] for row in self.query(query) if row["session"] is not None and row["n"]}

    # --- what is kept -----------------------------------------------------------------------------

    _table = "measures"

    def _measure(self, ended: Mapping[int, dict[str, Any]]) -> None:
        """See that there is a row of `measures` for every seat, made from all that is stored. Where the file may not
        be written to, they are made anew each time."""
        known = {
            row["session"]: row["upto"]
            for row in self.query("SELECT session, min(upto) AS upto FROM measures GROUP BY session")
        }
        missing = [number for number, row in ended.items() if known.get(number) != (row["upto"] or 0)]
        if not missing:
            return
        rows = list(self._rows({number: ended[number]["upto"] or 0 for number in missing}))
        try:
            with self._lock, database.writing(self._db):
                self._keep("measures", missing, rows)
        except sqlite3.Error:
            with self._lock, self._explained():
                self._db.execute("CREATE TEMP TABLE measured AS SELECT * FROM measures")
                self._keep("measured", missing, rows)
            self._table = "measured"

    def _keep(self, table: str, sessions: Iterable[int], rows: Iterable[tuple[Any, ...]]) -> None:
        self._db.conn.executemany(f"DELETE FROM {table} WHERE session = ?", [(session,) for session in sessions])
        self._db.conn.executemany(f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?, ?, ?)", list(rows))

    def _rows(self, upto: Mapping[int, int]) -> Iterator[tuple[Any, ...]]:
        """session, person, upto, aim, airtime_ms, low, high of everyone who had a seat in these sessions."""
        some = ", ".join(map(str, upto))
        aims = {row["session"]: _aims(row["host"], row["targets"]) for row in self.query(_SETUPS.format(some))}
        aims = {session: follow(own, self.standing(session)) for session, own in aims.items() if own}
        aims |= {session: self._parts(session) for session in self._with_presence(some)}
        seats: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for row in self.query(
            "SELECT t.session, t.person, t.heard, p.name FROM seats t JOIN people p ON p.id = t.person"
            f" WHERE t.session IN ({some})"
        ):
            seats[row["session"]].append(row)
        spoken: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for row in self.query(_SPEECH.format(some)):
            spoken[row["session"]].append(row)
        for session, last in upto.items():
            airtime = {str(seat["person"]): 0 for seat in seats[session] if seat["heard"]}
            airtime |= {key: row["airtime"] for row in spoken[session] if (key := str(row["person"])) in airtime}
            found = intervals(airtime, [tile for row in spoken[session] for tile in _tiles(row)])
            for seat in seats[session]:
                person = str(seat["person"])
                range_ = found.get(person, Interval(0.0, 1.0))
                aim = aims.get(session, {}).get(seat["name"], 1.0)
                yield session, seat["person"], last, aim, airtime.get(person, 0), range_.low, range_.high

    def _with_presence(self, some: str) -> list[int]:
        """Those of these sessions in which somebody came later or left, or has a seat since it was put right."""
        found = self.query(f"SELECT DISTINCT session FROM presence WHERE session IN ({some})")
        return [row["session"] for row in found]

    def _parts(self, session: int) -> dict[str, float]:
        """What was meant for each, of what was said while they were there."""
        account = corrected(heard_account(self, session), self.standing(session))
        return {person.name: person.aim for person in account.summary().people}


def _tiles(row: Mapping[str, Any]) -> Iterator[Tile]:
    """The speech of each voice as one stretch of the same length and the same doubt: the intervals only add these up.
    Speech of two at once counts for both here, so that the intervals are a trace wider than in the summary."""
    if row["person"] is not None:
        yield _tile(row["long"], row["doubt"], people=(str(row["person"]),))
        return
    if row["guest"]:
        yield _tile(row["guest"], row["guest_doubt"], guest=True)
    if row["long"] > row["guest"]:
        yield _tile(row["long"] - row["guest"], row["doubt"] - row["guest_doubt"], unknown=True)


def _tile(long_ms: float, doubt_ms: float, **whose: Any) -> Tile:
    return Tile(start_ms=0, end_ms=int(long_ms), confidence=1 - doubt_ms / long_ms, **whose)


def _aims(host: str | None, targets: str | None) -> dict[str, float]:
    """Intended parts that are not 1, by name."""
    with suppress(ValueError, TypeError, AttributeError):
        aims = {name: float(part) for name, part in json.loads(targets or "{}").items()}
        return aims | ({host: 0.0} if host else {})
    return {}
