"""Particles whose form follows from the sound before them, as in Korean: 은/는, 이/가, 과/와, 으로/로.

A wording writes both forms with a stroke between them, that after a consonant first: `{name:이/가}`.
"""

from __future__ import annotations

import re
import unicodedata

_HANGUL = range(0xAC00, 0xD7A4)
_FINALS = 28
"""Of so many syllables that begin alike, the first is the one that ends in its vowel."""
_FINAL_L = 8
_CLOSED = frozenset("lmnkp013678")
"""Foreign letters, and figures as they are read in Korean, that end in a consonant: 벤, 영, 일, 삼, 육, 칠, 팔."""
_L = frozenset("l178")
_AFTER_L = "으로/로"
"""This one takes its second form after an L, too."""


def is_pair(form: str) -> bool:
    """Whether these are the two forms of a particle."""
    return form.count("/") == 1 and all(form.split("/"))


def with_particle(word: str, pair: str) -> str:
    """The word and, of the pair, the form that its last sound takes."""
    after_consonant, after_vowel = pair.split("/")
    closed, ends_in_l = _ending(word)
    return word + (after_consonant if closed and not (ends_in_l and pair == _AFTER_L) else after_vowel)


def _ending(word: str) -> tuple[bool, bool]:
    """Whether the word ends in a consonant, and in an L. What stands in brackets behind it is not read; a percent sign
    is, as 퍼센트."""
    read = re.sub(r"\s*\([^()]*\)$", "", word.replace("%", "퍼센트"))
    sounds = [c for c in unicodedata.normalize("NFC", read).lower() if c.isalnum()]
    if not sounds:
        return False, False
    last = sounds[-1]
    if ord(last) in _HANGUL:
        final = (ord(last) - _HANGUL.start) % _FINALS
        return final > 0, final == _FINAL_L
    plain = unicodedata.normalize("NFD", last)[0]
    return plain in _CLOSED, plain in _L
