"""The files in the prompts folder: formats and languages, found, read and checked."""

from __future__ import annotations

import contextlib
import difflib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from babel import Locale, UnknownLocaleError

from facilitator.core.formats.parse import parse_format
from facilitator.core.formats.stages import Format
from facilitator.core.language.wording import Language, parse_language
from facilitator.core.text import all_cleaned
from facilitator.errors import PromptsError, UsageError
from facilitator.resources import paths


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompts:
    """A prompts folder."""

    folder: Path

    def format_files(self) -> list[Path]:
        return sorted((self.folder / "formats").glob("*.toml"))

    def language_files(self) -> list[Path]:
        return sorted((self.folder / "languages").glob("*.toml"))

    def format_file(self, name: str) -> Path:
        """The file of a format, by its name or by a path. Raises UsageError with the nearest names."""
        return self._file("format", name, self.format_files())

    def language_file(self, code: str) -> Path:
        return self._file("language", code, self.language_files())

    def _file(self, what: str, name: str, files: list[Path]) -> Path:
        if name.endswith(".toml"):
            path = Path(name).expanduser()
            with contextlib.suppress(OSError, ValueError):  # a name that is too long, or none of a file
                if path.is_file():
                    return path
            raise UsageError(f"There is no file {name}; check the path of the {what}.")
        for path in files:
            if path.stem == name:
                return path
        names = [path.stem for path in files]
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there is {', '.join(names) or 'none at all'}."
        raise UsageError(f"There is no {what} called {name!r}; {hint}")

    def format(self, name: str) -> dict[str, Any]:
        """A format's mapping, checked. Raises PromptsError with everything that is wrong in it."""
        path = self.format_file(name)
        raw = read(path)
        parse_format(raw, str(path))
        return raw

    def language(self, code: str) -> dict[str, Any]:
        """A language's mapping, checked. Raises PromptsError with everything that is wrong in it."""
        path = self.language_file(code)
        raw = read_language(path)
        parse_language(raw, str(path))
        return raw


def of_today(stored: Mapping[str, Any]) -> Mapping[str, Any]:
    """A language as a session was stored with, and what has been asked of languages since taken from today's file of it
    (or from English, where that language has none any more): an earlier session can always be told again, in its own
    words as far as it had them."""
    if not isinstance(stored, Mapping) or _fits_today(json.dumps(stored, sort_keys=True)):
        return stored
    return _filled(stored)


@lru_cache(maxsize=64)
def _fits_today(stored: str) -> bool:
    try:
        parse_language(json.loads(stored))
    except PromptsError:
        return False
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        pass  # damaged: whoever reads it says so
    return True


def _filled(stored: Mapping[str, Any]) -> Mapping[str, Any]:
    prompts = default_prompts()
    try:
        today = prompts.language(str(stored.get("code", "")))
    except (UsageError, PromptsError):
        today = prompts.language("en")
    for tried in (_merged(today, stored), today):
        with contextlib.suppress(PromptsError):
            parse_language(tried)
            return tried
    return stored


def _merged(today: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """`stored` where it says something, of tables each key by itself."""
    found = {**today, **stored}
    for key in today.keys() & stored.keys():
        if isinstance(today[key], Mapping) and isinstance(stored[key], Mapping):
            found[key] = _merged(today[key], stored[key])
    return found


def default_prompts() -> Prompts:
    return Prompts(folder=paths.find("prompts").folder)


def read(path: Path) -> dict[str, Any]:
    """The TOML file's mapping. Raises PromptsError, with the line, where it is none."""
    try:
        return cast("dict[str, Any]", all_cleaned(tomllib.loads(path.read_text(encoding="utf-8"))))
    except RecursionError:
        raise PromptsError(str(path), ("it holds brackets within brackets without end",)) from None
    except tomllib.TOMLDecodeError as error:
        raise PromptsError(str(path), (f"it is not proper TOML: {error}",)) from None
    except UnicodeDecodeError:
        raise PromptsError(str(path), ("it is not UTF-8 text; save it as UTF-8",)) from None
    except OSError as error:
        raise PromptsError(str(path), (f"it cannot be read: {error.strerror}",)) from None


def parsed_format(path: Path) -> Format:
    return parse_format(read(path), str(path))


def read_language(path: Path) -> dict[str, Any]:
    """The language file's mapping with the plural form of each number beside it, by Unicode's CLDR: `plurals`, of 0 to
    199. So a session that is stored can be replayed without asking anybody for the rules."""
    raw = read(path)
    try:
        rule = Locale.parse(str(raw.get("code", ""))).plural_form
    except (UnknownLocaleError, ValueError):
        raise PromptsError(
            str(path), (f"code is {raw.get('code')!r}; write a language code such as en or pt",)
        ) from None
    return raw | {"plurals": [rule(number) for number in range(200)]}


def parsed_language(path: Path) -> Language:
    return parse_language(read_language(path), str(path))
