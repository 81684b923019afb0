"""Which words a speech model knows, and how frequent they are: read from its graph of words, as Vosk does not tell.

Small models keep their language model in `Gr.fst`, an n-gram automaton of OpenFst's with the words' names in front.
Nothing of the engine is needed to read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

_MAGIC, _SYMBOLS_MAGIC = 2_125_659_606, 2_125_658_996
_INPUT, _OUTPUT = 1, 2
_FREQUENT = 5_000
"""Garbage is chosen from so many words."""


class _Reader:
    """The numbers and texts of a file, one after the other."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def numbers(self, kind: str, count: int) -> np.ndarray:
        found = np.frombuffer(self.data, kind, count, self.at)
        self.at += found.nbytes
        return found

    def number(self, kind: str = "<i4") -> int:
        return int(self.numbers(kind, 1)[0])

    def text(self) -> str:
        size = self.number()
        self.at += size
        return self.data[self.at - size : self.at].decode("utf-8", "replace")


def by_frequency(path: Path) -> list[str]:
    """All words of the graph of words in this file, the most frequent first; none where it is of another kind."""
    try:
        return list(_words(_Reader(path.read_bytes())))
    except (OSError, ValueError, IndexError):
        return []


def garbage(words: Sequence[str], count: int) -> tuple[tuple[str, ...], str]:
    """Of words by their frequency, so many that stand for whatever is said: frequent ones, and of these the shortest,
    as any speech can be put together of them. And the longest one."""
    spoken = [word for word in words if word.isalpha() and word == word.lower()][:_FREQUENT]
    return tuple(sorted(spoken, key=len)[:count]), max(spoken, key=len, default="")


def _words(file: _Reader) -> Iterator[str]:
    if file.number() != _MAGIC or file.text() != "ngram" or file.text() != "standard":
        return
    file.number()
    tables = file.number()
    file.at += 8  # properties
    file.numbers("<i8", 3)  # where it starts, and how many states and arcs there are
    names: dict[int, str] = {}
    for table in (_INPUT, _OUTPUT):
        if tables & table:
            names = _symbols(file)
    states, futures, final = (int(n) for n in file.numbers("<u8", 3))
    file.numbers("<u8", _bit_words(2 * states + 1))  # which history follows on which
    after = file.numbers("<u8", _bit_words(futures + states + 1))  # for each history, what may follow: ones, and a zero
    file.numbers("<u8", _bit_words(states))
    file.numbers("<i4", states + 1)
    labels = file.numbers("<i4", futures)
    file.numbers("<f4", states + 1 + final)
    costs = file.numbers("<f4", futures)
    plain = _first_run(after)  # what may follow on nothing: every word
    for at in np.argsort(costs[:plain], kind="stable"):
        if (name := names.get(int(labels[at]))) is not None:
            yield name


def _symbols(file: _Reader) -> dict[int, str]:
    if file.number() != _SYMBOLS_MAGIC:
        raise ValueError("no table of words")
    file.text()
    file.number("<i8")
    names = {}
    for _ in range(file.number("<i8")):
        name = file.text()
        names[file.number("<i8")] = name
    return names


def _bit_words(bits: int) -> int:
    return (bits + 63) // 64


def _first_run(after: np.ndarray) -> int:
    """The number of ones between the first zero and the second."""
    zeros, found = -1, 0
    for begin in range(0, len(after), 4096):
        bits = np.unpackbits(after[begin : begin + 4096].view("u1"), bitorder="little")
        for at in np.flatnonzero(bits == 0):
            place = begin * 64 + int(at)
            if found == 1:
                return place - zeros - 1
            zeros, found = place, found + 1
    return 0
