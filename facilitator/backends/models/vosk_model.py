"""Vosk's models: looked at before Vosk does, and loaded once for all who use them."""

from __future__ import annotations

import json
import math
import os
import platform
import sys
import threading
import unicodedata
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar
from weakref import WeakValueDictionary

from facilitator.backends.models.vosk_listening import Listening, kept
from facilitator.backends.models.vosk_vocabulary import by_frequency, garbage
from facilitator.errors import ModelError
from facilitator.hearing.signal.audio import RATE, Samples
from facilitator.hearing.values import Phrase
from facilitator.hearing.words.transcript import UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelLayout:
    """Where a speech model keeps its files, as Vosk looks for them."""

    speech: tuple[str, ...]
    static_graph: str
    """One graph of everything: nothing can be restricted in it."""
    graph: tuple[str, ...]

    def needed(self, folder: Path) -> tuple[str, ...]:
        return self.speech if (folder / self.static_graph).is_file() else (*self.speech, *self.graph)


LAYOUTS = (
    ModelLayout(
        speech=("am/final.mdl", "conf/mfcc.conf"),
        static_graph="graph/HCLG.fst",
        graph=("graph/HCLr.fst", "graph/Gr.fst"),
    ),
    # Of older models, such as the published one of Portuguese: everything lies at the top.
    ModelLayout(speech=("final.mdl", "mfcc.conf"), static_graph="HCLG.fst", graph=("HCLr.fst", "Gr.fst")),
)
RIVALS = 300
"""So many frequent words stand for whatever else may have been said."""
STRICTNESS = 400_000
"""How often a word that nobody says is put into a grammar of phrases. Vosk makes a model of pairs of words of a
grammar, in which a phrase may go on as any other one; the rarer each word is there, the less it does."""
_SYLLABLES = ("HANGUL SYLLABLE", "HIRAGANA LETTER", "KATAKANA LETTER", "CJK UNIFIED")
VOICE_FILES = ("final.ext.raw", "mean.vec", "mfcc.conf", "transform.mat")

T = TypeVar("T")


class SpeechModel:
    """A speech model. May be used by several threads at once; what it makes may not."""

    def __init__(self, folder: Path) -> None:
        layout = layout_of(folder)
        static = (folder / layout.static_graph).is_file()
        _look_for(layout.needed(folder), folder, "words")
        self._engine = _engine()
        with _quiet_stderr():
            try:
                self._model = self._engine.Model(str(folder))
                self._engine.KaldiRecognizer(self._model, RATE)  # a damaged graph shows only here
            except Exception as problem:  # Vosk raises nothing more special
                raise _damaged(folder) from problem
        self.restrictable = not static
        """Whether what it hears can be restricted to some phrases."""
        self._words_of_graph = folder / layout.graph[-1]
        self.listening = kept(folder) or self.usual()
        if static:
            self.listening = Listening(way="open")

    def usual(self) -> Listening:
        """Of a model that was not tried out. Without a word for everything else, phrases would be heard in anything."""
        return Listening(way="unknown" if self.restrictable and self.knows(UNKNOWN) else "open")

    def ways(self) -> tuple[Listening, ...]:
        """All that this model allows."""
        found = [Listening(way="open")]
        if self.restrictable and (words := by_frequency(self._words_of_graph)):
            short, long = garbage(words, RIVALS)
            found.insert(0, Listening(way="rivals", rivals=short, nobody_says=long))
        if self.restrictable and self.knows(UNKNOWN):
            found.insert(0, Listening(way="unknown"))
        return tuple(found)

    def knows(self, word: str) -> bool:
        return bool(self._model.vosk_model_find_word(word) >= 0)

    def pieces(self, word: str) -> Phrase | None:
        """The word as the model knows it: as a whole, or, where each letter is a syllable, in as few pieces as there
        can be, and of these ways the one whose shortest piece is longest. None where it cannot be heard."""
        if self.knows(word):
            return (word,)
        if not all(map(is_syllable, word)):
            return None
        best: list[Phrase | None] = [(), *[None] * len(word)]
        for end in range(1, len(word) + 1):
            ways = [(*before, word[at:end]) for at in range(end) if (before := best[at]) is not None]
            known = [way for way in ways if self.knows(way[-1])]
            best[end] = min(known, key=lambda way: (len(way), -min(map(len, way))), default=None)
        return best[-1]

    def recogniser(self, phrases: AbstractSet[Phrase] | None = None, listening: Listening | None = None) -> Any:
        """Of everything, or of these phrases and nothing else: all their words are known, and the way of listening is
        not `open`."""
        if phrases is None:
            return self._engine.KaldiRecognizer(self._model, RATE)
        listening = listening or self.listening
        rows = sorted(" ".join(phrase) for phrase in phrases)
        if listening.way == "unknown":
            return self._of([*rows, UNKNOWN])
        return self._of(_strict(rows, listening) if rows else list(listening.rivals))

    def lead(self, phrase: Phrase, listening: Listening, samples: Samples) -> float:
        """By how much it is likelier that this phrase was said in these samples than the best row of rivals: the
        logarithm of that, for each second. Minus infinity where the phrase cannot be made to fit."""
        wanted = " ".join(phrase)
        text, said = self._best(_strict([wanted], listening), samples)
        other = self._best(list(listening.rivals), samples)[1]
        return (said - other) * RATE / max(1, len(samples)) if text == wanted else -math.inf

    def _best(self, grammar: list[str], samples: Samples) -> tuple[str, float]:
        """What was said, if it was of this grammar, and how likely that is."""
        recogniser = self._of(grammar)
        recogniser.SetMaxAlternatives(1)
        data = sound(samples)
        results = [recogniser.Result()] if recogniser.AcceptWaveform(data) else []
        best = [json.loads(result)["alternatives"][0] for result in (*results, recogniser.FinalResult())]
        return " ".join(row["text"] for row in best if row["text"]), sum(
            row["confidence"] for row in best if row["text"]
        )

    def _of(self, grammar: list[str]) -> Any:
        # Given at once: a grammar set after the first sound can end the whole process.
        return self._engine.KaldiRecognizer(self._model, RATE, json.dumps(grammar, ensure_ascii=False))


class VoiceModel:
    """A model of voices: `vosk` is what a recogniser's `SetSpkModel` takes."""

    def __init__(self, folder: Path) -> None:
        _look_for(VOICE_FILES, folder, "voices")
        engine = _engine()
        with _quiet_stderr():
            try:
                self.vosk = engine.SpkModel(str(folder))
            except Exception as problem:
                raise _damaged(folder) from problem


class _Shelf(Generic[T]):
    """Models in use, by their folders; those that nobody uses any more are let go."""

    def __init__(self, load: Callable[[Path], T]) -> None:
        self._load = load
        self._loaded: WeakValueDictionary[Path, T] = WeakValueDictionary()
        self._lock = threading.Lock()

    def __call__(self, folder: Path) -> T:
        with self._lock:
            model = self._loaded.get(folder.resolve())
            if model is None:
                self._loaded[folder.resolve()] = model = self._load(folder)
            return model


speech_model = _Shelf(SpeechModel)
"""The speech model in this folder. Raises ModelError."""
voice_model = _Shelf(VoiceModel)
"""The model of voices in this folder. Raises ModelError."""


def layout_of(folder: Path) -> ModelLayout:
    """The layout of the speech model there; the usual one where there is none."""
    found = (layout for layout in LAYOUTS if all((folder / file).is_file() for file in layout.speech))
    return next(found, LAYOUTS[0])


def _strict(rows: list[str], listening: Listening) -> list[str]:
    """A grammar of these rows in which hardly one can go on as another."""
    return [*rows, " ".join([listening.nobody_says] * STRICTNESS)]


def is_syllable(letter: str) -> bool:
    """Whether this letter is spoken as a syllable, wherever it stands: then a word sounds as its pieces do."""
    return unicodedata.name(letter, "").startswith(_SYLLABLES)


def sound(samples: Samples) -> bytes:
    """Samples as `AcceptWaveform` takes them."""
    return (samples.clip(-1.0, 1.0) * 32767.0).astype("<i2").tobytes()


def _look_for(files: tuple[str, ...], folder: Path, what: str) -> None:
    install = {
        "words": "`facilitator models install vosk-words-en` brings the English one",
        "voices": "`facilitator models install vosk-voiceprint` brings one",
    }[what]
    if not folder.is_dir():
        raise ModelError(f"There is no folder {folder} with a Vosk model of {what}; {install}.")
    missing = next((file for file in files if not (folder / file).is_file()), None)
    if missing is not None:
        raise ModelError(f"{folder} is not a Vosk model of {what}, as {missing} is not in it; {install}.")


def _damaged(folder: Path) -> ModelError:
    return ModelError(f"Vosk cannot read the model in {folder}; remove that folder and install the model again.")


_NO_VOSK = (
    "Vosk is not published for this Python on Windows on ARM; with the x64 Python it runs there, too."
    if sys.platform == "win32" and platform.machine() == "ARM64"
    else "Vosk is not installed; `pip install vosk` brings it."
)


def _engine() -> Any:
    try:
        import vosk  # noqa: PLC0415 - takes a moment, and is missing on some computers
    except (ImportError, OSError) as problem:
        raise ModelError(_NO_VOSK) from problem
    vosk.SetLogLevel(-1)
    return vosk


@contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Vosk's C++ writes there whatever the log level is, and past Python's own `sys.stderr`."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
