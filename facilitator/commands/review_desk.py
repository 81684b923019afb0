"""The stored sessions, for the page of a review: to read, to save, and to put right."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from facilitator.commands.left import beside_of
from facilitator.commands.telling import markdown_page
from facilitator.core.corrections import from_json, in_words
from facilitator.core.history import histories
from facilitator.errors import CorrectionError, StoreError
from facilitator.page.reviewing import Saved
from facilitator.report import beside
from facilitator.report.agreed import day_in_words, listed
from facilitator.report.csv import people_csv
from facilitator.report.rttm import to_rttm
from facilitator.report.text import told
from facilitator.report.timeline import Said, figure
from facilitator.report.trends_html import page as trends_page
from facilitator.retold import Retold, retold
from facilitator.store_corrections import Corrections
from facilitator.store_measures import Measures
from facilitator.store_reader import Reader, StoredSession

FORMS = {"html": "text/html", "md": "text/markdown", "csv": "text/csv", "rttm": "text/plain"}


class StoredDesk:
    """A `Desk` of one database file. It is opened anew for every question, so that others can use it in between."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._one = threading.Lock()  # corrections come one after the other

    def sessions(self) -> Mapping[str, Any]:
        with Reader.open(self._path) as reader:
            return {"sessions": [{"session": one.session, "told": _listed(one)} for one in reader.sessions()]}

    def review(self, session: int) -> Mapping[str, Any]:
        with Reader.open(self._path) as reader:
            found = retold(reader, session)
            made = reader.corrections(session)
            html = _html(reader, found)
        return {
            "session": session,
            "title": _title(found.stored),
            "html": html,
            "people": [person for person in found.account.people if person not in found.account.declined],
            "seats": list(found.account.people),
            "corrections": [
                {"number": one.number, "told": in_words(one.correction), "undone": one.undone_at is not None}
                for one in made
            ],
            "ended": found.stored.ended_at is not None,
        }

    def trends(self) -> Mapping[str, Any]:
        now = datetime.datetime.now(datetime.UTC)
        with Measures.open(self._path) as store:
            held = store.held()
        if not held:
            raise StoreError("No session has ended yet; there is nothing to follow so far.")
        return {"html": trends_page(histories(held, now.timestamp() / 86_400), _today())}

    def saved(self, session: int, form: str) -> Saved:
        if form not in FORMS:
            raise StoreError(f"A session is saved as {listed(list(FORMS))}, and not as {form}.")
        with Reader.open(self._path) as reader:
            found = retold(reader, session)
            text = _text(reader, found, form)
        return Saved(name=f"session-{session}.{form}", kind=FORMS[form], text=text)

    def correct(self, session: int, wish: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            correction = from_json(wish)
        except ValueError as error:
            raise CorrectionError(f"That is no correction: {error}.") from error
        with self._one, Corrections.open(self._path) as store:
            number = store.correct(session, correction)
            return _done(store, session, number)

    def undo(self, session: int, number: int) -> Mapping[str, Any]:
        with self._one, Corrections.open(self._path) as store:
            return _done(store, session, store.undo(session, number))


def _done(store: Corrections, session: int, number: int) -> Mapping[str, Any]:
    """As it was written down: with names as they are spelled in this session."""
    made = next(one for one in store.corrections(session) if one.number == number)
    return {"number": number, "told": in_words(made.correction)}


def _listed(stored: StoredSession) -> str:
    return f"{_title(stored)} · {', '.join(stored.people)} · {stored.format} · {max(1, stored.last_ms // 60_000)} min"


def _title(stored: StoredSession) -> str:
    began = datetime.datetime.fromisoformat(stored.started_at).astimezone()
    return f"{day_in_words(began.date())}, {began:%H:%M}"


def _today() -> str:
    return datetime.datetime.now().astimezone().date().isoformat()


def _html(reader: Reader, found: Retold) -> str:
    summary = found.account.summary()
    rows = reader.query(
        "SELECT start_ms, text FROM prompts WHERE session = ? AND start_ms IS NOT NULL AND text IS NOT NULL ORDER BY id",
        [found.stored.session],
    )
    prompts = [Said(row["start_ms"], row["text"]) for row in rows]
    picture = figure(found.account, prompts=prompts, language=found.language.code)
    people = "".join(
        f'<li><p class="line"><span class="name">{escape(p.name)}</span> <span class="figure">{100 * p.share:.0f} %</span></p></li>'
        for p in summary.people
    )
    return (
        f'<article class="review"><h1>{escape(_title(found.stored))}</h1><p class="lead">{escape(told(summary))}</p>'
        f'<section><ul class="people">{people}</ul></section><section>{picture}</section></article>'
    )


def _text(reader: Reader, found: Retold, form: str) -> str:
    summary, more = found.account.summary(), beside_of(reader, found.stored.session)
    if form == "csv":
        return people_csv(summary, more)
    if form == "rttm":
        return to_rttm(found.account.timeline.spans(), recording=f"session-{found.stored.session}")
    if form == "md":
        return markdown_page(summary, found.language, _title(found.stored), beside.told(more, summary))
    return _html(reader, found)
