"""Speech by pyttsx3: the voices that the computer has (SAPI 5, macOS, espeak-ng).

Its engines hang, repeat themselves and write empty files, so they live in a child process that is
asked for one sound file at a time, checked, given one more try, and replaced when it is late.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import unicodedata
from pathlib import Path
from typing import Any, cast

import numpy as np
import soundfile

from facilitator.backends.voice.pace import asked_of_espeak, slower
from facilitator.backends.voice.voice_files import VoiceFile
from facilitator.core.events import WORDS_A_MINUTE
from facilitator.errors import VoiceError
from facilitator.hearing.signal.audio import Samples

TIMEOUT_S = 5.0
START_TIMEOUT_S = 20.0  # the first start on Windows makes bindings
# NSSpeechSynthesizer answers a process once; later prompts hang there.
ONCE = sys.platform == "darwin"
LINUX = sys.platform.startswith("linux")
CHILD = Path(__file__).with_name("pyttsx3_child.py")


class Pyttsx3Voice:
    """Turns text into samples. `language` is a code such as `en` or `pt-br`.

    Raises VoiceError when the computer has no such engine or no voice for the language. Not for
    several threads at once, except `close`, which makes a waiting `speak` give up."""

    name = "pyttsx3"

    def __init__(self, language: str, words_a_minute: int = WORDS_A_MINUTE) -> None:
        # elsewhere the engines have measures of their own
        rate, self._times = asked_of_espeak(language, words_a_minute) if LINUX else (words_a_minute, 1.0)
        self._command = [sys.executable, "-P", str(CHILD), language, str(rate)]
        self._file = VoiceFile()
        self._closed = False
        self._reading = threading.Lock()  # `close` takes the file away only when nobody reads it
        self.voice = ""
        """What the engine calls the voice that speaks."""
        try:
            self._child = _Child(self._command, self._file.pass_fds)
            self.voice = self._child.greeted()
        except VoiceError:
            self.close()
            raise

    def speak(self, text: str) -> tuple[Samples, int]:
        """Mono samples and their rate. Raises VoiceError when two tries gave nothing usable."""
        if not any(c.isalnum() for c in text):
            return np.zeros(0, dtype=np.float32), 22_050
        try:
            samples, rate = self._try(text)
        except VoiceError:
            self._replace()
            samples, rate = self._try(text)
        return slower(samples, rate, self._times), rate

    def close(self) -> None:
        self._closed = True
        if hasattr(self, "_child"):
            self._child.kill()
        with self._reading:
            self._file.close()

    def _try(self, text: str) -> tuple[Samples, int]:
        try:
            self.voice = self._child.greeted()
            self._child.ask({"text": text, "path": str(self._file.path)})
            self._child.answer(TIMEOUT_S)
            with self._reading:
                self._must_be_open()
                try:
                    return read_speech(self._file.path, text)
                finally:
                    self._file.clear()
        finally:
            if ONCE:
                self._replace()

    def _replace(self) -> None:
        self._child.kill()
        self._file.clear()  # of what the last one may have written after it was given up
        self._must_be_open()
        self._child = _Child(self._command, self._file.pass_fds)

    def _must_be_open(self) -> None:
        if self._closed:
            raise VoiceError("The voice was closed.")


class _Child:
    """One child process, and a thread that waits for its lines (pipes cannot be waited for on Windows)."""

    def __init__(self, command: list[str], pass_fds: tuple[int, ...]) -> None:
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
                errors="replace",
                bufsize=1,
                # Ctrl-C is for the discussion, not for its voice.
                start_new_session=os.name == "posix",
                pass_fds=pass_fds,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        except OSError as problem:
            raise VoiceError(f"The voice could not be started ({problem}).") from problem
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._voice: str | None = None
        threading.Thread(target=self._read, name="voice-child", daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        try:
            with self._process.stdout as lines:
                for line in lines:
                    self._lines.put(line)
        finally:  # whatever it wrote: nobody waits for more
            self._lines.put(None)

    def greeted(self) -> str:
        """The name of its voice: its first line, to be read before anything is asked of it. Raises VoiceError."""
        if self._voice is None:
            self._voice = str(self.answer(START_TIMEOUT_S)["voice"])
        return self._voice

    def ask(self, question: dict[str, str]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(question) + "\n")
        except (OSError, ValueError) as problem:
            raise VoiceError("The voice's process has ended.") from problem

    def answer(self, timeout_s: float) -> dict[str, Any]:
        try:
            line = self._lines.get(timeout=timeout_s)
        except queue.Empty:
            raise VoiceError(f"The voice gave no answer for {timeout_s:.0f} seconds.") from None
        if line is None:
            self._lines.put(None)
            raise VoiceError("The voice's process has ended.")
        try:
            fields = cast("dict[str, Any]", json.loads(line))
        except ValueError as problem:
            raise VoiceError("The voice's process answered something that makes no sense.") from problem
        if "error" in fields:
            raise VoiceError(f"The voice failed: {fields['error']}.")
        return fields

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):  # what it was not asked any more goes nowhere: there is nobody to ask
                self._process.stdin.close()


def read_speech(path: Path, text: str) -> tuple[Samples, int]:
    """The sound file an engine wrote, checked: as long as this text should last, and not silent."""
    try:
        sound, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (OSError, RuntimeError) as problem:
        raise VoiceError("The voice wrote no sound.") from problem
    samples: Samples = sound.mean(axis=1, dtype=np.float32)
    if not plausible(len(samples) / rate, text) or not np.abs(samples).max() > 0.01:
        raise VoiceError(f"The voice wrote {len(samples) / rate:.1f} s of sound for “{text}”.")
    return samples, int(rate)


def plausible(seconds: float, text: str) -> bool:
    """Whether speech of this length may be this text. Generous: it catches sound that is missing,
    cut off, or somebody else's. Counts letters, as not every language has spaces; a digit is a word, and so is a letter
    of a script that writes syllables."""
    letters = sum(c.isalpha() for c in text)
    whole = sum(unicodedata.category(c) == "Lo" for c in text)
    digits = sum(c.isdigit() for c in text)
    return 0.03 * letters + 0.05 * digits <= seconds <= 0.25 * letters + 0.5 * whole + 1.0 * digits + 3.0
