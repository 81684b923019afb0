"""Models that somebody was offered and did not want: what is asked once is not asked again."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from facilitator.models import catalogue
from facilitator.models import install as installation
from facilitator.models.manifest import Model

NAME = "declined.txt"
"""Their names, one a line, in the folder in which models are installed."""


def names() -> frozenset[str]:
    """None where nothing can be read: then it is asked once more."""
    try:
        return frozenset((catalogue.search_path()[0] / NAME).read_text(encoding="utf-8").split())
    except (OSError, ValueError):
        return frozenset()


def note(models: Iterable[Model]) -> None:
    """Where it cannot be kept, they are offered again, and nobody is stopped by it. Raises ModelError."""
    path = installation.target() / NAME
    wanted = sorted(names() | {model.name for model in models})
    with contextlib.suppress(OSError):
        path.write_text("".join(f"{name}\n" for name in wanted), encoding="utf-8")
        path.chmod(0o600)
