"""Nothing leaves this computer and nothing is written but where it should be: every command of the real program, in a
network of its own with a resolver, listeners and a sniffer in it, and under strace, which sees native code, too.

The environment is one of an ordinary person: without `CI`, in whose presence telemetry is silent. Some of it also waits
for seconds before it talks, so what loads native libraries stays for `LONG_ENOUGH_S`.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import click
import numpy as np
import pytest
import soundfile

from facilitator.cli import cli
from facilitator.store.items import Logged
from facilitator.store.reader import Reader
from facilitator.store.recovery.rescue_file import Heading, save
from tests.support.recorded_table import TABLE
from tests.support.virtual_audio import VirtualAudio
from tests.support.watched import ROOT, Seen, World, innermost, require, until

VISITOR = ROOT / "tests" / "support" / "page_visitor.py"
LONG_ENOUGH_S = 15  # onnxruntime 1.32 was seen to call home 4 to 10 s after it was loaded
PROGRAM = (sys.executable, "-m", "facilitator")

# Minutes, on a slow or busy computer: everything is heard with all models.
pytestmark = [pytest.mark.timeout(1500), pytest.mark.slow]
# Not `sound`, whose tests may try again: who calls home now and then is to be found, too.

# What a program that calls home does, in C, so that no audit hook of Python sees it.
TALKS = """
import ctypes, os, socket, struct, subprocess, sys
libc = ctypes.CDLL(None, use_errno=True)
def talk(kind, host, port):
    address = struct.pack("=HH4s8x", socket.AF_INET, socket.htons(port), bytes(map(int, host.split("."))))
    fd = libc.socket(socket.AF_INET, kind, 0)
    assert libc.connect(fd, address, 16) == 0
    assert libc.write(fd, b"hello", 5) == 5
def make(variable, *names):
    path = os.environ[variable]
    for name in names[:-1]:
        path += "/" + name
        assert libc.mkdir(os.fsencode(path), 0o700) == 0
    assert libc.creat(os.fsencode(path + "/" + names[-1]), 0o600) >= 0
match sys.argv[1]:
    case "look-up":
        libc.getaddrinfo(b"telemetry.example", b"443", None, ctypes.byref(ctypes.c_void_p()))
    case "call":
        talk(socket.SOCK_STREAM, "198.51.100.7", 443)
    case "packet":
        talk(socket.SOCK_DGRAM, "198.51.100.7", 9999)
    case "child":
        subprocess.run([sys.executable, "-c", sys.argv[2], "call"], check=True)
    case "file":
        make("HOME", ".vendor", "deviceid")
    case "elsewhere":
        assert libc.creat(b"/var/tmp/facilitator-control", 0o600) >= 0
        libc.unlink(b"/var/tmp/facilitator-control")
    case "nothing wrong":
        talk(socket.SOCK_STREAM, "127.0.0.1", 443)
        make("TMPDIR", "mine")
"""


@pytest.fixture
def world(tmp_path: Path) -> World:
    require()
    return World(tmp_path)


def stray(seen: Seen, world: World, *, sound: bool = False) -> list[str]:
    """What was written outside the known places."""
    own = (world.data, world.tmp, world.work)
    known = [pattern.format(home=re.escape(str(world.home))) for pattern in (*KNOWN, *(SOUND_SYSTEM if sound else ()))]
    return sorted(
        name
        for name in seen.written
        if not any(Path(name).is_relative_to(place) for place in own)
        and not any(re.fullmatch(pattern, name) for pattern in known)
    )


KNOWN = (
    r"/dev/(null|tty|pts/\d+|ptmx)",
    r"(socket|pipe|anon_inode):.*",
    r"{home}/\.local/share/(applications|icons)(/.*)?",  # the icon that shortcut puts there
    r"/dev/shm/sem\.\S+",  # what processes wait for each other by (archive): a number in memory
    r"/memfd:.*",  # memory that is written like a file, and has no name
    rf"({re.escape(str(ROOT))}|{re.escape(sys.prefix)})/.*__pycache__.*",  # what Python compiles, beside its source
)
SOUND_SYSTEM = (  # in docs/privacy.md: what the libraries of the sound system make, in any program that plays sound
    r"{home}/\.config(/pulse(/cookie)?)?",  # libpulse: random bytes, to prove to the sound server whose program it is
    r"/dev/shm/jack_db-\d+(/.*)?",  # libjack, which Debian's PortAudio asks: shared memory, no file on a disk
    r"/dev/shm/pulse-shm-\d+",
)


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("look-up", "look-up telemetry.example"),
        ("call", "call 198.51.100.7 443 (5 bytes)"),
        ("packet", "packet 198.51.100.7 198.51.100.7"),
        ("child", "call 198.51.100.7 443 (5 bytes)"),
    ],
)
def test_both_witnesses_see_native_code_that_talks(world: World, kind: str, shown: str) -> None:
    """The control: without it, a witness that is blind would find everything in order."""
    seen = world.run(sys.executable, "-c", TALKS, kind, TALKS)
    assert seen.code == 0, seen.told
    assert shown in seen.left
    assert seen.sent
    assert not stray(seen, world)


def test_strace_sees_native_code_that_writes(world: World) -> None:
    seen = world.run(sys.executable, "-c", TALKS, "file")
    assert stray(seen, world) == [f"{world.home}/.vendor", f"{world.home}/.vendor/deviceid"]
    assert [path.name for path in world.left()] == ["deviceid"]
    assert not seen.talked()
    assert stray(world.run(sys.executable, "-c", TALKS, "elsewhere"), world) == ["/var/tmp/facilitator-control"]


def test_nothing_is_seen_where_there_is_nothing(world: World) -> None:
    quiet = world.run(sys.executable, "-c", TALKS, "nothing wrong")
    assert quiet.code == 0, quiet.told
    assert not quiet.talked() and not stray(quiet, world)
    assert f"{world.tmp}/mine" in quiet.written


# --- the program -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Path]]:
    """Two people of the recorded table after each other, and a voice sample of each, outside the watched folders."""
    folder = tmp_path_factory.mktemp("recording")

    def write(name: str, *clips: str) -> Path:
        read = [soundfile.read(TABLE / f"{clip}.flac", dtype="float32") for clip in clips]
        soundfile.write(folder / name, np.concatenate([samples for samples, _ in read]), read[0][1])
        return folder / name

    voices = {name.title(): write(f"{name}.wav", f"{name}-0") for name in ("ana", "ben")}
    return write("talk.wav", "ana-1", "ben-1"), voices


@pytest.fixture
def home(world: World, real_models: Path, virtual_audio: VirtualAudio) -> World:
    """The models where `models install` puts them, also one of words; and a sound system."""
    world.data.mkdir(mode=0o700, parents=True)
    models = world.data / "models"
    shutil.copytree(real_models, models)
    for name, mini in (("vosk-words-en", "vosk-model-mini-en"), ("vosk-voiceprint", "vosk-model-mini-spk")):
        shutil.copytree(ROOT / "tests" / "data" / "models" / mini, models / name)
    world.environ |= virtual_audio.env
    return world


def assert_silent(seen: Seen, world: World, code: int = 0) -> None:
    assert seen.code == code, seen.told
    assert seen.talked() == []
    assert not (strays := stray(seen, world, sound=True)), "\n".join(strays)
    assert seen.sockets <= {"", world.environ.get("PULSE_SERVER", "").removeprefix("unix:")}


def test_the_live_state_is_told_to_this_computer_only(home: World) -> None:
    words = ["start", "--people", "Ana, Ben", "--timer-only", "--speech", "silent", "--yes", "--no-page"]
    assert_silent(home.run(*PROGRAM, *words, "--mqtt", "localhost:1"), home, 2)  # no broker is there
    assert_silent(home.run(*PROGRAM, *words, "--mqtt", "telemetry.example"), home, 2)
    seen = home.run(*PROGRAM, *words, "--mqtt", "telemetry.example", "--mqtt-elsewhere")
    assert "look-up telemetry.example" in seen.left, "and where it was said, it is seen"


PACKAGES_OF = metadata.packages_distributions()
ALSO_CALLED = {"soundfile": "libsndfile"}  # what it brings

EVERYTHING = """
import importlib, pkgutil, sys, time
import facilitator
for module in pkgutil.walk_packages(facilitator.__path__, "facilitator."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
for name in sys.argv[2:]:  # what this program loads only when it is needed
    importlib.import_module(name)
time.sleep(float(sys.argv[1]))
"""


def dependencies() -> list[str]:
    """The modules of every package that the program needs, by what is installed."""
    lines = [line for line in metadata.requires("facilitator") or () if "extra" not in line]
    named = {re.split(r"[^\w.-]", line)[0].lower() for line in lines}
    return sorted(module for module, packages in PACKAGES_OF.items() if {name.lower() for name in packages} & named)


def test_importing_all_of_it_and_all_that_it_needs(home: World) -> None:
    needed = dependencies()
    assert {"numpy", "vosk", "sounddevice", "soundfile"} <= set(needed)
    seen = home.run(sys.executable, "-c", EVERYTHING, str(LONG_ENOUGH_S), *needed)
    assert_silent(seen, home)


def test_every_package_with_native_code_is_in_the_documentation() -> None:
    """Where it says what was measured of it."""
    page = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
    section = page[page.index("## Native code") : page.index("## The page")].lower()
    ends = (".so", ".pyd", ".dll", ".dylib")
    native = {
        package.lower()
        for package in {package for module in dependencies() for package in PACKAGES_OF[module]}
        if any(str(file).endswith(ends) for file in metadata.files(package) or ())
    }
    assert native >= {"numpy", "vosk"}
    assert not {package for package in native if ALSO_CALLED.get(package, package) not in section}


def leaves(command: click.Command, name: str = "") -> set[str]:
    if not isinstance(command, click.Group):
        return {name.strip()}
    ctx = click.Context(command)
    inner = {sub: command.get_command(ctx, sub) for sub in command.list_commands(ctx)}
    return set().union(*(leaves(one, f"{name} {sub}") for sub, one in inner.items() if one is not None))


def test_every_command(home: World, recording: tuple[Path, dict[str, Path]]) -> None:
    talk, voices = recording
    samples = [word for name, path in voices.items() for word in ("--voice", f"{name}={path}")]
    ana = str(voices["Ana"])
    archive = home.folder / "words.zip"
    rescued = home.folder / "rescued.jsonl"
    commands: dict[str, list[tuple[list[str], int]]] = {
        "start": [(["--people", "Ana, Ben", "--format", "open", "--yes", "--audio", str(talk), "--fast", *samples], 0)],
        "demo": [(["--fast", "--db", "demo.db", "--script", str(TABLE)], 0)],
        "analyze": [
            ([str(talk), *samples, "--json", "a.json", "--rttm", "a.rttm", "--csv", "a.csv", "--explain"], 0),
            ([str(talk), "--people", "2"], 0),
        ],
        "import": [(["a.rttm", "--db", "import.db"], 0)],
        "archive": [([str(talk.parent), "--out", "archive.db", "--workers", "2"], 0)],
        "shortcut": [([], 0), (["--remove"], 0)],
        "review": [([], 0), (["--all"], 0), (["--html", "a.html"], 0), (["--md"], 0), (["--csv"], 0), (["--json"], 0)],
        "correct rename": [(["Ana", "Anna"], 0)],
        "correct reassign": [(["1", "2", "--to", "Ben"], 0)],
        "correct guest": [(["2", "3"], 0)],
        "correct leave-out": [(["3", "4"], 0)],
        "correct merge": [(["Ana", "Ben"], 1)],
        "correct list": [([], 0)],
        "correct undo": [([], 0)],
        "agreements": [([], 0), (["--ics", "dates.ics"], 0)],
        "replay": [([], 0)],
        "room": [([], 2)],  # with nobody there; `test_room.py` has tables
        "mediate notes": [(["--add", "something"], 0)],
        "mediate report": [([], 0)],
        "merge": [(["import.db", "--all-same"], 0)],
        "recover": [([str(rescued)], 0)],
        "trends": [([], 0), (["--html", "trends.html"], 0)],
        "export": [(["backup.zip"], 0), (["for-ana", "--person", "Ana"], 0), (["figures", "--anonymous"], 0)],
        "people list": [([], 0)],
        "people pronunciation": [(["Ana", "Ah-na"], 0)],
        "people save-voice": [(["Ana", "--from", ana, "--yes"], 0)],
        "people drop-voice": [(["Ana"], 0)],
        "people rename": [(["Ben", "Benno"], 0)],
        "people delete": [(["Benno", "--yes"], 0)],
        "forget": [(["Ana", "--yes"], 0), (["--older-than", "180d", "--yes"], 0)],
        "groups list": [([], 0)],
        "groups move": [(["1", "--to", "7a", "--yes"], 0)],
        "thin": [(["--older-than", "180d", "--yes"], 0)],
        "audit": [([], 0)],
        "formats list": [([], 0)],
        "formats show": [(["open"], 0)],
        "formats new": [(["mine"], 0)],
        "formats check": [(["mine.toml"], 0)],
        "formats try": [(["mine.toml"], 0)],
        "models list": [([], 0)],
        "models path": [(["segmentation"], 0)],
        "models verify": [([], 0)],
        "models install": [(["vosk-words-de", "--from", str(archive)], 1)],
        "models add": [(["mine", "--language", "de", "--folder", str(home.folder)], 1)],
        "models try-out": [(["vosk-words-en"], 0)],
        "devices": [([], 0)],
        "completion": [(["bash"], 0)],
        "doctor": [([], 1)],  # it misses a microphone that hears something: the room is empty
    }
    assert set(commands) == leaves(cli), "a command is missing here"
    archive.write_bytes(b"no archive")
    for name, runs in commands.items():
        if name == "recover":
            rescue(home, rescued)
        models = home.work if name == "demo" else home.data / "models"  # hearing has been watched before
        for arguments, code in runs:
            assert_silent(home.run(*PROGRAM, *name.split(), *arguments, FACILITATOR_MODELS=str(models)), home, code)
            assert not list(home.tmp.rglob("*")), name


def rescue(home: World, path: Path) -> None:
    """A session as it is saved where it cannot be stored."""
    (database,) = (db for db in home.data.glob("*.db") if not db.stem.endswith(".private"))
    with Reader.open(database) as reader:
        number = reader.latest()
        records = [Logged(seq=seq, record=record) for seq, record in enumerate(reader.records(number))]
        save(path, Heading(uid="another", started_at="2026-04-12T20:15:00+00:00", setup=reader.setup(number)), records)


def visit(stay_s: float) -> Callable[[subprocess.Popen[str], Path], None]:
    """Somebody looks at the page, from within the same network, and is not watched."""

    def look(process: subprocess.Popen[str], said: Path) -> None:
        found: list[re.Match[str]] = []

        def told() -> bool:
            found.extend(re.finditer(r"The page: (\S+)", said.read_text(encoding="utf-8")))
            return bool(found) or process.poll() is not None

        until(told, "the page")
        assert found, said.read_text(encoding="utf-8")
        inside = ["nsenter", "--target", str(innermost(process)), "--net", "--preserve-credentials"]
        command = [*inside, sys.executable, str(VISITOR), found[0][1], str(stay_s)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr + said.read_text()
        assert int(done.stdout.split()[0]) >= 3, done.stdout

    return look


def test_at_a_table_with_microphone_voice_and_page(home: World) -> None:
    """In real time, long enough for whoever waits before he talks; then the page of its review."""
    people = ["--people", "2", "--no-opening", "--format", "open", "--minutes", "0.3"]
    seen = home.run(*PROGRAM, "start", *people, "--yes", "--page", meanwhile=visit(LONG_ENOUGH_S))
    assert_silent(seen, home)
    assert any("pyttsx3" in program or "python" in program for program in seen.programs)
    assert not list(home.tmp.rglob("*"))
    assert_silent(home.run(*PROGRAM, "review", "--page", meanwhile=visit(1)), home)
