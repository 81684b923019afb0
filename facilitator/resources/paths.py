"""Where the prompts, the models and a person's own data are.

Prompts and the list of models stand at the top of the checkout, so that people find and change them;
the installed package carries copies of both. The first of these that exists is used:

1. the setting (`FACILITATOR_PROMPTS`, `FACILITATOR_MODELS`, or what the caller was told),
2. the checkout, where the program runs from one,
3. the package.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from facilitator.errors import UsageError

ResourceKind = Literal["prompts", "models"]
Source = Literal["setting", "checkout", "package"]

PACKAGE = Path(__file__).resolve().parent.parent
CHECKOUT = PACKAGE.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    what: ResourceKind
    folder: Path
    source: Source
    """Why this folder: it was asked for, it is in the checkout, or it came with the package."""


def find(what: ResourceKind, setting: Path | None = None, environ: Mapping[str, str] | None = None) -> Place:
    """The folder of the prompts or of the models. Raises UsageError where the setting names no folder,
    or where there is none at all."""
    variable = f"FACILITATOR_{what.upper()}"
    named = setting or (os.environ if environ is None else environ).get(variable)
    if named:
        folder = Path(named).expanduser().absolute()
        if not folder.is_dir():
            asked = "was asked for" if setting else f"is what {variable} says"
            raise UsageError(f"There is no folder {folder}, which {asked} for the {what}; name one that exists.")
        return Place(what=what, folder=folder, source="setting")
    return shipped(what)


def shipped(what: ResourceKind) -> Place:
    """The one that came with the program, whatever the settings say."""
    if (CHECKOUT / "pyproject.toml").is_file() and (CHECKOUT / what).is_dir():
        return Place(what=what, folder=CHECKOUT / what, source="checkout")
    if (PACKAGE / "_data" / what).is_dir():
        return Place(what=what, folder=PACKAGE / "_data" / what, source="package")
    raise UsageError(
        f"The {what} are not where they should be; install facilitator again, or set FACILITATOR_{what.upper()}."
    )


def data_folder() -> Path:
    """Where a person's own data belongs on this system: the database, and the models once installed.
    It is named here, not made; whoever makes it, makes it for its owner only."""
    import platformdirs  # noqa: PLC0415 - help does without

    return Path(platformdirs.user_data_dir("facilitator", appauthor=False))


def settings_path() -> Path:
    """What a person has set for the commands of this program."""
    import platformdirs  # noqa: PLC0415

    return platformdirs.user_config_path("facilitator", appauthor=False) / "settings.toml"


def database_path() -> Path:
    """The database, where nobody names another one."""
    return data_folder() / "sessions.db"
