"""How well are voices found that nobody has introduced? Over a folder of recordings with exact truth, in one process.

    python benchmarks/accuracy/finding.py CASES [--only d01,d04] [--json FILE]

CASES is as for `benchmarks/accuracy/hearing.py`. The opening circle is cut away. Voices are found with their number
told and not told; then the ordinary analysis runs, and each voice counts for the person for whom that is best. A
voice is one who speaks for 5 s or more. DER is of the final result, without collar and with overlap scored; a guest
is a voice like any other. FACILITATOR_MODELS=some/empty/folder leaves the models out.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import numpy as np
import soundfile as sf

from benchmarks.accuracy.hearing import rules
from facilitator.library.analysis import Analysis
from facilitator.pipelines.discovery import FirstPass
from facilitator.pipelines.offline import analyze

LEAST_S = 5.0
HEAD = f"{'recording':22s} {'voices':>6s} {'found':>6s} | {'told':>6s} {'conf':>6s} | {'DER':>6s} {'conf':>6s}"

Rows = list[dict[str, Any]]


def without_opening(case: Path, folder: Path) -> tuple[Path, dict[str, Any]]:
    """The talk without the opening circle, and its truth, in which a guest is a person."""
    truth = json.loads((case / "truth.json").read_text())
    sound, rate = sf.read(case / "conversation.flac", dtype="float32", always_2d=True)
    begin = truth["scored_from"]
    sf.write(folder / "talk.wav", sound[int(begin * rate) :], rate, subtype="FLOAT")
    said = [
        {
            "person": f"Person {row['person']}",
            "start": max(0.0, row["start"] - begin),
            "end": row["end"] - begin,
        }
        for row in truth["speech"]
        if row["end"] > begin
    ]
    return folder / "talk.wav", {"people": sorted({row["person"] for row in said}), "speech": said, "scored_from": 0.0}


def seconds(truth: dict[str, Any], person: str) -> float:
    return float(sum(row["end"] - row["start"] for row in truth["speech"] if row["person"] == person))


def together(truth: Rows, rows: Rows) -> float:
    """For how many seconds two speak at the same time, each a list of stretches."""
    return float(sum(max(0.0, min(a["end"], b["end"]) - max(a["start"], b["start"])) for a in truth for b in rows))


def assigned(gains: np.ndarray) -> list[int]:
    """The person of each voice so that the sum of gains, shape (voices, people), is greatest; -1: nobody."""
    best: dict[int, tuple[float, list[int]]] = {0: (0.0, [])}
    for row in gains:
        new: dict[int, tuple[float, list[int]]] = {}
        for used, (sum_so_far, way) in best.items():
            choices = [(used, sum_so_far, -1)]
            choices += [(used | 1 << k, sum_so_far + row[k], k) for k in range(len(row)) if not used >> k & 1]
            for after, value, person in choices:
                if after not in new or value > new[after][0]:
                    new[after] = (value, [*way, person])
        best = new
    return max(best.values())[1]


def named(truth: dict[str, Any], rows: Rows) -> Rows:
    """The same stretches with the people whose voices they are."""
    voices = sorted({row["person"] for row in rows if row["person"]})
    gains = np.array(
        [
            [
                together([r for r in truth["speech"] if r["person"] == person], [r for r in rows if r["person"] == v])
                for person in truth["people"]
            ]
            for v in voices
        ]
    ).reshape(len(voices), len(truth["people"]))
    names = {v: truth["people"][k] if k >= 0 else "guest" for v, k in zip(voices, assigned(gains), strict=True)}
    return [row | {"person": names.get(row["person"], "guest")} for row in rows]


def heard(case: Path, score: ModuleType) -> dict[str, Any]:
    """How many voices there are and were found, and the scores with their number told and not told."""
    with tempfile.TemporaryDirectory() as folder:
        talk, truth = without_opening(case, Path(folder))
        number = sum(seconds(truth, person) >= LEAST_S for person in truth["people"])
        first_pass = FirstPass(talk)
        told, untold = first_pass.voices(number, {}), first_pass.voices(None, {})
        result: dict[str, Any] = {"voices": number, "found": len(untold.found)}
        for name, finding in (("told", told), ("untold", untold)):
            if name == "untold" and untold.found == told.found:
                result[name] = result["told"]
                continue
            rows = Analysis.of(analyze(talk, finding.samples)).to_values()["final"]["speech"]
            result[name] = score.score(truth, named(truth, rows))
        return result


@click.command(help=__doc__)
@click.argument("cases", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--only", default="", help="Recordings whose names begin so, with commas between.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write all figures here.")
def main(cases: Path, only: str, json_file: Path | None) -> None:
    score, table = rules(cases), {}
    click.echo(HEAD)
    for case in sorted(path.parent for path in cases.glob("*/truth.json")):
        if not case.name.startswith(tuple(only.split(","))):
            continue
        row = table[case.name] = heard(case, score)
        figures = " | ".join(f"{row[name]['der']:6.1f} {row[name]['confusion']:6.1f}" for name in ("told", "untold"))
        click.echo(f"{case.name:22s} {row['voices']:6d} {row['found']:6d} | {figures}")
    if not table:
        raise click.UsageError(f"There are no recordings with truth.json in {cases}.")
    off = np.array([abs(row["voices"] - row["found"]) for row in table.values()])
    click.echo(f"\nnumber right in {(off == 0).sum()} of {len(off)}, at most one off in {(off <= 1).sum()}")
    for name, what in (("told", "number told"), ("untold", "not told")):
        means = {key: np.mean([row[name][key] for row in table.values()]) for key in ("der", "confusion", "share_mean")}
        click.echo(
            f"{what}: DER {means['der']:.1f} %, confusion {means['confusion']:.1f} %, "
            f"shares {means['share_mean']:.1f} points off"
        )
    if json_file is not None:
        json_file.write_text(json.dumps(table, indent=1))


if __name__ == "__main__":
    main()
