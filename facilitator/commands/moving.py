"""`facilitator groups`: which there are, and moving sessions into one."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from facilitator.commands import options
from facilitator.commands.groups import Commands
from facilitator.commands.stored.asking import agree, sessions
from facilitator.commands.whose_group import NONE, group_option, parse_group, within
from facilitator.errors import UsageError
from facilitator.store.exchange.moving import Moves, Moving
from facilitator.store.reader import Reader
from facilitator.terminal.tell import tell
from facilitator.terminal.to_type import to_type


@click.group(cls=Commands, invoke_without_command=True)
@options.database()
@options.as_json()
@click.pass_context
def groups(ctx: click.Context, db: Path, as_json: bool) -> None:
    """Lists the groups, and moves sessions into one.

    \b
    Examples:
      facilitator groups
      facilitator groups move 3 4 --to 7b
    """
    if ctx.invoked_subcommand is None:
        _list(db, as_json)
    elif ctx.get_parameter_source("db") is click.core.ParameterSource.COMMANDLINE or as_json:
        raise UsageError(f"Options go behind the command: facilitator groups {ctx.invoked_subcommand} --db FILE.")


@groups.command("list")
@options.database()
@options.as_json()
def list_groups(db: Path, as_json: bool) -> None:
    """Lists every group that has held a session.

    \b
    Example:
      facilitator groups list --json
    """
    _list(db, as_json)


def _list(db: Path, as_json: bool) -> None:
    with Reader.open(db) as reader:
        found = [(one.name, one.sessions) for one in reader.groups()]
    if as_json:
        click.echo(json.dumps([{"name": name, "sessions": number} for name, number in found], ensure_ascii=False))
        return
    if not found:
        tell(to_type("No session is stored yet; facilitator start begins one."))
    for name, number in found:
        tell(f"{name or NONE}: {sessions(number)}")


@groups.command()
@click.argument("numbers", metavar="[SESSION]...", nargs=-1, type=options.SESSION)
@click.option(
    "--to", "target", metavar="NAME", required=True, help='The group they become; a new one is made, "" is none.'
)
@group_option("All sessions of this group, in place of numbers.")
@click.option("--same", is_flag=True, help="Whoever has the same name in both groups is the same person.")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@options.database()
def move(numbers: tuple[int, ...], target: str, group: str | None, same: bool, yes: bool, db: Path) -> None:
    """Moves sessions into another group, with all that belongs to them.

    Who sat in them becomes a person of that group, with agreements, ratings and corrections; how a name is spoken goes
    along. Where somebody there has the same name it is asked whether they are the same person, as in one group they
    are. What is there already stays as it is, however often this is typed.

    \b
    Examples:
      facilitator groups move 3 4 --to 7b
      facilitator groups move --group "" --to 7a
    """
    if bool(numbers) == (group is not None):
        raise UsageError("Say which sessions: their numbers, or --group NAME for all of one.")
    with Moves.open(db) as store:
        going = list(numbers) if group is None else within(store, group).of_group(store.group or "")
        store.within(parse_group(target) or "", new=True)
        plan = store.plan(going)
        where = store.group or NONE
        if plan.sessions:
            _check_met(plan, where, same)
            agree(f"Move {sessions(len(plan.sessions))} into {where}?", yes)
            store.move(plan.sessions)
            tell(f"{sessions(len(plan.sessions))} moved into {where}.")
        if plan.already:
            tell(f"{sessions(len(plan.already))} {'was' if len(plan.already) == 1 else 'were'} in {where} already.")
        if not going:
            tell("There is no session to move; nothing is changed.")


def _check_met(plan: Moving, where: str, same: bool) -> None:
    """Raises UsageError where it is not known whether two of one name are one person, and nobody can be asked."""
    if not plan.met or same:
        return
    names = ", ".join(plan.met)
    instead = 'rename first, for example: facilitator people rename Ana "Ana B" --group NAME. Nothing is moved.'
    if not sys.stdin.isatty():
        raise UsageError(
            f"In {where} there is {names}, too, and one name in one group is one person: add --same if they are. Else"
            f" {instead}"
        )
    if not click.confirm(f"In {where} there is {names}, too. Are they the same?", default=None):
        raise UsageError(instead[0].upper() + instead[1:])
