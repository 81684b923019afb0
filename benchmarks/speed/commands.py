"""Commands by voice, through all of the program: sound, hearing, words, what they mean at that moment.

    python benchmarks/speed/commands.py [RECORDING...] --model FOLDER [--language ko] [--voice f3] [--only "i am done"]

Every phrase of the language file whose words the model knows is said by voices of espeak-ng (which has to be
installed), at two speeds, in a quiet room or, with `--snr 20`, in noise 20 dB below the speech, while a discussion is
at a moment at which it means something. `heard` are those that became the right command; `delay` is from the last
sound of the phrase until the command is known, and for what hands the floor over until the next name begins to be
said (without the loudspeaker's latency), on the session's clock. `--paced` lets the sound come in real time: then
the computing counts.

In the recordings nobody says a command: all that become one there are false. Each recording is heard twice: while
somebody has the floor, and while the question waits whether to finish. Nobody's voice is known in either. With
`--sentences` the same voices say sentences that have phrases in them, which are not meant.
"""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product
from pathlib import Path

import click
import numpy as np

from benchmarks.accuracy.moments import MOMENTS, Moment, arrived
from benchmarks.accuracy.voices import BEFORE_S, SPEEDS, VOICES, Sound, in_a_room, spoken
from facilitator.backends.audio.recording import Recording
from facilitator.backends.models.silero_activity import best_detector
from facilitator.backends.models.vosk_model import speech_model
from facilitator.backends.models.vosk_words import VoskWords
from facilitator.backends.voice.silent_voice import SilentVoice
from facilitator.core import events as e
from facilitator.core.events import COMMANDS
from facilitator.core.language.grammar import Meaning, vocabulary
from facilitator.core.language.wording import parse_language
from facilitator.hearing.diarization.listener import Listener
from facilitator.hearing.signal.audio import RATE, Samples
from facilitator.hearing.words.transcript import spelled
from facilitator.hearing.words.word_listener import WordsHeard
from facilitator.models import catalogue
from facilitator.resources.prompts import default_prompts
from facilitator.session import Session

SENTENCES = (
    "i am done with the dishes and then i go to the market",
    "when i am finished with this we can eat",
    "yes that was my idea and i said no to the other one",
    "we have three cats and a dog and five chickens",
    "the facilitator at work always wants more time for everything",
    "i pass the school every morning on my way to work",
    "on monday we agree on the budget and on friday we forget it",
    "ben and carla said that emma takes the money by sunday",
    "she was quiet and then she began to speak about the break",
    "next week we open the round at ten",
    "no i do not think that this is right",
    "one of you said that we need a pause",
)
"""Phrases in them, none of them meant."""


# --- (a) what is said is heard ---------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Trial:
    moment: Moment
    phrase: str
    meaning: Meaning


@dataclass
class Score:
    said: int = 0
    heard: int = 0
    missed: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    delays_ms: list[int] = field(default_factory=list)
    names_ms: list[int] = field(default_factory=list)


def trials(model: Path, language: Mapping[str, object], only: Sequence[str]) -> Iterator[Trial]:
    """Each phrase once, at the first moment at which it means something."""
    pieces, seen = speech_model(model).pieces, set()
    for moment in MOMENTS:
        for phrase, meaning in arrived(moment, language).meanings.items():
            known = None not in map(pieces, spelled(phrase))
            if known and phrase not in seen and (not only or phrase in only):
                seen.add(phrase)
                yield Trial(moment=moment, phrase=phrase, meaning=meaning)


def heard(
    moment: Moment, samples: Samples, model: Path, language: Mapping[str, object], paced: bool, ear: bool
) -> tuple[Sound, int]:
    """What the program makes of this, from that moment on; and when the sound began."""
    discussion = arrived(moment, language)
    start_ms = discussion.snapshot().at_ms
    sound = Sound(samples, paced=paced)
    words = WordsHeard(VoskWords(model), late=paced)
    session = Session(
        discussion=discussion,
        voice=SilentVoice(at_once=True),
        source=sound,
        ear=Listener(best_detector(), []) if ear else None,
        words=words,
        keys=[],
        screen=sound,
        sinks=[],
        start_ms=start_ms,
        fast=not paced,
    )
    session.run(resumed=e.Tick(at_ms=start_ms))
    words.close()
    return sound, start_ms


def say(
    trial: Trial,
    samples: Samples,
    words_s: float,
    model: Path,
    language: Mapping[str, object],
    paced: bool,
    ear: bool,
    score: Score,
) -> None:
    sound, start_ms = heard(trial.moment, samples, model, language, paced, ear)
    end_ms = start_ms + round(1000 * (BEFORE_S + words_s))
    understood = [record for record in sound.told if isinstance(record, e.Understood)]
    score.said += 1
    right = [
        u
        for u in understood
        if (u.command, u.value) == (trial.meaning.command, trial.meaning.value)
        or u.command == trial.meaning.command == "note"
    ]
    if len(understood) > len(right[:1]):
        score.wrong[trial.phrase] += 1
    if not right:
        score.missed[trial.phrase] += 1
        return
    score.heard += 1
    score.delays_ms.append(right[0].at_ms - end_ms)
    says = [r for r in sound.told if isinstance(r, e.Say) and r.prompt_kind == "floor.granted" and r.at_ms >= end_ms]
    if trial.meaning.command == "next" and trial.moment.name == "turn" and says:
        score.names_ms.append(says[0].at_ms - end_ms)


def hear_sentences(model: Path, language: Mapping[str, object], voices: Sequence[str], paced: bool, ear: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        said = [spoken(v, speed, text, Path(folder)) for v in voices for speed in SPEEDS for text in SENTENCES]
    for moment in MOMENTS:
        if moment.name not in ("turn", "finish?", "when?"):
            continue
        commands: Counter[str] = Counter()
        for number, words in enumerate(said):
            sound, _ = heard(moment, in_a_room(words, None, number), model, language, paced, ear)
            told = [record for record in sound.told if isinstance(record, e.PhraseHeard | e.Understood)]
            for before, record in pairwise(told):
                if isinstance(record, e.Understood) and isinstance(before, e.PhraseHeard):
                    commands[f"{before.phrase!r} of {SENTENCES[number % len(SENTENCES)]!r}"] += 1
        click.echo(f"{moment.name}: {sum(commands.values())} commands in {len(said)} sentences")
        for what, count in commands.most_common():
            click.echo(f"   {count} {what}")


def spread(ms: Sequence[int]) -> str:
    if not ms:
        return "-"
    return f"{np.percentile(ms, 50) / 1000:.2f} s (95 of 100 within {np.percentile(ms, 95) / 1000:.2f} s)"


def hear_voices(
    model: Path,
    language: Mapping[str, object],
    voices: Sequence[str],
    only: Sequence[str],
    snr_db: float | None,
    paced: bool,
    ear: bool,
) -> None:
    if shutil.which("espeak-ng") is None:
        raise click.UsageError("espeak-ng says the commands, and is not installed: apt-get install -y espeak-ng")
    wanted = list(trials(model, language, only))
    click.echo(f"{len(wanted)} phrases, {len(voices)} voices, {len(SPEEDS)} speeds")
    score = Score()
    by_voice: dict[str, Score] = {voice: Score() for voice in voices}
    with tempfile.TemporaryDirectory() as folder:
        for (number, trial), voice, speed in product(enumerate(wanted), voices, SPEEDS):
            words = spoken(voice, speed, trial.phrase, Path(folder), str(language["code"]))
            before = score.heard
            say(trial, in_a_room(words, snr_db, number), len(words) / RATE, model, language, paced, ear, score)
            by_voice[voice].said += 1
            by_voice[voice].heard += score.heard - before
    click.echo(
        f"{score.heard} of {score.said} heard ({100 * score.heard / max(1, score.said):.1f} %), "
        f"{sum(score.wrong.values())} with a wrong command; delay {spread(score.delays_ms)}, "
        f"to the next name {spread(score.names_ms)}"
    )
    click.echo("   missed: " + (", ".join(f"{p} {n}" for p, n in score.missed.most_common()) or "none"))
    click.echo("   wrong: " + (", ".join(f"{p} {n}" for p, n in score.wrong.most_common()) or "none"))
    click.echo("   by voice: " + ", ".join(f"{v} {100 * s.heard / max(1, s.said):.1f} %" for v, s in by_voice.items()))


# --- (b) what nobody says is not heard ---------------------------------------------------------------


class Overheard:
    """The words of one moment, which stays as it is whatever is heard."""

    def __init__(self, moment: Moment, model: Path, language: Mapping[str, object]) -> None:
        self.moment, self._language = moment, language
        self.words = WordsHeard(VoskWords(model), late=False)
        self.words.listen_for(arrived(moment, language).phrases)
        self.phrases: Counter[str] = Counter()
        self.commands: Counter[str] = Counter()

    def poll(self, now_ms: int) -> None:
        for fact in self.words.poll(now_ms):
            assert isinstance(fact, e.PhraseHeard)
            self.phrases[fact.phrase + ("" if fact.alone else " *")] += 1
            discussion = arrived(self.moment, self._language)
            later_ms = discussion.snapshot().at_ms + 10_000 - fact.start_ms
            times = {name: getattr(fact, name) + later_ms for name in ("at_ms", "start_ms", "end_ms")}
            outcomes = discussion.receive(dataclasses.replace(fact, **times))
            if any(isinstance(outcome, e.Understood) for outcome in outcomes):
                self.commands[fact.phrase] += 1


def overhear(model: Path, language: Mapping[str, object], recordings: Sequence[Path]) -> None:
    moments = [moment for moment in MOMENTS if moment.name in ("turn", "finish?")]
    all_s = 0.0
    phrases: dict[str, Counter[str]] = {moment.name: Counter() for moment in moments}
    commands: dict[str, Counter[str]] = {moment.name: Counter() for moment in moments}
    for path in recordings:
        listener = Listener(best_detector(), [])
        heard = [Overheard(moment, model, language) for moment in moments]
        recording = Recording(path, real_time=False)
        while (block := recording.read(0)) is not None:
            for one in heard:
                one.words.hear(block)
            for fact in listener.hear(block):
                for one in heard:
                    one.words.notice(fact)
            for one in heard:
                one.poll(block.end_ms)
            all_s += len(block.samples) / RATE
        recording.close()
        for one in heard:
            one.words.close()
            phrases[one.moment.name] += one.phrases
            commands[one.moment.name] += one.commands
    for moment in moments:
        count = sum(commands[moment.name].values())
        click.echo(
            f"{moment.name}: {count} false commands in {all_s / 60:.0f} minutes, {count * 3600 / all_s:.1f} an hour "
            f"({', '.join(f'{p} {n}' for p, n in commands[moment.name].most_common()) or 'none'})"
        )
        told = ", ".join(f"{p} {n}" for p, n in phrases[moment.name].most_common()) or "none"
        click.echo(f"   phrases heard, * with others words: {told}")


@click.command(help=__doc__)
@click.argument("recordings", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--model", type=click.Path(file_okay=False, path_type=Path), help="[default: the installed one]")
@click.option("--language", "code", default="en", show_default=True, help="That of the model.")
@click.option("--voice", "voices", multiple=True, type=click.Choice(list(VOICES)), help="[default: all]")
@click.option("--only", multiple=True, help="Only this phrase.")
@click.option("--commands", "led", is_flag=True, help="Only what leads: commands and the floor's own, no answers.")
@click.option("--snr", type=float, help="Noise lies so many dB below the speech.  [default: hardly any noise]")
@click.option("--sentences", is_flag=True, help="Sentences with phrases in them, which are not meant.")
@click.option("--paced", is_flag=True, help="In real time.")
@click.option("--ear/--no-ear", default=True, help="With the program's own ear for when speech stops, or without.")
def main(
    recordings: tuple[Path, ...],
    model: Path | None,
    code: str,
    voices: tuple[str, ...],
    only: tuple[str, ...],
    led: bool,
    snr: float | None,
    sentences: bool,
    paced: bool,
    ear: bool,
) -> None:
    model = model or catalogue.find_words(code)
    if model is None:
        raise click.UsageError("There is no model; name its folder with --model, or `facilitator models install` it.")
    language = default_prompts().language(code)
    if led:
        only = tuple(vocabulary(parse_language(language).spoken, wake="", commands=COMMANDS, choices=(), own=True))
    if recordings:
        overhear(model, language, recordings)
    elif sentences:
        hear_sentences(model, language, voices or tuple(VOICES), paced, ear)
    else:
        hear_voices(model, language, voices or tuple(VOICES), only, snr, paced, ear)


if __name__ == "__main__":
    main()
