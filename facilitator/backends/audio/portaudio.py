"""PortAudio, by sounddevice: the one place that opens sound devices.

PortAudio looks for devices once, when it starts, and starting it again ends every stream of the
process. So streams are opened here only, and `rescan` closes them all first; whoever owns one
notices that no frames come any more and opens it again.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import functools
import logging
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any, Literal

from facilitator.backends.audio.standard_error import muted
from facilitator.errors import AudioError

StreamDirection = Literal["input", "output"]
LATENCY_S = 0.1  # PortAudio's own "low" is too little for a busy laptop

_log = logging.getLogger(__name__)
_lock = threading.RLock()
_streams: set[Any] = set()  # the open ones
_leaving: set[threading.Thread] = set()  # those that close one, and have not come back
ANYBODYS = frozenset({
    "airpods", "alsa", "analog", "array", "asus", "audio", "bluetooth", "bose", "buds", "built-in", "builtin",
    "cable", "camera", "card", "codec", "default", "device", "digital", "dock", "earpods", "edirol", "external",
    "focusrite", "generic", "hands-free", "hd", "hda", "hdmi", "headphones", "headset", "hw", "input", "intel",
    "internal", "jabra", "jack", "jbl", "line", "logitech", "loudspeaker", "macbook", "mic", "microphone",
    "mikrofon", "mini", "monitor", "nvidia", "output", "phone", "pipewire", "plantronics", "poly", "pro",
    "pulse", "rate", "realtek", "room", "samson", "scarlett", "sennheiser", "sony", "sound", "speaker",
    "speakers", "stereo", "sysdefault", "technology", "usb", "virtual", "webcam", "wh", "yeti",
})  # fmt: skip
"""Words of device names that say nothing about who owns one."""
STUCK_S = 4.0
"""Closing takes a tenth of this. When a sound server dies, ALSA's way to it now and then waits for itself, for ever."""


def load() -> Any:
    """The module `sounddevice`. Raises AudioError when PortAudio is not installed."""
    with _lock, muted():
        try:
            import sounddevice  # noqa: PLC0415 (not before it is needed: it fails without PortAudio)
        except OSError as problem:
            raise AudioError(f"There is no PortAudio on this computer, {_install_line()}.") from problem
        except ImportError as problem:
            raise AudioError("The package sounddevice is missing: pip install sounddevice.") from problem
        _hush_alsa()
        return sounddevice


def devices(direction: StreamDirection) -> list[Mapping[str, Any]]:
    """PortAudio's devices that can do this, as it describes them, the default one first."""
    sd = load()
    with _lock, muted():
        able = [d for d in sd.query_devices() if d[f"max_{direction}_channels"] > 0]
    return sorted(able, key=lambda d: not is_default(d, direction))


def is_default(device: Mapping[str, Any], direction: StreamDirection) -> bool:
    return bool(load().default.device[direction == "output"] == device["index"])


def systems() -> list[str]:
    """The operating system's ways to sound devices, which a device names by number as its `hostapi`."""
    return [str(system["name"]) for system in load().query_hostapis()]


def find(device: str | int | None, direction: StreamDirection) -> Mapping[str, Any]:
    """The device of this number or (part of a) name; None is the default. Raises AudioError."""
    able = devices(direction)
    if not able:
        raise AudioError(f"There is no {_word(direction)} here: plug one in.")
    if device is None:
        return able[0]
    if isinstance(device, int) or device.isdecimal():
        chosen = [d for d in able if d["index"] == int(device)]
    else:
        named = [d for d in able if device.casefold() in d["name"].casefold()]
        chosen = [d for d in named if d["name"].casefold() == device.casefold()] or named
    if not chosen:
        known = ", ".join(f"{d['index']} ({d['name']})" for d in sorted(able, key=lambda d: d["index"]))
        raise AudioError(f"There is no {_word(direction)} called {device}. There are: {known}.")
    return chosen[0]


def open_stream(
    direction: StreamDirection, device: Mapping[str, Any], *, rate: int, channels: int, callback: Callable[..., None]
) -> Any:
    """A started float32 stream. Raises AudioError when the device does not want it."""
    sd = load()
    make = sd.InputStream if direction == "input" else sd.OutputStream
    extra = None
    with _lock, muted():
        try:
            if "WASAPI" in sd.query_hostapis(device["hostapi"])["name"]:
                extra = sd.WasapiSettings(auto_convert=True)
            stream = make(
                device=device["index"],
                samplerate=rate,
                channels=channels,
                dtype="float32",
                latency=LATENCY_S,
                callback=callback,
                extra_settings=extra,
            )
            _streams.add(stream)
            _log.info("opening %s", told(device, direction, rate, channels))
            try:
                stream.start()
            except sd.PortAudioError:
                close_stream(stream)  # it may have begun to call back all the same, and be gone when it does again
                raise
        except (sd.PortAudioError, ValueError) as problem:
            _log.warning("not opened: %s", told(device, direction, rate, channels))
            raise AudioError(
                f"The {_word(direction)} “{device['name']}” could not be opened ({_reason(problem)}): "
                "close other programs that use it, or choose another one (facilitator devices lists them)."
            ) from problem
        return stream


def told(device: Mapping[str, Any], direction: StreamDirection, rate: int, channels: int) -> str:
    """A device for the log. Of its name only what any device may be called: it may hold the name of a person."""
    words = str(device["name"]).split()
    name = " ".join(word if word.lower().strip("():,.0123456789-") in ANYBODYS else "…" for word in words)
    able = f"{device['max_input_channels']} in, {device['max_output_channels']} out"
    usual = f"{device['default_samplerate']:.0f} Hz"
    return f"{direction} {device['index']} “{name}” ({able}, {usual}) at {rate} Hz, {channels} channels"


def close_stream(stream: Any) -> None:
    """Close it, whatever state it is in; a stream that `rescan` has closed is left alone."""
    with _lock, muted():
        if stream in _streams:
            _streams.discard(stream)
            leaving = threading.Thread(target=_close, args=[stream], name="closing", daemon=True)
            leaving.start()
            leaving.join(STUCK_S)
            if leaving.is_alive():
                _leave_alone(leaving)


def _close(stream: Any) -> None:
    # Not closed while it runs: PortAudio would cancel its thread wherever that is, even in our callback.
    with contextlib.suppress(Exception):
        stream.stop(ignore_errors=True)
    with contextlib.suppress(Exception):
        stream.close(ignore_errors=True)


def _leave_alone(leaving: threading.Thread) -> None:
    """It may never come back: PortAudio, which would wait for its stream, is not ended any more, not even with the
    program. New streams open all the same."""
    _leaving.add(leaving)
    atexit.unregister(load()._exit_handler)


def is_open(stream: Any) -> bool:
    """False once it was closed, by whomever."""
    return stream in _streams


def rescan() -> None:
    """Look for devices again. Ends every stream of this process; their owners open them again. Where one of them does
    not end, the devices stay as they are known."""
    sd = load()
    with _lock, muted():
        for stream in list(_streams):
            close_stream(stream)
        _leaving.difference_update([leaving for leaving in _leaving if not leaving.is_alive()])
        if not _leaving:
            sd._terminate()
            sd._initialize()


def _word(direction: StreamDirection) -> str:
    return "microphone" if direction == "input" else "loudspeaker"


def _reason(problem: Exception) -> str:
    """PortAudio's own words for it, without the parts only programmers want."""
    return str(problem).removeprefix("Error opening ").split(" [")[0].partition(": ")[2] or str(problem)


def _install_line() -> str:
    if sys.platform.startswith("linux"):
        return "so it has no microphone and no loudspeaker: sudo apt-get install -y libportaudio2 libasound2-plugins"
    return "though its package should bring it: pip install --force-reinstall sounddevice"


@functools.cache
def _hush_alsa() -> None:
    """ALSA complains on standard error from threads of its own, at any time: give its complaints to a C
    function that ignores them. (Python may not run there: it could make ALSA wait.)"""
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError, AttributeError):
            nothing = ctypes.cast(ctypes.CDLL(None).getpid, ctypes.c_void_p)
            ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(nothing)
