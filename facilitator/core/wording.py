"""What is said, in which words: phrases with slots, varied without chance, numbers and times as words.

A language is a file in `prompts/languages`. Each phrase is one text or a list of texts that mean the
same; which one is used follows from a count, so that the same discussion is always worded the same.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from facilitator.core.checking import Checker
from facilitator.core.phrases import PHRASES
from facilitator.errors import PromptsError


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    code: str
    name: str
    phrases: Mapping[str, tuple[str, ...]]
    numbers: tuple[str, ...]
    """Words for 0, 1, 2, ...; beyond the last, figures are used."""
    and_word: str

    def phrase(self, key: str, count: int = 0, /, **slots: object) -> str:
        """The wording of `key` number `count` (they take turns), its slots filled in.

        Raises KeyError for a phrase that is not in `phrases.PHRASES`."""
        variants = self.phrases[key]
        return variants[count % len(variants)].format(**slots)

    def number(self, value: int) -> str:
        return self.numbers[value] if 0 <= value < len(self.numbers) else str(value)

    def duration(self, ms: int) -> str:
        """ "five minutes", "one minute thirty", "ten seconds": whole seconds, whole minutes from ten on."""
        seconds = max(0, round(ms / 1000))
        if seconds >= 600:
            seconds = round(seconds / 60) * 60
        minutes, rest = divmod(seconds, 60)
        parts = []
        if minutes:
            parts.append(self._counted("minute", minutes))
        if rest or not minutes:
            parts.append(self._counted("second", rest))
        return self.phrase("time.both", minutes=parts[0], seconds=parts[1]) if len(parts) == 2 else parts[0]

    def _counted(self, unit: str, value: int) -> str:
        form = "one" if value == 1 else "many"
        return self.phrase(f"time.{unit}_{form}", number=self.number(value))

    def listed(self, names: tuple[str, ...]) -> str:
        """ "Ana, Ben and Carla"."""
        if len(names) < 2:
            return "".join(names)
        return f"{', '.join(names[:-1])} {self.and_word} {names[-1]}"


def parse_language(raw: Mapping[str, Any], where: str = "the language") -> Language:
    """The language that `raw` describes. Raises PromptsError with every problem found."""
    check = Checker()
    check.known_keys(raw, ("code", "name", "and", "numbers", *_tables()), "")
    code, name, and_word = (check.text(raw, key, "") for key in ("code", "name", "and"))
    numbers = raw.get("numbers")
    if not isinstance(numbers, list) or not numbers or not all(isinstance(n, str) and n for n in numbers):
        check.problem("numbers needs a list of words, from zero upward")
        numbers = ["0"]
    phrases: dict[str, tuple[str, ...]] = {}
    for table in _tables():
        rows = raw.get(table, {})
        if not isinstance(rows, Mapping):
            check.problem(f"{table} needs to be a table; begin it with [{table}]")
            rows = {}
        wanted = {key.split(".", 1)[1]: slots for key, slots in PHRASES.items() if key.startswith(f"{table}.")}
        check.known_keys(rows, wanted, f"[{table}]")
        for key, slots in wanted.items():
            phrases[f"{table}.{key}"] = _variants(check, rows, key, f"[{table}]", slots)
    if check.problems:
        raise PromptsError(where, tuple(check.problems))
    return Language(code=code, name=name, phrases=phrases, numbers=tuple(numbers), and_word=and_word)


def _tables() -> tuple[str, ...]:
    return tuple(dict.fromkeys(key.split(".", 1)[0] for key in PHRASES))


def _variants(check: Checker, rows: Mapping[str, Any], key: str, label: str, slots: frozenset[str]) -> tuple[str, ...]:
    value = rows.get(key)
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not texts or not all(isinstance(t, str) and t.strip() for t in texts):
        check.problem(f"{label}: {key} needs a text, or a list of texts that mean the same")
        return ("",)
    for text in texts:
        try:
            used = {slot for _, slot, _, _ in string.Formatter().parse(text) if slot is not None}
        except ValueError as error:
            check.problem(f"{label}: {key}: {text!r} has a bracket too many or too few ({error})")
            continue
        for slot in sorted(used - slots):
            can = f"it can hold {', '.join('{' + s + '}' for s in sorted(slots))}" if slots else "it can hold none"
            check.problem(f"{label}: {key}: there is no slot {{{slot}}} here; {can}")
    return tuple(texts)
