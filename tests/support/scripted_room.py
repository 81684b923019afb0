"""Recorded people in a virtual room, who answer what the real program says through its real loudspeaker.

The program runs as a child process with a PulseAudio room as its sound system and a terminal as its
keyboard. Its plain lines are followed; a script (`facilitator/demo/script.py` tells how to write
one) says what is played into the room's microphone in answer, and who is asked for the key presses y. The room and the
loudspeaker are
recorded meanwhile, and what was played is found in the recording of the room, so that the truth is
known to a few milliseconds, whatever the latency of the player.
"""

from __future__ import annotations

import contextlib
import os
import pty
import queue
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facilitator.core.language.phrases import PHRASES
from facilitator.core.language.wording import Language
from facilitator.demo.scripted_table import Cue, Script, room_noise
from facilitator.hearing.signal.audio import RATE, Samples
from facilitator.resources.prompts import default_prompts, parsed_language
from facilitator.terminal.keys import keys_for
from tests.support.virtual_audio import Capture, VirtualAudio

ROOT = Path(__file__).parents[2]
NOISE_S = 300
_FRAME = RATE // 50
_SECOND = 50  # frames


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line that the program printed, when it came (`time.monotonic`), and the session time before it."""

    at_s: float
    text: str
    session_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A clip sounded in the room in this stretch (`time.monotonic`); `speech` are the stretches of speech in it."""

    person: str
    clip: str
    start_s: float
    end_s: float
    speech: tuple[tuple[float, float], ...]


@dataclass(slots=True, kw_only=True)
class _Scene:
    """What a cue played: the mixed sound, when the player was started, when it was stopped."""

    started_s: float
    sound: Samples
    clips: list[tuple[str, str, int]]  # person, clip, first sample in `sound`
    player: subprocess.Popen[bytes]
    stopped: bool = False


@dataclass(slots=True)
class ScriptedRoom:
    """One run of the program. `follow` until something, as often as needed; then `said` and the captures."""

    audio: VirtualAudio
    script: Script
    arguments: list[str]
    folder: Path
    press_nothing: Collection[str] = ()
    """Who does not press y when asked whether they may be heard."""
    lines: list[Line] = field(default_factory=list)
    _scenes: list[_Scene] = field(default_factory=list)
    _later: list[tuple[float, Callable[[], None]]] = field(default_factory=list)
    _lines: queue.Queue[Line | None] = field(default_factory=queue.Queue)
    _unused: list[Cue] = field(default_factory=list)
    _open: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _room: Capture = field(init=False)
    _loudspeaker: Capture = field(init=False)
    _offsets: dict[int, float] = field(default_factory=dict)
    _language: Language = field(default_factory=lambda: parsed_language(default_prompts().language_file("en")))
    _keyboard: int = field(init=False)
    _program: subprocess.Popen[str] = field(init=False)
    killed_s: float = float("inf")

    def __enter__(self) -> ScriptedRoom:
        self._unused = list(self.script.cues)
        self._room = self._open.enter_context(self.audio.capture("room.monitor"))
        self._loudspeaker = self._open.enter_context(self.audio.capture())
        noise = np.resize(room_noise(self.script.noise_db, self.script.seed), NOISE_S * RATE)
        hum = self._sound(noise)
        self._open.callback(hum.wait)
        self._open.callback(hum.terminate)
        self._keyboard, terminal = pty.openpty()
        home = {name: str(self.folder) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
        self._program = subprocess.Popen(
            [sys.executable, "-m", "facilitator", *self.arguments],
            env=os.environ | self.audio.env | home | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
            cwd=self.folder,
            stdin=terminal,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        os.close(terminal)
        self._open.callback(os.close, self._keyboard)
        self._open.callback(self.kill)
        threading.Thread(target=self._read, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    # --- while it runs

    def follow(self, until: Callable[[str], bool], timeout_s: float) -> Line:
        """Answers the program until a line that fits comes. Raises AssertionError when none does."""
        last_s = time.monotonic() + timeout_s
        while True:
            now_s = time.monotonic()
            for when, act in [entry for entry in self._later if entry[0] <= now_s]:
                self._later.remove((when, act))
                act()
            next_s = min([last_s, *(when for when, _ in self._later)])
            try:
                line = self._lines.get(timeout=max(0.0, next_s - time.monotonic()))
            except queue.Empty:
                assert time.monotonic() < last_s, f"nothing more came after:\n{self.transcript()}"
                continue
            assert line is not None, f"the program ended early:\n{self.transcript()}"
            self.lines.append(line)
            self._observe()
            self._answer(line.text)
            if until(line.text):
                return line

    def press(self, key: str) -> None:
        os.write(self._keyboard, key.encode())

    def press_after(self, seconds: float, key: str) -> None:
        """While it is followed."""
        self._after(seconds, lambda: self.press(key))

    def wait(self, timeout_s: float) -> int:
        """The program's exit status, once it has printed its last line."""
        status = self._program.wait(timeout_s)
        while (line := self._lines.get(timeout=5)) is not None:
            self.lines.append(line)
        return status

    def kill(self) -> None:
        """The plug is pulled: SIGKILL, and everyone falls silent."""
        self.killed_s = min(self.killed_s, time.monotonic())
        for scene in self._scenes:
            self._silence(scene)
        self._later.clear()
        if self._program.poll() is None:
            self._program.kill()
        self._program.wait()

    def transcript(self) -> str:
        return "\n".join(line.text for line in self.lines)

    def _read(self) -> None:
        assert self._program.stdout is not None
        for text in self._program.stdout:
            clock, _, rest = text.rstrip("\n").partition("  ")
            if clock.replace(":", "").isdigit():
                session_s = sum(int(part) * 60**power for power, part in enumerate(reversed(clock.split(":"))))
                self._lines.put(Line(at_s=time.monotonic(), text=rest, session_s=session_s))
            else:
                self._lines.put(Line(at_s=time.monotonic(), text=text.rstrip("\n")))
        self._lines.put(None)

    def _answer(self, text: str) -> None:
        what, _, rest = text.partition(": ")
        if what in ("listens", "floor") and "(" not in rest.split(" (")[0]:
            person = rest.split(" (")[0]
            on = "listen" if what == "listens" else "floor"
            for cue in self._unused:
                if (cue.on, cue.person) == (on, person) and not (on == "listen" and rest != person):
                    if not cue.again:
                        self._unused.remove(cue)
                    self._after(cue.wait_ms / 1000, lambda cue=cue: self._play(cue))  # type: ignore[misc]
                    break
        elif what == "said" and self._is_for_a_yes(rest):
            self._after(1.0, lambda: self.press("y"))
        elif what == "said":
            for cue in self._unused:
                if cue.on == "prompt" and cue.what is not None and self._is(cue.what, rest, cue.person):
                    if not cue.again:
                        self._unused.remove(cue)
                    self._after(cue.wait_ms / 1000, lambda cue=cue: self._play(cue))  # type: ignore[misc]
                    break
        elif what == "floor ends":
            for scene in self._scenes:
                self._silence(scene)
            self._later.clear()

    def _is_for_a_yes(self, said: str) -> bool:
        """Whether somebody is asked who says yes."""
        for kind in ("opening.may_i_by_hand", "opening.arrival_by_hand"):
            if self._is(kind, said, None):
                return not any(self._is(kind, said, name) for name in self.press_nothing)
        return False

    def _is(self, kind: str, said: str, person: str | None) -> bool:
        """Whether these words, in quotes, are a wording of this phrase, about this person if there is one."""
        slots = {slot: f"(?P<{slot}>.+)" for slot in PHRASES[kind]}
        for wording in self._language.phrases[kind]:
            parts = re.split(r"({\w+})", wording)
            pattern = "".join(slots[p[1:-1]] if p[:1] == "{" else re.escape(p) for p in parts)
            found = re.fullmatch(pattern, said.strip('"'))
            if found and (person is None or found.groupdict().get("name") == person):
                return True
        return False

    def _after(self, seconds: float, act: Callable[[], None]) -> None:
        self._later.append((time.monotonic() + seconds, act))

    def _play(self, cue: Cue) -> None:
        clips, end = [], 0
        for item in cue.play:
            first = (end + item.after_ms * RATE // 1000) if item.at_ms is None else item.at_ms * RATE // 1000
            if item.at_ms is None:
                end = first + len(self.script.clips[item.clip])
            clips.append((item.person, item.clip, first))
        sound = np.zeros(max(first + len(self.script.clips[clip]) for _, clip, first in clips), np.float32)
        for _, clip, first in clips:
            samples = self.script.clips[clip]
            sound[first : first + len(samples)] += samples
        player = self._sound(sound)
        self._scenes.append(_Scene(started_s=time.monotonic(), sound=sound, clips=clips, player=player))
        if cue.then is not None:
            (key,) = keys_for([cue.then])
            self._after((end + cue.then_after_ms * RATE // 1000) / RATE, lambda: self.press(key.characters[0]))

    def _sound(self, samples: Samples) -> subprocess.Popen[bytes]:
        """Plays into the room. A long buffer keeps the sound whole on a busy machine."""
        form = ["--raw", "--format=float32le", f"--rate={RATE}", "--channels=1"]
        with tempfile.TemporaryFile(dir=self.folder) as file:
            file.write(np.asarray(samples, dtype="<f4").tobytes())
            file.seek(0)
            return subprocess.Popen(
                ["pacat", "--playback", "--device=room", "--latency-msec=2000", *form],
                env=os.environ | self.audio.env,
                stdin=file,
            )

    def _silence(self, scene: _Scene) -> None:
        if scene.player.poll() is None:
            scene.stopped = True
            scene.player.terminate()
        scene.player.wait()

    # --- what happened

    def _observe(self) -> None:
        """A capture began at `now - samples / rate`, or earlier by what is still on its way: the least is right."""
        for capture in (self._room, self._loudspeaker):
            began = time.monotonic() - len(capture.samples()) / capture.rate
            self._offsets[id(capture)] = min(began, self._offsets.get(id(capture), began))

    def loudspeaker(self, start_s: float, end_s: float) -> Samples:
        """What the loudspeaker played in this stretch."""
        return self._cut(self._loudspeaker, start_s, end_s)

    def _cut(self, capture: Capture, start_s: float, end_s: float) -> NDArray[np.float32]:
        began = self._offsets[id(capture)]
        return capture.samples()[max(0, round((start_s - began) * RATE)) : max(0, round((end_s - began) * RATE))]

    def said(self) -> list[Said]:
        """Everything that sounded in the room, where it is found in the room's recording."""
        found = []
        for scene in self._scenes:
            heard = self._cut(self._room, scene.started_s - 0.5, scene.started_s + 2.0 + len(scene.sound) / RATE)
            began_s = max(scene.started_s - 0.5, self._offsets[id(self._room)])
            lag, likeness = locate(scene.sound, heard)
            assert likeness > 0.9 or scene.stopped, f"what was played is not in the room ({likeness:.2f})"
            for person, clip, first in scene.clips:
                samples = self.script.clips[clip]
                start_s = began_s + (lag + first) / RATE
                speech = tuple((start_s + a / RATE, start_s + b / RATE) for a, b in speech_in(samples))
                end_s = start_s + len(samples) / RATE
                found.append(Said(person=person, clip=clip, start_s=start_s, end_s=end_s, speech=speech))
        return found


def locate(sound: Samples, heard: Samples) -> tuple[int, float]:
    """Where `sound` begins in `heard`, in samples, and how alike the two are there (1: the same)."""
    size = 1 << (len(sound) + len(heard)).bit_length()
    match = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(sound, size)), size)[: len(heard)]
    lag = int(np.argmax(match))
    part = heard[lag : lag + len(sound)]
    norm = float(np.linalg.norm(part) * np.linalg.norm(sound[: len(part)]))
    return lag, float(match[lag]) / norm if norm else 0.0


def locate_words(words: Samples, heard: Samples) -> tuple[float, float]:
    """Where `words` begin in `heard`, in seconds, and how alike they are there (1: the same).

    Compares spectra over time and not samples, second by second: a loudspeaker on a busy machine stands
    still for a moment, so each second may come up to half a second later than the one before says."""
    wanted, found = _spectra(words), _spectra(heard)
    cuts = np.array_split(np.arange(len(wanted)), max(1, round(len(wanted) / _SECOND)))
    lags = len(found) - len(wanted) + 1
    if lags < 1:
        return 0.0, -1.0
    total = np.zeros(lags)  # the best sum up to this piece, if this piece lies at this lag
    starts = np.arange(lags)  # and where the first piece lies then
    for number, cut in enumerate(cuts):
        if number:
            later = [max(range(max(0, lag - _SECOND // 2), lag + 1), key=lambda at: total[at]) for lag in range(lags)]
            total, starts = total[later], starts[later]
        total = total + [_likeness(wanted[cut], found[cut + lag]) * len(cut) for lag in range(lags)]
    best = int(np.argmax(total))
    return int(starts[best]) * _FRAME / RATE, float(total[best]) / len(wanted)


def _likeness(wanted: NDArray[np.float64], part: NDArray[np.float64]) -> float:
    wanted, part = wanted - wanted.mean(axis=0), part - part.mean(axis=0)
    return float(np.sum(wanted * part) / (np.linalg.norm(wanted) * np.linalg.norm(part) + 1e-9))


def _spectra(sound: Samples) -> NDArray[np.float64]:
    """Log energy in 20 bands, a row for every 20 ms."""
    count = len(sound) // _FRAME
    spectrum = np.abs(np.fft.rfft(sound[: count * _FRAME].reshape(count, _FRAME) * np.hanning(_FRAME)))[:, 2:]
    return np.log(1e-4 + np.stack([band.mean(axis=1) for band in np.array_split(spectrum, 20, axis=1)], axis=1))


def speech_in(clip: Samples) -> list[tuple[int, int]]:
    """The stretches of speech in a clean clip, in samples: louder than 40 dB below its loudest; pauses
    under 0.2 s belong to it."""
    frame = RATE // 100
    count = len(clip) // frame
    level = np.sqrt(np.mean(clip[: count * frame].reshape(count, frame) ** 2, axis=1))
    stretches: list[tuple[int, int]] = []
    for i in np.flatnonzero(level > level.max() / 100):
        start, end = int(i) * frame, (int(i) + 1) * frame
        if stretches and start - stretches[-1][1] < RATE // 5:
            stretches[-1] = (stretches[-1][0], end)
        else:
            stretches.append((start, end))
    return stretches
