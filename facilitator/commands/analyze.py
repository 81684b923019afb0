"""`facilitator analyze`: who spoke when in a recording."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from facilitator.commands import options
from facilitator.commands.options import write, write_table
from facilitator.commands.stored.take_in import held_at, held_at_option, keep_it, kept_in
from facilitator.commands.stored.wording import HOW, reading
from facilitator.commands.whose_group import group_option
from facilitator.core.language.wording import parse_language
from facilitator.core.review.review import review
from facilitator.core.text import BETWEEN_NAMES, length
from facilitator.errors import UsageError
from facilitator.library import recordings
from facilitator.pipelines.channels import NOBODY
from facilitator.pipelines.discovery import Found, voice_name
from facilitator.report.evidence_table import explained
from facilitator.report.output.blocks import plain
from facilitator.report.output.labels import ready
from facilitator.resources.prompts import default_prompts
from facilitator.resources.texts import texts_of
from facilitator.terminal.ask import MAX_PEOPLE, parse_new_name
from facilitator.terminal.tell import columns, tell
from facilitator.terminal.to_type import to_type

_VOICE = re.compile(r"voice ([0-9]{1,3})", re.IGNORECASE)


@click.command()
@click.argument("recording", type=options.PathName(path_type=Path))
@click.option("--voice", "voices", multiple=True, metavar="NAME=FILE", help="A voice sample of each person, about 8 s.")
@click.option("--people", metavar="N", help="How many people talk; those without a voice sample are found.")
@click.option(
    "--name", "names", multiple=True, metavar="VOICE=NAME", help='A name for a voice that was found: "Voice 1=Ana".'
)
@click.option(
    "--channels",
    metavar="NAMES",
    help='Each channel is one person\'s microphone; whose, in their order: "Ana, Ben". - for one with nobody at it.',
)
@options.models_option()
@options.log_option()
@click.option(
    "--json", "json_file", type=options.PathName(path_type=Path), metavar="FILE", help="Who spoke when, as JSON."
)
@click.option(
    "--rttm", "rttm_file", type=options.PathName(path_type=Path), metavar="FILE", help="Who spoke when, as RTTM."
)
@click.option(
    "--labels",
    "labels_file",
    type=options.PathName(path_type=Path),
    metavar="FILE",
    help="Who spoke when, for Praat (.TextGrid), ELAN (.eaf), Audacity (.txt) or a player (.vtt).",
)
@click.option("--explain", is_flag=True, help="Also tell what each source of evidence contributed.")
@click.option(
    "--csv", "csv_file", type=options.PathName(path_type=Path), metavar="FILE", help="Who spoke when, as a table."
)
@click.option("--store", "keeps", is_flag=True, help="Keep it as a session: for review, correct, trends and export.")
@held_at_option
@group_option("With --store: whose talk it was; a new group is made.")
@options.database()
def analyze(
    recording: Path,
    voices: tuple[str, ...],
    people: str | None,
    channels: str | None,
    names: tuple[str, ...],
    json_file: Path | None,
    rttm_file: Path | None,
    labels_file: Path | None,
    csv_file: Path | None,
    explain: bool,
    **keeping: Any,
) -> None:
    """Finds who spoke when in RECORDING (WAV, FLAC, OGG, MP3, or what a phone records) and tells the airtime.

    Without voice samples it finds the voices itself, calls them Voice 1, Voice 2, and tells where to listen to each.
    It is surer when you say how many people talk, and surest with a voice sample of each.

    \b
    Examples:
      facilitator analyze talk.wav --voice Ana=ana.wav --voice Ben=ben.wav --json talk.json
      facilitator analyze talk.wav --people 3
      facilitator analyze talk.wav --people 3 --voice Ana=ana.wav --name "Voice 2=Ben"
      facilitator analyze call.wav --channels "Ana, Ben"
      facilitator analyze talk.m4a --voice Ana=ana.wav --voice Ben=ben.wav --store --held-at "2026-01-31 19:30"
    """
    if not keeping["keeps"] and (keeping["held"] is not None or keeping["group"] is not None):
        raise UsageError("--held-at and --group are about a session that is kept; add --store to keep it.")
    samples = options.parse_voices(voices)
    taken = [recording, *samples.values()]
    for place in filter(None, (json_file, rttm_file, labels_file, csv_file)):
        options.writable(place, taken)
        taken.append(place)
    when = held_at(keeping["held"], recording) if keeping["keeps"] else None
    group = kept_in(keeping["db"], keeping["group"]) if keeping["keeps"] else None
    called = parse_names(names)
    number = None if people is None else parse_number(people)
    if number is not None and number < len(samples):
        raise UsageError(f"There are voice samples of {len(samples)} people; say --people {len(samples)}, or more.")
    if called and samples and (number is None or number == len(samples)):
        raise UsageError("--name is for voices that are found; say with --people how many talk, or leave --name out.")
    if explain and channels is not None:
        raise UsageError("--explain is about voices that are told apart; leave it out with --channels.")
    whose = None if channels is None else parse_channels(channels)
    if keeping["keeps"] and channels is None and not voices and not names:
        raise UsageError(
            "A session is kept with names: listen without --store first, and then say who is who, as in"
            ' --name "Voice 1=Ana".'
        )
    form = None if labels_file is None else ready(labels_file)
    console = Console(stderr=True)
    with Progress(
        TextColumn("Listening"), BarColumn(), TimeRemainingColumn(), console=console, disable=not sys.stderr.isatty()
    ) as progress:
        task = progress.add_task("", total=1.0)
        heard = recordings.analyze(
            recording,
            samples,
            number,
            names=called,
            channels=whose,
            live=json_file is not None,
            progress=lambda part: progress.update(task, completed=part),
        )
    for trouble in heard.troubles:
        tell(trouble, err=True)
    if json_file is not None:
        write(json_file, heard.to_json())
    if labels_file is not None and form is not None:
        write(labels_file, heard.to_labels(form, recording.stem))
    if rttm_file is not None:
        write(rttm_file, heard.to_labels("rttm", recording.stem))
    if csv_file is not None:
        write_table(csv_file, heard.to_labels("csv"))
    language = parse_language(default_prompts().language("en"))
    tell(plain(reading(review(heard.account), language), texts_of(language.code), columns()), nl=False)
    if when is not None:
        tell(keep_it(heard, keeping["db"], when, recording, group, {*samples, *called.values(), *(whose or ())}))
    if explain:
        tell("\n" + explained(heard.people, heard.contributions), nl=False)
    if heard.found:
        tell("\n" + _told(heard.found))
    tell(to_type(f"\n{HOW}"))


def _told(found: Sequence[Found]) -> str:
    """Where to listen to each voice, and what to do once one knows whose it is."""
    lines = [f"{one.voice}: listen at {length(one.start_ms)} to {length(one.end_ms)}" for one in found]
    unnamed = next((one.voice for one in found if _VOICE.fullmatch(one.voice)), None)
    if unnamed is not None:
        lines.append(f'Once you know whose voice it is, say so: --name "{unnamed}=Ana".')
    return "\n".join(lines)


def parse_number(text: str) -> int:
    """How many people talk. Raises UsageError."""
    if not re.fullmatch(r"\s*[0-9]{1,3}\s*", text) or not 1 <= int(text) <= MAX_PEOPLE:
        raise UsageError(f"--people {text}: type how many people talk in the recording, 1 to {MAX_PEOPLE}.")
    return int(text)


def parse_channels(text: str) -> tuple[str, ...]:
    """Names with commas in between, one a channel, `-` for one that is nobody's. Raises UsageError."""
    parts = [part.strip() for part in BETWEEN_NAMES.split(text)]
    if not all(parts):
        raise UsageError(f'--channels {text}: write a name for each channel, such as "Ana, Ben"; - for nobody\'s.')
    return tuple(part if part == NOBODY else parse_new_name(part) for part in parts)


def parse_names(values: Sequence[str]) -> dict[str, str]:
    """VOICE=NAME, several times. Raises UsageError with the one that is wrong."""
    names: dict[str, str] = {}
    for value in values:
        voice, equals, name = value.partition("=")
        number = _VOICE.fullmatch(" ".join(voice.split()))
        if not equals or number is None:
            raise UsageError(f'--name {value}: write it as VOICE=NAME, for example --name "Voice 1=Ana".')
        found = voice_name(int(number[1]))
        if found in names:
            raise UsageError(f"There are two names for {found}; give one.")
        names[found] = parse_new_name(name)
    return names
