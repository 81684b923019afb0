"""`facilitator agreements`: what people agreed on, over all sessions."""

from __future__ import annotations

import json
from pathlib import Path

import click

from facilitator.commands import options
from facilitator.commands.left import agreements_of
from facilitator.errors import UsageError
from facilitator.report import agreed
from facilitator.store import Store
from facilitator.store_reader import Reader


@click.command()
@options.database()
@click.option("--done", type=int, multiple=True, metavar="N", help="Number N was kept.")
@click.option("--open", "open_", type=int, multiple=True, metavar="N", help="Number N is open, after all.")
@options.as_json()
def agreements(db: Path, done: tuple[int, ...], open_: tuple[int, ...], as_json: bool) -> None:
    """Lists what was agreed on, with who takes care of it and by when; what is open comes first.

    With --done or --open, says first of one of them that it was kept or is open. What is due is also asked for when
    the same people start again.

    \b
    Examples:
      facilitator agreements
      facilitator agreements --done 3
    """
    if both := sorted({*done} & {*open_}):
        raise UsageError(f"Number {both[0]} cannot be both: say --done {both[0]} or --open {both[0]}.")
    if done or open_:
        with Reader.open(db):  # a file that is not there yet is not made
            pass
        with Store.open(db) as store:
            store.keep(dict.fromkeys(done, True) | dict.fromkeys(open_, False))
    with Reader.open(db) as reader:
        found = agreements_of(reader)
    if as_json:
        click.echo(json.dumps([agreed.to_json(one) for one in found], ensure_ascii=False, indent=2))
    else:
        click.echo(agreed.page(found) if found else "Nothing has been agreed on yet.\n", nl=False)
