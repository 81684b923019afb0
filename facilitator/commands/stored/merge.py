"""`facilitator merge`: the sessions of another database, taken into this one."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import click

from facilitator.commands import options
from facilitator.core.language.names import folded
from facilitator.errors import UsageError
from facilitator.store.exchange.merging import Clash, MergedIn, Merging
from facilitator.terminal.ask import parse_name, parse_new_name
from facilitator.terminal.tell import tell
from facilitator.terminal.to_type import to_type


@click.command()
@click.argument("other", metavar="OTHER.db", type=options.PathName(path_type=Path))
@click.option("--same", multiple=True, metavar="NAME", help="NAME there and NAME here are the same person.")
@click.option("--all-same", is_flag=True, help="Whoever has the same name, in the same group, is the same person.")
@click.option("--apart", multiple=True, metavar="NAME=NEW", help="NAME there is somebody else, and is called NEW here.")
@options.database()
def merge(other: Path, same: tuple[str, ...], all_same: bool, apart: tuple[str, ...], db: Path) -> None:
    """Takes the sessions of another database into this one, such as those of another laptop.

    A session is taken once, however often this is typed; groups stay what they are; OTHER.db is not changed. Where
    somebody there has the name of somebody here, in the same group, it is asked whether they are the same person.
    Who sat in a session that is here already is known by it, whatever they are called here now, and is not asked about
    again. Sessions that have not ended there wait until they have; those that were removed here, by
    facilitator forget or start --keep, stay removed.

    \b
    Examples:
      facilitator merge laptop-2.db
      facilitator merge laptop-2.db --all-same
      facilitator merge laptop-2.db --same Ana --apart "Ben=Ben K"
    """
    known, others = {folded(parse_name(name)) for name in same}, dict(_pair(value) for value in apart)
    if both := sorted(known & others.keys()):
        raise UsageError(f"{both[0]} is in --same and in --apart; leave one of them out.")
    take_in(db, other, known, others, all_same=all_same)


def take_in(
    db: Path,
    other: Path,
    same: Collection[str] = (),
    apart: Mapping[str, str] = MappingProxyType({}),
    *,
    all_same: bool,
) -> None:
    """And tells what came of it. Names are folded. Raises FacilitatorError."""
    with Merging(db, other) as merging:
        clashes = merging.clashes()
        _check_named(merging, clashes, same, apart)
        for clash in clashes:
            new = _is_who(clash, same, apart, all_same=all_same)
            if new:
                merging.set_apart(clash, new)
            else:
                merging.set_same(clash)
        done = merging.merge()
    tell(_told(done, other))


def _pair(value: str) -> tuple[str, str]:
    name, equals, new = value.partition("=")
    if not equals or not new.strip():
        raise UsageError(f'--apart {value}: write it as NAME=NEW, for example --apart "Ben=Ben K".')
    return folded(parse_name(name)), parse_new_name(new)


def _check_named(merging: Merging, clashes: Sequence[Clash], same: Collection[str], apart: Mapping[str, str]) -> None:
    """Raises UsageError for a name about which there is no question, or which a session that both have answers
    otherwise: it may have been misspelled, and then somebody would be taken for somebody else."""
    asked = {folded(clash.name) for clash in clashes}
    for name in sorted({*same, *apart} - asked):
        now = merging.known_as(name)
        option = "--same" if name in same else "--apart"
        new = folded(apart.get(name, name))
        if not now:
            raise UsageError(
                f"{option} {name}: there is no question about anybody of that name here and there, in one group; look"
                " at how it is written, or leave it out. Nothing has been taken in."
            )
        if new not in map(folded, now):
            raise UsageError(
                f"{option} {name}: by a session that is here and there, they are called {' and '.join(now)} here; leave"
                " it out. Nothing has been taken in."
            )


def _is_who(clash: Clash, same: Collection[str], apart: Mapping[str, str], *, all_same: bool) -> str:
    """What the other one is to be called; empty: they are the same person. Raises UsageError where nobody can be
    asked."""
    if folded(clash.name) in apart:
        return apart[folded(clash.name)]
    if all_same or folded(clash.name) in same:
        return ""
    where = f" in {clash.group}" if clash.group else ""
    if not sys.stdin.isatty():
        raise UsageError(
            f"{clash.name} is here and there{where}: say --same {clash.name} if they are one person, or"
            f' --apart "{clash.name}=NEW" and what the other one is to be called. Nothing has been taken in.'
        )
    if click.confirm(f"{clash.name} is here and there{where}. Is that the same person?", default=None):
        return ""
    return parse_new_name(click.prompt(f"What is the other {clash.name} to be called"))


def _told(done: MergedIn, other: Path) -> str:
    lines = []
    if done.sessions:
        new = f", with {_counted(done.people, 'person', 'people')} who had not been here" if done.people else ""
        lines.append(f"{_counted(done.sessions, 'session', 'sessions')} of {other} taken in{new}.")
    else:
        lines.append(f"Nothing of {other} is new here; nothing has been changed.")
    if done.known and done.sessions:
        lines.append(f"{_counted(done.known, 'was', 'were')} here already.")
    if done.ahead:
        numbers = ", ".join(map(str, done.ahead))
        lines.append(f"There more has been stored of session {numbers} since; here it stays as it is.")
    if done.unfinished:
        waiting = _counted(done.unfinished, "session has", "sessions have")
        lines.append(f"{waiting} not ended there; end it, and type the same again.")
    if done.removed:
        away = _counted(done.removed, "session was removed here, and stays", "sessions were removed here, and stay")
        lines.append(f"{away} removed.")
    if done.sessions:
        lines.append(to_type("To look: facilitator review"))
    return "\n".join(lines)


def _counted(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"
