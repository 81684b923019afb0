"""Do the ranges around the shares hold what they promise? Over recordings with exact truth.

    python benchmarks/accuracy/intervals.py CASES [--only d01,d04] [--save FILE]

Each folder in CASES holds `conversation.flac` and `truth.json` (`people`; `opening`: one stretch of each person
alone; `scored_from`; `speech`: rows of person, start and end in seconds). Every recording is heard as `facilitator
analyze` hears it; then each person's true share is compared with the range around the measured one. The line
marked * is what the program uses (`facilitator/core/turntaking/uncertainty.py`). `--save` keeps what was heard, as
JSON, so that the same command compares again without listening.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import soundfile as sf

from facilitator.core.events import Heard, from_row, to_row
from facilitator.core.turntaking.airtime import shares
from facilitator.core.turntaking.spans import Span, speech, total_ms
from facilitator.core.turntaking.timeline import Tile, Timeline, attribute
from facilitator.core.turntaking.uncertainty import UNCERTAINTY, intervals
from facilitator.pipelines.offline import analyze

REACHES = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)


def listen(case: Path, truth: dict[str, Any]) -> list[Heard]:
    """What the final pass says of one case."""
    sound, rate = sf.read(case / "conversation.flac", dtype="float32", always_2d=True)
    with tempfile.TemporaryDirectory() as folder:
        voices = {}
        for index, row in enumerate(truth["opening"]):
            voices[row["person"]] = Path(folder) / f"{index}.wav"
            sf.write(voices[row["person"]], sound[int(row["start"] * rate) : int(row["end"] * rate)], rate)
        return list(analyze(case / "conversation.flac", voices).final)


def compared(heard: list[Heard], truth: dict[str, Any]) -> tuple[dict[str, int], dict[str, float], list[Tile]]:
    """Measured airtime, true shares, and the timeline, of what comes after the opening circle."""
    begin = round(truth["scored_from"] * 1000)
    timeline = Timeline(spoke for fact in heard for spoke in attribute(fact, counted=[Span(begin, 1 << 60)]))
    said: dict[str, list[Span]] = {person: [] for person in truth["people"]}
    for row in truth["speech"]:
        if row["person"] in said:
            said[row["person"]].append(Span(max(begin, round(row["start"] * 1000)), round(row["end"] * 1000)))
    found = timeline.spans()
    measured = speech({person: found.get(person, []) for person in said})
    true = shares({person: total_ms(spans) for person, spans in speech(said).items()})
    return {person: total_ms(spans) for person, spans in measured.items()}, true, list(timeline)


def cases(folder: Path, only: str | None, save: Path | None) -> Iterator[tuple[str, list[Heard], dict[str, Any]]]:
    kept = json.loads(save.read_text(encoding="utf-8")) if save is not None and save.exists() else {}
    wanted = tuple(only.split(",")) if only else ("",)
    for path in sorted(folder.glob("*/truth.json")):
        name = path.parent.name
        if not name.startswith(wanted):
            continue
        truth = json.loads(path.read_text(encoding="utf-8"))
        if name not in kept:
            kept[name] = [to_row(fact) for fact in listen(path.parent, truth)]
            if save is not None:
                save.write_text(json.dumps(kept), encoding="utf-8")
        yield name, [fact for row in kept[name] if isinstance(fact := from_row(row), Heard)], truth


@click.command(help=__doc__)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--only", metavar="NAMES", help="Only cases whose names begin so, with commas between.")
@click.option("--save", type=click.Path(dir_okay=False, path_type=Path), help="Keep what was heard in this file.")
def main(folder: Path, only: str | None, save: Path | None) -> None:
    rows = []
    for name, heard, truth in cases(folder, only, save):
        airtime_ms, true, tiles = compared(heard, truth)
        rows.append((airtime_ms, true, tiles))
        measured = shares(airtime_ms)
        errors = [100 * abs(measured[person] - true[person]) for person in true]
        doubt = sum((1 - t.confidence) * (t.end_ms - t.start_ms) for t in tiles if t.counted and t.people)
        click.echo(
            f"{name:22} {len(true)} people, share error {sum(errors) / len(errors):5.2f} points "
            f"(worst {max(errors):5.2f}), doubt {100 * doubt / max(1, sum(airtime_ms.values())):4.1f} % of airtime"
        )
    if not rows:
        raise click.UsageError("There are no cases in this folder.")
    for reach in sorted({*REACHES, UNCERTAINTY.reach}):
        width = hits = people = 0.0
        for airtime_ms, true, tiles in rows:
            for person, (low, high) in intervals(airtime_ms, tiles, replace(UNCERTAINTY, reach=reach)).items():
                people += 1
                hits += low <= true[person] <= high
                width += high - low
        mark = "*" if reach == UNCERTAINTY.reach else " "
        click.echo(
            f"{mark} reach {reach:3}: {100 * hits / people:5.1f} % of {people:.0f} true shares are in their ranges, "
            f"which are {100 * width / people:4.1f} points wide"
        )


if __name__ == "__main__":
    main()
