"""`facilitator export`: everything that is stored, or what is one person's, to take along."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from facilitator.commands import candidates, options
from facilitator.commands.options import parse_since
from facilitator.commands.stored.calendar_entries import dates_of
from facilitator.commands.stored.export_anonymous import anonymous, began_since, write
from facilitator.commands.stored.export_person import entries_of, readme, told, values
from facilitator.commands.stored.wording import texts_of_session
from facilitator.commands.whose_group import group_option, of_person, within
from facilitator.errors import UsageError
from facilitator.report.output.calendar import calendar
from facilitator.report.output.csv_tables import MARK, table
from facilitator.resources.texts import ENGLISH, texts_of
from facilitator.store.backup import Whole
from facilitator.store.people import People
from facilitator.store.personal_data import OnePerson
from facilitator.store.reader import Reader
from facilitator.store.session_notes import agreements_of
from facilitator.system import exports
from facilitator.terminal.ask import parse_name
from facilitator.terminal.tell import tell

DATABASE, CALENDAR = "sessions.db", "dates.ics"

WHOLE = """\
{mark}: everything that was stored on {day}{since}.

sessions.db   The whole database. To go on with it on another computer, put it where `facilitator doctor`
              there says that the database is, or name it: facilitator review --db sessions.db. It is a
              backup, too. Any program for SQLite opens it.
csv           Every table and view for a spreadsheet; those that begin with v_ are the place to start. A text
              that a spreadsheet would take for a formula has an apostrophe in front.
jsonl         Every table for other programs: a line of JSON a row, exactly as it is in the database.
dates.ics     What is open and has a date, for a calendar. It is not there if nothing has one.

docs/schema.md, in the folder of the program, says what every table and column is.

Everyone's names and numbers are in here, what was agreed, and the voiceprints of those who asked to have
theirs kept. So keep it as you keep the database itself, and delete it when you no longer need it:
`facilitator forget` does not look into copies.
"""


@click.command()
@click.argument("target", metavar="[FOLDER|FILE.zip]", required=False, type=options.PathName(path_type=Path))
@click.option(
    "--person", metavar="NAME", help="Only what is this person's, without the names of others.",
    shell_complete=candidates.people_known,
)  # fmt: skip
@click.option("--anonymous", "nameless", is_flag=True, help="Figures without names, for statistics.")
@group_option("Only this group's.")
@click.option("--since", metavar="DAY", help="Only sessions from then on: 2026-01-31, or an age such as 180d, 6m, 2y.")
@click.option("--replace", is_flag=True, help="Replace an export that is there already.")
@options.database()
def export(
    target: Path | None,
    person: str | None,
    nameless: bool,
    group: str | None,
    since: str | None,
    replace: bool,
    db: Path,
) -> None:
    """Writes everything that is stored into a folder or a .zip, or what is one person's; a README in it says what is
    what. It can be done while a discussion runs.

    Without more: a copy of the database, for another computer or to be safe, and all tables for other programs.
    With --person: one page to read and one file for programs, of exactly what is theirs, in which everybody else is
    “another participant”. With --anonymous: figures of everyone, without a name, a day or a word of theirs.

    \b
    Examples:
      facilitator export
      facilitator export backup.zip
      facilitator export for-ana --person Ana
      facilitator export figures --anonymous --since 1y
    """
    if nameless and person is not None:
        raise UsageError("--anonymous is of everyone; leave --person out.")
    now = datetime.datetime.now(datetime.UTC)
    from_when = None if since is None else parse_since(since, now)
    name = None if person is None else parse_name(person)
    day = now.astimezone().date()
    if target is None:
        target = Path(f"facilitator-export-{'one-person-' if name else 'figures-' if nameless else ''}{day}")
    target = target.expanduser().absolute()
    options.spare_database(target)
    exports.check(target, replace=replace)
    if nameless:
        with Reader.open(db) as reader:
            found = anonymous(within(reader, group), from_when)
        write(target, found, from_when, day, replace=replace)
    elif name is None:
        whole(db, group, target, from_when, now, replace=replace)
    else:
        one_person(db, name, group, target, from_when, now, replace=replace)
    tell(f"Written to {target}, for your eyes only; {exports.README} in it says what is what.")


def whole(
    db: Path,
    group: str | None,
    target: Path,
    since: datetime.datetime | None,
    now: datetime.datetime,
    *,
    replace: bool,
) -> None:
    day = now.astimezone().date()
    with exports.making(target, replace=replace) as folder:
        with Whole.open(db) as store:
            within(store, group).copy_to(folder / DATABASE, since)
        with Whole.open(folder / DATABASE) as copy:
            for name in exports.TABLES:
                (folder / name).mkdir()
            for name, is_view in copy.contents():
                heading = copy.columns(name)
                text = table(heading, (list(row.values()) for row in copy.rows(name)))
                (folder / "csv" / f"{name}.csv").write_text(MARK + text, encoding="utf-8", newline="")
                if not is_view:
                    lines = (f"{json.dumps(row, ensure_ascii=False)}\n" for row in copy.rows(name))
                    _write_lines(folder / "jsonl" / f"{name}.jsonl", lines)
            entries = dates_of(copy, agreements_of(copy), now, texts_of_session(copy))
        if entries:
            (folder / CALENDAR).write_text(calendar(entries, now), encoding="utf-8", newline="")
        text = WHOLE.format(mark=exports.MARK, day=texts_of(ENGLISH).day(day), since=began_since(since))
        (folder / exports.README).write_text(text, encoding="utf-8")


def one_person(
    db: Path,
    name: str,
    group: str | None,
    target: Path,
    since: datetime.datetime | None,
    now: datetime.datetime,
    *,
    replace: bool,
) -> None:
    names, group = _names(db, name, group)
    with OnePerson.open(db) as store:
        mine = store.within(group).mine(names, since)
    day = now.astimezone().date()
    files = {
        exports.README: readme(mine, day),
        "yours.txt": told(mine, day),
        "yours.json": json.dumps(values(mine, now), ensure_ascii=False, indent=1) + "\n",
    }
    if entries := entries_of(mine, now):
        files[CALENDAR] = calendar(entries, now)
    with exports.making(target, replace=replace) as folder:
        for file, text in files.items():
            (folder / file).write_text(text, encoding="utf-8", newline="")


def _names(db: Path, name: str, group: str | None) -> tuple[Sequence[str], str]:
    """Every way in which they are called, and their group."""
    with People.open(db) as people:
        of_person(people, name, group)
        return people.find(name), people.group or ""


def _write_lines(path: Path, lines: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(lines)
