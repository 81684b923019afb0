"""What phones and browsers record (AAC in .m4a, Opus in .webm, .mp4, .3gp, .amr), through PyAV where that is installed.

The decoders of FFmpeg read far more than we want: play lists that name addresses in the network, devices, pictures.
So the kind of file is told from its first bytes, only the readers named here are used, and they may open nothing else.
"""

from __future__ import annotations

import contextlib
import importlib.util
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from facilitator.backends.audio.sound_file import DecoderError, same_channels
from facilitator.hearing.signal.audio import Samples

_KINDS = (  # bytes, where they stand, the reader, what it is called
    (b"ftyp", 4, "mov", "M4A, MP4 or 3GP"),
    (b"\x1aE\xdf\xa3", 0, "matroska", "WEBM or MKA"),
    (b"#!AMR", 0, "amr", "AMR"),
    (b"\xff\xf1", 0, "aac", "AAC"),
    (b"\xff\xf9", 0, "aac", "AAC"),
    (b"0&\xb2u", 0, "asf", "WMA"),
)
_NOTHING_ELSE = {"protocol_whitelist": "", "enable_drefs": "0", "use_absolute_path": "0"}


def kind_of(path: Path) -> tuple[str, str] | None:
    """The reader for a file of this kind, and what it is called; None for any other. Raises OSError."""
    with path.open("rb") as file:
        begins = file.read(16)
    return next((found[2:] for found in _KINDS if begins[found[1] :].startswith(found[0])), None)


def is_here() -> bool:
    return importlib.util.find_spec("av") is not None


def how_to_read(path: Path, called: str) -> str:
    """A sentence with the very line to type."""
    ours = path.with_suffix(".wav").name
    if sys.platform == "darwin":
        line = f"afconvert -f WAVE -d LEI16@16000 {shlex.quote(str(path))} {shlex.quote(ours)}"
    elif shutil.which("ffmpeg"):
        line = f"ffmpeg -i {shlex.quote(str(path))} {shlex.quote(ours)}"
    else:
        python = f'"{sys.executable}"' if sys.platform == "win32" else shlex.quote(sys.executable)
        return f"{path} is {called}, as phones and browsers record it; to have such files read, type: {_pip(python)}"
    return f"{path} is {called}, as phones and browsers record it; make a WAV of it with this line: {line}"


def _pip(python: str) -> str:
    return f"{python} -m pip install av"


def tags(path: Path, reader: str) -> Iterator[dict[str, str]]:
    """What stands in the file beside the sound: of the whole, then of each track. None where it cannot be read."""
    import av  # noqa: PLC0415

    av.logging.set_level(None)
    failures = (av.error.FFmpegError, OSError, ValueError, EOFError, IndexError)
    with (
        contextlib.suppress(*failures),
        path.open("rb") as file,
        av.open(file, mode="r", format=reader, options=dict(_NOTHING_ELSE)) as container,
    ):
        yield dict(container.metadata)
        yield from (dict(stream.metadata) for stream in container.streams)


class PhoneFile:
    """The first track of sound, as sound. Raises OSError, and DecoderError where there is none that can be read."""

    def __init__(self, path: Path, reader: str) -> None:
        import av  # noqa: PLC0415

        av.logging.set_level(None)
        self._errors: tuple[type[BaseException], ...] = (
            av.error.FFmpegError,
            ValueError,
            EOFError,
            IndexError,
            StopIteration,
        )
        self._file = path.open("rb")
        try:
            self._container: Any = av.open(self._file, mode="r", format=reader, options=dict(_NOTHING_ELSE))
            stream: Any = self._container.streams.audio[0]
            codec = stream.codec_context
            self.rate = int(codec.sample_rate)
            length = float(stream.duration * stream.time_base) if stream.duration else None
            if length is None and self._container.duration:
                length = self._container.duration / 1e6
            self.frames = round((length or 0.0) * self.rate)
            self._resampler: Any = av.AudioResampler(format="fltp", rate=self.rate)
            self._decoded = self._decode(stream)
            self._kept: Samples = next(self._decoded)
        except self._errors as error:
            self._file.close()
            raise DecoderError(str(error)) from error
        self.channels: int = self._kept.shape[1]
        """Of the first sound: a header says one, where the decoder makes two of it."""
        self._over = False

    def _decode(self, stream: Any) -> Iterator[Samples]:
        for frame in self._container.decode(stream):
            for one in self._resampler.resample(frame):
                yield np.ascontiguousarray(one.to_ndarray().T, np.float32)
        for one in self._resampler.resample(None):
            yield np.ascontiguousarray(one.to_ndarray().T, np.float32)

    def read(self, frames: int) -> Samples:
        """Shape (frames, channels); fewer only at the end. Raises DecoderError, once what came before was read."""
        pieces = [self._kept]
        count = len(self._kept)
        while count < frames and not self._over:
            try:
                piece = next(self._decoded)
            except StopIteration:
                self._over = True
                break
            except self._errors as error:
                self._over = True
                if not count:
                    raise DecoderError(str(error)) from error
                break
            pieces.append(same_channels(piece, self.channels))
            count += len(piece)
        sound = np.concatenate(pieces)
        self._kept = sound[frames:]
        return sound[:frames]

    @property
    def unread(self) -> float:
        """Nothing is known of it: what is missing shows in the count of frames."""
        return 0.0

    def close(self) -> None:
        with contextlib.suppress(*self._errors):
            self._container.close()
        self._file.close()
