"""`facilitator people` and `forget`: what people may do with what is theirs."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from facilitator.backends.voice import voice_files
from facilitator.commands import candidates, options
from facilitator.commands.groups import Commands
from facilitator.commands.options import before
from facilitator.commands.stored import keep_voiceprints
from facilitator.commands.stored.asking import agree, progress, sessions
from facilitator.commands.whose_group import NONE, group_option, of_person, to_forget, within
from facilitator.core.language.names import count
from facilitator.core.text import cleaned
from facilitator.errors import FacilitatorError, UsageError
from facilitator.resources.paths import settings_path
from facilitator.resources.texts import english_day
from facilitator.store.people import SOMEONE, Done, People, PersonTraces
from facilitator.store.voiceprints import VoiceprintStore
from facilitator.system import exports, own_files
from facilitator.terminal.ask import parse_name, parse_new_name
from facilitator.terminal.tell import tell
from facilitator.terminal.to_type import to_type


@click.group(cls=Commands, invoke_without_command=True)
@group_option("Only those of this group.")
@options.database()
@options.as_json()
@click.pass_context
def people(ctx: click.Context, group: str | None, db: Path, as_json: bool) -> None:
    """Lists who is in the database, renames them, and says how names are spoken.

    \b
    Examples:
      facilitator people
      facilitator people rename Ana Anna
      facilitator people pronunciation Siobhan "Shi-vawn"
    """
    if ctx.invoked_subcommand is None:
        _list(db, group, as_json)
    elif ctx.get_parameter_source("db") is click.core.ParameterSource.COMMANDLINE or as_json or group is not None:
        raise UsageError(f"Options go behind the command: facilitator people {ctx.invoked_subcommand} --db FILE.")


@people.command("list")
@group_option("Only those of this group.")
@options.database()
@options.as_json()
def list_people(group: str | None, db: Path, as_json: bool) -> None:
    """Lists everyone who has a name in the database, those who were there last first.

    \b
    Example:
      facilitator people list --json
    """
    _list(db, group, as_json)


def _list(db: Path, group: str | None, as_json: bool) -> None:
    with People.open(db) as store:
        found = within(store, group).people()
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(person) for person in found], ensure_ascii=False, indent=2))
        return
    if not found:
        tell(to_type("Nobody is stored yet; facilitator start begins a discussion."))
    several = len({person.group for person in found}) > 1
    if several:
        found.sort(key=lambda person: person.group)
    heading: str | None = None
    for person in found:
        if several and person.group != heading:
            heading = person.group
            tell(f"{heading or NONE}:")
        sessions = (
            f"no session{' since a correction' if person.corrected else ''}"
            if not person.sessions
            else "1 session"
            if person.sessions == 1
            else f"{person.sessions} sessions"
        )
        days = (
            ""
            if not person.sessions
            else f", {' to '.join(dict.fromkeys((english_day(person.first), english_day(person.last))))}"
        )
        said = f", said “{person.said}”" if person.said else ""
        voice = f", voiceprint kept since {english_day(person.voice)}" if person.voice else ""
        tell(f"{'  ' if several else ''}{person.name}: {sessions}{days}{said}{voice}")


@people.command()
@click.argument("name", shell_complete=candidates.people_known)
@click.argument("new")
@group_option("The group in which they are.")
@options.database()
@click.option("--merge", is_flag=True, help="There is a NEW already, and they are the same person.")
def rename(name: str, new: str, group: str | None, db: Path, merge: bool) -> None:
    """Renames a person everywhere, also in what was said in earlier sessions.

    \b
    Examples:
      facilitator people rename Ana Anna
      facilitator people rename Anne Anna --merge
    """
    new = parse_new_name(new)
    track = progress(f"Renaming {name}")
    with People.open(db) as store:
        of_person(store, parse_name(name), group)
        done = store.rename(parse_name(name), new, merge=merge, track=track)
    tell(f"{name} is {new} now, in {_places(done.places)}.")
    _own_files(db, [name])


@people.command()
@click.argument("name", shell_complete=candidates.people_known)
@click.argument("said", metavar="SPELLING", default="")
@group_option("The group in which they are.")
@options.database()
def pronunciation(name: str, said: str, group: str | None, db: Path) -> None:
    """Says how a name is spelled for the voice, from the next session on. Without SPELLING, as it is written.

    \b
    Example:
      facilitator people pronunciation Siobhan "Shi-vawn"
    """
    said = " ".join(said.split())
    with People.open(db) as store:
        of_person(store, parse_name(name), group)
        store.say(parse_name(name), said)
    tell(f"The voice will say {name} as “{said}”." if said else f"The voice will say {name} as it is written.")


@people.command("save-voice")
@click.argument("name", shell_complete=candidates.people_known)
@click.option(
    "--from",
    "file",
    type=options.PathName(path_type=Path),
    required=True,
    metavar="FILE",
    help="About 8 s of their speech.",
)
@click.option("--yes", is_flag=True, help="You are NAME, and say yes.")
@group_option("The group in which they are.")
@options.database()
@options.models_option()
def save_voice(name: str, file: Path, yes: bool, group: str | None, db: Path) -> None:
    """Keeps the voiceprint of a person who asks for it, from a recording of theirs: next time a yes is enough in the
    opening circle. After a session, facilitator start --save-voices asks for the same.

    Only NAME can say yes to it. What a voiceprint is, is said before it is asked.

    \b
    Example:
      facilitator people save-voice Ana --from ana.wav
    """
    with People.open(db) as store:
        of_person(store, parse_name(name), group)
        person, group = store.find(parse_name(name))[0], store.group
    listener = keep_voiceprints.heard_in(person, file)
    tell(to_type(keep_voiceprints.WHAT))
    agree(f"{person}, may I keep your voiceprint?", yes)
    keep_voiceprints.keep(db, person, listener, group)


@people.command("drop-voice")
@click.argument("name", shell_complete=candidates.people_known)
@group_option("The group in which they are.")
@options.database()
def drop_voice(name: str, group: str | None, db: Path) -> None:
    """Removes a person's voiceprint. They stay in everything else; next time they give a voice sample again.

    \b
    Example:
      facilitator people drop-voice Ana
    """
    with VoiceprintStore.open(db) as store:
        of_person(store, parse_name(name), group)
        left = store.drop(parse_name(name))
        path = store.path
    if left is None:
        tell(f"No voiceprint of {name} is kept.")
        return
    if left:
        raise FacilitatorError(f"{name}'s voiceprint is removed, but its numbers still stand in {path}: try again.")
    tell(f"{name}'s voiceprint is removed. Every byte of {path} and of the files beside it was looked through.")


def _removal(command: Any) -> Any:
    """The options of forgetting a person."""
    for option in (
        click.option("--yes", is_flag=True, help="Ask nothing."),
        click.option("--every-group", is_flag=True, help="In every group where somebody is called that."),
        group_option("Only in this group."),
        click.option("--whole-sessions", is_flag=True, help="Remove their sessions altogether, for everyone."),
        options.database(),
    ):
        command = option(command)
    return command


@people.command()
@click.argument("name", shell_complete=candidates.people_known)
@_removal
def delete(name: str, group: str | None, every_group: bool, db: Path, whole_sessions: bool, yes: bool) -> None:
    """Forgets a person: the same as facilitator forget NAME.

    \b
    Example:
      facilitator people delete Ana
    """
    forget_person(parse_name(name), group, db, every_group=every_group, whole_sessions=whole_sessions, yes=yes)


@click.command()
@click.argument("name", required=False, shell_complete=candidates.people_known)
@click.option(
    "--older-than", "age", metavar="AGE", help="Instead of a person: sessions older than 180d, 26w, 6m or 2y."
)
@_removal
def forget(
    name: str | None,
    age: str | None,
    group: str | None,
    every_group: bool,
    db: Path,
    whole_sessions: bool,
    yes: bool,
) -> None:
    """Forgets a person everywhere, or old sessions. Says what will be removed, and asks first.

    A person's name is taken out of every table, event and text. Sessions stay for the others, with a seat without a
    name, so that the others' shares remain true; those in which nobody else is left are removed.
    Where several groups have somebody of that name, it is asked which is meant.

    \b
    Examples:
      facilitator forget Ana
      facilitator forget Ana --whole-sessions
      facilitator forget Ana --group 7a
      facilitator forget --older-than 180d --yes
    """
    if (name is None) == (age is None):
        raise UsageError("Say whom to forget, or --older-than and an age: facilitator forget Ana.")
    if every_group and (name is None or group is not None):
        raise UsageError("--every-group goes with a name, and not with --group; leave one of them out.")
    if name is not None:
        forget_person(parse_name(name), group, db, every_group=every_group, whole_sessions=whole_sessions, yes=yes)
    elif age is not None:
        if whole_sessions:
            raise UsageError("--whole-sessions goes with a name; leave it out.")
        forget_old(age, group, db, yes=yes)


def forget_person(
    name: str, group: str | None, db: Path, *, every_group: bool, whole_sessions: bool, yes: bool
) -> None:
    with People.open(db) as store:
        groups = to_forget(store, name, group, everywhere=every_group, ask=not yes)
    for one in groups:
        _forget_in(name, one, db, whole_sessions=whole_sessions, yes=yes)


def _forget_in(name: str, group: str, db: Path, *, whole_sessions: bool, yes: bool) -> None:
    with People.open(db) as store:
        found = store.within(group).found(name)
        tell(_what_goes(name, group, found, whole_sessions))
        agree("Forget this? It cannot be undone.", yes)
        done = store.forget(name, whole_sessions=whole_sessions, track=progress(f"Forgetting {name}"))
        path = store.path or db
    tell(_what_went(name, found, done, path))
    for folder in voice_files.remove_abandoned():  # the name may have been spoken in it
        tell(f"Removed, as a run that was killed had left what its voice said: {folder}")
    _own_files(path, found.names or [name])


def forget_old(age: str, group: str | None, db: Path, *, yes: bool) -> None:
    now = datetime.datetime.now(datetime.UTC)
    moment = before(now, age)
    with People.open(db) as store:
        old = within(store, group).older_than(moment)
        if not old:
            tell(f"No session is older than {age}; nothing is removed.")
            return
        when = f"before {english_day(moment.date())} (today is {english_day(now.date())})"
        tell(f"{sessions(len(old))} {when} will be removed, with all that was agreed in them.")
        agree("Remove them? It cannot be undone.", yes)
        store.remove(old)
    tell(f"{sessions(len(old))} removed.")


def _what_goes(name: str, group: str, found: PersonTraces, whole_sessions: bool) -> str:
    if not found.names:
        return f"Nobody called {name} took part, but the name is in texts; there it will read “{SOMEONE}”."
    of = f" ({group})" if group else ""
    lines = [f"{' / '.join(map(cleaned, found.names))}{of}: {sessions(len(found.sessions))}."]
    gone = found.sessions if whole_sessions else found.alone
    stay = len(found.sessions) - len(gone)
    if stay:
        lines.append(f"  {sessions(stay)} of others: stay for them, with a seat called “{SOMEONE}”.")
    if gone:
        why = "" if whole_sessions else ", because nobody else is left in them"
        lines.append(f"  {sessions(len(gone))}: removed altogether{why}.")
    if found.agreements:
        lines.append(f"  {found.agreements} agreed on as theirs to do: their name is taken out.")
    if found.voice:
        lines.append("  The voiceprint that they asked to have kept: removed.")
    lines.append(f"  The name in everything that was said, written or agreed: replaced by “{SOMEONE}”.")
    if found.before:
        lines.append(
            f"  Before a correction they were called {' and '.join(found.before)} in a session; forget that as well,"
            " if it was theirs."
        )
    if found.elsewhere:
        others = " and ".join(one or "no group" for one in found.elsewhere)
        lines.append(f"  {cleaned(found.names[0])} of {others} is somebody else, and stays.")
    if found.ordinary:
        lines.append(f"  In small letters it is an ordinary word too, and stays; “{cleaned(found.names[0])}” goes.")
    return "\n".join(lines)


def _what_went(name: str, found: PersonTraces, done: Done, path: Path) -> str:
    lines = [f"{name} is forgotten: {_places(done.places)} changed, {sessions(done.removed)} removed."]
    if done.traces == 0:
        lines.append(f"Every byte of {path} and of the files beside it was looked through: the name is not in it.")
    elif done.traces:
        lines.append(f"The same letters still stand in {_places(done.traces)} of {path}, as part of something else.")
    lines.append(
        "Files that you saved yourself (facilitator-session-*.jsonl, reports, exports, copies, backups) are yours to"
        " delete."
    )
    return "\n".join(lines)


def _own_files(db: Path, names: Sequence[str]) -> None:
    """Files of the person's own in which the name still is, as far as they are where such files are."""
    settings = settings_path()
    rescued = own_files.rescued({Path.cwd(), db.parent})
    copies = [*own_files.recovered(db), *own_files.half_recovered(db), *own_files.handed_over(db)]
    for path in sorted({settings, *rescued, *copies}):
        with contextlib.suppress(OSError):
            text = path.read_text(encoding="utf-8", errors="replace")
            if any(count(text, name) for name in names):
                tell(f"The name is still in {path}, which is your own file: change or delete it yourself.")
    for path in exports.in_sight({Path.cwd(), db.parent}):
        if exports.mentions(path, names):
            tell(f"The name is still in {path}, which you exported: delete it, and export anew.")


def _places(number: int) -> str:
    return "1 place" if number == 1 else f"{number} places"
