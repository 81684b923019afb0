"""Speech by the program espeak-ng (or espeak), where pyttsx3 finds no voice of the computer's own."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import threading

import numpy as np
import soundfile

from facilitator.backends.voice.pace import asked_of_espeak, slower
from facilitator.core.events import WORDS_A_MINUTE
from facilitator.errors import VoiceError
from facilitator.hearing.signal.audio import Samples

PROGRAMS = ("espeak-ng", "espeak")
TIMEOUT_S = 5.0


class EspeakVoice:
    """Turns text into samples, by one short-lived process a prompt. Raises VoiceError when the
    program is not here or does not know the language."""

    name = "espeak"

    def __init__(self, language: str, words_a_minute: int = WORDS_A_MINUTE) -> None:
        program = next(filter(None, map(shutil.which, PROGRAMS)), None)
        if program is None:
            raise VoiceError(f"There is no espeak-ng on this computer{_install_line()}.")
        rate, self._times = asked_of_espeak(language, words_a_minute)
        self._command = [
            program,
            "-v",
            language.replace("_", "-").lower(),
            "-s",
            str(rate),
            "--stdin",
            "--stdout",
        ]
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._closed = False
        try:
            self.speak("a")
        except VoiceError as problem:
            raise VoiceError(f"espeak-ng has no voice for “{language}”.") from problem

    def speak(self, text: str) -> tuple[Samples, int]:
        """Mono samples and their rate. Raises VoiceError."""
        with self._lock:
            if self._closed:
                raise VoiceError("The voice was closed.")
            process = self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        try:
            wav, _ = process.communicate(text.encode(), timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise VoiceError(f"espeak-ng gave no answer for {TIMEOUT_S:.0f} seconds.") from None
        try:
            sound, rate = soundfile.read(io.BytesIO(_mended(wav)), dtype="float32", always_2d=True)
        except (OSError, RuntimeError) as problem:
            raise VoiceError("espeak-ng made no sound.") from problem
        samples: Samples = sound.mean(axis=1, dtype=np.float32)
        if not np.abs(samples).max(initial=0.0) > 0.01 and any(c.isalnum() for c in text):
            raise VoiceError("espeak-ng made no sound.")
        return slower(samples, int(rate), self._times), int(rate)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            if self._process is not None and self._process.poll() is None:
                self._process.kill()


def _mended(wav: bytes) -> bytes:
    """A stream's header cannot know its length; write the real one into it."""
    if wav[:4] != b"RIFF" or wav[36:40] != b"data":
        return wav
    return wav[:4] + (len(wav) - 8).to_bytes(4, "little") + wav[8:40] + (len(wav) - 44).to_bytes(4, "little") + wav[44:]


def _install_line() -> str:
    return ": sudo apt-get install -y espeak-ng" if sys.platform.startswith("linux") else ""
