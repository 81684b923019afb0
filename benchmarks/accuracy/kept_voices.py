"""What a voiceprint from another room costs, against a fresh voice sample. Over pairs of recordings with exact truth.

    python benchmarks/accuracy/kept_voices.py PAIRS [--only p00,p01] [--seconds 2.5]

PAIRS holds a folder a pair, with `before` and `today` in it, each as `benchmarks/accuracy/hearing.py` takes them: the
same people, who say other things in another room with another noise. Three ways to begin today's talk are compared:
with the whole opening circle; with a few seconds of each and the voiceprints that were kept after `before`'s circle;
and with those few seconds alone. Models are used as they are installed (FACILITATOR_MODELS). The rules are those of
`score.py`, beside or above PAIRS; the first numbers are of the pass over the whole, the second while people talk.
"""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import soundfile as sf

from benchmarks.accuracy.hearing import rules
from facilitator.backends.audio.recording import Recording
from facilitator.core.events import Heard
from facilitator.hearing.signal.audio import RATE, Samples, to_ms
from facilitator.hearing.speaker.stored_voiceprint import from_values, to_values
from facilitator.hearing.values import Kept
from facilitator.library.analysis import Analysis
from facilitator.pipelines.live import open_listener
from facilitator.pipelines.offline import HeardRecording

WAYS = ("the whole circle", "a sentence and the kept voiceprint", "the sentence alone")
PAUSES = 1.15
"""So much sound has a second of speech in it."""


def openings(folder: Path) -> tuple[dict[str, Any], dict[str, Samples]]:
    """The truth, and the voice sample of each."""
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    sound, rate = sf.read(folder / "conversation.flac", dtype="float32")
    return truth, {row["person"]: sound[int(row["start"] * rate) : int(row["end"] * rate)] for row in truth["opening"]}


def kept(before: Path) -> dict[str, Kept]:
    listener, _ = open_listener()
    _, samples = openings(before)
    listener.know(samples)
    stored = [json.dumps(to_values(listener.kept.made(number))) for number in range(len(samples))]
    return dict(zip(samples, (from_values(json.loads(text)) for text in stored), strict=True))


def heard(pair: Path, way: str, seconds: float, score: ModuleType) -> list[dict[str, Any]]:
    """Figures of the pass over the whole, and while people talk."""
    truth, samples = openings(pair / "today")
    listener, _ = open_listener()
    if way == WAYS[1]:
        listener.kept.update({name: listener.kept.usable(one) for name, one in kept(pair / "before").items()})
    if way != WAYS[0]:
        samples = {name: sample[: int(seconds * PAUSES * RATE)] for name, sample in samples.items()}
    listener.know(samples)
    source, live, end_sample = Recording(pair / "today" / "conversation.flac", real_time=False), [], 0
    while (block := source.read(1.0)) is not None:
        live += [fact for fact in listener.hear(block) if isinstance(fact, Heard)]
        end_sample = block.end_sample
    found = HeardRecording(
        people=listener.people,
        live=tuple(live),
        final=tuple(listener.review()),
        duration_ms=to_ms(end_sample),
        compute_s=0.0,
    )
    told = Analysis.of(found).to_values()
    parts = (told["final"]["speech"], told["live"]["speech"])
    return [score.score(truth, [row | {"person": row["person"] or "guest"} for row in rows]) for rows in parts]


@click.command()
@click.argument("pairs", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--only", default="", help="Only these pairs, with commas in between.")
@click.option("--seconds", default=2.5, show_default=True, help="Of speech in the sentence.")
def main(pairs: Path, only: str, seconds: float) -> None:
    """Prints a line a pair and way, then the averages as a table."""
    score = rules(pairs)
    folders = sorted(
        path.parent for path in pairs.glob("*/today") if path.parent.name.startswith(tuple(only.split(",")))
    )
    figures: dict[str, tuple[list[Any], list[Any]]] = {way: ([], []) for way in WAYS}
    for pair in folders:
        for way in WAYS:
            both = heard(pair, way, seconds, score)
            for found, part in zip(figures[way], both, strict=True):
                found.append(part)
            words = " | ".join(f"DER {one['der']:5.1f} share {one['share_mean']:4.1f}" for one in both)
            click.echo(f"{pair.name:12s} {way:36s} {words}")
    click.echo("\n| begun with | DER % | confusion % | share error, points | live: DER % | confusion % | share error |")
    click.echo("|---|---:|---:|---:|---:|---:|---:|")
    for way, parts in figures.items():
        cells = [f"{value:.1f}" for part in parts for value in _figures(score.mean(part))]
        click.echo(f"| {way} | {' | '.join(cells)} |")


def _figures(mean: dict[str, Any]) -> tuple[float, float, float]:
    return mean["der"], mean["confusion"], mean["share_mean"]


if __name__ == "__main__":
    main()
