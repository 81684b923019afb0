"""Speech by Piper, where people have chosen it: a program of its own, beside this one, and a voice model of theirs.

Piper is under the GPL, so nothing of it is imported; it is started once, given a line of text at a time, and says on
its standard error which file it wrote. The package that it computes with calls home unless it is told not to.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import queue
import shutil
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import numpy as np

from facilitator.backends.voice.pace import spoken_at_100
from facilitator.backends.voice.pyttsx3_voice import read_speech
from facilitator.backends.voice.voice_files import VoiceFile
from facilitator.core.events import WORDS_A_MINUTE
from facilitator.errors import VoiceError
from facilitator.hearing.signal.audio import Samples

PROGRAM = "piper"
START_TIMEOUT_S = 30.0
TIMEOUT_S = 15.0
WORD_S, REST_S = 0.174, 0.105
"""How long a word of English lasts, as it was trained, and what no scale changes: measured with the voice "joe"."""
LEAST_SCALE, MOST_SCALE = 0.5, 4.0
SENTENCE_PAUSE_S = 0.35
WROTE = "Wrote "
SUFFIX = ".onnx"


class PiperVoice:
    """Turns text into samples. Raises VoiceError where there is no Piper, no such voice model, or one of another
    language. Not for several threads at once, except `close`."""

    name = "piper"

    def __init__(self, model: str, language: str, words_a_minute: int = WORDS_A_MINUTE) -> None:
        path = voice_model(model)
        speaks = language_of(path)
        wanted = language.replace("_", "-").split("-")[0].lower()
        if speaks and speaks != wanted:
            raise VoiceError(f"The voice {path.name} speaks “{speaks}”, not “{wanted}”.")
        self._file = VoiceFile(named=True)  # Piper writes to a folder, and picks the name itself
        self._closed = False
        word_s = 60 / words_a_minute * spoken_at_100(language) / spoken_at_100("en")
        scale = min(MOST_SCALE, max(LEAST_SCALE, (word_s - REST_S) / WORD_S))
        self._command = [
            *program(),
            *("--model", str(path), "--output-dir", str(self._file.path.parent)),
            *("--length-scale", f"{scale:.3f}", "--sentence-silence", str(SENTENCE_PAUSE_S)),
        ]
        self._process: subprocess.Popen[str] | None = None
        try:
            self._start()
            self._spoken("a", START_TIMEOUT_S)
        except VoiceError as problem:
            self.close()
            raise VoiceError(f"Piper cannot speak with {path.name}: {problem.message}") from problem

    def speak(self, text: str) -> tuple[Samples, int]:
        """Mono samples and their rate. Raises VoiceError when two tries gave nothing usable."""
        if not any(c.isalnum() for c in text):
            return np.zeros(0, dtype=np.float32), 22_050
        try:
            return self._spoken(text, TIMEOUT_S)
        except VoiceError:
            self._start()
            return self._spoken(text, START_TIMEOUT_S)

    def close(self) -> None:
        self._closed = True
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._file.close()

    def _start(self) -> None:
        if self._closed:
            raise VoiceError("The voice was closed.")
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        try:
            self._process = process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
                bufsize=1,
                env=os.environ | {"ORT_DISABLE_TELEMETRY": "1"},
                start_new_session=os.name == "posix",  # Ctrl-C is for the discussion
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        except OSError as problem:
            raise VoiceError(f"it could not be started ({problem}).") from problem
        self._written: queue.SimpleQueue[Path | None] = queue.SimpleQueue()
        threading.Thread(target=_read, args=(process, self._written), name="piper", daemon=True).start()

    def _spoken(self, text: str, timeout_s: float) -> tuple[Samples, int]:
        process = self._process
        assert process is not None and process.stdin is not None
        try:
            process.stdin.write(" ".join(text.split()) + "\n")
        except (OSError, ValueError) as problem:
            raise VoiceError("its process has ended.") from problem
        try:
            path = self._written.get(timeout=timeout_s)
        except queue.Empty:
            raise VoiceError(f"it gave no answer for {timeout_s:.0f} seconds.") from None
        if path is None:
            raise VoiceError("its process has ended.")
        try:
            return read_speech(path, text)
        finally:
            with suppress(OSError):
                path.unlink()


def _read(process: subprocess.Popen[str], written: queue.SimpleQueue[Path | None]) -> None:
    assert process.stderr is not None
    try:
        with process.stderr as lines:
            for line in lines:
                if WROTE in line:
                    written.put(Path(line.split(WROTE, 1)[1].strip()))
    finally:  # whatever it wrote: nobody waits for more
        written.put(None)


def program() -> list[str]:
    """How Piper is started. Raises VoiceError where it is not here."""
    beside = Path(sys.executable).with_name(PROGRAM)
    found = str(beside) if beside.is_file() else shutil.which(PROGRAM)
    if found is None:
        raise VoiceError("Piper is not on this computer: pip install piper-tts, or leave --voice-model out.")
    return [found]


def voice_model(named: str) -> Path:
    """The file of a voice: as it is named, or the one in the installed package of this name. Raises VoiceError."""
    path = Path(named).expanduser()
    if path.suffix != SUFFIX:
        try:
            files = importlib.metadata.files(named) or []
        except (importlib.metadata.PackageNotFoundError, ValueError):
            raise VoiceError(
                f"“{named}” is neither a voice model, a file that ends in {SUFFIX}, nor an installed package."
            ) from None
        path = next((Path(str(file.locate())) for file in files if file.suffix == SUFFIX), path)
    if path.suffix != SUFFIX or not path.is_file():
        raise VoiceError(f"There is no voice model {path}.")
    if not _settings(path).is_file():
        raise VoiceError(f"Beside {path.name} its settings are missing: {_settings(path).name}.")
    return path.absolute()


def language_of(path: Path) -> str:
    """Of the voice in this file, as "en"; empty: it does not say."""
    try:
        said = json.loads(_settings(path).read_text(encoding="utf-8"))
        code = str(said.get("language", {}).get("code") or said.get("espeak", {}).get("voice", ""))
    except (OSError, ValueError, AttributeError):
        raise VoiceError(f"The settings of the voice {path.name} cannot be read.") from None
    return code.replace("_", "-").split("-")[0].lower()


def _settings(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")
