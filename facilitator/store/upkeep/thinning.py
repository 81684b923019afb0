"""Old sessions become their figures: of what was heard moment by moment, only who spoke when in the end is left.

What the review and the trends are made of stays, and comes to the same: the events that were concluded, as today's
rules conclude them, and the timeline as it was believed last. What goes is every fact, every revision on the way, every
action, and with them the possibility to run the session through other rules. Tables other than `events` stay.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence

from facilitator.core import events as e
from facilitator.core.review.account import Account
from facilitator.errors import StoreError
from facilitator.store import names as store_names
from facilitator.store.items import to_json
from facilitator.store.people import People, Track
from facilitator.store.rerun import rerun

LIVE = (e.Spoke, e.TurnStarted, e.TurnEnded, e.CutIn, e.BackChannel)
"""What was told of speech while it happened: the tables `turns` and `cut_ins` have it as it is believed now."""


class Thinning(People):
    """The database, to thin sessions in it. Every method raises StoreError with a sentence."""

    def old(self, moment: datetime.datetime) -> list[int]:
        """Sessions that ended before it, and of which more than the figures is there; where a group was said, its."""
        thinned = {row["id"] for row in self.query("SELECT id FROM sessions WHERE thinned_on IS NOT NULL")}
        ended = {one.session for one in self.sessions() if one.ended_at is not None}
        return [number for number in self.older_than(moment) if number in ended - thinned]

    def bytes(self) -> int:
        """How large the file is, with what is beside it."""
        return 0 if self.path is None else sum(file.stat().st_size for file in store_names.files_of(self.path))

    def thin(self, sessions: Sequence[int], day: datetime.date, track: Track = iter) -> list[int]:
        """All of these or none. Returns those of them that cannot be thinned, as what was heard makes no sense today;
        nothing of these is changed."""
        left: list[int] = []
        with self._purging():
            for session in track(sessions):
                try:
                    heard = rerun(self, session).heard
                except StoreError:
                    left.append(session)
                    continue
                self._keep_only(session, heard)
                self._db.execute("UPDATE sessions SET thinned_on = ? WHERE id = ?", [day.isoformat(), session])
        return left

    def _keep_only(self, session: int, heard: Account) -> None:
        troubles = [record for record in self.records(session, ["fact"]) if isinstance(record, e.Trouble)]
        records = sorted([*troubles, *_figures(heard)], key=lambda record: record.at_ms)
        self._db.execute("DELETE FROM events WHERE session = ?", [session])
        rows = []
        for seq, record in enumerate(records, 1):
            row = e.to_row(record)
            place = [session, seq, *(row.pop(key) for key in ("role", "kind", "at_ms"))]
            rows.append([*place, to_json(row)])
        self._db.conn.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", rows)
        self._db.execute(
            "UPDATE measures SET upto = (SELECT max(seq) FROM events WHERE session = ?1) WHERE session = ?1", [session]
        )


def _figures(heard: Account) -> Iterator[e.Record]:
    """What it takes to have the same account again."""
    yield from (event for event in heard.events if not isinstance(event, LIVE))
    yield from (e.Spoke(at_ms=tile.end_ms, **tile._asdict()) for tile in heard.timeline)
