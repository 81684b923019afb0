"""A session that broke off: whether it goes on, is closed, or waits."""

from __future__ import annotations

import contextlib
import logging
import sys
from dataclasses import dataclass

from facilitator.commands.session.answers import yes_or_no
from facilitator.commands.session.no_opening import found_live
from facilitator.core.discussion import Discussion
from facilitator.core.events import Fact
from facilitator.core.language.texts import Texts
from facilitator.core.setup import Setup
from facilitator.errors import StoreError, UsageError
from facilitator.store.reader import StoredSession
from facilitator.store.session_log import Store
from facilitator.terminal.tell import tell
from facilitator.terminal.to_type import to_type

DAMAGED = "The session that was interrupted cannot go on, as what is stored of it is damaged: a new one begins."
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupted:
    """A session as far as it had come."""

    session: int
    setup: Setup
    discussion: Discussion
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Damaged:
    """One that should have gone on, and of which too little makes sense. `people`: as far as it is known whose."""

    people: tuple[str, ...]


def to_go_on(
    store: Store, names: tuple[str, ...] | None, go_on: bool | None, texts: Texts, *, yes: bool
) -> Interrupted | Damaged | None:
    """The session that broke off, if it is to go on. One that is not is closed; nothing of it is lost."""
    found = _unfinished(store)
    others = found and names is not None and found[0].people and set(names) != set(found[0].people)
    if not found or others:
        if go_on and store.path is not None:  # else it was told why nothing of earlier sessions can be read
            raise UsageError("There is no unfinished session of these people; leave --go-on out to begin a new one.")
        return None
    latest = found[0]
    if go_on is False:
        _close(store, latest, texts)
        return None
    try:
        discussion = _begun(store, latest)
        if not _wanted(store, latest, found_live(discussion.setup), go_on, texts, yes=yes):
            return None
        return _brought_back(store, latest, discussion)
    except StoreError:
        _log.warning("session %d cannot be brought back", latest.session, exc_info=True)
        hint = "" if store.path is None else f" What is whole, facilitator recover --database {store.path} takes out."
        tell(to_type(DAMAGED + hint), err=True)
        _close(store, latest, texts)
        return Damaged(people=latest.people)


def _wanted(
    store: Store, latest: StoredSession, no_opening: bool, go_on: bool | None, texts: Texts, *, yes: bool
) -> bool:
    """Whether it goes on; asked for where it was not said."""
    if no_opening:
        if go_on:
            raise UsageError("That session had no opening circle, so its voices cannot be known again; say --new.")
        go_on = False
    if go_on is None and not yes and sys.stdin.isatty():
        go_on = yes_or_no(texts("terminal.interrupted", what=_told(latest, texts)), texts, default=True)
    if go_on is None:
        tell(texts("terminal.go_on_or_new", number=latest.session), err=True)
    elif not go_on:
        _close(store, latest, texts)
    return bool(go_on)


def that_can_go_on(store: Store, texts: Texts) -> str | None:
    """The session that broke off, in a few words, if it can go on."""
    for latest in _unfinished(store)[:1]:
        with contextlib.suppress(StoreError):
            if not found_live(_begun(store, latest).setup):
                return _told(latest, texts)
    return None


def _told(latest: StoredSession, texts: Texts) -> str:
    names, minutes = ", ".join(latest.people), latest.last_ms // 60_000
    return texts("setup.interrupted_what", names=names, format=texts.form(latest.format), number=minutes)


def _unfinished(store: Store) -> list[StoredSession]:
    """Of the group that is at the table; another group's waits for that one. Where not even that can be read, a new one
    begins."""
    try:
        return store.of_this_group(store.unfinished())
    except StoreError as error:
        tell(error.message, err=True)
        return []


def _begun(store: Store, latest: StoredSession) -> Discussion:
    """As it began. Raises StoreError: rows may hold anything, and so may anything come of them."""
    try:
        return Discussion(store.setup(latest.session))
    except Exception as error:
        raise StoreError(DAMAGED) from error


def _brought_back(store: Store, latest: StoredSession, discussion: Discussion) -> Interrupted:
    """By telling it once more what happened; from here on `store` writes it. Raises StoreError in the same way."""
    at_ms = 0
    try:
        for fact in store.records(latest.session, ["fact"]):
            if isinstance(fact, Fact):
                discussion.receive(fact)
                at_ms = fact.at_ms
        store.resume(latest.session)
    except Exception as error:
        raise StoreError(DAMAGED) from error
    return Interrupted(session=latest.session, setup=discussion.setup, discussion=discussion, at_ms=at_ms)


def _close(store: Store, latest: StoredSession, texts: Texts) -> None:
    try:
        store.finish(latest.session, "interrupted")
    except StoreError as error:
        tell(error.message, err=True)
        return
    tell(texts("terminal.closed", command=to_type(f"facilitator review {latest.session}")))
