"""A loudspeaker, by PortAudio: one stream that stays open, so that sounds start at once and their
first and last samples are known on the computer's clock."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import Any, Literal

import numpy as np

from facilitator.backends.audio import portaudio
from facilitator.backends.audio.device_stream import DeviceStream, Hooks
from facilitator.backends.audio.resampling import resampled
from facilitator.hearing.signal.audio import Samples

FADE_S = 0.02
RETRIES_S = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)

GONE = "The loudspeaker has stopped: check that it is still plugged in. I show my words on the screen until it is back."
BACK = "The loudspeaker is back."

How = Literal["played", "cut", "lost"]


class Sound:
    """A sound on its way. `started` and `ended` are when its first sample was and its last sample
    will have been heard, on `time.monotonic()`; None while not known. `how` says how it ended."""

    def __init__(self, samples: Samples) -> None:
        self.samples = samples  # (frames,) at the stream's rate
        self.started: float | None = None
        self.ended: float | None = None
        self.how: How | None = None
        self.position = 0
        self.cut_from: int | None = None

    def cut(self) -> None:
        """End it within 0.1 s, with a fade and no click."""
        if self.cut_from is None:
            self.cut_from = -1  # the callback puts the position there


class Loudspeaker:
    """Plays sounds mixed. `device` is a number, part of a name, or None for the default one.

    Survives the device's disappearance: what was being played ends as `lost`, so does what is asked
    for meanwhile, and the device is opened again when it is back. Raises AudioError when there is
    no such device or it does not open."""

    def __init__(self, device: str | int | None = None) -> None:
        self._device = device
        self._working = False
        self._new: deque[Sound] = deque()  # given by `play`, taken by the callback
        self._playing: list[Sound] = []  # the callback's own
        self._lock = threading.Lock()  # `play` against `_gone`; never taken by the callback
        self._sentences: deque[str] = deque()
        self.rate = 0
        hooks = Hooks(reopen=self._reopen, interrupted=lambda: None, gone=self._gone, back=self._back)
        # the calls that fill the buffer at first prove nothing
        self._device_stream = DeviceStream("loudspeaker", hooks, retries_s=RETRIES_S, settled_after_s=0.1)
        self._device_stream.open()
        self._working = True

    def play(self, samples: Samples, rate: int) -> Sound:
        """Begin to play mono samples of this rate, mixed with what is playing."""
        sound = Sound(resampled(samples, rate, self.rate).astype(np.float32, copy=False))
        with self._lock:
            if self._working:
                self._new.append(sound)
            else:
                _lose([sound])
        return sound

    def trouble(self) -> str | None:
        """A sentence for people about what is wrong now, each once."""
        return self._sentences.popleft() if self._sentences else None

    def close(self) -> None:
        self._device_stream.close()
        self._gone()

    def _reopen(self) -> Any:
        device = portaudio.find(self._device, "output")
        # In stereo where there are two sides: some systems play a single channel on the left only.
        channels = min(2, int(device["max_output_channels"]))
        rate = int(device["default_samplerate"])
        callback = self._callback(rate)
        stream = portaudio.open_stream("output", device, rate=rate, channels=channels, callback=callback)
        self.rate = rate
        if isinstance(self._device, int):
            self._device = str(device["name"])  # numbers change when devices come and go
        return stream

    def _callback(self, rate: int) -> Any:
        fade = int(FADE_S * rate)
        slope = np.linspace(1.0, 0.0, fade, dtype=np.float32)

        def callback(out: Samples, count: int, timing: Any, _status: Any) -> None:
            now = self._device_stream.called()
            ahead = timing.outputBufferDacTime - timing.currentTime
            if not 0.0 <= ahead < 1.0:  # some systems do not know it
                ahead = portaudio.LATENCY_S
            while self._new:
                self._playing.append(self._new.popleft())
            out.fill(0.0)
            for sound in list(self._playing):
                mix(sound, out, now + ahead)
                if sound.how is not None:
                    self._playing.remove(sound)
            np.clip(out, -1.0, 1.0, out=out)

        def mix(sound: Sound, out: Samples, heard_at: float) -> None:
            begin = sound.position
            if begin == 0:
                sound.started = heard_at
            if sound.cut_from == -1:
                sound.cut_from = begin
                tail = sound.samples[begin : begin + fade]
                sound.samples = np.concatenate([sound.samples[:begin], tail * slope[: len(tail)]])
            piece = sound.samples[begin : begin + len(out)]
            out[: len(piece)] += piece[:, None]
            sound.position += len(piece)
            if sound.position == len(sound.samples):
                sound.ended = heard_at + len(piece) / rate
                sound.how = "played" if sound.cut_from is None else "cut"

        return callback

    def _gone(self) -> None:
        """Let go of what was being played, and of what is asked for until the device is back."""
        self._device_stream.stop()  # from here on nothing calls the callback
        with self._lock:
            self._working = False
            _lose([*self._playing, *self._new])
            self._playing.clear()
            self._new.clear()
        self._sentences.append(GONE)

    def _back(self, told: bool) -> None:
        if told:
            with self._lock:
                self._working = True
            self._sentences.append(BACK)


def _lose(sounds: list[Sound]) -> None:
    now = time.monotonic()
    for sound in sounds:
        sound.started = sound.started or now
        sound.ended = max(now, sound.started)
        sound.how = "lost"
