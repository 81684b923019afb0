"""Where recordings are heard: in processes of this computer, or on a cluster that is there already (Dask).

An engine never has more in flight than it has workers. So when a worker dies, only what it was hearing is suspected,
and whoever is suspected is heard alone at the end: nobody is blamed for what somebody else did to a worker.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import re
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Protocol

from facilitator.errors import FacilitatorError, UsageError
from facilitator.library.archive.apart import hear_apart
from facilitator.library.archive.job import Job, Result, hear
from facilitator.runtime.packages import needed

DIED = "A worker died twice while it heard this (no memory left, or it was killed); hear it alone, with more memory."
LOOK_EVERY_S = 0.5
GONE_AFTER_S = 60.0
"""A scheduler that cannot be reached for so long is given up."""

Finished = tuple[Job, Result | None]
"""None: the worker that heard it is dead."""


class Engine(Protocol):
    @property
    def free(self) -> int:
        """How many more can be heard at once."""

    def submit(self, job: Job) -> None:
        """To be called when there is somebody free."""

    def done(self) -> list[Finished]:
        """Those that are finished, waiting a moment for one. Raises FacilitatorError where nothing can be heard any
        more."""

    def close(self) -> None:
        """At once; what is in flight is dropped."""


def hear_all(engine: Engine, alone: Callable[[], Engine], jobs: Iterable[Job]) -> Iterator[tuple[Job, Result]]:
    """Every job's result, as it comes. `alone`: an engine for those during whose hearing a worker died."""
    suspects: list[Job] = []
    for job, result in _heard(engine, jobs):
        if result is None:
            suspects.append(job)
        else:
            yield job, result
    for suspect in suspects:
        with contextlib.closing(alone()) as one:
            for job, result in _heard(one, [suspect]):
                yield job, result or Result(key=job.key, problem=DIED)


def _heard(engine: Engine, jobs: Iterable[Job]) -> Iterator[Finished]:
    waiting, flying = deque(jobs), 0
    while waiting or flying:
        while waiting and engine.free > 0:
            engine.submit(waiting.popleft())
            flying += 1
        for outcome in engine.done():
            flying -= 1
            yield outcome


def _begin_worker() -> None:
    """Ctrl-C is for the parent, which tells the workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class Processes:
    """Processes of this computer."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool = self._new()
        self._flying: dict[Future[Result], Job] = {}

    def _new(self) -> ProcessPoolExecutor:
        # Not forked: a child would have the parent's threads' locks, and not the threads.
        return ProcessPoolExecutor(
            self._workers, mp_context=multiprocessing.get_context("spawn"), initializer=_begin_worker
        )

    @property
    def free(self) -> int:
        return self._workers - len(self._flying)

    def submit(self, job: Job) -> None:
        try:
            future = self._pool.submit(hear, job)
        except BrokenProcessPool:  # it has just died, and nobody has looked yet
            future = Future()
            future.set_exception(BrokenProcessPool())
        self._flying[future] = job

    def done(self) -> list[Finished]:
        finished, _ = wait(self._flying, timeout=LOOK_EVERY_S, return_when=FIRST_COMPLETED)
        outcomes: list[Finished] = []
        broken = any(isinstance(future.exception(), BrokenProcessPool) for future in finished)
        for future in list(self._flying) if broken else finished:
            job = self._flying.pop(future)
            dead = isinstance(future.exception(), BrokenProcessPool)
            outcomes.append((job, None if dead else future.result()))
        if broken:
            self._pool.shutdown(wait=True)
            self._pool = self._new()
        return outcomes

    def close(self) -> None:
        for process in list((self._pool._processes or {}).values()):
            process.kill()
        self._pool.shutdown(wait=True, cancel_futures=True)


class Cluster:
    """Workers of a Dask scheduler. Each has one recording at a time, so that it is known whose hearing it died of."""

    def __init__(self, address: str, most: int | None = None) -> None:
        self._distributed = needed("distributed", "distributed")
        if not re.fullmatch(r"[a-z]+://\S+:[0-9]{1,5}", address):
            raise UsageError(f"{address} is no address of a scheduler; write it as tcp://HOST:PORT.")
        try:
            self._client: Any = self._distributed.Client(address, timeout=10, set_as_default=False)
        except (OSError, ValueError) as error:
            raise UsageError(f"There is no scheduler at {address} ({error}); begin one with: dask scheduler") from error
        self._address, self._most = address, most
        self._flying: dict[Any, tuple[Job, str]] = {}  # a future: its job, and the worker that has it
        self._idle: list[str] = []  # of those that are there, who has nothing to do
        self._seen_s = time.monotonic()

    def _there(self) -> set[str]:
        """The workers that the scheduler knows now. Raises FacilitatorError where there have been none for long."""
        found: set[str] = set()
        with contextlib.suppress(OSError, RuntimeError, TimeoutError, AttributeError):
            found = set(self._client.sync(self._client.scheduler.identity)["workers"])
        if found:
            self._seen_s = time.monotonic()
        elif time.monotonic() - self._seen_s > GONE_AFTER_S:
            raise FacilitatorError(
                f"The scheduler at {self._address} has not answered, or has had no workers, for {GONE_AFTER_S:.0f} s. "
                "What is done is kept; the same command goes on with the rest."
            )
        return found

    @property
    def free(self) -> int:
        busy = {worker for _, worker in self._flying.values()}
        idle = sorted(self._there() - busy)
        self._idle = idle if self._most is None else idle[: max(0, self._most - len(self._flying))]
        return len(self._idle)

    def submit(self, job: Job) -> None:
        worker = self._idle.pop()
        future = self._client.submit(
            hear_apart,
            job,
            workers=[worker],
            allow_other_workers=False,
            pure=False,
            retries=0,
            key=f"{job.key}-{worker}",
        )
        self._flying[future] = (job, worker)

    def done(self) -> list[Finished]:
        if not self._flying:
            time.sleep(LOOK_EVERY_S)
        lost = (TimeoutError, self._distributed.TimeoutError, CancelledError)  # the last where the scheduler has died
        with self._client.as_current(), contextlib.suppress(*lost):
            self._distributed.wait(list(self._flying), timeout=LOOK_EVERY_S, return_when="FIRST_COMPLETED")
        there = self._there()
        outcomes: list[Finished] = []
        for future, (job, worker) in list(self._flying.items()):
            if future.status == "finished":
                outcomes.append((job, future.result()))
            elif future.status in ("error", "cancelled", "lost") or (there and worker not in there):
                future.cancel(force=True)
                outcomes.append((job, None))
            else:
                continue
            del self._flying[future]
        return outcomes

    def close(self) -> None:
        with contextlib.suppress(Exception):
            for future in self._flying:
                future.cancel(force=True)
        self._client.close(timeout=2)


def usual_workers() -> int:
    return max(1, os.process_cpu_count() if hasattr(os, "process_cpu_count") else os.cpu_count() or 1)
