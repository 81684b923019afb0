"""What a package of earlier versions wrote behind our backs: found, named, and removed when that is asked for.

onnxruntime (1.32 was measured) keeps a lasting device id below the home folder, with a database of what it means to
send, and sends it. This program no longer uses it; what it had written by then is still there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from facilitator.errors import FacilitatorError

WHAT = "a device id and notes for Microsoft, written by the package onnxruntime"
_FOLDER = Path("Microsoft", "DeveloperTools", ".onnxruntime")
_BELOW = (("XDG_CACHE_HOME",), ("HOME", ".cache"), ("HOME", "Library", "Application Support"),
          ("HOME", "Library", "Caches"), ("LOCALAPPDATA",), ("USERPROFILE", ".cache"))  # fmt: skip
"""Where caches are on Linux, macOS and Windows. Measured on Linux; the others are where that maker keeps such files."""


def left_behind(environ: Mapping[str, str] = os.environ) -> list[Path]:
    """Every file that is there; none where there is nothing, or where it cannot be looked at."""
    return sorted({path for folder in _folders(environ) for path in _files(folder)})


def explained(path: Path) -> str:
    return (
        f"{path}: {WHAT}, by an earlier version of this program or by another program that uses it. "
        "To delete it, type: facilitator audit --tidy"
    )


def remove(paths: list[Path]) -> None:
    """These files, and their folders as far as nothing else is in them. Raises FacilitatorError."""
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise FacilitatorError(f"{path} could not be deleted ({error.strerror}); delete it yourself.") from error
    for folder in {path.parent for path in paths}:
        for empty in (folder, *list(folder.parents)[:2]):  # .onnxruntime, DeveloperTools, Microsoft
            try:
                empty.rmdir()
            except OSError:
                break


def _folders(environ: Mapping[str, str]) -> Iterator[Path]:
    for variable, *names in _BELOW:
        if environ.get(variable):
            yield Path(environ[variable], *names) / _FOLDER


def _files(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.is_file() or path.is_symlink()]
    except OSError:
        return []
