"""`facilitator analyze`: who spoke when in a recording."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from facilitator import analysis
from facilitator.commands import options
from facilitator.commands.telling import page
from facilitator.core.attribution import Timeline, attribute
from facilitator.core.summary import summarize
from facilitator.core.wording import parse_language
from facilitator.errors import FacilitatorError, UsageError
from facilitator.prompts import default_prompts
from facilitator.report.csv import speech_csv
from facilitator.report.explain import explained
from facilitator.report.rttm import to_rttm


@click.command()
@click.argument("recording", type=click.Path(path_type=Path))
@click.option("--voice", "voices", multiple=True, metavar="NAME=FILE", help="A voice sample of each person, about 8 s.")
@options.models_option()
@click.option("--json", "json_file", type=click.Path(path_type=Path), metavar="FILE", help="Who spoke when, as JSON.")
@click.option("--rttm", "rttm_file", type=click.Path(path_type=Path), metavar="FILE", help="Who spoke when, as RTTM.")
@click.option("--explain", is_flag=True, help="Also tell what each source of evidence contributed.")
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), metavar="FILE", help="Who spoke when, as a table.")
def analyze(
    recording: Path,
    voices: tuple[str, ...],
    json_file: Path | None,
    rttm_file: Path | None,
    csv_file: Path | None,
    explain: bool,
) -> None:
    """Finds who spoke when in RECORDING (WAV, FLAC, OGG, MP3) and tells the airtime.

    \b
    Example:
      facilitator analyze talk.wav --voice Ana=ana.wav --voice Ben=ben.wav --json talk.json
    """
    samples = options.parse_voices(voices)
    if not samples:
        raise UsageError("Give a voice sample of each person, about eight seconds long: --voice Ana=ana.wav.")
    console = Console(stderr=True)
    with Progress(
        TextColumn("Listening"), BarColumn(), TimeRemainingColumn(), console=console, disable=not sys.stderr.isatty()
    ) as progress:
        task = progress.add_task("", total=1.0)
        found = analysis.analyze(recording, samples, progress=lambda part: progress.update(task, completed=part))
    for trouble in found.troubles:
        click.echo(trouble, err=True)
    timeline = Timeline(spoke for heard in found.final for spoke in attribute(heard))
    voices_found = timeline.spans()
    if json_file is not None:
        _write(json_file, json.dumps(analysis.to_json(found), ensure_ascii=False, indent=1))
    if rttm_file is not None:
        _write(rttm_file, to_rttm(voices_found, recording=recording.stem))
    if csv_file is not None:
        _write(csv_file, speech_csv(voices_found))
    language = parse_language(default_prompts().language("en"))
    click.echo(page(summarize(found.people, timeline=timeline), language), nl=False)
    if explain:
        click.echo("\n" + explained(found.people, found.contributions), nl=False)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise FacilitatorError(f"{path} cannot be written ({error.strerror}); name another file.") from None
