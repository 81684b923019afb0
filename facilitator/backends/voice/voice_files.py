"""Where an engine that can only write sound files is to write them: nowhere on a disk, as far as the system lets us.

What is said holds names. On Linux a file without a name serves (memfd): it is memory, and gone with its processes,
however they end. Elsewhere it is a folder of our own among the temporary files; one whose program was killed is found
here again, by the next start, by `audit` and by `forget`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

PREFIX = "facilitator-voice-"
ABANDONED_S = 12 * 3600
"""Folders of earlier versions do not say whose they are: one of which nothing has changed for so long is nobody's."""


class VoiceFile:
    """One file that is written again and again. `pass_fds` is what a child that writes to it must be given.

    `named`: it has a name on a disk, as it must outside Linux."""

    def __init__(self, *, named: bool = sys.platform != "linux") -> None:
        self._fd: int | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self.path: Path
        self.pass_fds: tuple[int, ...] = ()
        if sys.platform == "linux" and not named:
            self._fd = os.memfd_create("facilitator-voice")
            self.path, self.pass_fds = Path(f"/proc/self/fd/{self._fd}"), (self._fd,)
        else:  # readable by its owner only; on Windows a file may stay open a little longer than its process
            self._folder = tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-", ignore_cleanup_errors=True)
            self.path = Path(self._folder.name) / "said.wav"

    def clear(self) -> None:
        """What was said is no longer there."""
        if self._fd is not None:
            os.ftruncate(self._fd, 0)
        else:
            self.path.unlink(missing_ok=True)

    def close(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
        if self._folder is not None:
            self._folder.cleanup()


def folders() -> list[Path]:
    """Every such folder of this and of other runs that is there now."""
    with contextlib.suppress(OSError):
        return sorted(path for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*") if _is_ours(path))
    return []


def abandoned() -> list[Path]:
    """Those whose program has ended without taking them along."""
    return [path for path in folders() if not _in_use(path)]


def remove_abandoned() -> list[Path]:
    """Those that were removed."""
    found = abandoned()
    for path in found:
        shutil.rmtree(path, ignore_errors=True)
    return [path for path in found if not path.exists()]


def _is_ours(path: Path) -> bool:
    """Not what another user, or a link, puts in our way."""
    try:
        status = path.lstat()
    except OSError:
        return False
    mine = sys.platform == "win32" or status.st_uid == os.getuid()
    return mine and path.is_dir() and not path.is_symlink()


def _in_use(path: Path) -> bool:
    process = path.name.removeprefix(PREFIX).partition("-")[0]
    if process.isdigit() and "-" in path.name.removeprefix(PREFIX) and sys.platform != "win32":
        try:
            os.kill(int(process), 0)
        except ProcessLookupError:
            return False
        except (OSError, OverflowError):
            return True
        return True
    try:
        return time.time() - path.lstat().st_mtime < ABANDONED_S
    except OSError:
        return False
