"""Opens backends. Each engine is imported only when it is asked for: most runs need few of them, and where one cannot
be loaded the others still work. The type checker holds each to its port."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from facilitator.core.events import WORDS_A_MINUTE
from facilitator.errors import FacilitatorError
from facilitator.hearing.interfaces import FrameEncoder, Segmentation, VoiceEncoder, WordSource
from facilitator.ports import Voice

if TYPE_CHECKING:
    from facilitator.backends.voice.spoken_voice import Synthesiser

Speech = Literal["voice", "chime", "silent"]
T = TypeVar("T")
_log = logging.getLogger(__name__)


def open_voice(
    speech: Speech,
    language: str,
    device: str | int | None = None,
    words_a_minute: int = WORDS_A_MINUTE,
    voice_model: str | None = None,
) -> Voice:
    """The voice that was asked for, or the next best that works here, which then says why (`Trouble`).
    `voice_model`: of Piper's, a file or the package that it is in."""
    from facilitator.backends.voice.silent_voice import PairedVoice, SilentVoice
    from facilitator.backends.voice.voice_files import remove_abandoned

    remove_abandoned()  # what a run that was killed may have left: names were spoken
    if speech == "silent":
        return SilentVoice()
    from facilitator.backends.audio.loudspeaker import Loudspeaker
    from facilitator.backends.voice.chimes import CHIME_RATE, chime
    from facilitator.backends.voice.spoken_voice import SpokenVoice

    try:
        loudspeaker = Loudspeaker(device)
    except FacilitatorError as problem:
        return SilentVoice(f"What I say is on the screen only. {problem.message}")
    synthesisers, problems = _synthesisers(language, words_a_minute, voice_model) if speech == "voice" else ([], [])
    piper = bool(synthesisers) and synthesisers[0].name == "piper"  # the one that takes long
    spoken = SpokenVoice(loudspeaker, synthesisers, chime, CHIME_RATE, language=language, by_sentence=piper)
    if synthesisers and problems and voice_model is not None and not piper:
        spoken.tell(f"I speak with another voice. {problems[0]}")
    if synthesisers:
        return spoken
    trouble = f"I chime, and what I say is on the screen. {problems[0]}" if problems else None
    return PairedVoice(prompts=SilentVoice(trouble), chimes=spoken)


def _synthesisers(language: str, words_a_minute: int, voice_model: str | None) -> tuple[list[Synthesiser], list[str]]:
    """Those that work here for this language, best first, and what was wrong with the others."""
    from facilitator.backends.voice.espeak_voice import EspeakVoice
    from facilitator.backends.voice.piper_voice import PiperVoice
    from facilitator.backends.voice.pyttsx3_voice import Pyttsx3Voice

    language = regional(language)
    found: list[Synthesiser] = []
    problems = []
    engines: dict[str, Callable[[str, int], Synthesiser]] = {"pyttsx3": Pyttsx3Voice, "espeak-ng": EspeakVoice}
    if voice_model is not None:
        engines = {"piper": partial(PiperVoice, voice_model), **engines}
    for name, engine in engines.items():
        try:
            found.append(_opened(name, partial(engine, language, words_a_minute)))
        except FacilitatorError as problem:
            problems.append(problem.message)
    return found, problems


def check_voice_model(named: str) -> None:
    """Raises VoiceError where Piper is not here, or no voice of this name."""
    from facilitator.backends.voice.piper_voice import program, voice_model

    voice_model(named)
    program()


def regional(language: str) -> str:
    """A language with the region that its bundled texts are written for, by CLDR's likely subtags: "fr" is fr-FR, "pt"
    pt-BR, "en" en-US. One that names its region, and one that CLDR does not know, stays as it is."""
    from babel.core import get_global

    likely = str(get_global("likely_subtags").get(language, "")).split("_")
    return f"{language}-{likely[-1]}" if len(likely) == 3 else language


def open_direction() -> VoiceEncoder:
    from facilitator.hearing.speaker.direction import Direction

    return Direction()


def open_voice_encoder(folder: Path) -> VoiceEncoder:
    """Raises ModelError where the model in `folder` cannot be used."""
    from facilitator.backends.models.campplus_encoder import CampplusEncoder

    return _opened(CampplusEncoder.__name__, lambda: CampplusEncoder(folder))


def open_frame_encoder(folder: Path, maker: str = "") -> FrameEncoder:
    """Raises ModelError where the model in `folder` cannot be used."""
    from facilitator.backends.models.campplus_encoder import CampplusFrames

    return CampplusFrames(folder, maker)


def open_vosk_voiceprint(folder: Path, speech_folder: Path) -> VoiceEncoder:
    """Raises ModelError where one of the models cannot be used."""
    from facilitator.backends.models.vosk_voiceprint import VoskVoiceprint

    return _opened(VoskVoiceprint.__name__, lambda: VoskVoiceprint(folder, speech_folder))


def open_segmentation(folder: Path, apart_steps: int | None = None) -> Segmentation:
    """`apart_steps`: from one window to the next, where the usual is too much work. Raises ModelError where the model
    in `folder` cannot be used."""
    from facilitator.backends.models.onnx_segmentation import APART_STEPS, OnnxSegmentation

    return _opened(OnnxSegmentation.__name__, lambda: OnnxSegmentation(folder, apart_steps or APART_STEPS))


def open_words(folder: Path) -> WordSource:
    """Raises ModelError where the model in `folder` cannot be used."""
    from facilitator.backends.models.vosk_words import VoskWords

    return _opened(VoskWords.__name__, lambda: VoskWords(folder))


def cannot_load(name: str, folder: Path, language: str | None) -> str | None:
    """What its engine says against the model of this name in `folder` (`language`: whose words it knows, if any). None:
    it loads, or nothing but its bytes can be looked at. That all its files are there, and as they were published, does
    not prove that it works."""
    from facilitator.backends.models.vosk_model import speech_model, voice_model

    load = voice_model if name == "vosk-voiceprint" else speech_model if language is not None else None
    try:
        if load is not None:
            load(folder)
    except FacilitatorError as problem:
        return problem.message
    return None


def word_spelling(folder: Path, phrases: Iterable[str]) -> tuple[set[str], dict[str, tuple[str, ...]]]:
    """The words of these phrases that the model in `folder` lacks, and those that it knows only in pieces. Raises
    ModelError."""
    from facilitator.backends.models.vosk_model import speech_model
    from facilitator.hearing.words.transcript import spelled

    model = speech_model(folder)
    words = {word for phrase in phrases for word in spelled(phrase)}
    found = {word: model.pieces(word) for word in words}
    lacking = {word for word, pieces in found.items() if pieces is None}
    return lacking, {word: pieces for word, pieces in found.items() if pieces is not None and len(pieces) > 1}


def word_model_layouts() -> tuple[tuple[str, ...], ...]:
    """For each way in which models of words are laid out, files by which it is known."""
    from facilitator.backends.models.vosk_model import LAYOUTS

    return tuple(layout.speech for layout in LAYOUTS)


def convert_model(how: str, folder: Path) -> None:
    """Makes, in `folder`, the files that a backend uses of those that were published, which go. `how` names the file of
    `backends/models` that knows the way; it stands in the list of models. Raises ModelError."""
    import_module(f"facilitator.backends.models.{how}").convert(folder)


def _opened(name: str, make: Callable[[], T]) -> T:
    """Logs what is opened, how long that takes, and that it fails."""
    began_s = time.monotonic()
    try:
        made = make()
    except Exception:
        _log.warning("%s cannot be used", name, exc_info=True)
        raise
    _log.info("%s opened in %.2f s", name, time.monotonic() - began_s)
    return made
