"""Letters that a voice would spell out ("letter 1EC5") as the nearest that it can read."""

from __future__ import annotations

import unicodedata

FIRST_UNREAD = 0x180
"""Voices in Latin letters read Unicode's first three blocks, those of Europe; what comes after they spell out."""
READ_WHOLE = ("vi",)
"""Languages in Latin letters that have others of their own."""


def folded(text: str, language: str) -> str:
    """The text with every Latin letter from elsewhere as its plain one: "Nguyễn" is read as "Nguyen". Letters of other
    scripts stay, as do all of a language that has them."""
    if language.replace("_", "-").split("-")[0].lower() in READ_WHOLE:
        return text
    return "".join(_plain(c) for c in unicodedata.normalize("NFC", text))


def _plain(character: str) -> str:
    if ord(character) < FIRST_UNREAD or not unicodedata.name(character, "").startswith("LATIN "):
        return character
    first = unicodedata.normalize("NFD", character)[0]
    return first if ord(first) < FIRST_UNREAD else character
