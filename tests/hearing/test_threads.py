"""Hearing is one thread's work: no pool of threads is made, and none is woken for a second of sound."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAR = """
import json, resource, sys
from pathlib import Path
import facilitator.runtime.one_thread
from facilitator.pipelines.live import open_listener
from facilitator.hearing.signal.audio import Block
import numpy as np
from tests.support.hearing_sounds import clip

def threads():
    return len(list(Path("/proc/self/task").iterdir()))

before = threads()
listener, troubles = open_listener()
assert not troubles, troubles
for person in ("ana", "ben"):
    listener.enrol(person, clip(f"{person}-0"))
sound, at = np.concatenate([clip("ana-1"), clip("ben-1")]), 0
found, switched = [], []
for second in range(len(sound) // 16000):
    noted = resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw
    for _ in range(10):
        listener.hear(Block(first_sample=at, samples=sound[at : at + 1600, None]))
        at += 1600
    switched.append(resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw - noted)
    found.append(threads())
print(json.dumps({"before": before, "most": max(found), "switched": switched,
                  "sources": [one.source for one in (listener.review(), listener.contributions())[1]]}))
"""


def heard(models: str) -> dict[str, object]:
    """What a process that hears some seconds tells of itself, in an environment that asks for no number of threads.
    It begins as the command line does."""
    pools = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
    env = {name: value for name, value in os.environ.items() if name not in pools}
    env |= {"PYTHONPATH": str(Path(__file__).parents[2]), "FACILITATOR_MODELS": models}
    done = subprocess.run([sys.executable, "-c", HEAR], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, object] = json.loads(done.stdout)
    return told


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are counted as Linux counts them")
@pytest.mark.parametrize("models", ["none", pytest.param("real", marks=pytest.mark.slow)])
def test_no_thread_is_made_or_waited_for(models: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    told = heard(str(request.getfixturevalue("real_models") if models == "real" else tmp_path))
    assert ("voice-encoder" in str(told["sources"])) == (models == "real")
    assert told["most"] == told["before"] == 1
    switched = sorted(told["switched"])  # type: ignore[call-overload]
    assert switched[len(switched) // 2] <= 5, told  # a wait for another thread is two, and there would be thousands
