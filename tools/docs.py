"""Write the parts of the documentation that the program itself knows best.

    .venv/bin/python tools/docs.py

docs/commands.md comes from every command's help; a test compares it. docs/terminal.svg is the live screen at
a moment of the bundled demonstration, which is run for it.
"""

from __future__ import annotations

import inspect
import io
import re
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from rich.console import Console

from facilitator.backends.voice.silent_voice import SilentVoice
from facilitator.cli import cli
from facilitator.core.airtime_display import AirtimeRule
from facilitator.core.discussion import Discussion
from facilitator.core.events import Record
from facilitator.core.formats.parse import with_options
from facilitator.core.setup import Setup
from facilitator.core.snapshot import Snapshot
from facilitator.demo.script import bundled, load_script
from facilitator.demo.scripted_table import ScriptedTable
from facilitator.pipelines.live import open_listener
from facilitator.resources.prompts import default_prompts
from facilitator.resources.texts import texts_of
from facilitator.session import Session
from facilitator.terminal.view import lay_out

DOCS = Path(__file__).resolve().parent.parent / "docs"
COMMANDS, PICTURE = DOCS / "commands.md", DOCS / "terminal.svg"
WIDTH, HEIGHT = 92, 30
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


class _Moments:
    """A screen that keeps every moment it is shown."""

    def __init__(self) -> None:
        self.kept: list[Snapshot] = []

    def show(self, snapshot: Snapshot) -> None:
        self.kept.append(snapshot)

    def write(self, records: Sequence[Record]) -> None:
        pass

    def close(self) -> None:
        pass


def demonstration() -> list[Snapshot]:
    """The moments of the bundled demonstration, through the whole program."""
    scene, prompts, moments = load_script(bundled()), default_prompts(), _Moments()
    table = ScriptedTable(scene, paced=False)
    setup = Setup(
        people=scene.people,
        format=with_options(prompts.format(scene.format), minutes=scene.minutes, rounds=scene.rounds),
        language=prompts.language(scene.language),
    )
    Session(
        discussion=Discussion(setup),
        voice=SilentVoice(),
        source=table,
        ear=open_listener()[0],
        keys=[table],
        screen=moments,
        sinks=[table],
        fast=True,
    ).run()
    return moments.kept


def picture(moments: Sequence[Snapshot]) -> str:
    """The live screen as SVG: late in the talk, when the one who has the floor is speaking."""
    heard = [m for m in moments if m.stage_kind == "turns" and all(p.airtime_ms for p in m.people)]
    talking = [m for m in heard if m.floor and m.speaking == (m.floor,)]
    console = Console(record=True, width=WIDTH, height=HEIGHT, file=io.StringIO(), force_terminal=True)
    for line in lay_out(talking[-1], AirtimeRule(now="shown", aims={}), texts_of("en"), WIDTH, HEIGHT):
        console.print(line)
    svg = console.export_svg(title="facilitator")
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.S)  # rich would fetch a font from the web


if __name__ == "__main__":
    COMMANDS.write_text(commands_page(), encoding="utf-8", newline="\n")
    PICTURE.write_text(picture(demonstration()), encoding="utf-8", newline="\n")
    print(f"Wrote {COMMANDS} and {PICTURE}.")
