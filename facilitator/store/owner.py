"""Which process writes a session, and whether it is still there."""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path

_STILL_ACTIVE = 259
_QUERY_LIMITED_INFORMATION = 0x1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """`mark` tells it from a later process with the same number; empty where the system does not say."""

    host: str
    pid: int
    mark: str


def this_process() -> Process:
    pid = os.getpid()
    return Process(host=platform.node(), pid=pid, mark=_mark(pid))


def runs_here(process: Process) -> bool:
    """Whether this very process runs on this computer. A file copied from elsewhere has no writer here."""
    if process.host != platform.node() or not _exists(process.pid):
        return False
    return not process.mark or process.mark == _mark(process.pid)


def _mark(pid: int) -> str:
    """Linux: this start of the computer, and the clock tick in it at which the process began (proc(5))."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    # The second field is the program's name in brackets and may hold anything. Field 3 is Z for a process that
    # has ended and whose parent has not asked yet; field 22 is the start.
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else f"{boot}/{fields[19]}"


def _exists(pid: int) -> bool:
    if sys.platform == "win32":  # os.kill would end it there
        kernel32 = ctypes.windll.kernel32
        handle = kernel32.OpenProcess(_QUERY_LIMITED_INFORMATION, False, pid)
        if not handle:
            return False
        code = ctypes.c_ulong()
        known = kernel32.GetExitCodeProcess(handle, ctypes.byref(code))
        kernel32.CloseHandle(handle)
        return bool(known) and code.value == _STILL_ACTIVE
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
