"""What a voice would spell out ("letter 1EC5", "Chinese letter") as what it can read. Screens keep what was written."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import groupby
from types import MappingProxyType

from anyascii import anyascii
from babel.core import get_global

FIRST_UNREAD = 0x180
"""Voices in Latin letters read Unicode's first three blocks, those of Europe; what comes after they spell out."""
READ_WHOLE = ("vi",)
"""Languages in Latin letters that have others of their own."""

_CJK = ("CJK", "IDEOGRAPHIC")
LETTERS: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {
        "Latn": (),
        "Cyrl": ("CYRILLIC",),
        "Grek": ("GREEK",),
        "Hebr": ("HEBREW",),
        "Arab": ("ARABIC",),
        "Kore": ("HANGUL",),
        "Jpan": (*_CJK, "HIRAGANA", "KATAKANA"),
        "Hans": (*_CJK, "BOPOMOFO"),
        "Hant": (*_CJK, "BOPOMOFO"),
        "Geor": ("GEORGIAN",),
        "Armn": ("ARMENIAN",),
        "Deva": ("DEVANAGARI",),
        "Thai": ("THAI",),
    }
)
"""By the script of a language (CLDR's code), how Unicode's names of its letters begin. Latin ones every voice reads."""
SYLLABLES = (*_CJK, "HANGUL")
"""Scripts of which each character is a syllable: they are read apart."""
KANA = ("HIRAGANA", "KATAKANA")
WITHOUT_VOWELS = ("ARABIC", "HEBREW", "SYRIAC", "DEVANAGARI", "BENGALI", "GUJARATI", "TAMIL", "TELUGU", "THAI", "LAO")
"""Scripts that do not write all vowels: without any, a voice would spell the consonants."""

PINYIN = (("zh", "j"), ("x", "sh"), ("q", "ch"), ("c(?!h)", "ts"))
"""Chinese as it is romanised, in letters that are read as they sound."""
READ_AS: MappingProxyType[str, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        "de": (
            ("shch", "schtsch"), ("sh|zh", "sch"), ("kh", "ch"), ("ch", "tsch"), ("ts", "z"), ("z", "s"), ("j", "dsch"),
            ("[iy]y\\b", "i"), ("y(?=[aeiou])", "j"), ("y", "i"), ("v", "w"),
        ),
        "fr": (
            ("shch|sh", "ch"), ("zh", "j"), ("kh", "k"), ("ch", "tch"), ("j", "dj"), ("[iy]y\\b", "i"),
            ("u", "ou"), ("g(?=[eiy])", "gu"), ("n\\b", "ne"),
        ),
        "es": (
            ("shch|sh", "ch"), ("zh", "y"), ("kh", "j"), ("j", "y"), ("z", "s"), ("[iy]y\\b", "i"),
            ("g(?=[ei])", "gu"),
        ),
        "it": (
            ("(?:shch|sh)(?=[ei])", "sc"), ("shch|sh", "sci"), ("kh", "k"), ("ch(?=[ei])", "c"), ("ch", "ci"),
            ("(?:zh|j)(?=[ei])", "g"), ("zh|j", "gi"), ("z", "s"), ("[iy]y\\b", "i"), ("y", "i"), ("g(?=[ei])", "gh"),
        ),
        "nl": (
            ("shch|sh", "sj"), ("zh", "zj"), ("kh", "ch"), ("ch", "tsj"), ("j", "dzj"), ("[iy]y\\b", "i"),
            ("y(?=[aeiou])", "j"), ("y", "i"), ("u", "oe"),
        ),
        "pl": (
            ("shch", "szcz"), ("sh", "sz"), ("zh", "ż"), ("kh", "ch"), ("ch", "cz"), ("ts", "c"), ("j", "dż"),
            ("[iy]y\\b", "y"), ("y(?=[aeiou])", "j"), ("v", "w"),
        ),
        "pt": (
            ("shch|sh", "ch"), ("zh", "j"), ("kh", "k"), ("ch", "tch"), ("j", "dj"), ("[iy]y\\b", "i"),
            ("g(?=[ei])", "gu"),
        ),
    }
)  # fmt: skip
"""How a language writes what romanisations, which are made for English, write otherwise. A name that was in Latin
letters to begin with stays as its owner writes it."""

VOWEL_SIGNS: MappingProxyType[str, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        "ARABIC": (("[اأآى]", "a"), ("إ", "i")),
        "HEBREW": (("[אע]", "a"), ("(?<!^)ו", "o")),
        "GREEK": (("[χΧ]", "kh"),),  # romanised as "ch" it would be read as in "church"
    }
)
"""What a romanisation letter by letter leaves out, or writes in a way that is read otherwise."""
_VOWELS = frozenset("aeiou")
_UNITS = re.compile("sh|ch|th|kh|gh|dh|[a-z]")


def legible(text: str, language: str) -> str:
    """The text with every letter that the voice of this language does not know as those that it knows: "Nguyễn" as
    "Nguyen", "Олена" as "Olena". What is of the language itself stays, in whatever script."""
    base = language.replace("_", "-").split("-")[0].lower()
    known = _known(base)
    if known is None:
        return text
    parts = []
    for script, characters in groupby(unicodedata.normalize("NFC", text), key=lambda c: _foreign(c, known)):
        part = "".join(characters)
        if script is None:
            parts.append(part if base in READ_WHOLE else "".join(map(_plain, part)))
        else:
            parts.append(_romanised(part, script, base))
    return "".join(parts)


@cache
def _known(base: str) -> tuple[str, ...] | None:
    """How the names of this language's own letters begin; None: of its script nothing is known here."""
    likely = str(get_global("likely_subtags").get(base, "_Latn_")).split("_")
    return LETTERS.get(likely[1]) if len(likely) == 3 else None


def _foreign(character: str, known: tuple[str, ...]) -> str | None:
    """The script of a letter or mark that is neither Latin nor the language's own."""
    if ord(character) < FIRST_UNREAD or unicodedata.category(character)[0] not in "LM":
        return None
    script = re.split("[ -]", unicodedata.name(character, ""))[0]
    return None if script in ("LATIN", "COMBINING", "MODIFIER", *known) else script


def _plain(character: str) -> str:
    if ord(character) < FIRST_UNREAD or not unicodedata.name(character, "").startswith("LATIN "):
        return character
    first = unicodedata.normalize("NFD", character)[0]
    return first if ord(first) < FIRST_UNREAD else anyascii(character)


def _romanised(part: str, script: str, base: str) -> str:
    if script in SYLLABLES:
        latin = " ".join(map(anyascii, part))
    elif script in KANA:
        latin = _kana(part)
    else:
        latin = anyascii(_spelled(part, VOWEL_SIGNS.get(script, ())))
    latin = re.sub("[^a-z ]", "", latin.lower())
    if script in WITHOUT_VOWELS:
        latin = _voiced(latin)
    if script in _CJK:
        latin = _spelled(latin, PINYIN)
    return " ".join(map(str.capitalize, _spelled(latin, READ_AS.get(base, ())).split()))


def _kana(part: str) -> str:
    """Kana are syllables that run together: small ones change the one before, long vowels are written twice."""
    latin = ""
    for character in part:
        name = unicodedata.name(character, "")
        if "SMALL Y" in name:
            latin = latin.removesuffix("i")
        if "SMALL TU" not in name and "PROLONGED" not in name:
            latin += anyascii(character)
    return re.sub("(sh|ch|j)y", r"\1", latin.replace("ou", "o").replace("uu", "u"))


def _voiced(latin: str) -> str:
    """With a vowel between consonants: the wrong one at times, but a name, and no letters one by one."""
    units = _UNITS.findall(latin)
    sounds: list[str] = []
    for place, unit in enumerate(units):
        after_consonant = bool(sounds) and sounds[-1] not in _VOWELS
        if after_consonant and unit in "yw":
            sounds.append("i" if unit == "y" else "u")
        elif after_consonant and unit not in _VOWELS:
            sounds += ["a"] if unit == "h" and place == len(units) - 1 else ["a", unit]
        else:
            sounds.append(unit)
    return "".join(sounds)


def _spelled(latin: str, rules: tuple[tuple[str, str], ...]) -> str:
    """Each place by the first rule that fits there, once."""
    if not rules:
        return latin
    pattern = "|".join(f"(?P<r{number}>{read})" for number, (read, _) in enumerate(rules))
    return re.sub(pattern, lambda found: rules[int(str(found.lastgroup)[1:])][1], latin)
