"""What goes wrong while many recordings are heard, and what is there at the end: always the same bytes?

    python -m benchmarks.speed.archive_faults [--copies 18] [--bad 3] [--seconds 30] [--models DIR] [--only kill]

The command itself, `facilitator archive`, hears generated talks (`archive.py` makes them) and files that are none: on
processes, and on Dask with two workers, each on a computer of its own (network namespaces: Linux, as root). Nothing
happens; a worker is killed twice; a scheduler dies and begins again; all of the program is killed with kill -9, and
begun again; the disk is full, and then has room. `right` and `explained` are rows at the end, `blamed` are good
recordings that have a problem. Needs `distributed` and `psutil`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import psutil

from benchmarks.speed.archive import made, processor_s
from tests.support.dask_cluster import DaskCluster, dask_cluster
from tests.support.hosts import hosts

Told = dict[str, tuple[str, str]]
"""Of each recording what was heard, to the byte, and what was wrong."""
WORKERS, GIVE_UP_S = 2, 900


@dataclass(frozen=True)
class Talks:
    folder: Path
    models: Path
    good: int
    bad: int

    @property
    def whole(self) -> int:
        return self.good + self.bad

    def begin(self, out: Path, *more: str) -> subprocess.Popen[str]:
        words = ["archive", str(self.folder), "--out", str(out), "--models", str(self.models), *more]
        return subprocess.Popen(
            [sys.executable, "-m", "facilitator", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )


def told(out: Path) -> Told:
    with contextlib.closing(sqlite3.connect(f"file:{out}?mode=ro", uri=True, timeout=30)) as db:
        rows = db.execute("SELECT path, coalesce(analysis, ''), problem FROM recordings").fetchall()
    return {Path(path).name: (analysis, problem) for path, analysis, problem in rows}


def heard(out: Path) -> int:
    try:
        return len(told(out))
    except sqlite3.OperationalError:  # there is no table yet
        return 0


def until(out: Path, number: int, one: subprocess.Popen[str]) -> None:
    """So many are kept, or it has ended."""
    end_s = time.monotonic() + GIVE_UP_S
    while heard(out) < number and one.poll() is None and time.monotonic() < end_s:
        time.sleep(0.05)


def ended(one: subprocess.Popen[str]) -> str:
    said, _ = one.communicate(timeout=GIVE_UP_S)
    return said


def kill_one_that_hears(root: int) -> bool:
    """A worker among the children of the program, while it works."""
    for child in psutil.Process(root).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if "spawn_main" in " ".join(child.cmdline()):
                child.kill()
                return True
    return False


class Table:
    def __init__(self, talks: Talks, folder: Path) -> None:
        self._talks, self._folder, self._number = talks, folder, 0
        self._first: Told | None = None

    def out(self) -> Path:
        self._number += 1
        return self._folder / f"out{self._number}.db"

    def size(self) -> int:
        """Of a database with all of it."""
        return (self._folder / "out1.db").stat().st_size

    def line(self, name: str, out: Path, began_s: float, used_s: float, more: int = 0, note: str = "") -> None:
        found = told(out)
        self._first = self._first or found
        good = {name: one for name, one in found.items() if name.startswith("talk")}
        right = sum(bool(analysis) and not problem for analysis, problem in good.values())
        explained = sum(bool(problem) for name, (_, problem) in found.items() if name not in good)
        blamed = sum(bool(problem) for _, problem in good.values())
        click.echo(
            f"{name:<34} {right:3} right, {explained} explained, {blamed} blamed, begun again {more} times;"
            f" the same bytes: {found == self._first}; {time.monotonic() - began_s:6.1f} s on the clock,"
            f" {used_s:6.1f} s of processor{note}"
        )


Meanwhile = Callable[[DaskCluster, Path, subprocess.Popen[str]], None]


def quiet(table: Table, talks: Talks) -> None:
    began_s, before_s, out = time.monotonic(), processor_s(), table.out()
    ended(talks.begin(out, "--workers", str(WORKERS)))
    table.line("processes", out, began_s, processor_s() - before_s)


def worker_killed_twice(table: Table, talks: Talks) -> None:
    began_s, before_s, out = time.monotonic(), processor_s(), table.out()
    one, killed = talks.begin(out, "--workers", str(WORKERS)), 0
    for share in (3, 2):
        until(out, talks.whole // share, one)
        killed += kill_one_that_hears(one.pid)
    ended(one)
    table.line(f"processes, {killed} workers killed", out, began_s, processor_s() - before_s)


def killed_and_begun_again(table: Table, talks: Talks) -> None:
    began_s, before_s, out = time.monotonic(), processor_s(), table.out()
    one = talks.begin(out, "--workers", str(WORKERS))
    until(out, talks.whole // 2, one)
    os.killpg(one.pid, signal.SIGKILL)
    one.communicate()
    kept = heard(out)
    said = ended(talks.begin(out, "--workers", str(WORKERS)))
    note = f"; {kept} were kept, and said to be heard before: {f'{kept} have been heard before' in said}"
    table.line("processes, kill -9 and again", out, began_s, processor_s() - before_s, 0, note)


def full_disk(table: Table, talks: Talks) -> None:
    """A disk of its own, on which there is room for about half of it."""
    disk = table.out().with_suffix("")
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)], check=True)
    try:
        began_s, before_s, out = time.monotonic(), processor_s(), disk / "out.db"
        filler = disk / "filler"
        filler.write_bytes(bytes(max(0, 4 * 2**20 - table.size() // 2 - 16_384)))
        one = talks.begin(out, "--workers", str(WORKERS))
        said, code = ended(one), one.returncode
        kept = heard(out)
        filler.unlink()
        ended(talks.begin(out, "--workers", str(WORKERS)))
        sentence = next((line for line in said.splitlines() if "Error" in line), said.strip()[-80:])
        note = f"; {kept} kept when it was full (exit {code}: {sentence})".replace(str(disk), "DISK")
        table.line("processes, a full disk, then room", out, began_s, processor_s() - before_s, 0, note)
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[DaskCluster]:
    with hosts(WORKERS) as (here, *others), dask_cluster(folder, others, here) as dask:
        yield dask


def on_dask(table: Table, talks: Talks, name: str, meanwhile: Meanwhile) -> None:
    with tempfile.TemporaryDirectory() as folder:
        began_s, before_s, out = time.monotonic(), processor_s(), table.out()
        with cluster(Path(folder)) as dask:
            one = talks.begin(out, "--scheduler", dask.address)
            meanwhile(dask, out, one)
            said, goes = ended(one), 1
            while f"of {talks.whole} recordings are in" not in said and goes < 3:  # it gave up: the same goes on
                said, goes = ended(talks.begin(out, "--scheduler", dask.address)), goes + 1
            table.line(name, out, began_s, dask.used_s() + processor_s() - before_s, goes - 1)


def dask_worker_killed_twice(table: Table, talks: Talks) -> None:
    def meanwhile(dask: DaskCluster, out: Path, one: subprocess.Popen[str]) -> None:
        for number, share in enumerate((3, 2)):
            until(out, talks.whole // share, one)
            dask.kill_worker(number)

    on_dask(table, talks, "Dask, 2 hosts, 2 workers killed", meanwhile)


def dask_scheduler_again(table: Table, talks: Talks) -> None:
    def meanwhile(dask: DaskCluster, out: Path, one: subprocess.Popen[str]) -> None:
        until(out, talks.whole // 3, one)
        dask.restart_scheduler(1.0)

    on_dask(table, talks, "Dask, 2 hosts, scheduler again", meanwhile)


def dask_quiet(table: Table, talks: Talks) -> None:
    on_dask(table, talks, "Dask, 2 hosts", lambda *_: None)


FAULTS = {
    "processes": quiet,
    "kill": worker_killed_twice,
    "resume": killed_and_begun_again,
    "disk": full_disk,
    "dask": dask_quiet,
    "dask-kill": dask_worker_killed_twice,
    "dask-scheduler": dask_scheduler_again,
}


@click.command(help=__doc__)
@click.option("--copies", default=18, show_default=True)
@click.option("--bad", default=3, show_default=True)
@click.option("--seconds", default=30.0, show_default=True, help="Of each.")
@click.option("--models", type=click.Path(file_okay=False, path_type=Path), help="[default: none]")
@click.option("--only", multiple=True, type=click.Choice(list(FAULTS)[1:]), help="These, beside plain processes.")
def main(copies: int, bad: int, seconds: float, models: Path | None, only: tuple[str, ...]) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for name in ("talks", "models"):
            (folder / name).mkdir()
        made(folder / "talks", copies, seconds)
        for number in range(bad):
            (folder / "talks" / f"bad{number}.wav").write_bytes(b"no sound at all" * (number + 1))
        talks = Talks(folder / "talks", models or folder / "models", copies, bad)
        click.echo(f"{copies} recordings of {seconds:.0f} s, and {bad} bad ones; {WORKERS} workers")
        table = Table(talks, folder)
        for name, run in FAULTS.items():
            if name == "processes" or not only or name in only:
                run(table, talks)


if __name__ == "__main__":
    main()
