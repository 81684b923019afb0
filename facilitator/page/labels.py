"""What the page says during a session, in the session's language: one file a language in `labels`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

OTHERWISE = "en"
"""For a language that has no file."""


@cache
def labels_of(code: str) -> Mapping[str, str]:
    """By key, as in "button.next"; with slots such as {name}."""
    folder = resources.files("facilitator.page") / "labels"
    file = folder / f"{code}.toml"
    found = tomllib.loads((file if file.is_file() else folder / f"{OTHERWISE}.toml").read_text(encoding="utf-8"))
    flat: dict[str, str] = {}
    for key, value in found.items():
        flat |= {f"{key}.{name}": text for name, text in value.items()} if isinstance(value, dict) else {key: value}
    return flat
