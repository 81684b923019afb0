"""Where nobody asks for a log (`system.field_log`), nothing of one reaches the terminal. It loads next to nothing."""

from __future__ import annotations

import logging

SETTING = "FACILITATOR_LOG"
"""Names the file of a log."""


def quiet() -> None:
    """Keeps what others log away from the terminal: where there is no handler at all, Python prints warnings there."""
    root = logging.getLogger()
    if not any(isinstance(one, logging.NullHandler) for one in root.handlers):
        root.addHandler(logging.NullHandler())
