"""`facilitator audit`: what is on this computer, and who may read it."""

from __future__ import annotations

import json
from pathlib import Path

import click

from facilitator.backends.voice import voice_files
from facilitator.commands import options
from facilitator.errors import UsageError
from facilitator.system import audit as looking
from facilitator.system import telemetry
from facilitator.terminal.tell import tell
from facilitator.terminal.to_type import to_type


@click.command()
@options.database()
@options.as_json()
@click.option("--tidy", is_flag=True, help="Delete what a package, or a run that was killed, left behind; asks first.")
@click.option("--yes", is_flag=True, help="With --tidy: ask nothing.")
def audit(db: Path, as_json: bool, tidy: bool, yes: bool) -> None:
    """Lists every file and table that was written, what is in it, who may read it, and what could reach the network.

    Leaves with 1 if something is not as it should be.

    \b
    Examples:
      facilitator audit
      facilitator audit --json
      facilitator audit --tidy
    """
    if yes and not tidy:
        raise UsageError("--yes goes with --tidy: without it nothing is asked, and nothing deleted.")
    if tidy:
        _tidy(yes=yes)
        return
    found = looking.examine(db)
    if as_json:
        click.echo(json.dumps(looking.as_json(found), ensure_ascii=False, indent=2))
    else:
        tell(to_type(looking.as_text(found)))
    if found.problems:
        raise click.exceptions.Exit(1)


def _tidy(*, yes: bool) -> None:
    left, spoken = telemetry.left_behind(), voice_files.abandoned()
    if not left and not spoken:
        tell("Nothing was left behind.")
        return
    for path in left:
        tell(f"{path}\n    {telemetry.WHAT}")
    for path in spoken:
        tell(f"{path}\n    {looking.SPOKEN}")
    if not yes and not click.confirm("Delete this?", default=False):
        tell("Nothing was deleted.")
        return
    telemetry.remove(left)
    voice_files.remove_abandoned()
    tell("Deleted.")
