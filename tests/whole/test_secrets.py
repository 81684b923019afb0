"""Nothing secret stands in an argument of any process: everybody on the computer can read those."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from facilitator.page.handover import PREFIX, hand_over
from facilitator.page.server import PageServer
from facilitator.store.session_log import Store
from tests.support import browser as chromium
from tests.support.evening import evening

ROOT = Path(__file__).parents[2]
BROWSER = '''#!{python}
"""Stands for a browser: follows what it is given, keeps the page open, and writes down what it saw."""
import os, re, stat, sys, time, urllib.parse, urllib.request
path = urllib.parse.unquote(urllib.parse.urlsplit(sys.argv[1]).path)
mode = stat.S_IMODE(os.stat(path).st_mode)
url = re.search('url=([^"]+)', open(path).read())[1]
time.sleep(1)
page = urllib.request.urlopen(url)
text = page.read().decode()
with open({out!r} + ".new", "w") as out:
    print(oct(mode), url, page.geturl(), "<title>" in text, os.path.exists(path), file=out)
os.replace({out!r} + ".new", {out!r})
time.sleep(2)
'''

pytestmark = pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs /proc")


class Watch:
    """All that any process of this computer was started with, while it lasts."""

    def __init__(self) -> None:
        self.seen: set[bytes] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def _look(self) -> None:
        while not self._over.wait(0.01):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    self.seen.add(path.read_bytes())

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


@contextlib.contextmanager
def at_a_terminal(home: Path, *args: str) -> Iterator[int]:
    """The program at a terminal of its own, on a computer with a browser."""
    person, terminal = pty.openpty()
    script = home / "browser"
    script.write_text(BROWSER.format(python=sys.executable, out=str(home / "seen")), encoding="utf-8")
    script.chmod(0o755)
    own = {name: str(home) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
    env = os.environ | own | {"BROWSER": f"{script} %s", "DISPLAY": ":99", "PYTHONPATH": str(ROOT), "TERM": "xterm"}
    for name in ("CI", "SSH_CONNECTION", "WAYLAND_DISPLAY"):
        env.pop(name, None)
    command = [sys.executable, "-m", "facilitator", *args]
    with subprocess.Popen(command, env=env, cwd=home, stdin=terminal, stdout=terminal, stderr=terminal) as program:
        os.close(terminal)
        threading.Thread(target=_drain, args=(person,), daemon=True).start()
        try:
            yield person
        finally:
            program.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                program.wait(10)
            program.kill()
    os.close(person)


def _drain(person: int) -> None:
    with contextlib.suppress(OSError):
        while os.read(person, 4096):
            pass


@pytest.mark.parametrize("command", ["start", "review"])
def test_no_process_is_started_with_the_address_of_the_page(tmp_path: Path, command: str) -> None:
    db = tmp_path / "sessions.db"
    args = ["start", "--timer-only", "--speech", "silent", "--db", str(db)]
    if command == "review":
        with Store.open(db) as store:
            evening(store)
        args = ["review", "--open", "--db", str(db)]
    with Watch() as watch, at_a_terminal(tmp_path, *args):
        until_s = time.monotonic() + 60
        while not (tmp_path / "seen").exists():
            assert time.monotonic() < until_s, "no browser came"
            time.sleep(0.05)
    mode, url, page, titled, there = (tmp_path / "seen").read_text(encoding="utf-8").split()
    assert (mode, titled, there) == ("0o600", "True", "False")
    ticket, token = url.rpartition("/")[2], page.rstrip("/").rpartition("/")[2]
    assert len(ticket) >= 43 and len(token) >= 43
    started = [words for words in watch.seen if str(tmp_path / "browser").encode() in words]
    assert started, "the browser was not seen at all"
    for words in watch.seen:
        assert ticket.encode() not in words and token.encode() not in words
        assert not re.search(rb"http://127\.0\.0\.1:\d+/[^\x00]{20}", words)
    assert not [*tmp_path.rglob(f"{PREFIX}*")]


def test_the_file_is_for_its_owner_only_and_goes_with_the_page(tmp_path: Path) -> None:
    server = PageServer.open()
    folder = tmp_path / "new"
    path = hand_over(server.ticket_url(), folder)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(folder.stat().st_mode) == 0o700
    os.utime(path, (1, 1))  # of a program that was killed
    left = Path(server.hand_over(folder).removeprefix("file://"))
    assert left.exists() and not path.exists()
    server.close()
    assert not left.exists()


@pytest.mark.page
def test_a_browser_finds_the_page_by_the_file(tmp_path: Path, browser: object) -> None:
    """It says of itself that it comes from elsewhere, and is let in by the ticket; a page elsewhere is not."""
    server = PageServer.open()
    try:
        page = browser.new_page()  # type: ignore[attr-defined]
        page.goto(server.hand_over(tmp_path))
        page.wait_for_url(server.url, timeout=20_000)
        page.wait_for_function("document.title !== ''")
        assert server.broker.pages == 1 or page.wait_for_timeout(1000) is None
        again = page.goto(server.ticket_url().replace("/open/", "/open/x"))
        assert again.status == 403
    finally:
        server.close()


browser = chromium.browser
