"""`facilitator.open`: the discussions in a database, read as values and tables."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from facilitator.core.review.account import Account
from facilitator.core.review.summary import Summary
from facilitator.errors import StoreError
from facilitator.library.tables import ResultTable
from facilitator.report.output import labels
from facilitator.report.output.summary_json import to_json
from facilitator.resources.paths import database_path
from facilitator.store.items import moment
from facilitator.store.reader import Reader, StoredSession
from facilitator.store.rerun import rerun

if TYPE_CHECKING:
    import pandas
    import pyarrow


@dataclass(frozen=True, slots=True, kw_only=True)
class PastSession:
    """A session of the database, with what people have put right since."""

    number: int
    began: datetime.datetime
    ended: bool
    """False: it is running, or it broke off."""
    format: str
    language: str
    group: str
    """In which people go by their names; empty: no group was named."""
    account: Account
    """As the program's own reviews take it."""

    @property
    def people(self) -> tuple[str, ...]:
        return self.account.people

    @property
    def summary(self) -> Summary:
        """Everything as numbers: `docs/review.md` has the rule of each."""
        return self.account.summary()

    def to_labels(self, form: str) -> str:
        """Who spoke when, in one of `facilitator.LABEL_FORMS`. Raises UsageError for another."""
        timeline = self.account.timeline
        return labels.write(form, timeline.spans(), name=f"session-{self.number}", duration_ms=timeline.end_ms)


class SessionDatabase:
    """A database of discussions, opened to read; nothing in it is changed. Use it as a context manager, or `close`."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    @property
    def groups(self) -> tuple[str, ...]:
        """All that have held a session; empty: those who named none. The same name in two groups is two people."""
        return tuple(one.name for one in self._reader.groups())

    def close(self) -> None:
        self._reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __len__(self) -> int:
        return len(self._stored())

    def __iter__(self) -> Iterator[PastSession]:
        """All sessions, the earliest first."""
        return (self._past(stored) for stored in reversed(self._stored()))

    def session(self, number: int | None = None) -> PastSession:
        """This one, or the latest. Raises StoreError where there is none."""
        return self._past(self._reader.stored(self._reader.latest() if number is None else number))

    @property
    def people(self) -> tuple[str, ...]:
        """Everyone who has had a seat, who came first first."""
        return tuple(dict.fromkeys(name for stored in reversed(self._stored()) for name in stored.people))

    @property
    def table(self) -> ResultTable:
        """A row a person and session: `session`, `group`, `began` (ISO 8601, UTC), `format`, and the figures of
        `--json`."""
        rows: list[dict[str, Any]] = []
        for past in self:
            about = {"session": past.number, "group": past.group}
            about |= {"began": past.began.isoformat(), "format": past.format}
            rows += [about | person for person in to_json(past.summary)["people"]]
        return ResultTable.of(rows)

    def to_dataframe(self) -> pandas.DataFrame:
        """`table` for pandas. Raises MissingPackage where that is not installed."""
        return self.table.to_dataframe()

    def to_arrow(self) -> pyarrow.Table:
        """`table` for Arrow. Raises MissingPackage where pyarrow is not installed."""
        return self.table.to_arrow()

    def _stored(self) -> list[StoredSession]:
        """Those of the group, where one was said; the latest first."""
        group = self._reader.group
        return [one for one in self._reader.sessions() if group in (None, one.group)]

    def _past(self, stored: StoredSession) -> PastSession:
        found = rerun(self._reader, stored.session)
        return PastSession(
            number=stored.session,
            began=moment(stored.started_at),
            ended=stored.ended_at is not None,
            format=stored.format,
            language=stored.language,
            group=stored.group,
            account=found.account,
        )


def open_database(path: str | Path | None = None, *, group: str | None = None) -> SessionDatabase:
    """The discussions in a database; without `path`, in the one that the program uses. `group`: only its (empty: of
    those who named none). Raises StoreError where there is none, or it cannot be read.

        >>> import facilitator
        >>> with facilitator.open() as discussions:
        ...     discussions.to_dataframe()
    """
    reader = Reader.open(database_path() if path is None else Path(path))
    if group is not None:
        try:
            reader.within(group)
        except StoreError:
            reader.close()
            raise
    return SessionDatabase(reader)
