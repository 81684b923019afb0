"""Words that were heard, and phrases among them.

These are not records, so that no sink is ever handed one: what people said is kept nowhere.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from facilitator.hearing.values import Phrase, Word, Words

UNKNOWN = "[unk]"
"""What a model writes for speech that is none of its words."""


def spelled(phrase: str) -> Phrase:
    """The words of a phrase as a model spells them: small letters, no punctuation but apostrophes."""
    small = phrase.lower().replace("’", "'")
    kept = "".join(c if c == "'" or unicodedata.category(c)[0] not in "PSZ" else " " for c in small)
    return tuple(word for part in kept.split() if (word := part.strip("'")))


def find(texts: Sequence[str], phrases: AbstractSet[Phrase]) -> list[tuple[int, int]]:
    """Where phrases stand in a row of words: the first word and the one after the last. None lies in another;
    where several begin, the longest is meant."""
    found, at = [], 0
    longest = max(map(len, phrases), default=0)
    while at < len(texts):
        sizes = range(min(longest, len(texts) - at), 0, -1)
        size = next((size for size in sizes if tuple(texts[at : at + size]) in phrases), 0)
        if size:
            found.append((at, at + size))
        at += size or 1
    return found


def begun(words: Sequence[Word], phrases: AbstractSet[Phrase], *, cut_ms: int) -> int | None:
    """The word with which a phrase begins that these words break off in ("facilitator ..."), or whose last word ends
    after `cut_ms` and may be cut off: it had begun when it was noticed that it was quiet before it."""
    texts = tuple(word.text for word in words)
    for at in range(len(words)):
        rest = texts[at:]
        if any(phrase[: len(rest)] == rest for phrase in phrases):
            return None if rest in phrases and words[-1].end_ms < cut_ms else at
    return None


def whole(pieces: Sequence[Word], phrase: Phrase) -> tuple[Word, ...]:
    """The words of a phrase of which a model knows only pieces, put together from the pieces that were heard."""
    words, rest = [], list(pieces)
    for text in phrase:
        size = next(n for n in range(1, len(rest) + 1) if "".join(piece.text for piece in rest[:n]) == text)
        first, last = rest[0], rest[size - 1]
        sure = min(piece.confidence for piece in rest[:size])
        words.append(Word(text=text, start_ms=first.start_ms, end_ms=last.end_ms, confidence=sure))
        del rest[:size]
    return tuple(words)


def dictation(words: Sequence[Word]) -> list[Words]:
    """The utterance that these words are, if it is one."""
    known = tuple(word for word in words if word.text != UNKNOWN)
    return [Words(kind="dictation", words=known, alone=True)] if known else []


def commands(words: Sequence[Word], phrases: AbstractSet[Phrase]) -> list[Words]:
    """The commands in the utterance that these words are."""
    return [
        Words(kind="command", words=tuple(words[first:last]), alone=last - first == len(words))
        for first, last in find([word.text for word in words], phrases)
    ]
