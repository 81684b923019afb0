"""Telling a summary: which phrases, in which order, with numbers and times as words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from facilitator.core.language.wording import Language
from facilitator.core.review.remarks import Remark
from facilitator.core.review.summary import Summary
from facilitator.core.turntaking.thresholds import EVEN_GINI, LITTLE_TALK_MS

Words = list[tuple[str, dict[str, str]]]

MOST_SPOKEN_SHARES = 5  # more than this nobody keeps in mind
EVEN_PART = 0.07  # so near to what they aim at is even, as far as talk that goes on can be
UNSURE = 0.1  # a share known no better than this is said to be so


def slots(remark: Remark, language: Language) -> dict[str, str]:
    """The remark's slots as words: `time_ms` becomes `time`, a number becomes a word."""
    words: dict[str, str] = {}
    for key, value in remark.slots.items():
        if key.endswith("_ms"):
            words[key.removesuffix("_ms")] = language.duration(int(value))
        else:
            words[key] = language.number(value) if isinstance(value, int) else value
    return words


def worded(kind: Literal["observations", "questions"], remark: Remark, language: Language) -> str:
    """The remark as a sentence."""
    return language.phrase(f"{kind}.{remark.key}", **slots(remark, language))


def spoken_summary(summary: Summary, language: Language, guesses: Mapping[str, int] | None = None) -> Words:
    """How long, who how much, one observation, one question: phrases with their slots, in order. `guesses`: what
    people thought their own share was, in percent."""
    words: Words = []
    if summary.airtime_ms:
        words.append(("summary.talk", {"time": language.duration(_rounded_ms(summary.talk_ms))}))
        if summary.observation.key != "too-little":
            words += _shares(summary, language)
        words += _guesses(summary, language, guesses or {})
    else:
        words.append(("summary.talk_none", {}))
    if summary.declined:
        words.append(("summary.not_measured", {"names": language.listed(summary.declined)}))
    words.append((f"observations.{summary.observation.key}", slots(summary.observation, language)))
    words.append((f"questions.{summary.question.key}", slots(summary.question, language)))
    return words


def _shares(summary: Summary, language: Language) -> Words:
    people = summary.balanced
    if len(people) < 2:
        return []
    if summary.gini is not None and summary.gini <= EVEN_GINI and summary.equal_aims:
        said_again = summary.observation.key in ("shared", "in-turn")
        return [] if said_again else [("summary.shares_even", {})]
    if len(people) > MOST_SPOKEN_SHARES:
        return [("summary.on_screen", {})]
    percents = {person.name: round(person.share * 100) for person in people}
    words: Words = [("summary.shares", {"parts": _parts(percents, language)})]
    if max(person.share_high - person.share_low for person in people) > UNSURE:
        words.append(("summary.unsure", {}))
    return words


def _guesses(summary: Summary, language: Language, guesses: Mapping[str, int]) -> Words:
    """What people guessed, beside what it was."""
    parts = tuple(
        language.phrase(
            "summary.guess",
            name=person.name,
            guess=language.number(guesses[person.name]),
            percent=language.number(_near(person.share)),
        )
        for person in summary.people
        if person.name in guesses
    )
    return [("summary.guesses", {"parts": language.listed(parts)})] if parts else []


def shares_so_far(
    airtime_ms: Mapping[str, int], aims: Mapping[str, float], language: Language
) -> tuple[str, dict[str, str]]:
    """The answer to "how are we doing?": a phrase and its slots."""
    counted = {person: ms for person, ms in airtime_ms.items() if aims.get(person, 1.0) > 0}
    total = sum(counted.values())
    if total < LITTLE_TALK_MS or len(counted) < 2:
        return "status.nothing", {}
    if all(abs(ms / total - aims[p] / sum(aims[q] for q in counted)) < EVEN_PART for p, ms in counted.items()):
        return "status.even", {}
    if len(counted) > MOST_SPOKEN_SHARES:
        return "summary.on_screen", {}
    return "status.shares", {"parts": _parts({p: _near(ms / total) for p, ms in counted.items()}, language)}


def _parts(percents: Mapping[str, int], language: Language) -> str:
    """Everyone with their part, as one list."""
    return language.listed(
        tuple(
            language.phrase("summary.part", name=name, percent=language.number(percent))
            for name, percent in percents.items()
        )
    )


def _near(share: float) -> int:
    """In percent, to the next five: more would claim too much."""
    return round(share * 20) * 5


def _rounded_ms(ms: int) -> int:
    """To five seconds; nobody wants to hear "seven minutes and thirteen seconds"."""
    return max(5_000, round(ms / 5_000) * 5_000)
