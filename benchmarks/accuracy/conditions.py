"""Is anything told falsely where it cannot be known? Samples and talks as they should not be, one thing at a time.

    python benchmarks/accuracy/conditions.py CASES [MORE ...] [--only d01,d04] [--conditions "one second,clipped"]

CASES as for `hearing.py`. Each condition changes the samples of a recording, or its talk, and leaves the truth as it
is: samples of a second, with another person in them, clipped, noisy, of somebody who is not there, of the same person
twice; a talk that is clipped, through a telephone, far quieter, by another microphone from its middle on, or with
music behind it. Prints for each how right it was, how wide the ranges around the shares were, how many true shares
were outside, and what was told people of it. `FALSE` marks what should never be: a true share outside its range by more
than a point, where nothing was said against it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import click
import numpy as np
import soundfile as sf

from benchmarks.accuracy.channel import TELEPHONE_HZ, louder, microphone
from benchmarks.accuracy.hearing import Truth, recordings, rules, sounds
from benchmarks.accuracy.intervals import compared
from facilitator.core.turntaking.uncertainty import intervals
from facilitator.errors import AudioError
from facilitator.hearing.signal.audio import RATE, Samples
from facilitator.library.analysis import Analysis
from facilitator.pipelines.offline import HeardRecording, analyze

SNR_DB, CLIPPED_DB, MUSIC_DB = 5.0, 30.0, -10.0
"""Noise below the speech; louder than the end of the scale, by so much at the loudest; music below the talk."""
OUTSIDE = 0.01
MUSIC_HZ = (196.0, 247.0, 294.0, 392.0, 494.0, 587.0)

Voices = Mapping[str, Samples]
OfSamples = Callable[[Voices, np.random.Generator], Voices]
OfTalk = Callable[[Samples, np.random.Generator], Samples]


def _rms(sound: Samples) -> float:
    return float(np.sqrt(np.square(sound, dtype=np.float64).mean()))


def _speech(sound: Samples, seconds: float) -> Samples:
    """So many seconds of a sample, where it is loudest."""
    size = min(len(sound), round(seconds * RATE))
    power = np.concatenate([[0.0], np.cumsum(np.square(sound, dtype=np.float64))])
    begin = int((power[size:] - power[:-size]).argmax())
    return sound[begin : begin + size]


def _each(change: Callable[[Samples, np.random.Generator], Samples]) -> OfSamples:
    return lambda voices, random: {name: change(sound, random) for name, sound in voices.items()}


def _noisy(sound: Samples, random: np.random.Generator) -> Samples:
    noise = random.normal(size=len(sound))
    noise = np.convolve(noise, 0.9 ** np.arange(60), "same") + 0.3 * noise  # more of it below
    noise *= _rms(sound) * 10 ** (-SNR_DB / 20) / _rms(noise.astype(np.float32))
    return np.asarray(np.clip(sound + noise, -1, 1), np.float32)


def _clipped(sound: Samples, _: np.random.Generator) -> Samples:
    return np.asarray(np.clip(sound * 10 ** (CLIPPED_DB / 20) / np.abs(sound).max(), -1, 1), np.float32)


def _telephone(sound: Samples, _: np.random.Generator) -> Samples:
    spectrum, hz = np.fft.rfft(sound), np.fft.rfftfreq(len(sound), 1 / RATE)
    return np.asarray(
        np.fft.irfft(spectrum * ((hz > TELEPHONE_HZ[0]) & (hz < TELEPHONE_HZ[1])), len(sound)), np.float32
    )


def _mostly_silent(sound: Samples, random: np.random.Generator) -> Samples:
    """A second and a half of speech in eight."""
    hiss = random.normal(0, 10 ** (-62 / 20), 8 * RATE)
    said = _speech(sound, 1.5)
    hiss[2 * RATE : 2 * RATE + len(said)] += said
    return np.asarray(hiss, np.float32)


def _with_another(part: float) -> OfSamples:
    """In the first person's sample the second speaks for this part of it."""

    def changed(voices: Voices, _: np.random.Generator) -> Voices:
        first, second = list(voices)[:2]
        mine, other = voices[first], voices[second]
        return {
            **voices,
            first: np.concatenate([mine[: round((1 - part) * len(mine))], other[: round(part * len(mine))]]),
        }

    return changed


def _the_same_twice(voices: Voices, _: np.random.Generator) -> Voices:
    """The second person's sample is the other half of the first's."""
    first, second = list(voices)[:2]
    half = len(voices[first]) // 2
    return {**voices, first: voices[first][:half], second: voices[first][half:]}


def _swapped_away(voices: Voices, random: np.random.Generator) -> Voices:
    """The first person's sample is of somebody who is not there: the same, spoken lower and slower."""
    first = next(iter(voices))
    sound = voices[first]
    at = np.arange(0, len(sound) - 1, float(random.choice([0.72, 1.38])))
    return {**voices, first: np.interp(at, np.arange(len(sound)), sound).astype(np.float32)}


def _echoing(sound: Samples, random: np.random.Generator) -> Samples:
    tail = random.normal(size=RATE // 2) * np.exp(-np.arange(RATE // 2) / (0.09 * RATE))
    size = 1 << (len(sound) + len(tail)).bit_length()
    wet = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(tail, size), size)[: len(sound)]
    return np.asarray(sound + wet * _rms(sound) / _rms(wet.astype(np.float32)), np.float32)


def _halfway(sound: Samples, random: np.random.Generator) -> Samples:
    """By another microphone from its middle on."""
    half = len(sound) // 2
    return np.concatenate([sound[:half], microphone(random, telephone=False)(sound[half:])])


def _music(sound: Samples, random: np.random.Generator) -> Samples:
    time_s, music = np.arange(len(sound)) / RATE, np.zeros(len(sound))
    for begin in np.arange(0.0, len(sound) / RATE, 0.4):
        here = slice(int(begin * RATE), int((begin + 0.4) * RATE))
        for hz in random.choice(MUSIC_HZ, 3, replace=False):
            for k in range(1, 6):
                tone = np.sin(2 * np.pi * hz * k * time_s[here]) / k
                music[here] += tone * np.exp(-4.0 * (time_s[here] - begin))
    music *= _rms(sound) * 10 ** (MUSIC_DB / 20) / _rms(music.astype(np.float32))
    return np.asarray(np.clip(sound + music, -1, 1), np.float32)


SAMPLES: Mapping[str, OfSamples] = {
    "as they are": lambda voices, _: voices,
    "one second": _each(lambda sound, _: _speech(sound, 1.05)),
    "two seconds": _each(lambda sound, _: _speech(sound, 2.0)),
    "mostly silent": _each(_mostly_silent),
    "a third of another": _with_another(1 / 3),
    "half of another": _with_another(1 / 2),
    "two thirds of another": _with_another(2 / 3),
    "the same twice": _the_same_twice,
    "somebody else's": _swapped_away,
    "clipped": _each(_clipped),
    "noisy": _each(_noisy),
    "echoing": _each(_echoing),
    "telephone": _each(_telephone),
    "35 dB quieter": _each(lambda sound, _: louder(-35.0)(sound)),
}
TALK: Mapping[str, OfTalk] = {
    "talk clipped": _clipped,
    "talk noisy": _noisy,
    "talk by telephone": _telephone,
    "talk 35 dB quieter": lambda sound, _: louder(-35.0)(sound),
    "another microphone halfway": _halfway,
    "music behind": _music,
}


def heard(case: Path, truth: Truth, condition: str, seed: int) -> HeardRecording:
    """The analysis of one recording under this condition. Raises AudioError where a sample is refused."""
    random = np.random.default_rng(seed)
    (sound, voices), path = sounds(case, truth), case / "conversation.flac"
    with tempfile.TemporaryDirectory() as folder:
        if condition in TALK:
            begin, path = int(truth["scored_from"] * RATE), Path(folder) / "conversation.wav"
            sf.write(path, np.concatenate([sound[:begin], TALK[condition](sound[begin:], random)]), RATE, "FLOAT")
        else:
            voices = dict(SAMPLES[condition](voices, random))
        for number, sample in enumerate(voices.values()):
            sf.write(Path(folder) / f"{number}.wav", sample, RATE, "FLOAT")
        return analyze(path, {name: Path(folder) / f"{number}.wav" for number, name in enumerate(voices)})


def lines(case: Path, truth: Truth, wanted: list[str], seed: int) -> Iterator[str]:
    score = rules(case.parent)
    for condition in wanted:
        begin = f"{case.name:22s} {condition:27s}"
        try:
            found = heard(case, truth, condition, seed)
        except AudioError as refused:
            yield f"{begin} refused: {refused}"
            continue
        rows = [row | {"person": row["person"] or "guest"} for row in Analysis.of(found).to_values()["final"]["speech"]]
        result = score.score(truth, rows)
        airtime_ms, true, tiles = compared(list(found.final), truth)
        ranges = intervals(airtime_ms, tiles)
        off = [max(low - true[person], true[person] - high, 0.0) for person, (low, high) in ranges.items()]
        width = 100 * sum(high - low for low, high in ranges.values()) / len(ranges)
        marked = "FALSE" if max(off) > OUTSIDE and not found.troubles else "     "
        yield (
            f"{begin} DER {result['der']:6.1f} conf {result['confusion']:5.1f} share {result['share_mean']:5.1f} | "
            f"outside {sum(o > 0 for o in off)} of {len(off)}, by {100 * max(off):4.1f}, wide {width:5.1f} {marked} "
            + " / ".join(found.troubles)
        )


@click.command(help=__doc__)
@click.argument("folders", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--only", default="", help="Recordings whose names begin so, with commas between.")
@click.option("--conditions", default=",".join([*SAMPLES, *TALK]), help="Which, with commas between.")
@click.option("--seed", default=1, show_default=True)
def main(folders: tuple[Path, ...], only: str, conditions: str, seed: int) -> None:
    wanted = [name.strip() for name in conditions.split(",")]
    if unknown := [name for name in wanted if name not in SAMPLES and name not in TALK]:
        raise click.UsageError(f"There is no condition {unknown[0]!r}; there are {', '.join([*SAMPLES, *TALK])}.")
    total = false = 0
    for folder in folders:
        for case, truth in recordings(folder, only):
            for line in lines(case, truth, wanted, seed):
                click.echo(line)
                total, false = total + 1, false + ("FALSE" in line)
    click.echo(f"\n{false} of {total} are false without a word against it.")


if __name__ == "__main__":
    main()
