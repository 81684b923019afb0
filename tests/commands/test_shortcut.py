"""`facilitator shortcut`: the icon on the desktop and in the menu."""

from __future__ import annotations

import configparser
import json
import os
import plistlib
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from facilitator.cli import cli
from facilitator.system import shortcut as icons


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_DESKTOP_DIR", "PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    (tmp_path / "Desktop").mkdir()
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, [*words])


def files(home: Path) -> set[str]:
    return {str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()}


MENU, ICON, DESKTOP = (
    ".local/share/applications/facilitator.desktop",
    ".local/share/icons/hicolor/scalable/apps/facilitator.svg",
    "Desktop/facilitator.desktop",
)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="desktop entries are Linux's")
def test_made_listed_and_taken_away_again(home: Path) -> None:
    done = run("shortcut")
    assert done.exit_code == 0, done.output
    assert files(home) == {MENU, ICON, DESKTOP}
    assert run("shortcut").exit_code == 0, "twice is once"
    entry = configparser.RawConfigParser()
    entry.optionxform = str  # type: ignore[assignment, method-assign]
    entry.read(home / MENU)
    told = entry["Desktop Entry"]
    assert (told["Type"], told["Name"], told["Terminal"]) == ("Application", "Facilitator", "true")
    assert os.access(shlex.split(told["Exec"])[0], os.X_OK)
    assert ElementTree.parse(told["Icon"]).getroot().tag.endswith("svg")
    assert os.access(home / DESKTOP, os.X_OK)
    audit = json.loads(run("audit", "--json").output)
    ours = [file["path"] for file in audit["files"] if "facilitator shortcut" in file["what"]]
    assert ours == [str(home / name) for name in (MENU, ICON, DESKTOP)]
    assert not [problem for problem in audit["problems"] if "facilitator.desktop" in problem]
    gone = run("shortcut", "--remove")
    assert gone.exit_code == 0
    assert files(home) == set()
    assert run("shortcut", "--remove").output == "There is no icon of this program here.\n"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="desktop entries are Linux's")
def test_what_the_icon_runs_is_this_program(home: Path) -> None:
    run("shortcut")
    line = next(line for line in (home / DESKTOP).read_text().splitlines() if line.startswith("Exec="))
    words = [*shlex.split(line.removeprefix("Exec=")), "--help"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": "."})
    assert done.returncode == 0 and "Starts a session" in done.stdout


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="desktop entries are Linux's")
def test_a_file_of_somebody_else_stays(home: Path) -> None:
    (home / DESKTOP).write_text("[Desktop Entry]\nName=Mine\n")
    done = run("shortcut")
    assert done.exit_code == 1 and "move it away" in done.output
    assert run("shortcut", "--remove").exit_code == 0
    assert (home / DESKTOP).read_text() == "[Desktop Entry]\nName=Mine\n"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="desktop entries are Linux's")
def test_without_a_desktop_there_is_the_menu(home: Path) -> None:
    (home / "Desktop").rmdir()
    assert run("shortcut").exit_code == 0
    assert files(home) == {MENU, ICON}


def test_signs_in_the_way_to_the_program_are_quoted_as_the_specification_has_it() -> None:
    entry = icons.desktop_entry(('/opt/my "best" $tools/100 %/a\\b`c', "start"), Path("/icons/it.svg"))
    line = next(line for line in entry.splitlines() if line.startswith("Exec="))
    assert line == 'Exec="/opt/my \\\\"best\\\\" \\\\$tools/100 %%/a\\\\\\\\b\\\\`c" "start"'


@pytest.mark.skipif(shutil.which("desktop-file-validate") is None, reason="desktop-file-validate is not there")
def test_the_entry_is_valid(home: Path) -> None:
    run("shortcut")
    done = subprocess.run(["desktop-file-validate", str(home / MENU)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_bundle_for_macos_is_whole(home: Path) -> None:
    """As far as that can be seen here; a Mac has not tried it."""
    (app,) = icons.make("darwin")
    told = plistlib.loads((app / "Contents/Info.plist").read_bytes())
    assert os.access(app / "Contents/MacOS" / told["CFBundleExecutable"], os.X_OK)
    assert icons.made("darwin") == icons.remove("darwin") == [app]
    assert not app.exists()
