"""Nothing leaves this computer and no sound stays on it: the real program, with a guard in every Python
process that it starts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from facilitator.page.networks import OwnAddress, own_addresses
from tests.support.recorded_table import TABLE

# Python loads `sitecustomize` at the start of every process that has it in its path. The hook is called
# with everything that is about to happen; it notes files opened for writing, and forbids the network.
GUARD = """
import os, sys

def guard(event, args, note=os.environ["GUARD_NOTES"], here=("127.", "::1", "localhost")):
    if event == "open" and isinstance(args[0], (str, bytes)) and args[2] & (os.O_WRONLY | os.O_RDWR):
        if os.fsdecode(args[0]) != note:
            with open(note, "a", encoding="utf-8") as file:
                file.write(f"write {os.fsdecode(args[0])}\\n")
    elif event.startswith("socket."):
        # connect, bind and sendto bring (socket, address); the look-ups of names bring the name first.
        if event in ("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"):
            address = args[1]
            where = address[0] if isinstance(address, tuple) else None  # else a socket in the file system
        elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"):
            where = args[0][0] if isinstance(args[0], tuple) else args[0]
        else:
            return
        if where is not None and not os.fsdecode(where).startswith(here):
            with open(note, "a", encoding="utf-8") as file:
                file.write(f"network {event} {where}\\n")
            raise PermissionError(f"the network is forbidden: {event} {where}")

sys.addaudithook(guard)
"""
SOUND_BEGINS = (b"RIFF", b"RIFX", b"fLaC", b"OggS", b"ID3", b"\xff\xfb", b"FORM", b".snd", b"caff", b"\x93NUMPY")
SOUND_ENDS = {".wav", ".flac", ".ogg", ".mp3", ".opus", ".aiff", ".raw", ".pcm", ".npy", ".npz"}


class Guarded:
    """A home, a folder for temporary files, and a place to run the program in, all watched."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.notes = folder, folder / "notes"
        self.work, self.home, self.tmp, guard = (folder / name for name in ("work", "home", "tmp", "guard"))
        for path in (self.work, self.home, self.tmp, guard):
            path.mkdir()
        (guard / "sitecustomize.py").write_text(GUARD, encoding="utf-8")
        own = {"XDG_DATA_HOME": "data", "XDG_CONFIG_HOME": "config", "XDG_CACHE_HOME": "cache", "LOCALAPPDATA": "data"}
        self.env = {
            **os.environ,
            **{name: str(self.home / path) for name, path in own.items()},
            **dict.fromkeys(("HOME", "USERPROFILE"), str(self.home)),
            **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(self.tmp)),
            "PYTHONPATH": os.pathsep.join([str(guard), str(Path(__file__).parents[2])]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "GUARD_NOTES": str(self.notes),
        }

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *arguments]
        return subprocess.run(
            command, cwd=self.work, env=self.env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )

    def facilitator(self, *arguments: str) -> str:
        done = self.python("-m", "facilitator", *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def noted(self, kind: str) -> list[str]:
        lines = self.notes.read_text(encoding="utf-8").splitlines() if self.notes.exists() else []
        return [line.partition(" ")[2] for line in lines if line.startswith(kind)]

    def left(self) -> list[Path]:
        """Every file that is there now."""
        return [path for top in (self.work, self.home, self.tmp) for path in top.rglob("*") if path.is_file()]

    def assert_nothing_left_the_room(self) -> None:
        assert self.noted("network") == []
        assert [path for path in self.noted("write") if Path(path).suffix in SOUND_ENDS] == []
        for path in self.left():
            assert path.suffix not in SOUND_ENDS, path
            assert not path.read_bytes().startswith(SOUND_BEGINS), path


@pytest.fixture
def guarded(tmp_path: Path) -> Guarded:
    return Guarded(tmp_path)


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Path]]:
    """A short talk of two people of the recorded table, and a voice sample of each, outside the watched folders."""
    folder = tmp_path_factory.mktemp("recording")
    clips = {name: sorted(TABLE.glob(f"{name}-*.flac")) for name in ("ana", "ben")}
    rate = soundfile.info(clips["ana"][0]).samplerate

    def join(paths: list[Path], to: str) -> Path:
        sounds = [soundfile.read(path, dtype="float32", always_2d=True)[0][:, 0] for path in paths]
        soundfile.write(folder / to, np.concatenate(sounds), rate)
        return folder / to

    voices = {name.title(): join(paths, f"{name}.wav") for name, paths in clips.items()}
    return join([path for pair in zip(*clips.values(), strict=False) for path in pair], "talk.wav"), voices


def voice_options(voices: dict[str, Path]) -> list[str]:
    return [word for name, path in voices.items() for word in ("--voice", f"{name}={path}")]


def test_the_guard_forbids_what_it_should_and_nothing_else(guarded: Guarded) -> None:
    loopback = (
        "import socket; server = socket.create_server(('127.0.0.1', 0)); "
        "socket.create_connection(server.getsockname()).close()"
    )
    assert guarded.python("-c", loopback).returncode == 0
    assert guarded.noted("network") == []

    outside = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)"
    assert "the network is forbidden" in guarded.python("-c", outside).stderr
    assert (
        "the network is forbidden" in guarded.python("-c", "import socket; socket.gethostbyname('example.org')").stderr
    )
    datagram = "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 9))"
    assert "the network is forbidden" in guarded.python("-c", datagram).stderr
    nested = f"import subprocess, sys; subprocess.run([sys.executable, '-P', '-c', {outside!r}])"
    assert "the network is forbidden" in guarded.python("-c", nested).stderr
    assert len(guarded.noted("network")) == 4

    guarded.python("-c", "open('talk.wav', 'wb').write(b'RIFF')")
    assert "talk.wav" in guarded.noted("write")
    with pytest.raises(AssertionError):
        guarded.assert_nothing_left_the_room()


def test_a_whole_discussion(guarded: Guarded) -> None:
    told = guarded.facilitator("demo", "--fast", "--script", str(TABLE), "--db", str(guarded.work / "sessions.db"))
    assert "Ana" in told
    guarded.assert_nothing_left_the_room()
    assert (guarded.work / "sessions.db").is_file()


def test_analysing_a_recording(guarded: Guarded, recording: tuple[Path, dict[str, Path]]) -> None:
    talk, voices = recording
    told = guarded.facilitator("analyze", str(talk), *voice_options(voices), "--json", "result.json")
    assert "Ben" in told
    guarded.assert_nothing_left_the_room()
    assert [path.name for path in guarded.left()] == ["result.json"]


def test_a_session_from_a_recording_keeps_only_its_database(
    guarded: Guarded, recording: tuple[Path, dict[str, Path]]
) -> None:
    talk, voices = recording
    people = ["--people", "Ana, Ben", "--format", "open", "--yes", "--audio", str(talk), "--fast"]
    guarded.facilitator("start", *people, *voice_options(voices))
    guarded.assert_nothing_left_the_room()
    (database,) = (path for path in guarded.left() if not path.name.endswith(("-wal", "-shm")))
    assert database.suffix == ".db"
    assert database.stat().st_size < talk.stat().st_size / 2  # no room for the sound in it, however packed
    if os.name == "posix":
        assert database.stat().st_mode & 0o077 == 0
        assert database.parent.stat().st_mode & 0o077 == 0


def test_sharing_listens_in_the_own_network_and_connects_to_nobody(
    guarded: Guarded, recording: tuple[Path, dict[str, Path]]
) -> None:
    talk, voices = recording
    where = (own_addresses() or [OwnAddress(address="127.0.0.2", interface="this computer")])[0].address
    people = ["--people", "Ana, Ben", "--format", "open", "--yes", "--audio", str(talk), "--fast"]
    shared = ["--no-page", "--share", "--share-address", where]
    guarded.facilitator("start", *people, *voice_options(voices), *shared)  # where it may not listen, it goes on
    assert set(guarded.noted("network")) <= {f"socket.bind {where}"}


def test_looking_around(guarded: Guarded) -> None:
    guarded.python("-m", "facilitator", "doctor")  # whatever it finds
    for command in (["formats", "list"], ["formats", "check"], ["--help"]):
        guarded.facilitator(*command)
    assert guarded.noted("network") == []
