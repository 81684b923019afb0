"""What screens and reports say, in one language: texts by key, with slots and plural forms, numbers, days and lists.

A language is a file in `prompts/screens`, beside the one of what is said aloud and understood. A text is a sentence
with slots, or a table with one for each of the language's plural forms (CLDR: one, few, many, other), and where that
is worded otherwise for exactly so many: `1 = "once"`. What follows from the language alone (which number has which
plural form, how a decimal or a day is written) is told by `LocaleRules`, so that nothing here asks anybody.
"""

from __future__ import annotations

import datetime
import re
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, Protocol

from facilitator.core.language.particles import is_pair, with_particle
from facilitator.core.language.wording import AndSound, joined

CatalogueText = str | Mapping[str, str]
"""A text, or its plural forms."""
PLURAL_FORMS = ("zero", "one", "two", "few", "many", "other")


class LocaleRules(Protocol):
    """What Unicode's CLDR says of a language."""

    @property
    def plural_forms(self) -> frozenset[str]:
        """Those that its whole numbers have."""
        ...

    def plural(self, number: int) -> str: ...

    def decimal(self, value: float, digits: int) -> str:
        """With so many digits after the decimal mark."""
        ...

    def day(self, day: datetime.date) -> str:
        """Friday, 13 March 2026"""
        ...

    def short_day(self, day: datetime.date) -> str:
        """The same without the day of the week."""
        ...


class _Filler(string.Formatter):
    """Fills slots; what stands after a colon is the two forms of a particle."""

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        return kwargs[str(key)]

    def format_field(self, value: Any, form: str) -> str:
        return with_particle(str(value), form) if is_pair(form) else str(value)


_FILLER = _Filler()


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    code: str
    messages: Mapping[str, CatalogueText]
    rules: LocaleRules
    and_sound: AndSound | None = None
    """Another word for "and" before some sounds."""
    known: Sequence[tuple[str, re.Pattern[str]]] = ()
    """Keys of sentences that are written down in English, each with what finds it and its slots."""
    forms: Mapping[str, str] = field(default_factory=dict)
    """The key of every format's name, by that name as it is stored."""

    def __call__(self, key: str, /, **slots: object) -> str:
        """The text with its slots filled in. Raises KeyError for one that there is not."""
        message = self.messages[key]
        assert isinstance(message, str), f"{key} is counted"
        return _FILLER.vformat(message, (), slots)

    def counted(self, key: str, number: int, /, **slots: object) -> str:
        """The text for so many; `{number}` is how many."""
        forms = self.messages[key]
        assert not isinstance(forms, str), f"{key} is not counted"
        text = forms.get(str(number)) or forms.get(self.rules.plural(number)) or forms["other"]
        return _FILLER.vformat(text, (), {"number": number, **slots})

    def sentence(self, told: str) -> str:
        """What the program wrote down in English, as warnings are; as it stands where it is none of those that are
        known. Several may follow each other."""
        for key, pattern in self.known:
            if (found := pattern.fullmatch(told)) is not None:
                return self(key, **{slot: self.sentence(text) for slot, text in found.groupdict().items()})
        return told

    def form(self, stored: str) -> str:
        """The name of a format; as it is stored where the format did not come with the program."""
        return self(self.forms[stored]) if stored in self.forms else stored

    def listed(self, parts: Sequence[str]) -> str:
        """Ana, Ben and Carla"""
        return joined(parts, self("and"), self.and_sound)

    def side_by_side(self, parts: Iterable[str]) -> str:
        """One thing; another"""
        return reduce(lambda first, second: self("side_by_side", first=first, second=second), parts)

    def percent(self, share: float) -> str:
        """0.39: 39 %"""
        return self("percent", number=round(100 * share))

    def decimal(self, value: float, digits: int = 2) -> str:
        return self.rules.decimal(value, digits)

    def day(self, day: datetime.date) -> str:
        return self.rules.day(day)

    def moment(self, moment: datetime.datetime, today: datetime.date | None = None) -> str:
        """20:40, with the day where that is not `today`: Friday, 13 March 2026, 20:40."""
        clock = f"{moment:%H:%M}"
        return clock if moment.date() == today else f"{self.day(moment.date())}, {clock}"


def flat(raw: Mapping[str, Any], before: str = "") -> dict[str, CatalogueText]:
    """The tables of a file as keys with dots; plural forms stay together."""
    found: dict[str, CatalogueText] = {}
    for key, value in raw.items():
        if isinstance(value, Mapping) and not is_counted(value):
            found |= flat(value, f"{before}{key}.")
        elif isinstance(value, Mapping):
            found[f"{before}{key}"] = {form: str(text) for form, text in value.items()}
        else:
            found[f"{before}{key}"] = str(value)
    return found


SENTENCES = "sentences."


def known_sentences(english: Mapping[str, CatalogueText]) -> list[tuple[str, re.Pattern[str]]]:
    """Those with the most letters first: what is more special goes before what fits more."""
    found = {key: text for key, text in english.items() if key.startswith(SENTENCES) and isinstance(text, str)}
    order = sorted(found, key=lambda key: (_letters(found[key]), key), reverse=True)
    return [(key, _pattern(found[key])) for key in order]


def _letters(text: str) -> int:
    return sum(len(told) for told, _, _, _ in string.Formatter().parse(text))


def _pattern(text: str) -> re.Pattern[str]:
    parts = []
    for told, slot, _, _ in string.Formatter().parse(text):
        parts += [re.escape(told), f"(?P<{slot}>.+)" if slot else ""]
    return re.compile("".join(parts), flags=re.DOTALL)


def is_counted(value: Mapping[str, Any]) -> bool:
    return "other" in value and all(form in PLURAL_FORMS or form.isdecimal() for form in value)


def slots_of(text: str) -> frozenset[str]:
    return frozenset(slot for _, slot, _, _ in string.Formatter().parse(text) if slot is not None)


def usable(messages: Mapping[str, CatalogueText], english: Mapping[str, CatalogueText]) -> dict[str, CatalogueText]:
    """Those that can stand for the English ones; where one is missing, or cannot be filled in, the English one is
    there, so that a file that is not complete yet, or not right, never leaves anybody without a sentence."""
    return {
        key: mine if (mine := messages.get(key)) is not None and not _wrong(mine, message) else message
        for key, message in english.items()
    }


def _texts_in(message: CatalogueText) -> Iterable[str]:
    return (message,) if isinstance(message, str) else message.values()


def _slots_in(message: CatalogueText) -> frozenset[str]:
    return frozenset().union(*(slots_of(text) for text in _texts_in(message)))


def _wrong(mine: CatalogueText, english: CatalogueText) -> str:
    """What is wrong with it, in a few words; empty where nothing is."""
    if isinstance(mine, str) != isinstance(english, str):
        return "needs plural forms" if isinstance(mine, str) else "has no plural forms"
    try:
        here, there = _slots_in(mine), _slots_in(english)
    except ValueError:
        return "has a bracket { or } that is not closed"
    if more := here - there - {"number"} if not isinstance(mine, str) else here - there:
        return f"has a slot that nothing is put into: {', '.join(sorted(more))}"
    if not all(text.strip() for text in _texts_in(mine)):
        return "is empty"
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """How far a language's file has come. Each but `wrong` holds keys."""

    untold: tuple[str, ...]
    """Not there: they are said in English."""
    unknown: tuple[str, ...]
    """There, and nothing asks for them."""
    wrong: tuple[str, ...]
    """With what is wrong; they are said in English, too."""
    same: tuple[str, ...]
    """The same as in English."""
    slots_left_out: tuple[str, ...]
    forms_missing: tuple[str, ...]
    """Plural forms that the language has and the text has not: `key: few`."""
    forms_unknown: tuple[str, ...]
    """Plural forms that the language has not. `other` may always be there: for fractions, and where no form fits."""


def compared(
    messages: Mapping[str, CatalogueText], english: Mapping[str, CatalogueText], rules: LocaleRules
) -> Missing:
    shared = {key: (message, english[key]) for key, message in messages.items() if key in english}
    wrong = {key: why for key, (mine, theirs) in shared.items() if (why := _wrong(mine, theirs))}
    right = {key: both for key, both in shared.items() if key not in wrong}
    counted = {key: mine for key, (mine, _) in right.items() if not isinstance(mine, str)}
    return Missing(
        untold=tuple(key for key in english if key not in messages),
        unknown=tuple(key for key in messages if key not in english),
        wrong=tuple(f"{key} {why}" for key, why in wrong.items()),
        same=tuple(key for key, (mine, theirs) in right.items() if mine == theirs and _has_letters(mine)),
        slots_left_out=tuple(
            f"{key}: {', '.join(sorted(lost))}"
            for key, (mine, theirs) in right.items()
            if (lost := _slots_in(theirs) - _slots_in(mine) - {"number"})
        ),
        forms_missing=tuple(
            f"{key}: {form}" for key, forms in counted.items() for form in sorted(rules.plural_forms - forms.keys())
        ),
        forms_unknown=tuple(
            f"{key}: {form}"
            for key, forms in counted.items()
            for form in forms
            if not form.isdecimal() and form != "other" and form not in rules.plural_forms
        ),
    )


def _has_letters(message: CatalogueText) -> bool:
    """Beside its slots."""
    return any(
        letter.isalpha()
        for text in _texts_in(message)
        for told, _, _, _ in string.Formatter().parse(text)
        for letter in told
    )
