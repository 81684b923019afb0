"""`--share`: who is let in from another device, what they are told, what they may ask for, and how it stops."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from facilitator.cli import cli
from facilitator.page import sharing
from facilitator.page.broker import MOST_OF_GUESTS, MOST_PAGES, Broker
from facilitator.page.buttons import BUTTONS
from facilitator.page.connections import OF_ONE
from facilitator.page.networks import OwnAddress, _unlikely, is_private, own_addresses
from facilitator.page.permissions import GUESTS_SEE, Role, sees
from facilitator.page.server import PageServer
from facilitator.page.sharing import Share, code
from tests.page.test_page_door import Asked, topics

OWN = own_addresses()
HERE = OWN[0] if OWN else OwnAddress(address="127.0.0.2", interface="lo")
"""Where others could reach this computer; where it is in no network, another address of its own."""


@pytest.fixture
def server() -> Iterator[PageServer]:
    found = PageServer.open()
    yield found
    found.close()


@pytest.fixture
def shared(server: PageServer) -> Iterator[Callable[..., Share]]:
    with contextlib.ExitStack() as until_over:

        def share(role: Role = "view", wanted: str | None = HERE.address, **more: Any) -> Share:
            found = Share(server.broker, role, wanted, **more)
            until_over.callback(found.close)
            return found

        yield share


class There(Asked):
    """The same questions, from another device."""

    def __init__(self, share: Share) -> None:
        assert share._server is not None
        super().__init__(share._server)

    def live(self, path: str | None = None, *, origin: str | None = "", host: str | None = None) -> ClientConnection:
        own = f"http://{host or self.host}" if origin == "" else origin
        address = f"ws://{host or self.host}{self.path if path is None else path}live"
        name, port = self.host.split(":")
        where = socket.create_connection((name, int(port)), timeout=5)
        return connect(address, origin=own, sock=where, compression=None)  # type: ignore[arg-type]


def until(what: Callable[[], object], seconds: float = 30) -> None:
    end_s = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end_s
        time.sleep(0.02)


# -- what a guest is told, and may do ---------------------------------------------------------------


@pytest.mark.parametrize("role", ["view", "steer"])
def test_a_guest_is_told_of_the_session_and_nothing_else(
    server: PageServer, shared: Callable[..., Share], role: Role
) -> None:
    server.broker.tell("setup", {"known": ["Zoë"]})
    server.broker.tell("screen", "setup")
    share = shared(role)
    with There(share).live() as guest, Asked(server).live() as host:
        server.broker.tell("lengths", {"open": "as long as you like"})
        server.broker.tell("devices", ["a microphone"])
        server.broker.tell("anything new", "Zoë")
        server.broker.tell("session", {"floor": "Ana"})
        server.broker.tell("summary", {"told": "that was it"})
        told = [json.loads(guest.recv(timeout=5)) for _ in range(4)]
        assert [one["topic"] for one in told] == ["role", "screen", "session", "summary"]
        assert told[0]["body"] == role
        assert not {one["topic"] for one in told[1:]} - GUESTS_SEE
        assert topics(host, "anything new") == "Zoë"
        assert topics(host, "share")["guests"] in (0, 1)


def test_only_looking_means_that_no_order_arrives(server: PageServer, shared: Callable[..., Share]) -> None:
    share = shared("view")
    server.broker.tell("screen", "session")
    orders = [button.command for button in BUTTONS] + ["answer", "hand", "airtime", "begin", "share", "stop-sharing"]
    with There(share).live() as guest:
        for order in orders:
            guest.send(json.dumps({"do": order, "value": 1, "person": "Ana", "text": "we rest"}))
            assert topics(guest, "refused") is None
        assert server.broker.take(0.2) == []
        assert share.url is not None  # nor did it stop anything


def test_reviews_of_stored_sessions_are_not_to_be_had(shared: Callable[..., Share]) -> None:
    there = There(shared("steer"))
    for path in ("sessions", "review/1", "trends", "save/1.json", "correct/1", "undo/1"):
        assert there.get(there.path + path).status == 404


def test_steering_is_the_buttons_of_the_session(server: PageServer, shared: Callable[..., Share]) -> None:
    share = shared("steer")
    with There(share).live() as guest:
        server.broker.tell("screen", "setup")
        for order in ("go-on", "begin", "check", "hear", "next"):  # "go-on" would take up an older session
            guest.send(json.dumps({"do": order}))
            assert topics(guest, "refused") is None
        server.broker.tell("screen", "session")
        for order in ("begin", "airtime", "share", "stop-sharing", "correct", "anything new"):
            guest.send(json.dumps({"do": order}))
            assert topics(guest, "refused") is None
        assert server.broker.take() == []
        for order in ("next", "go-on", "finish"):
            guest.send(json.dumps({"do": order}))
            assert server.broker.take(5) == [{"do": order}]
        server.broker.tell("screen", "summary")
        guest.send('{"do":"next"}')
        assert topics(guest, "refused") is None


def test_hidden_airtime_is_hidden_there_too(server: PageServer, shared: Callable[..., Share]) -> None:
    """What the page of this computer is told is what a guest is told, letter for letter."""
    server.broker.tell("screen", "session")
    server.broker.tell("session", {"people": [{"name": "Ana", "ring": None}]})
    with There(shared()).live() as guest, Asked(server).live() as host:
        assert topics(guest, "session") == topics(host, "session")


def test_guests_take_neither_the_places_nor_the_queue_of_this_computer(
    server: PageServer, shared: Callable[..., Share]
) -> None:
    there = There(shared("steer"))
    server.broker.tell("screen", "session")
    with contextlib.ExitStack() as pages:
        guests = [pages.enter_context(there.live()) for _ in range(MOST_PAGES)]
        until(lambda: server.broker.guests == MOST_PAGES)
        assert topics(pages.enter_context(there.live()), "full") is None
        host = pages.enter_context(Asked(server).live())
        assert topics(host, "role") == "host"
        for _ in range(MOST_OF_GUESTS + 5):
            guests[0].send('{"do":"next"}')
        assert topics(guests[0], "busy") is None
        host.send('{"do":"pause"}')
        found: list[Any] = []

        def paused() -> bool:
            found.extend(server.broker.take(0.1))
            return {"do": "pause"} in found

        until(paused)
        assert found == [{"do": "next"}] * MOST_OF_GUESTS + [{"do": "pause"}]
        guests[0].close()
        until(lambda: server.broker.guests == MOST_PAGES - 1)
        assert topics(pages.enter_context(there.live()), "role") == "steer"


def test_guests_hear_of_the_end_also_where_the_server_is_kept_busy(shared: Callable[..., Share]) -> None:
    share = shared("view")
    with There(share).live() as guest:
        assert topics(guest, "role") == "view"
        (page,) = share.broker._pages
        page.loop.call_soon_threadsafe(time.sleep, 0.5)
        share.close()
        assert topics(guest, "end") is None


def test_nobody_can_use_up_the_programs_files(server: PageServer, shared: Callable[..., Share]) -> None:
    name, port = There(shared()).host.split(":")
    with contextlib.ExitStack() as opened:
        for _ in range(256 // OF_ONE + 30):
            opened.enter_context(socket.create_connection((name, int(port)), timeout=5))
        until(lambda: len(server._server.server_state.connections) == 0)
        with Asked(server).live() as host:
            assert topics(host, "role") == "host"
    until(lambda: answers(name, int(port)))


def answers(name: str, port: int) -> bool:
    with socket.create_connection((name, port), timeout=5) as one:
        one.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        with contextlib.suppress(OSError):
            return one.recv(12) == b"HTTP/1.1 403"
    return False


# -- who is let in ----------------------------------------------------------------------------------


def test_each_door_has_its_own_token_and_name(server: PageServer, shared: Callable[..., Share]) -> None:
    there, here = There(shared()), Asked(server)
    assert there.get().status == 200
    assert len(there.token) >= 43  # 256 bits
    assert there.token != here.token
    assert there.get(here.path).status == 403
    assert here.get(there.path).status == 403
    ticket = server.ticket_url().rpartition("/open/")[2]
    assert there.get(f"/open/{ticket}").status == 403
    port = there.host.split(":")[1]
    for host in (here.host, f"127.0.0.1:{port}", f"localhost:{port}", "evil.example", f"evil.example:{port}", ""):
        assert there.get(Host=host).status == 403
    for origin in (f"http://{here.host}", "http://evil.example", "null"):
        assert there.get(Origin=origin).status == 403
        with pytest.raises(InvalidStatus):
            there.live(origin=origin)
    for wrong in ({"origin": None}, {"host": f"localhost:{port}"}, {"path": "/"}, {"path": here.path}):
        with pytest.raises(InvalidStatus) as refused:
            there.live(**wrong)
        assert refused.value.response.status_code == 403


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        *(dict.fromkeys(("192.168.1.5", "10.0.0.7", "172.16.3.4", "169.254.7.7", "127.0.0.2"), True).items()),
        *(dict.fromkeys(("8.8.8.8", "172.32.0.1", "100.64.0.1", "0.0.0.0", "255.255.255.255"), False).items()),
        *(dict.fromkeys(("224.0.0.1", "::", "fe80::1", "2001:db8::1", "", "home", "192.168.1"), False).items()),
    ],
)
def test_only_addresses_within_a_network_will_do(address: str, expected: bool) -> None:
    assert is_private(address) == expected


def test_the_likeliest_address_comes_first() -> None:
    names = ["docker0", "eth0", "wlan0", "utun3", "vEthernet (WSL)"]
    found = [OwnAddress(address=f"192.168.{n}.5", interface=name) for n, name in enumerate(names)]
    found.append(OwnAddress(address="169.254.3.3", interface="eth1"))
    best = sorted(found, key=lambda own: (_unlikely(own), own))
    assert [own.interface for own in best] == ["eth0", "wlan0", "eth1", "docker0", "utun3", "vEthernet (WSL)"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--share-address", "192.168.1.5"], "add --share"),
        (["--share", "--share-address", "8.8.8.8"], "not an address within a network of your own"),
        (["--share", "--share-address", "0.0.0.0"], "not an address within a network of your own"),
        (["--share", "--share-address", "192.168.213.77"], "has no address 192.168.213.77"),
        (["--share=all"], "not one of"),
    ],
)
def test_what_cannot_be_shared_is_said(words: list[str], said: str, tmp_path: Path) -> None:
    told = CliRunner().invoke(cli, ["start", "--people", "Ana, Ben", "--yes", "--db", str(tmp_path / "x.db"), *words])
    assert told.exit_code == 2
    assert said in told.output


# -- stopping, starting, and networks that go away ---------------------------------------------------


def test_stopping_cuts_everyone_off_and_starting_again_has_a_new_token(
    server: PageServer, shared: Callable[..., Share]
) -> None:
    share = shared("steer")
    server.broker.tell("screen", "session")
    there, old = There(share), str(share.url)
    with there.live() as guest, Asked(server).live() as host:
        host.send('{"do":"stop-sharing"}')
        assert topics(guest, "stopped") is None
        with contextlib.suppress(ConnectionClosed):
            guest.send('{"do":"finish"}')
        with pytest.raises(ConnectionClosed):
            while True:
                guest.recv(timeout=5)
        until(lambda: not topics(host, "share")["on"])
        assert share.url is None
        with pytest.raises(OSError, match="refused"):
            there.get()
        assert server.broker.take() == []  # neither did what was asked for after that
        host.send('{"do":"share"}')
        until(lambda: topics(host, "share")["on"])
    assert share.url is not None
    assert share.url.rsplit("/", 2)[1] != old.rsplit("/", 2)[1]
    assert There(share).get(f"/{there.token}/").status == 403
    assert There(share).get().status == 200


def test_a_network_that_is_gone_ends_the_sharing_and_is_said(
    server: PageServer, shared: Callable[..., Share], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "GONE_S", 0.1)
    monkeypatch.setattr(sharing, "is_loopback", lambda _: False)
    found = [HERE]
    share = shared(wanted=None, addresses=lambda: list(found))
    assert share.trouble() is None
    with There(share).live() as guest, Asked(server).live() as host:
        until(lambda: server.broker.guests == 1)
        found.clear()
        assert topics(guest, "stopped") is None
        until(lambda: topics(host, "share")["problem"] == sharing.GONE)
        assert share.trouble() == sharing.GONE
        host.send('{"do":"share"}')  # still in no network
        until(lambda: topics(host, "share")["problem"] == sharing.NO_NETWORK)
        found.append(HERE)
        host.send('{"do":"share"}')
        until(lambda: topics(host, "share")["on"])
        assert share.trouble() is None


def test_without_a_network_the_session_goes_on(server: PageServer, shared: Callable[..., Share]) -> None:
    share = shared(wanted=None, addresses=list)
    assert share.url is None
    assert share.trouble() == sharing.NO_NETWORK
    with Asked(server).live() as host:
        assert topics(host, "share") == {"on": False, "problem": sharing.NO_NETWORK}


def test_the_end_of_the_program_is_said_there_too(server: PageServer, shared: Callable[..., Share]) -> None:
    share = shared()
    with There(share).live() as guest:
        until(lambda: server.broker.guests == 1)
        server.close()
        assert topics(guest, "end") is not None
        share.close()
        share.close()


def test_the_code_is_square_and_holds_finder_patterns() -> None:
    rows = code("http://192.168.178.123:54321/" + "x" * 43 + "/")
    assert len({len(row) for row in rows} | {len(rows)}) == 1
    assert set("".join(rows)) == {"0", "1"}
    for row in (rows[0], rows[-7]):
        assert row.startswith("11111110")


def test_roles() -> None:
    assert sees("host") is None
    assert Broker().guests == 0


# -- the program itself -------------------------------------------------------------------------------

START = ("start", "--people", "Ana, Ben", "--timer-only", "--speech", "silent", "--yes", "--minutes", "10")


class Running:
    """The program under way; what it prints is kept."""

    def __init__(self, home: Path, *words: str, inside: tuple[str, ...] = ()) -> None:
        env = os.environ | dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"), str(home))
        self.process = subprocess.Popen(
            [*inside, sys.executable, "-u", "-m", "facilitator", *START, *words],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True, env=env,
        )  # fmt: skip

    def line(self, pattern: str) -> str:
        assert self.process.stdout is not None
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if (found := re.search(pattern, line)) is not None:
                return found[0]
        raise AssertionError("".join(lines))

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    with contextlib.ExitStack() as until_over:

        def start(*words: str, **more: Any) -> Running:
            found = Running(tmp_path, *words, **more)
            until_over.callback(found.end)
            return found

        yield start


def listening(process: int) -> set[str]:
    """The addresses on which a process listens."""
    inodes = set()
    for one in Path(f"/proc/{process}/fd").iterdir():
        with contextlib.suppress(OSError):
            inodes |= set(re.findall(r"socket:\[(\d+)\]", str(one.readlink())))
    found = set()
    for name in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/{process}/net/{name}").read_text(encoding="ascii").splitlines()[1:]:
            local, _, state, *_, inode = line.split()[1:10]
            if inode in inodes and (state == "0A" or name.startswith("udp")):
                number = local.split(":")[0]
                found.add(".".join(str(part) for part in reversed(bytes.fromhex(number))) if len(number) == 8 else name)
    return found


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/net/tcp").exists(), reason="asks Linux for what a process listens on")
def test_only_with_share_does_it_listen_beyond_this_computer(running: Callable[..., Running]) -> None:
    alone = running("--page")
    alone.line(r"http://127\.0\.0\.1:\d+/\S+/")
    assert listening(alone.process.pid) == {"127.0.0.1"}
    alone.end()
    shared = running("--page", "--share", "--share-address", HERE.address)
    shared.line(rf"http://{re.escape(HERE.address)}:\d+/\S+/")
    assert listening(shared.process.pid) == {"127.0.0.1", HERE.address}
    shared.end()
    only_there = running("--no-page", "--share", "--share-address", HERE.address)
    only_there.line(rf"http://{re.escape(HERE.address)}:\d+/\S+/")
    assert listening(only_there.process.pid) == {HERE.address}


@pytest.mark.slow
def test_a_session_without_its_own_page_is_shown_there_and_ends_there(running: Callable[..., Running]) -> None:
    one = running("--no-page", "--share=steer", "--share-address", HERE.address)
    url = one.line(rf"http://{re.escape(HERE.address)}:\d+/\S+/")
    host = url.split("/")[2]
    with connect(url.replace("http", "ws") + "live", origin=Origin(f"http://{host}"), compression=None) as guest:
        until(lambda: topics(guest, "session")["floor"] == "Ana")
        guest.send('{"do":"pause"}')
        until(lambda: topics(guest, "session")["paused"])
        one.process.send_signal(signal.SIGINT)
        assert topics(guest, "summary")["people"] is not None
        one.process.send_signal(signal.SIGINT)
        topics(guest, "end")  # by the session or by the server that goes, whichever is sooner: it waits for no other
    assert one.process.wait(30) == 0


IN_A_NETWORK = 'ip link set lo up && ip addr add 192.168.77.5/24 dev lo && exec "$@"'
UNSHARE = ("unshare", "--map-root-user", "--net", "sh", "-c", IN_A_NETWORK, "sh")


def may_unshare() -> bool:
    """Whether a network of a test's own can be had."""
    if shutil.which("unshare") is None or shutil.which("ip") is None or shutil.which("nsenter") is None:
        return False
    return subprocess.run([*UNSHARE, "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.slow
def test_a_computer_that_leaves_the_network_says_so_and_goes_on(running: Callable[..., Running]) -> None:
    """In a network of its own, out of which the address is taken."""
    if not may_unshare():
        pytest.skip("needs Linux's unshare, nsenter and ip, and the right to use them")
    one = running("--no-page", "--share", inside=UNSHARE)
    assert "192.168.77.5" in one.line(r"http://\S+/")
    gone = ["nsenter", "--target", str(one.process.pid), "--user", "--net", "--preserve-credentials",
            "ip", "addr", "del", "192.168.77.5/24", "dev", "lo"]  # fmt: skip
    subprocess.run(gone, check=True)
    one.line("has left the network")
    assert one.process.poll() is None
    one.process.send_signal(signal.SIGINT)
    one.process.send_signal(signal.SIGINT)
    assert one.process.wait(30) in (0, 1)
