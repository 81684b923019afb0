"""How the browser learns the page's address. What a program is started with, everyone on this computer can read, so the
browser is started with the name of a file that only its owner can read, and that file leads on. Jupyter does the same.
"""

from __future__ import annotations

import contextlib
import html
import os
import secrets
import sys
import time
from pathlib import Path

from facilitator.page.access import TICKET_S

PREFIX, SUFFIX = "facilitator-page-", ".html"
_SNAPS = ("/snap/bin/firefox", "/snap/bin/chromium")


def folder_for(usual: Path) -> Path:
    """Where a browser can read it. Those in a snap see no hidden folders."""
    return Path.home() if sys.platform == "linux" and any(map(os.path.exists, _SNAPS)) else usual


def hand_over(url: str, folder: Path) -> Path:
    """A new file for its owner only that leads to `url`. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _remove_old(folder)
    path = folder / f"{PREFIX}{secrets.token_hex(8)}{SUFFIX}"
    address = html.escape(url, quote=True)
    text = (
        '<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><title>facilitator</title>'
        f'<meta http-equiv="refresh" content="0; url={address}"><p><a href="{address}">To the page</a></p>\n'
    )
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    return path


def _remove_old(folder: Path) -> None:
    """Those of programs that were killed. They lead nowhere any more."""
    with contextlib.suppress(OSError):
        for path in folder.glob(f"{PREFIX}*{SUFFIX}"):
            if time.time() - path.stat().st_mtime > TICKET_S:
                path.unlink(missing_ok=True)
