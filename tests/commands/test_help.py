"""The help that names all commands comes at once, and says of each what its own help says."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from facilitator.cli import COMMANDS, cli
from facilitator.commands.groups import first_sentence


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_what_the_command_says(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert COMMANDS[name][1] == first_sentence(command)


@pytest.mark.parametrize("args", [("--help",), ("--version",), ("completion", "bash")])
def test_nothing_that_hears_speaks_or_stores_is_loaded_for_it(args: tuple[str, ...]) -> None:
    """What makes it slow are imports, so these are counted rather than the time."""
    asked = f"import sys; from facilitator.cli import cli; cli.main({list(args)!r}, standalone_mode=False);"
    told = subprocess.run(
        [sys.executable, "-c", asked + "print('LOADED', *sorted(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    loaded = set(told.rpartition("LOADED ")[2].split())
    assert "facilitator.cli" in loaded
    heavy = {"platformdirs", "tomllib", "difflib", "importlib.metadata"} if args[0].startswith("--") else set()
    heavy |= {"numpy", "rich", "sqlite3", "requests", "vosk", "sounddevice", "babel", "facilitator.core.events"}
    assert not heavy & loaded


def test_every_command_is_told_in_a_whole_sentence() -> None:
    def told(command: click.Command, path: str) -> list[str]:
        if not isinstance(command, click.Group):
            return []
        ctx, found = click.Context(command), []
        for name in command.list_commands(ctx):
            below = command.get_command(ctx, name)
            assert below is not None
            found += [f"{path} {name}: {first_sentence(below)}", *told(below, f"{path} {name}")]
        return found

    assert [line for line in told(cli, "facilitator") if not line.endswith((".", ".)"))] == []
