"""How well does it hear? The analysis over a folder of recordings with exact truth, in one process.

    python benchmarks/hearing.py CASES [--only d01,d04] [--json FILE]

CASES holds one folder a recording, with `conversation.flac` and `truth.json`, and, beside or above them, the rules
`score.py` (`score(truth, rows)` and `mean(results)`). Prints one line a recording, then the averages. DER is without
collar and with overlap scored; shares are in percentage points; the delay is from the beginning of an utterance to
the moment at which the right name was known. Unlike `facilitator analyze` the figures for speed here leave out the
start of the program.
"""

from __future__ import annotations

import importlib.util
import json
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import numpy as np
import soundfile as sf

from facilitator.analysis import Analysis, analyze, to_json

HEAD = (
    f"{'recording':22s} {'DER':>6s} {'conf':>6s} {'share':>6s} | {'live':>6s} {'share':>6s} {'delay':>6s} | {'RTF':>6s}"
)


def rules(cases: Path) -> ModuleType:
    """`score.py` of this folder."""
    for folder in (cases, cases.parent):
        if (folder / "score.py").exists():
            spec = importlib.util.spec_from_file_location("score", folder / "score.py")
            assert spec is not None and spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            return module
    raise click.UsageError(f"There is no score.py in {cases} or above it; it holds the rules of scoring.")


def hear(case: Path, truth: dict[str, Any]) -> Analysis:
    """The analysis of one recording, with the opening circle cut into one voice sample a person."""
    sound, rate = sf.read(case / "conversation.flac", dtype="float32", always_2d=True)
    with tempfile.TemporaryDirectory() as folder:
        voices = {}
        for number, row in enumerate(truth["opening"]):
            voices[row["person"]] = Path(folder) / f"{number}.wav"
            sf.write(voices[row["person"]], sound[int(row["start"] * rate) : int(row["end"] * rate)], rate)
        return analyze(case / "conversation.flac", voices)


def delays(truth: dict[str, Any], rows: list[dict[str, Any]]) -> list[float]:
    """Seconds until the right name was known, of every utterance of a second or more that began alone."""
    found = []
    for said in truth["speech"]:
        alone = not any(
            other is not said and other["start"] < said["start"] + 0.5 and other["end"] > said["start"] - 0.5
            for other in truth["speech"]
        )
        late_enough = said["start"] >= truth["scored_from"] and said["end"] - said["start"] >= 1.0
        if not (alone and late_enough and said["person"] in truth["people"]):
            continue
        known = [
            row["known"]
            for row in rows
            if row["person"] == said["person"] and row["start"] < said["end"] and row["end"] > said["start"]
        ]
        found.append(max(0.0, min(known) - said["start"]) if known else float("inf"))
    return found


@click.command(help=__doc__)
@click.argument("cases", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--only", default="", help="Recordings whose names begin so, with commas between.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write all figures here.")
def main(cases: Path, only: str, json_file: Path | None) -> None:
    score = rules(cases)
    finals, lives, waits, table = [], [], [], {}
    click.echo(HEAD)
    for case in sorted(path.parent for path in cases.glob("*/truth.json")):
        if not case.name.startswith(tuple(only.split(","))):
            continue
        truth = json.loads((case / "truth.json").read_text())
        told = to_json(hear(case, truth))
        final, live = (
            score.score(truth, [row | {"person": row["person"] or "guest"} for row in told[part]["speech"]])
            for part in ("final", "live")
        )
        wait = delays(truth, told["live"]["speech"])
        speed = told["seconds"]["compute"] / told["seconds"]["audio"]
        finals, lives, waits = [*finals, final], [*lives, live], [*waits, *wait]
        table[case.name] = {"final": final, "live": live, "speed": round(speed, 3)}
        click.echo(
            f"{case.name:22s} {final['der']:6.1f} {final['confusion']:6.1f} {final['share_mean']:6.2f} | "
            f"{live['der']:6.1f} {live['share_mean']:6.2f} {np.median(wait) if wait else 0:6.2f} | {speed:6.3f}"
        )
    if not finals:
        raise click.UsageError(f"There are no recordings with truth.json in {cases}.")
    table["mean"] = {"final": score.mean(finals), "live": score.mean(lives)}
    click.echo(f"\nfinal {json.dumps(table['mean']['final'])}\nlive  {json.dumps(table['mean']['live'])}")
    if waits:
        click.echo(f"live delay: median {np.median(waits):.2f} s, 95 % {np.percentile(waits, 95):.2f} s")
    if json_file is not None:
        json_file.write_text(json.dumps(table, indent=1))


if __name__ == "__main__":
    main()
