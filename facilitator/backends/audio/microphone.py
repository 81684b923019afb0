"""A microphone, by PortAudio: 16 kHz blocks whose time never drifts, through stalls and unpluggings."""

from __future__ import annotations

import queue
import sys
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np

from facilitator.backends.audio import portaudio
from facilitator.backends.audio.device_stream import DeviceStream, Hooks
from facilitator.backends.audio.resampling import Resampler, resampler
from facilitator.errors import AudioError
from facilitator.hearing.signal.audio import RATE, Block, Samples
from facilitator.hearing.signal.polarity import TURNED, Polarity

QUEUE_S = 20.0  # how far the reader may fall behind before sound is lost
SLIP_S = 0.25  # the sample count may fall so far behind the clock before the gap is filled
SLIP_WINDOW_S = 2.0
OUTAGE_LAG_S = 0.2  # so that no lost samples take the place of the first ones after an outage
MUTE_AFTER_S = 3.0
LONGEST_BLOCK_S = 1.0
RETRIES_S = (0.5, 1.0, 2.0, 4.0, 8.0)

GONE = "The microphone has stopped: check that it is still plugged in. Time goes on; I listen again when it is back."
BACK = "The microphone is back."


@dataclass(frozen=True, slots=True)
class _Feed:
    """One opened stream. A microphone that comes back is a new one, perhaps with another rate."""

    rate: int
    resampler: Resampler | None


@dataclass(frozen=True, slots=True)
class _Frames:
    """What one callback brought: `dropped` frames before these found the queue full."""

    feed: _Feed
    arrived: float
    dropped: int
    frames: Samples


class Microphone:
    """An AudioSource. `device` is a number, part of a name, or None for the default one.

    The callback copies, enqueues and counts. Time is the count of samples; the computer's clock is
    used only to notice that samples are missing, and then `lost` zeros take their place. Raises
    AudioError when there is no such device or it does not open."""

    live = True

    def __init__(self, device: str | int | None = None) -> None:
        self.channels = 1
        self._device = device
        self._queue: queue.SimpleQueue[_Frames] = queue.SimpleQueue()
        self._frames_in = 0  # counted by the callback
        self._frames_out = 0  # counted by the reader
        self._feed: _Feed | None = None  # of the frames read last
        self._position = 0  # samples given out so far
        self._pending: deque[Block] = deque()
        self._earliest: float | None = None  # the smallest (arrival - position / RATE): "no delay at all"
        self._recent: list[tuple[float, float]] = []  # (arrival, that difference) of the last SLIP_WINDOW_S
        self._silent = 0
        self._polarity = Polarity(self.channels)  # of the feed that is read now
        self._turned = False
        self._mute_told = False
        self._outage = False
        self._sentences: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._opened_before = False
        hooks = Hooks(reopen=self._reopen, interrupted=self._interrupted, gone=self._gone, back=self._back)
        self._device_stream = DeviceStream("microphone", hooks, retries_s=RETRIES_S)
        self._device_stream.open()

    # --- what the session uses --------------------------------------------------------------------

    @property
    def ended(self) -> bool:
        return self._device_stream.closed.is_set()

    @property
    def away(self) -> bool:
        """The device is gone, and is looked for."""
        return self._outage

    @property
    def begun_at(self) -> float | None:
        """About when sample 0 was heard, on `time.monotonic()`; None until something was heard."""
        return self._earliest

    @property
    def behind_s(self) -> float:
        rate = RATE if self._feed is None else self._feed.rate
        pending = sum(len(block.samples) for block in self._pending)
        return (self._frames_in - self._frames_out) / rate + pending / RATE

    def read(self, timeout_s: float) -> Block | None:
        """The next block, waiting up to `timeout_s`; `lost` blocks keep the pace while the device is away."""
        until = time.monotonic() + timeout_s
        while not self._pending and not self.ended:
            left = until - time.monotonic()
            try:
                taken = self._queue.get(timeout=max(0.0, min(left, 0.1)))
            except queue.Empty:
                if self._outage:  # time still passes
                    self._fill_until(time.monotonic() - OUTAGE_LAG_S)
                if left <= 0:
                    break
                continue
            self._frames_out += len(taken.frames)
            self._take(taken)
        return self._pending.popleft() if self._pending else None

    def trouble(self) -> str | None:
        try:
            return self._sentences.get_nowait()
        except queue.Empty:
            return None

    def close(self) -> None:
        self._device_stream.close()

    # --- blocks -----------------------------------------------------------------------------------

    def _take(self, taken: _Frames) -> None:
        """Turn what the device gave into blocks; called on the reader's thread."""
        rate, resampling = taken.feed.rate, taken.feed.resampler
        heard_at = taken.arrived - len(taken.frames) / rate
        self._watch_silence(taken.frames, rate)
        if taken.feed is not self._feed:
            self._fill_until(heard_at)
            self._feed = taken.feed
            self._polarity = Polarity(taken.frames.shape[1])
        if taken.dropped:
            self._lose(round(taken.dropped * RATE / rate))
        self._watch_clock(heard_at)
        samples = taken.frames if resampling is None else resampling.resample_chunk(taken.frames)
        if len(samples):
            self._give(self._turn(samples))

    def _turn(self, samples: Samples) -> Samples:
        samples = self._polarity.apply(samples)
        if not self._turned and (self._polarity.signs < 0).any():
            self._turned = True
            self._sentences.put(TURNED.format(name="the microphone"))
        return samples

    def _watch_clock(self, heard_at: float) -> None:
        """Fill the gap when, even in its best moment lately, the sample count was behind the clock."""
        behind = heard_at - self._position / RATE
        if self._earliest is None or behind < self._earliest:
            self._earliest = behind
        self._recent = [(at, b) for at, b in self._recent if at > heard_at - SLIP_WINDOW_S]
        self._recent.append((heard_at, behind))
        slip = min(b for _, b in self._recent) - self._earliest
        if slip > SLIP_S and self._recent[0][0] < heard_at - SLIP_WINDOW_S * 0.75:
            self._lose(round(slip * RATE))

    def _fill_until(self, at: float) -> None:
        """Stand in with lost samples for everything up to this moment."""
        if self._earliest is not None:
            self._lose(round((at - self._earliest) * RATE) - self._position)

    def _lose(self, samples: int) -> None:
        self._recent.clear()
        while samples > 0:
            size = min(samples, int(LONGEST_BLOCK_S * RATE))
            self._give(np.zeros((size, self.channels), dtype=np.float32), lost=True)
            samples -= size

    def _give(self, samples: Samples, lost: bool = False) -> None:
        self._pending.append(Block(first_sample=self._position, samples=samples, lost=lost))
        self._position += len(samples)

    def _watch_silence(self, frames: Samples, rate: int) -> None:
        if frames.any():
            self._silent = 0
            self._mute_told = False
            return
        self._silent += len(frames)
        if self._silent > MUTE_AFTER_S * rate and not self._mute_told:
            self._mute_told = True
            self._sentences.put(f"The microphone gives nothing but perfect silence: {_mute_advice()}.")

    # --- the device -------------------------------------------------------------------------------

    def _reopen(self) -> Any:
        device = portaudio.find(self._device, "input")
        channels = self.channels if self._opened_before else min(2, int(device["max_input_channels"]))
        problems = []
        for rate in dict.fromkeys((RATE, int(device["default_samplerate"]))):
            callback = self._callback(_Feed(rate, None if rate == RATE else resampler(rate, RATE, channels)))
            try:
                stream = portaudio.open_stream("input", device, rate=rate, channels=channels, callback=callback)
            except AudioError as problem:
                problems.append(problem)
                continue
            self.channels, self._opened_before = channels, True
            if isinstance(self._device, int):
                self._device = str(device["name"])  # numbers change when devices come and go
            return stream
        raise problems[0]

    def _callback(self, feed: _Feed) -> Any:
        limit = int(QUEUE_S * feed.rate)
        dropped = 0

        def callback(frames: Samples, count: int, _time: Any, _status: Any) -> None:
            nonlocal dropped
            now = self._device_stream.called()
            if self._frames_in - self._frames_out + count > limit:
                dropped += count
                return
            self._frames_in += count
            self._queue.put(_Frames(feed, now, dropped, frames.copy()))
            dropped = 0

        return callback

    def _interrupted(self) -> None:
        self._outage = True

    def _gone(self) -> None:
        self._sentences.put(GONE)

    def _back(self, told: bool) -> None:
        self._outage = False
        if told:
            self._sentences.put(BACK)


def _mute_advice() -> str:
    if sys.platform == "darwin":
        return "allow your terminal to use it (System Settings, Privacy & Security, Microphone), and unmute it"
    if sys.platform == "win32":
        return "allow desktop apps to use it (Settings, Privacy & security, Microphone), and unmute it"
    return "check that it is not muted, neither on the device nor in the sound settings"
