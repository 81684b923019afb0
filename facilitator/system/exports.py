"""Exports on this computer: writing one so that nothing half-done and nothing for others is left, and finding them."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from facilitator.core.language.names import count
from facilitator.errors import FacilitatorError

README = "README.txt"
MARK = "An export of facilitator"
"""The first words of the README: by them an export is known, whatever it is called."""
TABLES = ("csv", "jsonl")
"""Folders of an export, and what the files in them end in."""
CALENDAR = "PRODID:-//facilitator//"
"""And a calendar file."""


@contextmanager
def making(target: Path, *, replace: bool) -> Iterator[Path]:
    """A folder to put an export into. Once all is there it becomes `target`, a folder or (`.zip`) one file, with
    everything in it for its owner only; if anything fails, nothing is left. What is there already is replaced only
    if it may be and is an export itself. Raises FacilitatorError."""
    check(target, replace=replace)
    try:
        with tempfile.TemporaryDirectory(prefix=".facilitator-", dir=target.parent) as name:
            folder = Path(name) / target.name.removesuffix(".zip")
            folder.mkdir(mode=0o700)
            yield folder
            for path in folder.rglob("*"):
                path.chmod(0o700 if path.is_dir() else 0o600)
            _put(folder, target)
    except OSError as error:
        raise FacilitatorError(f"{target} could not be written ({error.strerror}); choose another place.") from error


def check(target: Path, *, replace: bool) -> None:
    if not target.parent.is_dir():
        raise FacilitatorError(f"There is no folder {target.parent}; make it first, or choose another one.")
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return
    if not is_export(target):
        raise FacilitatorError(f"{target} is there already and is no export; choose another name.")
    if not replace:
        raise FacilitatorError(f"{target} is there already; choose another name, or add --replace.")


def _put(folder: Path, target: Path) -> None:
    if target.suffix == ".zip":
        packed = folder.with_name("packed.zip")
        packed.touch(mode=0o600)
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(folder.rglob("*")):
                archive.write(path, Path(folder.name) / path.relative_to(folder))
        packed.replace(target)
        return
    if not target.is_dir() or not any(target.iterdir()):
        folder.replace(target)
        return
    for old in (path for name in TABLES for path in (target / name).glob(f"*.{name}")):
        old.unlink()
    for path in sorted(folder.rglob("*")):  # what else somebody has put there stays
        place = target / path.relative_to(folder)
        if path.is_dir():
            place.mkdir(mode=0o700, exist_ok=True)
        else:
            path.replace(place)


def is_export(path: Path) -> bool:
    return _begins(path).startswith(MARK)


def _begins(path: Path) -> str:
    with suppress(OSError, zipfile.BadZipFile, KeyError):
        if path.is_dir():
            return (path / README).read_bytes()[:200].decode("utf-8", "replace")
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                names = [name for name in archive.namelist() if name.endswith(f"/{README}")]
                return archive.read(names[0])[:200].decode("utf-8", "replace") if names else ""
    return ""


def in_sight(folders: Iterable[Path]) -> list[Path]:
    """Every export, and every calendar file of this program, that lies in one of these folders."""
    found: set[Path] = set()
    for folder in {folder.absolute() for folder in folders}:
        with suppress(OSError):
            for path in folder.iterdir():
                if path.suffix == ".ics":
                    with suppress(OSError):
                        if CALENDAR in path.read_text(encoding="utf-8", errors="replace")[:200]:
                            found.add(path)
                elif is_export(path):
                    found.add(path)
    return sorted(found)


def mentions(path: Path, names: Iterable[str]) -> bool:
    """Whether one of the names stands anywhere in it."""
    names = list(names)
    return any(count(data.decode("utf-8", "replace"), name) for data in _data(path) for name in names)


def _data(path: Path) -> Iterator[bytes]:
    with suppress(OSError, zipfile.BadZipFile):
        if path.is_dir():
            yield from (one.read_bytes() for one in sorted(path.rglob("*")) if one.is_file())
        elif path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                yield from (archive.read(name) for name in archive.namelist())
        else:
            yield path.read_bytes()
