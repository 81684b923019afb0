"""`facilitator mediate`: what a mediator notes for themselves, and the report that both sides share."""

from __future__ import annotations

import json
from pathlib import Path

import click

from facilitator.commands import candidates, options
from facilitator.commands.groups import Commands
from facilitator.commands.mediation.joint import JointNow, JointReport, joint
from facilitator.commands.options import write
from facilitator.errors import UsageError
from facilitator.store.items import now_utc
from facilitator.store.notebook.private import Private, uid_of
from facilitator.store.reader import Reader
from facilitator.terminal.tell import tell
from facilitator.terminal.to_type import to_type

_SESSION = click.argument("session", type=options.SESSION, required=False)


@click.group(cls=Commands)
def mediate() -> None:
    """Keeps a mediator's own notes, and makes the report that both sides share.

    \b
    Examples:
      facilitator start --format mediation --goal "a way to talk about money" --share=mediator
      facilitator mediate notes
      facilitator mediate report --person Ana
    """


@mediate.command()
@_SESSION
@click.option("--add", multiple=True, metavar="TEXT", help="Note this.")
@click.option("--remove", type=options.SESSION, multiple=True, metavar="N", help="Remove note N.")
@options.database()
@options.as_json()
def notes(session: int | None, add: tuple[str, ...], remove: tuple[int, ...], db: Path, as_json: bool) -> None:
    """Lists your own notes on a session, the latest if none is said.

    They are in a file of their own beside the database. No export, review, report or merge has them, and nobody else
    sees them but who can read that file. `facilitator forget` takes names out of them.

    \b
    Examples:
      facilitator mediate notes --add "Ask Ben about the summer"
      facilitator mediate notes 12
    """
    with Reader.open(db) as reader:
        number = reader.latest() if session is None else session
        uid = uid_of(reader, number)
    private = Private(db)
    private.change(uid, now_utc(), note=add, remove=remove)
    found = private.notes(uid)
    if as_json:
        told = [{"number": one.number, "noted_at": one.noted_at, "text": one.text} for one in found]
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    elif not found:
        tell(f"You have noted nothing on session {number}.")
    for one in () if as_json else found:
        tell(f"  {one.number}  {one.text}")


@mediate.command()
@_SESSION
@click.option("--person", metavar="NAME", help="Who you are.", shell_complete=candidates.people_known)
@click.option("--strike", type=click.IntRange(1), multiple=True, metavar="N", help="Leave out part N.")
@click.option("--keep", type=click.IntRange(1), multiple=True, metavar="N", help="Let part N stand again.")
@click.option("--yes", is_flag=True, help="You say yes to it as it is now.")
@click.option("--no", is_flag=True, help="You take your yes back.")
@click.option("--names", is_flag=True, help="With names and days; else people are A, B, C.")
@click.option("--write", "target", type=options.PathName(path_type=Path), metavar="FILE", help="Write it to this file.")
@click.option("--replace", is_flag=True, help="With --write: replace the file if it is there.")
@options.database()
def report(
    session: int | None,
    person: str | None,
    strike: tuple[int, ...],
    keep: tuple[int, ...],
    yes: bool,
    no: bool,
    names: bool,
    target: Path | None,
    replace: bool,
    db: Path,
) -> None:
    """Shows the joint report of a session to one person, takes what they leave out, and their yes.

    Each looks at it on their own. What either leaves out is not in it, and nobody is told who left it out. A yes is to
    the words as you were shown them last. It is only written (--write) when everyone but the host has said yes to these
    very words; whatever changes, all are asked again. Without --names it has no name, and no day but those that an
    agreement has in its own words.

    \b
    Examples:
      facilitator mediate report --person Ana
      facilitator mediate report --person Ana --strike 2
      facilitator mediate report --person Ana --yes
      facilitator mediate report --write joint.md
    """
    if person is None and (strike or keep or yes or no):
        raise UsageError("Say who you are: --person NAME.")
    if yes and no:
        raise UsageError("--yes and --no do not go together; say one of them.")
    if yes and (strike or keep):
        raise UsageError("A yes is to what you have read: leave out first, read what is left, and then say --yes.")
    if target is not None:
        options.spare_database(target)
    found = joint(db, session, names=names)
    if person is not None:
        side = found.side(person)
        now = found.now()
        changed = bool(strike or keep or yes) and not found.has_seen(side, now)
        if not changed:
            _said(found, side, now, strike, keep, yes=yes, no=no)
        elif no:
            found.say(side, now, yes=False)
        _show(found, side)
        if changed:
            raise UsageError("This is how it is now, and you had not been shown it. Read it, and say that once more.")
    if target is not None:
        if not found.whole:
            raise UsageError("Somebody who sat there was forgotten and can say yes to nothing; nothing was written.")
        if not found.agreed(now := found.now()):
            raise UsageError("Not everyone has said yes to it as it is now, so nothing was written.")
        write(target.expanduser(), now.text, replace=replace)
        tell(f"Written to {target}.")
    elif person is None:
        tell("Everyone has said yes to it." if found.agreed(found.now()) else "Not everyone has said yes to it so far.")
        tell(to_type("Look at it on your own: facilitator mediate report --person NAME"))


def _said(
    found: JointReport,
    person: str,
    now: JointNow,
    strike: tuple[int, ...],
    keep: tuple[int, ...],
    *,
    yes: bool,
    no: bool,
) -> None:
    shown = found.shown_to(person, now)
    for numbers, leave_out in ((strike, True), (keep, False)):
        if wrong := [number for number in numbers if number > len(shown)]:
            raise UsageError(f"There is no part {wrong[0]}; it has {len(shown)}.")
        found.strike(person, [shown[number - 1][0].key for number in numbers], leave_out=leave_out)
    if yes or no:
        found.say(person, now, yes=yes)


def _show(found: JointReport, person: str) -> None:
    now = found.now()
    tell(found.texts("joint.title"))
    for number, (part, struck) in enumerate(found.shown_to(person, now), 1):
        tell(f"  {number}  {part.text}" + (f"  ({found.texts('joint.left_out')})" if struck else ""))
    found.show(person, now)
    tell(found.texts("joint.you_said_yes" if found.says_yes(person, now) else "joint.you_have_not"))
