"""Runs a program in a world of its own and tells what it did behind everybody's back: native code, too.

Two witnesses that do not know of each other. `outside_world.py` gives it a network that ends at this computer and notes
every packet and look-up; strace notes the system calls with which files are made and sockets are used, in every process
that is started. Python's audit hooks see neither: C and C++ do not pass them.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.needed import needed

ROOT = Path(__file__).resolve().parent.parent.parent
OUTSIDE_WORLD = Path(__file__).with_name("outside_world.py")
PACKAGES = "strace iproute2"
# Telemetry knows test machines, and is silent there. So nothing of this process's environment goes along but this.
TAKEN_ALONG = (
    "PATH",
    "LANG",
    "LC_ALL",
    "PULSE_SERVER",
    "PULSE_SINK",
    "PULSE_SOURCE",
    "ALSA_CONFIG_PATH",
    "LD_LIBRARY_PATH",
)
CALLS = (
    "network,execve,openat,openat2,?open,?creat,?mkdir,mkdirat,?mknod,mknodat,?rename,renameat,renameat2,?link,linkat,"
    "?symlink,symlinkat,truncate,?unlink,unlinkat,?rmdir,?chmod,fchmodat,?chown,?lchown,fchownat,setxattr,chdir,"
    "io_uring_setup"
)
STRACE = ("strace", "-ff", "-qq", "-y", "-s", "300", "--seccomp-bpf", "-e", f"trace={CALLS}")
SENDS = ("connect", "sendto", "sendmsg", "sendmmsg", "bind")
BY_NAME = {
    "creat", "mkdir", "mknod", "rename", "link", "symlink", "truncate", "unlink", "rmdir", "chmod", "chown", "lchown",
    "setxattr",
}  # fmt: skip
NETWORK_ONLY = {
    "socket", "socketpair", "accept", "accept4", "listen", "getsockname", "getpeername", "getsockopt", "setsockopt",
    "shutdown", "recvfrom", "recvmsg", "recvmmsg",
}  # fmt: skip
LINE = re.compile(r"(?P<call>\w+)\((?P<arguments>.*)\)\s+= (?P<result>-?\d+|\?|0x[0-9a-f]+)(?:<(?P<opened>[^>]*)>)?")
NAME = re.compile(r'(?:(?:AT_FDCWD|\d+)<(?P<folder>[^>]*)>, )?"(?P<name>(?:[^"\\]|\\.)*)"')
ADDRESS = re.compile(r'(?:sin_addr=inet_addr\("|inet_pton\(AF_INET6, ")(?P<address>[^"]+)"')
SOCKET_FILE = re.compile(r'sun_path=(?P<name>@?"[^"]*")')


Meanwhile = Callable[[subprocess.Popen[str], Path], None]
"""What to do while it runs, with the process and the file that what it says goes into."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one command did."""

    code: int
    told: str
    """Standard output and errors."""
    left: tuple[str, ...]
    """Look-ups, packets and calls, by the network itself."""
    sent: tuple[str, ...]
    """System calls to addresses that are not loopback, or in ways that hide the address."""
    sockets: frozenset[str]
    """Sockets in the file system that it reached."""
    written: frozenset[str]
    """Files and folders that were made, opened for writing, renamed to, deleted or given other rights."""
    programs: frozenset[str]

    def talked(self) -> list[str]:
        return [*self.left, *self.sent]


def missing() -> str | None:
    """What this machine lacks for it, as a sentence, or None."""
    if not sys.platform.startswith("linux"):
        return "network namespaces and strace are Linux's"
    lacking = [name for name in ("strace", "unshare", "ip", "mount") if shutil.which(name) is None]
    if lacking:
        return f"watching a program needs {', '.join(lacking)}: apt-get install -y {PACKAGES}"
    tried = subprocess.run(
        [*_unshare(), "strace", "-o", "/dev/null", "true"], capture_output=True, text=True, check=False
    )
    return f"a network of its own, or strace, is not allowed here: {tried.stderr.strip()}" if tried.returncode else None


def require() -> None:
    needed(missing())


def _unshare() -> list[str]:
    return ["unshare", *([] if os.geteuid() == 0 else ["--map-root-user"]), "--net", "--mount", "--"]


@dataclass(slots=True)
class World:
    """A home, a folder for temporary files and one to work in, each new; and what was seen in them."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)
    work: Path = field(init=False)
    home: Path = field(init=False)
    tmp: Path = field(init=False)
    _runs: int = 0

    def __post_init__(self) -> None:
        self.work, self.home, self.tmp = (self.folder / name for name in ("work", "home", "tmp"))
        for path in (self.work, self.home, self.tmp):
            path.mkdir()

    @property
    def data(self) -> Path:
        """Where the program keeps what is the person's own."""
        return self.home / ".local" / "share" / "facilitator"

    def left(self) -> list[Path]:
        """Every file that lies there now."""
        return sorted(path for top in (self.work, self.home, self.tmp) for path in top.rglob("*") if not path.is_dir())

    def run(
        self, *command: str | Path, typed: str = "", timeout_s: float = 500, meanwhile: Meanwhile | None = None,
        **environ: str,
    ) -> Seen:  # fmt: skip
        """The environment is nearly empty, as if `env -i` were said, and a few variables that name where things are."""
        self._runs += 1
        notes, traces = self.folder / f"notes-{self._runs}", self.folder / f"traces-{self._runs}"
        said = self.folder / f"said-{self._runs}"
        traces.mkdir()
        env = {name: os.environ[name] for name in TAKEN_ALONG if name in os.environ}
        env |= {"HOME": str(self.home), "TMPDIR": str(self.tmp), "PYTHONPATH": str(ROOT), **self.environ, **environ}
        trace = [
            "strace",
            "-ff",
            "-qq",
            "-y",
            "-s",
            "300",
            "--seccomp-bpf",
            "-e",
            f"trace={CALLS}",
            "-o",
            str(traces / "of"),
        ]
        outside = [sys.executable, str(OUTSIDE_WORLD), str(notes)]
        with said.open("w", encoding="utf-8") as out, subprocess.Popen(
            [*_unshare(), *outside, *trace, *map(str, command)], cwd=self.work, env=env, text=True,
            stdin=subprocess.PIPE, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
        ) as process:  # fmt: skip
            assert process.stdin is not None
            process.stdin.write(typed)
            process.stdin.close()
            try:
                if meanwhile:
                    meanwhile(process, said)
                code = process.wait(timeout_s)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        return self._seen(code, said.read_text(encoding="utf-8"), notes, sorted(traces.iterdir()))

    def _seen(self, code: int, told: str, notes: Path, traces: Sequence[Path]) -> Seen:
        left = notes.read_text(encoding="utf-8").splitlines() if notes.exists() else []
        sent: list[str] = []
        sockets: set[str] = set()
        written: set[str] = set()
        programs: set[str] = set()
        for trace in traces:
            for call, arguments, result, opened in _calls(trace, self.work):
                if call == "execve" and result == 0:
                    programs.add(json.loads(arguments.partition(", [")[0]))
                elif call in SENDS:
                    files = _socket_files(arguments) if result >= 0 else set()
                    sockets |= files
                    written |= {name for name in files if call == "bind" and not name.startswith("@")}
                    sent += [f"{call} {where}" for where in _beyond_loopback(call, arguments)]
                elif call == "socket" and ("AF_PACKET" in arguments or "SOCK_RAW, IP" in arguments):
                    sent.append(f"socket({arguments})")
                elif call == "io_uring_setup" and result >= 0:
                    sent.append("io_uring: system calls that strace does not see")
                elif result >= 0:
                    written |= set(_touched(call, arguments, opened))
        return Seen(
            code=code, told=told, left=tuple(json_told(line) for line in left), sent=tuple(sent),
            sockets=frozenset(sockets), written=frozenset(written), programs=frozenset(programs),
        )  # fmt: skip


def innermost(process: subprocess.Popen[str]) -> int:
    """The process id of the watched program itself, below those that watch it."""
    pid = process.pid
    while True:
        name = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        if not ({b"unshare", b"strace"} & {name[0]} or os.fsencode(OUTSIDE_WORLD) in name):
            return pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
        if not children:
            raise ProcessLookupError("it does not run yet, or not any more")
        pid = int(children[-1])


def json_told(line: str) -> str:
    note = json.loads(line)
    return " ".join(f"{value}" if name != "said" else f"({len(value)} bytes)" for name, value in note.items())


def _calls(trace: Path, work: Path) -> Iterator[tuple[str, str, int, str | None]]:
    """Each finished system call: its name, its arguments with relative names made whole, its result, what it opened."""
    here = str(work)
    for line in trace.read_text(encoding="utf-8", errors="replace").splitlines():
        found = LINE.match(line)
        if found is None or found["result"] == "?":
            continue
        call, arguments, result = found["call"], found["arguments"], int(found["result"], 0)
        if call == "chdir" and result == 0:
            here = str(Path(here, json.loads(arguments)))
        if call in BY_NAME:  # the older calls say a relative name without the folder
            arguments = f"AT_FDCWD<{here}>, {arguments}"
        yield call, arguments, result, found["opened"]


def _beyond_loopback(call: str, arguments: str) -> Iterator[str]:
    """Also what was refused: who asked has tried."""
    for found in ADDRESS.finditer(arguments):
        address = found["address"]
        unbound = call == "bind" and address in ("0.0.0.0", "::") and "htons(0)" in arguments
        if not address.startswith(("127.", "::1", "::ffff:127.")) and not unbound:
            yield address


def _socket_files(arguments: str) -> set[str]:
    return {found["name"].strip('"') for found in SOCKET_FILE.finditer(arguments)}


def _touched(call: str, arguments: str, opened: str | None) -> Iterator[str]:
    if call in ("open", "openat", "openat2"):
        if re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_TMPFILE", arguments):
            yield (opened or "").removesuffix(" (deleted)")
    elif call != "chdir" and call not in NETWORK_ONLY:
        for found in NAME.finditer(arguments):
            yield os.path.normpath(Path(found["folder"] or "", found["name"]))


def until(ready: Callable[[], object], what: str, timeout_s: float = 60) -> None:
    end = time.monotonic() + timeout_s
    while not ready():
        assert time.monotonic() < end, f"{what}: waited for {timeout_s:.0f} s in vain"
        time.sleep(0.05)
