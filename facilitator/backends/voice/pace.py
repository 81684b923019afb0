"""How fast espeak-ng speaks, and a voice that is slower than its engine can speak.

Its "words a minute" are those of no language: asked for 100, it speaks 125 words of English, 139 of French and 64 of
Korean. And it never speaks slower than 80 of its own.
"""

from __future__ import annotations

from types import MappingProxyType

import numpy as np

from facilitator.hearing.signal.audio import Samples

SPOKEN_AT_100: MappingProxyType[str, float] = MappingProxyType(
    {"en": 125, "de": 106.5, "es": 112.5, "fr": 141, "it": 109, "ko": 65.3, "nl": 113, "pl": 83.3, "pt": 104}
)
"""Words that espeak-ng speaks in a minute, asked for 100, over the sentences of the language's own prompts, without the
silence around them: `python benchmarks/speed/voice.py pace`. Asked for twice as many, it speaks twice as many."""
ELSEWHERE = 110.0
"""In a language that was not measured."""
SLOWEST, AS_SLOW_AS = 80.0, 84.4
"""Below 100 it is a little faster than that: at 80, the slowest that it can do, as if it were asked for 84.4."""

WINDOW_S = 0.04
SEARCH_S = 0.012


def spoken_at_100(language: str) -> float:
    """Words of this language that espeak-ng speaks in a minute, asked for 100."""
    return SPOKEN_AT_100.get(language.replace("_", "-").split("-")[0].lower(), ELSEWHERE)


def asked_of_espeak(language: str, words_a_minute: int) -> tuple[int, float]:
    """What to ask espeak-ng for, so that words of this language come so fast, and how many times longer to make what it
    says then (1: it is right already)."""
    wanted = 100.0 * words_a_minute / spoken_at_100(language)
    if wanted < 100.0:
        rate = round(SLOWEST + max(0.0, wanted - AS_SLOW_AS) * (100.0 - SLOWEST) / (100.0 - AS_SLOW_AS))
        return rate, max(1.0, AS_SLOW_AS / wanted)
    return round(wanted), 1.0


def slower(samples: Samples, rate: int, times: float) -> Samples:
    """The same sounds at the same pitch, so many times as long: windows that overlap, each taken from where it goes on
    most like the one before (WSOLA, Verhelst and Roelands 1993)."""
    half, search = round(rate * WINDOW_S / 2), round(rate * SEARCH_S)
    if times <= 1.0 or len(samples) < 4 * half:
        return samples
    fade = np.hanning(2 * half + 1)[: 2 * half].astype(np.float32)
    padded = np.concatenate([np.zeros(search, np.float32), samples, np.zeros(2 * half + 2 * search, np.float32)])
    out = np.zeros(round(len(samples) * times) + 2 * half, dtype=np.float32)
    natural = search  # where the last window would go on by itself
    for at in range(0, round(len(samples) * times), half):
        meant = search + round(at / times)
        first = max(0, meant - search)
        around = padded[first : meant + search + half]
        like = np.correlate(around, padded[natural : natural + half], "valid") if at else np.zeros(1)
        begin = first + int(np.argmax(like)) if at else meant
        window = padded[begin : begin + 2 * half]
        out[at : at + len(window)] += window * fade[: len(window)]
        natural = begin + half
    stretched: Samples = out[: round(len(samples) * times)]
    return stretched
