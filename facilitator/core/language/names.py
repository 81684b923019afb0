"""Names in texts: found however they are written, and replaced.

Capitals, the two ways to write an accented letter, full-width letters, the Turkish i and characters that nobody sees
(without a width, or that only turn the direction) make no difference. A name
is a word of its own, with an s behind it at most ("Anas Redezeit"), except in scripts that put no spaces between
words. A name within a longer name that stays ("Ana" in "Ana Maria") is left alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from facilitator.core.text import UNSEEN

_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x11FF),  # Burmese, and the letters that Hangul syllables are made of
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # kana
    (0x3400, 0x9FFF),  # Han
    (0xAC00, 0xD7FF),  # Hangul, whose particles follow without a space
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
_HANGUL_REST = (0x1160, 0x11FF)
"""The vowels and final consonants of a Hangul syllable: never the first letter of anything."""
_UNSEEN = dict.fromkeys(map(ord, UNSEEN))
"""With and without these it is the same name; joiners are among them."""
SUFFIX_FROM = 3
"""Behind a name shorter than this, an s more makes another word."""


def folded(text: str) -> str:
    """Two spellings of a name are the same name if these are equal."""
    if text.isascii():
        return text.lower()
    whole = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text.translate(_UNSEEN)).casefold())
    return whole.replace("i\u0307", "i").replace("ı", "i")


_folded_letter = lru_cache(maxsize=4096)(folded)


def _traced(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its letters the place in `text` it comes from."""
    if text.isascii():
        return text.lower(), list(range(len(text)))
    pairs: list[tuple[str, int]] = []
    for place, letter in enumerate(text):
        for part in _folded_letter(letter):
            if part == "\u0307" and pairs and pairs[-1][0] == "i":
                continue
            pairs.append((part, place))
            at = len(pairs) - 1
            rank = unicodedata.combining(part)
            while rank and at and unicodedata.combining(pairs[at - 1][0]) > rank:  # marks in their usual order
                pairs[at - 1], pairs[at] = pairs[at], pairs[at - 1]
                at -= 1
    return "".join(part for part, _ in pairs), [place for _, place in pairs]


def _within(letter: str, ranges: Iterable[tuple[int, int]]) -> bool:
    return any(low <= ord(letter) <= high for low, high in ranges)


def _joins(letter: str) -> bool:
    """It belongs to the word beside it."""
    return unicodedata.category(letter)[0] in "LNM"


@dataclass(frozen=True, slots=True, kw_only=True)
class NameForm:
    """One way in which a person is called, and what is to stand there instead.

    `exact`: only as it is written here or in capitals, because it is an ordinary word too ("Will", "will").
    `suffix`: also with an s behind it."""

    name: str
    instead: str
    exact: bool = False
    suffix: bool = True


class Replacing:
    """Replaces these forms in texts. `keep` are names that stay, and that may have one of the forms in them."""

    def __init__(self, forms: Iterable[NameForm], keep: Iterable[str] = ()) -> None:
        self._forms = sorted(((folded(form.name), form) for form in forms), key=lambda pair: -len(pair[0]))
        needles = {needle for needle, _ in self._forms}
        others = {folded(name) for name in keep} - needles
        self._keep = [name for name in others if any(needle in name for needle in needles)]
        self._names = {needle: form.instead for needle, form in self._forms}

    def may_be_in(self, text: str) -> bool:
        """Quick: False where none of the forms is in the text."""
        whole = folded(text)
        return any(needle in whole for needle, _ in self._forms)

    def name(self, name: str) -> str:
        """What a person of this name is called then."""
        return self._names.get(folded(name), name)

    def text(self, text: str) -> str:
        if not self.may_be_in(text):
            return text
        whole, places = _traced(text)
        kept = [span for name in self._keep for span in _occurrences(whole, name, suffix=False)]
        taken: list[tuple[int, int, str]] = []
        for needle, form in self._forms:
            suffix = form.suffix and len(needle) >= SUFFIX_FROM
            for start, end in _occurrences(whole, needle, suffix=suffix):
                inside = any(a <= start and end <= b and (a, b) != (start, end) for a, b in kept)
                if inside or any(start < b and a < end for a, b, _ in taken):
                    continue
                first, last = places[start], places[end - 1] + 1
                split = (start and places[start - 1] == first) or (end < len(places) and places[end] == last - 1)
                if split or (form.exact and not _as_written(text[first:last], form.name)):
                    continue
                taken.append((start, end, form.instead))
        for start, end, instead in sorted(taken, reverse=True):
            text = text[: places[start]] + instead + text[places[end - 1] + 1 :]
        return text

    def inside(self, value: Any, skip: frozenset[str] = frozenset()) -> Any:
        """The same in all the texts of a JSON value; not in keys, and not in what stands under a key of `skip`."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {key: part if key in skip else self.inside(part, skip) for key, part in value.items()}
        if isinstance(value, list | tuple):
            return [self.inside(part, skip) for part in value]
        return value


def _as_written(found: str, name: str) -> bool:
    found, name = (unicodedata.normalize("NFKC", text) for text in (found, name))
    return found in (name, name.upper())


def _occurrences(whole: str, needle: str, *, suffix: bool) -> Iterator[tuple[int, int]]:
    """Where `needle` stands in `whole` (both folded) as a word."""
    if not needle:
        return
    start = whole.find(needle)
    while start >= 0:
        end = start + len(needle)
        if _begins(whole, start) and (_ends(whole, end) or (suffix and whole[end] == "s" and _ends(whole, end + 1))):
            yield start, end
        start = whole.find(needle, start + 1)


def _begins(whole: str, start: int) -> bool:
    first = whole[start]
    return start == 0 or not _joins(first) or _within(first, _UNSPACED) or not _joins(whole[start - 1])


def _ends(whole: str, end: int) -> bool:
    if end >= len(whole):
        return True
    last, after = whole[end - 1], whole[end]
    if unicodedata.combining(after) or _within(after, [_HANGUL_REST]):
        return False
    return not _joins(last) or _within(last, _UNSPACED) or not _joins(after)


def count(text: str, name: str, keep: Iterable[str] = ()) -> int:
    """How often the name stands in the text as a word, other than within one of the names of `keep`."""
    whole, needle = folded(text), folded(name)
    if needle not in whole:
        return 0
    longer = [other for one in keep if needle in (other := folded(one)) != needle]
    kept = [span for other in longer for span in _occurrences(whole, other, suffix=False)]
    spans = _occurrences(whole, needle, suffix=False)
    return sum(not any(a <= start and end <= b for a, b in kept) for start, end in spans)


def words(value: Any) -> set[str]:
    """Every word, folded, that stands in lower case in the texts of a JSON value. Slots (`{name}`) are no words."""
    if isinstance(value, str):
        return {folded(word) for word in re.findall(r"[^\W\d_]+", re.sub(r"\{\w*\}", " ", value)) if word.islower()}
    parts: Iterable[Any] = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return {word for part in parts for word in words(part)}


WHO = ("person", "by", "over", "owner", "idea", "decided")
"""Fields of events with a name in them; `people` has several."""
NAME_FIELDS = frozenset({*WHO, "to", "into"})
NAMES_FIELDS = frozenset({"people", "enrolled"})
TEXT_FIELDS = frozenset({"text", "words", "aloud", "message", "stage", "phrase", "indicator"})
NAMED = ("targets", "extra_time", "pronounced")
"""Of a setup: tables with a row for a person."""
FORMAT_WORDS = frozenset({"kind", "order", "what", "keep", "who"})
"""Keys of a format under which stand words that the program knows."""


def in_body(body: dict[str, Any], replacing: Replacing) -> dict[str, Any]:
    """The fields of an event with the names in them replaced."""
    change: dict[str, Callable[[Any], Any]] = {
        **dict.fromkeys(NAME_FIELDS, replacing.name),
        **dict.fromkeys(NAMES_FIELDS, lambda names: [replacing.name(name) for name in names]),
        **dict.fromkeys(TEXT_FIELDS, replacing.text),
    }
    found = {key: change[key](value) if key in change and value else value for key, value in body.items()}
    if "aloud" in found and found["aloud"] == found.get("text"):  # nobody is spelled in another way any more
        found["aloud"] = ""
    return found


def in_setup(setup: dict[str, Any], replacing: Replacing) -> dict[str, Any]:
    """What a session began with (JSON values, see `core.setup.Setup`), with the names in it replaced."""
    found = dict(setup)
    for key in ("people", "enrolled", "known"):
        found[key] = [replacing.name(name) for name in setup.get(key, ())]
    for key in ("host", "first"):
        if setup.get(key):
            found[key] = replacing.name(setup[key])
    for key in NAMED:
        if key in setup:
            found[key] = {replacing.name(name): value for name, value in setup[key].items()}
    if "pronounced" in found:
        told = {name: replacing.text(sound) for name, sound in found["pronounced"].items()}
        found["pronounced"] = {name: sound for name, sound in told.items() if sound != name}
    found["steps"] = [replacing.text(step) for step in setup.get("steps", ())]
    if "rules" in setup:
        found["rules"] = [replacing.text(rule) for rule in setup["rules"]]
    if "goals" in setup:
        found["goals"] = [replacing.text(goal) for goal in setup["goals"]]
    if "cooling_rules" in setup:
        found["cooling_rules"] = [rule | {"text": replacing.text(rule["text"])} for rule in setup["cooling_rules"]]
    found["due"] = [
        row
        | {"text": replacing.text(row["text"])}
        | {key: replacing.name(row[key]) for key in ("owner", "next_owner") if key in row}
        for row in setup.get("due", ())
    ]
    found["said_before"] = [
        row | {"person": replacing.name(row["person"]), "indicator": replacing.text(row["indicator"])}
        for row in setup.get("said_before", ())
    ]
    found["milestones"] = [
        row | {"who": replacing.name(row["who"])} if row.get("who") else row for row in setup.get("milestones", ())
    ]
    if setup.get("wake"):
        found["wake"] = replacing.text(setup["wake"])
    found["format"] = replacing.inside(setup["format"], FORMAT_WORDS)
    found["language"] = replacing.inside(setup["language"], frozenset({"code"}))
    return found
