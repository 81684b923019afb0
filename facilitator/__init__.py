"""A voice-assisted facilitator for in-person discussions. Offline.

From Python: `analyze` a recording, `open` a database of discussions. `docs/library.md` shows both.
"""

from __future__ import annotations

import importlib
import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from facilitator.errors import AudioError as AudioError
    from facilitator.errors import Cancelled as Cancelled
    from facilitator.errors import FacilitatorError as FacilitatorError
    from facilitator.errors import MissingPackage as MissingPackage
    from facilitator.errors import StoreError as StoreError
    from facilitator.errors import UsageError as UsageError
    from facilitator.library.analysis import Analysis as Analysis
    from facilitator.library.recordings import analyze as analyze
    from facilitator.library.sessions import PastSession as PastSession
    from facilitator.library.sessions import SessionDatabase as SessionDatabase
    from facilitator.library.sessions import open_database as open
    from facilitator.report.output.labels import LABEL_FORMS as LABEL_FORMS

# Without this, Python would print what goes to the log over the terminal of the people at the table.
logging.getLogger(__name__).addHandler(logging.NullHandler())

__version__ = "0.1.0"

_LIBRARY = {
    **dict.fromkeys(
        ("AudioError", "Cancelled", "FacilitatorError", "MissingPackage", "StoreError", "UsageError"), "errors"
    ),
    "Analysis": "library.analysis",
    "analyze": "library.recordings",
    "PastSession": "library.sessions",
    "SessionDatabase": "library.sessions",
    "LABEL_FORMS": "report.output.labels",
}
"""What other programs use, and the file that holds each: loaded when it is first used, as the command line has no need
of it."""

__all__ = [
    "LABEL_FORMS",
    "Analysis",
    "AudioError",
    "Cancelled",
    "FacilitatorError",
    "MissingPackage",
    "PastSession",
    "SessionDatabase",
    "StoreError",
    "UsageError",
    "__version__",
    "analyze",
    "open",
]


if not TYPE_CHECKING:  # whoever checks types sees what is imported above, and nothing that is not there

    def __getattr__(name: str) -> Any:
        if name == "open":
            return importlib.import_module("facilitator.library.sessions").open_database
        if name not in _LIBRARY:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(importlib.import_module(f"facilitator.{_LIBRARY[name]}"), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
