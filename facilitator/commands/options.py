"""Options and arguments that more than one command has."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from facilitator.errors import UsageError
from facilitator.resources.paths import database_path
from facilitator.terminal.ask import parse_name

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def database(**extra: Any) -> Decorator:
    return click.option(
        "--db",
        type=click.Path(path_type=Path),
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
        type=click.Path(path_type=Path),
        metavar="DIR",
        expose_value=False,
        callback=set_for_this_run,
        help="The folder of the models, and no other.",
    )


def parse_voices(values: Sequence[str]) -> dict[str, Path]:
    """NAME=FILE, several times. Raises UsageError with the one that is wrong."""
    voices: dict[str, Path] = {}
    for value in values:
        name, equals, file = value.partition("=")
        if not equals or not file.strip():
            raise UsageError(f"--voice {value}: write it as NAME=FILE, for example --voice Ana=ana.wav.")
        person, path = parse_name(name), Path(file.strip()).expanduser()
        if person in voices:
            raise UsageError(f"There are two voice samples for {person}; give one.")
        if not path.is_file():
            raise UsageError(f"There is no file {path} for {person}'s voice; check the path.")
        voices[person] = path
    return voices
