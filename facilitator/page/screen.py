"""The page as a session sees it: a screen it is shown on, a sink that follows it, and keys that are pressed there."""

from __future__ import annotations

import datetime
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from facilitator.core.airtime_display import AirtimeRule
from facilitator.core.events import Agreed, Command, CutIn, Intrusion, Rated, Record, Reviewed, Trouble
from facilitator.core.language.texts import Texts
from facilitator.core.snapshot import Snapshot
from facilitator.core.table_clock import clock_of
from facilitator.page.broker import Broker, ClientMessage
from facilitator.page.buttons import as_commands
from facilitator.page.live_ties import LiveTies
from facilitator.page.state import Around, Mark, Measured, labels, mine, moment

MOST_MARKS = 3
MARK_MS = 20_000
"""A mark goes softly after so long."""
OUTSIDE_MS = 60_000


class PageScreen:
    """A Screen and Keys. It stays on the main thread; the hub carries everything over.

    `summary` gives what the discussion came to, as JSON values, with everyone's guesses in percent. `day_in`: which day
    it is in so many. `away`: the microphone is gone at this moment. `names_in_the_room`: other
    computers of the room are told who is at this table."""

    def __init__(
        self,
        broker: Broker,
        *,
        airtime: AirtimeRule,
        texts: Texts,
        listening: bool,
        day_in: Callable[[int], datetime.date | None] = lambda _: None,
        away: Callable[[], bool] = lambda: False,
        names_in_the_room: bool = False,
    ) -> None:
        self._broker = broker
        self._airtime = airtime
        self._texts, self._language = texts, texts.code
        self._labels: dict[str, Any] | None = labels(texts)
        self._listening = listening
        self._day_in, self._away = day_in, away
        self._names_in_the_room = names_in_the_room
        self.summary: Callable[[], Mapping[str, Any]] | None = None
        self._marks: deque[Mark] = deque(maxlen=MOST_MARKS)
        self._people: tuple[str, ...] = ()
        self._floor: str | None = None
        self._ties = LiveTies()
        self._measured: dict[str, Measured] = {}
        self._guesses: dict[str, int] = {}
        self._agreed: list[dict[str, Any]] = []
        self._was_away = False
        self._trouble: tuple[int, str] | None = None

    def holds(self, session: int | None) -> None:
        """The number in the database of the session that is shown; None: it is not stored."""
        self._broker.session = session

    def show(self, snapshot: Snapshot) -> None:
        self._people = tuple(person.name for person in snapshot.people)
        self._ties.stage(snapshot.stage_kind)
        if self._labels is not None:
            self._broker.tell("labels", self._labels)
            self._labels = None  # once
        self._tell_moment(snapshot)
        self._broker.tell("screen", "session")

    def _tell_moment(self, snapshot: Snapshot) -> None:
        told = moment(snapshot, self._around(snapshot.at_ms))
        if told["trouble"] is not None:
            told["trouble"] = self._texts.sentence(told["trouble"])
        self._broker.tell("session", told)
        self._broker.tell("clock", clock_of(snapshot, names=self._names_in_the_room))
        self._floor = snapshot.floor
        self._broker.tell("table", {"people": [person.name for person in snapshot.people]})
        self._broker.tell_each(mine(snapshot, self._around(snapshot.at_ms), self._measured))

    def finished(self, snapshot: Snapshot) -> None:
        """The session is over, however it came to its end."""
        self.tell_summary()
        self._tell_moment(snapshot)
        self._broker.tell("screen", "summary")

    def _around(self, now_ms: int) -> Around:
        away = self._away()
        if self._was_away and not away:
            self._trouble = None  # what was said about it is over
        self._was_away = away
        trouble = self._trouble
        return Around(
            airtime=self._airtime,
            marks=tuple(mark for mark in self._marks if now_ms - mark.at_ms < MARK_MS),
            language=self._language,
            away=away,
            listening=self._listening,
            ties=self._ties.told(self._people),
            trouble=trouble[1] if trouble is not None and now_ms - trouble[0] < OUTSIDE_MS else None,
        )

    def write(self, records: Sequence[Record]) -> None:
        for record in records:
            self._ties.write(record)
            match record:
                case CutIn(kind="cut-in") | Intrusion():
                    self._mark(record.at_ms, record.by, record.over)
                case Rated(what="share"):
                    self._guesses[record.person] = record.value
                case Agreed():
                    self._agreed.append({"text": record.text, "owner": record.owner, "by": self._by(record)})
                case Trouble():
                    self._trouble = (record.at_ms, record.message)
        if any(isinstance(record, Reviewed) for record in records):
            self.tell_summary()

    def _by(self, agreed: Agreed) -> str:
        """A date as it stands everywhere else; empty: there is none."""
        day = None if agreed.due_days is None else self._day_in(agreed.due_days)
        return "" if day is None else self._texts("agreed.list.by", day=self._texts.day(day))

    def _mark(self, at_ms: int, by: str, over: str) -> None:
        """One for each time: a cut-in on a protected turn is told twice, as itself and as what it took."""
        if not any(m.by == by and m.over == over and at_ms - m.at_ms < 5_000 for m in self._marks):
            self._marks.append(Mark(at_ms=at_ms, by=by, over=over))

    def tell_summary(self) -> None:
        """Everything has been gone over: from now on guesses and shares can be seen beside each other."""
        if self.summary is not None:
            told = self.summary()
            if told["has_shares"]:
                self._measured = {
                    one["name"]: Measured(share=one["share"], low=one["share_low"], high=one["share_high"])
                    for one in told["people"]
                }
            beside = {"guesses": self._guesses, "agreed": self._agreed, "language": self._language}
            self._broker.tell("summary", {**told, **beside})

    def poll(self, now_ms: int) -> list[Command]:
        orders = self._broker.take()
        for order in orders:
            if order["do"] == "airtime":  # the next one: a page may not know yet which one it is
                self._airtime.turn()
        return as_commands((self._of_one(order) for order in orders), self._people, now_ms)

    def _of_one(self, order: ClientMessage) -> ClientMessage:
        """What somebody's own telephone asks for, as an order of the table: never for anybody else."""
        person = order.get("me")
        if person is None:
            return order
        match order["do"]:
            case "let-me-finish" if person == self._floor:
                return {"do": "more-time"}
            case "let-me-finish" | "hand":
                return {"do": "hand", "person": person}
            case "pass" if person == self._floor:
                return {"do": "pass"}
            case _:  # by the time it came, the floor was somebody else's
                return {"do": ""}

    def close(self) -> None:
        """What is shown stays: the server says good-bye."""
