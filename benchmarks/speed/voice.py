"""Does the voice speak as it should? Its pace, its loudness, and how long it takes to begin.

    python benchmarks/speed/voice.py pace [--prompts 40] [--rates 80,110,160] [--languages en,de]
    python benchmarks/speed/voice.py loudness [--prompts 40]
    python benchmarks/speed/voice.py latency [--prompts 25] [--languages en] [--voice-model en_US-joe-medium.onnx]

What is spoken are the sentences of the languages' own prompts that have no names in them, by pyttsx3, as in a session,
or with `--voice-model` by Piper, which has to be found as a program.

`pace`: a prompt is `right` where it is as long, within 5 %, as the program espeak-ng makes it at the same pace, in a
process of its own that has nothing to forget. `asked` is words a minute over all prompts, without the silence around
them, against what was asked for.

`loudness`: integrated loudness by ITU-R BS.1770, in LUFS, as pyloudnorm measures it (`pip install pyloudnorm`).

`latency`: seconds from asking for a prompt to its first sample in what a virtual sound card was given (PulseAudio), for
prompts that were prepared and for new ones. What capturing adds, some 20 ms, is in it.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import click
import numpy as np

from facilitator.backends import open_voice, regional
from facilitator.backends.voice.espeak_voice import EspeakVoice
from facilitator.backends.voice.pyttsx3_voice import Pyttsx3Voice
from facilitator.backends.voice.spoken_voice import tidied
from facilitator.core.events import PromptEnded
from facilitator.core.language.wording import Language, parse_language
from facilitator.resources.prompts import default_prompts
from tests.support.virtual_audio import VirtualAudio

F = TypeVar("F", bound=Callable[..., Any])
CODES = "de,en,es,fr,it,ko,nl,pl,pt"
FEWEST_WORDS = 6
RIGHT = 0.05
HEARD = 0.02


def language(code: str) -> Language:
    return parse_language(default_prompts().language(code))


def sentences(code: str, count: int) -> list[str]:
    """As they are said, without those that need to be filled in: spread over all there are."""
    phrases = language(code).phrases.values()
    texts = [text for variants in phrases for text in variants if "{" not in text]
    whole = [text for text in dict.fromkeys(texts) if len(text.split()) >= FEWEST_WORDS]
    return [whole[round(at)] for at in np.linspace(0, len(whole) - 1, min(count, len(whole)))]


def prompts(count: int) -> Callable[[F], F]:
    return click.option("--prompts", "count", default=count, show_default=True, help="Of each language.")


codes_option = click.option("--languages", "codes", default=CODES, show_default=True)


@click.group()
def main() -> None:
    """Measures the voice."""


@main.command()
@prompts(40)
@click.option("--rates", default="80,110,160", show_default=True)
@codes_option
def pace(count: int, rates: str, codes: str) -> None:
    """Whether every prompt has the pace it should have, and what that comes to in words a minute."""
    all_right = spoken = 0
    click.echo(f"{'':5}{'a minute':>9}{'right':>12}{'asked':>9}")
    for code in codes.split(","):
        for rate in map(int, rates.split(",")):
            right, words, seconds = 0, 0, 0.0
            texts = sentences(code, count)
            voice, alone = Pyttsx3Voice(regional(code), rate), EspeakVoice(regional(code), rate)
            try:
                for text in texts:
                    length_s, should_s = (len(s) / r for s, r in (tidied(*one.speak(text)) for one in (voice, alone)))
                    right += abs(length_s / should_s - 1) <= RIGHT
                    words, seconds = words + len(text.split()), seconds + length_s
            finally:
                voice.close()
                alone.close()
            all_right, spoken = all_right + right, spoken + len(texts)
            told = f"{right} of {len(texts)}"
            click.echo(f"{code:5}{rate:9}{told:>12}{100 * (60 * words / seconds / rate - 1):+8.1f}%")
    click.echo(f"right: {all_right} of {spoken}")


@main.command()
@prompts(40)
@codes_option
def loudness(count: int, codes: str) -> None:
    """How loud the prompts of each language are."""
    from pyloudnorm import Meter  # noqa: PLC0415 - only this needs it

    means = []
    click.echo(f"{'':5}{'mean':>8}{'softest':>9}{'loudest':>9}")
    for code in codes.split(","):
        voice, found = EspeakVoice(regional(code), language(code).words_a_minute), []
        for text in sentences(code, count):
            samples, rate = tidied(*voice.speak(text))
            found.append(float(Meter(rate).integrated_loudness(samples.astype(np.float64))))
        voice.close()
        means.append(statistics.mean(found))
        click.echo(f"{code:5}{means[-1]:8.2f}{min(found):9.2f}{max(found):9.2f}")
    click.echo(f"languages differ by {max(means) - min(means):.2f} dB at most")


@main.command()
@prompts(25)
@click.option("--languages", "codes", default="en", show_default=True)
@click.option("--voice-model", help="Of Piper's, as `facilitator start` takes it.  [default: pyttsx3 speaks]")
def latency(count: int, codes: str, voice_model: str | None) -> None:
    """How long it takes until the first sound."""
    room = VirtualAudio()
    room.start()
    try:
        with room.enter():
            click.echo(f"{'':5}{'':10}{'median':>8}{'95 %':>8}{'most':>8}")
            for code in codes.split(","):
                for prepared in (True, False):
                    took = sorted(waits(room, code, count, prepared=prepared, model=voice_model))
                    high = took[min(len(took) - 1, round(0.95 * len(took)))]
                    named = "prepared" if prepared else "new"
                    click.echo(f"{code:5}{named:10}{statistics.median(took):7.3f}s{high:7.3f}s{took[-1]:7.3f}s")
    finally:
        room.stop()


def waits(room: VirtualAudio, code: str, count: int, *, prepared: bool, model: str | None) -> Iterator[float]:
    voice = open_voice("voice", code, words_a_minute=language(code).words_a_minute, voice_model=model)
    try:
        for number, text in enumerate(sentences(code, count), start=1):
            if prepared:
                voice.prepare(text)
            time.sleep(1.0)  # a talk goes on meanwhile
            with room.capture() as heard:
                before = heard.samples().size
                began = time.monotonic()
                voice.say(number, text, round(began * 1000))
                while not (np.abs(heard.samples()[before:]) > HEARD).any():
                    time.sleep(0.002)
                yield time.monotonic() - began
            voice.hush()
            while not any(isinstance(fact, PromptEnded) for fact in voice.poll(round(time.monotonic() * 1000))):
                time.sleep(0.01)
    finally:
        voice.close()


if __name__ == "__main__":
    main()
