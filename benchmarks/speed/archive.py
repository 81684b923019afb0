"""How many recordings are heard on processes and on a cluster, beside a plain loop: time, overhead, the same bytes.

    python -m benchmarks.speed.archive [--copies 20] [--seconds 20] [--workers 2] [--hosts] [--models DIR]

Talks of two are put together from recorded sentences, each another one. `--hosts`: another line, with the workers on
computers of their own, imitated by network namespaces (Linux, as root). Processor time is that of everything: of this
program, the scheduler, the workers and who watches over them, from their start on; overhead is what there is of it
beyond what hearing takes in the plain loop. Needs `distributed` (the extra `cluster`).
"""

from __future__ import annotations

import contextlib
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click
import numpy as np
import soundfile as sf

from facilitator.hearing.signal.audio import RATE
from facilitator.library.archive import plan
from facilitator.library.archive.engines import Cluster, Engine, Processes, hear_all
from facilitator.library.archive.job import Job, Result, hear
from tests.support.dask_cluster import HERE, dask_cluster
from tests.support.hearing_sounds import clip, room
from tests.support.hosts import Host, hosts

Run = Callable[[], Iterator[tuple[Job, Result]]]
SAID = ("ana-1", "ben-1", "ana-2", "ben-2", "ana-3", "ben-3", "ben-4")


def processor_s() -> float:
    """Of this process and of its children that have ended."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def made(folder: Path, copies: int, seconds: float) -> list[Path]:
    """So many recordings of that length, with voice samples beside them."""
    (folder / "voices").mkdir()
    for name in ("ana", "ben"):
        sf.write(folder / "voices" / f"{name.title()}.wav", clip(f"{name}-0"), RATE)
    said = [clip(name) for name in SAID]
    for number in range(copies):
        random = np.random.default_rng(number)
        with sf.SoundFile(folder / f"talk{number:02}.flac", "w", RATE, 1) as file:
            left = round(seconds * RATE)
            while left > 0:
                pause = room(random.uniform(0.3, 1.5), seed=int(random.integers(1_000_000)))
                piece = np.concatenate([said[random.integers(len(said))], pause])[:left]
                file.write(piece)
                left -= len(piece)
    return plan.recordings(folder)


class Measured:
    """Lines of the table, each beside the first."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._jobs, self._plain_s = jobs, 0.0
        self.bytes: list[dict[str, str]] = []

    def line(self, name: str, run: Run, used_s: Callable[[], float] = processor_s, before_s: float = 0.0) -> None:
        """`before_s`: what had been used when it began to begin."""
        began_s = time.monotonic()
        results = {job.key: result for job, result in run()}
        wall_s, cpu_s = time.monotonic() - began_s, used_s() - before_s
        inside_s = sum(result.compute_s for result in results.values())
        self._plain_s = self._plain_s or cpu_s
        long_s = sum(job.long_s for job in self._jobs)
        click.echo(
            f"{name:<16} {wall_s:7.1f} s on the clock, {cpu_s:7.1f} s of processor, {inside_s:7.1f} of it hearing"
            f" ({inside_s / long_s:.4f} of the sound); beside hearing {100 * (cpu_s - inside_s) / inside_s:5.2f} %"
        )
        self.bytes.append({key: result.analysis or result.problem for key, result in sorted(results.items())})


@click.command(help=__doc__)
@click.option("--copies", default=20, show_default=True)
@click.option("--seconds", default=20.0, show_default=True, help="Of each.")
@click.option("--workers", default=2, show_default=True)
@click.option("--hosts", "on_hosts", is_flag=True, help="With workers on computers of their own.")
@click.option("--models", type=click.Path(file_okay=False, path_type=Path))
def main(copies: int, seconds: float, workers: int, on_hosts: bool, models: Path | None) -> None:
    with tempfile.TemporaryDirectory() as made_in, tempfile.TemporaryDirectory() as dask_in:
        folder = Path(made_in)
        jobs = plan.jobs(made(folder, copies, seconds), {}, {}, models)
        click.echo(f"{len(jobs)} recordings, {sum(job.long_s for job in jobs) / 60:.1f} minutes")
        table = Measured(jobs)

        def on(engine: Callable[[int], Engine]) -> Run:
            def run() -> Iterator[tuple[Job, Result]]:
                with contextlib.closing(engine(workers)) as one:
                    yield from hear_all(one, lambda: engine(1), jobs)

            return run

        def on_dask(name: str, places: Sequence[Host], scheduler: Host = HERE) -> None:
            before_s = processor_s()
            with dask_cluster(Path(dask_in), places, scheduler) as dask:
                table.line(
                    name,
                    on(lambda most: Cluster(dask.address, most)),
                    lambda: dask.used_s() + processor_s(),
                    before_s,
                )

        table.line("plain loop", lambda: ((job, hear(job)) for job in jobs), before_s=processor_s())
        table.line(f"{workers} processes", on(Processes), before_s=processor_s())
        on_dask(f"Dask, {workers} workers", [HERE] * workers)
        if on_hosts:
            with hosts(workers) as (here, *others):
                on_dask(f"Dask, {workers} hosts", others, here)
        click.echo(f"the same bytes: {all(one == table.bytes[0] for one in table.bytes)}")


if __name__ == "__main__":
    main()
