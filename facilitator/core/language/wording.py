"""What is said, in which words: phrases with slots, varied without chance, numbers and times as words.

A language is a file in `prompts/languages`. Each phrase is one text or a list of texts that mean the
same; which one is used follows from a count, so that the same discussion is always worded the same.
What people may say to the program is in the same file (`Language.spoken`).
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from facilitator.core.language.grammar import TABLES, Spoken, parse_spoken
from facilitator.core.language.phrases import ASK_SLOTS, COUNTED, JOINED, PHRASES
from facilitator.core.language.validation import Checker
from facilitator.errors import PromptsError

_PLAIN = PHRASES | JOINED
_OWN_TABLES = ("asks", "rules", "steps", "indicators")
"""Tables in which a language may have whatever keys the formats use."""


class _Slots(dict[str, object]):
    """Nobody is called in some stages: a slot for a name is then empty."""

    def __missing__(self, key: str) -> str:
        return ""


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

    def phrase(self, key: str, count: int = 0, /, **slots: object) -> str:
        """The wording of `key` number `count` (they take turns), its slots filled in.

        Raises KeyError for a phrase that is not in `phrases.PHRASES`."""
        variants = self.phrases[key]
        return variants[count % len(variants)].format(**slots)

    def own(self, table: str, text: str, count: int = 0, /, **slots: object) -> str:
        """A format's own text: a key of `table` here, or the sentence itself."""
        variants = self.phrases.get(f"{table}.{text}")
        if variants is None:
            return text
        return variants[count % len(variants)].format_map(_Slots(slots))

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
        return (exactly or forms.get(self.plurals[at], forms["other"])).format(number=self.number(value))

    def listed(self, names: tuple[str, ...]) -> str:
        """ "Ana, Ben and Carla"."""
        if len(names) < 2:
            return "".join(names)
        return f"{', '.join(names[:-1])} {self.and_word} {names[-1]}"


def parse_language(raw: Mapping[str, Any], where: str = "the language") -> Language:
    """The language that `raw` describes. Raises PromptsError with every problem found."""
    check = Checker()
    check.known_keys(raw, ("code", "name", "and", "numbers", "plurals", *_tables(), *_OWN_TABLES, *TABLES), "")
    code, name, and_word = (check.text(raw, key, "") for key in ("code", "name", "and"))
    numbers = _words(check, raw, "numbers", ["0"])
    phrases: dict[str, tuple[str, ...]] = {}
    counted: dict[str, Mapping[str, str]] = {}
    for table in _tables():
        rows = _table(check, raw, table)
        wanted = {key.split(".", 1)[1]: slots for key, slots in _PLAIN.items() if key.startswith(f"{table}.")}
        units = {key.split(".", 1)[1]: slots for key, slots in COUNTED.items() if key.startswith(f"{table}.")}
        check.known_keys(rows, [*wanted, *units], f"[{table}]")
        for key, slots in wanted.items():
            phrases[f"{table}.{key}"] = _variants(check, rows, key, f"[{table}]", slots)
        for key, slots in units.items():
            counted[f"{table}.{key}"] = _forms(check, rows, key, f"[{table}]", slots)
    for table in _OWN_TABLES:
        rows = _table(check, raw, table)
        for key in rows:
            phrases[f"{table}.{key}"] = _variants(check, rows, key, f"[{table}]", ASK_SLOTS)
    spoken = parse_spoken(check, raw)
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


def _variants(check: Checker, rows: Mapping[str, Any], key: str, label: str, slots: frozenset[str]) -> tuple[str, ...]:
    value = rows.get(key)
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not texts or not all(isinstance(t, str) and t.strip() for t in texts):
        check.problem(f"{label}: {key} needs a text, or a list of texts that mean the same")
        return ("",)
    for text in texts:
        _check_slots(check, text, key, label, slots)
    return tuple(texts)


def _forms(check: Checker, rows: Mapping[str, Any], key: str, label: str, slots: frozenset[str]) -> Mapping[str, str]:
    value = rows.get(key)
    if not isinstance(value, Mapping) or "other" not in value or not all(isinstance(t, str) for t in value.values()):
        check.problem(f'{label}: {key} needs a wording for each plural form, as {{ one = "...", other = "..." }}')
        return {"other": ""}
    for form, text in value.items():
        _check_slots(check, text, f"{key}.{form}", label, slots)
    return dict(value)


def _check_slots(check: Checker, text: str, key: str, label: str, slots: frozenset[str]) -> None:
    try:
        used = {slot for _, slot, _, _ in string.Formatter().parse(text) if slot is not None}
    except ValueError as error:
        check.problem(f"{label}: {key}: {text!r} has a bracket too many or too few ({error})")
        return
    for slot in sorted(used - slots):
        can = f"it can hold {', '.join('{' + s + '}' for s in sorted(slots))}" if slots else "it can hold none"
        check.problem(f"{label}: {key}: there is no slot {{{slot}}} here; {can}")


def capital(sentence: str) -> str:
    """What is shared may stand at its beginning."""
    return sentence[:1].upper() + sentence[1:]
