"""Packages that need not be installed."""

from __future__ import annotations

import importlib
from typing import Any

from facilitator.errors import MissingPackage


def needed(module: str, package: str = "") -> Any:
    """The module of this name, which `package` holds (empty: the one of its name). Raises MissingPackage with what to
    type."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = package or module
        raise MissingPackage(f"This needs {package}, which is not installed; type: pip install {package}") from error
