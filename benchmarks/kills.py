"""Kills the demonstration, with its voice on, at random moments, and says what that cost: how much of what the program
had recorded is not in the database, whether that is sound, and what is left on the disk and in memory.

    .venv/bin/python -m benchmarks.kills --times 50

Needs Linux and what the tests with sound need. Leaves with 1 where more than 0.25 s were lost, a database was not
sound, or anything was left: a file beside the database, or a process.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.support.virtual_audio import VirtualAudio

LIMIT_S = 0.25
LATEST_S = 20.0
"""The kill comes so long after the first record at the latest."""
BEGINS_S = 240.0
GONE_S = 5.0
"""Children that notice that nobody listens any more have so long to end."""
MARK = "FACILITATOR_KILLS"
PROGRAM = """
import os, sys, time
from facilitator.store.session_log import Store
told, whole = int(sys.argv.pop(1)), Store.write
def write(store, records):
    os.write(told, b"%f %d\\n" % (time.monotonic(), len(records)))
    whole(store, records)
Store.write = write
from facilitator.cli import main
main()
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed:
    after_s: float
    """From the first record on."""
    records: int
    lost: int
    lost_s: float
    """How long before the kill the first of those that are lost was recorded."""
    sound: bool
    files: tuple[str, ...]
    processes: int
    spoken: int
    """Sentences that were spoken, or begun."""

    @property
    def good(self) -> bool:
        return self.lost_s <= LIMIT_S and self.sound and not self.files and not self.processes


def kill_once(seed: int, env: dict[str, str]) -> Killed:
    with tempfile.TemporaryDirectory(prefix="kills-") as name, tempfile.TemporaryFile() as told:
        home = Path(name)
        (home / "tmp").mkdir()
        db = home / "sessions.db"
        mark = f"{os.getpid()}-{seed}"
        places = dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"), name)
        command = [sys.executable, "-c", PROGRAM, str(told.fileno())]
        program = subprocess.Popen(
            [*command, "demo", "--speech", "voice", "--no-page", "--db", str(db)],
            env=os.environ | env | places | {"TMPDIR": str(home / "tmp"), MARK: mark},
            cwd=name, pass_fds=[told.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            until_s = time.monotonic() + BEGINS_S
            while not (begun := _told(told.fileno())):
                if program.poll() is not None or time.monotonic() > until_s:
                    raise SystemExit("the demonstration did not begin")
                time.sleep(0.05)
            after_s = random.Random(seed).uniform(0.2, LATEST_S)
            time.sleep(max(0.0, begun[0][0] + after_s - time.monotonic()))
        finally:
            killed_s = time.monotonic()
            program.send_signal(signal.SIGKILL)
            program.wait()
        left = _left(mark)
        return _seen(db, home, _told(told.fileno()), after_s=after_s, killed_s=killed_s, processes=left)


def _seen(
    db: Path, home: Path, told: list[tuple[float, int]], *, after_s: float, killed_s: float, processes: int
) -> Killed:
    files = sorted(path for path in home.rglob("*") if path.is_file() and not path.name.startswith("sessions.db"))
    with contextlib.closing(sqlite3.connect(db)) as connection:
        sound = connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        stored = connection.execute("SELECT count(*) FROM events").fetchone()[0]
        spoken = connection.execute("SELECT count(*) FROM prompts WHERE start_ms IS NOT NULL").fetchone()[0]
    handed_over, lost_s = 0, 0.0
    for at_s, records in told:
        if handed_over >= stored and at_s < killed_s:
            lost_s = killed_s - at_s
            break
        handed_over += records
    recorded = sum(records for _, records in told)
    return Killed(
        after_s=after_s,
        records=recorded,
        lost=max(0, recorded - stored),
        lost_s=lost_s,
        sound=sound,
        files=tuple(str(path.relative_to(home)) for path in files),
        processes=processes,
        spoken=spoken,
    )


def _told(fd: int) -> list[tuple[float, int]]:
    """When records were handed over, and how many."""
    text = os.pread(fd, 1 << 24, 0).decode("ascii")
    return [(float(at_s), int(records)) for at_s, records in map(str.split, text.splitlines())]


def _left(mark: str) -> int:
    """Processes of that run which do not end by themselves."""
    until_s = time.monotonic() + GONE_S
    while (found := list(_of(mark))) and time.monotonic() < until_s:
        time.sleep(0.05)
    for process in found:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    return len(found)


def _of(mark: str) -> Iterator[int]:
    wanted = f"{MARK}={mark}".encode()
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted in (place / "environ").read_bytes().split(b"\0"):
                yield int(place.name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--at-once", type=int, default=2)
    given = parser.parse_args()
    audio = VirtualAudio()
    found: list[Killed] = []
    try:
        audio.start()
        env = audio.env | {"PULSE_COOKIE": str(audio.folder / "cookie")}  # the sound system's own file
        with ThreadPoolExecutor(given.at_once) as runs:
            for one in runs.map(lambda seed: kill_once(seed, env), range(given.times)):
                found.append(one)
                left = f"{len(one.files)} files, {one.processes} processes"
                print(
                    f"killed after {one.after_s:5.1f} s: {one.lost:3d} of {one.records:4d} records lost, the last"
                    f" {one.lost_s:.2f} s; {'sound' if one.sound else 'NOT SOUND'}; {one.spoken} sentences spoken;"
                    f" left: {left} {' '.join(one.files)}",
                    flush=True,
                )
    finally:
        audio.stop()
    lost = sorted(one.lost_s for one in found)
    print(
        f"{len(found)} kills: at most {lost[-1]:.2f} s lost, half of them {lost[len(lost) // 2]:.2f} s or less;"
        f" {sum(one.sound for one in found)} databases sound; {sum(len(one.files) for one in found)} files and"
        f" {sum(one.processes for one in found)} processes left; the voice had begun in"
        f" {sum(one.spoken > 0 for one in found)}"
    )
    sys.exit(not all(one.good for one in found))


if __name__ == "__main__":
    main()
