"""Does it need more and more memory? Hours of talk through the real listener and the real rules, as fast as it goes.

    .venv/bin/python benchmarks/soak.py --minutes 480 [--every 10] [--people 4] [--models none]

A simulated table (benchmarks/accuracy/table.py) talks to the listener with the models that are installed, or with
`--models none` without any; what comes of it goes to the discussion, as in a session. Every so many minutes of sound:
the memory that the process holds then (resident set), and the most that it ever held; the same after the pass over what
was heard. Leaves with 1 when that was ever more than 250 MB, or when the last reading is more than 10 % above that at
half of the time.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

from benchmarks.accuracy.table import listener_of, peak_mb, talk, without_models
from facilitator.core.discussion import Discussion
from facilitator.core.events import Fact
from facilitator.core.formats.parse import with_options
from facilitator.core.setup import Setup
from facilitator.hearing.signal.audio import RATE, Block
from facilitator.resources.prompts import default_prompts

LIMIT_MB = 250.0
GROWS = 1.1
"""Less than this from half of the time to the end is flat."""


def resident_mb() -> float:
    """What the process holds in memory now."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) / 1e3
    if sys.platform == "win32":
        return float("nan")
    asked = ["ps", "-o", "rss=", "-p", str(os.getpid())]
    return int(subprocess.run(asked, capture_output=True, text=True, check=True).stdout) / 1e3


def table_of(people: int, minutes: int) -> Discussion:
    """One long open talk of people who are introduced already."""
    prompts = default_prompts()
    names = tuple(f"Person {number + 1}" for number in range(people))
    setup = Setup(
        people=names,
        format=with_options(prompts.format("open"), minutes=min(120.0, float(minutes))),
        language=prompts.language("en"),
        enrolled=names,
    )
    return Discussion(setup)


@click.command(help=__doc__)
@click.option("--minutes", default=480, show_default=True)
@click.option("--every", default=10, show_default=True, help="Minutes from one reading to the next.")
@click.option("--people", default=4, show_default=True)
@click.option("--models", type=click.Choice(["installed", "none"]), default="installed", show_default=True)
def main(minutes: int, every: int, people: int, models: str) -> None:
    with tempfile.TemporaryDirectory() as empty:
        if models == "none":
            without_models(empty)
        listener, discussion = listener_of(people), table_of(people, minutes)
        readings: list[float] = []
        began_s = time.monotonic()

        def read(when: str) -> None:
            readings.append(resident_mb())
            click.echo(f"| {when} | {readings[-1]:.0f} | {peak_mb():.0f} | {time.monotonic() - began_s:.0f} |")

        def take(facts: list[Fact]) -> None:
            for fact in facts:
                discussion.receive(fact)

        click.echo(f"| {people} people | MB now | MB at most | s so far |\n|---|---:|---:|---:|")
        read("at the start")
        at = 0
        for samples in talk(people, 60.0 * minutes):
            take(listener.hear(Block(first_sample=at, samples=samples)))
            at += len(samples)
            if at % (60 * every * RATE) == 0 or at == 60 * minutes * RATE:
                read(f"{at / RATE / 60:.0f} min")
        take([*listener.review()])
        read("after the review")
    most, half = peak_mb(), readings[len(readings) // 2]
    flat = readings[-2] <= GROWS * half
    click.echo(f"At most {most:.0f} MB ({LIMIT_MB:.0f} are allowed); {'flat' if flat else 'it grows'}.")
    sys.exit(0 if most <= LIMIT_MB and flat else 1)


if __name__ == "__main__":
    main()
