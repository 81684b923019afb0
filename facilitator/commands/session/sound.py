"""Where a session's sound comes from, and what speaks in it."""

from __future__ import annotations

from facilitator.backends import open_voice
from facilitator.backends.audio.microphone import Microphone
from facilitator.backends.audio.recording import Recording
from facilitator.backends.voice.silent_voice import SilentVoice
from facilitator.core.setup import Setup
from facilitator.ports import AudioSource, Voice


def device_of(text: str | None) -> str | int | None:
    """A device's number or a part of its name."""
    return int(text) if text is not None and text.isdigit() else text


def source_of(recording: Recording | None, setup: Setup, device: str | None) -> AudioSource | None:
    if recording is not None or not setup.listening:
        return recording
    return Microphone(device_of(device))


def voice_of(speech: str | None, setup: Setup, from_recording: bool, words_a_minute: int) -> Voice:
    """Where a recording plays, nobody waits for what is said: it is shown, and takes no time."""
    if speech is None:
        speech = "silent" if from_recording else "voice"
    if speech == "silent" and from_recording:
        return SilentVoice(at_once=True)
    code = str(setup.language["code"])
    return open_voice(speech, code, words_a_minute=words_a_minute)  # type: ignore[arg-type]
