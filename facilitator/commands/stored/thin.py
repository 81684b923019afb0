"""`facilitator thin`: of old sessions, only the figures."""

from __future__ import annotations

import datetime
from pathlib import Path

import click

from facilitator.commands import options
from facilitator.commands.options import before
from facilitator.commands.stored.asking import agree, progress, sessions
from facilitator.commands.whose_group import group_option, within
from facilitator.store.upkeep.thinning import Thinning
from facilitator.terminal.tell import tell

MEGABYTE = 1_000_000


@click.command()
@click.option(
    "--older-than", "age", metavar="AGE", required=True, help="Sessions older than this: 180d, 26w, 6m, or 2y."
)
@group_option("Only the sessions of this group.")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@options.database()
def thin(age: str, group: str | None, yes: bool, db: Path) -> None:
    """Makes old sessions small: their figures stay, and what was heard moment by moment goes.

    Review, corrections, trends, agreements and export go on as before, and the review says since when. What cannot be
    done any more is to run the session again by newer rules (facilitator replay). An hour is 3.5 MB before, and about
    a tenth of that afterwards.

    \b
    Examples:
      facilitator thin --older-than 6m
      facilitator thin --older-than 1y --group 7a --yes
    """
    now = datetime.datetime.now(datetime.UTC)
    moment = before(now, age)
    with Thinning.open(db) as store:
        old = within(store, group).old(moment)
        if not old:
            tell(f"No session older than {age} holds more than its figures; nothing is changed.")
            return
        was = store.bytes()
        tell(f"{sessions(len(old))} before {moment:%Y-%m-%d} (today is {now:%Y-%m-%d}) will hold only their figures.")
        agree("Thin them? It cannot be undone.", yes)
        left = store.thin(old, now.astimezone().date(), progress("Thinning"))
        now_bytes = store.bytes()
    if left:
        tell(
            f"Left as they are, as what was heard in them makes no sense by today's rules: {', '.join(map(str, left))}."
        )
    done = len(old) - len(left)
    tell(f"{sessions(done)} thinned: {was / MEGABYTE:.1f} MB before, {now_bytes / MEGABYTE:.1f} MB now.")
