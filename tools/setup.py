"""Set everything up and run it: what `make` calls, and what Windows calls in place of make.

    python3 tools/setup.py start [arguments for facilitator start]
    python3 tools/setup.py test  [arguments for pytest]
    python3 tools/setup.py test-quick [arguments for pytest]    what needs no sound, no browser and no patience
    python3 tools/setup.py check             ruff and mypy, and what checks the page's scripts where node is there
    python3 tools/setup.py bench [arguments for the scorer]     MODELS=none measures without any model
    python3 tools/setup.py bench-channel                        voice samples as if from another microphone
    python3 tools/setup.py lock              write requirements/*.txt anew, from what pyproject.toml allows
    python3 tools/setup.py platforms         whether it can be installed on every system and Python it names

Everything Python goes into `.venv` beside this folder, and is installed again only when pyproject.toml or requirements/
has changed: exactly the versions listed there, each file compared with its checksum. Where that list has nothing for
this Python or this system, what pyproject.toml allows is taken, and that is said. The first start also fetches two
small models, and goes on without them where that fails.
What the system lacks is installed with apt where that is allowed, and named otherwise.
Only the standard library is used, and any Python 3.7 or newer may run this file: it looks for the
Python 3.11 or newer that the program itself needs.
"""

from __future__ import annotations

import ctypes.util
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "facilitator-installed.json"
LOCKS = ROOT / "requirements"
LOCKED_PYTHONS = ((3, 11), (3, 14))  # the oldest and the newest for which the lists are made
RESOLVER = "uv>=0.8,<1"
MODELS_STAMP = VENV / "facilitator-models-tried.json"
PHONE_STAMP = VENV / "facilitator-phone.txt"
MODELS = ["segmentation", "voice-encoder"]
MODELS_MB = 87
OLDEST = (3, 11)
WINDOWS = os.name == "nt"

SYSTEM_LINES = {  # for the systems on which we do not install anything ourselves
    "dnf": "sudo dnf install -y portaudio espeak-ng",
    "pacman": "sudo pacman -S --needed portaudio espeak-ng",
    "zypper": "sudo zypper install portaudio espeak-ng",
}


class SetupError(Exception):
    """One sentence or two on what is wrong and what to do about it."""


def say(text: str) -> None:
    print(text, flush=True)


# --- Python and the packages -----------------------------------------------------------------------


def is_new_enough(python: str) -> bool:
    """Whether this command runs a Python that is new enough. Anything that does not run is not."""
    code = f"import sys; sys.exit(sys.version_info[:2] < {OLDEST!r})"
    try:
        return subprocess.call([python, "-c", code], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def find_python() -> str:
    """A Python that is new enough: the one that runs this, or the newest in PATH."""
    names = [f"python3.{minor}" for minor in range(14, OLDEST[1] - 1, -1)] + ["python3", "python"]
    found = [sys.executable] + [path for path in map(shutil.which, names) if path]
    for python in found:
        if is_new_enough(python):
            return python
    wanted = ".".join(map(str, OLDEST))
    lines = {
        "apt-get": "sudo apt-get install -y python3.11 python3.11-venv",
        "brew": "brew install python@3.13",
        "dnf": "sudo dnf install -y python3.13",
    }
    line = next(
        (f"Type:  {lines[name]}" for name in lines if shutil.which(name)), "See https://www.python.org/downloads/"
    )
    raise SetupError(f"Python {wanted} or newer is needed, and none was found here. {line}")


def venv_python() -> Path:
    return VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")


def has_venv() -> bool:
    return venv_python().exists() and is_new_enough(str(venv_python()))


def make_venv() -> None:
    """Make `.venv`, unless there is one that works."""
    if has_venv():
        return
    python = find_python()
    say("Making .venv ...")
    if subprocess.call([python, "-m", "venv", "--clear", str(VENV)]):
        raise SetupError(f"{VENV} could not be made; what Python says about it is above.")


def lock_of(extras: list[str]) -> Path:
    """The list of exact versions with checksums for these extras. It holds what builds the project, too."""
    return LOCKS / f"{'-'.join(extras) or 'start'}.txt"


def wanted_state(extras: list[str]) -> dict[str, object]:
    """What `.venv` must have been installed from to be as wanted."""
    lock = lock_of(extras)
    return {
        "pyproject": hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest(),
        "lock": hashlib.sha256(lock.read_bytes()).hexdigest() if lock.is_file() else None,
        "folder": str(ROOT),  # the editable install points at it
        "extras": extras,
    }


def is_installed(extras: list[str]) -> bool:
    """Whether `.venv` holds today's dependencies and at least these extras."""
    try:
        state = json.loads(STAMP.read_text(encoding="utf-8"))
        return state == wanted_state(state["extras"]) and set(extras) <= set(state["extras"])
    except (OSError, ValueError, KeyError, TypeError):
        return False


def pip_install(*words: str) -> tuple[int, str]:
    """Its exit code, and what it said of errors."""
    command = [str(venv_python()), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *words]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, errors="replace", check=False)
    return done.returncode, done.stderr


def install_locked(extras: list[str]) -> bool:
    """Exactly the listed versions, each with its checksum; False where the list has nothing for this machine.

    Raises SetupError where a package is not what it was when the list was made: that is never passed over."""
    lock = lock_of(extras)
    version = subprocess.check_output([str(venv_python()), "-c", "import sys; print(*sys.version_info[:2])"])
    oldest, newest = LOCKED_PYTHONS
    if not lock.is_file() or not oldest <= tuple(map(int, version.split())) <= newest:
        return False
    binary = ["--only-binary", ":all:", "--no-binary", ",".join(SOURCE_ONLY)]
    code, said = pip_install("--require-hashes", *binary, "--requirement", str(lock))
    if code == 0 and extras != PHONE:
        code, said = pip_install("--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    if code == 0:
        return True
    if "DO NOT MATCH THE HASHES" in said:
        raise SetupError(
            f"{said.strip()}\n\nA package is not the one that {lock.relative_to(ROOT)} was made with, so nothing was "
            "installed from it. Try again later or with another network; if it stays so, please report it."
        )
    if "No matching distribution" in said or "Could not find a version" in said:
        return False
    sys.stderr.write(said)
    raise SetupError(NOT_INSTALLED)


PHONE = ["phone"]
"""The extra that `start` adds where it can; its list holds nothing else."""
SOURCE_ONLY = ("srt",)
"""Published as source alone; vosk needs it. Of all else only what is built already is taken: nothing is run."""
NOT_INSTALLED = (
    "The Python packages could not be installed; what pip says about it is above. "
    "The usual reason is that there is no network: it is needed once, for this step only."
)


def install_packages(extras: list[str]) -> None:
    """Everything Python into `.venv`, unless it has been done."""
    if is_installed(extras):
        return
    say("Installing the Python packages into .venv (only now and when the list of them changes) ...")
    if STAMP.exists():
        STAMP.unlink()
    if not install_locked(extras):
        say("There is no exact list of packages for this Python and this system: taking what pyproject.toml allows.")
        code, said = pip_install("--editable", f"{ROOT}[{','.join(extras)}]" if extras else str(ROOT))
        sys.stderr.write(said)
        if code:
            raise SetupError(NOT_INSTALLED)
    STAMP.write_text(json.dumps(wanted_state(extras), indent=1), encoding="utf-8")


def install_models() -> None:
    """Fetch the models that tell voices apart. Tried once for each installation of the packages: who has no network
    is not kept waiting again."""
    tried = STAMP.read_text(encoding="utf-8")
    if MODELS_STAMP.exists() and MODELS_STAMP.read_text(encoding="utf-8") == tried:
        return
    command = [str(venv_python()), "-m", "facilitator", "models"]

    def quietly(*words: str) -> int:
        silent = subprocess.DEVNULL
        return subprocess.call([*command, *words, *MODELS], stdin=silent, stdout=silent, stderr=silent)

    if quietly("verify"):
        say(f"Fetching two models that tell voices apart ({MODELS_MB} MB, a minute or so on most lines) ...")
        if quietly("install"):
            line = f"{Path('.venv', 'Scripts' if WINDOWS else 'bin', 'facilitator')} models install"
            say(f"Going on without them, which costs some accuracy; to see why and to try again, type:  {line}")
    MODELS_STAMP.write_text(tried, encoding="utf-8")


def can_have_phone() -> bool:
    """Installs it, where it can be: a package that is not the listed one is refused, and told of."""
    try:
        if install_locked(PHONE):
            return True
    except SetupError as problem:
        say(str(problem))
        return False
    return pip_install("--only-binary", ":all:", "--editable", f"{ROOT}[phone]")[0] == 0


def install_phone() -> None:
    """What reads recordings of phones and browsers, where it is to be had for this computer. Tried as often as the
    models are."""
    tried = STAMP.read_text(encoding="utf-8")
    if PHONE_STAMP.exists() and PHONE_STAMP.read_text(encoding="utf-8") == tried:
        return
    python, nothing = str(venv_python()), subprocess.DEVNULL
    if subprocess.call([python, "-c", "import av"], stdin=nothing, stderr=nothing):
        say("Installing what reads recordings of phones (M4A, WEBM, AMR; about 35 MB) ...")
        if not can_have_phone():
            say("Going on without it: WAV, FLAC, OGG and MP3 are read all the same.")
    PHONE_STAMP.write_text(tried, encoding="utf-8")


# --- the system ------------------------------------------------------------------------------------


def missing_packages() -> list[str]:
    """The Debian packages that lack on this Linux: for sound, for a voice, for making `.venv`.

    Elsewhere nothing is ever missing: there PortAudio comes with a Python package and the voice with the system."""
    if not sys.platform.startswith("linux"):
        return []
    missing = []
    if not ctypes.util.find_library("portaudio"):
        missing.append("libportaudio2")
    if not ctypes.util.find_library("espeak-ng") or not shutil.which("espeak-ng"):
        missing.append("espeak-ng")
    return missing if has_venv() else missing + missing_python()


def missing_python() -> list[str]:
    """The Debian packages that lack for making `.venv`: a part of Python that Debian keeps apart, or all of it."""
    try:
        python = find_python()
    except SetupError:
        return ["python3.11", "python3.11-venv"]
    if subprocess.call([python, "-c", "import ensurepip, venv"], stderr=subprocess.DEVNULL) == 0:
        return []
    version = subprocess.check_output([python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"])
    return [f"python{version.decode().strip()}-venv"]


def apt_command() -> list[str] | None:
    """How apt can be run here without asking anybody: as root, or with a sudo that wants no password."""
    if not shutil.which("apt-get"):
        return None
    if os.geteuid() == 0:
        return ["apt-get"]
    sudo = shutil.which("sudo")
    if sudo and subprocess.call([sudo, "-n", "true"], stderr=subprocess.DEVNULL) == 0:
        return [sudo, "-n", "apt-get"]
    return None


def apt_install(packages: list[str]) -> bool:
    """Install these Debian packages where that may be done; False where it may not or does not work."""
    apt = apt_command()
    if apt is None:
        return False
    say(f"Installing {', '.join(packages)} with apt ...")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}

    def run_apt(*words: str, errors: int | None = None) -> bool:
        command = [*apt, "-qq", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120", *words]
        silent = subprocess.DEVNULL
        return subprocess.call(command, stdin=silent, stdout=silent, stderr=errors, env=env) == 0

    if run_apt("install", *packages, errors=subprocess.DEVNULL):
        return True
    run_apt("update")  # a new machine has no lists of packages yet
    return run_apt("install", *packages)


def install_system() -> None:
    """Install what lacks, or say what to type and go on without. Raises SetupError where that is not possible."""
    missing = missing_packages()
    if not missing or apt_install(missing):
        return
    line = f"sudo apt-get install -y {' '.join(missing)}"
    if not shutil.which("apt-get"):
        line = next((other for name, other in SYSTEM_LINES.items() if shutil.which(name)), line)
    if missing[-1].endswith("-venv"):
        find_python()  # where there is none, this says so
        raise SetupError(f"This needs packages that could not be installed. Type:  {line}")
    what = {"libportaudio2": "no microphone and no loudspeaker", "espeak-ng": "no voice"}
    without = " and ".join(what[package] for package in missing)
    say(f"Going on with {without}. To have them, type:  {line}")


# --- what can be asked for -------------------------------------------------------------------------


def run(arguments: list[str]) -> int:
    """Run a Python module from `.venv`; its exit code. Ctrl-C is the module's to answer, not ours."""
    command = [str(venv_python()), "-m", *arguments]
    if not WINDOWS:
        os.execv(command[0], command)
    with subprocess.Popen(command) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue


def prepare(extras: list[str]) -> None:
    install_system()
    make_venv()
    install_packages(extras)


def start(arguments: list[str]) -> int:
    prepare([])
    install_models()
    install_phone()
    return run(["facilitator", "start", "--or-demo", *arguments])  # without a microphone, the demonstration


def workers(arguments: list[str]) -> list[str]:
    """Tests that play and hear take real time and little else, so that others can run beside them: three at once keep
    two cores busy. Not where somebody looks on, or chooses the number."""
    if (os.cpu_count() or 1) < 2 or {"-n", "-s", "--pdb", "--collect-only"} & set(arguments):
        return []
    return ["-n", "3"]


def test(arguments: list[str]) -> int:
    prepare(["dev"])
    os.chdir(ROOT)
    return run(["pytest", *workers(arguments), *arguments])


def test_quick(arguments: list[str]) -> int:
    """The core, the hearing and the store, without what plays, opens a browser or takes more than a few seconds."""
    rooms = [f"tests/{room}" for room in ("core", "hearing", "store", "report")]
    return test(["-m", "not sound and not page and not slow", *rooms, *arguments])


def check(_: list[str]) -> int:
    prepare(["dev"])
    os.chdir(ROOT)
    checks = [
        [str(venv_python()), "-m", *c] for c in (["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"])
    ]
    if npm := npm_with_packages():
        checks += [[npm, "run", "--silent", "check"]]
    else:
        say("The scripts of the page are not checked: that needs node and npm (20 MB, once, by npm ci).")
    return 1 if [c for c in checks if subprocess.call(c)] else 0


def npm_with_packages() -> str | None:
    """npm, with what package-lock.json names beside it; None where there is no npm or it cannot fetch that."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    lock, installed = ROOT / "package-lock.json", ROOT / "node_modules" / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        say("Fetching what checks the scripts of the page into node_modules ...")
        if subprocess.call([npm, "ci", "--silent"]):
            return None
    return npm


def bench(arguments: list[str]) -> int:
    folder = Path(os.environ.get("BENCH") or ROOT.parent / "shared" / "bench" / "hearing")
    if not (folder / "run.py").is_file():
        raise SetupError(
            f"The recordings to measure with are not part of this project, and not in {folder}. "
            "Type:  make bench BENCH=DIR  to name the folder that holds them and their run.py."
        )
    prepare([])
    if os.environ.get("MODELS") == "none":
        empty = VENV / "no-models"
        empty.mkdir(exist_ok=True)
        os.environ["FACILITATOR_MODELS"] = str(empty)
    command = " ".join(map(shlex.quote, [str(venv_python()), "-m", "facilitator", "analyze"]))
    return subprocess.call([str(venv_python()), str(folder / "run.py"), "--command", command, *arguments])


def bench_channel(arguments: list[str]) -> int:
    """The same recordings, with voice samples as if from another microphone and at other levels."""
    folder = Path(os.environ.get("BENCH") or ROOT.parent / "shared" / "bench" / "hearing")
    cases = [str(path) for path in (folder / "cases", folder / "real") if path.is_dir()]
    if not cases:
        raise SetupError(
            f"The recordings to measure with are not part of this project, and not in {folder}. "
            "Type:  make bench-channel BENCH=DIR  to name the folder that holds them."
        )
    prepare([])
    return subprocess.call([str(venv_python()), "-m", "benchmarks.accuracy.channel", *cases, *arguments], cwd=ROOT)


def install_resolver() -> None:
    make_venv()
    if pip_install(RESOLVER)[0]:
        raise SetupError(NOT_INSTALLED)


def platforms(arguments: list[str]) -> int:
    """Whether the program can be installed on every system and Python that it names."""
    install_resolver()
    return subprocess.call([str(venv_python()), str(ROOT / "tools" / "platforms.py"), *arguments])


def lock(_: list[str]) -> int:
    """Choose the newest versions that pyproject.toml allows, for all systems at once, and note their checksums."""
    install_resolver()
    LOCKS.mkdir(exist_ok=True)
    build = "hatchling>=1.27"
    (listed,) = re.findall(r"^phone = (\[.*?\])", (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    phone = "\n".join(json.loads(listed))
    words = [
        str(venv_python()),
        "-m",
        "uv",
        "pip",
        "compile",
        "--quiet",
        "--universal",
        "--upgrade",
        "--generate-hashes",
    ]
    words += ["--python-version", ".".join(map(str, LOCKED_PYTHONS[0])), "--no-annotate"]
    words += ["--custom-compile-command", "make lock", "-"]
    dev = ["pyproject.toml", "--extra", "dev", "--constraint", str(lock_of([]))]
    for extras, also, given in (
        ([], ["pyproject.toml"], build),
        (["dev"], dev, build),
        (PHONE, ["--constraint", str(lock_of(["dev"]))], phone),
    ):
        command = [*words, *also, "--output-file", str(lock_of(extras))]
        if subprocess.run(command, input=given, text=True, cwd=ROOT, check=False).returncode:
            raise SetupError("The list of packages could not be made; what uv says about it is above.")
        say(f"Written: {lock_of(extras).relative_to(ROOT)}")
    return 0


TASKS = {
    "lock": lock,
    "platforms": platforms,
    "start": start,
    "test": test,
    "test-quick": test_quick,
    "check": check,
    "bench": bench,
    "bench-channel": bench_channel,
}


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in TASKS:
        say(__doc__ or "")
        return 0 if arguments in (["-h"], ["--help"]) else 2
    try:
        return TASKS[arguments[0]](arguments[1:])
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
