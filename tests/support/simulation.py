"""The simulated table of the package (`facilitator.simulation.table`), set up with the bundled prompts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, overload

from facilitator.core.discussion import Discussion
from facilitator.core.events import Record
from facilitator.core.formats.parse import with_options
from facilitator.core.setup import Setup
from facilitator.resources.prompts import read, read_language
from facilitator.simulation.answers import Behaviour
from facilitator.simulation.table import ACTIVITY_DELAY_MS, LABEL_DELAY_MS, NAMES, TILE_MS, SimulatedTable

__all__ = [
    "ACTIVITY_DELAY_MS",
    "LABEL_DELAY_MS",
    "NAMES",
    "TILE_MS",
    "Behaviour",
    "Played",
    "SimulatedTable",
    "play",
    "setup",
]

A = TypeVar("A", bound=Record)
B = TypeVar("B", bound=Record)
C = TypeVar("C", bound=Record)
PROMPTS = Path(__file__).parents[2] / "prompts"


def setup(
    people: tuple[str, ...], form: str | Mapping[str, Any] = "round-robin", language: str = "en", **options: Any
) -> Setup:
    """`form`: one of the bundled formats, or what a format's file would hold. `minutes` and `rounds`
    go to the format, everything else to the setup."""

    kept = {k: options.pop(k) for k in ("minutes", "rounds") if k in options}
    raw = read(PROMPTS / f"formats/{form}.toml") if isinstance(form, str) else form
    return Setup(
        people=people,
        format=with_options(raw, **kept),
        language=read_language(PROMPTS / f"languages/{language}.toml"),
        **options,
    )


@dataclass(frozen=True)
class Played:
    discussion: Discussion
    log: list[Record]

    @overload
    def of(self, one: type[A], /) -> list[A]: ...

    @overload
    def of(self, one: type[A], two: type[B], /) -> list[A | B]: ...

    @overload
    def of(self, one: type[A], two: type[B], three: type[C], /) -> list[A | B | C]: ...

    def of(self, *kinds: type[Record]) -> Sequence[Record]:
        """The records of these kinds, in order."""
        return [record for record in self.log if isinstance(record, kinds)]


OF_THE_TABLE = ("seed", "until_ms", "done_after_ms", "done_early", "talk_ms")


def play(people: int, form: str = "round-robin", behaviour: Behaviour = "all", **options: Any) -> Played:
    """A whole discussion of that many people."""
    own = {k: options.pop(k) for k in OF_THE_TABLE if k in options}
    table = SimulatedTable(Discussion(setup(NAMES[:people], form, **options)), behaviour, **own)
    table.run()
    return Played(table.discussion, table.log)
