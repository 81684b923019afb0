"""How fast does it hear? Seconds of computing for a second of sound, by stage, people and length.

    python benchmarks/speed.py [--people 2,4,8] [--minutes 5,60]

Processor time, whatever else the machine does. `live` is everything that is done while people speak, of which
`activity` is the detector of speech; `review` is the pass over the whole afterwards. 0.1 is six minutes for an hour.
"""

from __future__ import annotations

import time

import click
from table import talk, voice

from facilitator.backends.silero_activity import best_detector
from facilitator.hearing.audio import Block, Samples
from facilitator.hearing.learned import LearnedVoices
from facilitator.hearing.listener import Listener


class Timed:
    """A detector of speech and how long it took."""

    def __init__(self) -> None:
        self._detector = best_detector()
        self.took_s = 0.0

    def probability(self, chunk: Samples) -> float:
        began = time.process_time()
        answer = self._detector.probability(chunk)
        self.took_s += time.process_time() - began
        return answer


def numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


@click.command(help=__doc__)
@click.option("--people", default="2,4,8", show_default=True)
@click.option("--minutes", default="5", show_default=True)
def main(people: str, minutes: str) -> None:
    click.echo(
        f"{'people':>6s} {'minutes':>8s} {'activity':>9s} {'live':>7s} {'review':>7s} {'all':>7s}   computing / sound"
    )
    for length in numbers(minutes):
        for count in numbers(people):
            detector = Timed()
            listener = Listener(detector, [LearnedVoices()])
            for number in range(count):
                listener.enrol(f"Person {number + 1}", voice(number)[: 10 * 16_000])
            began, at = time.process_time(), 0
            for samples in talk(count, 60.0 * length):
                listener.hear(Block(first_sample=at, samples=samples[:, None]))
                at += len(samples)
            heard = time.process_time()
            listener.review()
            done, sound_s = time.process_time(), 60.0 * length
            figures = (detector.took_s, heard - began, done - heard, done - began)
            shown = " ".join(
                f"{value / sound_s:{width}.4f}" for value, width in zip(figures, (9, 7, 7, 7), strict=True)
            )
            click.echo(f"{count:6d} {length:8d} {shown}")


if __name__ == "__main__":
    main()
