"""`facilitator import`: who spoke when, as another program or a person has put it down, kept as a session."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from pathlib import Path

import click

from facilitator.backends.audio.tags import recorded_at
from facilitator.commands import options
from facilitator.commands.stored.wording import glance
from facilitator.commands.whose_group import group_option, usual
from facilitator.core.language.names import folded
from facilitator.core.language.wording import parse_language
from facilitator.core.review.review import review
from facilitator.errors import UsageError
from facilitator.library.analysis import Analysis
from facilitator.library.keeping import content_uid, from_labels, keep, parse_held_at
from facilitator.report.output.blocks import plain
from facilitator.resources.prompts import default_prompts
from facilitator.resources.texts import english_day, texts_of
from facilitator.store.reader import Reader
from facilitator.terminal.ask import parse_new_name
from facilitator.terminal.tell import columns, tell
from facilitator.terminal.to_type import to_type

held_at_option = click.option(
    "--held-at",
    "held",
    metavar="DAY",
    help="When the talk began: 2026-01-31, or with a time; else its tags say.",
)


def held_at(said: str | None, file: Path, *, tagged: bool = True) -> datetime.datetime:
    """When the talk began: as was said, else as the tags of the recording have it, else when the file was written
    last. `tagged`: it is a recording, and may have tags. Raises UsageError."""
    now = datetime.datetime.now().astimezone()
    if said is not None:
        return parse_held_at(said, now)
    if tagged and (recorded := recorded_at(file, now)) is not None:
        return recorded.astimezone()
    try:
        return min(now, datetime.datetime.fromtimestamp(file.stat().st_mtime).astimezone())
    except OSError as error:
        raise UsageError(f"{file} cannot be read ({error.strerror}); check the name.") from error


def kept_in(db: Path, group: str | None) -> str | None:
    """The group that was said; else the only one there is. To be asked before anything is heard. Raises UsageError
    where it has to be said, and StoreError."""
    if group is None and db.expanduser().exists():
        with Reader.open(db) as reader:
            return usual(reader, None).group
    return group


def keep_it(
    heard: Analysis, db: Path, when: datetime.datetime, file: Path, group: str | None, named: Collection[str]
) -> str:
    """Keep it; what people should read about that. `group`: see `kept_in`. `named`: who was called so on the command
    line. Raises FacilitatorError."""
    kept = keep(heard, db, held_at=when, uid=content_uid(file), group=group, named=named)
    if not kept.new:
        whose = f" of group {kept.group}" if kept.group else ""
        move = f'\nTo move it: {to_type(f"facilitator groups move {kept.session}")} --to "{group}"'
        elsewhere = group is not None and folded(group.strip()) != folded(kept.group)
        return (
            f"\nThis is kept already, as session {kept.session}{whose}, and nothing was changed."
            f"{move if elsewhere else ''}"
            f"\nAll of it: {to_type(f'facilitator review {kept.session} --all')}"
        )
    return (
        f"\nKept as session {kept.session}, held on {english_day(when.date())}."
        " Nobody was asked here whether they agree; do that."
        f"\nAll of it: {to_type(f'facilitator review {kept.session} --all')}"
    )


@click.command("import")
@click.argument("file", type=options.PathName(path_type=Path))
@click.option("--name", "names", multiple=True, metavar="LABEL=NAME", help="Who a label stands for: SPEAKER_00=Ana.")
@held_at_option
@group_option("Whose talk it was; a new group is made.")
@options.database()
def import_(file: Path, names: tuple[str, ...], held: str | None, group: str | None, db: Path) -> None:
    """Keeps who spoke when, as another program has put it down, as a session.

    FILE is RTTM, TextGrid (Praat), EAF (ELAN), WebVTT or labels of Audacity; its ending says which. From then on it is
    reviewed, corrected and compared as any other session; what is told of it is as sure as those labels are.

    \b
    Examples:
      facilitator import talk.rttm --name SPEAKER_00=Ana --name SPEAKER_01=Ben --held-at 2026-01-31
      facilitator import talk.TextGrid
    """
    when, group = held_at(held, file, tagged=False), kept_in(db, group)
    called = _called(names)
    heard = from_labels(file, called, _spelled)
    told = keep_it(heard, db, when, file, group, called.values())
    language = parse_language(default_prompts().language("en"))
    tell(plain(glance(review(heard.account), language), texts_of(language.code), columns()), nl=False)
    tell(told)


def _spelled(label: str) -> str:
    """A label as the name that it is. Raises UsageError, which says what else can be done."""
    try:
        return parse_new_name(label)
    except UsageError as error:
        raise UsageError(f"{error.message} Or say who is meant, with --name LABEL=NAME.") from error


def _called(values: Sequence[str]) -> dict[str, str]:
    """Who is meant by each label. Raises UsageError where that is said twice."""
    called: dict[str, str] = {}
    for label, name in map(_renamed, values):
        if called.setdefault(label, name) != name:
            raise UsageError(f"--name says of {label} that it is {called[label]}, and that it is {name}; say it once.")
    return called


def _renamed(value: str) -> tuple[str, str]:
    label, equals, name = value.partition("=")
    if not equals or not label.strip():
        raise UsageError(f"--name {value}: write it as LABEL=NAME, for example --name SPEAKER_00=Ana.")
    return label.strip(), parse_new_name(name)
