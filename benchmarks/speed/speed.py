"""How fast does it hear? Seconds of computing for a second of sound (RTF), by stage, people and length.

    python benchmarks/speed/speed.py [--people 2,4,8] [--minutes 5,60,180] [--models none]

Processor time, whatever else the machine does, with the models that are installed, or with `--models none` without
any. `live` is everything that is done while people speak: `activity`, the detector of speech; `encoder` and
`segments`, the two models; `direction`, of two microphones; `x-vectors`, where Vosk's are installed; and `decoder`,
all the rest: features, voiceprints, the network that weighs everything, the decoder, learning. `first` and `last`
are `live` in the first and the last five minutes, `rest` and `rest end` are `decoder` in them: what depends on how
long the session is shows there. `review` is the pass over the whole afterwards. 0.1 is six minutes for an hour.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import click

from benchmarks.accuracy.table import listener_of, numbers, talk, without_models
from facilitator import backends
from facilitator.hearing.signal.audio import RATE, Block
from facilitator.pipelines import live

STAGES = {
    "activity": (live, "best_detector", "probability"),
    "encoder": (backends, "open_voice_encoder", "feed"),
    "segments": (backends, "open_segmentation", "feed"),
    "direction": (backends, "open_direction", "feed"),
    "x-vectors": (backends, "open_vosk_voiceprint", "feed"),
}
"""Each with the function that opens it, and what it is asked for again and again."""
PART_S = 300.0
COLUMNS = (*STAGES, "decoder", "live", "first", "last", "rest", "rest end", "review", "all")


class Clock:
    """How long every stage took so far, in seconds of processor time."""

    def __init__(self) -> None:
        self.took_s = dict.fromkeys(STAGES, 0.0)

    def timed(self, stage: str, opened: Callable[..., Any], method: str) -> Callable[..., Any]:
        """What opens the same thing, with a watch on it."""

        def open_timed(*arguments: Any) -> Any:
            thing = opened(*arguments)
            asked = getattr(thing, method)

            def ask(*given: Any) -> Any:
                began = time.process_time()
                answer = asked(*given)
                self.took_s[stage] += time.process_time() - began
                return answer

            setattr(thing, method, ask)
            return thing

        return open_timed


def measured(people: int, minutes: int) -> dict[str, float]:
    """RTF of every column."""
    clock, sound_s = Clock(), 60.0 * minutes
    watched = [
        patch.object(where, name, clock.timed(stage, getattr(where, name), method))
        for stage, (where, name, method) in STAGES.items()
    ]
    for one in watched:
        one.start()
    try:
        listener = listener_of(people)
    finally:
        for one in watched:
            one.stop()
    clock.took_s = dict.fromkeys(STAGES, 0.0)  # what the voice samples took does not count
    began, at = time.process_time(), 0
    marks = {0.0: (began, 0.0)}  # by second of sound: processor time so far, and that of the stages
    for samples in talk(people, sound_s):
        listener.hear(Block(first_sample=at, samples=samples))
        at += len(samples)
        if at in (int(PART_S * RATE), int((sound_s - PART_S) * RATE), int(sound_s * RATE)):
            marks[at / RATE] = (time.process_time(), sum(clock.took_s.values()))
    heard, stages = time.process_time(), dict(clock.took_s)
    listener.review()
    done = time.process_time()

    def part(first_s: float, last_s: float) -> tuple[float, float]:
        (before, models_before), (after, models_after) = marks[first_s], marks[last_s]
        spent, on_models = after - before, models_after - models_before
        return spent / (last_s - first_s), (spent - on_models) / (last_s - first_s)

    first, last = part(0.0, min(PART_S, sound_s)), part(max(0.0, sound_s - PART_S), sound_s)
    return {
        **{stage: spent / sound_s for stage, spent in stages.items()},
        "decoder": (heard - began - sum(stages.values())) / sound_s,
        "live": (heard - began) / sound_s,
        "first": first[0],
        "last": last[0],
        "rest": first[1],
        "rest end": last[1],
        "review": (done - heard) / sound_s,
        "all": (done - began) / sound_s,
    }


def told(people: int, minutes: int, figures: dict[str, float]) -> str:
    return f"| {people} | {minutes} | " + " | ".join(f"{figures[name]:.4f}" for name in COLUMNS) + " |"


@click.command(help=__doc__)
@click.option("--people", default="2,4,8", show_default=True)
@click.option("--minutes", default="5", show_default=True)
@click.option("--models", type=click.Choice(["installed", "none"]), default="installed", show_default=True)
def main(people: str, minutes: str, models: str) -> None:
    with tempfile.TemporaryDirectory() as empty:
        if models == "none":
            without_models(empty)
        click.echo(f"| people | minutes | {' | '.join(COLUMNS)} |\n|{'---:|' * (2 + len(COLUMNS))}")
        for length in numbers(minutes):
            for count in numbers(people):
                click.echo(told(count, length, measured(count, length)))


if __name__ == "__main__":
    main()
