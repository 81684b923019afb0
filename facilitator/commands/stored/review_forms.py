"""A stored session in the forms in which it is told: for the terminal, for files, and for the page."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from facilitator.commands.stored.wording import reading, remarks
from facilitator.core.language.texts import Texts
from facilitator.core.review.anonymous import anonymous
from facilitator.core.review.review import SessionReview
from facilitator.core.review.review import review as reviewed
from facilitator.core.session_notes import SessionNotes
from facilitator.report.output.blocks import markdown
from facilitator.report.output.csv_tables import people_csv
from facilitator.report.output.rttm import to_rttm
from facilitator.report.review.html import body, page, summary_page
from facilitator.resources.texts import texts_of
from facilitator.store.items import local
from facilitator.store.reader import Reader
from facilitator.store.rerun import Rerun, rerun
from facilitator.store.session_notes import notes_of

ReviewForm = Literal["html", "md", "csv", "rttm"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    found: Rerun
    review: SessionReview
    notes: SessionNotes

    @property
    def number(self) -> int:
        return self.found.stored.session

    @property
    def title(self) -> str:
        began = local(self.found.stored.started_at, self.found.setup.utc_offset_minutes)
        return self.texts("report.session", number=self.number, moment=self.texts.moment(began))

    @property
    def texts(self) -> Texts:
        """Of the language that it was held in."""
        return texts_of(self.found.language.code)


def told(reader: Reader, session: int | None = None) -> Told:
    """Without `session`, the latest. Raises StoreError."""
    found = rerun(reader, session)
    return Told(found=found, review=reviewed(found.account), notes=notes_of(reader, found.stored.session))


def fragment(told: Told) -> str:
    """For the page, which has the styles already."""
    return body(told.review, told.notes, remarks(told.review, told.found.language), told.texts, title=told.title)


def _html(told: Told) -> str:
    said = remarks(told.review, told.found.language)
    return page(told.review, told.notes, said, told.texts, title=told.title, made_on=today())


def without_names(told: Told) -> str:
    """A page of one sheet on which people are A, B, C."""
    nameless = reviewed(anonymous(told.found.account))
    said = remarks(nameless, told.found.language)
    return summary_page(nameless, said, told.texts, title=told.title, day=told.notes.day, made_on=today())


def _markdown(told: Told) -> str:
    return markdown(reading(told.review, told.found.language, told.notes, everything=True), told.title)


def _csv(told: Told) -> str:
    return people_csv(told.review.summary, told.notes)


def _rttm(told: Told) -> str:
    return to_rttm(told.found.account.timeline.spans(), recording=f"session-{told.number}")


FORMS: Mapping[ReviewForm, Callable[[Told], str]] = {"html": _html, "md": _markdown, "csv": _csv, "rttm": _rttm}
"""The whole of it as a text."""


def today() -> datetime.date:
    return datetime.datetime.now().astimezone().date()
