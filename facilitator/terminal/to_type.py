"""Commands that people are told to type, so that they can be typed as they stand."""

from __future__ import annotations

import contextlib
import re
import shlex
import shutil
import sys
from pathlib import Path

import click

NAME = "facilitator"
DATABASE = "facilitator.database"
"""Where in `ctx.meta` the command line keeps which database a command works with."""
NAMED_DATABASE = "facilitator.named-database"
"""And, there, that it was named, and is to be named again."""


def program() -> str:
    """What to type for the program: its name, where the shell finds one of that name; else where it lies, as in a clone
    that `make start` has set up."""
    here = Path(sys.executable).with_name(f"{NAME}.exe" if sys.platform == "win32" else NAME)
    if shutil.which(NAME) is not None or not here.is_file():
        return NAME
    with contextlib.suppress(OSError, ValueError):  # the folder one is in is gone, or it does not lie in it
        shorter = here.relative_to(Path.cwd())
        return _quoted(str(here if shorter.parent == Path() else shorter))
    return _quoted(str(here))


def to_type(text: str) -> str:
    """The commands in a text as they are to be typed: with the program as the shell finds it, and the database that was
    named to this command, if any."""
    ctx = click.get_current_context(silent=True)
    if ctx is None or f"{NAME} " not in text:
        return text
    root, path = ctx.find_root(), ctx.meta.get(NAMED_DATABASE)

    def completed(found: re.Match[str]) -> str:
        words: list[str] = []
        command = root.command
        for word in found[1].split():
            below = command.get_command(root, word) if isinstance(command, click.Group) else None
            if below is None:
                break
            words, command = [*words, word], below
        if not words:
            return found[0]
        rest = found[1].split()[len(words) :]
        its = any(parameter.name == "db" for parameter in command.params) and not found[2]
        kept = [] if path is None or not its else ["--db", _quoted(str(path))]
        return " ".join([program(), *words, *kept, *rest])

    return re.sub(rf"(?<![\w./\\-]){NAME}((?: [a-z][a-z-]*)+)(?![a-z-])(?=( --d)?)", completed, text)


def _quoted(path: str) -> str:
    if sys.platform == "win32":
        return f'"{path}"' if " " in path else path
    return shlex.quote(path)
