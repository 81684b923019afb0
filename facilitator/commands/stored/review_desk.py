"""The stored sessions, for the page of a review: to read, to save, and to put right."""

from __future__ import annotations

import dataclasses
import datetime
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from facilitator.commands.mediation.joint import joint
from facilitator.commands.stored.notebook_desk import change, listed
from facilitator.commands.stored.review_forms import FORMS, ReviewForm, fragment, today, told
from facilitator.commands.stored.wording import texts_of_session
from facilitator.core.language.texts import Texts
from facilitator.core.review.apply_corrections import from_json
from facilitator.core.review.correction import Renamed, Seated
from facilitator.core.setup import Setup
from facilitator.core.trends.history import histories
from facilitator.errors import CorrectionError, StoreError, UsageError
from facilitator.page.review_api import Saved
from facilitator.report.corrections import in_words
from facilitator.report.output.csv_tables import MARK
from facilitator.report.trends.html import body
from facilitator.store.corrections import Corrections, heard_account
from facilitator.store.items import local
from facilitator.store.measures import Measures
from facilitator.store.reader import Reader, Remembered, StoredSession
from facilitator.terminal.ask import parse_new_name

MEDIA: Mapping[ReviewForm, str] = {"html": "text/html", "md": "text/markdown", "csv": "text/csv", "rttm": "text/plain"}

JOINT = "joint"
R = TypeVar("R", bound=Reader)


class StoredReviewService:
    """A `Desk` of one database file. It is opened anew for every question, so that others can use it in between; what
    was heard in the session that is looked at stays in memory."""

    def __init__(self, path: Path, changed: Callable[[int], None] = lambda _: None) -> None:
        """`changed` is called after every correction, with how many there were since it was made."""
        self._path, self._changed = path, changed
        self._changes = 0
        self._remembered = Remembered()
        self._one = threading.Lock()  # corrections come one after the other

    def sessions(self) -> Mapping[str, Any]:
        with Reader.open(self._path) as reader:
            listed = [(one, reader.setup(one.session)) for one in reader.sessions()]
            texts = texts_of_session(reader)
        return {"sessions": [{"session": one.session, "told": _in_a_line(one, setup, texts)} for one, setup in listed]}

    def review(self, session: int) -> Mapping[str, Any]:
        with self._open(Reader) as reader:
            found = told(reader, session)
            made = reader.corrections(session)
        account, texts = found.found.account, found.texts
        return {
            "session": session,
            "title": found.title,
            "html": fragment(found),
            "seats": list(account.people),
            "people": [person for person in account.people if person not in account.declined],
            "corrections": [
                {
                    "number": one.number,
                    "told": in_words(one.correction, texts),
                    "undone": one.undone_at is not None,
                }
                for one in made
            ],
            "ended": found.found.stored.ended_at is not None,
        }

    def get_ready(self, session: int) -> None:
        with suppress(StoreError), self._open(Reader) as reader:
            heard_account(reader, session)

    def trends(self) -> Mapping[str, Any]:
        now = datetime.datetime.now(datetime.UTC)
        with Measures.open(self._path) as store:
            held, texts = store.held(), texts_of_session(store)
        if not held:
            raise StoreError(texts("review.no_trends"))
        return {"html": body(histories(held, now.timestamp() / 86_400), texts, today())}

    def saved(self, session: int, form: str) -> Saved:
        if form == JOINT:
            report = joint(self._path, session)
            if not report.agreed(now := report.now()):
                raise StoreError(report.texts("joint.waits"))
            return Saved(name=f"joint-{session}.md", kind="text/markdown", text=now.text)
        known = next((known for known in MEDIA if known == form), None)
        if known is None:
            raise UsageError(f"A session is not saved as {form}; choose one of {', '.join(MEDIA)}.")
        with self._open(Reader) as reader:
            found = told(reader, session)
        return Saved(
            name=f"session-{session}.{known}",
            kind=MEDIA[known],
            text=(MARK if known == "csv" else "") + FORMS[known](found),
        )

    def joint(self, session: int, person: str, wish: Mapping[str, Any]) -> Mapping[str, Any]:
        found = joint(self._path, session)
        if not person:
            return {"sides": list(found.sides), "all": found.agreed(found.now())}
        side = found.side(person)
        for key, leave_out in (("strike", True), ("keep", False)):
            part = wish.get(key)
            if isinstance(part, str) and part in {one.key for one, _ in found.shown_to(side, found.now())}:
                found.strike(side, [part], leave_out=leave_out)
        now = found.now()
        if isinstance(yes := wish.get("yes"), bool):
            if yes and wish.get("of") != now.digest:
                raise StoreError(found.texts("joint.changed"))
            found.say(side, now, yes=yes)
        return {
            "sides": list(found.sides),
            "parts": [
                {"key": one.key, "text": one.text, "struck": struck} for one, struck in found.shown_to(side, now)
            ],
            "of": now.digest,
            "yes": found.says_yes(side, now),
            "all": found.agreed(now),
        }

    def rules(self, wish: Mapping[str, Any]) -> Mapping[str, Any]:
        with self._one:
            change(self._path, wish)
        return listed(self._path)

    def correct(self, session: int, wish: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            correction = from_json(wish)
        except ValueError as error:
            raise CorrectionError(f"That is no correction: {error}.") from error
        if isinstance(correction, Renamed | Seated):  # typed, as on the command line
            correction = dataclasses.replace(correction, to=parse_new_name(correction.to))
        return self._put_right(session, lambda store: store.correct(session, correction))

    def undo(self, session: int, number: int) -> Mapping[str, Any]:
        return self._put_right(session, lambda store: store.undo(session, number))

    def _put_right(self, session: int, do: Callable[[Corrections], int]) -> Mapping[str, Any]:
        with self._one, self._open(Corrections) as store:
            number = do(store)
            made = next(one for one in store.corrections(session) if one.number == number)
            self._changes += 1
            self._changed(self._changes)
            return {"told": in_words(made.correction, texts_of_session(store, session)), "change": self._changes}

    def _open(self, kind: type[R]) -> R:
        reader = kind.open(self._path)
        reader.remembered = self._remembered
        return reader


def _in_a_line(stored: StoredSession, setup: Setup, texts: Texts) -> str:
    """6 March 2026, 20:40 · Ana, Ben · Check-in · 45 min"""
    began = local(stored.started_at, setup.utc_offset_minutes)
    when = f"{texts.rules.short_day(began.date())}, {began:%H:%M}"
    length = texts("review.minutes", number=max(1, stored.last_ms // 60_000))
    return f"{when} · {', '.join(stored.people)} · {texts.form(stored.format)} · {length}"
