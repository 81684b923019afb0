"""Figures without names, for a service's own statistics."""

from __future__ import annotations

import contextlib
import datetime
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from facilitator.commands.stored.asking import sessions
from facilitator.core.formats.stages import RECORDED
from facilitator.errors import PromptsError, StoreError
from facilitator.pipelines.discovery import voice_name
from facilitator.report.output.anonymous_tables import OWN_FORM, TABLES, SessionFigures, tables
from facilitator.report.output.csv_tables import MARK, table
from facilitator.resources.prompts import default_prompts
from facilitator.resources.texts import ENGLISH, texts_of
from facilitator.store.items import moment
from facilitator.store.people import forgotten
from facilitator.store.reader import Reader
from facilitator.store.rerun import rerun
from facilitator.store.session_notes import notes_of
from facilitator.system import exports
from facilitator.terminal.ask import MAX_PEOPLE

OTHER_LANGUAGE = "other"
FORMS = (
    *("check-in", "class-discussion", "conversation-cafe", "debate", "decision", "describe-feel-request"),
    *("five-minutes-each", "mediation", "open", "quarterly-review", "rehearse", "repair", "round-robin"),
    *("speaker-listener", "stand-up"),
)
LANGUAGES = ("de", "en", "es", "fr", "it", "ko", "nl", "pl", "pt")
"""What came with the program. A group's own forms and languages may be in the same folder, and say whose they are."""
README = """\
{mark}: figures without names, of {sessions}, as they were on {day}{since}.

csv     For a spreadsheet or a statistics program: sessions, people, pairs.
jsonl   The same for other programs: a line of JSON a row.

sessions   A row a session: its month, its form, how many people, how long, how evenly.
people     A row a person and session: their part in figures, and the numbers they gave.
pairs      A row a session and two people between whom somebody came in.

There is no name in here, no day, and nothing that anybody said or wrote. P numbers stand for people, the same
in all their sessions, G numbers for groups, S numbers for sessions. They were drawn by chance and are kept nowhere:
nobody can turn them back, and the next export has others. Who did not want to be heard has no row.

Figures can still speak: whoever was there, or knows of one talk how it went, may know somebody again in them, and in
what is of few tables all the more. So before it is passed on, look at it, and pass on averages where they will do.
docs/review.md, in the folder of the program, has the rule of every figure.
"""


def anonymous(reader: Reader, since: datetime.datetime | None) -> list[SessionFigures]:
    """Of every session that has ended; where a group was said, of its. Raises StoreError where there is none."""
    found = list(_figures(reader, since))
    if not found:
        raise StoreError("No session that has ended is among these, so there are no figures to write.")
    return found


def began_since(since: datetime.datetime | None) -> str:
    """Which sessions an export is of, in its README; empty: all."""
    if since is None:
        return ""
    return f", of sessions that began on {texts_of(ENGLISH).day(since.astimezone().date())} or later"


def write(
    target: Path, found: Sequence[SessionFigures], since: datetime.datetime | None, day: datetime.date, *, replace: bool
) -> None:
    drawn = tables(found, _by_chance)
    with exports.making(target, replace=replace) as folder:
        for name in exports.TABLES:
            (folder / name).mkdir()
        for name, columns in TABLES.items():
            text = MARK + table(columns, (list(row.values()) for row in drawn[name]))
            (folder / "csv" / f"{name}.csv").write_text(text, encoding="utf-8", newline="")
            lines = "".join(f"{json.dumps(row)}\n" for row in drawn[name])
            (folder / "jsonl" / f"{name}.jsonl").write_text(lines, encoding="utf-8", newline="\n")
        text = README.format(
            mark=exports.MARK, sessions=sessions(len(found)), day=texts_of(ENGLISH).day(day), since=began_since(since)
        )
        (folder / exports.README).write_text(text, encoding="utf-8")


def _by_chance(some: Sequence[Any]) -> Sequence[Any]:
    """By chance that the system gives, which nobody can run again."""
    return random.SystemRandom().sample(some, len(some))


def _figures(reader: Reader, since: datetime.datetime | None) -> Iterator[SessionFigures]:
    prompts = default_prompts()
    forms = {str(RECORDED["name"]): "recording"}
    for form in FORMS:
        with contextlib.suppress(PromptsError):  # one that was broken, or taken away, since
            forms[str(prompts.format(form).get("name"))] = form
    nobody_known = frozenset(forgotten(reader)) | {voice_name(number) for number in range(1, MAX_PEOPLE + 1)}
    for stored in reversed(reader.sessions()):
        if stored.ended_at is None or reader.group not in (None, stored.group):
            continue
        if since is not None and moment(stored.started_at) < since:
            continue
        notes = notes_of(reader, stored.session)
        yield SessionFigures(
            group=stored.group,
            day=notes.day,
            form=forms.get(stored.format, OWN_FORM),
            language=stored.language if stored.language in LANGUAGES else OTHER_LANGUAGE,
            nobody_known=nobody_known,
            summary=rerun(reader, stored.session).account.summary(),
            notes=notes,
        )
