"""Whether somebody who is asked if they may be heard says yes or no, as far as single words tell.

A machine that hears words one by one understands no sentence: "I would be happy if you left me out" has a happy word
in it. So a word that could belong to a refusal outweighs everything, and what is neither yes nor no is no yes.
The words are in `[consent]` of the language file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

CONSENT = ("refusing", "agreeing")
"""The lists of `[consent]`."""
ANY = "*"
"""Stands for whatever else belongs to a word, in languages that join endings to it: `않*`, `*지마`."""
_WORD = re.compile(r"[\w'’]+")


class ConsentSigns(NamedTuple):
    """What kinds of words there were in something that was said; not which."""

    refuses: bool = False
    agrees: bool = False


@dataclass(frozen=True, kw_only=True)
class ConsentWords:
    """Words, and rows of words, of a language."""

    refusing: tuple[str, ...] = ()
    agreeing: tuple[str, ...] = ()

    @cached_property
    def _refusing(self) -> re.Pattern[str]:
        return _any_of(self.refusing)

    @cached_property
    def _agreeing(self) -> re.Pattern[str]:
        return _any_of(self.agreeing)

    @property
    def plainest(self) -> tuple[str, ...]:
        """The words of a refusal that stand for themselves; others are the beginnings or ends of words."""
        return tuple(word for word in self.refusing if ANY not in word)

    def signs(self, text: str) -> ConsentSigns:
        """Of a sentence as it was said or written."""
        spoken = f" {_spaced(text)} "
        # "n'écoute": what stands before the apostrophe can be a word of its own.
        apart = f" {' '.join(spoken.replace(chr(39), ' ').split())} "
        both = (spoken, apart)
        return ConsentSigns(
            refuses=any(self._refusing.search(said) for said in both),
            agrees=any(self._agreeing.search(said) for said in both),
        )


def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    rows = (r"\w*".join(re.escape(_spaced(part)) for part in word.split(ANY)) for word in words)
    return re.compile(f" (?:{'|'.join(rows)}) ")


def _spaced(text: str) -> str:
    """Its words in small letters, a space between them."""
    return " ".join(word.replace("’", "'").strip("'") for word in _WORD.findall(text.lower()))
