"""--group: which of several groups is meant, and who is asked where that was not said."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from facilitator.commands import candidates
from facilitator.errors import UsageError
from facilitator.store.people import People
from facilitator.store.reader import Reader
from facilitator.terminal.ask import parse_name

R = TypeVar("R", bound=Reader)
NONE = "(no group)"
"""How those who named no group are listed."""


def group_option(text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def parsed(_: click.Context, __: click.Parameter, typed: str | None) -> str | None:
        return parse_group(typed)

    return click.option("--group", metavar="NAME", callback=parsed, help=text, shell_complete=candidates.groups_known)


def parse_group(typed: str | None) -> str | None:
    """None: none was said; empty: those of no group. Raises UsageError."""
    return typed if typed is None or not typed.strip() else parse_name(typed)


def of_the_group(command: Callable[..., Any]) -> Callable[..., Any]:
    """--group beside a number of a session: without the number, it is the latest of that group. The command is given
    `session` and `db`."""

    @functools.wraps(command)
    def with_session(*args: Any, session: int | None, group: str | None, db: Path, **more: Any) -> Any:
        if group is not None and session is None:
            with Reader.open(db) as reader:
                session = within(reader, group).latest()
        return command(*args, session=session, db=db, **more)

    return group_option("Where no session is named: the latest of this group.")(with_session)


def within(reader: R, group: str | None) -> R:
    """Only that group's, where one was said. Raises StoreError for one that is not there."""
    return reader if group is None else reader.within(group.strip())


def usual(reader: R, group: str | None, *, new: bool = False) -> R:
    """In the group that was said; else in the only one there is, or, of several, among those of no group. Raises
    UsageError where everybody is of some group."""
    if group is not None:
        return reader.within(group.strip(), new=new)
    known = [one.name for one in reader.groups()]
    if len(known) == 1:
        return reader.within(known[0])
    if known and "" not in known:
        raise UsageError(f"Say which group with --group, one of: {', '.join(known)}; or --group and a new name.")
    return reader


def of_person(store: People, name: str, group: str | None) -> None:
    """In the group in which somebody has this name. Raises UsageError where several have one."""
    if group is not None:
        store.within(group.strip())
        return
    groups = store.groups_of(name)
    if len(groups) > 1:
        raise UsageError(
            f"There is {name} in {_listed(groups)}, and they are different people: say which with --group."
        )
    if groups:
        store.within(groups[0])


def to_forget(store: People, name: str, group: str | None, *, everywhere: bool, ask: bool) -> Sequence[str]:
    """The groups in which a name is to be forgotten. Raises UsageError where that was not said and nobody can be
    asked."""
    if group is not None:
        return [store.within(group.strip()).group or ""]
    groups = store.groups_of(name) or store.groups_that_mention(name)
    if len(groups) < 2 or everywhere:
        return groups or [""]
    if not ask or not sys.stdin.isatty():
        raise UsageError(
            f"There is {name} in {_listed(groups)}: say which with --group NAME, or --every-group for all of them."
        )
    click.echo(f"There is {name} in {len(groups)} groups:")
    for number, one in enumerate(groups, 1):
        click.echo(f"  {number}  {one or NONE}")
    chosen = click.prompt("Which", type=click.IntRange(1, len(groups)))
    return [groups[chosen - 1]]


def _listed(groups: Sequence[str]) -> str:
    return " and ".join(f"group {one}" if one else "no group" for one in groups)
