"""A session that broke off: whether it goes on, is closed, or waits."""

from __future__ import annotations

import sys

import click

from facilitator.commands.groups import with_database
from facilitator.commands.session.no_opening import found_live
from facilitator.errors import UsageError
from facilitator.store.reader import StoredSession
from facilitator.store.session_log import Store
from facilitator.terminal.tell import tell


def to_go_on(store: Store, names: tuple[str, ...] | None, go_on: bool | None, *, yes: bool) -> StoredSession | None:
    """The session that broke off, if it is to go on. One that is not is closed; nothing of it is lost."""
    found = store.unfinished()
    if not found or (names is not None and set(names) != set(found[0].people)):
        if go_on:
            raise UsageError("There is no unfinished session of these people; leave --go-on out to begin a new one.")
        return None
    latest = found[0]
    if found_live(store.setup(latest.session)):
        if go_on:
            raise UsageError("That session had no opening circle, so its voices cannot be known again; say --new.")
        go_on = False
    if go_on is None and not yes and sys.stdin.isatty():
        what = f"{', '.join(latest.people)}, {latest.format}, stopped after {latest.last_ms // 60_000} min"
        go_on = click.confirm(f"A session was interrupted ({what}). Go on with it?", default=True)
    if go_on:
        return latest
    if go_on is False:
        store.finish(latest.session, "interrupted")
        tell(with_database(f"It is closed; facilitator review {latest.session} tells it."))
    else:
        tell(f"Session {latest.session} was interrupted; --go-on goes on with it, --new closes it.", err=True)
    return None


def that_can_go_on(store: Store) -> str | None:
    """The session that broke off, in a few words, if it can go on."""
    for latest in store.unfinished()[:1]:
        if not found_live(store.setup(latest.session)):
            return f"{', '.join(latest.people)}: {latest.format}, stopped after {latest.last_ms // 60_000} min"
    return None
