"""How much memory does it need? The most that the whole process ever held (peak resident set), while listening.

    python benchmarks/memory.py [--people 4] [--minutes 60]

Prints it every ten minutes of sound, and after the review. On Windows there is no such figure to ask for.
"""

from __future__ import annotations

import sys

import click
from table import talk, voice

from facilitator.hearing.audio import Block
from facilitator.listening import open_listener


def peak_mb() -> float:
    import resource  # noqa: PLC0415 - not on Windows

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most / 1e3


@click.command(help=__doc__)
@click.option("--people", default=4, show_default=True)
@click.option("--minutes", default=60, show_default=True)
def main(people: int, minutes: int) -> None:
    listener = open_listener()[0]
    for number in range(people):
        listener.enrol(f"Person {number + 1}", voice(number)[: 10 * 16_000])
    click.echo(f"at the start {peak_mb():6.0f} MB")
    at, told = 0, 0
    for samples in talk(people, 60.0 * minutes):
        listener.hear(Block(first_sample=at, samples=samples[:, None]))
        at += len(samples)
        if at // (600 * 16_000) > told:
            told = at // (600 * 16_000)
            click.echo(f"{told * 10:6d} min   {peak_mb():6.0f} MB")
    listener.review()
    click.echo(f"reviewed     {peak_mb():6.0f} MB")


if __name__ == "__main__":
    main()
