"""Telling a summary: which phrases, in which order, with numbers and times as words."""

from __future__ import annotations

from typing import Literal

from facilitator.core.remarks import Remark
from facilitator.core.summary import Summary
from facilitator.core.wording import Language

Words = list[tuple[str, dict[str, str]]]

EVEN_GINI = 0.1
MOST_SPOKEN_SHARES = 5  # more than this nobody keeps in mind
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


def spoken_summary(summary: Summary, language: Language) -> Words:
    """How long, who how much, one observation, one question: phrases with their slots, in order."""
    words: Words = []
    if summary.airtime_ms:
        words.append(("summary.talk", {"time": language.duration(_rounded_ms(summary.talk_ms))}))
        words += _shares(summary, language)
    else:
        words.append(("summary.talk_none", {}))
    if summary.declined:
        words.append(("summary.not_measured", {"names": language.listed(summary.declined)}))
    words.append((f"observations.{summary.observation.key}", slots(summary.observation, language)))
    words.append((f"questions.{summary.question.key}", slots(summary.question, language)))
    return words


def _shares(summary: Summary, language: Language) -> Words:
    people = summary.people
    if len(people) < 2:
        return []
    if summary.gini is not None and summary.gini < EVEN_GINI:
        said_again = summary.observation.key in ("shared", "in-turn")
        return [] if said_again else [("summary.shares_even", {})]
    if len(people) > MOST_SPOKEN_SHARES:
        return [("summary.on_screen", {})]
    parts = tuple(
        language.phrase("summary.part", name=person.name, percent=language.number(round(person.share * 100)))
        for person in people
    )
    words: Words = [("summary.shares", {"parts": language.listed(parts)})]
    if max(person.share_high - person.share_low for person in people) > UNSURE:
        words.append(("summary.unsure", {}))
    return words


def _rounded_ms(ms: int) -> int:
    """To five seconds; nobody wants to hear "seven minutes and thirteen seconds"."""
    return max(5_000, round(ms / 5_000) * 5_000)
