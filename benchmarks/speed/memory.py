"""How much memory does it need? The most that the whole process ever held (peak resident set), while listening.

    python benchmarks/speed/memory.py [--people 4] [--minutes 60] [--models none]

Prints it every ten minutes of sound, with what these ten minutes added, and after the review; with the models that
are installed, or with `--models none` without any. On Windows there is no such figure to ask for.
"""

from __future__ import annotations

import tempfile

import click

from benchmarks.accuracy.table import listener_of, peak_mb, talk, without_models
from facilitator.hearing.signal.audio import RATE, Block

PART = 600 * RATE
"""Samples: ten minutes."""


def told(when: str, now_mb: float, before_mb: float | None) -> str:
    return f"| {when} | {now_mb:.0f} | {'' if before_mb is None else f'{now_mb - before_mb:+.0f}'} |"


@click.command(help=__doc__)
@click.option("--people", default=4, show_default=True)
@click.option("--minutes", default=60, show_default=True)
@click.option("--models", type=click.Choice(["installed", "none"]), default="installed", show_default=True)
def main(people: int, minutes: int, models: str) -> None:
    with tempfile.TemporaryDirectory() as empty:
        if models == "none":
            without_models(empty)
        listener = listener_of(people)
        click.echo(f"| {people} people | MB at most | more |\n|---|---:|---:|")
        before_mb = peak_mb()
        click.echo(told("at the start", before_mb, None))
        at = 0
        for samples in talk(people, 60.0 * minutes):
            listener.hear(Block(first_sample=at, samples=samples))
            at += len(samples)
            if at % PART == 0 or at == minutes * 60 * RATE:
                now_mb = peak_mb()
                click.echo(told(f"{at / RATE / 60:.0f} min", now_mb, before_mb))
                before_mb = now_mb
        listener.review()
        click.echo(told("after the review", peak_mb(), before_mb))


if __name__ == "__main__":
    main()
