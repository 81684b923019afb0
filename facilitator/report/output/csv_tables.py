"""Tables for a spreadsheet: one row a person, or one row a stretch of speech. Commas, UTF-8, a heading."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from facilitator.core.review.summary import Summary
from facilitator.core.session_notes import SessionNotes
from facilitator.core.turntaking.spans import Voices
from facilitator.report.output.summary_json import to_json

MARK = "\ufeff"
"""Begins a file that is meant for a spreadsheet: without it, Excel takes UTF-8 for something older. A pipe has none."""


def people_csv(summary: Summary, notes: SessionNotes | None = None) -> str:
    """One row a person, in the order of the seats; the columns are those of `to_json`, and those of `beside` that
    anybody has a number in: `arriving`, `leaving`, `guess`."""
    people = to_json(summary)["people"]
    if notes is not None:
        more = {"arriving": notes.arriving, "leaving": notes.leaving, "guess": notes.guesses}
        for name, numbers in more.items():
            if numbers:
                for person in people:
                    person[name] = numbers.get(person["name"])
    return table(list(people[0]) if people else ["name"], (list(person.values()) for person in people))


def speech_csv(voices: Voices) -> str:
    """One row a span, by start: `person`, `start_s`, `end_s`."""
    rows = sorted((start, end, person) for person, spans in voices.items() for start, end in spans)
    return table(["person", "start_s", "end_s"], ([person, start / 1000, end / 1000] for start, end, person in rows))


def table(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(heading)
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return text.getvalue()


def _safe(cell: object) -> object:
    """A name that a spreadsheet would take for a formula begins with an apostrophe."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell
