"""Sessions as figures without names, for a service's own statistics.

Whoever is in several sessions is the same P number in all of them, within one export; the numbers are drawn, anew each
time, so neither their order nor two exports side by side say who anybody is. No text that people wrote or said is
looked at, so none can slip through: what is in a table here is a number, a month, or a word of the program's own.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from facilitator.core.review.summary import Summary
from facilitator.core.session_notes import SessionNotes
from facilitator.report.output.summary_json import to_json

OWN_FORM = "own form"
"""What a form is called that does not come with the program: its name is the group's own words."""
_MONTH = 7
TABLES: Mapping[str, tuple[str, ...]] = {
    "sessions": (
        *("session", "group", "month", "form", "language", "people", "heard", "minutes", "talk_s", "airtime_s"),
        *(
            "silence_s",
            "guest_s",
            "unattributed_s",
            "balance",
            "gini",
            "turns",
            "cut_ins",
            "agreements",
            "kept",
            "open",
        ),
    ),
    "people": (
        *("session", "person", "airtime_s", "share", "share_low", "share_high", "aim", "turns", "longest_turn_s"),
        *("cut_ins_made", "cut_ins_received", "attempts_made", "attempts_received", "back_channels_made"),
        *("back_channels_received", "passes", "repaid_s", "guess", "arriving", "leaving"),
    ),
    "pairs": ("session", "by", "over", "cut_ins", "attempts", "back_channels", "cut_ins_per_hour"),
}
"""Every table with its columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFigures:
    """What is taken of a session."""

    group: str
    day: datetime.date
    form: str
    """As the program calls it, else `OWN_FORM`."""
    language: str
    summary: Summary
    notes: SessionNotes
    nobody_known: frozenset[str]
    """Names that say nothing of who it is, such as that of a voice that was found, or of somebody who was forgotten: in
    another session they are somebody else's."""

    def identity(self, number: int, name: str) -> tuple[str, int, str]:
        """`number`: of this session."""
        return self.group, number if name in self.nobody_known else -1, name


@dataclass(slots=True)
class _Pseudonyms:
    """`shuffled` puts in another order what it is handed."""

    shuffled: Callable[[Sequence[Any]], Sequence[Any]]
    _given: dict[str, dict[Any, str]] = field(default_factory=dict)

    def draw(self, letter: str, everyone: Iterable[Any]) -> None:
        one_by_one = self.shuffled(sorted(set(everyone)))
        self._given[letter] = {who: f"{letter}{number}" for number, who in enumerate(one_by_one, 1)}

    def of(self, letter: str, who: Any) -> str:
        return self._given[letter][who]


def tables(
    sessions: Sequence[SessionFigures], shuffled: Callable[[Sequence[Any]], Sequence[Any]]
) -> dict[str, list[dict[str, Any]]]:
    """The rows of every table, in the order of their pseudonyms."""
    names = _Pseudonyms(shuffled)
    names.draw("S", range(len(sessions)))
    names.draw("G", (one.group for one in sessions))
    named = enumerate(sessions)
    names.draw("P", (one.identity(number, person.name) for number, one in named for person in one.summary.people))
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    for number, one in enumerate(sessions):
        session, values = names.of("S", number), to_json(one.summary)

        def person(name: str, number: int = number, one: SessionFigures = one) -> str:
            return names.of("P", one.identity(number, name))

        found["sessions"].append({"session": session, "group": names.of("G", one.group), **_session(one, values)})
        found["people"] += [
            {"session": session, "person": person(row["name"]), **_felt(one.notes, row["name"]), **row}
            for row in values["people"]
        ]
        found["pairs"] += [
            {**row, "session": session, "by": person(row["by"]), "over": person(row["over"])} for row in values["pairs"]
        ]
    return {name: [_only(row, TABLES[name]) for row in sorted(rows, key=_place)] for name, rows in found.items()}


def _session(one: SessionFigures, values: Mapping[str, Any]) -> dict[str, Any]:
    summary, notes = one.summary, one.notes
    made = [agreement for agreement in notes.agreements if agreement.kind in ("agreement", "decision")]
    return {
        **values,
        "month": one.day.isoformat()[:_MONTH],
        "form": one.form,
        "language": one.language,
        "people": len(summary.people) + len(summary.declined),
        "heard": len(summary.people),
        "minutes": round((summary.end_ms - summary.start_ms) / 60_000, 1),
        "turns": sum(person.turns for person in summary.people) if summary.listened else None,
        "cut_ins": sum(person.cut_ins_made for person in summary.people) if summary.listened else None,
        "agreements": len(made),
        "kept": sum(agreement.kept is True for agreement in made),
        "open": sum(agreement.kept is False for agreement in made),
    }


def _felt(notes: SessionNotes, name: str) -> dict[str, int | None]:
    return {
        "guess": notes.guesses.get(name),
        "arriving": notes.arriving.get(name),
        "leaving": notes.leaving.get(name),
    }


def _only(row: Mapping[str, Any], columns: Sequence[str]) -> dict[str, Any]:
    return {name: row[name] for name in columns}


def _place(row: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(int(row[key][1:]) for key in ("session", "person", "by", "over") if key in row)
