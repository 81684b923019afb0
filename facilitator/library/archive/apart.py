"""Hearing in a process of its own, for the workers of a cluster: there it takes as long as anywhere. Within a worker of
Dask it took half as much again: heartbeats and a profiler take turns with it, and memory is given back to the system as
soon as it is free (`TRIM`), to be asked for again a moment later.

`hear_apart` is what the cluster runs; this file, run as a program, is the process. One serves a worker for as long as
that lives, and ends with it.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from typing import BinaryIO

from facilitator.library.archive.job import Job, Result, hear

TRIM = "MALLOC_TRIM_THRESHOLD_"
"""What the C library goes by, as Dask sets it for its workers."""


class HearingDied(Exception):
    """The process is gone: no memory left, or killed."""


_lock = threading.Lock()
_process: subprocess.Popen[bytes] | None = None


def hear_apart(job: Job) -> Result:
    """Raises HearingDied; the next one has a new process."""
    global _process  # noqa: PLW0603 - of this worker, as long as it lives
    with _lock:
        if _process is None or _process.poll() is not None:
            around = {name: value for name, value in os.environ.items() if name != TRIM}
            command = [sys.executable, "-m", __name__]
            _process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=around)
        assert _process.stdin is not None and _process.stdout is not None
        try:
            pickle.dump(job, _process.stdin)
            _process.stdin.flush()
            result = pickle.load(_process.stdout)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            _process.kill()
            _process = None
            raise HearingDied(job.path) from error
    assert isinstance(result, Result)
    return result


def _serve(jobs: BinaryIO, results: BinaryIO) -> None:
    """One after the other; when who asks is gone, at once, in the middle of one."""
    todo: list[Job] = []
    there = threading.Condition()

    def read() -> None:
        while True:
            try:
                job = pickle.load(jobs)
            except BaseException:  # whatever it is, nothing more can be asked of this process
                os._exit(0)
            with there:
                todo.append(job)
                there.notify()

    threading.Thread(target=read, daemon=True).start()
    while True:
        with there:
            there.wait_for(lambda: todo)
            job = todo.pop(0)
        pickle.dump(hear(job), results)
        results.flush()


if __name__ == "__main__":
    own = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what anything prints is no result
    _serve(sys.stdin.buffer, own)
