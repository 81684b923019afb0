"""One part of a sound file, as sound, through libsndfile."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile

from facilitator.backends.audio.parts import Part
from facilitator.backends.audio.standard_error import muted
from facilitator.hearing.signal.audio import Samples


class DecoderError(Exception):
    """The decoder cannot go on."""


class _Window(io.RawIOBase):
    """A part of a file as a file. Nothing here raises: the library that reads it could only print that."""

    def __init__(self, file: BinaryIO, part: Part) -> None:
        super().__init__()
        self._file, self._part, self._at = file, part, 0
        self.furthest = 0

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        size = len(self._part.prefix) + self._part.end - self._part.begin
        self._at = max(0, offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: size}[whence])
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        before = self._part.prefix[self._at : self._at + len(buffer)]
        first = self._part.begin + max(0, self._at - len(self._part.prefix))
        try:
            self._file.seek(first)
            found = bytearray(self._file.read(max(0, min(len(buffer) - len(before), self._part.end - first))))
        except OSError:  # a drive that was pulled out: the part ends here
            return 0
        for place, patch in self._part.patches:
            for k, value in enumerate(patch):
                if 0 <= place + k - first < len(found):
                    found[place + k - first] = value
        found[:0] = before
        buffer[: len(found)] = found
        self._at += len(found)
        self.furthest = max(self.furthest, self._at)
        return len(found)


class _Stream(soundfile.SoundFile):  # type: ignore[misc]
    """Read from the beginning to the end only. soundfile would seek after each read to where it is already, and the
    decoder of MP3 complains about every one of these."""

    def seekable(self) -> bool:
        return False


class SoundFile:
    """One part, as sound. Raises OSError, and DecoderError where it cannot be read."""

    def __init__(self, path: Path, part: Part) -> None:
        self._file = path.open("rb")
        self._window = _Window(self._file, part)
        try:
            with muted():  # the decoder of MP3 has no other way to say that it dislikes a frame
                self._stream = _Stream(self._window)
        except (soundfile.LibsndfileError, TypeError, ValueError) as error:
            self._file.close()
            raise DecoderError(str(error)) from error
        self.rate: int = self._stream.samplerate
        self.channels: int = self._stream.channels
        self.frames: int = self._stream.frames if part.frames is None else part.frames
        """As the header says; 0 where it does not."""
        self._size = len(part.prefix) + part.end - part.begin
        self._opened_at = self._window.tell()
        self._window.furthest = 0
        self._chatty = self._stream.format == "MP3"

    def read(self, frames: int) -> Samples:
        """Shape (frames, channels); fewer only at the end. Raises DecoderError."""
        with muted() if self._chatty else contextlib.nullcontext():
            try:
                return np.asarray(self._stream.read(frames, dtype="float32", always_2d=True))
            except (soundfile.LibsndfileError, RuntimeError) as error:
                raise DecoderError(str(error)) from error

    @property
    def unread(self) -> float:
        """The part of the file, 0 to 1, behind everything that the decoder asked for since it was opened."""
        return 1.0 - max(self._window.furthest, self._opened_at) / max(1, self._size)

    def close(self) -> None:
        self._stream.close()
        self._file.close()


def same_channels(sound: Samples, channels: int) -> Samples:
    """As many channels as the first part had."""
    if sound.shape[1] == channels:
        return sound
    return np.repeat(sound.mean(axis=1, keepdims=True, dtype=np.float32), channels, axis=1)


def total_s(path: Path, parts: Sequence[Part]) -> float:
    """How long the parts are by their headers."""
    seconds = 0.0
    for part in parts:
        with contextlib.suppress(DecoderError), contextlib.closing(SoundFile(path, part)) as sound:
            seconds += sound.frames / max(1, sound.rate)
    return seconds
