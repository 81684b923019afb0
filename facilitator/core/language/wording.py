"""What is said, in which words: phrases with slots, varied without chance, numbers and times as words.

A language is a file in `prompts/languages`. Each phrase is one text or a list of texts that mean the
same; which one is used follows from a count, so that the same discussion is always worded the same.
What people may say to the program is in the same file (`Language.spoken`).

Some words change with what they stand beside. A language file says how, as endings and beginnings, without a program:
`[number_forms]` a number before a noun ("vingt et une minutes"), `[and_sound]` "and" before a vowel ("Juan e Inés").
"""

from __future__ import annotations

import datetime
import string
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from facilitator.core.events import WORDS_A_MINUTE
from facilitator.core.language.grammar import TABLES, Spoken, parse_spoken
from facilitator.core.language.particles import is_pair, with_particle
from facilitator.core.language.phrases import ASK_SLOTS, COUNTED, JOINED, MONTHS, PHRASES
from facilitator.core.language.validation import Checker
from facilitator.errors import PromptsError

_PLAIN = PHRASES | JOINED
_OWN_TABLES = ("asks", "rules", "steps", "indicators")
"""Tables in which a language may have whatever keys the formats use."""
_SOUNDS = ("number_forms", "and_sound", "quotes", "words_a_minute")
"""What a language may say about how its words change, and how fast they are spoken."""
SLOWEST_WORDS, FASTEST_WORDS = 60, 300
"""A minute."""
NUMBER_SLOTS = frozenset(("number", "round", "rounds", "percent", "guess", "count", "of", "done", "left"))
"""Slots that hold a number as a word, and so may name a form of it: `{number:feminine}`."""
BEGINS_SMALL = ("{time}", "{percent", "{day}")
"""What stands in these slots is written small, also where a sentence begins with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AndSound:
    """Another word for "and" before some sounds: `word`, where the next one begins with one of `before`, and with none
    of `but_not`. Beginnings are in small letters, without accents."""

    word: str
    before: tuple[str, ...]
    but_not: tuple[str, ...] = ()


class _Filler(string.Formatter):
    """Fills slots; what a slot asks for after a colon is a number's form, or the two forms of a particle."""

    def __init__(self, forms: Mapping[str, Mapping[str, str]], *, or_nothing: bool = False) -> None:
        self._forms = forms
        self._or_nothing = or_nothing

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        # Nobody is called in some stages: a slot for a name is then empty.
        return kwargs.get(str(key), "") if self._or_nothing else kwargs[str(key)]

    def format_field(self, value: Any, form: str) -> str:
        if is_pair(form):
            return with_particle(str(value), form)
        return inflected(str(value), self._forms.get(form, {}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    code: str
    name: str
    phrases: Mapping[str, tuple[str, ...]]
    counted: Mapping[str, Mapping[str, str]]
    """Phrase -> plural form (CLDR: one, few, many, other, ...), or a number: for exactly so many -> wording."""
    plurals: tuple[str, ...]
    """The plural form of 0, 1, 2, ...; the last hundred repeat."""
    numbers: tuple[str, ...]
    """Words for 0, 1, 2, ...; beyond the last, figures are used."""
    and_word: str
    spoken: Spoken
    number_forms: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Form -> ending of a number's word -> what it is in this form: "feminine" -> "un" -> "une"."""
    and_sound: AndSound | None = None
    quotes: tuple[str, str] = ("“", "”")
    words_a_minute: int = WORDS_A_MINUTE
    """What stands around what somebody said."""

    def phrase(self, key: str, count: int = 0, /, **slots: object) -> str:
        """The wording of `key` number `count` (they take turns), its slots filled in.

        Raises KeyError for a phrase that is not in `phrases.PHRASES`."""
        variants = self.phrases[key]
        text = variants[count % len(variants)]
        found = self.filled(text, **slots)
        return found[:1].upper() + found[1:] if text.startswith(BEGINS_SMALL) else found

    def filled(self, text: str, /, **slots: object) -> str:
        """A wording with its slots filled in, numbers in the form it asks for."""
        return _Filler(self.number_forms).vformat(text, (), slots)

    def own(self, table: str, text: str, count: int = 0, /, **slots: object) -> str:
        """A format's own text: a key of `table` here, or the sentence itself."""
        variants = self.phrases.get(f"{table}.{text}")
        if variants is None:
            return text
        return _Filler(self.number_forms, or_nothing=True).vformat(variants[count % len(variants)], (), slots)

    def list(self, key: str) -> tuple[str, ...]:
        """All the texts of a list, none if there is no such list."""
        return self.phrases.get(key, ())

    def number(self, value: int) -> str:
        return self.numbers[value] if 0 <= value < len(self.numbers) else str(value)

    def duration(self, ms: int) -> str:
        """ "five minutes", "one minute and thirty seconds", "twenty hours", "three days": two units at most, and
        only as exact as anyone wants to hear it."""
        seconds = max(0, round(ms / 1000))
        if seconds >= 600:
            seconds = round(seconds / 60) * 60
        for size, unit, part_size, part in ((86_400, "day", 3_600, "hour"), (3_600, "hour", 60, "minute")):
            if seconds >= 2 * size or (seconds >= size and unit == "hour"):
                return self._two(unit, seconds // size, part, seconds % size // part_size)
        if seconds >= 86_400:
            return self._two("hour", seconds // 3_600, "minute", 0)
        minutes, rest = divmod(seconds, 60)
        if not minutes:
            return self.counting("second", rest)
        return self._two("minute", minutes, "second", rest)

    def _two(self, unit: str, count: int, part: str, rest: int) -> str:
        first = self.counting(unit, count)
        return self.phrase("time.both", first=first, second=self.counting(part, rest)) if rest else first

    def counting(self, unit: str, value: int) -> str:
        """ "one minute", "five minutes"."""
        return self.counted_phrase(f"time.{unit}", value)

    def counted_phrase(self, key: str, value: int) -> str:
        """The wording for so many. Raises KeyError for a phrase that is not in `phrases.COUNTED`."""
        forms = self.counted[key]
        at = value if value < len(self.plurals) else len(self.plurals) - 100 + value % 100
        exactly = forms.get(str(value))  # "duas horas": some numbers have a gender
        text = exactly or forms.get(self.plurals[at], forms["other"])
        return self.filled(text, number=self.number(value))

    def day(self, day: datetime.date) -> str:
        """ "on the third of May"."""
        named = self.spoken.dates.days_named
        word = named[day.day - 1].partition("/")[0].strip() if day.day <= len(named) else self.number(day.day)
        month = self.phrase(f"day.{MONTHS[day.month - 1]}")
        return self.filled(self.phrases["day.on"][0], day=word, month=month)  # as it is within a sentence

    def listed(self, names: Sequence[str]) -> str:
        """ "Ana, Ben and Carla"."""
        return joined(names, self.and_word, self.and_sound)

    def quoted(self, text: str) -> str:
        return f"{self.quotes[0]}{text}{self.quotes[1]}"


def joined(parts: Sequence[str], and_word: str, and_sound: AndSound | None = None) -> str:
    """With commas, and the word for "and" before the last; where that is a particle, it follows the one before."""
    if len(parts) < 2:
        return "".join(parts)
    before, last = ", ".join(parts[:-1]), parts[-1]
    if is_pair(and_word):
        return f"{with_particle(before, and_word)} {last}"
    begins = _plain(last)
    changes = and_sound is not None and begins.startswith(and_sound.before)
    if and_sound and changes and not (and_sound.but_not and begins.startswith(and_sound.but_not)):
        and_word = and_sound.word
    return f"{before} {and_word} {last}"


def parse_language(raw: Mapping[str, Any], where: str = "the language") -> Language:
    """The language that `raw` describes. Raises PromptsError with every problem found."""
    check = Checker()
    check.known_keys(
        raw, ("code", "name", "and", "numbers", "plurals", *_SOUNDS, *_tables(), *_OWN_TABLES, *TABLES), ""
    )
    code, name, and_word = (check.text(raw, key, "") for key in ("code", "name", "and"))
    numbers = _words(check, raw, "numbers", ["0"])
    forms = _number_forms(check, raw)
    checked = _Checked(check, frozenset(forms))
    phrases: dict[str, tuple[str, ...]] = {}
    counted: dict[str, Mapping[str, str]] = {}
    for table in _tables():
        rows = _table(check, raw, table)
        wanted = {key.split(".", 1)[1]: slots for key, slots in _PLAIN.items() if key.startswith(f"{table}.")}
        units = {key.split(".", 1)[1]: slots for key, slots in COUNTED.items() if key.startswith(f"{table}.")}
        check.known_keys(rows, [*wanted, *units], f"[{table}]")
        for key, slots in wanted.items():
            phrases[f"{table}.{key}"] = checked.variants(rows, key, f"[{table}]", slots)
        for key, slots in units.items():
            counted[f"{table}.{key}"] = checked.plural_forms(rows, key, f"[{table}]", slots)
    for table in _OWN_TABLES:
        rows = _table(check, raw, table)
        for key in rows:
            phrases[f"{table}.{key}"] = checked.variants(rows, key, f"[{table}]", ASK_SLOTS)
    spoken = parse_spoken(check, raw)
    and_sound, quotes = _and_sound(check, raw), _quotes(check, raw)
    pace = WORDS_A_MINUTE
    if "words_a_minute" in raw:
        pace = round(check.number(raw, "words_a_minute", "", SLOWEST_WORDS, FASTEST_WORDS, whole=True))
    if check.problems:
        raise PromptsError(where, tuple(check.problems))
    plurals = tuple(raw["plurals"]) if "plurals" in raw else ("other", "one", *["other"] * 198)
    return Language(
        code=code,
        name=name,
        phrases=phrases,
        counted=counted,
        plurals=plurals,
        numbers=numbers,
        and_word=and_word,
        spoken=spoken,
        number_forms=forms,
        and_sound=and_sound,
        quotes=quotes,
        words_a_minute=pace,
    )


def _tables() -> tuple[str, ...]:
    return tuple(dict.fromkeys(key.split(".", 1)[0] for key in (*_PLAIN, *COUNTED)))


def _table(check: Checker, raw: Mapping[str, Any], table: str) -> Mapping[str, Any]:
    rows = raw.get(table, {})
    if isinstance(rows, Mapping):
        return rows
    check.problem(f"{table} needs to be a table; begin it with [{table}]")
    return {}


def _words(check: Checker, raw: Mapping[str, Any], key: str, instead: list[str]) -> tuple[str, ...]:
    words = raw.get(key)
    if not isinstance(words, list) or not words or not all(isinstance(n, str) and n for n in words):
        check.problem(f"{key} needs a list of words, from zero upward")
        words = instead
    return tuple(words)


def _number_forms(check: Checker, raw: Mapping[str, Any]) -> Mapping[str, Mapping[str, str]]:
    forms = _table(check, raw, "number_forms")
    for form, endings in forms.items():
        if not isinstance(endings, Mapping) or not all(isinstance(text, str) and text for text in endings.values()):
            check.problem(f'[number_forms]: {form} needs what each ending becomes, as {{ un = "une" }}')
            return {}
    return {form: dict(endings) for form, endings in forms.items()}


def _and_sound(check: Checker, raw: Mapping[str, Any]) -> AndSound | None:
    rows = _table(check, raw, "and_sound")
    if not rows:
        return None
    check.known_keys(rows, ("word", "before", "but_not"), "[and_sound]")
    word, before = check.text(rows, "word", "[and_sound]"), check.texts(rows, "before", "[and_sound]")
    but_not = check.texts(rows, "but_not", "[and_sound]") if "but_not" in rows else ()
    return AndSound(word=word, before=tuple(map(_plain, before)), but_not=tuple(map(_plain, but_not)))


def _quotes(check: Checker, raw: Mapping[str, Any]) -> tuple[str, str]:
    if "quotes" not in raw:
        return ("“", "”")
    value = raw["quotes"]
    if not isinstance(value, list) or len(value) != 2 or not all(isinstance(mark, str) and mark for mark in value):
        check.problem('quotes needs the two marks around what somebody said, as ["“", "”"]')
        return ("“", "”")
    return (value[0], value[1])


class _Checked:
    """Wordings, each slot of which there is."""

    def __init__(self, check: Checker, forms: frozenset[str]) -> None:
        self._check = check
        self._forms = forms

    def variants(self, rows: Mapping[str, Any], key: str, label: str, slots: frozenset[str]) -> tuple[str, ...]:
        value = rows.get(key)
        texts = [value] if isinstance(value, str) else value
        if not isinstance(texts, list) or not texts or not all(isinstance(t, str) and t.strip() for t in texts):
            self._check.problem(f"{label}: {key} needs a text, or a list of texts that mean the same")
            return ("",)
        for text in texts:
            self._slots(text, key, label, slots)
        return tuple(texts)

    def plural_forms(self, rows: Mapping[str, Any], key: str, label: str, slots: frozenset[str]) -> Mapping[str, str]:
        value = rows.get(key)
        if (
            not isinstance(value, Mapping)
            or "other" not in value
            or not all(isinstance(t, str) for t in value.values())
        ):
            self._check.problem(
                f'{label}: {key} needs a wording for each plural form, as {{ one = "...", other = "..." }}'
            )
            return {"other": ""}
        for form, text in value.items():
            self._slots(text, f"{key}.{form}", label, slots)
        return dict(value)

    def _slots(self, text: str, key: str, label: str, slots: frozenset[str]) -> None:
        try:
            used = [(slot, form or "") for _, slot, form, _ in string.Formatter().parse(text) if slot is not None]
        except ValueError as error:
            self._check.problem(f"{label}: {key}: {text!r} has a bracket too many or too few ({error})")
            return
        for slot in sorted({slot for slot, _ in used} - slots):
            can = f"it can hold {', '.join('{' + s + '}' for s in sorted(slots))}" if slots else "it can hold none"
            self._check.problem(f"{label}: {key}: there is no slot {{{slot}}} here; {can}")
        for slot, form in used:
            if form and not is_pair(form) and (slot not in NUMBER_SLOTS or form not in self._forms):
                what = f"[number_forms] has no {form}" if slot in NUMBER_SLOTS else f"{{{slot}}} holds no number"
                self._check.problem(f"{label}: {key}: {{{slot}:{form}}} cannot be filled in: {what}")


def inflected(number: str, endings: Mapping[str, str]) -> str:
    """The word of a number in a form, by its longest ending that changes: ("vingt et un", {"un": "une"}) is
    "vingt et une". A number that is in figures, or that ends otherwise, stays as it is."""
    for ending in sorted(endings, key=len, reverse=True):
        if number.endswith(ending):
            return number.removesuffix(ending) + endings[ending]
    return number


def _plain(text: str) -> str:
    """Small letters without their accents."""
    return "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))


def capital(sentence: str) -> str:
    """What is shared may stand at its beginning."""
    return sentence[:1].upper() + sentence[1:]
