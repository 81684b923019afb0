"""Options and arguments that more than one command has."""

from __future__ import annotations

import contextlib
import datetime
import errno
import os
import re
import stat
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from facilitator.core.text import cleaned
from facilitator.errors import FacilitatorError, UsageError
from facilitator.report.output.csv_tables import MARK
from facilitator.report.output.html_page import MADE_HERE
from facilitator.resources.paths import database_path
from facilitator.system import field_log
from facilitator.terminal.ask import parse_new_name
from facilitator.terminal.to_type import DATABASE, NAMED_DATABASE

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class PathName(click.Path):
    """A path that could be one: of a length that the system takes, and of whole characters. Not an empty one, as an
    unset variable of a shell leaves it: that would be the folder one is in."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not str(value).strip():
            self.fail("no file or folder is named; name one.", param, ctx)
        if str(value) == "-" and not self.allow_dash:
            self.fail("“-” is no file or folder here; name one (./- for one of that name).", param, ctx)
        try:
            Path(value).lstat()
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            pass
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "a character in it is none"
            self.fail(f"“{cleaned(str(value))[:60]}” is no name of a file ({reason}).", param, ctx)
        return super().convert(value, param, ctx)


SESSION = click.IntRange(max=2**53)
"""The number of a session. Larger ones are none, and the database could not take them."""


def remembered(ctx: click.Context, option: click.Parameter, path: Path | None) -> Path | None:
    """The callback of an option that names the database: before all that write a file, which it must not be."""
    ctx.meta[DATABASE] = path
    if ctx.get_parameter_source(option.name or "") is not ParameterSource.DEFAULT:
        ctx.meta[NAMED_DATABASE] = path
    return path


def database(**extra: Any) -> Decorator:
    return click.option(
        "--db",
        callback=remembered,
        is_eager=True,
        type=PathName(path_type=Path),
        default=database_path,
        show_default="in your data folder",
        help="The database file.",
        **extra,
    )


def as_json(text: str = "As JSON, for programs.") -> Decorator:
    return click.option("--json", "as_json", is_flag=True, help=text)


def models_option(*, may_be_new: bool = False) -> Decorator:
    """--models: the same as the setting FACILITATOR_MODELS, which all that look for models go by."""

    def set_for_this_run(_: click.Context, __: click.Parameter, folder: Path | None) -> None:
        if folder is None:
            return
        folder = folder.expanduser().absolute()
        if not may_be_new and not folder.is_dir():
            raise UsageError(f"There is no folder {folder}, which --models names; name one that exists.")
        os.environ["FACILITATOR_MODELS"] = str(folder)

    return click.option(
        "--models",
        type=PathName(path_type=Path),
        metavar="DIR",
        expose_value=False,
        callback=set_for_this_run,
        help="The folder of the models, and no other.",
    )


def log_option() -> Decorator:
    """--log: the same as the setting FACILITATOR_LOG."""

    def set_for_this_run(_: click.Context, __: click.Parameter, file: Path | None) -> None:
        if file is not None:
            spare_database(file)
            field_log.begin(file)

    return click.option(
        "--log",
        type=PathName(path_type=Path),
        metavar="FILE",
        expose_value=False,
        callback=set_for_this_run,
        help="Write a log there, for who looks for a fault: no names and no words in it.",
    )


def parse_voices(values: Sequence[str]) -> dict[str, Path]:
    """NAME=FILE, several times. Raises UsageError with the one that is wrong."""
    voices: dict[str, Path] = {}
    for value in values:
        name, equals, file = value.partition("=")
        if not equals or not file.strip():
            raise UsageError(f"--voice {value}: write it as NAME=FILE, for example --voice Ana=ana.wav.")
        person, path = parse_new_name(name), Path(file.strip()).expanduser()
        if person in voices:
            raise UsageError(f"There are two voice samples for {person}; give one.")
        if not path.is_file():
            raise UsageError(f"There is no file {path} for {person}'s voice; check the path.")
        voices[person] = path
    return voices


_DAYS = {
    **dict.fromkeys(("d", "day", "days"), 1.0),
    **dict.fromkeys(("w", "week", "weeks"), 7.0),
    **dict.fromkeys(("m", "month", "months"), 30.44),
    **dict.fromkeys(("y", "year", "years"), 365.25),
}
"""So many days each of the words for an age has; no other word is one: things are deleted by it."""


def parse_age(text: str) -> datetime.timedelta:
    """`180d`, `26 w`, `6 months`, `2y`: days, weeks, months, years. Raises UsageError for any other word."""
    found = re.fullmatch(r"([0-9]{1,4})\s*([a-z]+)", text.strip().lower())
    if found is None or found[2] not in _DAYS or not int(found[1]):
        raise UsageError(f"“{text}” is no age: type days, weeks, months or years, such as 180d, 26w, 6m or 2y.")
    return datetime.timedelta(days=int(found[1]) * _DAYS[found[2]])


def parse_since(text: str, now: datetime.datetime) -> datetime.datetime:
    """A day, `2026-01-31`, or an age. The moment at which it begins, with a time zone."""
    try:
        day = datetime.date.fromisoformat(text.strip())
    except ValueError:
        try:
            return before(now, text)
        except UsageError:
            raise UsageError(f"“{text}” is no day and no age: type 2026-01-31, or 180d, 26w, 6m, 2y.") from None
    return datetime.datetime.combine(day, datetime.time()).astimezone()


def before(now: datetime.datetime, age: str) -> datetime.datetime:
    """The moment so long before. Raises UsageError for one before all calendars."""
    try:
        return now - parse_age(age)
    except OverflowError:
        raise UsageError(f"“{age}” is longer ago than any calendar knows.") from None


_LOOKED_AT = 500
"""Bytes at the beginning of a file."""


def write(path: Path, text: str, *, newline: str = "\n", replace: bool = True) -> None:
    """All of it or nothing. `replace`: what was in the file before is gone. Raises FacilitatorError."""
    path = path.expanduser()
    spare_database(path)
    _replaceable(path, replace=replace)
    try:
        if path.exists() and not path.is_file():  # a pipe, or a terminal
            path.write_text(text, encoding="utf-8", newline=newline)
            return
        place = path.resolve()
        with tempfile.TemporaryDirectory(prefix=".facilitator-", dir=place.parent) as folder:
            made = Path(folder) / place.name
            made.touch(mode=0o600)
            made.write_text(text, encoding="utf-8", newline=newline)
            made.replace(place)
    except OSError as error:
        raise FacilitatorError(f"{path} could not be written ({error.strerror}); choose another place.") from error


def writable(path: Path, taken: Iterable[Path] = (), *, replace: bool = True) -> None:
    """To be asked before an hour is heard for it: whether `write` could write there, and it is none of the files that
    are `taken` otherwise, such as the recording, nor a database. Raises FacilitatorError."""
    spare_database(path)
    place = path.expanduser().resolve()
    _replaceable(path.expanduser(), replace=replace)
    if place in {one.expanduser().resolve() for one in taken} and (place.is_file() or not place.exists()):
        raise UsageError(f"{path} is named twice, and would be lost; choose another file to write to.")
    try:
        if place.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not place.exists() or place.is_file():  # else a pipe, or a terminal
            with tempfile.TemporaryDirectory(prefix=".facilitator-", dir=place.parent):
                pass
    except OSError as error:
        raise FacilitatorError(f"{path} could not be written ({error.strerror}); choose another place.") from error


def spare_database(path: Path) -> None:
    """To be asked before anything is written to what somebody has named. Raises UsageError where that is a database of
    whatever kind, or a file that belongs, or will belong, to the one that this command works with."""
    from facilitator.store.database import HEADER  # noqa: PLC0415 - where nothing is written it is not loaded
    from facilitator.store.notebook.private import every_file  # noqa: PLC0415

    ctx = click.get_current_context(silent=True)
    db: Path | None = None if ctx is None else ctx.meta.get(DATABASE)
    place = path.expanduser()
    with contextlib.suppress(OSError):
        begins = b""
        if place.is_file():  # what may be waited for, such as a pipe, is not read
            with place.open("rb") as file:
                begins = file.read(len(HEADER))
        beside = () if db is None else every_file(db.expanduser().resolve())
        if begins == HEADER or place.resolve() in beside:
            raise UsageError(f"{path} is a database, or belongs to one, and would be lost; choose another file.")


def _replaceable(path: Path, *, replace: bool) -> None:
    if path.exists() and not replace:
        raise FacilitatorError(f"{path} is there already; choose another name, or add --replace.")


def write_table(path: Path, text: str) -> None:
    """A table for a spreadsheet, which has to be told how the letters are written; a pipe is left bare. Raises
    FacilitatorError."""
    bare = path.expanduser().exists() and not path.expanduser().is_file()
    write(path, text if bare else MARK + text, newline="")


def show_table(text: str) -> None:
    """On the standard output; where that is a file, as `write_table`."""
    into_file = False
    with contextlib.suppress(OSError, ValueError):
        into_file = stat.S_ISREG(os.fstat(sys.stdout.fileno()).st_mode)
    click.echo(MARK + text if into_file else text, nl=False)


def write_page(path: Path, text: str) -> str:
    """A page is written over an earlier one of this program's, and over nothing else. Gives back what to tell. Raises
    FacilitatorError."""
    path = path.expanduser()
    spare_database(path)
    try:
        with path.open("rb") as file:
            begins = file.read(_LOOKED_AT)
    except OSError:
        begins = b""
    if begins and MADE_HERE.encode() not in begins:
        raise FacilitatorError(f"{path} is there already and is no page of this program's; choose another name.")
    write(path, text)
    return f"Written to {path}{', in place of the page that was there' if begins else ''}: open it in any browser."
