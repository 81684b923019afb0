"""Several computers in one network, imitated on one: each has addresses, ports and a loopback of its own. Needs Linux,
iproute2, and to be root."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Host:
    address: str
    enter: tuple[str, ...]
    """What goes before a command, so that it runs on this one."""


def can_be_imitated() -> bool:
    """Whether this computer lets anybody do that."""
    if sys.platform != "linux" or os.geteuid() or shutil.which("ip") is None:
        return False
    name = f"fac-try-{os.getpid()}"
    done = subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False).returncode == 0
    subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)
    return done


@contextlib.contextmanager
def hosts(number: int) -> Iterator[tuple[Host, ...]]:
    """The first is this computer itself, under an address in their network; so many others come after it."""
    bridge, network = f"fac{os.getpid()}", f"10.98.{os.getpid() % 256}"
    with contextlib.ExitStack() as stack:
        _ip("link", "add", bridge, "type", "bridge")
        stack.callback(_ip, "link", "del", bridge)
        _ip("addr", "add", f"{network}.1/24", "dev", bridge)
        _ip("link", "set", bridge, "up")
        found = [Host(f"{network}.1", ())]
        for one in range(2, number + 2):
            space, here, there = f"{bridge}-{one}", f"f{os.getpid()}h{one}", f"f{os.getpid()}t{one}"
            _ip("netns", "add", space)
            stack.callback(_ip, "netns", "del", space)
            _ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", space)
            _ip("link", "set", here, "master", bridge, "up")
            _ip("-n", space, "addr", "add", f"{network}.{one}/24", "dev", there)
            _ip("-n", space, "link", "set", there, "up")
            _ip("-n", space, "link", "set", "lo", "up")
            found.append(Host(f"{network}.{one}", ("ip", "netns", "exec", space)))
        yield tuple(found)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
