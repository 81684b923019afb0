"""`facilitator agreements`: what people agreed on, over all sessions."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from facilitator.commands import options
from facilitator.commands.options import writable, write
from facilitator.commands.stored.calendar_entries import HINT, dates_of
from facilitator.commands.stored.wording import texts_of_session
from facilitator.commands.whose_group import group_option, within
from facilitator.core.events import AgreementKind, Every
from facilitator.errors import UsageError
from facilitator.report import agreements as agreed
from facilitator.report.output.calendar import calendar
from facilitator.store.notebook.notebook import Notebook
from facilitator.store.notebook.recurring import RULES, Time
from facilitator.store.reader import Reader
from facilitator.store.session_notes import agreements_of
from facilitator.terminal.ask import parse_name
from facilitator.terminal.tell import tell
from facilitator.terminal.to_type import to_type

EVERYONE = "everyone"
_DAY = click.DateTime(["%Y-%m-%d"])
_OF_ONE = ("word", "cooling", "owner", "by", "idea", "decided")
"""Options that give one thing to one number."""
_CHANGING = (*_OF_ONE, "add", "remove")


@click.command()
@options.database()
@group_option("Only what this group agreed on.")
@click.option("--done", type=options.SESSION, multiple=True, metavar="N", help="Number N was kept.")
@click.option("--open", "open_", type=options.SESSION, multiple=True, metavar="N", help="Number N is open, after all.")
@click.option(
    "--every",
    type=(options.SESSION, click.Choice(["week", "fortnight", "month", "never"])),
    multiple=True,
    metavar="N HOW",
    help="Number N comes again from its day on: week, fortnight, month; or never.",
)
@click.option(
    "--add",
    type=(click.Choice(["rule", "step"]), str),
    multiple=True,
    metavar="KIND TEXT",
    help="Add a rule, or a step for hard moments, of those who talked last.",
)
@click.option("--word", type=(options.SESSION, str), multiple=True, metavar="N TEXT", help="Number N in other words.")
@click.option(
    "--cooling",
    type=(options.SESSION, click.IntRange(0, 60)),
    multiple=True,
    metavar="N DAYS",
    help="Rule N lets things cool off for so many days; 0: no longer.",
)
@click.option(
    "--owner",
    type=(options.SESSION, str),
    multiple=True,
    metavar="N NAME",
    help="NAME takes care of N; everyone: all of you.",
)
@click.option("--by", type=(options.SESSION, _DAY), multiple=True, metavar="N DAY", help="N is to be done by that day.")
@click.option(
    "--idea",
    type=(options.SESSION, str),
    multiple=True,
    metavar="N NAME",
    help="N was the idea of NAME, or of everyone.",
)
@click.option(
    "--decided",
    type=(options.SESSION, str),
    multiple=True,
    metavar="N NAME",
    help="N was decided by NAME, or by everyone.",
)
@click.option("--remove", type=options.SESSION, multiple=True, metavar="N", help="Take rule or step N away.")
@click.option("--by-turns", is_flag=True, help="With --every: each time the next one's, its owner first.")
@click.option(
    "--skip", type=(options.SESSION, _DAY), multiple=True, metavar="N DAY", help="Not this time: a day as 2026-05-03."
)
@click.option(
    "--swap",
    type=(options.SESSION, _DAY, str),
    multiple=True,
    metavar="N DAY NAME",
    help="This time it is NAME's turn.",
)
@click.option(
    "--ics",
    type=options.PathName(path_type=Path),
    metavar="FILE",
    help="Write what is open and has a date to this file, for a calendar.",
)
@click.option("--tasks", is_flag=True, help="With --ics: as tasks, for a calendar that has tasks.")
@click.option("--all", "everything", is_flag=True, help="With --ics: also what is done and over.")
@click.option("--replace", is_flag=True, help="With --ics: replace the file if it is there.")
@options.as_json()
def agreements(
    db: Path,
    group: str | None,
    done: tuple[int, ...],
    open_: tuple[int, ...],
    every: tuple[tuple[int, str], ...],
    by_turns: bool,
    skip: tuple[tuple[int, datetime.datetime], ...],
    swap: tuple[tuple[int, datetime.datetime, str], ...],
    ics: Path | None,
    as_json: bool,
    **more: Any,
) -> None:
    """Lists what was agreed on, with who takes care of it and by when; what is open comes first.

    With --done or --open, says first of one of them that it was kept or is open. What is due is also asked for when
    the same people start again.

    What comes again (--every) is asked for each time it is due, and whose turn it is next is said; a day can be left
    out (--skip) or taken by somebody else (--swap), which moves nobody else's turn.

    Rules are read aloud when the same people begin, steps when they ask for a break; both can be added (--add), worded
    anew (--word), and taken away (--remove). A rule can let things cool off (--cooling): of what is agreed on it is
    asked whether the rule applies, and with a yes it counts only after those days, if it still stands then.

    With --ics, agreements with a day, decisions that cool off, the end of a break and the next talk go into a file
    that calendars take in. Taking in a newer one changes what is there, and doubles nothing.

    \b
    Examples:
      facilitator agreements
      facilitator agreements --done 3
      facilitator agreements --owner 3 Ana --by 3 2026-05-03
      facilitator agreements --every 3 week --by-turns
      facilitator agreements --swap 3 2026-05-03 Ben
      facilitator agreements --add rule "Purchases over 500 wait for two days"
      facilitator agreements --cooling 4 2
      facilitator agreements --ics dates.ics
    """
    if ics is None and any(more[key] for key in ("tasks", "everything", "replace")):
        raise UsageError("--tasks, --all and --replace go with --ics FILE.")
    if both := sorted({*done} & {*open_}):
        raise UsageError(f"Number {both[0]} cannot be both: say --done {both[0]} or --open {both[0]}.")
    if by_turns and not every:
        raise UsageError("--by-turns goes with --every N HOW.")
    for option in _OF_ONE:
        _each_once(option, [number for number, _ in more[option]])
    _each_once("every", [number for number, _ in every])
    _each_once("remove", more["remove"])
    with Reader.open(db) as reader:  # a database that is not there yet is not made, nor is anything for no such group
        within(reader, group)
    if ics is not None:  # what was asked for beside it is not done either
        writable(ics, replace=more["replace"])
    if done or open_ or every or skip or swap or any(more[option] for option in _CHANGING):
        with Notebook.open(db) as notebook, notebook.at_once():
            notebook.keep(dict.fromkeys(done, True) | dict.fromkeys(open_, False))
            _fill_in(notebook, more)
            _put(within(notebook, group), more["add"], more["word"], more["cooling"], more["remove"])
            _again(notebook, every, skip, swap, by_turns=by_turns)
    now = datetime.datetime.now(datetime.UTC)
    with Reader.open(db) as reader:
        within(reader, group)
        found = agreements_of(reader)
        texts = texts_of_session(reader)
        dates = dates_of(reader, found, now, texts, everything=more["everything"])
    if ics is not None:
        _write(
            ics.expanduser(),
            calendar(dates, now, tasks=more["tasks"]) if dates else "",
            len(dates),
            replace=more["replace"],
        )
    elif as_json:
        click.echo(json.dumps([agreed.to_json(one) for one in found], ensure_ascii=False, indent=2))
    else:
        tell(agreed.page(found, texts) if found else f"{texts('agreed.list.nothing')}\n", nl=False)
        if dates:
            tell("\n" + texts("terminal.calendar", command=to_type(HINT)))


def _each_once(option: str, numbers: Sequence[int]) -> None:
    for number in numbers:
        if numbers.count(number) > 1:
            raise UsageError(f"--{option} is there twice for number {number}; give it once.")


def _put(
    notebook: Notebook,
    add: Sequence[tuple[AgreementKind, str]],
    word: Sequence[tuple[int, str]],
    cooling: Sequence[tuple[int, int]],
    remove: Sequence[int],
) -> None:
    for kind, text in add:
        notebook.add(kind, text)
    for number, text in word:
        notebook.word(number, text)
    for number, days in cooling:
        notebook.cool(number, days)
    for number in remove:
        notebook.remove(number)


def _fill_in(notebook: Notebook, more: Mapping[str, Any]) -> None:
    """What was not said when it was noted."""
    said = [(option, *one) for option in ("owner", "by", "idea", "decided") for one in more[option]]
    for key, number, value in said:
        name = None if key == "by" else "" if value.casefold() == EVERYONE else parse_name(value)
        notebook.fill_in(
            number,
            due=value.date() if key == "by" else None,
            owner=name if key == "owner" else None,
            idea=name if key == "idea" else None,
            decided=name if key == "decided" else None,
        )


def _again(
    notebook: Notebook,
    every: Sequence[tuple[int, str]],
    skip: Sequence[tuple[int, datetime.datetime]],
    swap: Sequence[tuple[int, datetime.datetime, str]],
    *,
    by_turns: bool,
) -> None:
    for number, often in every:
        how: Every = next((one for one in RULES if one == often), "")
        notebook.repeat(number, how, by_turns=by_turns)
    for number, day in skip:
        notebook.say(number, day.date(), Time(skipped=True))
    for number, day, name in swap:
        notebook.say(number, day.date(), Time(person=parse_name(name)))


def _write(path: Path, text: str, number: int, *, replace: bool) -> None:
    if not text:
        tell("Nothing that is open has a date, so nothing was written.")
        return
    write(path, text, replace=replace, newline="")
    entries = "1 entry" if number == 1 else f"{number} entries"
    tell(f"{entries} written to {path}: open it with your calendar, or import it there.")
