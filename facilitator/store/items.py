"""What is handed to the database, and the JSON in it."""

from __future__ import annotations

import builtins
import dataclasses
import datetime
import json
import types
import typing
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from facilitator.core import events as e
from facilitator.core.review.apply_corrections import Correction
from facilitator.core.setup import SETUP_TUPLES, Setup
from facilitator.core.text import all_cleaned
from facilitator.errors import StoreError
from facilitator.resources.prompts import of_today


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """A record and its place in the session."""

    seq: int
    record: e.Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The turns and cut-ins after the final pass; they replace those told live. Intrusions stay."""

    turns: tuple[e.TurnEnded, ...]
    cut_ins: tuple[e.CutIn | e.BackChannel, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """The session is over. Without `ended_at` (ISO 8601, UTC) it ended when it was last heard of."""

    reason: str
    ended_at: str | None = None


Item = Logged | Settled | Closed


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedCorrection:
    """A correction of a session. Times are ISO 8601, UTC."""

    number: int
    """Its place in the session, from 1."""
    correction: Correction
    made_at: str
    undone_at: str | None
    """None: it stands."""


def to_json(value: object) -> str:
    """JSON on one line, letters as they are. Raises TypeError for what is no JSON value."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def now_utc() -> str:
    """As times are stored."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def moment(text: str) -> datetime.datetime:
    """A stored time (ISO 8601, UTC where it does not say otherwise), with its time zone."""
    found = datetime.datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=datetime.UTC)


def local(text: str, utc_offset_minutes: int) -> datetime.datetime:
    """A stored time as the clocks at that table showed it."""
    return moment(text).astimezone(datetime.timezone(datetime.timedelta(minutes=utc_offset_minutes)))


def marks(values: Collection[object]) -> str:
    """A question mark for each of them, for SQL."""
    return ", ".join("?" * len(values))


def setup_to_json(setup: Setup) -> str:
    return to_json(dataclasses.asdict(setup))


def setup_from_json(text: str) -> Setup:
    """Raises StoreError for the setup of a version that knew more."""
    try:
        fields: dict[str, Any] = all_cleaned(json.loads(text))
        lists = {key: tuple(fields[key]) for key in SETUP_TUPLES if key in fields}
        return Setup(**(fields | lists | {"language": of_today(fields["language"])}))
    except (KeyError, TypeError) as error:
        raise StoreError("The session was stored by another version of this program; read it with that one.") from error


def checked(record: e.Record) -> e.Record:
    """The same record. Raises TypeError where a field is not of its kind: then a row was changed by hand or damaged."""
    kind: Any = type(record)
    for name, fits in _checks(kind):
        if not fits(getattr(record, name)):
            raise TypeError(f"{name} is wrong")
    return record


@cache
def _checks(kind: Any) -> tuple[tuple[str, Callable[[Any], bool]], ...]:
    hints = get_type_hints(kind)
    return tuple((field.name, _fits(hints[field.name])) for field in dataclasses.fields(kind))


def _fits(hint: Any) -> Callable[[Any], bool]:
    """Whether a value is of this type: of those that the records are made of."""
    inner = get_args(hint)
    match get_origin(hint):
        case typing.Literal:
            return lambda value: value in inner
        case typing.Union | types.UnionType:
            options = [_fits(one) for one in inner]
            return lambda value: any(fits(value) for fits in options)
        case builtins.tuple if inner[1:] == (...,):
            each = _fits(inner[0])
            return lambda value: isinstance(value, tuple) and all(map(each, value))
        case None if hint is float:
            return lambda value: isinstance(value, (int, float)) and not isinstance(value, bool)
        case None if hint is int:
            return lambda value: isinstance(value, int) and not isinstance(value, bool)
        case None if isinstance(hint, type):
            return lambda value: isinstance(value, hint)
    return lambda value: True
