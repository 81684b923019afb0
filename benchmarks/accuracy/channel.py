"""How well does it hear when the voice samples came through another microphone than the talk?

    python -m benchmarks.accuracy.channel CASES [MORE ...] [--only d01,d04] [--seeds 1,2,3] [--gains -35,12]
        [--against campplus] [--rivals-only]

CASES as for `hearing.py`; several folders may be named, such as one of real recordings. The talk stays as it is, and
so does its truth. Only the samples change: for each seed, a random equaliser (five bands, +-9 dB), for every third
recording the band of a telephone, another level (-18 to +6 dB) and a hiss of their own; and, for each gain, only the
level. Prints a line a recording and a table of the means, with what is said while people talk beside the final pass;
then by how much the final pass was worse than that at most (it should never be, by more than a point), and how many of
the true shares lay in their ranges (nine in ten should). Others (`benchmarks/rivals`) are given the same samples.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import numpy as np

from benchmarks.accuracy.hearing import ENVIRONMENT, Figures, Truth, recordings, rivals_of, rules, sounds
from benchmarks.accuracy.intervals import compared
from benchmarks.rivals import Rival
from benchmarks.rivals.rows import Row, as_json
from facilitator.core.turntaking.uncertainty import intervals
from facilitator.hearing.signal.audio import RATE, Samples
from facilitator.library.analysis import Analysis
from facilitator.pipelines.offline import HeardRecording, analyze

CENTRES_HZ = (0.0, 150.0, 400.0, 1000.0, 2500.0, 5000.0, RATE / 2)
MOST_DB, HISS_DB = 9.0, -62.0
LEAST_GAIN_DB, MOST_GAIN_DB = -18.0, 6.0
TELEPHONE_HZ = (300.0, 3400.0)
HEAD = (
    "| samples | DER % | confusion % | share error, points | worst | cut-in F1 | live DER % | live share |"
    "\n|---|---:|---:|---:|---:|---:|---:|---:|"
)

Change = Callable[[Samples], Samples]


def louder(gain_db: float) -> Change:
    return lambda sound: np.asarray(sound * np.float32(10 ** (gain_db / 20)), np.float32)


def microphone(random: np.random.Generator, *, telephone: bool) -> Change:
    """Another one, the same for all samples."""
    heard_db = np.array([0.0, *random.uniform(-MOST_DB, MOST_DB, 5), -6.0])
    gain_db, hiss = random.uniform(LEAST_GAIN_DB, MOST_GAIN_DB), np.random.default_rng(random.integers(1 << 30))

    def through(sound: Samples) -> Samples:
        spectrum, hz = np.fft.rfft(sound), np.fft.rfftfreq(len(sound), 1 / RATE)
        spectrum *= 10 ** (np.interp(hz, CENTRES_HZ, heard_db) / 20)
        if telephone:
            spectrum *= (hz > TELEPHONE_HZ[0]) & (hz < TELEPHONE_HZ[1])
        out = np.fft.irfft(spectrum, len(sound))
        out *= np.sqrt(np.square(sound).mean() / max(float(np.square(out).mean()), 1e-12)) * 10 ** (gain_db / 20)
        return np.asarray(np.clip(out + hiss.normal(0, 10 ** (HISS_DB / 20), len(out)), -1, 1), np.float32)

    return through


def changes(seeds: list[int], gains_db: list[float], number: int) -> Iterator[tuple[str, Change]]:
    """What is done to the samples of the recording of this number, and its name."""
    yield "as they are", louder(0.0)
    for seed in seeds:
        random = np.random.default_rng(1000 * seed + number)
        yield "another microphone", microphone(random, telephone=(number + seed) % 3 == 0)
    for gain_db in gains_db:
        yield f"{gain_db:+g} dB", louder(gain_db)


def heard(case: Path, truth: Truth, change: Change) -> HeardRecording:
    _, voices = sounds(case, truth)
    return analyze(case / "conversation.flac", {name: change(sample) for name, sample in voices.items()})


def told_by(rival: Rival, case: Path, truth: Truth, change: Change) -> list[Row]:
    sound, voices = sounds(case, truth)
    changed = {name: change(sample) for name, sample in voices.items()}
    return rival.hear(sound, changed, len({row["person"] for row in truth["speech"]}))


def line(found: Figures) -> str:
    return f"{found['der']:6.1f} {found['confusion']:6.1f} {found['share_mean']:6.2f} {found['share_worst']:6.2f}"


def cells(mean: Figures) -> str:
    """Of a table, from `score.mean`."""
    return (
        f"{mean['der']:.1f} | {mean['confusion']:.1f} | {mean['share_mean']:.2f} | {mean['share_worst']:.2f} | "
        f"{mean['cut-in']['f1']:.2f}"
    )


class Ranges:
    """How often true shares lie in their ranges, and how wide these are."""

    def __init__(self) -> None:
        self.shares = self.inside = self.untold = 0
        self.width = 0.0

    def add(self, found: HeardRecording, truth: Truth) -> None:
        airtime_ms, true, tiles = compared(list(found.final), truth)
        if not sum(airtime_ms.values()):
            self.untold += len(true)
            return
        for person, (low, high) in intervals(airtime_ms, tiles).items():
            self.shares += 1
            self.inside += low <= true[person] <= high
            self.width += high - low

    def told(self) -> str:
        each = max(1, self.shares)
        return (
            f"{100 * self.inside / each:.1f} % of {self.shares} true shares are in their ranges, which are "
            f"{100 * self.width / each:.1f} points wide; {self.untold} shares were not told"
        )


@click.command(help=__doc__)
@click.argument("folders", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--only", default="", help="Recordings whose names begin so, with commas between.")
@click.option("--seeds", default="1,2,3", show_default=True, help="Other microphones, with commas between.")
@click.option("--gains", default="-35,12", show_default=True, help="Levels of the samples in dB, with commas between.")
@click.option("--against", default="none", show_default=True, help="Others to score as well (see hearing.py).")
@click.option("--rivals-only", is_flag=True, help="Leave this program out.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write all figures here.")
def main(
    folders: tuple[Path, ...],
    only: str,
    seeds: str,
    gains: str,
    against: str,
    rivals_only: bool,
    json_file: Path | None,
) -> None:
    others = [(rival.title, rival) for _, rival in rivals_of(against, ENVIRONMENT) if not rival.blind]
    chosen, gains_db = [int(s) for s in seeds.split(",") if s], [float(g) for g in gains.split(",") if g]
    ranges, worse = Ranges(), [(0.0, "none")]
    everything: dict[str, dict[str, list[tuple[Figures, Figures]]]] = {}
    for folder in folders:
        score, results = rules(folder), everything.setdefault(folder.name, {})
        by_others: dict[str, dict[str, list[Figures]]] = {}
        for number, (case, truth) in enumerate(recordings(folder, only)):
            for name, change in changes(chosen, gains_db, number):
                for title, rival in others:
                    result = score.score(truth, as_json(told_by(rival, case, truth, change)))
                    by_others.setdefault(title, {}).setdefault(name, []).append(result)
                    click.echo(f"{case.name:22s} {name:20s} {line(result)} | {title}")
                if rivals_only:
                    continue
                found = heard(case, truth, change)
                told = Analysis.of(found).to_values()
                ranges.add(found, truth)
                final, live = (
                    score.score(truth, [row | {"person": row["person"] or "guest"} for row in told[part]["speech"]])
                    for part in ("final", "live")
                )
                results.setdefault(name, []).append((final, live))
                worse.append((final["der"] - live["der"], f"{case.name}, {name}"))
                click.echo(f"{case.name:22s} {name:20s} {line(final)} | {live['der']:6.1f} {live['share_mean']:6.2f}")
        click.echo(f"\n{folder.name}\n\n{HEAD}")
        for name, pairs in results.items():
            mean, mean_live = score.mean([pair[0] for pair in pairs]), score.mean([pair[1] for pair in pairs])
            click.echo(f"| {name} | {cells(mean)} | {mean_live['der']:.1f} | {mean_live['share_mean']:.2f} |")
        for title, by_change in by_others.items():
            for name, found_by in by_change.items():
                click.echo(f"| {name}, {title} | {cells(score.mean(found_by))} | | |")
    if not rivals_only:
        most, where = max(worse)
        click.echo(f"\nThe final pass is worse than what was said live by {most:.1f} points at most ({where}).")
        click.echo(ranges.told())
    if json_file is not None:
        json_file.write_text(json.dumps(everything, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
