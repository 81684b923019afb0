"""How many recordings are heard on processes and on a cluster, beside a plain loop: time, overhead, the same bytes.

    python benchmarks/speed/archive.py FOLDER [--copies 10] [--workers 2] [--models DIR]

FOLDER has recordings with truth (`truth.json`, `conversation.flac`), as for `benchmarks/accuracy/hearing.py`; each is
taken several times, cut differently, so that none is another's copy. Needs `distributed` (the extra `cluster`) for the
last line.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import soundfile as sf

from facilitator.library.archive import plan
from facilitator.library.archive.engines import Cluster, Engine, Processes, hear_all
from facilitator.library.archive.job import Job, Result, hear


def processor_s() -> float:
    """Of this process and of its children that have ended."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def made(folder: Path, source: Path, copies: int, most_s: float) -> list[Path]:
    """So many recordings of `most_s` at most."""
    cases = sorted(source.glob("*/conversation.flac"))
    for number in range(copies):
        sound, rate = sf.read(cases[number % len(cases)], dtype="float32")
        sf.write(folder / f"talk{number:02}.flac", sound[number * rate // 3 :][: round(most_s * rate)], rate)
    return plan.recordings(folder)


def measured(name: str, jobs: list[Job], run: Callable[[], Iterator[tuple[Job, Result]]]) -> dict[str, str]:
    began_s, used_s = time.monotonic(), processor_s()
    results = {job.key: result for job, result in run()}
    wall_s, cpu_s = time.monotonic() - began_s, processor_s() - used_s
    inside_s, long_s = sum(r.compute_s for r in results.values()), sum(job.long_s for job in jobs)
    click.echo(
        f"{name:<12} {wall_s:7.1f} s on the clock, {inside_s:7.1f} s of processor hearing"
        f" ({inside_s / long_s:.3f} of the sound), {cpu_s:7.1f} s here"
    )
    return {key: result.analysis or result.problem for key, result in results.items()}


@contextlib.contextmanager
def cluster(workers: int) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        file = Path(folder) / "scheduler.json"

        def begun(*args: str) -> None:
            quiet = subprocess.DEVNULL
            one = stack.enter_context(
                subprocess.Popen([sys.executable, "-m", *args], start_new_session=True, stdout=quiet, stderr=quiet)
            )
            stack.callback(lambda: os.killpg(one.pid, signal.SIGKILL))

        begun("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file))
        for _ in range(workers):
            begun("distributed.cli.dask_worker", "--scheduler-file", str(file), "--nthreads", "1", "--no-dashboard")
        while not file.exists() or '"address"' not in file.read_text():
            time.sleep(0.1)
        yield file.read_text().split('"address": "')[1].split('"')[0]


@click.command(help=__doc__)
@click.argument("source", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--copies", default=10, show_default=True)
@click.option("--seconds", default=60.0, show_default=True, help="Of each, at most.")
@click.option("--workers", default=2, show_default=True)
@click.option("--models", type=click.Path(file_okay=False, path_type=Path))
def main(source: Path, copies: int, seconds: float, workers: int, models: Path | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        jobs = plan.jobs(made(Path(folder), source, copies, seconds), {}, {}, models)
        click.echo(f"{len(jobs)} recordings, {sum(job.long_s for job in jobs) / 60:.1f} minutes")

        def on(engine: Callable[[int], Engine]) -> Callable[[], Iterator[tuple[Job, Result]]]:
            def run() -> Iterator[tuple[Job, Result]]:
                with contextlib.closing(engine(workers)) as one:
                    yield from hear_all(one, lambda: engine(1), jobs)

            return run

        plain = measured("plain loop", jobs, lambda: ((job, hear(job)) for job in jobs))
        processes = measured(f"{workers} processes", jobs, on(Processes))
        with cluster(workers) as address:
            dask = measured(f"Dask, {workers}", jobs, on(lambda most: Cluster(address, most)))
        click.echo(f"the same bytes: {plain == processes == dask}")


if __name__ == "__main__":
    main()
