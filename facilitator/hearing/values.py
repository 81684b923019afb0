"""What a voice encoder makes of a second or two of sound: a vector that is alike for one voice, whatever it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]
"""Numbers of any shape; each use says which."""
Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedding:
    """The voice heard from `first_sample` up to `end_sample`; `vector` has unit length."""

    first_sample: int
    end_sample: int
    vector: Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalWindow:
    """`chances` (steps, 7): of nobody, of each of three voices alone, and of 1 and 2, 1 and 3, 2 and 3 at once.

    `first_step` may be negative: silence stands before the first sample."""

    first_step: int
    chances: NDArray[np.float16]

    @property
    def last_step(self) -> int:
        return self.first_step + len(self.chances)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    source: str
    earned: tuple[float, ...]
    """Its weight for each person, 0 to 1, as measured in the opening circle and, where it learns, in the talk; empty
    for a source whose weight is in the trained network alone."""
    says: float
    """The part of the time in which one person spoke alone, in which it preferred somebody, 0 to 1."""
    agrees: float
    """The part of that in which this was the person of the result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """What speaks against the names as a whole. People are their numbers, in the order of `enrol`."""

    alike: tuple[int, ...] = ()
    """Those whose voices are too alike for anybody to be named."""
    unlike: tuple[int, ...] = ()
    """Those whom nobody in the talk sounds like, although somebody speaks who is like no sample."""
    changed: bool = False
    """Everybody sounds different from some moment on."""


Numbers = NDArray[np.float32]


Template = Mapping[str, Numbers]
"""What one way of hearing knows, by a name of its own choice."""


Kept = Mapping[str, Template]
"""A voiceprint: what each way of hearing knows of one voice, by the name and version of it."""


NONE: Mapping[str, Kept] = {}


Phrase = tuple[str, ...]
"""Words as a model spells them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """`confidence` is the model's own, 0 to 1; some models are sure of everything."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What was said: a whole utterance as dictation, or one command.

    `alone`: nothing else was heard in the same utterance. "I am done" alone is a command; in the middle of
    a sentence it may be part of a story."""

    kind: Literal["dictation", "command"]
    words: tuple[Word, ...]
    alone: bool = True

    @property
    def text(self) -> str:
        """A command as `spelled` gives it, with blanks between the words."""
        return " ".join(word.text for word in self.words)

    @property
    def start_ms(self) -> int:
        return self.words[0].start_ms

    @property
    def end_ms(self) -> int:
        return self.words[-1].end_ms

    @property
    def confidence(self) -> float:
        """That of the least certain word."""
        return min(word.confidence for word in self.words)
