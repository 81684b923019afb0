"""Words by Vosk: how fast, how much memory, which commands are heard, and which although nobody said them.

    python benchmarks/accuracy/words.py RECORDING... [--model FOLDER] [--clips tests/data/sounds/words]
        [--phrase "more time"] [--language ko --commands-only --talk benchmarks/accuracy/talk/ko.txt]

Dictation and commands together, or with `--commands-only` the latter. RTF is seconds of computing for a second of
sound (processor time, reading the recording included); memory is the most that the whole process ever held, on
Windows not known. In the recordings nobody says a command: all that are heard are false. Of these, `alone` are those
with nothing else in the same utterance. `--clips`: files such as `ana-pause.flac`, in which Ana says the command that
is called so below, and others, in which there is none; each is heard after a second of near silence, in one row.
`--talk`: every line of this file is said by voices of espeak-ng, and heard as a recording. With `--language` it is
listened for every command of that language, and for what whoever has the floor may say.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from benchmarks.accuracy.voices import VOICES, spoken
from facilitator.backends.audio.recording import Recording
from facilitator.backends.models.vosk_words import VoskWords
from facilitator.core.events import COMMANDS as COMMAND_NAMES
from facilitator.core.language.grammar import vocabulary
from facilitator.core.language.wording import parse_language
from facilitator.hearing.signal.audio import RATE, Block, Samples
from facilitator.hearing.values import Words
from facilitator.hearing.words.transcript import spelled
from facilitator.models import catalogue
from facilitator.resources.prompts import default_prompts

COMMANDS = {
    "pause": "facilitator pause",
    "next": "facilitator next",
    "done": "i am done",
    "time": "more time",
}
PATIENCE_S = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    heard: list[Words]
    sound_s: float
    computing_s: float


def peak_mb() -> float:
    if sys.platform == "win32":
        return float("nan")
    import resource  # noqa: PLC0415 - not on Windows

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most / 1e3


def blocks_of(recording: Recording) -> Iterator[Block]:
    while (block := recording.read(0)) is not None:
        yield block
    recording.close()


def name_of(path: Path) -> str:
    return path.parent.name if path.stem == "conversation" else path.stem


def commands_of(code: str) -> list[str]:
    phrases = parse_language(default_prompts().language(code)).spoken
    return list(vocabulary(phrases, wake="", commands=COMMAND_NAMES, choices=(), own=True))


def said(talk: Path, voice: str, code: str) -> Iterator[Block]:
    """Each line of the text in this voice, with half a second between them, in a room that is nearly quiet."""
    random = np.random.default_rng(1)
    at = 0
    with tempfile.TemporaryDirectory() as folder:
        for line in talk.read_text(encoding="utf-8").splitlines():
            samples = np.concatenate([spoken(voice, 160, line, Path(folder), code), np.zeros(RATE // 2, np.float32)])
            samples += random.normal(0, 3e-4, len(samples)).astype(np.float32)
            for first in range(0, len(samples), 1600):
                yield Block(first_sample=at + first, samples=samples[first : first + 1600, None])
            at += len(samples)


def hear(model: Path, phrases: Iterable[str], dictate: bool, blocks: Iterable[Block]) -> Result:
    source = VoskWords(model)
    never = source.listen_for(list(phrases))
    if never:
        click.echo(f"This model lacks words of: {', '.join(never)}.", err=True)
    source.dictate(dictate)
    began, heard, samples = time.process_time(), [], 0
    for block in blocks:
        source.hear(block)
        source.catch_up(PATIENCE_S)
        heard += source.poll()
        samples += len(block.samples)
    source.finish_utterance()
    source.catch_up(PATIENCE_S)
    heard += source.poll()
    took = time.process_time() - began
    source.close()
    if (trouble := source.trouble()) is not None:
        raise click.ClickException(trouble)
    return Result(heard=heard, sound_s=samples / RATE, computing_s=took)


def in_a_row(clips: Iterable[Path]) -> tuple[Samples, list[tuple[Path, int, int]]]:
    """All clips with a second between them, and where each lies, in samples."""
    random = np.random.default_rng(1)
    parts, places, at = [np.zeros(RATE, np.float32)], [], RATE
    for path in clips:
        samples = np.concatenate([block.mono() for block in blocks_of(Recording(path, real_time=False))])
        places.append((path, at, at + len(samples)))
        parts += [samples, np.zeros(RATE, np.float32)]
        at += len(samples) + RATE
    row = np.concatenate(parts)
    return row + random.normal(0, 3e-4, len(row)).astype(np.float32), places


def hear_clips(model: Path, phrases: list[str], dictate: bool, folder: Path) -> None:
    """Prints how many commands were right, and how late and how far off in time they were."""
    row, places = in_a_row(sorted(folder.glob("*.flac")))
    if not places:
        raise click.UsageError(f"There are no clips (*.flac) in {folder}.")
    pieces = (Block(first_sample=at, samples=row[at : at + 1600, None]) for at in range(0, len(row), 1600))
    told = [words for words in hear(model, phrases, dictate, pieces).heard if words.kind == "command"]
    right, said, off_ms, found = 0, 0, [], set()
    for path, first, last in places:
        command = COMMANDS.get(path.stem.split("-")[-1])
        if command is None:
            continue
        said += 1
        start_ms, end_ms = first * 1000 // RATE, last * 1000 // RATE
        for words in told:
            if words.text == command and start_ms - 500 < words.start_ms < end_ms:
                right += 1
                found.add(words)
                off_ms += [abs(words.start_ms - start_ms), abs(words.end_ms - end_ms)]
                break
    others = len(places) - said
    click.echo(
        f"clips: {right} of {said} commands heard, {len(set(told) - found)} false (in them and {others} other clips); "
        f"their times are off by at most {max(off_ms, default=0)} ms, {np.mean(off_ms or [0]):.0f} ms on average"
    )


@click.command(help=__doc__)
@click.argument("recordings", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--model", type=click.Path(file_okay=False, path_type=Path), help="[default: the installed one]")
@click.option("--language", "code", help="Listen for all commands of this language.")
@click.option("--talk", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--clips", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--phrase", "phrases", multiple=True, help=f"Listen for this.  [default: {', '.join(COMMANDS.values())}]")
@click.option("--commands-only", is_flag=True)
def main(
    recordings: tuple[Path, ...],
    model: Path | None,
    code: str | None,
    talk: Path | None,
    clips: Path | None,
    phrases: tuple[str, ...],
    commands_only: bool,
) -> None:
    model = model or catalogue.find_words(code or "en")
    if model is None:
        raise click.UsageError("There is no model; name its folder with --model, or `facilitator models install` it.")
    wanted = [" ".join(spelled(phrase)) for phrase in phrases or (commands_of(code) if code else COMMANDS.values())]
    if clips is not None:
        hear_clips(model, wanted, not commands_only, clips)
    named = [(name_of(path), blocks_of(Recording(path, real_time=False))) for path in recordings]
    named += [(f"{talk.name}, {voice}", said(talk, voice, code or "en")) for voice in VOICES] if talk else []
    if not named:
        return
    click.echo(f"{'recording':26s} {'minutes':>7s} {'RTF':>6s} {'memory':>8s} {'false':>6s} {'alone':>6s}  what")
    totals = [0.0, 0.0, 0.0, 0.0]
    for name, blocks in named:
        result = hear(model, wanted, not commands_only, blocks)
        false = [words for words in result.heard if words.kind == "command"]
        alone = sum(words.alone for words in false)
        totals = [a + b for a, b in zip(totals, (result.sound_s, result.computing_s, len(false), alone), strict=True)]
        click.echo(
            f"{name:26s} {result.sound_s / 60:7.1f} {result.computing_s / result.sound_s:6.3f} {peak_mb():5.0f} MB "
            f"{len(false):6d} {alone:6d}  {', '.join(sorted({words.text for words in false}))}"
        )
    sound_s, computing_s, false_count, alone_count = totals
    click.echo(
        f"{'all':26s} {sound_s / 60:7.1f} {computing_s / sound_s:6.3f} {peak_mb():5.0f} MB "
        f"{false_count * 3600 / sound_s:6.1f} {alone_count * 3600 / sound_s:6.1f}  an hour"
    )


if __name__ == "__main__":
    main()
