"""What could not be written, as a file of JSON lines, and back.

The first line says which session it belongs to and carries its setup, so that the file can be taken into any
database, even one that has never seen the session. Every further line is one item.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from facilitator.core import events as e
from facilitator.core.setup import Setup
from facilitator.core.text import all_cleaned, cleaned
from facilitator.errors import StoreError
from facilitator.store.items import Closed, Item, Logged, Settled, setup_from_json, to_json
from facilitator.store.reader import Reader

_FORMAT = "facilitator rescue 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """Which session. `uid` is the same in every database that holds it."""

    uid: str
    started_at: str
    setup: Setup
    group: str = ""
    """Who holds it; empty: no group was named."""


def save(path: Path, heading: Heading, items: Iterable[Item]) -> None:
    """Write a new file that only its owner can read. Raises StoreError; never replaces a file."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            try:
                path.chmod(0o600)  # whatever the umask
                for line in lines(heading, items):
                    file.write(line)
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                path.unlink(missing_ok=True)  # half of it would look like all of it
                raise
    except FileExistsError as error:
        raise StoreError(f"There is already a file {path}; choose another name for what is to be saved.") from error
    except (OSError, UnicodeEncodeError) as error:
        reason = getattr(error, "strerror", None) or "its name"
        raise StoreError(f"{path} could not be written ({reason}); choose another place.") from error


def lines(heading: Heading, items: Iterable[Item]) -> Iterator[str]:
    """What the file holds, line by line."""
    first = {
        "format": _FORMAT,
        "uid": heading.uid,
        "started_at": heading.started_at,
        "setup": dataclasses.asdict(heading.setup),
        "group": heading.group,
    }
    for line in (first, *map(_to_line, items)):
        # Better some words for a value that is no JSON than nothing.
        yield json.dumps(line, ensure_ascii=False, default=str) + "\n"


def load(path: Path) -> tuple[Heading, list[Item]]:
    """What `save` was given. A last line that was cut off is left out. Raises StoreError for any other file."""
    try:
        with path.open(encoding="utf-8") as file:
            first = json.loads(file.readline())
            if first["format"] != _FORMAT:
                raise ValueError("format")
            heading = Heading(
                uid=first["uid"],
                started_at=first["started_at"],
                setup=setup_from_json(to_json(first["setup"])),
                group=cleaned(str(first.get("group", ""))),
            )
            return heading, [_from_line(all_cleaned(json.loads(line))) for line in file if line.endswith("\n")]
    except OSError as error:
        raise StoreError(f"{path} cannot be read ({error.strerror}); check the name.") from error
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise StoreError(
            f"{path} is not a file that this version saved; choose the one named at the end of the session."
        ) from error


def _to_line(item: Item) -> dict[str, Any]:
    if isinstance(item, Logged):
        return {"seq": item.seq} | e.to_row(item.record)
    if isinstance(item, Settled):
        return {"settled": [e.to_row(record) for record in (*item.turns, *item.cut_ins)]}
    return {"closed": item.reason, "ended_at": item.ended_at}


def _from_line(line: Mapping[str, Any]) -> Item:
    if "settled" in line:
        records = [e.from_row(row) for row in line["settled"]]
        turns = tuple(record for record in records if isinstance(record, e.TurnEnded))
        others = tuple(record for record in records if not isinstance(record, e.TurnEnded))
        return Settled(turns=turns, cut_ins=cast("tuple[e.CutIn | e.BackChannel, ...]", others))
    if "closed" in line:
        return Closed(reason=line["closed"], ended_at=line["ended_at"])
    return Logged(seq=line["seq"], record=e.from_row({key: value for key, value in line.items() if key != "seq"}))


def everything(reader: Reader, session: int) -> list[Item]:
    """All that a database holds of a session, as what it was once handed."""
    items: list[Item] = [Logged(seq=seq, record=record) for seq, record in reader.numbered(session)]
    (stored,) = [found for found in reader.sessions() if found.session == session]
    if stored.ended_at is not None:
        items += [_settled(reader, session), Closed(reason=stored.reason or "", ended_at=stored.ended_at)]
    return items


def _settled(reader: Reader, session: int) -> Settled:
    turns = reader.query(
        "SELECT p.name, start_ms, end_ms FROM turns JOIN people p ON p.id = person WHERE session = ? ORDER BY start_ms",
        [session],
    )
    cut_ins = reader.query(
        "SELECT kind, b.name AS by, o.name AS over, start_ms, end_ms FROM cut_ins"
        " JOIN people b ON b.id = by_person JOIN people o ON o.id = over_person"
        " WHERE session = ? AND kind <> 'intrusion' ORDER BY start_ms",
        [session],
    )
    return Settled(
        turns=tuple(
            e.TurnEnded(at_ms=row["end_ms"], person=row["name"], start_ms=row["start_ms"], end_ms=row["end_ms"])
            for row in turns
        ),
        cut_ins=tuple(_cut_in(row) for row in cut_ins),
    )


def _cut_in(row: Mapping[str, Any]) -> e.CutIn | e.BackChannel:
    fields = {"at_ms": row["end_ms"]} | {key: row[key] for key in ("by", "over", "start_ms", "end_ms")}
    return e.BackChannel(**fields) if row["kind"] == "back-channel" else e.CutIn(kind=row["kind"], **fields)
