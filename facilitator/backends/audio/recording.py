"""A recording as a source of sound: WAV, FLAC, OGG, MP3, and what phones record; any rate, one or more channels.

Nothing is left out without a word: what a header says is compared with what the file holds, and with what was heard."""

from __future__ import annotations

import stat
import time
from collections import deque
from pathlib import Path

import numpy as np

from facilitator.backends.audio import layouts, phone_file, sound_file
from facilitator.backends.audio.parts import Layout, Part, told
from facilitator.backends.audio.phone_file import PhoneFile
from facilitator.backends.audio.resampling import resampler
from facilitator.backends.audio.sound_file import DecoderError, SoundFile
from facilitator.errors import AudioError
from facilitator.hearing.signal.audio import RATE, Block, Samples
from facilitator.hearing.signal.polarity import TURNED, Polarity

BLOCK = 1600
"""Samples in a block at 16 kHz: 100 ms."""
LEAST_RATE, MOST_RATE = 4_000, 1_000_000
"""Samples a second: below, no voice fits in; above, no sound card goes."""
_READ_S = 0.1
_FORMATS = "WAV, FLAC, OGG or MP3"
_LOUDEST = 16.0
"""Times full scale: what is beyond is no sound, and its square would overflow."""
_UNHEARD = 0.1
"""Of a file of a kind that we cannot read ourselves: more than this behind what was decoded is told."""


class Recording:
    """An `AudioSource` over a file, which is never loaded whole.

    `real_time`: sound comes at the pace at which it was recorded, else as fast as it is read."""

    live = False

    def __init__(self, path: str | Path, *, real_time: bool) -> None:
        self.path = Path(path)
        self._reader: str | None = None
        layout = _checked(self.path)
        if isinstance(layout, Layout):
            self._parts, notes, self._unsure = deque(layout.parts), layout.notes, layout.unsure
        else:
            self._reader, self._parts, notes, self._unsure = layout, deque([Part(0, 0)]), (), False
        self._troubles = deque(notes)
        self._file = self._opened(self._parts.popleft())
        self.channels: int = self._file.channels
        self.duration_s: float = self._length_s()
        """Length as the file itself says, for progress bars; 0 where it does not."""
        self._polarity = Polarity(self.channels)
        self._turned = False
        self._begin_part()
        self._kept: Samples = np.zeros((0, self.channels), np.float32)
        self._first_sample = 0
        self._read_all = False
        self._real_time = real_time
        self._began: float | None = None

    @property
    def ended(self) -> bool:
        return self._read_all and len(self._kept) == 0

    @property
    def behind_s(self) -> float:
        if self._began is None:
            return 0.0
        return max(0.0, time.monotonic() - self._began - self._first_sample / RATE)

    def read(self, timeout_s: float) -> Block | None:
        while len(self._kept) < BLOCK and not self._read_all:
            self._fill()
        if len(self._kept) == 0:
            return None
        if self._real_time and not self._wait(timeout_s):
            return None
        block = Block(first_sample=self._first_sample, samples=self._turn(self._kept[:BLOCK]))
        self._kept = self._kept[BLOCK:]
        self._first_sample = block.end_sample
        return block

    def _opened(self, part: Part) -> SoundFile | PhoneFile:
        """Raises AudioError."""
        try:
            file = SoundFile(self.path, part) if self._reader is None else PhoneFile(self.path, self._reader)
        except (DecoderError, OSError) as why:
            raise AudioError(f"{self.path} is not a recording that can be read; save it as {_FORMATS}.") from why
        problem = None
        if not LEAST_RATE <= file.rate <= MOST_RATE:
            problem = f"has {file.rate} samples a second, and no voice fits in that; record again with 16000"
        elif not file.channels or (file.frames <= 0 and part.frames is None and self._reader is None):
            problem = "holds no sound; record again, or choose another file"
        if problem is not None:
            file.close()
            raise AudioError(f"{self.path} {problem}.")
        return file

    def _begin_part(self) -> None:
        rate = self._file.rate
        self._step = max(1, round(rate * _READ_S))
        self._resampler = None if rate == RATE else resampler(rate, RATE, self.channels)
        self._heard = 0  # frames of this part

    def _length_s(self) -> float:
        return self._file.frames / self._file.rate + sound_file.total_s(self.path, list(self._parts))

    def _fill(self) -> None:
        broken = False
        try:
            sound = self._file.read(self._step)
        except DecoderError:
            broken, sound = True, np.zeros((0, self._file.channels), np.float32)
        self._heard += len(sound)
        over = len(sound) < self._step
        sound = self._sane(sound_file.same_channels(sound, self.channels))
        if self._resampler is not None:
            sound = self._resampler.resample_chunk(sound, last=over)
        self._kept = np.concatenate([self._kept, sound])
        if over:
            self._end_part(broken)

    def _sane(self, sound: Samples) -> Samples:
        """Without what is no number, or so large that it cannot have been heard by anything."""
        wild = ~(np.abs(sound) < _LOUDEST)
        if not wild.any():
            return sound
        if not np.isnan(sound[wild]).all():
            self._say(f"{self.path.name} holds numbers that are no sound; they are left out. Save it as 16-bit WAV.")
        return np.where(wild, np.float32(0.0), sound)

    def _end_part(self, broken: bool) -> None:
        """Says what was lost of it, and goes on with the next."""
        stated_s, heard_s = self._file.frames / self._file.rate, self._heard / self._file.rate
        at_s = (self._first_sample + len(self._kept)) // RATE
        if broken:
            self._say(f"{self.path.name} is damaged after {at_s} s; only what comes before was heard.")
        elif stated_s - heard_s > max(0.5, 0.01 * stated_s):
            self._say(f"{self.path.name} is damaged: of {told(stated_s)} only {told(heard_s)} could be heard.")
        elif self._unsure and self._file.unread > _UNHEARD:
            unread = f"about {100 * self._file.unread:.0f} % of {self.path.name} was not heard"
            self._say(f"Its header says it is shorter, so {unread}; save it as WAV.")
        while self._parts:
            self._file.close()
            try:
                self._file = self._opened(self._parts.popleft())
            except AudioError:
                self._say(f"A part of {self.path.name} after {at_s} s cannot be read, and was not heard.")
                continue
            return self._begin_part()
        self._read_all = True
        return None

    def _turn(self, sound: Samples) -> Samples:
        sound = self._polarity.apply(sound)
        if not self._turned and (self._polarity.signs < 0).any():
            self._turned = True
            self._say(TURNED.format(name=self.path.name))
        return sound

    def _say(self, sentence: str) -> None:
        if sentence not in self._troubles:
            self._troubles.append(sentence)

    def _wait(self, timeout_s: float) -> bool:
        """Until the block would have been heard whole; False when that is more than `timeout_s` away."""
        now = time.monotonic()
        if self._began is None:
            self._began = now
        due = self._began + (self._first_sample + min(BLOCK, len(self._kept))) / RATE
        time.sleep(max(0.0, min(timeout_s, due - now)))
        return due - now <= timeout_s

    def trouble(self) -> str | None:
        return self._troubles.popleft() if self._troubles else None

    def close(self) -> None:
        self._file.close()


def _checked(path: Path) -> Layout | str:
    """What the file holds, or the reader that it takes. Raises AudioError where it can be no recording."""
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise AudioError(f"{path} is a folder; name a recording in it ({_FORMATS}).")
        if not stat.S_ISREG(found.st_mode):
            raise AudioError(f"{path} is no file but a device or a pipe; name a recording ({_FORMATS}).")
        if found.st_size == 0:
            raise AudioError(f"{path} is empty; record again, or choose another file.")
        kind = phone_file.kind_of(path)
        if kind is None:
            return layouts.layout(path)
    except (FileNotFoundError, NotADirectoryError) as why:
        raise AudioError(f"There is no file {path}; check the name and the folder.") from why
    except (OSError, ValueError) as why:
        reason = getattr(why, "strerror", None) or "its name is not a name of a file"
        raise AudioError(f"{path} cannot be opened ({reason}); check the name and the folder.") from why
    if not phone_file.is_here():
        raise AudioError(phone_file.how_to_read(path, kind[1]))
    return kind[0]


def troubles_of(recording: Recording) -> list[str]:
    """All that is to be said of it by now."""
    found = []
    while (trouble := recording.trouble()) is not None:
        found.append(trouble)
    return found


def load_voice(path: str | Path, troubles: list[str] | None = None) -> Samples:
    """A whole short recording at 16 kHz, shape (frames, channels): a voice sample, or the first two minutes of it. What
    is to be said of it is added to `troubles`."""
    recording = Recording(path, real_time=False)
    blocks, most = [], 120 * RATE
    try:
        while (block := recording.read(0)) is not None and block.first_sample < most:
            blocks.append(block.samples)
        if troubles is not None:
            troubles += troubles_of(recording)
    finally:
        recording.close()
    if not blocks:
        raise AudioError(f"{path} could not be read; save it as {_FORMATS}.")
    return np.concatenate(blocks)
