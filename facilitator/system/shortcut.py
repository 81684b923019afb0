"""An icon on the desktop and in the menu, for people without a terminal: it starts the program, which opens the page.

On Linux these are desktop entries (freedesktop.org, Desktop Entry Specification), which are tried. On Windows a
.lnk is made by the Windows Script Host, on macOS a bundle with a script in it: both are written from the documentation
of these systems, and were not tried there.
"""

from __future__ import annotations

import os
import plistlib
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import platformdirs

from facilitator.errors import FacilitatorError

NAME = "Facilitator"
COMMENT = "Leads a discussion at this table, on this computer alone"
MARK = "X-Facilitator-Shortcut=true"
"""By this line a desktop entry of ours is known."""
PATIENCE_S = 30


def program() -> tuple[str, ...]:
    """What the icon runs: this program, wherever it is installed."""
    beside = Path(sys.executable).with_name("facilitator.exe" if sys.platform == "win32" else "facilitator")
    return (str(beside), "start") if beside.is_file() else (sys.executable, "-m", "facilitator", "start")


def desktop() -> Path | None:
    """The folder of the desktop; None where there is none (some set it to their home folder to say so)."""
    folder = Path(platformdirs.user_desktop_dir())
    return folder if folder.is_dir() and folder != Path.home() else None


def places(platform: str = sys.platform) -> tuple[Path, ...]:
    """Everything that is or would be made on this system, the icon in the menu first."""
    on_desktop = desktop()
    if platform == "win32":
        menu = Path(os.environ.get("APPDATA", "~")).expanduser() / "Microsoft/Windows/Start Menu/Programs"
        return tuple(folder / f"{NAME}.lnk" for folder in (menu, on_desktop) if folder is not None)
    if platform == "darwin":
        return (Path("~/Applications").expanduser() / f"{NAME}.app",)
    menu = Path(platformdirs.user_data_dir())
    found = [menu / "applications/facilitator.desktop", menu / "icons/hicolor/scalable/apps/facilitator.svg"]
    return (*found, on_desktop / "facilitator.desktop") if on_desktop is not None else tuple(found)


def made(platform: str = sys.platform) -> list[Path]:
    """What there is of it."""
    return [path for path in places(platform) if path.exists() and _ours(path)]


def make(platform: str = sys.platform) -> list[Path]:
    """Makes it, or makes it again. Raises FacilitatorError."""
    strange = [path for path in places(platform) if path.exists() and not _ours(path)]
    if strange:
        raise FacilitatorError(f"{strange[0]} is there already and not of this program; move it away, and try again.")
    try:
        for path in places(platform):
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path)
    except OSError as error:
        raise FacilitatorError(f"The icon could not be made: {error.strerror or error} ({error.filename}).") from error
    return list(places(platform))


def remove(platform: str = sys.platform) -> list[Path]:
    """What was removed. Raises FacilitatorError."""
    found = made(platform)
    try:
        for path in found:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    except OSError as error:
        raise FacilitatorError(f"It could not be removed: {error.strerror or error} ({error.filename}).") from error
    return found


def _ours(path: Path) -> bool:
    if path.suffix != ".desktop":
        return True  # its name says so
    return MARK in path.read_text(encoding="utf-8", errors="replace").splitlines()


def _write(path: Path) -> None:
    match path.suffix:
        case ".svg":
            path.write_text(_icon(), encoding="utf-8")
        case ".desktop":
            path.write_text(desktop_entry(program(), places("linux")[1]), encoding="utf-8")
            path.chmod(0o755)
            _trust(path)
        case ".lnk":
            _write_lnk(path)
        case _:
            _write_app(path)


def _icon() -> str:
    return (resources.files("facilitator.page") / "static" / "icon.svg").read_text(encoding="utf-8")


# -- Linux ----------------------------------------------------------------------------------------


def desktop_entry(command: Sequence[str], icon: Path) -> str:
    return "\n".join(
        [
            "[Desktop Entry]",
            "Type=Application",
            "Version=1.0",
            f"Name={NAME}",
            f"Comment={COMMENT}",
            f"Exec={' '.join(_argument(one) for one in command)}",
            f"Icon={_value(str(icon))}",
            "Terminal=true",  # what it says is seen there, too, and closing it ends the session
            "Categories=Office;",
            MARK,
            "",
        ]
    )


def _value(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")


def _argument(text: str) -> str:
    """Quoted twice, as the specification has it: as an argument, then as a value of the file."""
    for sign in '\\"`$':
        text = text.replace(sign, f"\\{sign}")
    return '"' + _value(text.replace("%", "%%")) + '"'


def _trust(path: Path) -> None:
    """Some desktops start an icon only after its owner has allowed it: by this, or with the right mouse button."""
    gio = shutil.which("gio")
    if gio is not None:
        subprocess.run(
            [gio, "set", str(path), "metadata::trusted", "true"], capture_output=True, check=False, timeout=PATIENCE_S
        )


# -- Windows and macOS: not tried there -----------------------------------------------------------

_LNK = (
    "$s = (New-Object -ComObject WScript.Shell).CreateShortcut($env:SHORTCUT_PATH);"
    "$s.TargetPath = $env:SHORTCUT_TARGET; $s.Arguments = $env:SHORTCUT_ARGUMENTS;"
    "$s.Description = $env:SHORTCUT_COMMENT; $s.Save()"
)


def _write_lnk(path: Path) -> None:
    first, *others = program()
    told = {"PATH": str(path), "TARGET": first, "ARGUMENTS": subprocess.list2cmdline(others), "COMMENT": COMMENT}
    try:
        subprocess.run(
            ["powershell", "-NoProfile", "-NonInteractive", "-Command", _LNK],
            env={**os.environ, **{f"SHORTCUT_{name}": value for name, value in told.items()}},
            capture_output=True,
            check=True,
            timeout=PATIENCE_S,
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise FacilitatorError(f"Windows could not make {path}; drag the program itself to the desktop.") from error


def _write_app(path: Path) -> None:
    """A bundle that opens a Terminal with the program in it."""
    script = path / "Contents/MacOS/facilitator"
    command = path / "Contents/Resources/facilitator.command"
    for file in (script, command):
        file.parent.mkdir(parents=True, exist_ok=True)
    command.write_text(f"#!/bin/sh\nexec {shlex.join(program())}\n", encoding="utf-8")
    script.write_text(
        '#!/bin/sh\nexec open -a Terminal "$(dirname "$0")/../Resources/facilitator.command"\n', encoding="utf-8"
    )
    for file in (script, command):
        file.chmod(0o755)
    told = {"CFBundleName": NAME, "CFBundleExecutable": "facilitator", "CFBundleIdentifier": "local.facilitator",
            "CFBundlePackageType": "APPL"}  # fmt: skip
    (path / "Contents/Info.plist").write_bytes(plistlib.dumps(told))
