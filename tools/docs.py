"""Writes docs/commands.md and the manual page, docs/facilitator.1, from every command's help; a test compares them.

.venv/bin/python tools/docs.py
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import click

from facilitator import __version__
from facilitator.cli import cli

DOCS = Path(__file__).resolve().parent.parent / "docs"
COMMANDS, MANUAL = DOCS / "commands.md", DOCS / "facilitator.1"
HEAD = """\
# Commands

Written by `tools/docs.py` from the program's own `--help`.

Every command has `--help`. Exit codes: 0 all went well, 1 a problem (one sentence says what to do), 2 the command was
not understood. Options can also come from a file of your own, `settings.toml` in your configuration folder with a
table for each command, or from variables such as `FACILITATOR_START_SPEECH=chime`; what is typed wins.
"""


def commands(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    """The command and all below it, each with its full name, in the order in which help lists them."""
    yield name, command
    if isinstance(command, click.Group):
        for child in command.list_commands(click.Context(command)):
            found = command.get_command(click.Context(command), child)
            if found is not None and not found.hidden:
                yield from commands(found, f"{name} {child}")


def options(command: click.Command) -> Iterator[tuple[str, str]]:
    """The command's options as written, with what they do."""
    for parameter in command.params:
        if isinstance(parameter, click.Option) and not parameter.hidden:
            names = ", ".join(parameter.opts) + "".join(f" / {name}" for name in parameter.secondary_opts)
            yield f"{names}{_value(parameter)}", parameter.help or ""


def _value(option: click.Option) -> str:
    if option.is_flag or option.count:
        return ""
    if isinstance(option.type, click.Choice):
        choices = "|".join(map(str, option.type.choices))
        return f"[={choices}]" if option._flag_needs_value else f" {choices}"
    return " " + (
        option.metavar or {"filename": "FILE", "path": "FILE"}.get(option.type.name, option.type.name.upper())
    )


def usage(command: click.Command, name: str) -> str:
    parts = [name]
    if any(options(command)):
        parts.append("[OPTIONS]")
    for parameter in command.params:
        if isinstance(parameter, click.Argument):
            word = (parameter.metavar or str(parameter.name).upper()) + ("..." if parameter.nargs == -1 else "")
            parts.append(word if parameter.required else f"[{word}]")
    return " ".join([*parts, "COMMAND"] if isinstance(command, click.Group) else parts)


def prose(text: str) -> str:
    """Help text as Markdown: a block that click keeps as it is (after `\\b`) becomes a block of code."""
    paragraphs = []
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        kept = paragraph.strip("\n").removeprefix("\b\n")
        if kept == paragraph.strip("\n"):
            paragraphs.append(" ".join(paragraph.split()))
            continue
        title, _, lines = kept.partition("\n")
        paragraphs.append(f"{title}\n\n```sh\n{textwrap.dedent(lines).strip()}\n```")
    return "\n\n".join(paragraphs)


def commands_page() -> str:
    parts = [HEAD]
    for name, command in commands(cli, "facilitator"):
        parts.append(f"## {name}\n\n{prose(command.help or '')}\n\n`{usage(command, name)}`\n")
        rows = [f"| `{_cell(written)}` | {_cell(what)} |" for written, what in options(command)]
        if rows:
            parts.append("\n".join(["| option | what it does |", "|---|---|", *rows]) + "\n")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(parts))


MANUAL_HEAD = r"""
.\" Written by tools/docs.py from the program's own --help.
.TH FACILITATOR 1 "" "facilitator {version}" "User Commands"
.SH NAME
facilitator \- leads discussions around a table by voice, offline, and tells how the airtime fell
.SH SYNOPSIS
.B facilitator
.RI [ OPTIONS ]
.RI [ COMMAND " [" OPTIONS ]]
.SH DESCRIPTION
{about}
.SH COMMANDS
"""
MANUAL_TAIL = r"""
.SH FILES
.TP
.I ~/.local/share/facilitator/sessions.db
everything that is kept: an SQLite database that only its owner can read (on Linux; \fBfacilitator audit\fR names it)
.TP
.I ~/.local/share/facilitator/models
models that \fBfacilitator models install\fR has fetched
.TP
.I ~/.config/facilitator/settings.toml
options, with a table for each command
.SH ENVIRONMENT
Every option has a variable, such as
.B FACILITATOR_START_SPEECH=chime
for
.BR "start \-\-speech" .
What is typed wins over them, and they over the file of settings.
.SH EXIT STATUS
0: all went well. 1: a problem; one sentence says what to do. 2: the command was not understood.
.SH SEE ALSO
.BR espeak\-ng (1)
"""


def manual_page() -> str:
    """All commands on one page of the manual, in the macros of man(7)."""
    parts = [MANUAL_HEAD.format(version=__version__, about=_roff_prose(cli.help or "")).strip()]
    for name, command in commands(cli, "facilitator"):
        parts.append(f".SS {_roff(usage(command, name))}")
        if command is not cli:
            parts.append(_roff_prose(command.help or ""))
        for written, what in options(command):
            parts.append(f".TP\n.B {_roff(written)}\n{_roff(' '.join(what.split()))}")
    return "\n".join([*parts, MANUAL_TAIL.strip()]) + "\n"


def _roff_prose(text: str) -> str:
    parts = []
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        kept = paragraph.strip("\n").removeprefix("\b\n")
        if kept == paragraph.strip("\n"):
            parts.append(f".PP\n{_roff(' '.join(paragraph.split()))}")
        else:
            parts.append("\n".join([".PP", ".nf", *map(_roff, kept.splitlines()), ".fi"]))
    return "\n".join(parts)


def _roff(text: str) -> str:
    """One line, in which nothing is a request or an escape."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    return f"\\&{text}" if text.startswith((".", "\\(aq")) else text


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    COMMANDS.write_text(commands_page(), encoding="utf-8", newline="\n")
    MANUAL.write_text(manual_page(), encoding="utf-8", newline="\n")
    print(f"Wrote {COMMANDS} and {MANUAL}.")
