"""Loads backends by name; each engine is imported only when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, cast

from facilitator.errors import FacilitatorError
from facilitator.ports import WORDS_A_MINUTE

if TYPE_CHECKING:
    from pathlib import Path

    from facilitator.hearing.interfaces import FrameEncoder, Segmentation, VoiceEncoder, WordSource
    from facilitator.ports import Voice

Speech = Literal["voice", "chime", "silent"]
SYNTHESISERS = (("voice.pyttsx3_voice", "Pyttsx3Voice"), ("voice.espeak_voice", "EspeakVoice"))


def open_voice(
    speech: Speech, language: str, device: str | int | None = None, words_a_minute: int = WORDS_A_MINUTE
) -> Voice:
    """The voice that was asked for, or the next best that works here, which then says why (`Trouble`)."""
    silent = _backend("voice.silent_voice").SilentVoice
    if speech == "silent":
        return cast("Voice", silent())
    chimes = _backend("voice.chimes")
    try:
        loudspeaker = _backend("audio.loudspeaker").Loudspeaker(device)
    except FacilitatorError as problem:
        return cast("Voice", silent(f"What I say is on the screen only. {problem.message}"))
    synthesisers, problems = _synthesisers(language, words_a_minute) if speech == "voice" else ([], [])
    spoken: Voice = _backend("voice.spoken_voice").SpokenVoice(
        loudspeaker, synthesisers, chimes.chime, chimes.CHIME_RATE
    )
    if synthesisers:
        return spoken
    trouble = f"I chime, and what I say is on the screen. {problems[0]}" if problems else None
    return cast("Voice", _backend("voice.paired_voice").PairedVoice(prompts=silent(trouble), chimes=spoken))


def _synthesisers(language: str, words_a_minute: int) -> tuple[list[Any], list[str]]:
    """Those that work here for this language, best first, and what was wrong with the others."""
    found: list[Any] = []
    problems = []
    for module, name in SYNTHESISERS:
        try:
            found.append(getattr(_backend(module), name)(language, words_a_minute))
        except FacilitatorError as problem:
            problems.append(problem.message)
    return found, problems


def open_direction() -> VoiceEncoder:
    return cast("VoiceEncoder", import_module("facilitator.hearing.speaker.direction").Direction())


def open_voice_encoder(folder: Path) -> VoiceEncoder:
    """Raises ModelError where the model in `folder` cannot be used."""
    return cast("VoiceEncoder", _backend("models.campplus_encoder").CampplusEncoder(folder))


def convert_model(how: str, folder: Path) -> None:
    """Makes, in `folder`, the files that a backend uses of those that were published, which go. Raises ModelError."""
    _backend(f"models.{how}").convert(folder)


def open_frame_encoder(folder: Path, maker: str = "") -> FrameEncoder:
    """Raises ModelError where the model in `folder` cannot be used."""
    return cast("FrameEncoder", _backend("models.campplus_encoder").CampplusFrames(folder, maker))


def open_vosk_voiceprint(folder: Path, speech_folder: Path) -> VoiceEncoder:
    """Raises ModelError where one of the models cannot be used."""
    return cast("VoiceEncoder", _backend("models.vosk_voiceprint").VoskVoiceprint(folder, speech_folder))


def open_segmentation(folder: Path) -> Segmentation:
    """Raises ModelError where the model in `folder` cannot be used."""
    return cast("Segmentation", _backend("models.onnx_segmentation").OnnxSegmentation(folder))


def open_words(folder: Path) -> WordSource:
    """Raises ModelError where the model in `folder` cannot be used."""
    return cast("WordSource", _backend("models.vosk_words").VoskWords(folder))


def _backend(name: str) -> Any:
    return import_module(f"facilitator.backends.{name}")
