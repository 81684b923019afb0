"""`facilitator archive`: many recordings, heard on all cores or on a cluster, into one database or Parquet."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click

from facilitator.commands import options
from facilitator.commands.whose_group import group_option
from facilitator.core.text import length
from facilitator.errors import UsageError
from facilitator.library.archive import plan
from facilitator.library.archive.engines import DIED, Cluster, Engine, Processes, hear_all, usual_workers
from facilitator.library.archive.job import Job
from facilitator.library.archive.results import Archive
from facilitator.runtime.packages import needed
from facilitator.terminal.tell import tell

TELL_EVERY_S = 30.0
SHOWN = 20


@click.command()
@click.argument("folder", type=options.PathName(path_type=Path))
@click.option(
    "--out",
    type=options.PathName(path_type=Path),
    required=True,
    metavar="DB|FOLDER",
    help="A database (ends in .db), or a folder for Parquet.",
)
@click.option(
    "--voices",
    "table",
    type=options.PathName(path_type=Path),
    metavar="FILE",
    help=f"A table of voice samples: {','.join(plan.COLUMNS)}.",
)
@group_option("Whose talks these are, where the table does not say it.")
@click.option("--workers", type=click.IntRange(1, 1024), metavar="N", help="How many at once; else one for each core.")
@click.option("--scheduler", metavar="tcp://HOST:PORT", help="Hear them on this Dask cluster instead.")
@click.option(
    "--models", type=options.PathName(path_type=Path), metavar="DIR", help="The folder of the models, and no other."
)
@options.log_option()
def archive(
    folder: Path,
    out: Path,
    table: Path | None,
    group: str | None,
    workers: int | None,
    scheduler: str | None,
    models: Path | None,
) -> None:
    """Hears every recording in FOLDER, and keeps who spoke when and everybody's figures.

    Voice samples lie in a folder called voices beside the recordings, one a person (voices/Ana.wav), or --voices names
    a table that says whose are in which recording. Whoever has none is found, and called Voice 1, Voice 2.

    What has been heard is not heard again: after Ctrl-C, or a power cut, the same command goes on. A recording that
    cannot be heard is kept with the reason, and stops nothing.

    \b
    Examples:
      facilitator archive talks --out talks.db
      facilitator archive talks --out figures --voices samples.csv --workers 8
      facilitator archive /shared/talks --out talks.db --scheduler tcp://10.0.0.5:8786
    """
    if workers is not None and scheduler is not None:
        raise UsageError("--workers and --scheduler do not go together: a cluster has workers of its own.")
    models = None if models is None else models.expanduser().absolute()
    folder = folder.expanduser().absolute()
    if out.suffix != ".db":
        needed("pyarrow.dataset", "pyarrow")
    paths = plan.recordings(folder)
    with contextlib.closing(Archive.open(out)) as kept:
        known = {} if table is None else plan.read_table(table, folder)
        tell(f"Looking at {len(paths)} recordings.", err=True)
        every = {job.key: job for job in reversed(plan.jobs(paths, known, kept.hashes(), models, group or ""))}
        heard = kept.heard()
        jobs = [job for job in reversed(every.values()) if job.key not in heard]
        if len(every) < len(paths):
            tell(f"{len(paths) - len(every)} of them are copies of others, and are heard once.", err=True)
        if len(jobs) < len(every):
            tell(f"{len(every) - len(jobs)} have been heard before.", err=True)
        try:
            _hear(jobs, kept, _engines(workers, scheduler))
        except KeyboardInterrupt:
            left = {job.key for job in jobs} - kept.heard()
            tell(f"\nStopped. {len(left)} are left; the same command goes on with them.", err=True)
            sys.exit(130)
        finally:
            if out.suffix != ".db":
                kept.write_parquet(out)
        _tell_end(kept, every, out)


def _engines(workers: int | None, scheduler: str | None) -> Callable[[int | None], Engine]:
    """An engine with at most so many workers; None: as many as there are."""

    def made(most: int | None) -> Engine:
        if scheduler is not None:
            return Cluster(scheduler, most)
        return Processes(most or workers or usual_workers())

    return made


def _hear(jobs: list[Job], kept: Archive, engine: Callable[[int | None], Engine]) -> None:
    if not jobs:
        return
    began_s = told_s = time.monotonic()
    whole_s, heard_s = sum(job.long_s for job in jobs), 0.0
    with contextlib.closing(engine(None)) as all_of_them:
        for number, (job, result) in enumerate(hear_all(all_of_them, lambda: engine(1), jobs), 1):
            kept.keep(job, result, died=result.problem == DIED)
            heard_s += job.long_s
            now_s = time.monotonic()
            if now_s - told_s >= TELL_EVERY_S and number < len(jobs):
                told_s = now_s
                left_s = (now_s - began_s) * (whole_s - heard_s) / max(heard_s, 1.0)
                tell(f"{number} of {len(jobs)}; about {length(round(left_s * 1000))} left.", err=True)


def _tell_end(kept: Archive, every: dict[str, Job], out: Path) -> None:
    problems = kept.problems(every)
    good = len(every) - len(problems)
    tell(f"{good} of {len(every)} recordings are in {out}.")
    for path, problem in problems[:SHOWN]:
        tell(f"  {Path(path).name}: {problem}")
    if len(problems) > SHOWN:
        tell(f"  and {len(problems) - SHOWN} more; the column problem in the table recordings has them all.")
    if problems:
        raise click.exceptions.Exit(1)
