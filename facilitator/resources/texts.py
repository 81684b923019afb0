"""The files of what screens and reports say (`prompts/screens`), and CLDR's rules for a language.

A language's file is looked for in the prompts folder that is in use, in `screens` in the person's own data folder, and
among the files that came with the program; what it does not say is said in English.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_decimal

from facilitator.core.language.texts import CatalogueText, Missing, Texts, compared, flat, known_sentences, usable
from facilitator.core.language.wording import AndSound, Language
from facilitator.errors import PromptsError
from facilitator.resources import paths
from facilitator.resources.prompts import default_prompts, parsed_language, read

ENGLISH = "en"
_REGIONS = {"pt": "pt_BR"}
"""Whose way of writing is meant, where the language alone does not say."""
_DAYS = {"en": ("EEEE, d MMMM y", "d MMMM y")}
"""English is read everywhere: the order of day and month that most of the world has, and names of months."""
_WHOLE = range(200)


class CldrRules:
    """What `babel` knows of a language."""

    def __init__(self, code: str) -> None:
        self._code = code
        self._locale = Locale.parse(_REGIONS.get(code, code), sep="-" if "-" in code else "_")
        self.plural_forms = frozenset(self.plural(number) for number in _WHOLE)

    def plural(self, number: int) -> str:
        return str(self._locale.plural_form(number))

    def decimal(self, value: float, digits: int) -> str:
        return format_decimal(value, "0." + "0" * digits if digits else "0", locale=self._locale)

    def day(self, day: datetime.date) -> str:
        return format_date(day, _DAYS.get(self._code, ("full",))[0], locale=self._locale)

    def short_day(self, day: datetime.date) -> str:
        return format_date(day, _DAYS.get(self._code, ("", "long"))[1], locale=self._locale)


def format_told(raw: Mapping[str, Any], name: str, what: str, texts: Texts) -> str:
    """The `name` or `summary` of a format in this language; its own where nobody has translated it, or where the
    format is no longer the one that came with the program."""
    own = str(raw.get(what, name))
    return texts(f"formats.{name}.{what}") if english().get(f"formats.{name}.{what}") == own else own


def rules_of(code: str) -> CldrRules:
    """English ones for a code that is none."""
    try:
        return CldrRules(code)
    except (UnknownLocaleError, ValueError):
        return CldrRules(ENGLISH)


def _folders() -> Iterator[Path]:
    yield default_prompts().folder / "screens"
    yield paths.data_folder() / "screens"
    yield paths.shipped("prompts").folder / "screens"


def file_of(code: str) -> Path | None:
    """Where what screens say in this language is written, if anywhere."""
    names = dict.fromkeys((code, code.replace("_", "-").partition("-")[0]))
    return next((path for name in names for folder in _folders() if (path := folder / f"{name}.toml").is_file()), None)


@cache
def english() -> Mapping[str, CatalogueText]:
    """Of the formats that came with the program, what their own files say."""
    folder = paths.shipped("prompts").folder
    forms = {path.stem: read(path) for path in sorted((folder / "formats").glob("*.toml"))}
    told = {f"formats.{name}.{what}": str(raw[what]) for name, raw in forms.items() for what in ("name", "summary")}
    return flat(read(folder / "screens" / f"{ENGLISH}.toml")) | told


def texts_of(code: str) -> Texts:
    """Never fails: what a file does not say, or says so that it cannot be used, is said in English."""
    path = file_of(code) if code.replace("-", "").replace("_", "").isalnum() else None
    spoken = None if path is None else _spoken_in(path.stem)
    return _texts_of(code, _as_it_is(path), _as_it_is(spoken))


@dataclass(frozen=True, slots=True)
class _File:
    """As it is now: another one once somebody has written it anew."""

    path: Path
    written_ns: int
    size: int


def _as_it_is(path: Path | None) -> _File | None:
    try:
        found = None if path is None else path.stat()
    except OSError:
        return None
    return None if path is None or found is None else _File(path, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=16)
def _texts_of(code: str, screens: _File | None, spoken: _File | None) -> Texts:
    path = None if screens is None else screens.path
    try:
        messages: Mapping[str, CatalogueText] = {} if path is None else flat(read(path))
    except PromptsError:
        path, messages = None, {}
    rules = rules_of(code if path is not None else ENGLISH)
    sound = None if path is None or spoken is None else _and_sound(spoken.path)
    return Texts(
        code=code if path is not None else ENGLISH,
        messages=usable(messages, english()),
        rules=rules,
        and_sound=sound,
        known=_known(),
        forms=_forms(),
    )


@cache
def _known() -> Sequence[tuple[str, re.Pattern[str]]]:
    return known_sentences(english())


@cache
def _forms() -> Mapping[str, str]:
    return {str(text): key for key, text in english().items() if key.startswith("formats.") and key.endswith(".name")}


def _spoken_in(code: str) -> Path | None:
    return next((one for one in default_prompts().language_files() if one.stem == code), None)


def _and_sound(path: Path) -> AndSound | None:
    """As the language is spoken: where "and" changes with what follows, it does so on screens, too."""
    raw: Any = read(path).get("and_sound")
    if not isinstance(raw, Mapping) or not isinstance(raw.get("word"), str):
        return None
    before, but_not = (tuple(map(str, raw.get(key, ()))) for key in ("before", "but_not"))
    return AndSound(word=str(raw["word"]), before=before, but_not=but_not)


def how_far(code: str) -> Missing | None:
    """What the file of this language lacks; None: there is none. Raises PromptsError where it cannot be read."""
    path = file_of(code)
    return None if path is None else how_far_is(path)


def how_far_is(path: Path) -> Missing:
    """What this file lacks; its language is that of its name."""
    return compared(flat(read(path)), english(), rules_of(path.stem))


def how_far_spoken(path: Path) -> Missing:
    """What this file of `languages` lacks, beside what makes it no language at all (PromptsError)."""
    language = parsed_language(path)
    english = parsed_language(paths.shipped("prompts").folder / "languages" / f"{ENGLISH}.toml")
    return compared(_said(language), _said(english), rules_of(language.code))


def _said(language: Language) -> Mapping[str, CatalogueText]:
    """All that is said and understood, by key: of wordings that mean the same, all in one."""
    spoken = language.spoken
    tables: dict[str, Mapping[Any, tuple[str, ...]]] = {
        "commands": spoken.commands,
        "own": spoken.own,
        "answers": spoken.answers,
        "days": spoken.days,
    }
    rows: dict[str, tuple[str, ...]] = dict(language.phrases)
    for table, phrases in tables.items():
        rows |= {f"{table}.{key}": said for key, said in phrases.items() if said}
    found: dict[str, CatalogueText] = {key: " / ".join(said) for key, said in rows.items()}
    return {**found, **language.counted}


def english_day(day: str | datetime.date) -> str:
    """6 March 2026, as everything that is told in English has it; `day` may be how a moment is stored."""
    return texts_of(ENGLISH).rules.short_day(datetime.date.fromisoformat(day[:10]) if isinstance(day, str) else day)
