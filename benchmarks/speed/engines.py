"""What does each network cost by itself? Processor time for a second of sound, and memory when it is loaded.

    python -m benchmarks.speed.engines [--seconds 30]

The models that are installed, fed a tenth of a second at a time as while people talk, on one thread; each in a process
of its own, so that what it takes of memory is its own. Memory is what the process holds after the sound, less what it
held before the network was opened; `mapped` of it is the model's file, which the system can take back.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np

from facilitator import backends
from facilitator.backends.models.silero_activity import best_detector
from facilitator.hearing.signal.audio import RATE, Samples
from facilitator.hearing.signal.vad import ActivityStream
from facilitator.models import catalogue

ENGINES = ("activity", "voice-encoder", "segmentation")
HEAD = "| network | s for a second of sound | to load, ms | memory, MB | of it mapped |\n|---|---:|---:|---:|---:|"
_BLOCK = RATE // 10


def opened(name: str) -> Callable[[Samples], object] | None:
    """What takes the sound; None where the model is not installed."""
    if name == "activity":
        return ActivityStream(best_detector()).feed
    folder = catalogue.find(name)
    if folder is None:
        return None
    if name == "segmentation":
        return backends.open_segmentation(folder).feed
    return backends.open_voice_encoder(folder).feed


def held_mb() -> tuple[float, float]:
    """Memory of this process, and how much of it is files; zeros where the system does not tell in this way."""
    try:
        rows = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines())
    except OSError:
        return 0.0, 0.0
    total, files = (int(rows[key].split()[0]) / 1024 for key in ("VmRSS", "RssFile"))
    return total, files


def measured(name: str, seconds: int) -> str:
    table = Path(__file__).parents[2] / "tests" / "data" / "table"
    import soundfile  # noqa: PLC0415 - the memory it takes is not the network's

    clips = [soundfile.read(path, dtype="float32")[0] for path in sorted(table.glob("*.flac"))]
    sound = np.resize(np.concatenate(clips), seconds * RATE).astype(np.float32)
    before, before_files = held_mb()
    began = time.process_time()
    feed = opened(name)
    if feed is None:
        return f"| {name} | not installed | | | |"
    loaded = time.process_time() - began
    feed(sound[: 12 * RATE])  # the first windows
    began = time.process_time()
    for at in range(0, len(sound), _BLOCK):
        feed(sound[at : at + _BLOCK])
    spent = (time.process_time() - began) / seconds
    total, files = held_mb()
    return f"| {name} | {spent:.4f} | {1000 * loaded:.0f} | {total - before:.0f} | {files - before_files:.0f} |"


@click.command(help=__doc__)
@click.option("--seconds", default=30, show_default=True, type=click.IntRange(12))
@click.option("--only", type=click.Choice(ENGINES), hidden=True)
def main(seconds: int, only: str | None) -> None:
    if only:
        click.echo(measured(only, seconds))
        return
    click.echo(HEAD)
    for name in ENGINES:
        command = [sys.executable, "-m", "benchmarks.speed.engines", "--only", name, "--seconds", str(seconds)]
        click.echo(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip())


if __name__ == "__main__":
    main()
