"""`facilitator audit`: what is on this computer, and who may read it."""

from __future__ import annotations

import json
from pathlib import Path

import click

from facilitator.commands import options
from facilitator.system import audit as looking


@click.command()
@options.database()
@options.as_json()
def audit(db: Path, as_json: bool) -> None:
    """Lists every file and table that was written, what is in it, who may read it, and what could reach the network.

    Leaves with 1 if something is not as it should be.

    \b
    Examples:
      facilitator audit
      facilitator audit --json
    """
    found = looking.examine(db)
    click.echo(json.dumps(looking.as_json(found), ensure_ascii=False, indent=2) if as_json else looking.as_text(found))
    if found.problems:
        raise click.exceptions.Exit(1)
