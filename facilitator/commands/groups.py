"""Commands with others under them: what all of them do alike."""

from __future__ import annotations

import re

import click

from facilitator.errors import UsageError
from facilitator.terminal.help import HelpLines

click.Context.formatter_class = HelpLines

ALIKE = 0.6
"""A command that is spelled so much like what was typed may be meant."""

SHELL_ASKS = "_FACILITATOR_COMPLETE"
"""The setting by which the shell asks what could come next."""


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
