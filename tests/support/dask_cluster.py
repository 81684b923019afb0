"""A Dask scheduler and its workers, begun as somebody would begin them on one computer or on several."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil

from tests.support.hosts import Host

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120
HERE = Host("127.0.0.1", ())


class DaskCluster:
    """`on`: where each worker runs; the scheduler runs here, under the address of `scheduler`."""

    def __init__(self, folder: Path, on: Sequence[Host], scheduler: Host = HERE) -> None:
        self._folder, self._file, self._here = folder, folder / "scheduler.json", scheduler
        self._used_s = 0.0
        self._scheduler = self._begin_scheduler("0")
        self.address: str = json.loads(self._file.read_text())["address"]
        self._hosts = tuple(on)
        self._workers = [self._begin_worker(host) for host in on]

    def _begin_scheduler(self, port: str) -> subprocess.Popen[bytes]:
        self._file.unlink(missing_ok=True)
        options = ("--host", self._here.address, "--port", port, "--no-dashboard", "--scheduler-file", str(self._file))
        one = self._begun("distributed.cli.dask_scheduler", *options)
        end_s = time.monotonic() + PATIENCE_S
        while not (self._file.exists() and '"address"' in self._file.read_text()):
            if one.poll() is not None or time.monotonic() > end_s:
                raise RuntimeError("the scheduler has not begun")
            time.sleep(0.1)
        return one

    def _begin_worker(self, host: Host) -> subprocess.Popen[bytes]:
        options = ("--host", host.address, "--nthreads", "1", "--no-dashboard", "--local-directory", str(self._folder))
        return self._begun("distributed.cli.dask_worker", self.address, *options, on=host)

    def _begun(self, module: str, *options: str, on: Host = HERE) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*on.enter, sys.executable, "-m", module, *options],
            start_new_session=True,
            cwd=self._folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def kill_worker(self, number: int) -> None:
        """What computes dies, as when there is no memory left; who watches over it begins another one."""
        for child in psutil.Process(self._workers[number].pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                if "spawn_main" in " ".join(child.cmdline()):
                    child.kill()

    def restart_scheduler(self, after_s: float) -> None:
        """It dies, and another one comes under its address. Workers end with theirs: whoever keeps them running begins
        them again."""
        self._end(self._scheduler)
        time.sleep(after_s)
        self._scheduler = self._begin_scheduler(self.address.rpartition(":")[2])
        for worker in self._workers:
            self._end(worker)
        self._workers = [self._begin_worker(host) for host in self._hosts]

    def used_s(self) -> float:
        """Processor time of all of it so far."""
        return self._used_s + sum(_used_s(one) for one in (self._scheduler, *self._workers))

    def _end(self, one: subprocess.Popen[bytes]) -> None:
        self._used_s += _used_s(one)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(one.pid, signal.SIGKILL)
        one.wait()

    def close(self) -> None:
        for one in (*self._workers, self._scheduler):
            self._end(one)


def _used_s(one: subprocess.Popen[bytes]) -> float:
    total = 0.0
    with contextlib.suppress(psutil.NoSuchProcess):
        root = psutil.Process(one.pid)
        for process in (root, *root.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                total += times.user + times.system + times.children_user + times.children_system
    return total


@contextlib.contextmanager
def dask_cluster(folder: Path, on: Sequence[Host], scheduler: Host = HERE) -> Iterator[DaskCluster]:
    with contextlib.closing(DaskCluster(folder, on, scheduler)) as one:
        yield one
