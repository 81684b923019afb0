"""What a browser does with the page: fetches its files, and listens on the socket that tells what changes.

    python3 page_visitor.py URL SECONDS

Says how many files and messages there were.
"""

from __future__ import annotations

import re
import sys
import time
import urllib.request

from websockets.sync.client import connect
from websockets.typing import Origin

FILE = re.compile(r"""["'](?:\./)?([a-z_-]+\.(?:js|css|svg|html))["']""")


def fetch(url: str) -> int:
    fetched: set[str] = set()
    wanted = {""}
    while wanted:
        name = wanted.pop()
        fetched.add(name)
        with urllib.request.urlopen(url + name) as answer:
            wanted |= set(FILE.findall(answer.read().decode("utf-8", "replace"))) - fetched
    return len(fetched)


def listen(url: str, stay_s: float) -> int:
    heard = 0
    origin = Origin("/".join(url.split("/")[:3]))
    with connect(url.replace("http", "ws", 1) + "live", origin=origin) as page:
        end_s = time.monotonic() + stay_s
        while time.monotonic() < end_s:
            page.recv(timeout=20)
            heard += 1
    return heard


if __name__ == "__main__":
    print(fetch(sys.argv[1]), "files,", listen(sys.argv[1], float(sys.argv[2])), "messages")
