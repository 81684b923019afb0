"""The command line. Each command is a file in `commands/`, loaded when it is used; nobody imports this one."""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Sequence
from typing import Any

import click
import platformdirs

from facilitator import __version__
from facilitator.errors import FacilitatorError, UsageError

COMMANDS = {
    "start": "session.start",
    "demo": "session.demo",
    "analyze": "analyze",
    "review": "stored.review",
    "correct": "stored.correct",
    "agreements": "stored.agreements",
    "replay": "stored.review",
    "recover": "stored.review",
    "trends": "stored.trends",
    "export": "stored.export",
    "people": "stored.people",
    "forget": "stored.people",
    "audit": "system.audit",
    "formats": "formats.formats",
    "models": "system.models",
    "doctor": "system.doctor",
    "devices": "system.doctor",
}
"""Every command and the file in `commands/` that holds it."""


class _Usage(click.ClickException):
    exit_code = UsageError.exit_code


class Facilitator(click.Group):
    """Without a command it starts a session; problems become one sentence and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = getattr(importlib.import_module(f"facilitator.commands.{COMMANDS[cmd_name]}"), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0].startswith("-") and args[0] not in ("--help", "-h", "--version")):
            args = ["start", *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except FacilitatorError as error:
            raise (_Usage if isinstance(error, UsageError) else click.ClickException)(error.message) from error


@click.group(
    cls=Facilitator, context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "FACILITATOR"}
)
@click.version_option(__version__, prog_name="facilitator")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """A voice-assisted facilitator for in-person discussions. Offline: nothing leaves this computer.

    Without a command it starts a session: facilitator is short for facilitator start.
    """
    ctx.default_map = _own_defaults()


def _own_defaults() -> dict[str, Any]:
    """What the person wrote into settings.toml in their configuration folder: a table for each command."""
    path = platformdirs.user_config_path("facilitator", appauthor=False) / "settings.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"The settings in {path} cannot be read: {error}. Mend or remove the file.") from None


def main(args: Sequence[str] | None = None) -> None:
    cli.main(args=None if args is None else list(args), prog_name="facilitator")
