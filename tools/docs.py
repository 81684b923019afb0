"""Writes docs/commands.md from every command's help; a test compares it.

.venv/bin/python tools/docs.py
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import click

from facilitator.cli import cli

COMMANDS = Path(__file__).resolve().parent.parent / "docs" / "commands.md"
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


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    COMMANDS.write_text(commands_page(), encoding="utf-8", newline="\n")
    print(f"Wrote {COMMANDS}.")
