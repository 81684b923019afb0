"""`kill -9` at any moment costs at most the last second."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from facilitator.core import events as e
from facilitator.core.setup import Setup
from facilitator.store.session_log import Store

SETUP = Setup(people=("Ana", "Ben"), format={}, language={})
KEPT_S = 1.0


def record(n: int) -> e.Spoke:
    return e.Spoke(at_ms=n, start_ms=n * 10, end_ms=n * 10 + 7, people=(SETUP.people[n % 2],))


def write_for_ever(path: Path) -> None:
    """Hands over a fact with what follows from it, about 200 times a second, and says so after each."""
    store = Store.open(path)
    store.begin(SETUP, "2026-01-02T03:04:05Z")
    n = 0
    while True:
        n += 1
        store.write([e.Tick(at_ms=n), record(n)])
        print(n, time.monotonic(), flush=True)
        time.sleep(0.005)


@pytest.mark.skipif(sys.platform == "win32", reason="needs kill -9")
def test_what_was_written_a_second_ago_survives(tmp_path: Path) -> None:
    chance = random.Random(1)
    for attempt in range(3):
        path = tmp_path / f"{attempt}.db"
        child = subprocess.Popen([sys.executable, __file__, str(path)], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        said = [child.stdout.readline()]  # it has begun
        until_s = time.monotonic() + chance.uniform(0.2, 1.8)
        while time.monotonic() < until_s:
            said.append(child.stdout.readline())
        child.kill()
        killed_s = time.monotonic()
        said += child.stdout.readlines()
        child.wait()
        child.stdout.close()
        handed_over = [line.split() for line in said if line.endswith("\n")]
        safe = sum(float(at_s) < killed_s - KEPT_S for _, at_s in handed_over)
        with Store.open(path) as store:
            (found,) = store.unfinished()
            stored = list(store.records(found.session))
            assert stored[1::2] == [record(n) for n in range(1, len(stored) // 2 + 1)]
            assert len(stored) % 2 == 0, "a fact without what followed from it"
            assert safe <= len(stored) // 2 <= len(handed_over) + 1
            spoken = store.query("SELECT count(*) AS rows FROM speech")[0]["rows"]
            assert spoken == len(stored) // 2, "the tables are not those of the events"
            store.resume(found.session)
            store.write([e.Resumed(at_ms=found.last_ms)])
            store.finish(found.session, "done")
            assert store.flush()
            assert store.unfinished() == []


if __name__ == "__main__":
    write_for_ever(Path(sys.argv[1]))
