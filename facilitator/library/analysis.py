"""Who spoke when in a recording, as a value: figures, tables, JSON, and the formats of other tools."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from facilitator.core.events import BackChannel, CutIn
from facilitator.core.review.account import Account
from facilitator.core.review.summary import PersonSummary, Summary
from facilitator.core.turntaking.spans import Span
from facilitator.core.turntaking.timeline import Tile, Timeline, attribute
from facilitator.errors import UsageError
from facilitator.hearing.values import Contribution
from facilitator.library.tables import ResultTable
from facilitator.pipelines.discovery import Found
from facilitator.pipelines.offline import HeardRecording, Stretch, stretches
from facilitator.report.output import labels
from facilitator.report.output.summary_json import to_json as summary_values

if TYPE_CHECKING:
    import pandas
    import pyarrow
    from pyannote.core import Annotation

VERSION = 1
"""Of the JSON. It goes up when a key changes its meaning or goes away; new keys may come at any time."""


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """What `facilitator.analyze` found. Times are integer milliseconds from the beginning of the recording."""

    people: tuple[str, ...]
    """Those who were named, in the order of their voice samples, or in which they first speak."""
    tiles: tuple[Tile, ...]
    """What is believed of each moment, in order: who speaks, whether a guest or somebody unknown does, how surely."""
    duration_ms: int
    compute_s: float
    """Processor time that it took, of all threads."""
    live: tuple[Stretch, ...] = ()
    """What would have been said while people talked, where that was asked for; `known_ms` is when."""
    troubles: tuple[str, ...] = ()
    """Sentences for people: what was wrong with a file or a sample, and whom it could not tell apart."""
    found: tuple[Found, ...] = ()
    """Voices that nobody had introduced, and where to listen to each."""
    contributions: tuple[Contribution, ...] = field(default=(), compare=False)
    """What each source of evidence had to do with it; not in the JSON."""

    @classmethod
    def of(cls, heard: HeardRecording) -> Self:
        timeline = Timeline(spoke for fact in heard.final for spoke in attribute(fact))
        return cls(
            people=heard.people,
            tiles=tuple(timeline),
            duration_ms=heard.duration_ms,
            compute_s=round(heard.compute_s, 3),
            live=tuple(stretches(heard.live)),
            troubles=heard.troubles,
            found=heard.found,
            contributions=heard.contributions,
        )

    # -- what follows from it --------------------------------------------------------------------

    @cached_property
    def account(self) -> Account:
        """As the program's own reviews take it."""
        return Account(people=self.people, declined=(), timeline=self._timeline, events=(), targets=None)

    @cached_property
    def summary(self) -> Summary:
        """Everything as numbers: `docs/review.md` has the rule of each."""
        return self.account.summary()

    @property
    def figures(self) -> tuple[PersonSummary, ...]:
        """Airtime, share with its likely range, turns and cut-ins of each person, in the order of `people`."""
        return self.summary.people

    @property
    def speech(self) -> tuple[Stretch, ...]:
        """Who spoke when, by start; `person` None: a guest, or somebody unknown. They may overlap."""
        return tuple(sorted(self._stretches(), key=lambda one: (one.start_ms, one.end_ms, one.person or "")))

    @property
    def cut_ins(self) -> tuple[CutIn | BackChannel, ...]:
        """Cut-ins, attempts and back-channels (rule R in `docs/review.md`), by start."""
        return tuple(self.account.settled(self.duration_ms)[1])

    @property
    def voices(self) -> dict[str, list[Span]]:
        """The spans of each person who spoke."""
        return self._timeline.spans()

    @cached_property
    def _timeline(self) -> Timeline:
        return Timeline.of(self.tiles)

    def _stretches(self) -> Iterable[Stretch]:
        known_ms = self.duration_ms
        for person, spans in self.voices.items():
            for start, end in spans:
                yield Stretch(person=person, start_ms=start, end_ms=end, known_ms=known_ms)
        others: list[Span] = []
        for tile in self.tiles:
            if not (tile.guest or tile.unknown):
                continue
            if others and others[-1].end_ms == tile.start_ms:
                others[-1] = Span(others[-1].start_ms, tile.end_ms)
            else:
                others.append(Span(tile.start_ms, tile.end_ms))
        for start, end in others:
            yield Stretch(person=None, start_ms=start, end_ms=end, known_ms=known_ms)

    def without_times(self) -> Self:
        """The same without what differs from run to run."""
        return replace(self, compute_s=0.0)

    # -- as JSON ---------------------------------------------------------------------------------

    def to_values(self) -> dict[str, Any]:
        """As JSON values, in seconds. `docs/library.md` has every key."""

        def row(one: Stretch) -> dict[str, Any]:
            return {"person": one.person, "start": one.start_ms / 1000, "end": one.end_ms / 1000}

        return {
            "version": VERSION,
            "people": list(self.people),
            "final": {"speech": [row(one) for one in self.speech]},
            "live": {"speech": [row(one) | {"known": one.known_ms / 1000} for one in self.live]},
            "cut_ins": [
                {
                    "kind": "backchannel" if isinstance(event, BackChannel) else event.kind,
                    "by": event.by,
                    "over": event.over,
                    "start": event.start_ms / 1000,
                }
                for event in self.cut_ins
            ],
            "figures": summary_values(self.summary)["people"],
            "tiles": [_tile_values(tile) for tile in self.tiles],
            "troubles": list(self.troubles),
            "found": [
                {"voice": one.voice, "start": one.start_ms / 1000, "end": one.end_ms / 1000} for one in self.found
            ],
            "seconds": {"audio": self.duration_ms / 1000, "compute": self.compute_s},
        }

    def to_json(self, indent: int | None = 1) -> str:
        return json.dumps(self.to_values(), ensure_ascii=False, indent=indent)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What `to_json` wrote. Raises UsageError for anything else, and for a later version."""
        try:
            values = json.loads(text)
            version = values["version"]
            if version != VERSION:
                raise UsageError(
                    f"This JSON is of version {version}; this program reads version {VERSION}. Use the program that "
                    "wrote it, or analyze the recording again."
                )
            return cls(
                people=tuple(str(name) for name in values["people"]),
                tiles=tuple(_in_order(map(_tile, values["tiles"]))),
                duration_ms=_ms(values["seconds"]["audio"]),
                compute_s=float(values["seconds"]["compute"]),
                live=tuple(
                    Stretch(
                        person=row["person"],
                        start_ms=_ms(row["start"]),
                        end_ms=_ms(row["end"]),
                        known_ms=_ms(row["known"]),
                    )
                    for row in values["live"]["speech"]
                ),
                troubles=tuple(str(sentence) for sentence in values["troubles"]),
                found=tuple(
                    Found(voice=row["voice"], start_ms=_ms(row["start"]), end_ms=_ms(row["end"]))
                    for row in values["found"]
                ),
            )
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError, OverflowError) as error:
            raise UsageError(
                f"This is not the JSON of an analysis ({type(error).__name__}: {error}); "
                "facilitator analyze RECORDING --json FILE writes it."
            ) from error

    # -- as tables, and for other tools -------------------------------------------------------------

    @property
    def tables(self) -> dict[str, ResultTable]:
        """`people` (a row of figures each), `speech` and `cut_ins`; times in seconds."""
        values = self.to_values()
        return {
            "people": ResultTable.of(values["figures"]),
            "speech": ResultTable.of(values["final"]["speech"], ("person", "start", "end")),
            "cut_ins": ResultTable.of(values["cut_ins"], ("kind", "by", "over", "start")),
        }

    def to_dataframe(self, table: str = "people") -> pandas.DataFrame:
        """One of `tables` for pandas. Raises MissingPackage where that is not installed."""
        return _table(self.tables, table).to_dataframe()

    def to_arrow(self, table: str = "people") -> pyarrow.Table:
        """One of `tables` for Arrow. Raises MissingPackage where pyarrow is not installed."""
        return _table(self.tables, table).to_arrow()

    def to_labels(self, form: str, name: str = "recording") -> str:
        """Who spoke when as text in a form of other tools: one of `facilitator.LABEL_FORMS`. `name`: the recording's,
        where the form has a place for it. Raises UsageError for another form."""
        return labels.write(form, self.voices, name=name, duration_ms=self.duration_ms)

    def to_annotation(self, uri: str | None = None) -> Annotation:
        """For pyannote.core: a track a span, labelled with the person. Raises MissingPackage where it is not
        installed."""
        return labels.to_annotation(self.voices, uri)


def _table(tables: Mapping[str, ResultTable], name: str) -> ResultTable:
    if name not in tables:
        raise UsageError(f"There is no table {name!r}; there are {', '.join(tables)}.")
    return tables[name]


def _tile_values(tile: Tile) -> dict[str, Any]:
    values: dict[str, Any] = {"start": tile.start_ms / 1000, "end": tile.end_ms / 1000, "people": list(tile.people)}
    values |= {"guest": True} if tile.guest else {}
    values |= {"unknown": True} if tile.unknown else {}
    return values | {"confidence": tile.confidence}


def _tile(values: Mapping[str, Any]) -> Tile:
    return Tile(
        _ms(values["start"]),
        _ms(values["end"]),
        tuple(str(name) for name in values["people"]),
        bool(values.get("guest", False)),
        bool(values.get("unknown", False)),
        float(values["confidence"]),
    )


def _in_order(tiles: Iterable[Tile]) -> Iterable[Tile]:
    """Raises ValueError where they are not."""
    at_ms = 0
    for tile in tiles:
        if not at_ms <= tile.start_ms < tile.end_ms:
            raise ValueError(f"a tile from {tile.start_ms} to {tile.end_ms} ms is out of order")
        yield tile
        at_ms = tile.end_ms


def _ms(seconds: float) -> int:
    return round(float(seconds) * 1000)
