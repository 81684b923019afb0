"""Whether the page can be shown here at all."""

from __future__ import annotations

import contextlib
import os
import sys
import webbrowser


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
