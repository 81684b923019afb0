"""Runs a command in a network that ends at this computer, and notes all that tries to leave it.

    unshare --net --mount python3 outside_world.py NOTES COMMAND...

In here every address of the world leads to this script: a resolver answers all names, and the ports 80 and 443 are
listened on, so that who calls home finds somebody and goes on talking; a sniffer sees each packet, however it was sent.
NOTES then has one JSON object a line: {"what": "look-up" | "packet" | "call", ...}. Leaves with the command's code.
Only the standard library is used, and nothing of the program under test.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

RESOLVER, EVERYBODY = "192.0.2.53", "192.0.2.80"  # documentation addresses (RFC 5737): nobody's
SILENCE_S = 0.3  # for the packets that are on their way
ROUTES = (
    ("ip", "link", "set", "lo", "up"),
    ("ip", "route", "add", "local", "default", "dev", "lo"),
    ("ip", "-6", "route", "add", "local", "default", "dev", "lo"),
)


class Notes:
    def __init__(self, path: Path) -> None:
        self._stream, self._lock = path.open("a", encoding="utf-8"), threading.Lock()

    def add(self, what: str, **more: object) -> None:
        with self._lock:
            self._stream.write(json.dumps({"what": what, **more}) + "\n")
            self._stream.flush()


def lead_everything_here() -> None:
    for route in ROUTES:
        done = subprocess.run(route, capture_output=True, text=True, check=False)
        if done.returncode and "-6" not in route:  # there are systems without IPv6
            sys.exit(f"{' '.join(route)}: {done.stderr.strip()}")
    for path, text in (("/etc/resolv.conf", f"nameserver {RESOLVER}\n"), ("/etc/nsswitch.conf", "hosts: files dns\n")):
        with tempfile.NamedTemporaryFile("w", suffix=".conf", delete=False) as file:
            file.write(text)
        Path(file.name).chmod(0o644)
        subprocess.run(["mount", "--bind", file.name, path], check=True)  # in this mount namespace only
        Path(file.name).unlink()


def name_asked_for(question: bytes) -> str:
    labels, at = [], 12
    with contextlib.suppress(IndexError):
        while length := question[at]:
            labels.append(question[at + 1 : at + 1 + length].decode("ascii", "replace"))
            at += 1 + length
    return ".".join(labels)


def answer(question: bytes) -> bytes:
    """Every name is at the one address (RFC 1035). Asked for anything but an A record, there is none."""
    end = question.index(b"\0", 12) + 5
    is_a = question[end - 4 : end - 2] == b"\0\1"
    counts = b"\0\1" + (b"\0\1" if is_a else b"\0\0") + b"\0\0\0\0"
    record = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + socket.inet_aton(EVERYBODY) if is_a else b""
    return question[:2] + b"\x81\x80" + counts + question[12:end] + record


def resolve(notes: Notes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((RESOLVER, 53))
        while True:
            question, who = server.recvfrom(4096)
            notes.add("look-up", name=name_asked_for(question))
            with contextlib.suppress(ValueError, OSError):
                server.sendto(answer(question), who)


def listen(port: int, notes: Notes) -> None:
    server = socket.create_server(("0.0.0.0", port), backlog=64)
    while True:
        caller, _ = server.accept()
        with contextlib.suppress(OSError):
            caller.settimeout(2)
            to = caller.getsockname()[0]
            if not ipaddress.ip_address(to).is_loopback:
                notes.add("call", to=to, port=port, said=caller.recv(300).decode("latin-1"))
        caller.close()


def sniff(notes: Notes, sniffer: socket.socket) -> None:
    """Each packet of this network that is not from loopback to loopback."""
    while True:
        data, (_, protocol, kind, *_) = sniffer.recvfrom(200)
        if kind == socket.PACKET_OUTGOING:
            continue  # on a loopback interface everything is seen twice
        if protocol == 0x0800:
            whence, to = ipaddress.ip_address(data[26:30]), ipaddress.ip_address(data[30:34])
        elif protocol == 0x86DD:
            whence, to = ipaddress.ip_address(data[22:38]), ipaddress.ip_address(data[38:54])
        else:
            notes.add("packet", protocol=protocol)
            continue
        if not (whence.is_loopback and to.is_loopback):
            notes.add("packet", whence=str(whence), to=str(to))


def main(notes_path: str, command: list[str]) -> int:
    lead_everything_here()
    notes = Notes(Path(notes_path))
    sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0003))  # every protocol
    sniffer.bind(("lo", 0))
    threads = [threading.Thread(target=resolve, args=(notes,), daemon=True)]
    threads += [threading.Thread(target=listen, args=(port, notes), daemon=True) for port in (80, 443)]
    threads += [threading.Thread(target=sniff, args=(notes, sniffer), daemon=True)]
    for thread in threads:
        thread.start()
    time.sleep(0.05)  # until they listen
    code = subprocess.call(command)
    time.sleep(SILENCE_S)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
