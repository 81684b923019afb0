"""`facilitator formats`: what there is, what it does, whether a file is as it should be, and how to write one."""

from __future__ import annotations

import dataclasses
import json
import shlex
from pathlib import Path
from typing import get_args

import click

from facilitator.commands import candidates, options
from facilitator.commands.formats import checks, describe, new_file, try_out
from facilitator.commands.groups import Commands
from facilitator.commands.session.table_options import enough
from facilitator.core.formats.parse import parse_format, with_options
from facilitator.errors import PromptsError
from facilitator.resources.prompts import default_prompts, parsed_format, parsed_language
from facilitator.simulation.answers import Behaviour
from facilitator.simulation.table import NAMES
from facilitator.terminal.ask import MIN_PEOPLE, parse_minutes, parse_people, parse_rounds
from facilitator.terminal.tell import columns, tell
from facilitator.terminal.to_type import to_type


@click.group(cls=Commands)
def formats() -> None:
    """The forms a discussion can take: files that anyone can write.

    \b
    Examples:
      facilitator formats show round-robin
      facilitator formats new monday-talk --from open
    """


@formats.command("list")
@options.as_json()
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
    names = max((len(name) for name in found), default=0)
    room = columns()
    beside = room is None or room >= 2 * names + 2
    for name, form in found.items():
        tell(f"{name:<{names}}  {form.summary}" if beside else f"{name}\n  {form.summary}")


LANGUAGE = click.option(
    "--language", default="en", show_default=True, metavar="CODE", help="The language it is worded in."
)


@formats.command()
@click.argument("name", shell_complete=candidates.format_names)
@LANGUAGE
@options.as_json("Every setting, as JSON, for programs.")
def show(name: str, language: str, as_json: bool) -> None:
    """Shows what a format does, stage by stage, and how long it takes.

    NAME is a format's name, or the path of a .toml file. Of the settings, those that differ from the usual are shown.

    \b
    Example:
      facilitator formats show open
    """
    prompts = default_prompts()
    path = prompts.format_file(name)
    form = parsed_format(path)
    if as_json:
        stages = [{"kind": stage.kind, **dataclasses.asdict(stage)} for stage in form.stages]
        told = {
            "name": form.name,
            "summary": form.summary,
            "host": form.host,
            "alone": form.alone,
            "whose_idea": form.whose_idea,
            "who_decided": form.who_decided,
            "stages": stages,
            "file": str(path),
        }
        click.echo(json.dumps(told))
        return
    words = prompts.language(language)
    tell(f"{form.name}: {form.summary}\n")
    for line in describe.lines(form, parsed_language(prompts.language_file(language))):
        tell(line)
    tell(f"\n{describe.takes(form, prompts.format(name), words)}")
    tell(f"The file: {path}")


@formats.command()
@click.argument("files", nargs=-1, type=options.PathName(path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    """Checks format and language files and lists everything that needs mending.

    Without FILES, all of them.

    \b
    Example:
      facilitator formats check mine.toml
    """
    prompts = default_prompts()
    languages = prompts.language_files()
    screens = sorted((prompts.folder / "screens").glob("*.toml"))
    paths = list(files) or [*prompts.format_files(), *languages, *screens]
    known = {}
    for path in languages:
        try:
            known[path.name] = parsed_language(path)
        except PromptsError:
            continue  # it is told where that file itself is looked at
    bad = 0
    for path in paths:
        try:
            if path.absolute().parent.name == "screens":
                heard = checks.check_screens(path)
            elif path in languages or path.absolute().parent.name == "languages":
                heard = checks.check_language(path)
            else:
                checks.check_format(path, known)
                heard = []
        except PromptsError as error:
            bad += 1
            tell(error.message, err=True)
        else:
            tell(f"{path}: good")
            for line in heard:
                tell(f"  - {line}")
    if bad:
        raise click.exceptions.Exit(1)


@formats.command()
@click.argument("name")
@click.option(
    "--from", "original", metavar="FORMAT", help="Begin with what this format does; else with a round and a talk."
)
@click.option("--folder", type=options.PathName(path_type=Path), metavar="DIR", help="Where to put the file.")
def new(name: str, original: str | None, folder: Path | None) -> None:
    """Writes a file to begin a format of your own with, NAME.toml, in which every key is explained.

    It is put where you are, or among your own prompts where FACILITATOR_PROMPTS names a folder. Nothing that is there
    already is touched.

    \b
    Examples:
      facilitator formats new monday-talk
      facilitator formats new monday-talk --from check-in --folder .
    """
    prompts = default_prompts()
    form = new_file.BEGINNING if original is None else parsed_format(prompts.format_file(original))
    path = new_file.place(name, folder)
    new_file.write(path, new_file.written(path.stem, form))
    among_own = path.absolute().parent == (prompts.folder / "formats").absolute()
    called = path.stem if among_own else shlex.quote(str(path))
    tell(f"Your format is in {path}. Open it with any text editor. Then:\n")
    rows = (
        (to_type(f"facilitator formats check {shlex.quote(str(path))}"), "is it as it should be?"),
        (to_type(f"facilitator formats try {called}"), "what would be said, and when?"),
        (to_type(f"facilitator start --format {called}"), "begin"),
    )
    width = max(len(command) for command, _ in rows)
    for command, why in rows:
        tell(f"  {command:<{width}}  # {why}")


@formats.command("try")
@click.argument("name", shell_complete=candidates.format_names)
@click.option("--people", metavar="NAMES", help=f'Who is there, with commas in between; else "{", ".join(NAMES[:3])}".')
@click.option(
    "--behaviour",
    type=click.Choice(get_args(Behaviour)),
    default="all",
    show_default=True,
    help="All talk, the first talks most, the last or nobody says a word, they cut in on each other, they pass.",
)
@click.option("--minutes", metavar="N", help="Minutes for each turn (in open talk: for the whole talk).")
@click.option("--rounds", metavar="N", help="How many times round.")
@LANGUAGE
def try_(
    name: str, people: str | None, behaviour: Behaviour, minutes: str | None, rounds: str | None, language: str
) -> None:
    """Goes through a format with invented people, in a moment: what would be said when, and who has the floor.

    NAME is a format's name, or the path of a .toml file. Nothing is heard, spoken or kept.

    \b
    Examples:
      facilitator formats try check-in
      facilitator formats try mine.toml --people "Ana, Ben" --behaviour cut-ins --minutes 2
    """
    prompts = default_prompts()
    alone = parse_format(prompts.format(name), name).alone
    usual = NAMES[: 1 if alone else 3]
    names = usual if people is None else parse_people(people, 1 if alone else MIN_PEOPLE)
    turn_minutes = None if minutes is None else parse_minutes(minutes)
    times = None if rounds is None else parse_rounds(rounds)
    words = prompts.language(language)
    raw = with_options(prompts.format(name), minutes=turn_minutes, rounds=times)
    form = parse_format(raw, name)
    enough(form, names)
    host = names[0] if form.host else ""
    tell(f"{form.name}, with {', '.join(names)}. What is said aloud stands in quotes.")
    found = try_out.tried(raw, words, names, host, behaviour)
    for line in found.lines:
        tell(line)
    if found.stopped:
        tell("It would go on: after six hours it was ended here.")
