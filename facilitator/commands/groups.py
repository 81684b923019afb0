"""Commands with others under them: what all of them do alike."""

from __future__ import annotations

import re

import click

from facilitator.errors import UsageError
from facilitator.resources.paths import database_path
from facilitator.terminal.help import HelpLines

click.Context.formatter_class = HelpLines

DATABASE = "facilitator.database"
"""Where in `ctx.meta` the command line keeps which database a command works with."""
ALIKE = 0.6
"""A command that is spelled so much like what was typed may be meant."""


class Commands(click.Group):
    """Its help names every command in a whole sentence, and one that does not exist is answered with one that does."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, known = args[0], self.list_commands(ctx)
        if name in known or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        import difflib  # noqa: PLC0415 - only for a name that does not exist

        near = difflib.get_close_matches(name.lower(), known, 1, ALIKE)
        path = ctx.command_path
        hint = f"did you mean {path} {near[0]}?" if near else f"{path} --help lists what there is."
        raise UsageError(f"There is no command “{name}”; {hint}")

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(self.sentences(ctx))

    def sentences(self, ctx: click.Context) -> list[tuple[str, str]]:
        """Every command with the first sentence of its help."""
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        return [(name, first_sentence(one)) for name, one in found if one and not one.hidden]


def first_sentence(command: click.Command) -> str:
    text = " ".join((command.help or "").split("\n\n")[0].split())
    return re.split(r"(?<=\.) (?=[A-Z])", text)[0]


def with_database(text: str) -> str:
    """Commands to type, with the database that this command works with, where it is not the usual one."""
    ctx = click.get_current_context(silent=True)
    path = None if ctx is None else ctx.meta.get(DATABASE)
    if ctx is None or path is None or path == database_path():
        return text
    root = ctx.find_root()

    def completed(found: re.Match[str]) -> str:
        words: list[str] = []
        command = root.command
        for word in found[1].split():
            below = command.get_command(root, word) if isinstance(command, click.Group) else None
            if below is None:
                break
            words, command = [*words, word], below
        if not words or all(parameter.name != "db" for parameter in command.params):
            return found[0]
        rest = found[1].split()[len(words) :]
        return " ".join(["facilitator", *words, "--db", _quoted(str(path)), *rest])

    return re.sub(r"\bfacilitator((?: [a-z][a-z-]*)+)(?![a-z-]| --d)", completed, text)


def _quoted(path: str) -> str:
    return path if re.fullmatch(r"[\w./\\:~+-]+", path) else f'"{path}"'
