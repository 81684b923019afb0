"""`facilitator trends`: what changes from session to session, and what only varies."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import click

from facilitator.commands import candidates, options
from facilitator.commands.options import parse_since, write_page
from facilitator.commands.stored.wording import texts_of_session
from facilitator.commands.whose_group import group_option, within
from facilitator.core.language.names import folded
from facilitator.core.language.texts import Texts
from facilitator.core.text import WIDEST, in_lines, listed
from facilitator.core.trends.history import History, histories
from facilitator.core.trends.tables import Tables, over_tables
from facilitator.errors import StoreError, UsageError
from facilitator.report.trends.html import page
from facilitator.report.trends.json import to_json
from facilitator.report.trends.tables import tables_json, tables_page, tables_text
from facilitator.report.trends.text import plain
from facilitator.report.trends.words import how as method
from facilitator.resources.texts import ENGLISH, texts_of
from facilitator.store.measures import Measures
from facilitator.terminal.ask import parse_people
from facilitator.terminal.tell import columns, tell
from facilitator.terminal.to_type import to_type


@click.command()
@click.option(
    "--people", metavar="NAMES", help='Only the sessions of exactly these people: "Ana, Ben".',
    shell_complete=candidates.several_people,
)  # fmt: skip
@group_option("Only the sessions of this group.")
@click.option("--since", metavar="DAY", help="Only sessions from then on: 2026-01-31, or an age such as 180d, 6m, 2y.")
@click.option(
    "--html", type=options.PathName(path_type=Path), metavar="FILE", help="Write a page with pictures to this file."
)
@click.option("--tables", "spread", is_flag=True, help="All tables together, month by month: nobody's own figures.")
@click.option("--how", is_flag=True, help="Say how a change is told from the ordinary ups and downs.")
@options.database()
@options.as_json()
def trends(
    people: str | None,
    group: str | None,
    since: str | None,
    html: Path | None,
    spread: bool,
    how: bool,
    db: Path,
    as_json: bool,
) -> None:
    """Says what has changed over the sessions of each group: shares, balance, cut-ins, protected time kept, check-ins
    held, agreements kept, mood at the start and at the end, and how fair it feels how things are shared.

    A change is called one only when it exceeds both the uncertainty of the measurement and the ordinary ups and downs
    between sessions. Sessions that have not ended do not count.

    With --tables, for a school or a service: how the talks of all tables are spread, month by month.

    \b
    Examples:
      facilitator trends
      facilitator trends --people "Ana, Ben" --since 1y
      facilitator trends --group 7a
      facilitator trends --html trends.html
      facilitator trends --tables --since 1y --html school.html
      facilitator trends --how
    """
    if how:
        tell(in_lines(method(texts_of(ENGLISH)), columns() or WIDEST))
        return
    now = datetime.datetime.now(datetime.UTC)
    names = None if people is None else parse_people(people)
    from_when = None if since is None else parse_since(since, now)
    with Measures.open(db) as store:
        within(store, group)
        held, texts = store.held(from_when), texts_of_session(store)
    if not held:
        after = "" if since is None else f" since {since}"
        raise StoreError(f"No session in {db} has ended{after}; there is nothing to follow yet.")
    if spread:
        if names is not None:
            raise UsageError("--tables is of all tables together; leave --people out.")
        _tell_tables(over_tables(held), texts, html, now.astimezone().date(), as_json=as_json)
        return
    found = histories(held, now.timestamp() / 86_400)
    if names is not None:
        found = _of(found, names)
    written = None if html is None else write_page(html, page(found, texts, now.astimezone().date()))
    if as_json:
        click.echo(
            json.dumps(to_json(found, texts_of(ENGLISH)), ensure_ascii=False)
        )  # indented, it would take Python half a second more
    elif written is not None:
        tell(written)
    else:
        tell(to_type(plain(found, texts, columns())), nl=False)


def _tell_tables(found: Tables, texts: Texts, html: Path | None, day: datetime.date, *, as_json: bool) -> None:
    if html is not None:
        write_page(html, tables_page(found, texts, day))
    if as_json:
        click.echo(json.dumps(tables_json(found)))
    elif html is not None:
        tell(f"Written to {html}: open it in any browser.")
    else:
        tell(tables_text(found, texts, columns()), nl=False)


def _of(found: list[History], names: tuple[str, ...]) -> list[History]:
    wanted = {folded(name) for name in names}
    chosen = [history for history in found if {folded(name) for name in history.people} == wanted]
    if not chosen:
        groups = "; ".join(listed(history.people) for history in found[:5])
        raise StoreError(f"There is no session of exactly {listed(names)}. There are those of: {groups}.")
    return chosen
