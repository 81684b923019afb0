"""Whether the page can be shown here at all, and sending the browser to it."""

from __future__ import annotations

import contextlib
import os
import sys
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

from facilitator.errors import PageError

if TYPE_CHECKING:
    from facilitator.page.server import PageServer


def browser_here() -> bool:
    """Whether a browser with windows can be opened here."""
    if os.environ.get("SSH_CONNECTION"):
        return False
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    with contextlib.suppress(webbrowser.Error):
        webbrowser.get()
        return True
    return False


def send_browser(server: PageServer, folder: Path) -> str | None:
    """To the page, by a file in `folder`. What to say where that fails; the address is on the screen already."""
    try:
        webbrowser.open(server.hand_over(folder))
    except PageError as error:
        return error.message
    except webbrowser.Error:
        return None
    return None
