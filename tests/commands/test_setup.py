"""tools/setup.py, run on a copy of the project whose system is made of small scripts: what they were asked
to do is written to a file. Nothing is installed here."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import stat
import subprocess
import sys
import tomllib
import venv
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from facilitator.models.catalogue import load_manifest

ROOT = Path(__file__).parents[2]
SETUP = ROOT / "tools" / "setup.py"

posix = pytest.mark.skipif(os.name == "nt", reason="the stand-ins are shell scripts")


@pytest.fixture
def tools() -> ModuleType:
    spec = importlib.util.spec_from_file_location("facilitator_setup", SETUP)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Machine:
    """A project folder and a PATH of our own. Every stand-in notes how it was called."""

    def __init__(self, folder: Path) -> None:
        self.root, self.bin, self.notes = folder / "project", folder / "bin", folder / "notes"
        (self.root / "tools").mkdir(parents=True)
        (self.root / "tools" / "setup.py").write_bytes(SETUP.read_bytes())
        (self.root / "pyproject.toml").write_text("[project]\nname = 'facilitator'\n", encoding="utf-8")
        self.bin.mkdir()
        self.notes.touch()

    def add(self, name: str, then: str = "exit 0") -> None:
        path = self.bin / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >> "{self.notes}"\n{then}\n', encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def add_venv(self) -> None:
        """A `.venv` that works, whose pip, facilitator, pytest ... are one module that notes its call."""
        venv.create(self.root / ".venv", symlinks=os.name != "nt")
        site = next((self.root / ".venv").rglob("site-packages"))
        for name in ("pip", "facilitator", "pytest", "ruff", "mypy"):
            (site / f"{name}.py").write_text(
                f"import os, sys\nopen({str(self.notes)!r}, 'a').write(' '.join([{name!r}, *sys.argv[1:]]) + chr(10))\n"
                f"if '--require-hashes' in sys.argv and 'LOCK_SAYS' in os.environ: sys.exit(os.environ['LOCK_SAYS'])\n"
                f"phone = sys.argv[-1].endswith(('[phone]', 'phone.txt'))\n"
                f"if phone and 'PHONE_SAYS' in os.environ: sys.exit(os.environ['PHONE_SAYS'])\n"
                f"sys.exit(int(os.environ.get('{name.upper()}_EXITS', 0)))\n",
                encoding="utf-8",
            )

    def lock(self, name: str, text: str = "numpy==2.4.6 --hash=sha256:0\n") -> None:
        (self.root / "requirements").mkdir(exist_ok=True)
        (self.root / "requirements" / name).write_text(text, encoding="utf-8")

    def run(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(self.root / "tools" / "setup.py"), *arguments]
        env = {name: value for name, value in os.environ.items() if name not in ("BENCH", "PYTHONPATH")}
        env |= {"PATH": str(self.bin), **environ}
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False, cwd=self.root)

    def noted(self, program: str = "") -> list[str]:
        return [line for line in self.notes.read_text(encoding="utf-8").splitlines() if line.startswith(program)]

    def packages(self) -> list[str]:
        """How pip was called for what the program cannot do without."""
        return [line for line in self.noted("pip install") if not line.endswith(("[phone]", "phone.txt"))]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_help_lists_every_task() -> None:
    told = subprocess.run([sys.executable, str(SETUP), "--help"], capture_output=True, text=True, check=True).stdout
    assert all(f"setup.py {task}" in told for task in ("start", "test", "check", "bench", "lock"))
    assert subprocess.run([sys.executable, str(SETUP), "dance"], capture_output=True, check=False).returncode == 2


def test_packages_are_installed_once_and_again_when_the_project_changes(machine: Machine) -> None:
    machine.add_venv()
    assert machine.run("start", "--people", "Ana, Ben").returncode == 0
    assert machine.run("start").returncode == 0
    assert len(machine.packages()) == 1
    assert machine.noted("facilitator start") == [
        "facilitator start --or-demo --people Ana, Ben",
        "facilitator start --or-demo",
    ]

    assert machine.run("test", "-k", "cut").returncode == 0  # wants more than start did
    assert machine.packages()[1].endswith("[dev]")
    assert machine.run("start").returncode == 0  # what test has installed is enough for start
    assert len(machine.packages()) == 2
    (tests,) = machine.noted("pytest")
    assert tests.split()[-2:] == ["-k", "cut"]

    (machine.root / "pyproject.toml").write_text("[project]\nname = 'changed'\n", encoding="utf-8")
    assert machine.run("start").returncode == 0
    assert len(machine.packages()) == 3


def test_exact_versions_with_checksums_are_taken_where_there_are_any(machine: Machine) -> None:
    machine.add_venv()
    machine.lock("start.txt")
    assert machine.run("start").returncode == 0
    assert machine.run("start").returncode == 0
    packages, own = machine.packages()
    assert "--require-hashes" in packages and packages.endswith(f"{Path('requirements', 'start.txt')}")
    assert "--no-deps" in own and own.endswith(f"--editable {machine.root}")

    machine.lock("start.txt", "numpy==2.4.7 --hash=sha256:1\n")  # a new list is installed
    assert machine.run("start").returncode == 0
    assert len(machine.packages()) == 4


def test_a_package_that_is_not_what_it_was_is_never_passed_over(machine: Machine) -> None:
    machine.add_venv()
    machine.lock("start.txt")
    failed = machine.run("start", LOCK_SAYS="ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.")
    assert failed.returncode == 1
    assert "A package is not the one" in failed.stderr
    assert len(machine.noted("pip install")) == 1 and not machine.noted("facilitator start")
    assert machine.run("start", LOCK_SAYS="ERROR: no route to host").returncode == 1  # nor is anything else
    assert len(machine.noted("pip install")) == 2


def test_where_the_list_has_nothing_for_this_machine_that_is_said(machine: Machine) -> None:
    machine.add_venv()
    machine.lock("start.txt")
    done = machine.run("start", LOCK_SAYS="ERROR: No matching distribution found for vosk==0.3.45")
    assert done.returncode == 0
    assert "no exact list of packages for this Python" in done.stdout
    assert machine.noted("pip install")[1].endswith(f"--editable {machine.root}")
    assert "--require-hashes" not in machine.noted("pip install")[1]


@pytest.mark.parametrize(("name", "extra"), [("start.txt", None), ("dev.txt", "dev"), ("phone.txt", "phone")])
def test_the_lists_are_what_pyproject_allows(name: str, extra: str | None) -> None:
    """Else `make lock` was forgotten."""
    with (ROOT / "pyproject.toml").open("rb") as stream:
        project = tomllib.load(stream)
    wanted = [] if extra == "phone" else [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    wanted += project["project"]["optional-dependencies"][extra] if extra else []
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    entries = re.findall(r"^([\w.-]+)==([\w.]+)[^\n]*\\\n((?: +--hash=sha256:[0-9a-f]{64}.*\n)+)", text, re.MULTILINE)
    assert len(entries) == len(re.findall(r"^[\w.-]+==", text, re.MULTILINE)), "each has a checksum"
    locked = [(canonicalize_name(entry[0]), entry[1]) for entry in entries]
    for line in wanted:
        requirement = Requirement(line)
        assert any(
            package == canonicalize_name(requirement.name) and requirement.specifier.contains(version)
            for package, version in locked
        ), f"{line}: type  make lock"


def test_tests_run_side_by_side_unless_somebody_looks_on(machine: Machine) -> None:
    machine.add_venv()
    machine.run("test", "-n", "0", "-k", "cut")
    machine.run("test", "-s")
    assert machine.noted("pytest") == ["pytest -n 0 -k cut", "pytest -s"]


def test_a_failed_installation_is_said_and_tried_again(machine: Machine) -> None:
    machine.add_venv()
    failed = machine.run("start", PIP_EXITS="1")
    assert failed.returncode == 1 and "could not be installed" in failed.stderr and "network" in failed.stderr
    assert machine.run("start").returncode == 0
    assert len(machine.packages()) == 2


def test_exit_codes_come_through(machine: Machine) -> None:
    machine.add_venv()
    assert machine.run("start", FACILITATOR_EXITS="2").returncode == 2
    assert machine.run("test", PYTEST_EXITS="5").returncode == 5
    assert machine.run("check", MYPY_EXITS="1").returncode == 1
    assert machine.run("check").returncode == 0
    assert machine.noted("ruff") == ["ruff check .", "ruff format --check ."] * 2


def test_models_are_fetched_the_first_time_and_the_program_goes_on_without_them(machine: Machine) -> None:
    machine.add_venv()
    told = machine.run("start", FACILITATOR_EXITS="1")  # neither is there, nor can be fetched
    asked = ["verify segmentation voice-encoder", "install segmentation voice-encoder"]
    assert machine.noted("facilitator") == [f"facilitator models {what}" for what in asked] + [
        "facilitator start --or-demo"
    ]
    fetching, without = (
        next(line for line in told.stdout.splitlines() if line.startswith(begin))
        for begin in ("Fetching", "Going on without them")  # what this computer lacks besides is said in other lines
    )
    known = [model for model in load_manifest() if model.name in ("segmentation", "voice-encoder")]
    size = sum(model.download_bytes for model in known) / 1e6
    assert fetching == f"Fetching two models that tell voices apart ({size:.0f} MB, a minute or so on most lines) ..."
    assert size < 150  # with the Python packages, less than 250 MB in all
    assert without.endswith("facilitator models install")

    again = machine.run("start")  # who has no network is not kept waiting again
    assert len(machine.noted("facilitator models")) == 2 and "Fetching" not in again.stdout

    (machine.root / "pyproject.toml").write_text("[project]\nname = 'changed'\n", encoding="utf-8")
    there = machine.run("start")
    assert machine.noted("facilitator models")[2:] == ["facilitator models verify segmentation voice-encoder"]
    assert "Fetching" not in there.stdout


def test_what_reads_phones_is_fetched_the_first_time_and_the_program_goes_on_without_it(machine: Machine) -> None:
    machine.add_venv()
    told = machine.run("start", PHONE_SAYS="ERROR: no route to host")
    assert told.returncode == 0 and "Going on without it: WAV, FLAC, OGG and MP3" in told.stdout
    (phone,) = set(machine.noted("pip install")) - set(machine.packages())
    assert phone.endswith(f"--only-binary :all: --editable {machine.root}[phone]")  # nothing is built, nothing is run
    assert machine.noted("facilitator start") == ["facilitator start --or-demo"]

    again = machine.run("start")  # who has no network is not kept waiting again
    assert "recordings of phones" not in again.stdout and len(machine.noted("pip install")) == 2

    (machine.root / "pyproject.toml").write_text("[project]\nname = 'changed'\n", encoding="utf-8")
    there = machine.run("start")
    assert "recordings of phones" in there.stdout and "Going on without it" not in there.stdout

    site = next((machine.root / ".venv").rglob("site-packages"))
    (site / "av.py").touch()  # and where it is there already, nothing is fetched
    (machine.root / "pyproject.toml").write_text("[project]\nname = 'again'\n", encoding="utf-8")
    assert "recordings of phones" not in machine.run("start").stdout
    assert len(machine.noted("pip install")) - len(machine.packages()) == 2


def test_what_reads_phones_has_its_checksums_too(machine: Machine) -> None:
    machine.add_venv()
    machine.lock("phone.txt", "av==18.1.0 --hash=sha256:0\n")
    refused = machine.run("start", PHONE_SAYS="ERROR: THESE PACKAGES DO NOT MATCH THE HASHES")
    assert "A package is not the one" in refused.stdout and "Going on without it" in refused.stdout
    (phone,) = set(machine.noted("pip install")) - set(machine.packages())
    assert "--require-hashes" in phone and phone.endswith(f"{Path('requirements', 'phone.txt')}")
    assert machine.noted("facilitator start") == ["facilitator start --or-demo"]


def test_only_start_fetches_models(machine: Machine, tmp_path: Path) -> None:
    machine.add_venv()
    (tmp_path / "run.py").touch()
    for task in ("test", "check", "bench"):
        assert machine.run(task, BENCH=str(tmp_path)).returncode == 0
    assert not machine.noted("facilitator")


@posix
def test_a_venv_that_does_not_work_is_made_again(machine: Machine) -> None:
    broken = machine.root / ".venv" / "bin"
    broken.mkdir(parents=True)
    (broken / "python").symlink_to(machine.root / "gone")
    told = machine.run("start", PIP_NO_INDEX="1", PIP_FIND_LINKS="", PIP_EXTRA_INDEX_URL="")
    assert "Making .venv" in told.stdout
    assert subprocess.check_output([broken / "python", "-c", "print(1)"], text=True) == "1\n"


def test_bench_without_recordings_says_how_to_name_them(machine: Machine, tmp_path: Path) -> None:
    told = machine.run("bench")
    assert told.returncode == 1 and "make bench BENCH=DIR" in told.stderr and not machine.noted()

    machine.add_venv()
    (tmp_path / "run.py").write_text("import sys; print(sys.argv[1:])", encoding="utf-8")
    told = machine.run("bench", "--only", "d01", BENCH=str(tmp_path))
    assert "'--command'" in told.stdout and "facilitator analyze', '--only', 'd01']" in told.stdout


def test_bench_measures_with_what_is_installed_or_with_nothing(machine: Machine, tmp_path: Path) -> None:
    machine.add_venv()
    (tmp_path / "run.py").write_text("import os; print(os.environ.get('FACILITATOR_MODELS'))", encoding="utf-8")
    own = str(tmp_path / "own")
    assert machine.run("bench", BENCH=str(tmp_path), FACILITATOR_MODELS=own).stdout.split()[-1] == own
    told = machine.run("bench", BENCH=str(tmp_path), FACILITATOR_MODELS=own, MODELS="none")
    folder = Path(told.stdout.split()[-1])
    assert folder.is_dir() and not list(folder.iterdir()) and folder.is_relative_to(machine.root)


@posix
@pytest.mark.parametrize(
    ("root", "sudo", "expected"),
    [
        (True, None, ["apt-get"]),
        (False, "exit 0", ["sudo", "-n", "apt-get"]),
        (False, "exit 1", None),
        (False, None, None),
    ],
)
def test_apt_is_used_only_where_nobody_has_to_be_asked(
    tools: ModuleType,
    machine: Machine,
    monkeypatch: pytest.MonkeyPatch,
    root: bool,
    sudo: str | None,
    expected: list[str],
) -> None:
    machine.add("apt-get")
    if sudo:
        machine.add("sudo", sudo)
    monkeypatch.setenv("PATH", str(machine.bin))
    monkeypatch.setattr(os, "geteuid", lambda: 0 if root else 1000)
    found = tools.apt_command()
    assert (found and [Path(part).name for part in found]) == expected


@posix
def test_missing_packages_are_installed_with_new_lists_where_the_old_ones_do_not_do(
    tools: ModuleType, machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.add(
        "apt-get", f'case "$*" in *update*) : > "{machine.root}/lists";; *) test -e "{machine.root}/lists";; esac'
    )
    monkeypatch.setenv("PATH", str(machine.bin))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(tools, "missing_packages", lambda: ["libportaudio2", "espeak-ng"])
    tools.install_system()
    calls = machine.noted()
    assert len(calls) == 3 and "update" in calls[1]
    assert calls[0] == calls[2] and calls[0].endswith("install libportaudio2 espeak-ng")
    assert "Installing libportaudio2, espeak-ng" in capsys.readouterr().out


@posix
@pytest.mark.parametrize(
    ("manager", "line"),
    [("apt-get", "sudo apt-get install -y libportaudio2"), ("dnf", "sudo dnf install -y portaudio espeak-ng")],
)
def test_who_may_not_install_is_told_the_line_to_type_and_goes_on(
    tools: ModuleType,
    machine: Machine,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    manager: str,
    line: str,
) -> None:
    machine.add(manager)
    monkeypatch.setenv("PATH", str(machine.bin))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(tools, "missing_packages", lambda: ["libportaudio2"])
    tools.install_system()
    told = capsys.readouterr().out
    assert line in told and "no microphone and no loudspeaker" in told and "no voice" not in told
    assert not machine.noted()


@posix
def test_who_may_not_install_what_makes_the_venv_is_told_one_line_for_everything(
    tools: ModuleType, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.add("apt-get")
    # A Python without ensurepip, which is what Debian's is until python3.x-venv is installed.
    machine.add("bare", f'case "$*" in *ensurepip*) exit 1;; *) exec "{sys.executable}" "$@";; esac')
    monkeypatch.setenv("PATH", str(machine.bin))
    monkeypatch.setattr(sys, "executable", str(machine.bin / "bare"))
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(tools, "VENV", machine.root / ".venv")
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    with pytest.raises(tools.SetupError, match=rf"sudo apt-get install -y .*espeak-ng python{version}-venv$"):
        tools.install_system()


@posix
def test_where_python_is_too_old_a_newer_one_is_installed_beside_it(
    tools: ModuleType, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.add("old", "exit 1")
    newer = f"printf '#!/bin/sh\\nexec {sys.executable} \"$@\"' > {machine.bin}/python3.11"
    machine.add("apt-get", f'PATH="{os.environ["PATH"]}"; {newer}; chmod +x {machine.bin}/python3.11')
    monkeypatch.setenv("PATH", str(machine.bin))
    monkeypatch.setattr(sys, "executable", str(machine.bin / "old"))
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(tools, "VENV", machine.root / ".venv")
    tools.install_system()
    assert machine.noted("apt-get")[0].endswith(" python3.11 python3.11-venv")
    assert tools.find_python() == str(machine.bin / "python3.11")


@posix
def test_an_old_python_is_passed_over_and_none_at_all_is_said(
    tools: ModuleType, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.add("python3.13", "exit 1")  # what a pyenv shim does for a version that is not chosen
    machine.add("python3", f'exec "{sys.executable}" "$@"')
    machine.add("old", "exit 1")
    monkeypatch.setenv("PATH", str(machine.bin))
    monkeypatch.setattr(sys, "executable", str(machine.bin / "old"))
    assert tools.find_python() == str(machine.bin / "python3")
    (machine.bin / "python3").unlink()
    machine.add("brew")
    with pytest.raises(tools.SetupError, match=r"Python 3.11 or newer is needed.*brew install"):
        tools.find_python()


def test_the_stamp_says_what_was_installed(machine: Machine) -> None:
    machine.add_venv()
    machine.run("start")
    stamp = machine.root / ".venv" / "facilitator-installed.json"
    assert json.loads(stamp.read_text(encoding="utf-8"))["extras"] == []
    for nonsense in ("", "[]", "{}", '{"extras": 3}'):
        stamp.write_text(nonsense, encoding="utf-8")
        assert machine.run("start").returncode == 0
    assert len(machine.packages()) == 5


def test_make_does_what_the_script_does() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for task in ("start", "test", "check", "bench"):
        assert f"$(setup) {task}" in makefile
