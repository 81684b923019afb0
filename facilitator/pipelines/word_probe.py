"""Trying out how commands are heard with a model of words, when it is installed: whether silence, noise and other talk
give phrases that nobody said, and whether a sentence is understood that is one.

That a model has a word for the unknown proves nothing, as some hardly ever use it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np

from facilitator.backends.audio.recording import load_voice
from facilitator.backends.models.vosk_listening import Listening, keep, kept
from facilitator.backends.models.vosk_model import speech_model
from facilitator.backends.models.vosk_words import VoskWords
from facilitator.hearing.signal.audio import RATE, Block, Samples
from facilitator.hearing.words.transcript import spelled

QUIET_S, NOISE_S, TALK_S, BABBLE_S = 4, 8, 40, 12
PATIENCE_S = 120.0
_BLOCK = RATE // 5


def try_out(folder: Path, language: str, phrases: Sequence[str], sentence: str) -> Listening:
    """Finds the way of listening that suits the model in this folder, and keeps it there. `sentence`: the phrase that
    is said in the bundled recording of this language. Raises ModelError."""
    others, said = other_sounds(), bundled_sentence(language)
    tried: list[Listening] = []
    false: dict[str, int] = {}
    understood: dict[str, bool] = {}
    for listening in speech_model(folder).ways():
        false[listening.way] = len(heard(folder, phrases, others, listening))
        if said is not None:
            understood[listening.way] = spelled(sentence) in heard(folder, phrases, said, listening)
        tried.append(listening)
        if not false[listening.way] and understood.get(listening.way, True):
            break
    best = min(tried, key=lambda one: (false[one.way], not understood.get(one.way, True)))
    chosen = replace(best, false=false, understood=understood)
    keep(folder, chosen)
    return chosen


def understands(folder: Path, language: str, phrases: Sequence[str], sentence: str) -> bool | None:
    """Whether the model in this folder understands the bundled sentence now; None where there is none in its language.
    Raises ModelError."""
    said = bundled_sentence(language)
    return None if said is None else spelled(sentence) in heard(folder, phrases, said, kept(folder))


def heard(folder: Path, phrases: Sequence[str], samples: Samples, listening: Listening | None) -> list[tuple[str, ...]]:
    """The phrases that are heard in these samples."""
    words = VoskWords(folder, listening)
    try:
        words.listen_for(phrases)
        found = []
        for at in range(0, len(samples), _BLOCK):
            words.hear(Block(first_sample=at, samples=samples[at : at + _BLOCK, None]))
            words.catch_up(PATIENCE_S)
            found += words.poll()
        words.finish_utterance()
        words.catch_up(PATIENCE_S)
        return [tuple(one.text.split()) for one in (*found, *words.poll())]
    finally:
        words.close()


def bundled_sentence(language: str) -> Samples | None:
    """The bundled recording of a command in this language, in a synthetic voice."""
    place = files("facilitator.pipelines") / "sentences" / f"{language}.flac"
    if not place.is_file():
        return None
    with as_file(place) as path:
        return np.asarray(load_voice(path).mean(axis=1), np.float32)


def other_sounds() -> Samples:
    """Quiet, noise, one voice after the other, and all at once; nobody says a command."""
    random = np.random.default_rng(1)
    voices = []
    clips = [one for one in files("facilitator.demo").iterdir() if one.name.endswith(".ogg")]
    for clip in sorted(clips, key=lambda one: one.name.partition("-")[::-1]):  # by turns
        with as_file(clip) as path:
            voices.append(load_voice(path).mean(axis=1))
    talk = np.concatenate(voices)
    size = BABBLE_S * RATE
    babble = sum(np.roll(talk, shift)[:size] for shift in range(0, len(talk), len(talk) // 5)) / 3
    noise = random.normal(0, 0.05, NOISE_S * RATE)
    row = np.concatenate([np.zeros(QUIET_S * RATE), noise, talk[: TALK_S * RATE], babble, np.zeros(RATE)])
    return np.asarray((row + random.normal(0, 3e-4, len(row))).clip(-1, 1), np.float32)
