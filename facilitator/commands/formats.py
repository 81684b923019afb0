"""`facilitator formats`: what there is, what it does, whether a file is as it should be."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import click

from facilitator.core.formats import Format, Turns
from facilitator.errors import PromptsError
from facilitator.prompts import default_prompts, parsed_format, parsed_language


@click.group()
def formats() -> None:
    """The forms a discussion can take: files that anyone can write.

    \b
    Example:
      facilitator formats show round-robin
    """


@formats.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def list_(as_json: bool) -> None:
    """Names every format, with what it does.

    \b
    Example:
      facilitator formats list
    """
    found = {path.stem: parsed_format(path) for path in default_prompts().format_files()}
    if as_json:
        click.echo(json.dumps([{"name": n, "title": f.name, "summary": f.summary} for n, f in found.items()]))
        return
    width = max((len(name) for name in found), default=0)
    for name, form in found.items():
        click.echo(f"{name:<{width}}  {form.summary}")


@formats.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def show(name: str, as_json: bool) -> None:
    """Shows a format: its stages and every setting.

    NAME is a format's name, or the path of a .toml file.

    \b
    Example:
      facilitator formats show open
    """
    path = default_prompts().format_file(name)
    form = parsed_format(path)
    stages = [{"kind": stage.kind, **dataclasses.asdict(stage)} for stage in form.stages]
    if as_json:
        click.echo(json.dumps({"name": form.name, "summary": form.summary, "stages": stages, "file": str(path)}))
        return
    click.echo(f"{form.name}: {form.summary}\n")
    for stage in stages:
        kind = stage.pop("kind")
        click.echo(f"  {kind}")
        for key, value in stage.items():
            click.echo(f"    {key} = {_toml(value)}")
    click.echo(f"\nThe file: {path}")


def _toml(value: object) -> str:
    if value is None:
        return "(none)"
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


@formats.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    """Checks format and language files and lists everything that needs mending.

    Without FILES, all of them.

    \b
    Example:
      facilitator formats check mine.toml
    """
    prompts = default_prompts()
    languages = prompts.language_files()
    paths = list(files) or [*prompts.format_files(), *languages]
    bad = 0
    for path in paths:
        try:
            if path in languages or path.parent.name == "languages":
                parsed_language(path)
            else:
                parsed_format(path)
        except PromptsError as error:
            bad += 1
            click.echo(error.message, err=True)
        else:
            click.echo(f"{path}: good")
    if bad:
        raise click.exceptions.Exit(1)


def is_timed(form: Format) -> bool:
    """Whether turns have a length that people should be asked for."""
    return any(isinstance(stage, Turns) for stage in form.stages)
