"""Files and folders that are named on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from facilitator.cli import cli


def _places(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Parameter]]:
    """Every option and argument that is a path, with the command it belongs to."""
    if isinstance(command, click.Group):
        ctx = click.Context(command)
        for name in command.list_commands(ctx):
            below = command.get_command(ctx, name)
            assert below is not None
            yield from _places(below, (*path, name))
    for parameter in command.params:
        if isinstance(parameter.type, click.Path):
            yield path, parameter


PLACES = list(_places(cli))


@pytest.mark.parametrize("value", ["", " ", "-"])
@pytest.mark.parametrize(("path", "parameter"), PLACES, ids=[f"{' '.join(p)} {q.name}" for p, q in PLACES])
def test_nothing_is_no_file_or_folder(
    path: tuple[str, ...], parameter: click.Parameter, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an unset variable of a shell leaves it: else the folder that one is in would be filled, or looked for."""
    monkeypatch.chdir(tmp_path)
    ctx = click.Context(click.Command("any"))
    with pytest.raises(click.BadParameter) as refused:
        parameter.type.convert(value, parameter, ctx)
    assert "no file or folder" in refused.value.message


def test_it_is_told_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli, ["archive", str(tmp_path), "--out", ""])
    assert (done.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert done.stderr.rstrip().endswith("Error: Invalid value for '--out': no file or folder is named; name one.")
