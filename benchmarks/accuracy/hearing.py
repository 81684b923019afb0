"""How well does it hear, and how well do others? Over a folder of recordings with exact truth, in one process.

    python benchmarks/accuracy/hearing.py CASES [--only d01,d04] [--against none] [--json FILE]

CASES holds one folder a recording, with `conversation.flac` and `truth.json`, and, beside or above them, the rules
`score.py` (`score(truth, rows)` and `mean(results)`). Prints one line a recording, then the averages, then this
program and the others (`benchmarks/rivals`) side by side, as a table for docs/benchmarks.md. DER is without collar
and with overlap scored; shares are in percentage points; the delay is from the beginning of an utterance to the
moment at which the right name was known. RTF is processor time for a second of sound, whatever else the machine
does; unlike `facilitator analyze` it leaves out the start of the program.
"""

from __future__ import annotations

import importlib.util
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import numpy as np
import soundfile as sf

from benchmarks.rivals import NAMES, Missing, Rival, open_rival
from benchmarks.rivals.matching import named_by_truth
from benchmarks.rivals.rows import as_json
from facilitator.hearing.signal.audio import RATE, Samples, mono
from facilitator.library.analysis import Analysis
from facilitator.pipelines.offline import HeardRecording, analyze

OURS = "this program, the pass over the whole"
OURS_LIVE = "this program, while people talk"
ENVIRONMENT = Path.home() / ".cache" / "facilitator-bench" / "pyaudioanalysis"
HEAD = (
    f"{'recording':22s} {'DER':>6s} {'conf':>6s} {'share':>6s} {'worst':>6s} {'guest':>6s} | "
    f"{'live':>6s} {'share':>6s} {'p50':>6s} {'p95':>6s} | {'RTF':>6s}"
)
TABLE_HEAD = (
    "| method | DER % | confusion % | share error, points | worst | cut-in F1 | RTF |"
    "\n|---|---:|---:|---:|---:|---:|---:|"
)

Figures = dict[str, Any]
Truth = dict[str, Any]


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


def recordings(cases: Path, only: str) -> list[tuple[Path, Truth]]:
    found = sorted(path.parent for path in cases.glob("*/truth.json"))
    wanted = [case for case in found if case.name.startswith(tuple(only.split(",")))]
    if not wanted:
        raise click.UsageError(f"There are no such recordings with truth.json in {cases}.")
    return [(case, json.loads((case / "truth.json").read_text(encoding="utf-8"))) for case in wanted]


def processor_s() -> float:
    """What this process and those that it started and waited for have computed, in seconds."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def hear(case: Path, truth: Truth) -> HeardRecording:
    """The analysis of one recording, with the opening circle cut into one voice sample a person."""
    sound, rate = sf.read(case / "conversation.flac", dtype="float32", always_2d=True)
    with tempfile.TemporaryDirectory() as folder:
        voices = {}
        for number, row in enumerate(truth["opening"]):
            voices[row["person"]] = Path(folder) / f"{number}.wav"
            sf.write(voices[row["person"]], sound[int(row["start"] * rate) : int(row["end"] * rate)], rate)
        return analyze(case / "conversation.flac", voices)


def delays(truth: Truth, rows: list[Figures]) -> list[float]:
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


def percentile(waits: list[float], part: float) -> float:
    """Also where some names were never known: what is not finite is later than all else."""
    return float(np.percentile(waits, part, method="higher")) if waits else float("nan")


def row_of(method: str, mean: Figures, speed: float) -> str:
    """A line of the table side by side, from `score.mean`."""
    return (
        f"| {method} | {mean['der']:.1f} | {mean['confusion']:.1f} | {mean['share_mean']:.1f} | "
        f"{mean['share_worst']:.1f} | {mean['cut-in']['f1']:.2f} | {speed:.3f} |"
    )


def all_of_ours(score: ModuleType, wanted: list[tuple[Path, Truth]], table: Figures) -> list[str]:
    """Scores this program, says how it went, and gives its lines of the table side by side."""
    finals: list[Figures] = []
    lives: list[Figures] = []
    waits: list[float] = []
    computed_s, sound_s = 0.0, 0.0
    click.echo(HEAD)
    for case, truth in wanted:
        began_s = processor_s()
        told = Analysis.of(hear(case, truth)).to_values()
        took_s, long_s = processor_s() - began_s, told["seconds"]["audio"]
        final, live = (
            score.score(truth, [row | {"person": row["person"] or "guest"} for row in told[part]["speech"]])
            for part in ("final", "live")
        )
        wait = delays(truth, told["live"]["speech"])
        finals, lives, waits = [*finals, final], [*lives, live], [*waits, *wait]
        computed_s, sound_s = computed_s + took_s, sound_s + long_s
        table[case.name] = {"final": final, "live": live, "speed": round(took_s / long_s, 3)}
        guest = "" if final["guest_credited"] is None else f"{final['guest_credited']:.0f} %"
        click.echo(
            f"{case.name:22s} {final['der']:6.1f} {final['confusion']:6.1f} {final['share_mean']:6.2f} "
            f"{final['share_worst']:6.2f} {guest:>6s} | {live['der']:6.1f} {live['share_mean']:6.2f} "
            f"{percentile(wait, 50):6.2f} {percentile(wait, 95):6.2f} | {took_s / long_s:6.3f}"
        )
    mean, mean_live = score.mean(finals), score.mean(lives)
    delay = {"p50": round(percentile(waits, 50), 2), "p95": round(percentile(waits, 95), 2)}
    table["mean"] = {"final": mean, "live": mean_live, "delay": delay, "speed": round(computed_s / sound_s, 3)}
    click.echo(f"\nfinal {json.dumps(mean)}\nlive  {json.dumps(mean_live)}")
    for name, part in (("final", mean), ("live ", mean_live)):
        guest = part["guest_credited"]
        click.echo(
            f"{name} cut-in F1 {part['cut-in']['f1']:.2f}, back-channel F1 {part['backchannel']['f1']:.2f}"
            + ("" if guest is None else f", of the guests' speech {guest:.0f} % credited to a participant")
        )
    click.echo(f"live delay: median {delay['p50']:.2f} s, 95 % {delay['p95']:.2f} s")
    speed = computed_s / sound_s
    return [row_of(OURS, mean, speed), row_of(OURS_LIVE, mean_live, speed)]


def sounds(case: Path, truth: Truth) -> tuple[Samples, dict[str, Samples]]:
    """The recording, mono at 16 kHz, and each person's voice sample."""
    sound, rate = sf.read(case / "conversation.flac", dtype="float32", always_2d=True)
    if rate != RATE:
        raise click.UsageError(f"{case / 'conversation.flac'} is not at {RATE} Hz.")
    whole = mono(sound)
    return whole, {row["person"]: whole[int(row["start"] * RATE) : int(row["end"] * RATE)] for row in truth["opening"]}


def all_of(rival: Rival, score: ModuleType, wanted: list[tuple[Path, Truth]], table: Figures) -> str:
    """Scores a rival, says how it went, and gives its line of the table side by side. Raises Missing."""
    results: list[Figures] = []
    computed_s, sound_s = 0.0, 0.0
    click.echo(f"\n{rival.title}")
    for case, truth in wanted:
        sound, voices = sounds(case, truth)
        began_s = processor_s()
        rows = rival.hear(sound, voices, len({row["person"] for row in truth["speech"]}))
        took_s, long_s = processor_s() - began_s, len(sound) / RATE
        if rival.blind:
            rows = named_by_truth(rows, truth)
        result = score.score(truth, as_json(rows))
        results, computed_s, sound_s = [*results, result], computed_s + took_s, sound_s + long_s
        table[case.name] = {"final": result, "speed": round(took_s / long_s, 3)}
        click.echo(
            f"{case.name:22s} {result['der']:6.1f} {result['confusion']:6.1f} {result['share_mean']:6.2f} "
            f"{result['share_worst']:6.2f} {'':6s} | {'':27s} | {took_s / long_s:6.3f}"
        )
    table["mean"] = {"final": score.mean(results), "speed": round(computed_s / sound_s, 3)}
    return row_of(rival.title, table["mean"]["final"], computed_s / sound_s)


def rivals_of(against: str, environment: Path) -> Iterator[tuple[str, Rival]]:
    """Those that were asked for and can run; says of each other one why not."""
    for name in (part.strip() for part in against.split(",") if part.strip() not in ("", "none")):
        if name not in NAMES:
            raise click.UsageError(f"There is no rival {name!r}; there are {', '.join(NAMES)}, and none.")
        try:
            yield name, open_rival(name, environment)
        except Missing as why:
            click.echo(f"\nWithout {name}: {why}.")


@click.command(help=__doc__)
@click.argument("cases", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--only", default="", help="Recordings whose names begin so, with commas between.")
@click.option("--against", default=",".join(NAMES), show_default=True, help="Others to score as well, or none.")
@click.option("--rivals-only", is_flag=True, help="Leave this program out.")
@click.option(
    "--rival-env",
    type=click.Path(file_okay=False, path_type=Path),
    default=ENVIRONMENT,
    show_default="~/.cache/facilitator-bench/pyaudioanalysis",
    help="A Python environment for pyaudioanalysis, made there where there is none.",
)
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write all figures here.")
def main(cases: Path, only: str, against: str, rivals_only: bool, rival_env: Path, json_file: Path | None) -> None:
    score, wanted = rules(cases), recordings(cases, only)
    table: Figures = {}
    rows = [] if rivals_only else all_of_ours(score, wanted, table)
    for name, rival in rivals_of(against, rival_env):
        try:
            rows.append(all_of(rival, score, wanted, table.setdefault("rivals", {}).setdefault(name, {})))
        except Missing as why:
            click.echo(f"Without {name}: {why}.")
    click.echo("\n" + "\n".join([TABLE_HEAD, *rows]))
    if json_file is not None:
        json_file.write_text(json.dumps(table, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
