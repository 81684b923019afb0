"""What a test cannot do without."""

from __future__ import annotations

import os

import pytest


def needed(missing: str | None) -> None:
    """Skip the test that asked, with the reason, where something is missing; in CI, where it must be there, fail."""
    if missing and os.environ.get("CI") == "true":
        pytest.fail(missing)
    if missing:
        pytest.skip(missing)
