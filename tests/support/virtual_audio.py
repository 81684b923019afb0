"""A microphone and a loudspeaker for machines that have none: a private PulseAudio.

Two sinks that lead nowhere: what is played into `room` is what the microphone hears, and what the
program plays into `loudspeaker` can be captured. PortAudio reaches them through ALSA's PulseAudio
plugin, in this process (`enter`) and in child processes (`env`). Debian's packages: `PACKAGES`.
"""

from __future__ import annotations

import contextlib
import ctypes.util
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from facilitator.backends.audio import portaudio
from tests.support.needed import needed

PACKAGES = "libportaudio2 libasound2-plugins pulseaudio pulseaudio-utils espeak-ng"
FLAGS = ("--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--log-target=stderr")
PROGRAMS = ("pulseaudio", "pactl", "pacat", "parec", "espeak-ng")

# `norewinds`: without it a null sink rewrites what was already played, and captures hold clicks.
SCRIPT = """\
.fail
load-module module-native-protocol-unix auth-anonymous=1 socket={socket}
load-module module-null-sink sink_name=room norewinds=1 rate=48000 channels=2
load-module module-null-sink sink_name=loudspeaker norewinds=1 rate=48000 channels=2
set-default-sink loudspeaker
set-default-source room.monitor
"""
ALSA = """\
</usr/share/alsa/alsa.conf>
pcm.!default { type pulse hint { show on description "Virtual room" } }
ctl.!default { type pulse }
"""


def missing() -> str | None:
    """What this machine lacks, as a sentence, or None."""
    lacking = [name for name in PROGRAMS if shutil.which(name) is None]
    if ctypes.util.find_library("portaudio") is None:
        lacking.append("PortAudio")
    if not lacking:
        return None
    return f"virtual audio needs {', '.join(lacking)}: apt-get install -y {PACKAGES}"


def require() -> None:
    needed(missing())


class VirtualAudio:
    """One PulseAudio of our own. `start`, then use; `stop` removes every trace."""

    _entered: VirtualAudio | None = None

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="virtual-audio-"))  # short: a socket's path has 108 bytes
        self.socket = self.folder / "native"
        self.env = {
            "PULSE_SERVER": f"unix:{self.socket}",
            "PULSE_SINK": "loudspeaker",
            "PULSE_SOURCE": "room.monitor",
            "ALSA_CONFIG_PATH": str(self.folder / "alsa.conf"),
        }
        (self.folder / "virtual.pa").write_text(SCRIPT.format(socket=self.socket))
        (self.folder / "alsa.conf").write_text(ALSA)
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self.socket.unlink(missing_ok=True)
        log = (self.folder / "log").open("wb")
        # It shall not outlive a test run that is killed.
        leash = ["setpriv", "--pdeathsig=KILL"] if shutil.which("setpriv") else []
        self._server = subprocess.Popen(
            [*leash, "pulseaudio", "-n", f"--file={self.folder / 'virtual.pa'}", *FLAGS],
            env=os.environ | {"XDG_RUNTIME_DIR": str(self.folder), "PULSE_RUNTIME_PATH": str(self.folder / "run")},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        log.close()
        until = time.monotonic() + 20
        while subprocess.run(["pactl", "info"], env=self._client(), capture_output=True, check=False).returncode:
            if self._server.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"PulseAudio did not start: {(self.folder / 'log').read_text()}")
            time.sleep(0.05)

    def kill(self) -> None:
        """The server dies at once, as a sound system that crashes does; `start` brings it back."""
        if self._server:
            self._server.kill()
            self._server.wait()
            self._server = None

    def stop(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def pactl(self, *words: str) -> str:
        """For instance `pactl("suspend-source", "room.monitor", "1")`."""
        done = subprocess.run(["pactl", *words], env=self._client(), capture_output=True, text=True, check=True)
        return done.stdout

    def play(self, samples: NDArray[np.float32], rate: int) -> subprocess.Popen[bytes]:
        """Play float32 samples, (frames,) or (frames, channels); returns at once. `wait()` lasts until they sounded."""
        command = [
            "pacat",
            "--playback",
            "--device=room",
            "--latency-msec=200",
            *_format(rate, samples.shape[1] if samples.ndim > 1 else 1),
        ]
        with tempfile.TemporaryFile(dir=self.folder) as sound:  # a pipe would hold only 64 KiB of it
            sound.write(np.asarray(samples, dtype="<f4").tobytes())
            sound.seek(0)
            return subprocess.Popen(command, env=self._client(), stdin=sound)

    @contextlib.contextmanager
    def capture(self, device: str = "loudspeaker.monitor", rate: int = 16_000) -> Iterator[Capture]:
        """Record what the loudspeaker plays for as long as the `with` lasts."""
        path = self.folder / f"capture-{time.monotonic_ns()}"
        with path.open("wb") as out:
            command = ["parec", f"--device={device}", "--latency-msec=20", *_format(rate)]
            recorder = subprocess.Popen(command, env=self._client(), stdout=out)
        capture = Capture(path, rate)
        try:
            until = time.monotonic() + 10
            while not capture.samples().size:  # parec needs a moment before it records
                if time.monotonic() > until:
                    raise RuntimeError("nothing is being captured")
                time.sleep(0.01)
            yield capture
        finally:
            recorder.terminate()
            recorder.wait()

    @contextlib.contextmanager
    def enter(self) -> Iterator[None]:
        """Make this the sound system of this very process, PortAudio included."""
        before = {name: os.environ.get(name) for name in self.env}
        os.environ.update(self.env)
        if VirtualAudio._entered is not self:  # else PortAudio knows these devices already
            portaudio.rescan()
            VirtualAudio._entered = self
        try:
            yield
        finally:
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})

    def _client(self) -> dict[str, str]:
        return os.environ | self.env


class Capture:
    """What was recorded so far, mono float32 at `rate`."""

    def __init__(self, path: Path, rate: int) -> None:
        self._path = path
        self.rate = rate

    def samples(self) -> NDArray[np.float32]:
        data = self._path.read_bytes()
        return np.frombuffer(data[: len(data) // 4 * 4], dtype="<f4")


def _format(rate: int, channels: int = 1) -> list[str]:
    return ["--raw", "--format=float32le", f"--rate={rate}", f"--channels={channels}"]


@pytest.fixture(scope="session")
def virtual_audio() -> Iterator[VirtualAudio]:
    """The session's virtual room, for child processes (`env`) and for `capture` and `play`."""
    require()
    audio = VirtualAudio()
    try:
        audio.start()
        yield audio
    finally:
        audio.stop()


@pytest.fixture
def sound(virtual_audio: VirtualAudio) -> Iterator[VirtualAudio]:
    """The virtual room as this process's own sound system."""
    with virtual_audio.enter():
        yield virtual_audio


@pytest.fixture
def own_sound() -> Iterator[VirtualAudio]:
    """A virtual room of this test's own, which it may kill and start again."""
    require()
    audio = VirtualAudio()
    try:
        audio.start()
        with audio.enter():
            yield audio
    finally:
        audio.stop()
